"""Nine kinds of change to a stored ledger, and what a verification must then say.

Each is made in the database by someone who owns it: the triggers are off, the signing key is
not in their hands. Each returns findings of which at least one set must come.
"""

import random
from collections.abc import Callable
from typing import Any

from governance.ledger import envelope
from governance.ledger.models import (
    Checkpoint,
    EntryPayload,
    LedgerEntry,
    LedgerNode,
    LedgerStream,
)
from governance.ledger.types import ProblemKind

K = ProblemKind
Expected = set[tuple[ProblemKind, str]]


def bit_flip(entry: LedgerEntry, rng: random.Random) -> Expected:
    """One bit of the record."""
    LedgerEntry.objects.filter(pk=entry.pk).update(leaf_bytes=_flipped(entry.leaf_bytes, rng))
    return {(K.LEAF_ALTERED, _place(entry))}


def delete(entry: LedgerEntry, rng: random.Random) -> Expected:
    """The entry is gone with its payload."""
    del rng
    EntryPayload.objects.filter(pk=entry.pk).delete()
    LedgerEntry.objects.filter(pk=entry.pk).delete()
    return {(K.ENTRY_MISSING, _place(entry))}


def swap(entry: LedgerEntry, rng: random.Random) -> Expected:
    """Two entries trade their places in the tree."""
    first = _index(entry)
    second = first + rng.choice([1, 2, 3])
    entries = LedgerEntry.objects
    entries.filter(leaf_index=first).update(leaf_index=10**9)
    entries.filter(leaf_index=second).update(leaf_index=first)
    entries.filter(leaf_index=10**9).update(leaf_index=second)
    return {(K.NODE_DIFFERS, f"node 1/{index >> 1}") for index in (first, second)}


def duplicate(entry: LedgerEntry, rng: random.Random) -> Expected:
    """The entry stands once more, at the end of its stream."""
    del rng
    head = LedgerStream.objects.get(name=entry.stream)
    leaf_hash = entry.leaf_hash.upper()
    _insert(entry, seq=head.count + 1, leaf=bytes(entry.leaf_bytes), leaf_hash=leaf_hash)
    place = _last_place()
    return {(K.LEAF_ALTERED, place), (K.COLUMN_ALTERED, place)}


def insert(entry: LedgerEntry, rng: random.Random) -> Expected:
    """An act that never was, well-formed, behind another entry than the last."""
    head = LedgerStream.objects.get(name=entry.stream)
    if head.head == entry.leaf_hash:
        # Behind the last it would follow the chain; it follows none there under a wrong number.
        head.count += 1
    seq = head.count + 1
    leaf = (
        bytes(entry.leaf_bytes)
        .replace(f'"seq":{entry.seq},'.encode(), f'"seq":{seq},'.encode())
        .replace(b'"id":"u-12"', b'"id":"u-%d"' % rng.randint(100, 999))
    )
    forged = _insert(entry, seq=seq, leaf=leaf, leaf_hash=envelope.hash_leaf(leaf).hex())
    LedgerStream.objects.filter(pk=head.pk).update(count=seq, head=forged.leaf_hash)
    return {(K.STREAM_BROKEN, _last_place())}


def renumber(entry: LedgerEntry, rng: random.Random) -> Expected:
    """The entry has another number in its stream: in the column, or in the record as well."""
    other = entry.seq + rng.randint(10_000, 99_999)
    rows = LedgerEntry.objects.filter(pk=entry.pk)
    if rng.random() < 0.5:
        rows.update(seq=other)
        return {(K.COLUMN_ALTERED, _place(entry)), (K.STREAM_BROKEN, _place(entry))}
    leaf = bytes(entry.leaf_bytes).replace(
        f'"seq":{entry.seq},'.encode(), f'"seq":{other},'.encode()
    )
    rows.update(seq=other, leaf_bytes=leaf, leaf_hash=envelope.hash_leaf(leaf).hex())
    return {
        (K.STREAM_BROKEN, _place(entry)),
        (K.NODE_DIFFERS, f"node 1/{_index(entry) >> 1}"),
    }


