"""Erase payloads with their salts, under an entry in each stream that says so.

What the index read out of them goes too, and so do saved searches that name whom it is about.
"""

from datetime import datetime

from django.db import transaction

from governance.ledger.entries import SUBJECT_ERASED
from governance.ledger.erasable import Reach, list_erasable
from governance.ledger.models import EntryPayload
from governance.ledger.saved import list_mentioning
from governance.ledger.services.appending import append_entry
from governance.ledger.services.indexing import forget_facts, hold_index
from governance.ledger.types import EntryDraft, Json
from orchestra.core.actors import Actor


def erase_payloads(
    *, actor: Actor, now: datetime, reach: Reach, told: dict[str, Json], subject: tuple[str, str]
) -> int:
    """Delete the payloads within reach; every proof goes on holding.

    To be called in a transaction that is no ``one_act``: the database lets a payload go only
    beside the entry that records it, so that entry is written first and not at the end.

    Args:
        actor: Who erases.
        now: When, UTC.
        reach: Which payloads.
        told: ``reason``, ``reference`` and the like, for the entries; no personal data.
        subject: Kind and public id of whose data it is.

    Returns:
        How many were deleted.

    Raises:
        RuntimeError: No transaction is open.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("payloads are erased inside a transaction only")
    # Held to the end, so that no worker writes words of a payload that is going.
    hold_index()
    list_mentioning(texts=reach.texts).delete()
    doomed = list(list_erasable(reach).values_list("pk", "entry__stream"))
    counts: dict[str, int] = {}
    for _pk, stream in doomed:
        counts[stream] = counts.get(stream, 0) + 1
    for stream in sorted(counts):
        draft = EntryDraft(
            stream=stream,
            kind=SUBJECT_ERASED,
            payload={**told, "count": counts[stream]},
            subject_kind=subject[0],
            subject_id=subject[1],
        )
        append_entry(actor=actor, now=now, draft=draft)
    keys = [pk for pk, _stream in doomed]
    for begin in range(0, len(keys), 500):
        chunk = keys[begin : begin + 500]
        forget_facts(chunk)
        EntryPayload.objects.filter(pk__in=chunk).delete()
    return len(doomed)
