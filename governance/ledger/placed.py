"""Reads for whoever goes on through the tree by a cursor, window after window."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

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
