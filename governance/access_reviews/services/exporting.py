"""Record that who can do what was taken out of the system."""

from datetime import datetime

from governance.access_reviews import entries
from governance.ledger import services as ledger
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor


@ledger.one_act()
def record_export(*, actor: Actor, now: datetime, what: str) -> None:
    """Append one ``access.exported`` entry.

    Args:
        actor: Who took it.
        now: When, UTC.
        what: What was taken, in a few words.
    """
    draft = EntryDraft(stream=SYSTEM_STREAM, kind=entries.EXPORTED, payload={"what": what})
    ledger.append_entry(actor=actor, now=now, draft=draft)
