"""Say of which days the sums no longer hold."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from qa.population.models import DayMark


def mark_days(*, now: datetime, ended: Iterable[datetime]) -> None:
    """Note that units changed which ended at some moments; part of the transaction that did it.

    Nobody waits for anybody: each change writes rows of its own.
    """
    days = sorted({day_of(one) for one in ended})
    DayMark.objects.bulk_create([DayMark(day=day, at=now) for day in days])


def day_of(at: datetime) -> date:
    """Return the day of UTC that a moment falls on: what sums are kept by."""
    return at.astimezone(UTC).date()
