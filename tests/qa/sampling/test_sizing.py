"""How many of each stratum, by every kind of plan."""

from dataclasses import replace
from statistics import stdev

import pytest

from qa.population.types import Dimension
from qa.sampling.sizing import LEAST_SPREAD, Share, shares_of, spread_of, spreads, takes_whole
from qa.sampling.types import (
    Acceptance,
    Allocation,
    Cell,
    Discovery,
    Method,
    PlanKind,
    PlanSpec,
    Severity,
    Size,
    Strata,
)
from tests.qa.sampling.test_framing import WEEKLY

CRITICAL = Cell(((Dimension.RISK, "critical"),))


def counts(plan: PlanSpec, **sizes: int) -> dict[str, int]:
    found = shares_of(plan, sizes, known={}, standing={})
    return {one.name: one.drawn for one in found}


def plan_of(method: Method, total: int | None = None, **changes: object) -> PlanSpec:
    allocation = Allocation(method, total=total, **changes)  # type: ignore[arg-type]
    return replace(WEEKLY, allocation=allocation, strata=Strata((Dimension.RISK,), 2, (CRITICAL,)))


def test_by_size_with_what_is_taken_whole_first() -> None:
    plan = plan_of(Method.PROPORTIONAL, 100)
    assert counts(plan, low=800, high=150, critical=20) == {"low": 67, "high": 13, "critical": 20}


def test_by_spread_where_it_is_known() -> None:
    plan = plan_of(Method.NEYMAN, 100)
    found = shares_of(plan, {"low": 500, "high": 500}, known={"low": 0.1, "high": 0.3}, standing={})
    assert found == [Share("high", 500, 75, spread=0.3), Share("low", 500, 25, spread=0.1)]


@pytest.mark.parametrize("method", [Method.PROPORTIONAL, Method.NEYMAN])
def test_fewer_than_asked_are_all_drawn(method: Method) -> None:
    assert counts(plan_of(method, 100), low=3, high=1) == {"low": 3, "high": 1}


def test_an_empty_frame_gives_nothing() -> None:
    assert counts(plan_of(Method.PROPORTIONAL, 100)) == {}


def test_fixed_sizes_take_the_first_that_fits() -> None:
    sizes = (Size(Cell(((Dimension.RISK, "high"),)), 30),)
    plan = plan_of(Method.FIXED, None, sizes=sizes, otherwise=10)
    assert counts(plan, low=50, high=40, medium=4, critical=90) == {
        "low": 10,
        "high": 30,
        "medium": 4,
        "critical": 90,
    }
    assert takes_whole(plan, "critical")
    assert not takes_whole(plan, "low")


def test_take_all_takes_all() -> None:
    assert counts(plan_of(Method.TAKE_ALL), low=7, high=1) == {"low": 7, "high": 1}


def test_no_failure_plans_by_the_size_of_the_lot() -> None:
    plan = replace(WEEKLY, kind=PlanKind.DISCOVERY, allocation=None, discovery=Discovery(95, 1))
    assert counts(plan, all=1200) == {"all": 264}
    # So small a lot holds no whole bad one to find: all of it is reviewed.
    assert counts(plan, all=40) == {"all": 40}


def test_lots_by_the_standard_and_how_strictly_they_are_judged() -> None:
    lots = Acceptance("II", "1.0", (Dimension.JOURNEY,), 1200)
    plan = replace(WEEKLY, kind=PlanKind.ACCEPTANCE, allocation=None, acceptance=lots)
    tight = {"b": Severity.TIGHTENED}
    found = shares_of(plan, {"a": 1200, "b": 1200, "c": 1}, known={}, standing=tight)
    assert found == [
        Share("a", 1200, 80, accept=2, severity=Severity.NORMAL),
        Share("b", 1200, 80, accept=1, severity=Severity.TIGHTENED),
        Share("c", 1, 1, take_all=True, accept=0, severity=Severity.NORMAL),
    ]


def test_a_stratum_of_which_little_is_known_takes_the_spread_of_all() -> None:
    known = {"low": [0.0, 1.0, 1.0], "high": [1.0]}
    pooled = stdev([0.0, 1.0, 1.0, 1.0])
    assert spreads(known, ["low", "high", "new"]) == {
        "low": stdev([0.0, 1.0, 1.0]),
        "high": pooled,
        "new": pooled,
    }
    assert spreads({}, ["low"]) == {}
    assert spread_of([1.0, 1.0, 1.0]) == LEAST_SPREAD
