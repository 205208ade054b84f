"""Append: the only writer of entries, in the transaction of the act itself."""

import secrets
from datetime import datetime

from governance.ledger import envelope
from governance.ledger.entries import ACTOR_LABEL
from governance.ledger.models import EntryPayload, LedgerEntry, LedgerStream
from governance.ledger.registry import kinds
from governance.ledger.types import EntryDraft
from orchestra.core import locking
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339


def append_entry(*, actor: Actor, now: datetime, draft: EntryDraft) -> LedgerEntry:
    """Append one entry to its stream, in the transaction that is open.

    Args:
        actor: Who acted; its label goes into the payload as ``actor_label``.
        now: When, UTC.
        draft: What is recorded.

    Returns:
        The stored entry; its place in the tree is still empty.

    Raises:
        RuntimeError: No transaction is open.
        LookupError: The kind is not registered.
        InvalidInputError: The draft breaks a rule of the envelope or has no canonical form.
    """
    kinds.get(draft.kind)
    body = envelope.encode_payload({ACTOR_LABEL: actor.label, **draft.payload})
    salt = secrets.token_bytes(envelope.SALT_BYTES)
    head = _lock_head(draft.stream)
    place = envelope.Place(seq=head.count + 1, prev=head.head)
    leaf = envelope.encode_envelope(
        envelope.build_envelope(
            draft=draft,
            actor=actor,
            at=rfc3339(now),
            place=place,
            commitment=envelope.commit_payload(salt=salt, body=body),
        )
    )
    entry = LedgerEntry.objects.create(
        stream=draft.stream,
        seq=place.seq,
        kind=draft.kind,
        at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        subject_kind=draft.subject_kind,
        subject_id=draft.subject_id,
        leaf_bytes=leaf,
        leaf_hash=envelope.hash_leaf(leaf).hex(),
    )
    EntryPayload.objects.create(entry=entry, salt=salt, body=body)
    LedgerStream.objects.filter(pk=head.pk).update(count=entry.seq, head=entry.leaf_hash)
    return entry


def _lock_head(stream: str) -> LedgerStream:
    named = LedgerStream.objects.filter(name=stream)
    heads = locking.lock(named)
    if heads:
        return heads[0]
    # Two first entries may race for the head: one insert wins, both then wait for its lock.
    LedgerStream.objects.bulk_create([LedgerStream(name=stream)], ignore_conflicts=True)
    return locking.lock_one(named)
