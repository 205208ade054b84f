"""The rows beside another text: marked, folded, struck and put back; promises like rows."""

import json
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given

from governance.admin.table_forms import opened_in, read_editor
from governance.admin.table_models import MODELS
from governance.admin.tables import describe_editor, describe_sentences
from governance.policies.checking.findings import Finding, Severity
from governance.policies.parsing import table_to_document
from governance.policies.types import PolicyTable
from tests.factories.forms import fields_of
from tests.factories.policies import make_document
from tests.factories.promises import promising
from tests.factories.tables import KNOWN, sent, shown, with_rule
from tests.governance.policies.test_decision import tables

Json = Any
HIDDEN = [Finding("claimed", "rules[0]", Severity.WARNING, "shadowed", "Hidden.")]


def test_marks_say_what_is_new_and_what_changed() -> None:
    document = make_document()
    changed = json.loads(json.dumps(document))
    changed["rules"][0]["reason"] = "Another."
    changed["rules"][1]["id"] = "other"
    rows = describe_editor(changed, [], against=document, catalogue=KNOWN)["rules"]
    assert [row["mark"] for row in rows] == ["changed", "new", ""]


def test_what_differs_is_marked_in_the_reading_with_what_stood_there() -> None:
    before = with_rule([{"fact": "amount_minor", "above": 50000}], outcome="approve")
    after = with_rule([{"fact": "amount_minor", "above": 30000}], outcome="approve", reason="New.")
    html = shown(after, [], against=before, number=7)
    assert "unchanged" not in html
    context = describe_editor(after, [], against=before, number=7, catalogue=KNOWN)
    (row,) = context["rules"]
    assert [(part.is_changed, part.text) for part in row["parts"]] == [
        (False, "When amount is more than "),
        (True, "$300.00"),
        (False, ", ask for 1 vote."),
    ]
    assert row["was"] == ["$500.00"]
    assert [aside["label"] for aside in row["asides"]] == ["Reason"]
    html = shown(after, ["rules.0"], against=before, number=7)
    assert "When amount is more than <ins>$300.00</ins>, ask for 1 vote." in html
    assert "Version 7:" in html
    assert "<del>$500.00</del>" in html


def many(count: int) -> Json:
    rows = [
        {"id": f"r{n}", "title": "T", "when": [], "outcome": "deny", "reason": "R"}
        for n in range(count)
    ]
    return make_document(rules=rows)


def test_unchanged_rows_are_folded_once_something_is_changed() -> None:
    document, before = many(9), many(9)
    quiet = describe_editor(document, [], against=before, catalogue=KNOWN)["items"]["rules"]
    assert [item["kind"] for item in quiet] == ["row"] * 9
    document["rules"][3]["reason"] = "Another."
    items = describe_editor(document, [], against=before, catalogue=KNOWN)["items"]["rules"]
    assert [item["kind"] for item in items] == ["run", "row", "run"]
    assert items[0]["words"] == "Rows 1 to 3: unchanged"
    assert items[2]["words"] == "Rows 5 to 9: unchanged"
    assert items[2]["show"] == "Show 5"


def test_a_row_taken_away_stays_in_sight_and_is_put_back_where_it_stood() -> None:
    before = make_document()
    post = sent(before, ["rules.1", "rules.2"], do="remove:rules.1")
    read, _errors = read_editor(post, catalogue=KNOWN, against=before)
    opened = opened_in(post, against=before)
    assert [row["id"] for row in read["rules"]] == ["unsure", "flagged"]
    html = shown(read, opened, against=before)
    assert 'value="back:rules.1"' in html
    assert "<del>When verification is one of none or claimed, wait" in html
    back = fields_of(html, do="back:rules.1")
    assert read_editor(back, catalogue=KNOWN, against=before) == (before, [])
    assert opened_in(back, against=before) == ["rules.2"]
    for strange in ("back:rules.0", "back:rules.9", "back:x", "back:"):
        post = fields_of(html, do=strange)
        assert read_editor(post, catalogue=KNOWN, against=before)[0] == read
    assert read_editor(back, catalogue=KNOWN)[0] == read


