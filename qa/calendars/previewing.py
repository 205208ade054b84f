"""What the clocks do to hours: the days they change, and how long the centre is open then; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from qa.calendars.rules import open_seconds
from qa.calendars.types import Calendar

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class ClockDay:
    """A day on which the clocks of a zone change.

    Attributes:
        shift_minutes: By how much they are put on; less than 0 for back.
        open_hours: For how long the centre is open then, in hours that pass.
        usual_hours: The same, a week before.
    """

    on: date
    shift_minutes: int
    open_hours: float
    usual_hours: float


def clock_days(calendar: Calendar, *, begin: date, days: int = 400) -> Iterator[ClockDay]:
    """Yield the days on which the clocks change, with what they do to the hours.

    Raises:
        NeverOpenError: The calendar has no hours at all.
    """
    zone = ZoneInfo(calendar.time_zone)
    for number in range(days):
        on = begin + timedelta(days=number)
        first, last = _midnight(on, zone), _midnight(on + timedelta(days=1), zone)
        before, after = first.utcoffset(), last.utcoffset()
        if before is None or after is None or before == after:
            continue
        yield ClockDay(
            on,
            int((after - before).total_seconds() // 60),
            _open(calendar, on, zone),
            _open(calendar, on - timedelta(weeks=1), zone),
        )


def open_hours_of_week(calendar: Calendar, *, monday: date) -> float:
    """Return for how many hours the centre is open in a week.

    Raises:
        NeverOpenError: The calendar has no hours at all.
    """
    zone = ZoneInfo(calendar.time_zone)
    return sum(_open(calendar, monday + timedelta(days=day), zone) for day in range(7))


def _open(calendar: Calendar, on: date, zone: ZoneInfo) -> float:
    seconds = open_seconds(
        calendar=calendar,
        begin=_midnight(on, zone),
        end=_midnight(on + timedelta(days=1), zone),
    )
    return seconds / _HOUR


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time(), tzinfo=zone)
