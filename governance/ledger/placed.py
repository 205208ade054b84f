"""Reads for whoever goes on through the tree by a cursor, window after window."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef

from governance.ledger.entries import CHECKPOINT_PUBLISHED
from governance.ledger.models import LedgerEntry
from orchestra.core.prepared import Prepared

_TOUCHED: Final = Prepared(
    lambda begin, end, kinds: (
        LedgerEntry.objects.filter(leaf_index__gte=begin, leaf_index__lt=end, kind__in=kinds)
        .order_by("leaf_index")
        .values_list("stream", "kind", "at")
    )
)


def list_touched(
    *, begin: int, end: int, of_kinds: Collection[str]
) -> list[tuple[str, str, datetime]]:
    """Return stream, kind and moment of the entries between two places, in order.

    Of the same entries as ``selectors.list_placed``, without what they said.

    Args:
        begin: The first place, from 0.
        end: The place after the last.
        of_kinds: Which kinds; at least one.
    """
    return _TOUCHED.rows(begin, end, sorted(of_kinds))


def is_behind(cursor: str) -> Exists:
    """Return whether entries were placed that a reader has not come to, to annotate its row.

    Args:
        cursor: Column of the row that holds the next place to read.
    """
    return Exists(LedgerEntry.objects.filter(leaf_index__gte=OuterRef(cursor)))


_NEWEST: Final = Prepared(
    lambda: (
        LedgerEntry.objects.filter(leaf_index__isnull=False)
        .order_by("-leaf_index")
        .annotate(has_waiting=Exists(LedgerEntry.objects.filter(leaf_index__isnull=True)))
        .values_list("kind", "has_waiting")[:1]
    )
)


def is_at_rest() -> bool:
    """Return whether every entry has its place and the newest is that of a checkpoint."""
    kind, has_waiting = _NEWEST.first() or ("", True)
    return kind == CHECKPOINT_PUBLISHED and not has_waiting
