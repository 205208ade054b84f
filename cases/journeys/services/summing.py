"""Read the ledger on from a cursor, and make the sums of the days anew that it tells of.

A day is made from its journeys as they stand. What changes after it was read has its entry in
the ledger behind the cursor, and makes the day anew again; so nothing is lost, and what is made
in bits is what is made at once.
"""

from datetime import date, datetime
from typing import Any, Final

from cases.handoff.entries import HANDOFF_OFFERED, HANDOFF_RETURNED
from cases.journeys import entries
from cases.journeys.models import JourneyReader, JourneySum
from cases.journeys.sums import all_days, days_of, rows_of_day
from cases.memory import entries as memory
from governance.ledger.selectors import list_placed, tree_size
from governance.ledger.services import one_act
from orchestra.core.locking import take_one, take_turn

#: How many places one transaction reads over.
WINDOW: Final = 5_000
MOST_WINDOWS: Final = 20
KINDS: Final = frozenset(
    {
        *(kind.code for kind in entries.KINDS),
        memory.CASE_MOVED,
        memory.CASE_MERGED,
        memory.CASE_TOOK_IN,
        memory.CASE_UNMERGED,
        memory.CASE_GAVE_BACK,
        HANDOFF_OFFERED,
        HANDOFF_RETURNED,
    }
)
_CASE: Final = "case:"


def sum_journeys(*, now: datetime, window: int = WINDOW, wait: bool = True) -> int:
    """Read on, and make the days anew on which journeys began that the ledger tells of.

    The first time all days are made, each in a transaction of its own. Must not be called
    inside an act.

    Args:
        now: When, UTC; what counts as past a deadline.
        window: How many places one transaction reads over.
        wait: Whether to wait for another that reads on at this moment; if not, it is left to that.

    Returns:
        How many days were made.
    """
    if not JourneyReader.objects.exists():
        return _begin(now)
    made = 0
    for _turn in range(MOST_WINDOWS):
        with one_act(durable=True):
            reader = take_one(JourneyReader.objects.all(), wait=wait)
            if reader is None:
                break
            end = min(tree_size(), reader.next_index + window)
            days = _days_told(reader.next_index, end)
            for day in days:
                _make(day, now)
            is_last = end - reader.next_index < window
            reader.next_index, reader.read_at = end, now
            reader.save(update_fields=["next_index", "read_at"])
        made += len(days)
        if is_last:
            break
    return made


def rebuild_journey_sums(*, now: datetime) -> tuple[int, tuple[date, ...]]:
    """Make all sums anew; not to be called inside an act.

    Returns:
        How many days there are, and those whose sums were not what they are now though the
        ledger had been read to its end.
    """
    sum_journeys(now=now)
    known = JourneySum.objects.values_list("day", flat=True).distinct()
    days = sorted({*all_days(), *known})
    differing = []
    for day in days:
        with one_act(durable=True):
            before = _of(day)
            _make(day, now)
            if before != _of(day):
                differing.append(day)
    return len(days), tuple(differing)


def _begin(now: datetime) -> int:
    end = tree_size()
    days = all_days()
    for day in days:
        with one_act(durable=True):
            _make(day, now)
    JourneyReader.objects.bulk_create(
        [JourneyReader(pk=1, next_index=end, read_at=now)], ignore_conflicts=True
    )
    return len(days)


def _days_told(begin: int, end: int) -> list[date]:
    if begin >= end:
        return []
    placed = list_placed(begin=begin, end=end, of_kinds=KINDS)
    cases = {one.stream.removeprefix(_CASE) for one in placed if one.stream.startswith(_CASE)}
    return sorted(days_of(cases=cases)) if cases else []


def _make(day: date, now: datetime) -> None:
    take_turn(f"journey sums:{day}")
    JourneySum.objects.filter(day=day).delete()
    JourneySum.objects.bulk_create(rows_of_day(day=day, now=now))


def _of(day: date) -> list[Any]:
    names = [one.attname for one in JourneySum._meta.concrete_fields if not one.primary_key]  # noqa: SLF001  Django's documented entry
    return sorted(map(str, JourneySum.objects.filter(day=day).values_list(*names)))
