"""Which units a frame holds, and in which stratum."""

from dataclasses import replace

import pytest

from qa.population.types import Dimension, Flag, Target, Unit
from qa.sampling.framing import (
    LONGEST,
    Candidate,
    is_counted,
    is_in_frame,
    is_of,
    stratum_of,
    stratum_values,
)
from qa.sampling.parsing import parse_plan
from qa.sampling.types import Cell, Filter, PlanSpec, Strata
from tests.factories.quality import shipped

PLANS = {one["key"]: parse_plan(document=one) for one in shipped("sampling_plans")}
WEEKLY, DIRECTED = PLANS["weekly"], PLANS["directed"]


def unit(**changes: str) -> Candidate:
    values = {str(one): "" for one in Dimension} | {"risk": "low", "handled_by": "ai"} | changes
    return Candidate(Unit.INTERACTION, {Dimension(key): value for key, value in values.items()})


@pytest.mark.parametrize(
    ("plan", "one", "holds"),
    [
        (WEEKLY, unit(), True),
        (WEEKLY, replace(unit(), kind=Unit.CASE), False),
        (WEEKLY, replace(unit(), left_out=Flag.TEST), False),
        # The plan does not name it, so that it stays in.
        (WEEKLY, replace(unit(), left_out=Flag.ABANDONED), True),
        (DIRECTED, unit(risk="high"), False),
        (DIRECTED, replace(unit(risk="high"), targets=[Target.COMPLAINT]), True),
        (DIRECTED, replace(unit(risk="low"), targets=[Target.COMPLAINT]), False),
    ],
)
def test_a_frame_holds_what_the_plan_says(plan: PlanSpec, one: Candidate, holds: bool) -> None:
    assert is_in_frame(plan, one) is holds


def test_what_a_flag_leaves_out_is_of_the_population_still() -> None:
    assert is_counted(WEEKLY, replace(unit(), left_out=Flag.TEST))
    only = replace(WEEKLY, frame=(Filter(Dimension.QUEUE, ("returns",)),))
    assert is_counted(only, unit(queue="returns"))
    assert not is_counted(only, unit(queue="orders"))


def test_a_stratum_is_named_by_its_values_and_read_back() -> None:
    name = stratum_of(WEEKLY, unit(risk="high", handled_by="mixed"))
    assert name == "high/mixed"
    values = stratum_values(WEEKLY, name)
    assert values == {Dimension.RISK: "high", Dimension.HANDLED_BY: "mixed"}
    assert is_of(Cell(((Dimension.RISK, "high"),)), values)
    assert not is_of(Cell(((Dimension.RISK, "low"),)), values)


def test_no_value_can_pass_for_two() -> None:
    plan = replace(WEEKLY, strata=Strata(by=(Dimension.AI_VERSION, Dimension.AGENT)))
    first = stratum_of(plan, unit(ai_version="a/b", agent="c\n"))
    second = stratum_of(plan, unit(ai_version="a", agent="b/c\n"))
    assert first != second
    assert "\n" not in first + second
    assert stratum_values(plan, first)[Dimension.AI_VERSION] == "a/b"


def test_names_too_long_stay_apart() -> None:
    plan = replace(WEEKLY, strata=Strata(by=(Dimension.AI_VERSION, Dimension.AGENT)))
    names = [stratum_of(plan, unit(ai_version="ü" * 250, agent=one)) for one in "ab"]
    assert [len(name) for name in names] == [LONGEST, LONGEST]
    assert names[0] != names[1]


def test_a_plan_that_is_not_cut_has_one_stratum() -> None:
    plan = replace(WEEKLY, strata=Strata())
    assert stratum_of(plan, unit()) == "all"
    assert stratum_values(plan, "all") == {}
