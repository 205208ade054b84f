"""Where cues stand when a plan is drawn."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from cases.journeys.drawing import BOX_HEIGHT, BOX_WIDTH, draw, wrap
from cases.journeys.types import Stage, StepSpec
from tests.factories.journeys import make_step

KEYS = "abcdefg"


@st.composite
def plans(draw_: st.DrawFn) -> tuple[StepSpec, ...]:
    """Return any plan, sound or not: cycles, unknown keys and the same key twice."""
    keys = st.sampled_from([*KEYS, "unknown"])
    return tuple(
        make_step(
            draw_(st.sampled_from(KEYS)),
            stage=draw_(st.sampled_from(list(Stage))),
            after=tuple(draw_(st.lists(keys, max_size=3, unique=True))),
            otherwise=draw_(st.sampled_from(["retry", "hand_off", *KEYS])),
        )
        for _ in range(draw_(st.integers(0, 9)))
    )


@given(plans())
@settings(max_examples=150, deadline=None)
def test_any_plan_is_drawn_within_its_frame_without_overlap(steps: tuple[StepSpec, ...]) -> None:
    drawing = draw(steps)
    assert sorted(box.index for box in drawing.boxes) == list(range(len(steps)))
    spots = {(box.x, box.y) for box in drawing.boxes}
    assert len(spots) == len(steps)
    for x, y in spots:
        assert 0 <= x <= drawing.width - BOX_WIDTH
        assert 0 <= y <= drawing.height - BOX_HEIGHT
    columns = {column.stage: column.x for column in drawing.columns}
    assert all(box.x == columns[steps[box.index].stage] for box in drawing.boxes)
    for line in drawing.lines:
        assert re.fullmatch(r"M\d+ \d+([HV]-?\d+)+", line.path)


@given(plans())
@settings(max_examples=100, deadline=None)
def test_a_plan_is_always_drawn_the_same(steps: tuple[StepSpec, ...]) -> None:
    assert draw(steps) == draw(steps)


def test_a_line_for_each_dependency_and_each_way_otherwise() -> None:
    steps = (
        make_step("a", stage=Stage.VERIFY, otherwise="c"),
        make_step("b", after=("a",)),
        make_step("c", stage=Stage.ESCALATE),
    )
    lines = [(line.source, line.target, line.is_otherwise) for line in draw(steps).lines]
    assert lines == [("a", "b", False), ("a", "c", True)]


def test_cues_of_a_stage_stand_in_the_order_they_can_come_in() -> None:
    steps = (make_step("last", after=("first",)), make_step("first"))
    by_key = {box.key: box.y for box in draw(steps).boxes}
    assert by_key["first"] < by_key["last"]


def test_a_title_takes_two_lines_at_most() -> None:
    assert wrap("Tell") == ("Tell",)
    assert wrap("Understand what they want") == ("Understand what they", "want")
    long = wrap("Find the customer by email or by name and zip code of the parcel")
    assert len(long) == 2
    assert long[1].endswith("…")
