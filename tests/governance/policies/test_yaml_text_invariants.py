"""What every version must keep as YAML: in reading order, and back alike."""

from hypothesis import given

from governance.policies.parsing import parse_policy, table_to_document
from governance.policies.types import PolicyTable
from governance.policies.yaml_text import from_yaml, to_yaml
from tests.factories.policies import make_document
from tests.factories.promises import promising
from tests.governance.policies.test_decision import tables

PROMISE = {
    "then": {"step_up": True, "votes": 2, "outcome": "approve"},
    "when": [{"fact": "amount_minor", "above": 50000}],
    "title": "No refund over 500 without two votes",
    "id": "two_votes",
}


@given(promising(tables("one")))
def test_a_table_with_promises_comes_back_from_yaml(table: PolicyTable) -> None:
    document = table_to_document(table)
    text = to_yaml(document)
    found, _errors = from_yaml(text)
    assert found == document
    assert to_yaml(found or {}) == text


def test_promises_stand_last_and_in_reading_order() -> None:
    text = to_yaml(make_document(invariants=[PROMISE]))
    assert text.index("limits:") < text.index("invariants:")
    assert text.endswith(
        "invariants:\n"
        "- id: two_votes\n"
        "  title: No refund over 500 without two votes\n"
        "  when:\n"
        "  - {fact: amount_minor, above: 50000}\n"
        "  then: {outcome: approve, votes: 2, step_up: true}\n"
    )
    document, errors = from_yaml(text)
    assert errors == []
    assert parse_policy(document=document or {}, version=1, digest="").invariants[0].votes == 2


def test_an_error_in_a_promise_has_its_line() -> None:
    text = to_yaml(make_document(invariants=[{**PROMISE, "then": {"outcome": "deny", "votes": 2}}]))
    (error,) = from_yaml(text)[1]
    assert error.path == "invariants[0].then.outcome"
    assert "then: {outcome: deny" in text.splitlines()[error.line - 1]
