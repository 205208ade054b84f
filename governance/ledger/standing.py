"""How the ledger stands at this moment, in two queries: for the verdict line of its pages."""

from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from governance.ledger.entries import (
    LEDGER_VERIFIED,
    SIGNING_RESUMED,
    SIGNING_STOPPED,
    SYSTEM_STREAM,
)
from governance.ledger.models import Checkpoint, EntryIndex, LedgerEntry
from governance.ledger.selectors import signing_stop_of, verification_of
from governance.ledger.types import Backlog, LedgerStanding

_NEWEST = {"verified": LEDGER_VERIFIED, "stopped": SIGNING_STOPPED, "resumed": SIGNING_RESUMED}


def read_standing() -> LedgerStanding:
    """Return how the ledger stands: its size, its newest signature and what was last verified.

    Each number is one look-up in an index, however long the ledger is.
    """
    checkpoint = _with_numbers(Checkpoint.objects.order_by("-size")).first()
    # Before the first checkpoint there is no row of one to bring the numbers along.
    row = checkpoint or _with_numbers(LedgerEntry.objects.order_by("id")).first()
    if row is None:
        return LedgerStanding()
    signing = max(row.stopped or 0, row.resumed or 0)
    told = LedgerEntry.objects.select_related("payload").filter(pk__in=[row.verified or 0, signing])
    entries = {entry.pk: entry for entry in told}
    return LedgerStanding(
        size=row.tree,
        unread=row.tree - row.read + row.waiting,
        backlog=Backlog(count=row.waiting, oldest_at=row.oldest),
        checkpoint=checkpoint,
        verification=verification_of(entries.get(row.verified)),
        stop=signing_stop_of(entries.get(signing)),
    )


def _with_numbers(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    waiting = LedgerEntry.objects.filter(leaf_index__isnull=True)
    found: QuerySet[Any] = rows.annotate(
        tree=Coalesce(_only(LedgerEntry.objects.all(), Max("leaf_index") + 1), 0),
        waiting=Coalesce(_only(waiting, Count("pk")), 0),
        oldest=_only(waiting, Min("at")),
        read=Coalesce(_only(EntryIndex.objects.all(), Max("next_index")), 0),
        **{name: Subquery(_numbers(kind)[:1]) for name, kind in _NEWEST.items()},
    )
    return found


def _numbers(kind: str) -> "QuerySet[LedgerEntry, int]":
    """Return the numbers of the entries of a kind, the newest first, as far as they still speak."""
    rows = LedgerEntry.objects.filter(kind=kind).order_by("-pk").values_list("pk", flat=True)
    if kind == LEDGER_VERIFIED:
        return rows.filter(stream=SYSTEM_STREAM, payload__isnull=False)
    return rows


def _only(rows: "QuerySet[Any]", value: Any) -> Subquery:
    """Return one aggregate of rows as a column of another row."""
    return Subquery(rows.order_by().values(all=Q()).annotate(one=value).values("one"))