def payload(entry: LedgerEntry, rng: random.Random) -> Expected:
    """What the entry says in words, or its salt, is another; or it is gone without erasure."""
    rows = EntryPayload.objects.filter(pk=entry.pk)
    stored = rows.get()
    way = rng.randrange(3)
    if way == 0:
        rows.update(body=_flipped(stored.body, rng))
    elif way == 1:
        rows.update(salt=_flipped(stored.salt, rng))
    else:
        rows.delete()
        return {(K.PAYLOAD_MISSING, f"{entry.stream}#{entry.seq}")}
    return {(K.PAYLOAD_ALTERED, _place(entry))}


def node(entry: LedgerEntry, rng: random.Random) -> Expected:
    """A node of the tree over the entry is another, or gone."""
    index = _index(entry)
    level = rng.randint(1, (_size() ^ index).bit_length() - 1)
    rows = LedgerNode.objects.filter(level=level, index=index >> level)
    name = f"node {level}/{index >> level}"
    if rng.random() < 0.5:
        rows.delete()
        return {(K.NODE_MISSING, name)}
    rows.update(hash=_flipped(rows.get().hash, rng))
    return {(K.NODE_DIFFERS, name)}


def checkpoint(entry: LedgerEntry, rng: random.Random) -> Expected:
    """The first checkpoint over the entry says something else, or is gone."""
    signed = Checkpoint.objects.filter(size__gt=_index(entry)).order_by("size")[0]
    rows = Checkpoint.objects.filter(pk=signed.pk)
    name = f"checkpoint {signed.size}"
    way = rng.randrange(4)
    if way == 0:
        rows.update(root=_flipped(bytes.fromhex(signed.root), rng).hex())
        return {(K.CHECKPOINT_ALTERED, name), (K.CHECKPOINT_DIFFERS, name)}
    if way == 1:
        lines = signed.note.split("\n")
        lines[1] = str(signed.size + 1)
        rows.update(note="\n".join(lines))
        return {(K.CHECKPOINT_ALTERED, name)}
    if way == 2:
        other = 10**6 + signed.size
        rows.update(size=other)
        return {(K.CHECKPOINT_ALTERED, f"checkpoint {other}"), (K.TRUNCATED, f"checkpoint {other}")}
    rows.delete()
    return {(K.CHECKPOINT_MISSING, name)}


KINDS: tuple[Callable[[LedgerEntry, random.Random], Expected], ...] = (
    bit_flip,
    delete,
    swap,
    duplicate,
    insert,
    renumber,
    payload,
    node,
    checkpoint,
)


def _index(entry: LedgerEntry) -> int:
    assert entry.leaf_index is not None
    return entry.leaf_index


def _size() -> int:
    placed = LedgerEntry.objects.filter(leaf_index__isnull=False)
    return placed.order_by("-leaf_index").values_list("leaf_index", flat=True)[0] + 1


def _place(entry: LedgerEntry) -> str:
    return f"entry {entry.leaf_index}"


def _last_place() -> str:
    """Where the sequencer will put the entry that was written last."""
    return f"entry {LedgerEntry.objects.count() - 1}"


def _flipped(data: Any, rng: random.Random) -> bytes:
    changed = bytearray(bytes(data))
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _insert(entry: LedgerEntry, *, seq: int, leaf: bytes, leaf_hash: str) -> LedgerEntry:
    columns = {
        field.attname: getattr(entry, field.attname)
        for field in LedgerEntry._meta.concrete_fields
        if field.name not in {"id", "leaf_index"}
    }
    columns.update(seq=seq, leaf_bytes=leaf, leaf_hash=leaf_hash)
    forged = LedgerEntry.objects.create(**columns)
    stored = EntryPayload.objects.get(pk=entry.pk)
    EntryPayload.objects.create(entry=forged, salt=stored.salt, body=stored.body)
    return forged
