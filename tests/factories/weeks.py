"""Weeks of work that were drawn from, checked and reviewed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from orchestra.core import clock
from qa.population.models import SamplingUnit
from qa.sampling.models import DrawnUnit, SamplePeriod
from tests.factories.access import make_person
from tests.factories.sampled import (
    WEEK,
    draw_units,
    make_period,
    make_review,
    make_unit,
    make_verdict,
)


def weeks_ago(count: int) -> datetime:
    """When the week began that ended so many weeks ago; pages go by the real clock."""
    return clock.now() - (count + 1) * WEEK - timedelta(hours=1)


def make_week(
    starts_at: datetime,
    *,
    sizes: Mapping[str, int] = {"high": 6, "low": 6},
    drawn: int = 4,
    reviewed: int = 4,
    fails: int = 1,
    **fields: Any,
) -> tuple[SamplePeriod, list[DrawnUnit]]:
    """A week of strata, each drawn from alike; the first ones of each failed their review.

    Args:
        starts_at: When it began.
        sizes: Stratum to its units.
        drawn: Of each stratum.
        reviewed: Of the drawn ones of each.
        fails: Of the reviewed ones of each.
        **fields: Of the period.
    """
    strata: dict[str, list[SamplingUnit]] = {
        name: [make_unit(risk=name, started_at=starts_at) for _ in range(size)]
        for name, size in sizes.items()
    }
    for unit in [one for rows in strata.values() for one in rows]:
        make_verdict(unit, would_pass=True)
    period = make_period(starts_at=starts_at, **fields)
    rows = draw_units(period, strata, dict.fromkeys(strata, drawn))
    reviewer = make_person()
    for one in rows:
        if one.place <= reviewed:
            make_review(
                one.unit,
                drawn=one,
                passed=one.place > fails,
                reviewer=reviewer,
                at=starts_at + WEEK,
            )
    return period, rows
