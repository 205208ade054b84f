"""The editor as a form: what it shows is read back alike, wrong or right, in plain words."""

import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.http import QueryDict
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from governance.admin.table_forms import find_errors, opened_in, read_editor
from governance.admin.tables import describe_editor, describe_reading
from governance.policies.catalogue import Catalogue, known_facts
from governance.policies.checking.findings import Finding, Severity
from governance.policies.soundness import MAX_ROWS
from tests.factories.forms import fields_of
from tests.factories.policies import make_document
from tests.factories.tables import KNOWN, all_rows, sent, shown, with_rule

Json = Any
RETAIL = sorted(Path("cases/packs/builtin/retail/policies").glob("*.yaml"))


def edited(when: list[Json], **changes: str) -> tuple[Json, list[tuple[str, str]]]:
    """Return the conditions and errors after some fields of the only rule were changed."""
    named = {name.replace("__", "."): value for name, value in changes.items()}
    document, errors = read_editor(sent(with_rule(when), ["rules.0"], **named), catalogue=KNOWN)
    return document["rules"][0]["when"], [(each.field, each.message) for each in errors]


@pytest.mark.parametrize("path", RETAIL, ids=lambda path: path.stem)
def test_every_policy_of_the_pack_comes_back_from_the_form(path: Path) -> None:
    document = {"limits": [], "thresholds": {}, **yaml.safe_load(path.read_text())}
    catalogue = Catalogue(facts=known_facts(), tools=frozenset(document["scope"]["tools"]))
    for start in range(0, 40, 20):
        opened = all_rows(document)[start : start + 20]
        post = fields_of(shown(document, opened, catalogue))
        assert post.getlist("open") == opened
        read, errors = read_editor(post, catalogue=catalogue)
        assert errors == []
        assert read == document


EVERY_TYPE = [
    {"fact": "tool", "in": ["refund", "lookup"]},
    {"fact": "effect", "is": "write"},
    {"fact": "off_plan", "is": False},
    {"fact": "confidence", "below": 0.85},
    {"fact": "priority", "not_in": [1, 2]},
    {"fact": "risk_flags", "lacks": "vip"},
    {"fact": "amount_minor", "above": 30050},
    {"fact": "amount_minor", "in": [30060, 50]},
    {"fact": "account_age", "at_least": 48},
    {"fact": "channel", "not_in": ["voice, slow", "chat"]},
]


def test_every_type_of_fact_has_an_input_that_keeps_it() -> None:
    document = with_rule(EVERY_TYPE)
    html = shown(document, ["rules.0"])
    for part in (
        'value="300.50"',
        "300.60\n0.50",
        'value="2"',
        '<option value="days" selected>',
        '<option value="false" selected>',
        "voice, slow\nchat",
    ):
        assert part in html, part
    read, _errors = read_editor(fields_of(html), catalogue=KNOWN)
    assert read["rules"][0]["when"] == EVERY_TYPE


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("12.345", "USD has 2 digits after the point."),
        ("abc", "“abc” is no amount; write one such as 500.00."),
        ("NaN", "“NaN” is no amount; write one such as 500.00."),
        ("1e400", "“1e400” is no amount; write one such as 500.00."),
        ("", "Give a value."),
    ],
)
def test_an_amount_that_is_none_is_kept_and_named(typed: str, said: str) -> None:
    amount = [{"fact": "amount_minor", "above": 100}]
    when, errors = edited(amount, rules__0__when__0__value=typed)
    assert errors == [("rules[0].when[0].above", said)]
    again = shown(with_rule(when), ["rules.0"])
    assert fields_of(again)["rules.0.when.0.value"] == typed
    assert 'aria-invalid="true"' in again


def test_an_amount_of_another_currency_is_a_mismatch_until_the_row_says_so() -> None:
    amount = {"fact": "amount_minor", "above": 100}
    when, errors = edited([amount], rules__0__when__0__currency="JPY", rules__0__when__0__value="5")
    assert errors == [("rules[0].when[0].above", "The row speaks of USD, this amount is in JPY.")]
    post = fields_of(shown(with_rule(when), ["rules.0"]))
    assert (post["rules.0.when.0.currency"], post["rules.0.when.0.value"]) == ("JPY", "5")
    both = [{"fact": "currency", "is": "JPY"}, *when]
    document, _errors = read_editor(sent(with_rule(both), ["rules.0"]), catalogue=KNOWN)
    assert document["rules"][0]["when"][1] == {"fact": "amount_minor", "above": 5}
    (error,) = find_errors(document, catalogue=KNOWN)
    assert error.message == (
        "The amount is in JPY, and the table speaks of USD; set a threshold in JPY."
    )


def test_a_contradiction_stands_on_its_row() -> None:
    when = [{"fact": "amount_minor", "above": 1000}, {"fact": "amount_minor", "at_most": 500}]
    document = with_rule(when)
    errors = find_errors(document, catalogue=KNOWN)
    (row,) = describe_editor(document, errors, catalogue=KNOWN)["rules"]
    assert row["open"] is True
    (found,) = row["findings"]
    assert (found.target, found.title, found.blocks) == (
        "rules.0.when.1.fact",
        "Contradiction",
        True,
    )
    assert found.message == (
        "This row can never fire: amount is more than $10.00 and is at most $5.00."
    )


