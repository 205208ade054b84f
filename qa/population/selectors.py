"""How far the population was filled and summed, and the units that one may see."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from django.db.models import DateField, Min, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from governance.ledger.selectors import first_index_since, list_entries, tree_size
from orchestra.core.errors import NotFoundError
from orchestra.core.together import Reading, answer, read
from qa.population.models import DayMark, PopulationReader, SamplingUnit
from qa.population.types import SumsStanding, Unit

#: The reader that keeps the sums by the day.
SUMS: Final = "sums"
#: So many days that changed are counted as they are; more wait for their sums.
MOST_COUNTED_DAYS: Final = 7


def is_filled_until(*, at: datetime) -> bool:
    """Return whether everything that was recorded before a moment stands in the population."""
    if list_entries().filter(leaf_index__isnull=True, at__lt=at).exists():
        return False
    readers = PopulationReader.objects.exclude(name=SUMS)
    read = readers.values_list("next_index", flat=True).first() or 0
    return read >= min(first_index_since(at=at), tree_size())


def list_units(*, authority: Authority) -> QuerySet[SamplingUnit]:
    """Return the units of the cases that one may read, with their case, the newest first."""
    rows = SamplingUnit.objects.select_related("case").order_by("-ended_at", "-pk")
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    return rows if queues is None else rows.filter(case__queue_id__in=queues)


def get_unit(*, authority: Authority, unit_id: UUID | str) -> SamplingUnit:
    """Return one unit, with its case.

    Args:
        authority: What the reader holds.
        unit_id: Public id.

    Raises:
        NotFoundError: There is none, or its case may not be read.
    """
    found = list_units(authority=authority).filter(public_id=unit_id).first()
    if found is None:
        raise NotFoundError(_("There is no such unit, or you may not see it."))
    return found


def sums_standing() -> SumsStanding:
    """Return how the sums by the day stand: one query."""
    return answer(reading_sums_standing())


def reading_sums_standing() -> Reading[SumsStanding]:
    """Come to how the sums by the day stand, as ``sums_standing`` returns it."""
    none = Cast(Value(None), DateField())
    made = PopulationReader.objects.filter(name=SUMS).order_by()
    marks = DayMark.objects.order_by().values_list("day")
    rows = (
        made.annotate(day=none)
        .values_list("day", "read_at")
        .union(marks.annotate(since=Min("at")), all=True)
    )
    days: dict[date, datetime] = {}
    made_at = None
    for day, at in (yield from read(rows)):
        if day is None:
            made_at = at
        else:
            days[day] = at
    if made_at is None:
        return SumsStanding()
    newest = sorted(days, reverse=True)
    waiting = [days[day] for day in newest[MOST_COUNTED_DAYS:]]
    return SumsStanding(made_at, tuple(newest[:MOST_COUNTED_DAYS]), min(waiting, default=None))


def ended_on(days: Iterable[date], path: str = "") -> Q:
    """Return the filter of units that ended on some days of UTC; nothing of no days.

    Args:
        days: The days.
        path: Of the unit, from the rows that are filtered, such as ``unit__``.
    """
    found = Q(**{f"{path}pk__in": []})
    for begins, after in _runs(sorted(set(days))):
        first, end = (datetime.combine(day, time(), UTC) for day in (begins, after))
        found |= Q(**{f"{path}ended_at__gte": first, f"{path}ended_at__lt": end})
    # Of every kind; the index of when units ended begins with it.
    return found & Q(**{f"{path}kind__in": list(Unit)})


def _runs(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """Yield the runs of days that follow each other, each with the day after its last."""
    begins = after = None
    for day in days:
        if begins is None or after is None or day != after:
            if begins is not None and after is not None:
                yield begins, after
            begins = day
        after = day + timedelta(days=1)
    if begins is not None and after is not None:
        yield begins, after
