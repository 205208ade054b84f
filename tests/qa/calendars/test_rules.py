"""Business time: what is open, what adds up, and what the clocks do at night."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.core.errors import InvalidInputError
from qa.calendars.rules import (
    find_faults,
    next_opening,
    open_seconds,
    open_seconds_over,
    open_spans,
)
from qa.calendars.types import Calendar, Change, Exceptional, NeverOpenError, Opening

HOUR = 3600
OFFICE = (Opening(9 * 60, 17 * 60),)
NEW_YORK = Calendar("America/New_York", (OFFICE,) * 5 + ((), ()))
ALWAYS = Calendar("America/New_York", ((Opening(0, 1440),),) * 7)
NIGHT = Calendar("America/New_York", ((Opening(0, 150), Opening(150, 480)),) * 7)


def utc(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_a_week_of_office_hours() -> None:
    # Mon 16 to Mon 23 Nov 2026.
    assert (
        open_seconds(calendar=NEW_YORK, begin=utc(2026, 11, 16), end=utc(2026, 11, 23))
        == 5 * 8 * HOUR
    )


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        pytest.param(utc(2026, 11, 18, 15), utc(2026, 11, 18, 16), 1, id="within"),
        pytest.param(utc(2026, 11, 18, 3), utc(2026, 11, 18, 5), 0, id="at night"),
        pytest.param(utc(2026, 11, 18, 13), utc(2026, 11, 18, 15), 1, id="over the opening"),
        pytest.param(utc(2026, 11, 20, 21), utc(2026, 11, 23, 15), 2, id="over a weekend"),
        pytest.param(utc(2026, 11, 18, 15), utc(2026, 11, 18, 15), 0, id="no time"),
        pytest.param(utc(2026, 11, 18, 16), utc(2026, 11, 18, 15), 0, id="backwards"),
    ],
)
def test_only_open_time_counts(begin: datetime, end: datetime, hours: int) -> None:
    assert open_seconds(calendar=NEW_YORK, begin=begin, end=end) == hours * HOUR


def test_holidays_and_short_days() -> None:
    calendar = Calendar(
        "America/New_York",
        NEW_YORK.week,
        (
            Exceptional(date(2026, 11, 26), name="Thanksgiving"),
            Exceptional(date(2026, 11, 27), (Opening(9 * 60, 12 * 60),)),
            Exceptional(date(2026, 11, 28), (Opening(9 * 60, 10 * 60),)),
        ),
    )
    begin, end = utc(2026, 11, 23), utc(2026, 11, 30)
    assert open_seconds(calendar=calendar, begin=begin, end=end) == (3 * 8 + 3 + 1) * HOUR


@pytest.mark.parametrize(
    ("on", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 11, 2), 24)]
)
def test_a_day_has_23_hours_in_spring_and_25_in_autumn(on: date, hours: int) -> None:
    begin = datetime(on.year, on.month, on.day, tzinfo=UTC)
    end = begin + timedelta(days=3)
    assert open_seconds(calendar=only_on(on), begin=begin, end=end) == hours * HOUR


def only_on(on: date) -> Calendar:
    return Calendar("America/New_York", ((),) * 7, (Exceptional(on, (Opening(0, 1440),)),))


def test_hours_that_meet_where_the_clock_changes_lose_and_gain_nothing() -> None:
    spring = open_seconds(calendar=NIGHT, begin=utc(2026, 3, 8, 5), end=utc(2026, 3, 8, 16))
    autumn = open_seconds(calendar=NIGHT, begin=utc(2026, 11, 1, 4), end=utc(2026, 11, 1, 16))
    assert (spring, autumn) == (7 * HOUR, 9 * HOUR)
    repeated = Calendar("America/New_York", ((Opening(0, 90), Opening(90, 480)),) * 7)
    assert (
        open_seconds(calendar=repeated, begin=utc(2026, 11, 1, 4), end=utc(2026, 11, 1, 16))
        == 9 * HOUR
    )


def test_an_hour_that_is_skipped_is_not_there() -> None:
    calendar = Calendar("America/New_York", ((Opening(135, 165),),) * 7)
    assert open_seconds(calendar=calendar, begin=utc(2026, 3, 8, 5), end=utc(2026, 3, 8, 20)) == 0


def test_a_case_opened_at_the_weekend_starts_on_monday() -> None:
    assert next_opening(calendar=NEW_YORK, at=utc(2026, 11, 21, 12)) == utc(2026, 11, 23, 14)
    assert next_opening(calendar=NEW_YORK, at=utc(2026, 11, 23, 15)) == utc(2026, 11, 23, 15)


def test_a_calendar_that_changes_is_measured_in_pieces() -> None:
    longer = Calendar("America/New_York", ((Opening(8 * 60, 20 * 60),),) * 7)
    changes = [Change(utc(2026, 1, 1), NEW_YORK), Change(utc(2026, 11, 18, 17), longer)]
    whole = open_seconds_over(changes=changes, begin=utc(2026, 11, 18), end=utc(2026, 11, 19, 5))
    assert whole == (3 + 8) * HOUR
    with pytest.raises(InvalidInputError):
        open_seconds_over(changes=changes[::-1], begin=utc(2026, 1, 1), end=utc(2026, 1, 2))
    with pytest.raises(InvalidInputError):
        open_seconds_over(changes=[], begin=utc(2026, 1, 1), end=utc(2026, 1, 2))


def test_without_hours_nothing_is_measured() -> None:
    shut = Calendar("UTC", ((),) * 7)
    with pytest.raises(NeverOpenError) as refused:
        open_seconds(calendar=shut, begin=utc(2026, 1, 1), end=utc(2026, 1, 2))
    assert refused.value.code == "calendar.never_open"


def test_faults_are_all_named() -> None:
    wrong = Calendar(
        "Mars/Olympus",
        ((Opening(600, 500),), (Opening(500, 700), Opening(600, 800))),
        (Exceptional(date(2026, 1, 1)), Exceptional(date(2026, 1, 1))),
    )
    found = {(one.field, one.code) for one in find_faults(wrong)}
    assert found == {
        ("time_zone", "unknown"),
        ("week", "length"),
        ("week[0][0]", "range"),
        ("week[1][1]", "order"),
        ("exceptional", "twice"),
    }
    assert [one.code for one in find_faults(Calendar("UTC", ((),) * 7))] == ["never_open"]
    assert find_faults(NEW_YORK) == ()


ZONES = st.sampled_from(
    ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Asuncion"]
)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    def day() -> tuple[Opening, ...]:
        cuts = sorted(draw(st.sets(st.integers(0, 1440), min_size=0, max_size=6)))
        return tuple(Opening(*pair) for pair in list(pairwise(cuts))[::2])

    week = [day() for _ in range(6)]
    return Calendar(draw(ZONES), (*week, (Opening(0, 1440),)))


MOMENTS = st.floats(0, 1094).map(lambda days: utc(2025, 1, 1) + timedelta(days=days))


@given(calendars(), st.lists(MOMENTS, min_size=3, max_size=3))
def test_it_adds_up_is_never_negative_and_never_more_than_the_time(
    calendar: Calendar, moments: list[datetime]
) -> None:
    first, between, last = sorted(moments)
    last = min(last, first + timedelta(days=90))
    between = min(between, last)

    def measure(begin: datetime, end: datetime) -> float:
        return open_seconds(calendar=calendar, begin=begin, end=end)

    whole = measure(first, last)
    assert measure(first, between) + measure(between, last) == pytest.approx(whole, abs=1e-3)
    assert 0 <= whole <= (last - first).total_seconds() + 1e-3


@given(calendars(), MOMENTS)
def test_open_times_are_in_order_and_apart(calendar: Calendar, at: datetime) -> None:
    spans = list(open_spans(calendar=calendar, begin=at, end=at + timedelta(days=20)))
    assert all(one.begin < one.end for one in spans)
    assert all(one.end < two.begin for one, two in pairwise(spans))


@given(ZONES, MOMENTS, st.integers(1, 100))
def test_always_open_is_the_time_itself(zone: str, at: datetime, hours: int) -> None:
    calendar = Calendar(zone, ALWAYS.week)
    end = at + timedelta(hours=hours)
    assert open_seconds(calendar=calendar, begin=at, end=end) == pytest.approx(hours * HOUR)
