"""What stands around one entry: its neighbours, what else is about the same, its erasure."""

from collections.abc import Collection

from governance.ledger.entries import SUBJECT_ERASED
from governance.ledger.models import LedgerEntry
from orchestra.core.together import Reading, read


def find_in_stream(*, stream: str, seq: int) -> LedgerEntry | None:
    """Return the entry at a place of a stream with its payload, or None."""
    rows = LedgerEntry.objects.select_related("payload")
    return rows.filter(stream=stream, seq=seq).first()


def reading_neighbours(
    *, entry: LedgerEntry
) -> Reading[tuple[LedgerEntry | None, LedgerEntry | None]]:
    """Come to the entries right before and after one in its stream, None where there is none."""
    rows = LedgerEntry.objects.filter(stream=entry.stream, seq__in=[entry.seq - 1, entry.seq + 1])
    by_place = {row.seq: row for row in (yield from read(rows))}
    return by_place.get(entry.seq - 1), by_place.get(entry.seq + 1)


def reading_about(*, subject_ids: Collection[str], most: int) -> Reading[list[LedgerEntry]]:
    """Come to the first entries about some subjects with their payloads, in order.

    Args:
        subject_ids: Public ids; empty texts name nothing.
        most: How many at most.
    """
    wanted = [each for each in subject_ids if each]
    if not wanted:
        return []
    rows = LedgerEntry.objects.select_related("payload").filter(subject_id__in=wanted)
    return (yield from read(rows.order_by("id")[:most]))


def reading_erasure(*, entry: LedgerEntry) -> Reading[LedgerEntry | None]:
    """Come to the entry under which the payload of one was erased, or None.

    The first erasure of the stream since the entry came took its payload along, as it takes
    everything within reach at once.
    """
    rows = LedgerEntry.objects.filter(stream=entry.stream, kind=SUBJECT_ERASED, seq__gt=entry.seq)
    return next(iter((yield from read(rows.order_by("seq")[:1]))), None)
