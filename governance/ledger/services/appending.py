"""Append: the only writer of entries, in the transaction of the act itself."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import structlog
from django.db import connection, transaction

from governance.ledger import envelope
from governance.ledger.entries import ACTOR_LABEL, STREAM_SEALED
from governance.ledger.origins import told_of
from governance.ledger.registry import kinds
from governance.ledger.services import append_rows
from governance.ledger.types import EntryDraft, Json
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.origin import Channel, current_origin

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Pending:
    """An entry that was checked and waits for its place in its stream."""

    actor: Actor
    now: datetime
    draft: EntryDraft
    salt: bytes
    body: bytes


@dataclass(slots=True)
class _Act:
    """The act that runs: what it appended so far, and at which savepoints it began."""

    savepoints: tuple[str, ...]
    pending: list[_Pending] = field(default_factory=list)


_running: ContextVar[_Act | None] = ContextVar("ledger_act", default=None)


@contextmanager
def one_act(*, durable: bool = False) -> Iterator[None]:
    """Run one act in a transaction; its entries are written together, last, before it commits.

    An act within an act joins it: all of it commits or none. The heads of the streams are
    locked last too, and for as short as can be.

    Args:
        durable: Refuse to run inside another transaction.

    Raises:
        RuntimeError: ``durable`` inside an act.
    """
    if _running.get() is not None:
        if durable:
            raise RuntimeError("this act commits by itself and cannot be a part of another")
        with transaction.atomic(savepoint=False):
            yield
        return
    with transaction.atomic(durable=durable):
        act = _Act(_savepoints())
        token = _running.set(act)
        try:
            yield
        finally:
            _running.reset(token)
        if act.pending:
            _write(act.pending)


@contextmanager
def one_part() -> Iterator[None]:
    """Run a part of an act that may fail alone: its rows and its entries go, the act goes on."""
    act = _running.get()
    if act is None:
        with transaction.atomic():
            yield
        return
    before, outside = len(act.pending), act.savepoints
    try:
        with transaction.atomic():
            act.savepoints = _savepoints()
            yield
    except BaseException:
        del act.pending[before:]
        raise
    finally:
        act.savepoints = outside


def append_entry(*, actor: Actor, now: datetime, draft: EntryDraft) -> None:
    """Append one entry to its stream, in the transaction that is open.

    Inside ``one_act`` it is checked at once and written with the others of the act.

    Args:
        actor: Who acted; its label goes into the payload, and so does where this runs from.
        now: When, UTC.
        draft: What is recorded.

    Raises:
        RuntimeError: No transaction is open, or a savepoint other than ``one_part`` was opened
            within the act: rolled back alone, it would leave an entry of what did not happen.
        LookupError: The kind is not registered.
        InvalidInputError: The draft breaks a rule of the envelope or has no canonical form.
    """
    kinds.get(draft.kind)
    envelope.check_draft(draft=draft, actor=actor)
    pending = _Pending(
        actor=actor,
        now=now,
        draft=draft,
        salt=secrets.token_bytes(envelope.SALT_BYTES),
        body=_body(actor, draft.payload),
    )
    act = _running.get()
    if act is None:
        _write([pending])
        return
    if _savepoints() != act.savepoints:
        raise RuntimeError("no entry is appended inside a savepoint of an act")
    act.pending.append(pending)


def seal_stream(*, actor: Actor, now: datetime, draft: EntryDraft) -> None:
    """Append the seal of a stream: how many entries stand before it, and the hash of the last.

    With ``seq`` and ``prev`` of every entry it shows that nothing was left out up to here. A
    stream may go on after its seal and be sealed again.

    Args:
        actor: Who ended what the stream tells of.
        now: When, UTC.
        draft: The stream, and what it is about; its kind is always that of a seal.

    Raises:
        RuntimeError: As ``append_entry``.
        InvalidInputError: The draft breaks a rule of the envelope.
    """
    append_entry(actor=actor, now=now, draft=replace(draft, kind=STREAM_SEALED))


def _savepoints() -> tuple[str, ...]:
    return tuple(name for name in connection.savepoint_ids if name)


def _write(pending: Sequence[_Pending]) -> None:
    heads = append_rows.lock_heads({one.draft.stream for one in pending})
    rows = [_place(one, heads[one.draft.stream]) for one in pending]
    append_rows.write_entries(rows, heads.values())
    if current_origin().channel is not Channel.COMMAND:
        # Told once it stands; whoever runs a command sees what it says of itself.
        transaction.on_commit(partial(_tell, rows), robust=True)


def _tell(rows: Sequence[append_rows.EntryRow]) -> None:
    """Write one line for one act: where each of its entries stands, and nothing of what it says."""
    log.info(
        "ledger.written",
        actor_id=rows[0].actor_id,
        entries=[{"kind": row.kind, "stream": row.stream, "seq": row.seq} for row in rows],
    )


def _place(pending: _Pending, head: append_rows.Head) -> append_rows.EntryRow:
    """Return the entry at the end of its stream, which from then on ends with it."""
    draft, actor = pending.draft, pending.actor
    seq = head.count + 1
    body = _seal_body(pending, head) if draft.kind == STREAM_SEALED else pending.body
    leaf = envelope.encode_envelope(
        envelope.build_envelope(
            draft=draft,
            actor=actor,
            at=rfc3339(pending.now),
            place=envelope.Place(seq=seq, prev=head.head),
            commitment=envelope.commit_payload(salt=pending.salt, body=body),
        )
    )
    head.count, head.head = seq, envelope.hash_leaf(leaf).hex()
    return append_rows.EntryRow(
        stream=draft.stream,
        seq=seq,
        kind=draft.kind,
        at=pending.now,
        actor_kind=str(actor.kind),
        actor_id=actor.id,
        subject_kind=draft.subject_kind,
        subject_id=draft.subject_id,
        leaf=leaf,
        leaf_hash=head.head,
        salt=pending.salt,
        body=body,
    )


def _seal_body(pending: _Pending, head: append_rows.Head) -> bytes:
    """Return what a seal says, which is known only once its place is."""
    sealed = {"count": head.count, "head": head.head}
    return _body(pending.actor, {**pending.draft.payload, **sealed})


def _body(actor: Actor, told: Mapping[str, Json]) -> bytes:
    origin = told_of(current_origin())
    return envelope.encode_payload({ACTOR_LABEL: actor.label, **told, **origin})
