"""Builders of ledger entries, and the one way past the append-only guards."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.db import connections, transaction

from governance.ledger import append_only
from governance.ledger.models import LedgerEntry
from governance.ledger.services import append_entry
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, ActorKind

AT = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)
PERSON = Actor(kind=ActorKind.HUMAN, id="u-12", label="Maren Osei", pk=None)


def make_entry(stream: str = "case:c-1", kind: str = "act.refused", **changes: Any) -> LedgerEntry:
    """Append one entry in a transaction of its own."""
    changes.setdefault("payload", {"act": "vote", "message": "no"})
    with transaction.atomic():
        return append_entry(
            actor=PERSON, now=AT, draft=EntryDraft(stream=stream, kind=kind, **changes)
        )


def make_entries(count: int, *, streams: int = 3) -> list[LedgerEntry]:
    """Append entries in turn to a few case streams."""
    return [make_entry(stream=f"case:c-{number % streams}") for number in range(count)]


@contextmanager
def without_guards(using: str = "default") -> Iterator[None]:
    """Take the append-only triggers off a test database for the length of a block."""
    connection = connections[using]
    with connection.schema_editor() as editor:
        append_only.drop_triggers_v1(editor)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            append_only.triggers_v1(editor)
