"""Builders of ledger entries, and the one way past the append-only guards."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from governance.ledger import append_only
from governance.ledger.models import LedgerEntry
from governance.ledger.services import append_entry
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, ActorKind

AT = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)
PERSON = Actor(kind=ActorKind.HUMAN, id="u-12", label="Maren Osei", pk=None)


def append_statements() -> list[str]:
    """Return the statements of an append to streams that stand: head, entries, payloads, heads."""
    if connection.vendor == "postgresql":
        return ["SELECT", "WITH"]
    return ["SELECT", "INSERT", "INSERT", "UPDATE"]


def spared(*, acts: int = 1) -> int:
    """Return how many statements fewer so many acts on one stream cost on PostgreSQL."""
    return acts * (4 - len(append_statements()))


def make_entry(stream: str = "case:c-1", kind: str = "act.refused", **changes: Any) -> LedgerEntry:
    """Append one entry in a transaction of its own."""
    changes.setdefault("payload", {"act": "vote", "message": "no"})
    with transaction.atomic():
        append_entry(actor=PERSON, now=AT, draft=EntryDraft(stream=stream, kind=kind, **changes))
    return LedgerEntry.objects.latest("id")


def make_entries(count: int, *, streams: int = 3) -> list[LedgerEntry]:
    """Append entries in turn to a few case streams."""
    return [make_entry(stream=f"case:c-{number % streams}") for number in range(count)]


@contextmanager
def without_guards() -> Iterator[None]:
    """Take the append-only triggers off the test database for the length of a block."""
    if append_only.missing_guards(connection):
        # Already off: an outer block puts them back.
        yield
        return
    # The editor is not entered, so that this also works within a test's transaction.
    editor = connection.schema_editor()
    _settle_constraints()
    append_only.drop_guards(editor)
    try:
        yield
    finally:
        _settle_constraints()
        append_only.make_guards(editor)


def _settle_constraints() -> None:
    """Run deferred checks now: PostgreSQL alters no table that still awaits some."""
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
