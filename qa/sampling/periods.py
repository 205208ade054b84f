"""When a plan's periods begin and end, and when each is drawn; pure.

Periods are cut at midnight in the plan's own zone, so that a week with a change of the clocks is
an hour longer or shorter; a week begins on Monday.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from qa.sampling.types import Moment, Period, Schedule


@dataclass(frozen=True, slots=True)
class Span:
    """One period: from its start, which belongs to it, to its end, which does not; UTC."""

    starts_at: datetime
    ends_at: datetime


def span_at(schedule: Schedule, at: datetime) -> Span:
    """Return the period that a moment lies in.

    Args:
        schedule: When the plan draws.
        at: An aware moment.
    """
    zone = ZoneInfo(schedule.time_zone)
    day = at.astimezone(zone).date()
    first = {
        Period.DAY: day,
        Period.WEEK: day - timedelta(days=day.weekday()),
        Period.MONTH: day.replace(day=1),
    }[schedule.every]
    return Span(_midnight(first, zone), _midnight(_after(first, schedule.every), zone))


def span_after(schedule: Schedule, ends_at: datetime) -> Span:
    """Return the period that begins where another ended."""
    return span_at(schedule, ends_at)


def draws_at(schedule: Schedule, ends_at: datetime) -> datetime:
    """Return when a period is drawn: at a time of day after its end, or at once."""
    if schedule.draw is Moment.AT_CLOSE or not schedule.at:
        return ends_at
    zone = ZoneInfo(schedule.time_zone)
    local = ends_at.astimezone(zone)
    wanted = datetime.combine(local.date(), time.fromisoformat(schedule.at), zone)
    if wanted.astimezone(UTC) < ends_at:
        wanted = datetime.combine(
            local.date() + timedelta(days=1), time.fromisoformat(schedule.at), zone
        )
    return wanted.astimezone(UTC)


def _after(first: date, every: Period) -> date:
    if every is Period.DAY:
        return first + timedelta(days=1)
    if every is Period.WEEK:
        return first + timedelta(days=7)
    return (first + timedelta(days=31)).replace(day=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
