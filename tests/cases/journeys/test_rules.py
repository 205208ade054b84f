"""What would keep a cue sheet from running to its end."""

import pytest

from cases.journeys.rules import check_cue_sheet, contradict, fallback_sources, tools_of
from cases.journeys.types import DoesKind, StepSpec, When
from tests.factories.journeys import make_spec, make_step, make_when


def codes(*steps: StepSpec, **changes: object) -> list[tuple[str, str]]:
    found = check_cue_sheet(spec=make_spec(*steps, **changes))
    return [(finding.field, finding.code) for finding in found]


def test_a_sound_sheet_has_no_findings() -> None:
    assert codes(make_step("a"), make_step("b", after=("a",), otherwise="retry")) == []


def test_a_cycle_names_every_step_in_it() -> None:
    steps = (make_step("a", after=("b",)), make_step("b", after=("a",)), make_step("c"))
    assert codes(*steps) == [("steps[0].after", "cycle"), ("steps[1].after", "cycle")]


def test_a_fallback_that_leads_back_is_a_cycle() -> None:
    steps = (make_step("a", otherwise="b"), make_step("b", otherwise="a"))
    assert codes(*steps) == [("steps[0].after", "cycle"), ("steps[1].after", "cycle")]


def test_a_required_step_after_an_optional_one_is_dead() -> None:
    steps = (make_step("a", optional=True), make_step("b", after=("a",)))
    assert codes(*steps) == [("steps[1].after[0]", "dead_step")]


def test_completion_must_name_steps_that_exist() -> None:
    assert codes(make_step("a"), all_done=(), any_done=("x",)) == [
        ("completion.any_done[0]", "unknown_step")
    ]
    assert codes(make_step("a"), all_done=()) == [("completion", "missing")]


def test_a_tool_step_needs_an_owner() -> None:
    assert codes(make_step("a", owner="")) == [("steps[0].owner", "missing")]


def test_binding_needs_a_tool() -> None:
    step = make_step("a", does=DoesKind.CHECK, bind={"x": "y"})
    assert codes(step) == [("steps[0].bind", "not_applicable")]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ((make_when("a", "is", 1), make_when("a", "is", 2)), True),
        ((make_when("a", "is", 1), make_when("a", "is_not", 1)), True),
        ((make_when("a", "in", [1, 2]), make_when("a", "in", [2, 3])), False),
        ((make_when("a", "in", [1]), make_when("a", "is_not", 2)), False),
        ((make_when("a", "is", 1), make_when("b", "is", 2)), False),
        ((), False),
    ],
)
def test_contradictions_are_found(conditions: tuple[When, ...], *, expected: bool) -> None:
    assert contradict(conditions) is expected


def test_a_fallback_knows_who_calls_it() -> None:
    spec = make_spec(make_step("a", otherwise="c"), make_step("b", otherwise="c"), make_step("c"))
    assert fallback_sources(spec=spec) == {"c": ("a", "b")}


def test_only_tool_steps_have_tools() -> None:
    assert tools_of(make_step("a", target="x", any_of=("y",))) == ("x", "y")
    assert tools_of(make_step("a", does=DoesKind.CHECK, target="yes")) == ()


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"tries": 3}, [("steps[0].tries", "not_applicable")]),
        ({"tries": 21, "otherwise": "retry"}, [("steps[0].tries", "loop")]),
        ({"grace_minutes": 5}, [("steps[0].grace_minutes", "not_applicable")]),
        ({"tries": 20, "otherwise": "retry"}, []),
        ({"grace_minutes": 5, "due_in_minutes": 5}, []),
    ],
    ids=["tries-of-nothing", "loop", "grace-of-nothing", "tries", "grace"],
)
def test_a_bound_has_something_to_bound_and_bounds_it(
    changes: dict[str, object], found: list[tuple[str, str]]
) -> None:
    spec = make_spec(make_step("a", **changes))
    assert [(one.field, one.code) for one in check_cue_sheet(spec=spec)] == found


@pytest.mark.parametrize(
    ("minutes", "found"),
    [
        (30, [("steps[0].due_in_minutes", "dead_deadline")]),
        (45, []),
        (525_601, [("ends_after_minutes", "too_long")]),
        (None, []),
    ],
)
def test_no_step_is_due_after_the_whole_journey_has_ended(
    minutes: int | None, found: list[tuple[str, str]]
) -> None:
    spec = make_spec(
        make_step("a", due_in_minutes=30, grace_minutes=15), ends_after_minutes=minutes
    )
    assert [(one.field, one.code) for one in check_cue_sheet(spec=spec)] == found
