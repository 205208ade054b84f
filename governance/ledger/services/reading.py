"""Record that someone read or exported the ledger."""

from datetime import datetime

from django.db import transaction

from governance.ledger.entries import LEDGER_READ, SYSTEM_STREAM
from governance.ledger.models import LedgerEntry
from governance.ledger.services.appending import append_entry
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor


def record_read(
    *, actor: Actor, now: datetime, what: str, stream: str = SYSTEM_STREAM
) -> LedgerEntry:
    """Append one ``ledger.read`` entry.

    Args:
        actor: Who read.
        now: When, UTC.
        what: What was read, in a few words, such as ``export of case:…``.
        stream: Where the read is recorded: the stream read, or ``system`` for the whole.
    """
    with transaction.atomic():
        draft = EntryDraft(stream=stream, kind=LEDGER_READ, payload={"what": what})
        return append_entry(actor=actor, now=now, draft=draft)
