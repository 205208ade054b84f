"""When new versions of cue sheets and policies came into force, for the axis of a trend."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from cases.journeys.models import CueSheetVersion
from governance.policies.models import PolicyVersion

#: More than so many days with a mark are no axis any more; the newest stand.
MOST = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """A day on which something came into force.

    Attributes:
        day: In the zone of the definition.
        titles: What did, such as ``Return delivered items 5``.
    """

    day: date
    titles: tuple[str, ...]


def list_marks(*, since: datetime, time_zone: str, journey: str = "") -> tuple[Mark, ...]:
    """Return the days on which versions came into force, oldest first: two queries.

    Args:
        since: UTC; nothing older.
        time_zone: In which days are cut.
        journey: Only of this cue sheet, and of every policy; empty for all.
    """
    sheets = CueSheetVersion.objects.filter(published_at__gte=since)
    if journey:
        sheets = sheets.filter(cue_sheet__key=journey)
    policies = PolicyVersion.objects.filter(published_at__gte=since)
    told = [
        *sheets.values_list("published_at", "cue_sheet__title", "number"),
        *policies.values_list("published_at", "policy__title", "number"),
    ]
    return by_day(told, time_zone=time_zone)


def by_day(told: Iterable[tuple[datetime | None, str, int]], *, time_zone: str) -> tuple[Mark, ...]:
    """Return what came into force by day, oldest first, the newest days alone."""
    zone = ZoneInfo(time_zone)
    days: dict[date, list[str]] = {}
    for at, title, number in sorted(one for one in told if one[0] is not None):
        if at is not None:
            days.setdefault(at.astimezone(zone).date(), []).append(f"{title} {number}")
    return tuple(Mark(day, tuple(titles)) for day, titles in sorted(days.items())[-MOST:])
