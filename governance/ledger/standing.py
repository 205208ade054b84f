"""How the ledger stands at this moment, in one query: for the verdict line of its pages."""

import json
from datetime import datetime
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
from governance.ledger.types import Backlog, LedgerStanding, SigningStop, Verification
from orchestra.core.together import Reading, answer, read

#: A column of bytes: SQLite's driver and PostgreSQL's answer with different types.
Bytes = bytes | memoryview

#: Acts of which the newest is told, and those of which it matters which is newer.
_TOLD = {"verified": LEDGER_VERIFIED, "stopped": SIGNING_STOPPED}
_NUMBERED = {"stopped": SIGNING_STOPPED, "resumed": SIGNING_RESUMED}


def read_standing() -> LedgerStanding:
    """Return how the ledger stands: its size, its newest signature and what was last verified.

    Each number is one look-up in an index, however long the ledger is.
    """
    return answer(reading_standing())


def reading_standing() -> Reading[LedgerStanding]:
    """Come to how the ledger stands, as ``read_standing`` returns it."""
    found = yield from read(_with_numbers(Checkpoint.objects.order_by("-size"))[:1])
    checkpoint = found[0] if found else None
    if checkpoint is None:
        # Before the first checkpoint there is no row of one to bring the numbers along.
        found = yield from read(_with_numbers(LedgerEntry.objects.order_by("id"))[:1])
    if not found:
        return LedgerStanding()
    row = found[0]
    signing_stopped = (row.stopped or 0) > (row.resumed or 0)
    return LedgerStanding(
        size=row.tree,
        unread=row.tree - row.read + row.waiting,
        backlog=Backlog(count=row.waiting, oldest_at=row.oldest),
        checkpoint=checkpoint,
        verification=read_verification(row.verified_at, row.verified_body),
        stop=read_signing_stop(row.stopped_at, row.stopped_body) if signing_stopped else None,
    )


def read_signing_stop(at: datetime, body: Bytes | None) -> SigningStop:
    """Return why nothing is signed, as the entry of a moment says that stopped it.

    Args:
        at: When it was recorded.
        body: Its payload as stored; None once it was erased.
    """
    payload = json.loads(bytes(body)) if body is not None else {}
    return SigningStop(
        at=at,
        code=payload.get("code", ""),
        message=payload.get("message", ""),
        data=payload.get("data", {}),
    )


def read_verification(at: datetime | None, body: Bytes | None) -> Verification | None:
    """Return the result that an entry on a verification stored.

    Args:
        at: When it was recorded; None where there is no such entry.
        body: Its payload as stored; None once it was erased.
    """
    if at is None or body is None:
        return None
    payload = json.loads(bytes(body))
    return Verification(
        at=at,
        size=payload["size"],
        ok=payload["ok"],
        seconds=payload["seconds"],
        problems=payload["problems"],
        findings=tuple(payload.get("findings", ())),
        guards_missing=tuple(payload.get("guards_missing", ())),
        outside=payload.get("outside", ""),
        first=payload.get("first", 0),
        checkpoint_size=payload.get("checkpoint_size", 0),
        checkpoint_root=payload.get("checkpoint_root", ""),
    )


def _with_numbers(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    waiting = LedgerEntry.objects.filter(leaf_index__isnull=True)
    found: QuerySet[Any] = rows.annotate(
        tree=Coalesce(_only(LedgerEntry.objects.all(), Max("leaf_index") + 1), 0),
        waiting=Coalesce(_only(waiting, Count("pk")), 0),
        oldest=_only(waiting, Min("at")),
        read=Coalesce(_only(EntryIndex.objects.all(), Max("next_index")), 0),
        **{name: _newest(kind, "pk") for name, kind in _NUMBERED.items()},
        **{f"{name}_at": _newest(kind, "at") for name, kind in _TOLD.items()},
        **{f"{name}_body": _newest(kind, "payload__body") for name, kind in _TOLD.items()},
    )
    return found


def _newest(kind: str, column: str) -> Subquery:
    """Return a column of the newest entry of a kind that still speaks."""
    rows = LedgerEntry.objects.filter(kind=kind).order_by("-pk")
    if kind == LEDGER_VERIFIED:
        rows = rows.filter(stream=SYSTEM_STREAM, payload__isnull=False)
    return Subquery(rows.values(column)[:1])


def _only(rows: "QuerySet[Any]", value: Any) -> Subquery:
    """Return one aggregate of rows as a column of another row."""
    return Subquery(rows.order_by().values(all=Q()).annotate(one=value).values("one"))
