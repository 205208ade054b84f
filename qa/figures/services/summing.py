"""Make the sums by the day anew, of the days that changed; all of them the first time.

Each day is a transaction of its own and made from the rows themselves, so that making it twice is
harmless and what is made in bits is what is made at once. Marks that came before a day was begun
are taken away with it: who wrote them had committed, so that their change is in the sums.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from django.db import transaction

from orchestra.core.locking import take_turn
from qa.figures.frames import rows_of_day
from qa.figures.models import FrameSum
from qa.findings.models import CheckSum
from qa.findings.services.summing import sum_checks_of
from qa.population.models import DayMark, PopulationReader, SamplingUnit
from qa.population.selectors import SUMS
from qa.population.services import day_of

#: Days that one run makes anew; the rest waits for the next.
MOST_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What making all sums anew came to.

    Attributes:
        days: How many days there are.
        differing: Those without a mark whose sums were not what they are now; none unless
            something changed without saying so.
    """

    days: int
    differing: tuple[date, ...]


def sum_days(*, now: datetime, most: int = MOST_DAYS) -> int:
    """Make the sums of days that changed anew, the newest first; the first time of all days.

    Must not be called inside a transaction.

    Args:
        now: When, UTC.
        most: So many days, but for the first time.

    Returns:
        How many days were made.
    """
    is_first = not PopulationReader.objects.filter(name=SUMS).exists()
    if is_first:
        days = _all_days()
    else:
        marked = DayMark.objects.order_by("-day").values_list("day", flat=True).distinct()
        days = list(marked[:most])
    for day in days:
        _make(day)
    if days or is_first:
        PopulationReader.objects.update_or_create(
            name=SUMS, defaults={"read_at": now, "next_index": 0}
        )
    return len(days)


def rebuild_sums(*, now: datetime) -> Rebuilt:
    """Make all sums anew and say which were not what they are; part of no transaction."""
    marked = set(DayMark.objects.values_list("day", flat=True))
    known = [*CheckSum.objects.values_list("day", flat=True).distinct()]
    known += FrameSum.objects.values_list("day", flat=True).distinct()
    days = sorted({*_all_days(), *known})
    differing = []
    for day in days:
        before = _of(day)
        _make(day)
        if day not in marked and before != _of(day):
            differing.append(day)
    PopulationReader.objects.update_or_create(name=SUMS, defaults={"read_at": now, "next_index": 0})
    return Rebuilt(len(days), tuple(differing))


@transaction.atomic
def _make(day: date) -> None:
    take_turn(f"sums:{day}")
    seen = list(DayMark.objects.filter(day=day).values_list("pk", flat=True))
    sum_checks_of(day=day)
    FrameSum.objects.filter(day=day).delete()
    FrameSum.objects.bulk_create(rows_of_day(day))
    DayMark.objects.filter(pk__in=seen).delete()


def _of(day: date) -> list[Any]:
    """Return the sums of a day as values, in an order of their own."""
    found: list[Any] = []
    for model in (CheckSum, FrameSum):
        names = [field.attname for field in model._meta.concrete_fields if not field.primary_key]  # noqa: SLF001  Django's documented entry
        found += sorted(map(str, model.objects.filter(day=day).values_list(*names)))
    return found


def _all_days() -> list[date]:
    """Return every day on which a unit ended, the newest first."""
    rows = SamplingUnit.objects.datetimes("ended_at", "day", order="DESC", tzinfo=UTC)
    return [day_of(one) for one in rows]
