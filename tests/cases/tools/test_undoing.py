"""A call is taken back with what its tool says, and what it says is checked beforehand."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.tools.parsing import parse_tool
from cases.tools.types import ToolSpec
from cases.tools.undoing import reversal_arguments, reversal_errors
from orchestra.core.errors import InvalidInputError

SCHEMA = {"required": ["order_id"], "properties": {"order_id": {}, "reason": {}}}


def test_arguments_come_from_the_call_and_from_its_answer_and_are_never_invented() -> None:
    given_ = {"order_id": "#W1", "other": 1}
    assert reversal_arguments(SCHEMA, given=given_, answered=None) == {"order_id": "#W1"}
    answered = {"order_id": "#W2", "reason": "x"}
    assert reversal_arguments(SCHEMA, given=given_, answered=answered) == {
        "order_id": "#W1",
        "reason": "x",
    }
    assert reversal_arguments(SCHEMA, given={}, answered=answered) == answered
    assert reversal_arguments(SCHEMA, given={}, answered="done") is None


def test_what_the_mapping_says_comes_before_what_has_the_same_name() -> None:
    sources: dict[str, Any] = {
        "given": {"order_id": "#W1", "reason": "a"},
        "answered": {"reason": "b", "refund": {"id": 7}},
        "facts": {"amount_minor": 900},
    }

    def mapped(mapping: dict[str, Any]) -> dict[str, Any] | None:
        return reversal_arguments(SCHEMA, mapping=mapping, **sources)

    assert mapped({"reason": "$answer.reason"}) == {"order_id": "#W1", "reason": "b"}
    assert mapped({"order_id": "$answer.refund.id"}) == {"order_id": 7, "reason": "a"}
    assert mapped({"reason": "$facts.amount_minor"}) == {"order_id": "#W1", "reason": 900}
    assert mapped({"reason": "taken back"}) == {"order_id": "#W1", "reason": "taken back"}
    # What is not there is left out, and an argument that is required stops it.
    assert mapped({"reason": "$answer.nothing"}) == {"order_id": "#W1"}
    assert mapped({"order_id": "$answer.nothing"}) is None


NAMES = st.sampled_from(["a", "b", "c", "d"])
VALUES = st.dictionaries(NAMES, st.integers())
TEMPLATES = st.one_of(
    st.integers(),
    st.builds("$.{}".format, NAMES),
    st.builds("$answer.{}".format, NAMES),
    st.builds("$facts.{}".format, NAMES),
)


@given(VALUES, VALUES, VALUES, st.dictionaries(NAMES, TEMPLATES), st.sets(NAMES))
def test_every_argument_is_one_that_was_known_or_said(
    given_: dict[str, int],
    answered: dict[str, int],
    facts: dict[str, int],
    mapping: dict[str, Any],
    required: set[str],
) -> None:
    schema = {"required": sorted(required), "properties": {name: {} for name in "abc"}}
    found = reversal_arguments(
        schema, given=given_, answered=answered, mapping=mapping, facts=facts
    )
    if found is None:
        return
    assert required <= found.keys()
    roots = {"$": given_, "$answer": answered, "$facts": facts}
    for name, value in found.items():
        template = mapping.get(name)
        if template is None:
            assert value == given_.get(name, answered.get(name))
        elif isinstance(template, str):
            root, _dot, key = template.partition(".")
            assert value == roots[root][key]
        else:
            assert value == template


def tool(name: str, properties: dict[str, Any], **changes: Any) -> ToolSpec:
    return parse_tool(
        document={
            "name": name,
            "connection": "store",
            "effect": "write",
            "risk": "high",
            "arguments": {
                "type": "object",
                "required": sorted(properties),
                "properties": properties,
            },
            **changes,
        }
    )


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
UNDO = tool("undo", {"refund_id": TEXT, "amount": NUMBER})
ANSWER = {
    "type": "object",
    "properties": {"id": TEXT, "lines": {"items": {"properties": {"n": NUMBER}}}},
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {("reversed_with.refund_id", "missing_argument")}),
        ({"output": {"properties": {"refund_id": TEXT}}}, set()),
        ({"output": ANSWER, "reversed_with": {"refund_id": "$answer.id"}}, set()),
        (
            {"output": ANSWER, "reversed_with": {"refund_id": "$answer.number"}},
            {("reversed_with.refund_id", "unknown_source")},
        ),
        (
            {"reversed_with": {"refund_id": "$answer.id"}},
            {("reversed_with.refund_id", "unknown_source")},
        ),
        (
            {"reversed_with": {"refund_id": "$.order"}},
            {("reversed_with.refund_id", "unknown_source")},
        ),
        (
            {"output": ANSWER, "reversed_with": {"refund_id": "$answer.lines[0].n"}},
            {("reversed_with.refund_id", "type")},
        ),
        (
            {"reversed_with": {"refund_id": "$facts.refund"}},
            {("reversed_with.refund_id", "unknown_source")},
        ),
        ({"facts": {"refund": "$.amount"}, "reversed_with": {"refund_id": "$facts.refund"}}, set()),
        (
            {"reversed_with": {"refund_id": "R-1", "note": "back"}},
            {("reversed_with.note", "unknown_argument")},
        ),
        (
            {
                "output": {"$ref": "#/$defs/a", "$defs": {"a": {}}},
                "reversed_with": {"refund_id": "$answer.x"},
            },
            set(),
        ),
    ],
    ids=[
        "nothing-said",
        "same-name-in-the-answer",
        "from-the-answer",
        "not-in-the-answer",
        "answer-not-declared",
        "not-in-the-arguments",
        "another-type",
        "no-such-fact",
        "from-a-fact",
        "not-taken",
        "not-judged",
    ],
)
def test_a_mapping_is_checked_against_both_tools(
    changes: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    spec = tool("refund", {"amount": NUMBER}, reversed_by="undo", **changes)
    assert {(one.field, one.code) for one in reversal_errors(spec, UNDO)} == expected


def test_a_change_that_undoes_itself_says_what_differs() -> None:
    spec = tool("change", {"phone": TEXT}, reversed_by="change")
    assert [one.code for one in reversal_errors(spec, spec)] == ["same_again"]
    answer = {"properties": {"before": TEXT}}
    changes = {"output": answer, "reversed_with": {"phone": "$answer.before"}}
    other = tool("change", {"phone": TEXT}, reversed_by="change", **changes)
    assert not list(reversal_errors(other, other))


@pytest.mark.parametrize(
    "changes",
    [
        {"reversed_with": {"a": "$.a"}},
        {"reversed_by": "undo", "reversed_with": {"a": "$order.a"}},
        {"reversed_by": "undo", "reversed_with": ["a"]},
    ],
    ids=["no-tool", "no-such-source", "no-mapping"],
)
def test_what_is_no_mapping_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        tool("refund", {"a": TEXT}, **changes)
    assert {error.field.partition(".")[0] for error in caught.value.errors} == {"reversed_with"}
