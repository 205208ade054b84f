"""Record that someone read or exported the ledger."""

from datetime import datetime

from governance.ledger.entries import LEDGER_READ, SYSTEM_STREAM
from governance.ledger.services.appending import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor


def record_read(*, actor: Actor, now: datetime, what: str, stream: str = SYSTEM_STREAM) -> None:
    """Append one ``ledger.read`` entry.

    Args:
        actor: Who read.
        now: When, UTC.
        what: What was read, in a few words, such as ``export of case:…``.
        stream: Where the read is recorded: the stream read, or ``system`` for the whole.
    """
    with one_act():
        draft = EntryDraft(stream=stream, kind=LEDGER_READ, payload={"what": what})
        append_entry(actor=actor, now=now, draft=draft)
