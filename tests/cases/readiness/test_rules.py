"""What a journey needs before its first real case: one flaw at a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.readiness.rules import DRILL_HOLDS, FIRST_CASES, current_part, judge, may_expand
from cases.readiness.types import CheckCode, JourneySeen, Part, ToolSeen

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
LOOK = ToolSeen(
    name="get_order",
    risk="low",
    answered_at=NOW,
    shows=True,
    verifies=True,
    policies=1,
)
REFUND = ToolSeen(
    name="refund", is_write=True, risk="high", repeats_safely=True, shows=True, policies=1
)
READY = JourneySeen(
    key="return_items",
    title="Return items",
    number=1,
    queue="Returns",
    uses_ai=True,
    intents={"Return": 5},
    tools=(LOOK, REFUND),
    proving=("refund",),
    says="The store shows the refund.",
    window_hours=72,
    voters=frozenset({"Maren"}),
    workers=1,
    agents=("Bot",),
    drilled_at=NOW,
)
MEDIUM = replace(REFUND, risk="medium", has_limit=True)


def failing(seen: JourneySeen) -> list[CheckCode]:
    return [one.code for one in judge(seen=seen, now=NOW).checks if not one.passed]


def test_nothing_is_missing_where_everything_is_there() -> None:
    found = judge(seen=READY, now=NOW)
    assert found.missing == 0
    assert current_part(found) is None
    assert [one.names for one in found.of(Part.TOOLS)] == [("get_order",), ("refund",), ()]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"number": None}, CheckCode.IN_FORCE),
        ({"intents": {}}, CheckCode.RECOGNISED),
        ({"intents": {"Return": 4}}, CheckCode.RECOGNISED),
        ({"intents": {"Return": 9, "Swap": 1}}, CheckCode.RECOGNISED),
        ({"says": ""}, CheckCode.PROVED),
        ({"proving": ()}, CheckCode.PROVED),
        ({"tools": (LOOK, replace(REFUND, shows=False))}, CheckCode.PROVED),
        ({"window_hours": 0}, CheckCode.WINDOW),
        ({"tools": (replace(LOOK, exists=False), REFUND)}, CheckCode.TOOL),
        ({"tools": (replace(LOOK, retired=True), REFUND)}, CheckCode.TOOL),
        ({"tools": (replace(LOOK, enabled=False), REFUND)}, CheckCode.TOOL),
        ({"tools": (replace(LOOK, stopped=True), REFUND)}, CheckCode.TOOL),
        ({"tools": (replace(LOOK, risk=""), REFUND)}, CheckCode.TOOL),
        ({"tools": (replace(LOOK, answered_at=None), REFUND)}, CheckCode.TOOL),
        ({"tools": (LOOK, replace(REFUND, repeats_safely=False))}, CheckCode.REPEATS),
        ({"tools": (LOOK, replace(REFUND, policies=0))}, CheckCode.POLICY),
        ({"tools": (LOOK, replace(MEDIUM, has_limit=False))}, CheckCode.LIMITS),
        ({"tools": (replace(LOOK, verifies=False), REFUND)}, CheckCode.VERIFIED_FIRST),
        ({"voters": frozenset()}, CheckCode.APPROVER),
        ({"owning": frozenset({"Maren"})}, CheckCode.APPROVER),
        ({"workers": 0}, CheckCode.HANDOFF),
        ({"drilled_at": None}, CheckCode.STOP),
        ({"drilled_at": NOW - DRILL_HOLDS - timedelta(seconds=1)}, CheckCode.STOP),
        ({"agents": ()}, CheckCode.AGENT),
    ],
)
def test_one_flaw_fails_its_own_check_alone(changed: dict[str, Any], code: CheckCode) -> None:
    assert failing(replace(READY, **changed)) == [code]


@pytest.mark.parametrize(
    "changed",
    [
        {"drilled_at": NOW - DRILL_HOLDS},
        {"uses_ai": False, "agents": ()},
        {"tools": (LOOK, MEDIUM), "voters": frozenset()},
        {"tools": (LOOK, replace(REFUND, answered_at=None))},
        {"voters": frozenset({"Maren", "Dario"}), "owning": frozenset({"Maren"})},
        {"tools": (replace(LOOK, verifies=False),), "proving": ("get_order",)},
    ],
)
def test_what_is_not_needed_is_not_asked_for(changed: dict[str, Any]) -> None:
    assert failing(replace(READY, **changed)) == []


def test_the_path_stands_at_the_first_step_with_something_missing() -> None:
    seen = replace(READY, workers=0, window_hours=0)
    assert current_part(judge(seen=seen, now=NOW)) is Part.COMPLETION


@pytest.mark.parametrize(
    ("cases", "workers", "may"),
    [(FIRST_CASES, 1, True), (FIRST_CASES - 1, 1, False), (FIRST_CASES, 0, False)],
)
def test_another_journey_follows_a_ready_one_whose_first_cases_held(
    cases: int, workers: int, *, may: bool
) -> None:
    seen = replace(READY, verified_cases=cases, workers=workers)
    assert may_expand(judge(seen=seen, now=NOW)) is may


@given(
    st.lists(
        st.builds(
            ToolSeen,
            name=st.sampled_from(["a", "b", "c"]),
            exists=st.booleans(),
            is_write=st.booleans(),
            risk=st.sampled_from(["", "low", "medium", "high", "critical"]),
            policies=st.integers(0, 2),
            shows=st.booleans(),
        ),
        max_size=4,
    )
)
def test_every_tool_is_looked_at_and_the_counts_add_up(tools: list[ToolSeen]) -> None:
    found = judge(seen=replace(READY, tools=tuple(tools)), now=NOW)
    assert sum(one.code is CheckCode.TOOL for one in found.checks) == len(tools)
    assert found.passed + found.missing == found.total == sum(len(found.of(part)) for part in Part)