def test_a_row_is_added_from_a_template_with_a_name_of_its_own() -> None:
    document = make_document()
    for name in MODELS:
        post = sent(document, [], do=f"model:{name}")
        document, errors = read_editor(post, catalogue=KNOWN)
        assert {each.field.rpartition(".")[2] for each in errors} <= {"above"}
    names = [row["id"] for row in document["rules"]]
    assert len(set(names)) == len(names) == 3 + len(MODELS)
    assert read_editor(sent(document, [], do="model:none"), catalogue=KNOWN)[0] == document


PROMISE = {
    "id": "two_votes",
    "title": "No refund over 500 without two votes",
    "when": [{"fact": "amount_minor", "above": 50000}],
    "then": {"outcome": "approve", "votes": 2, "roles": ["supervisor"], "step_up": True},
}


@pytest.mark.parametrize(
    "then", [PROMISE["then"], {"votes": 2}, {"outcome": "deny"}, {"step_up": True}], ids=range(4)
)
def test_what_every_version_must_keep_is_typed_like_a_row(then: Json) -> None:
    document = make_document(invariants=[{**PROMISE, "then": then}])
    html = shown(document, ["invariants.0"])
    assert 'value="500.00"' in html
    assert read_editor(fields_of(html), catalogue=KNOWN) == (document, [])


def test_a_promise_is_read_aloud_and_its_errors_have_words() -> None:
    document = make_document(invariants=[PROMISE])
    (row,) = describe_editor(document, [], catalogue=KNOWN)["invariants"]
    assert row["sentence"] == (
        "Whenever amount is more than $500.00, every version must at least ask for 2 votes by a "
        "supervisor with the password asked again."
    )
    post = sent(document, ["invariants.0"], **{"invariants.0.outcome": "deny"})
    read, (error,) = read_editor(post, catalogue=KNOWN)
    assert read["invariants"][0]["then"]["outcome"] == "deny"
    assert error.message == "Votes, roles and the password can only be asked of an approval."
    gone = read_editor(sent(document, [], do="remove:invariants.0"), catalogue=KNOWN)[0]
    assert gone == make_document()


def test_who_may_not_edit_reads_the_same_as_sentences() -> None:
    before, after = make_document(), make_document(invariants=[PROMISE])
    after["rules"] = after["rules"][1:]
    context = describe_sentences(
        after,
        HIDDEN,
        against=before,
        number=3,
    )
    html = render_to_string("governance/table_read.html", {"editor": context})
    assert "<del>When confidence is less than 0.7, ask for 2 votes" in html
    assert "<ins>Whenever amount is more than $500.00" in html
    assert "<input" not in html
    assert "<button" not in html


def test_what_differs_besides_the_rows_is_said_too() -> None:
    before = make_document()
    after = make_document(title="Refunds and more", thresholds={"USD": 30000}, scope={})
    html = shown(after, [], against=before)
    assert "<del>Refunds</del> <ins>Refunds and more</ins>" in html
    assert "<del>$50.00</del> <ins>$300.00</ins>" in html
    assert "<del>refund</del> <ins>every one</ins>" in html
    assert "head-was" not in shown(before, [], against=before)
    assert "head-was" not in shown(before, [])


def test_what_no_input_shows_is_named() -> None:
    context = describe_editor(make_document(notes="x"), [], catalogue=KNOWN)
    assert context["head"]["beyond"] == ["notes"]


@given(promising(tables("one")))
def test_a_table_of_any_rows_comes_back_from_the_form(table: PolicyTable) -> None:
    document = table_to_document(table)
    opened = [
        f"{group}.{place}"
        for group in ("rules", "limits", "invariants")
        for place in range(len(document.get(group, [])))
    ][:20]
    read, _errors = read_editor(sent(document, opened), catalogue=KNOWN)
    for group in ("rules", "limits", "invariants"):
        assert read.get(group, []) == document.get(group, [])
    assert read == document
