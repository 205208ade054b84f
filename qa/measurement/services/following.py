"""Read the ledger on from a cursor into the rows of cases.

Whatever an entry touches is read again whole, so a merge, a reopening or a merge taken back
changes the rows of the past as if they had been told so at once. Rows are a function of the
entries up to the cursor, and of nothing else.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from governance.ledger.selectors import tree_size
from governance.ledger.services import one_act
from orchestra.core.locking import lock_one, take_one
from qa.measurement.models import MeasureCursor, MeasuredCase, MetricCell
from qa.measurement.reading import list_touched, read_cases

#: Wide, so that a case which many entries touch one after the other is read again seldom.
WINDOW: Final = 50_000
MOST_WINDOWS: Final = 10
#: Over how many weeks a cell may go.
SPANS: Final = (1, 4)
_BATCH: Final = 1000


def follow_ledger(
    *, now: datetime, window: int = WINDOW, most: int = MOST_WINDOWS, wait: bool = True
) -> int:
    """Read on, a window in a transaction; one that ends in the middle goes on there.

    Must not be called inside an act.

    Args:
        now: When, UTC.
        window: How many places one transaction reads over.
        most: How many windows at most.
        wait: Whether to wait for another that reads on at this moment; if not, it is left to that.

    Returns:
        Over how many places the cursor went.
    """
    done = 0
    for _turn in range(most):
        with one_act(durable=True), _uncollected():
            read = _read_window(now, window, wait=wait)
        done += read
        if read < window:
            break
    return done


def rebuild(*, now: datetime) -> int:
    """Forget all rows and make them from the first entry again; every cell becomes stale.

    Must not be called inside an act. One that ends in the middle is called again; whoever reads
    on meanwhile goes on from the end that the ledger had.

    Returns:
        How many cases there are rows of.
    """
    from qa.measurement.services import storing  # noqa: PLC0415 numpy is loaded where something is measured

    with one_act(durable=True):
        cursor = lock_one(_cursor(now))
        storing.forget_all()
        MetricCell.objects.update(is_stale=True)
        end = tree_size()
        _go_on(cursor, end, now)
    touched = sorted(list_touched(begin=0, end=end))
    for start in range(0, len(touched), _BATCH):
        with one_act(durable=True), _uncollected():
            upto = lock_one(_cursor(now)).next_index
            storing.store(read_cases(cases=touched[start : start + _BATCH], end=upto))
    return MeasuredCase.objects.count()


def _read_window(now: datetime, window: int, *, wait: bool) -> int:
    from qa.measurement.services import storing  # noqa: PLC0415 numpy is loaded where something is measured

    cursor = take_one(_cursor(now), wait=wait)
    if cursor is None:
        return 0
    end = min(tree_size(), cursor.next_index + window)
    read = max(0, end - cursor.next_index)
    if not read:
        return 0
    touched = sorted(list_touched(begin=cursor.next_index, end=end))
    for start in range(0, len(touched), _BATCH):
        found = read_cases(cases=touched[start : start + _BATCH], end=end)
        _touch(*storing.days_stored(found))
        storing.store(found)
        _touch(*storing.days_told(facts for facts, _index in found.values()))
    _go_on(cursor, end, now)
    return read


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave the search for cycles until a stretch is done.

    Folding makes millions of values and no cycle among them; looking through all that lives in
    the process for one, again and again, took a third of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _go_on(cursor: MeasureCursor, end: int, now: datetime) -> None:
    cursor.next_index, cursor.read_at = end, now
    cursor.save(update_fields=["next_index", "read_at"])


def _cursor(now: datetime) -> QuerySet[MeasureCursor]:
    # Begun once; two that begin at once find the same row.
    MeasureCursor.objects.bulk_create([MeasureCursor(pk=1, read_at=now)], ignore_conflicts=True)
    return MeasureCursor.objects.filter(pk=1)


def _touch(days: set[date], customers: set[int]) -> None:
    """Make the cells stale of some days, and those of the customers' resolutions."""
    known = MeasuredCase.objects.filter(customer__in=customers - {0}, resolved_at__isnull=False)
    days = days | {at.date() for at in known.values_list("resolved_at", flat=True) if at}
    weeks = {week for day in days for week in _weeks_around(day)}
    for span in SPANS:
        begins = {week - timedelta(weeks=back) for week in weeks for back in range(span)}
        MetricCell.objects.filter(weeks=span, begin__in=begins, is_stale=False).update(
            is_stale=True
        )


def _weeks_around(day: date) -> set[date]:
    """Return the Mondays whose week a day of UTC is in, in any zone of the world."""
    days = [day + timedelta(days=shift) for shift in (-1, 0, 1)]
    return {one - timedelta(days=one.weekday()) for one in days}
