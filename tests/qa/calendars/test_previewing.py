"""What the clocks do to hours in spring and in autumn."""

from datetime import date

import pytest

from qa.calendars.previewing import clock_days, open_hours_of_week
from qa.calendars.types import Calendar, Opening

ALWAYS = Calendar("America/New_York", ((Opening(0, 1440),),) * 7)
OFFICE = Calendar("America/New_York", ((Opening(540, 1020),),) * 5 + ((), ()))


def test_a_day_and_night_centre_gains_and_loses_an_hour() -> None:
    back, on = clock_days(ALWAYS, begin=date(2026, 10, 1))
    assert (back.on, back.shift_minutes) == (date(2026, 11, 1), -60)
    assert (back.open_hours, back.usual_hours) == (25, 24)
    assert (on.on, on.shift_minutes, on.open_hours) == (date(2027, 3, 14), 60, 23)


def test_office_hours_do_not_change_and_a_zone_without_changes_has_none() -> None:
    found = list(clock_days(OFFICE, begin=date(2026, 10, 1)))
    assert [one.open_hours == one.usual_hours for one in found] == [True, True]
    assert list(clock_days(Calendar("UTC", OFFICE.week), begin=date(2026, 10, 1))) == []


def test_a_week_of_the_change_is_longer() -> None:
    assert open_hours_of_week(ALWAYS, monday=date(2026, 10, 26)) == pytest.approx(169)
    assert open_hours_of_week(OFFICE, monday=date(2026, 10, 26)) == pytest.approx(40)
