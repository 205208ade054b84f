"""The editor as a form: what it shows is read back alike, wrong or right, in plain words."""

import json
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
from governance.admin.tables import describe_editor, describe_facts, describe_reading
from governance.policies.catalogue import Catalogue, FactSpec, FactType, known_facts
from governance.policies.soundness import MAX_ROWS
from orchestra.core.errors import FieldError
from tests.factories.forms import fields_of
from tests.factories.policies import make_document

Json = Any
RETAIL = sorted(Path("cases/packs/builtin/retail/policies").glob("*.yaml"))
KNOWN = Catalogue(
    facts={
        **known_facts(),
        "account_age": FactSpec("account_age", FactType.WHOLE, "hours", "Since it was opened."),
    },
    tools=frozenset({"refund", "lookup", "cancel"}),
)


def shown(document: Json, opened: list[str], catalogue: Catalogue = KNOWN, **more: Any) -> str:
    errors = find_errors(document, catalogue=catalogue)
    context = describe_editor(document, errors, opened=opened, catalogue=catalogue, **more)
    return render_to_string("governance/table_editor.html", {"editor": context})


def all_rows(document: Json) -> list[str]:
    return [f"{group}.{n}" for group in ("rules", "limits") for n in range(len(document[group]))]


def sent(document: Json, opened: list[str], **changes: str) -> QueryDict:
    return fields_of(shown(document, opened), **changes)


def with_rule(when: list[Json], **changes: Json) -> Json:
    rule = {"id": "r", "title": "T", "when": when, "outcome": "deny", "reason": "R", **changes}
    return make_document(rules=[rule])


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
        "the amount is in JPY, and the table speaks of USD; set a threshold in JPY"
    )


def test_a_contradiction_stands_on_its_row() -> None:
    when = [{"fact": "amount_minor", "above": 1000}, {"fact": "amount_minor", "at_most": 500}]
    document = with_rule(when)
    errors = find_errors(document, catalogue=KNOWN)
    (row,) = describe_editor(document, errors, catalogue=KNOWN)["rules"]
    assert row["open"] is True
    assert row["errors"] == [
        {
            "target": "rules.0.when.1.fact",
            "message": "this row can never fire: amount_minor above 1000, and at most 500",
        }
    ]


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
    assert [each.field for each in errors] == ["rules[0].when[1].fact", "rules[0].when[1]"]
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


def test_marks_say_what_is_new_and_what_changed() -> None:
    document = make_document()
    changed = json.loads(json.dumps(document))
    changed["rules"][0]["reason"] = "Another."
    changed["rules"][1]["id"] = "other"
    rows = describe_editor(changed, [], against=document, catalogue=KNOWN)["rules"]
    assert [row["mark"] for row in rows] == ["changed", "new", ""]


def test_findings_of_other_checks_stand_on_their_row_too() -> None:
    found = [FieldError("rules[1]", "hidden", "Hidden by row 1."), FieldError("", "gap", "A gap.")]
    context = describe_editor(make_document(), found, catalogue=KNOWN)
    assert context["rules"][1]["errors"] == [
        {"target": "row-rules.1", "message": "Hidden by row 1."}
    ]
    assert context["head"]["rest"] == ["A gap."]
    reading = describe_reading(make_document(), found, opened=["rules.1"])
    assert reading["rows"]["rules.1"]["errors"][0]["message"] == "Hidden by row 1."
    assert (reading["count"], len(reading["rows"])) == (2, 1)


def test_facts_come_from_their_one_definition() -> None:
    assert [fact["name"] for fact in describe_facts(facts=KNOWN.facts)] == sorted(KNOWN.facts)
    (found,) = describe_facts(search="money moves", facts=KNOWN.facts)
    assert found["words"] == "amount"
    assert found["source"] == "the proposed call and its tool's declaration"
    for fact in describe_facts():
        assert fact["meaning"]
        assert fact["example"], fact["name"]
        assert fact["source"] != "not said", fact["name"]


def test_two_thousand_rows_are_shown_in_time_and_more_are_refused() -> None:
    row = {
        "title": "T",
        "when": [{"fact": "amount_minor", "above": 5}, {"fact": "channel", "is": "chat"}],
        "outcome": "deny",
        "reason": "R",
    }
    document = make_document(rules=[{"id": f"r{n}", **row} for n in range(MAX_ROWS)])
    started = time.perf_counter()
    html = shown(document, ["rules.1999"])
    assert time.perf_counter() - started < 3
    assert html.count("data-row-ref") == MAX_ROWS + 1
    post = fields_of(html)
    assert len(post) < 1000
    assert read_editor(post, catalogue=KNOWN) == (document, [])
    post["do"] = "add:rules"
    (error,) = read_editor(post, catalogue=KNOWN)[1]
    assert error.message == "has 2001 rows; a table holds at most 2000, so divide it"


def test_no_row_is_refused() -> None:
    (error,) = find_errors(make_document(rules=[], limits=[]), catalogue=KNOWN)
    assert (error.field, error.code) == ("rules", "empty")


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
