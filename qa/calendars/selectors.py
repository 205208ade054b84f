"""The hours of the centre as values."""

from datetime import date

from qa.calendars.models import CalendarVersion
from qa.calendars.types import Calendar, Change, Exceptional, Opening


def list_changes() -> tuple[Change, ...]:
    """Return every version of the centre's hours, in order of when it began; one query."""
    return tuple(Change(row.since, _calendar(row)) for row in CalendarVersion.objects.all())


def _calendar(row: CalendarVersion) -> Calendar:
    return Calendar(
        row.time_zone,
        tuple(tuple(Opening(*pair) for pair in day) for day in row.week),
        tuple(
            Exceptional(
                date.fromisoformat(one["on"]),
                tuple(Opening(*pair) for pair in one["openings"]),
                one["name"],
            )
            for one in row.exceptional
        ),
    )