def test_another_fact_gets_inputs_of_its_type() -> None:
    when, errors = edited(
        [{"fact": "effect", "is": "write"}], rules__0__when__0__fact="amount_minor"
    )
    assert when == [{"fact": "amount_minor", "is": ""}]
    assert errors == [("rules[0].when[0].is", "Give a value.")]
    when, errors = edited(
        [{"fact": "risk_flags", "lacks": "vip"}], rules__0__when__0__fact="confidence"
    )
    assert when == [{"fact": "confidence", "is": ""}]


def test_one_value_becomes_a_list_and_back() -> None:
    when, errors = edited([{"fact": "channel", "is": "chat"}], rules__0__when__0__operator="in")
    assert (when, errors) == ([{"fact": "channel", "in": ["chat"]}], [])
    when, errors = edited(when, rules__0__when__0__operator="is_not")
    assert (when, errors) == ([{"fact": "channel", "is_not": "chat"}], [])


def test_duties_and_limits_are_typed_and_wrong_ones_kept() -> None:
    document = make_document()
    post = sent(
        document,
        all_rows(document),
        **{
            "rules.0.obligations.votes": "two",
            "rules.0.obligations.deadline": "2",
            "rules.0.obligations.deadline_unit": "hours",
            "limits.0.window": "3",
            "limits.0.window_unit": "days",
            "limits.0.at_most": "1,250.50",
            "rules.1.outcome": "deny",
            "thresholds.1.currency": "usd",
            "thresholds.1.amount": "7",
        },
    )
    read, errors = read_editor(post, catalogue=KNOWN)
    assert read["rules"][0]["obligations"] == {
        "votes": "two",
        "step_up": True,
        "deadline_minutes": 120,
    }
    assert (read["limits"][0]["window_hours"], read["limits"][0]["at_most"]) == (72, 125050)
    assert read["rules"][1]["obligations"] == {"verification": "strong"}
    assert [(each.field, each.code) for each in errors] == [
        ("rules[0].obligations.votes", "number"),
        ("rules[1].obligations.verification", "unused"),
        ("thresholds.USD ", "currency"),
    ]
    html = shown(read, all_rows(read))
    assert 'value="two"' in html
    assert "USD stands twice." in html


def test_buttons_move_copy_disable_add_and_remove() -> None:
    document = make_document()
    ids = [row["id"] for row in document["rules"]]

    def press(act: str, *opened: str) -> tuple[list[str], list[str]]:
        post = sent(document, list(opened))
        post["do"] = act
        read, _errors = read_editor(post, catalogue=KNOWN)
        return [row["id"] for row in read["rules"]], opened_in(post)

    first, second, third = ids
    assert press("down:rules.0", "rules.0") == ([second, first, third], ["rules.1"])
    assert press("up:rules.2", "rules.1") == ([first, third, second], ["rules.2", "rules.1"])
    assert press("up:rules.0") == (ids, ["rules.0"])
    assert press("copy:rules.0", "rules.1") == (
        [first, f"{first}_1", second, third],
        ["rules.2", "rules.1"],
    )
    assert press("remove:rules.0", "rules.0", "rules.2") == ([second, third], ["rules.1"])
    assert press("add:rules") == ([*ids, "row_1"], ["rules.3"])
    assert press("fold:rules.1", "rules.1") == (ids, [])
    for strange in ("open:rules.9", "up:other.1", "less:rules.0/x", "", "remove:", "up:rules.²"):
        assert press(strange)[0] == ids


def test_conditions_are_added_and_removed() -> None:
    document = with_rule([{"fact": "off_plan", "is": True}])
    post = sent(document, ["rules.0"], do="more:rules.0")
    read, errors = read_editor(post, catalogue=KNOWN)
    assert read["rules"][0]["when"] == [{"fact": "off_plan", "is": True}, {"fact": ""}]
    assert [(each.field, each.message) for each in errors] == [
        ("rules[0].when[1].fact", "Choose a fact.")
    ]
    post = sent(read, ["rules.0"], do="less:rules.0/1")
    assert read_editor(post, catalogue=KNOWN)[0] == document


def test_a_disabled_row_is_struck_and_kept() -> None:
    document = with_rule([], disabled=True)
    html = shown({**document, "limits": make_document()["limits"]}, [])
    assert "<s>Disabled, never fires: When a tool in scope is called, refuse it.</s>" in html
    assert read_editor(sent(document, ["rules.0"]), catalogue=KNOWN)[0] == document
    on = read_editor(sent(document, ["rules.0"], do="on:rules.0"), catalogue=KNOWN)[0]
    assert "disabled" not in on["rules"][0]


