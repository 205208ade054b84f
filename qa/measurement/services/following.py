"""Read the ledger on from a cursor into the rows of cases.

Whatever an entry touches is read again whole, so a merge, a reopening or a merge taken back
changes the rows of the past as if they had been told so at once. Rows are a function of the
entries up to the cursor, and of nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from governance.ledger.selectors import tree_size
from governance.ledger.services import one_act
from orchestra.core.locking import lock_one
from qa.measurement.coding import to_text
from qa.measurement.facts.types import CaseFacts
from qa.measurement.models import MeasureCursor, MeasuredCase, MetricCell
from qa.measurement.reading import as_uuid, list_touched, read_cases
from qa.measurement.selectors import facts_of

WINDOW: Final = 2000
MOST_WINDOWS: Final = 50
#: Over how many weeks a cell may go.
SPANS: Final = (1, 4)
_BATCH: Final = 500
_COLUMNS: Final = (
    "customer",
    "need",
    "opened_at",
    "resolved_at",
    "closed_at",
    "last_at",
    "left_out",
    "journey",
    "channel",
    "pattern",
    "queue",
    "risk",
    "upto_index",
    "rows",
)


def follow_ledger(*, now: datetime, window: int = WINDOW, most: int = MOST_WINDOWS) -> int:
    """Read on, a window in a transaction; one that ends in the middle goes on there.

    Must not be called inside an act.

    Args:
        now: When, UTC.
        window: How many places one transaction reads over.
        most: How many windows at most.

    Returns:
        Over how many places the cursor went.
    """
    done = 0
    for _turn in range(most):
        with one_act(durable=True):
            read = _read_window(now, window)
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
    with one_act(durable=True):
        cursor = _lock_cursor(now)
        MeasuredCase.objects.all().delete()
        MetricCell.objects.update(is_stale=True)
        end = tree_size()
        _go_on(cursor, end, now)
    touched = sorted(list_touched(begin=0, end=end))
    for start in range(0, len(touched), _BATCH):
        with one_act(durable=True):
            upto = _lock_cursor(now).next_index
            _store(read_cases(cases=touched[start : start + _BATCH], end=upto))
    return MeasuredCase.objects.count()


def _read_window(now: datetime, window: int) -> int:
    cursor = _lock_cursor(now)
    end = min(tree_size(), cursor.next_index + window)
    read = max(0, end - cursor.next_index)
    if not read:
        return 0
    touched = sorted(list_touched(begin=cursor.next_index, end=end))
    for start in range(0, len(touched), _BATCH):
        found = read_cases(cases=touched[start : start + _BATCH], end=end)
        before = MeasuredCase.objects.filter(case__in=[as_uuid(case) for case in found])
        told = [facts_of(row) for row in before] + [facts for facts, _index in found.values()]
        _store(found)
        _touch(told)
    _go_on(cursor, end, now)
    return read


def _go_on(cursor: MeasureCursor, end: int, now: datetime) -> None:
    cursor.next_index, cursor.read_at = end, now
    cursor.save(update_fields=["next_index", "read_at"])


def _lock_cursor(now: datetime) -> MeasureCursor:
    # Begun once; two that begin at once find the same row.
    MeasureCursor.objects.bulk_create([MeasureCursor(pk=1, read_at=now)], ignore_conflicts=True)
    return lock_one(MeasureCursor.objects.filter(pk=1))


def _store(found: Mapping[str, tuple[CaseFacts, int]]) -> None:
    MeasuredCase.objects.bulk_create(
        [_row(facts, index) for facts, index in found.values()],
        update_conflicts=True,
        unique_fields=["case"],
        update_fields=_COLUMNS,
    )


def _row(facts: CaseFacts, index: int) -> MeasuredCase:
    resolved = [one.resolved_at for one in facts.episodes if one.resolved_at is not None]
    return MeasuredCase(
        case=as_uuid(facts.case),
        customer=facts.issue.customer if facts.issue else "",
        need=facts.issue.need if facts.issue else "",
        opened_at=facts.opened_at,
        resolved_at=max(resolved, default=None),
        closed_at=facts.closed_at,
        last_at=max(_moments(facts)),
        left_out=facts.left_out or "",
        journey=facts.of.journey,
        channel=facts.of.channel,
        pattern=facts.of.pattern,
        queue=facts.of.queue,
        risk=facts.of.risk,
        upto_index=index,
        rows=to_text(facts),
    )


def _moments(facts: CaseFacts) -> Iterable[datetime]:
    """Yield every moment at which something of a case is counted."""
    yield facts.opened_at
    yield from (one.resolved_at for one in facts.episodes if one.resolved_at is not None)
    yield from (one.at for one in facts.contacts)
    yield from (one.started_at for one in facts.steps)
    yield from (one.wrapped_at for one in facts.work if one.wrapped_at is not None)
    if facts.closed_at is not None:
        yield facts.closed_at


def _touch(told: Sequence[CaseFacts]) -> None:
    """Make the cells stale that cases are in, and those of the same customers' resolutions."""
    moments = [moment for facts in told for moment in _moments(facts)]
    customers = {facts.issue.customer for facts in told if facts.issue}
    moments += [
        at
        for at in MeasuredCase.objects.filter(customer__in=customers).values_list(
            "resolved_at", flat=True
        )
        if at is not None
    ]
    weeks = {week for at in moments for week in _weeks_around(at)}
    for span in SPANS:
        begins = {week - timedelta(weeks=back) for week in weeks for back in range(span)}
        MetricCell.objects.filter(weeks=span, begin__in=begins, is_stale=False).update(
            is_stale=True
        )


def _weeks_around(at: datetime) -> set[date]:
    """Return the Mondays whose week a moment is in, in any zone of the world."""
    days = [(at + timedelta(days=shift)).date() for shift in (-1, 0, 1)]
    return {day - timedelta(days=day.weekday()) for day in days}
