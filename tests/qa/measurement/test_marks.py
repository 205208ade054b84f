"""When what came into force, by day of the definition's zone."""

from datetime import UTC, date, datetime, timedelta

from qa.measurement.marks import MOST, by_day

AT = datetime(2026, 11, 9, 3, tzinfo=UTC)


def test_days_are_those_of_the_zone_and_hold_all_that_came_into_force() -> None:
    told = [(AT, "Refunds", 2), (None, "Draft", 1), (AT - timedelta(hours=2), "Returns", 5)]
    (mark,) = by_day(told, time_zone="America/New_York")
    assert (mark.day, mark.titles) == (date(2026, 11, 8), ("Returns 5", "Refunds 2"))
    assert by_day(told, time_zone="UTC")[0].day == date(2026, 11, 9)


def test_the_newest_days_stand() -> None:
    told = [(AT + timedelta(days=number), "Returns", number) for number in range(20)]
    found = by_day(told, time_zone="UTC")
    assert (len(found), found[-1].titles) == (MOST, ("Returns 19",))
