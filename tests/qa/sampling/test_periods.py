"""Periods in their own zone, over a change of the clocks too."""

from datetime import UTC, datetime, timedelta

import pytest

from qa.sampling.periods import Span, draws_at, span_after, span_at
from qa.sampling.types import Moment, Period, Schedule


def schedule(every: Period = Period.WEEK, **changes: object) -> Schedule:
    fields = {"time_zone": "America/New_York", "draw": Moment.AFTER_PERIOD, "at": "06:00"}
    return Schedule(every=every, **{**fields, **changes})  # type: ignore[arg-type]


def utc(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("every", "begins", "ends"),
    [
        (Period.DAY, utc(2026, 11, 18, 5), utc(2026, 11, 19, 5)),
        (Period.WEEK, utc(2026, 11, 16, 5), utc(2026, 11, 23, 5)),
        # November begins in summer time and ends in winter time.
        (Period.MONTH, utc(2026, 11, 1, 4), utc(2026, 12, 1, 5)),
    ],
)
def test_a_moment_lies_in_one_period(every: Period, begins: datetime, ends: datetime) -> None:
    at = utc(2026, 11, 19, 2)  # still the 18th in New York
    assert span_at(schedule(every), at) == Span(begins, ends)
    assert span_at(schedule(every), begins) == Span(begins, ends)
    assert span_after(schedule(every), ends).starts_at == ends


def test_the_week_of_a_change_of_the_clocks_is_an_hour_longer() -> None:
    found = span_at(schedule(), utc(2026, 10, 28, 12))
    assert found.ends_at - found.starts_at == timedelta(days=7, hours=1)


def test_a_period_is_drawn_at_its_time_of_day_or_at_once() -> None:
    ends = utc(2026, 11, 23, 5)
    assert draws_at(schedule(), ends) == utc(2026, 11, 23, 11)
    assert draws_at(schedule(draw=Moment.AT_CLOSE, at=""), ends) == ends


def test_a_shortened_period_is_drawn_at_the_next_such_time_of_day() -> None:
    assert draws_at(schedule(), utc(2026, 11, 23, 12)) == utc(2026, 11, 24, 11)