def test_what_a_page_held_that_is_no_document_is_refused() -> None:
    for base in ("[1", "[]", '{"a": NaN}', '{"a": 1, "a": 2}', "\x00"):
        post = QueryDict(mutable=True)
        post["base"] = base
        document, errors = read_editor(post, catalogue=KNOWN)
        assert document == {}
        assert errors
        opened_in(post)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"rules": [1, {"when": 3}, {"when": [2, {"fact": 4, "is": {}}]}], "limits": "x"},
        {"scope": 1, "thresholds": [], "title": None, "rules": [{"obligations": 3}]},
    ],
    ids=range(3),
)
def test_a_document_of_any_shape_is_shown(document: Json) -> None:
    rows = document.get("rules", [])
    html = shown(document, [f"rules.{n}" for n in range(len(rows))])
    read_editor(fields_of(html), catalogue=KNOWN)


SHOWN = {"amount_minor": 50100, "risk": None}
CHECKS = [
    Finding("claimed", "rules[1]", Severity.WARNING, "shadowed", "Hidden by row 1."),
    Finding(
        "", "", Severity.ERROR, "floor_fails", "A floor.", {"amount_minor": 50100, "risk": None}
    ),
]


def test_findings_of_other_checks_stand_on_their_row_too() -> None:
    context = describe_editor(make_document(), CHECKS, catalogue=KNOWN)
    (hidden,) = context["rules"][1]["findings"]
    assert (hidden.target, hidden.title, hidden.blocks) == (
        "row-rules.1",
        "Hidden by other rows",
        False,
    )
    assert context["rules"][1]["open"] is False
    (floor,) = context["head"]["findings"]
    assert floor.example == ("amount is $501.00", "risk is not known")
    assert (context["blocking"], context["finding_count"]) == (1, 2)
    assert context["headline"] == "1 finding keeps this from going to review"
    assert [link.where for link in context["links"]] == ["The table", "Row 2"]
    reading = describe_reading(make_document(), CHECKS, opened=["rules.1"])
    assert "Hidden by row 1." in reading["rows"]["rules.1"]["findings"]
    assert (reading["count"], reading["blocking"], len(reading["rows"])) == (2, 1, 1)
    assert reading["why_not"] == "1 finding needs attention first."


def test_warnings_alone_keep_nothing_from_review() -> None:
    context = describe_editor(make_document(), CHECKS[:1], catalogue=KNOWN)
    assert (context["blocking"], context["why_not"]) == (0, "")
    assert context["headline"] == "1 warning; it may go to review as it stands"


def test_an_input_names_the_findings_of_its_row() -> None:
    html = shown(with_rule([{"fact": "amount_minor", "above": "lots"}]), ["rules.0"])
    field = html.partition('id="rules.0.when.0.value"')[2].partition(">")[0]
    assert 'aria-describedby="finding-rules.0"' in field
    assert 'id="finding-rules.0"' in html


def test_two_thousand_rows_are_shown_in_time_and_more_are_refused() -> None:
    row = {
        "title": "T",
        "when": [{"fact": "amount_minor", "above": 5}, {"fact": "channel", "is": "chat"}],
        "outcome": "deny",
        "reason": "R",
    }
    document = make_document(rules=[{"id": f"r{n}", **row} for n in range(MAX_ROWS)])
    started = time.process_time()
    html = shown(document, ["rules.1999"])
    assert time.process_time() - started < 3
    assert html.count("data-row-ref") == MAX_ROWS + 1
    post = fields_of(html)
    assert len(post) < 1000
    assert read_editor(post, catalogue=KNOWN) == (document, [])
    post["do"] = "add:rules"
    (error,) = read_editor(post, catalogue=KNOWN)[1]
    assert error.message == "2001 rows are too many; a table holds at most 2000, so divide it."


def test_no_row_is_refused() -> None:
    (error,) = find_errors(make_document(rules=[], limits=[]), catalogue=KNOWN)
    assert (error.field, error.code) == ("rules", "empty")
    assert error.message == (
        "The table has no row. Add one: without a row there is nothing to judge."
    )


FORM = with_rule(EVERY_TYPE)
FIELDS = sorted(set(fields_of(shown(FORM, ["rules.0", "limits.0"]))) - {"base", "open"})
TYPED = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["-1", "1e9", "0.1", "²", "\uff19", "true", "in", "is", "amount_minor", "deny", ""]
    ),
)


@given(st.dictionaries(st.sampled_from(FIELDS), TYPED, max_size=4))
def test_whatever_is_typed_is_read_named_and_shown_again(changes: dict[str, str]) -> None:
    document, errors = read_editor(sent(FORM, ["rules.0", "limits.0"], **changes), catalogue=KNOWN)
    html = render_to_string(
        "governance/table_editor.html",
        {"editor": describe_editor(document, errors, opened=["rules.0"], catalogue=KNOWN)},
    )
    describe_reading(document, errors, opened=["rules.0", "limits.0"])
    for name in ("rules.0.title", "rules.0.reason", "title"):
        if name in changes:
            assert name in html


def test_a_page_that_holds_bottomless_text_is_refused() -> None:
    post = QueryDict(mutable=True)
    post["base"] = '{"rules": ' + "[" * 100_000 + "]" * 100_000 + "}"
    document, (error, *_others) = read_editor(post, catalogue=KNOWN)
    assert (document, error.code) == ({}, "base")
