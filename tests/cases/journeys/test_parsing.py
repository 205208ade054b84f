"""A cue sheet's document to its value, every error at once."""

from typing import Any

import pytest

from cases.journeys.parsing import parse_cue_sheet
from cases.journeys.types import DoesKind, Pattern, Stage
from orchestra.core.errors import InvalidInputError
from tests.factories.journeys import make_document


def findings(document: dict[str, Any], **known: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as caught:
        parse_cue_sheet(document=document, **known)
    return [(error.field, error.code) for error in caught.value.errors]


def step(**changes: Any) -> dict[str, Any]:
    return {**make_document()["steps"][1], "after": [], "key": "other", **changes}


def test_a_sound_document_becomes_its_value() -> None:
    spec = parse_cue_sheet(document=make_document())
    assert (spec.key, spec.pattern, spec.all_done) == (
        "cancel_order",
        Pattern.AI_FIRST,
        ("cancel",),
    )
    identify, cancel = spec.steps
    assert (identify.does, identify.target, identify.any_of) == (
        DoesKind.TOOL,
        "find_by_email",
        ("find_by_name",),
    )
    assert identify.when[0].value == ["none", "claimed"]
    assert (cancel.stage, cancel.after, cancel.due_in_minutes) == (
        Stage.EXECUTE,
        ("identify",),
        30,
    )
    assert cancel.otherwise == "hand_off"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"stage": "nowhere"}, ("steps[2].stage", "choice")),
        ({"does": {"dance": True}, "done_when": None}, ("steps[2].does", "choice")),
        ({"does": {"tool": "a", "check": "b"}, "done_when": None}, ("steps[2].does", "does")),
        ({"does": {"message": ["a", "b"]}, "done_when": None}, ("steps[2].does.message", "single")),
        ({"does": {"sign_off": "yes"}, "done_when": None}, ("steps[2].does.sign_off", "flag")),
        ({"due_in_minutes": 0}, ("steps[2].due_in_minutes", "number")),
        ({"due_in_minutes": True}, ("steps[2].due_in_minutes", "number")),
        ({"optional": "no"}, ("steps[2].optional", "flag")),
        ({"when": {"fact": "a"}}, ("steps[2].when", "operator")),
        ({"when": [{"fact": "a", "in": []}]}, ("steps[2].when[0].in", "list")),
        ({"when": {"fact": "a", "is": 1, "in": [1]}}, ("steps[2].when", "operator")),
        ({"done_when": {"tool_succeeded": False}}, ("steps[2].done_when", "done_when")),
        ({"colour": "red"}, ("steps[2].colour", "unknown_field")),
        ({"after": ["nobody"]}, ("steps[2].after[0]", "unknown_step")),
        ({"otherwise": "nobody"}, ("steps[2].otherwise", "unknown_step")),
        ({"key": "cancel"}, ("steps[2].key", "duplicate")),
        ({"after": ["other"]}, ("steps[2].after", "cycle")),
        ({"owner": "  "}, ("steps[2].owner", "text")),
    ],
)
def test_each_error_names_its_field(change: dict[str, Any], expected: tuple[str, str]) -> None:
    document = make_document()
    document["steps"].append(step(**change))
    assert findings(document) == [expected]


def test_every_error_is_reported_at_once() -> None:
    document = make_document(title="", pattern="solo")
    document["steps"][0]["stage"] = "nowhere"
    document["steps"][1]["owner"] = 7
    assert findings(document) == [
        ("title", "text"),
        ("pattern", "choice"),
        ("steps[0].stage", "choice"),
        ("steps[1].owner", "text"),
    ]


def test_a_document_without_steps_or_completion_is_refused() -> None:
    assert findings(make_document(steps=[])) == [("steps", "list")]
    assert findings(make_document(completion=None)) == [
        ("completion.says", "missing"),
        ("completion", "missing"),
    ]


def test_tools_and_roles_are_checked_where_they_are_known() -> None:
    document = make_document(sign_off_role="king")
    document["steps"][1]["owner"] = "queen"
    assert findings(
        document,
        tool_effects={"find_by_email": "read", "cancel": "write"},
        roles=frozenset({"supervisor"}),
    ) == [
        ("steps[1].owner", "unknown_role"),
        ("sign_off_role", "unknown_role"),
        ("steps[0].does.tool", "unknown_tool"),
    ]


def test_a_plan_of_500_steps_is_refused_in_one_sentence() -> None:
    step = make_document()["steps"][0]
    many = [{**step, "key": f"step_{number}"} for number in range(500)]
    with pytest.raises(InvalidInputError) as caught:
        parse_cue_sheet(document=make_document(steps=many))
    assert [(one.field, one.code) for one in caught.value.errors] == [("steps", "too_many")]
