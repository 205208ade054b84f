"""Which rows an estimate rests on, and which never."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from orchestra.core import together
from qa.figures.assembling import assemble
from qa.figures.registry import upheld
from qa.figures.selectors import find_plan, list_plans, read_periods
from qa.figures.types import PeriodRows, Standing
from qa.population.models import SamplingUnit
from qa.population.types import Dimension
from qa.reviewing.types import ReviewKind, ReviewState
from qa.sampling.models import DrawnUnit, SamplePeriod
from qa.sampling.registry import results_of
from qa.sampling.types import PeriodState, ReplacedFor
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.sampled import (
    WEEK,
    draw_units,
    make_period,
    make_review,
    make_unit,
    make_verdict,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
START = NOW - 3 * WEEK


def scene(starts_at: datetime = START, size: int = 6) -> tuple[SamplePeriod, list[DrawnUnit]]:
    """A week of two strata; everything drawn is reviewed, the first of each failed."""
    strata: dict[str, list[SamplingUnit]] = {
        name: [make_unit(risk=name, started_at=starts_at) for _ in range(size)]
        for name in ("high", "low")
    }
    for unit in [one for rows in strata.values() for one in rows]:
        make_verdict(unit, would_pass=True)
    period = make_period(starts_at=starts_at)
    drawn = draw_units(period, strata, dict.fromkeys(strata, 4))
    for one in drawn:
        make_review(
            one.unit,
            drawn=one,
            passed=one.place > 1,
            reviewer=make_person(),
            at=starts_at + WEEK,
        )
    return period, drawn


def read(as_of: datetime = NOW) -> PeriodRows:
    (found,) = read_periods(plan="weekly", as_of=as_of)
    return found


def test_the_plan_that_estimates_is_found() -> None:
    plan = find_plan()
    assert plan is not None
    assert plan.plan.key == "weekly"
    assert find_plan("directed") is None
    assert [row.plan.key for row in list_plans()] == ["weekly"]


def test_a_period_is_read_with_its_strata() -> None:
    period, _drawn = scene()
    rows = read()
    assert (rows.plan, rows.period) == ("weekly", str(period.public_id))
    assert (rows.series, rows.editions) == ("rules/1", ("conversations/1",))
    assert [
        (one.name, one.size, one.drawn, one.judged, one.would_pass, len(one.reviews))
        for one in rows.strata
    ] == [("high", 6, 4, 6, 6, 4), ("low", 6, 4, 6, 6, 4)]
    assert {each.judged for one in rows.strata for each in one.reviews} == {True}
    assert {each.values[Dimension.RISK] for each in rows.strata[0].reviews} == {"high"}
    found = assemble(rows)
    assert found.standing is Standing.KNOWN
    assert found.used is not None
    assert found.used.value == pytest.approx(0.75)


def test_only_what_the_plan_drew_enters() -> None:
    _period, drawn = scene()
    before = assemble(read())
    unit = drawn[0].unit
    directed: dict[str, Any] = {"passed": False, "reviewer": make_person(), "at": START + WEEK}
    make_review(unit, drawn=None, asked_why="A complaint", **directed)
    for kind in (ReviewKind.SECOND, ReviewKind.CALIBRATION, ReviewKind.GOLD):
        make_review(unit, drawn=drawn[0], kind=kind, **directed)
    make_review(make_unit(started_at=START), drawn=None, **directed)
    assert assemble(read()) == before


def test_gold_stands_in_for_no_review_that_is_missing() -> None:
    _period, drawn = scene()
    drawn[0].reviews.all().delete()
    before = assemble(read())
    assert before.reviewed == 7
    make_review(
        drawn[0].unit, drawn=drawn[0], kind=ReviewKind.GOLD, reviewer=make_person(), at=START + WEEK
    )
    assert assemble(read()) == before
    assert results_of([drawn[0].pk]) == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"state": ReviewState.WAITING, "submitted_at": None, "passed": None},
        {"state": ReviewState.TAKEN, "submitted_at": None, "passed": None},
        {"state": ReviewState.SKIPPED, "passed": False},
        {"passed": None, "percent": ""},
    ],
    ids=["waiting", "taken", "skipped", "nothing applied"],
)
def test_what_has_no_score_is_non_response(fields: dict[str, object]) -> None:
    _period, drawn = scene()
    drawn[0].reviews.update(**fields)
    found = assemble(read())
    assert (found.drawn, found.reviewed, found.standing) == (8, 7, Standing.WAITING)


def test_one_that_was_lost_stays_counted_beside_its_replacement() -> None:
    period, drawn = scene()
    gone = drawn[0]
    gone.reviews.all().delete()
    DrawnUnit.objects.filter(pk=gone.pk).update(lost_for=ReplacedFor.TEXT_ERASED, lost_at=NOW)
    unit = make_unit(started_at=START)
    other = DrawnUnit.objects.create(
        period=period, unit=unit, stratum=gone.stratum, place=5, number="f" * 16,
        size_of_stratum=6, drawn_of_stratum=4, replaces=gone,
    )  # fmt: skip
    make_review(unit, drawn=other, reviewer=make_person(), at=START + WEEK)
    found = assemble(read())
    assert (found.drawn, found.reviewed, found.lost) == (8, 8, 1)
    assert found.standing is Standing.KNOWN


def test_an_earlier_figure_is_computed_again_from_what_stood_then() -> None:
    _period, drawn = scene()
    then = START + WEEK + timedelta(hours=1)
    before = assemble(read(then))
    for unit in SamplingUnit.objects.all():
        later = make_verdict(unit, would_pass=False, series="rules/2")
        later.at = then + timedelta(days=1)
        later.save()
    drawn[1].reviews.update(submitted_at=then + timedelta(days=1))
    assert read().series == "rules/2"
    assert assemble(read()).digest != before.digest
    again = assemble(read(then))
    assert again.reviewed == 7
    drawn[1].reviews.update(submitted_at=START + WEEK)
    assert assemble(read(then)) == before


def test_the_series_that_judged_most_is_used_and_never_mixed() -> None:
    _period, drawn = scene()
    make_verdict(drawn[0].unit, would_pass=False, series="rules/2")
    assert read().series == "rules/1"
    assert {each.judged for one in read().strata for each in one.reviews} == {True}


def test_a_held_period_gives_no_number() -> None:
    period, _drawn = scene()
    period.state, period.held_reason = PeriodState.HELD, "The frame has changed."
    period.save()
    rows = read()
    assert rows.held_reason == "The frame has changed."
    assert assemble(rows).standing is Standing.HELD


def test_upheld_disputes_mark_a_period_and_change_no_score(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _period, drawn = scene()
    before = assemble(read())

    def one_upheld(keys: Sequence[int]) -> together.Reading[Mapping[int, int]]:
        yield from together.read(SamplePeriod.objects.none())
        return {drawn[0].pk: 1} if drawn[0].pk in keys else {}

    monkeypatch.setitem(upheld._items, "test", one_upheld)
    assert read().upheld == 1
    assert assemble(read()) == before


def test_weeks_are_read_newest_first_in_as_many_queries_however_many(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    scene()
    with django_assert_num_queries(4):
        read_periods(plan="weekly", as_of=NOW)
    scene(START + WEEK)
    with django_assert_num_queries(4):
        found = read_periods(plan="weekly", as_of=NOW)
    assert [rows.starts_at for rows in found] == [START + WEEK, START]
    assert len(read_periods(plan="weekly", as_of=NOW, last=1)) == 1
    assert read_periods(plan="weekly", as_of=START - WEEK) == []
