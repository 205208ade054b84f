"""What someone who owns the database and holds the signing key can do to a ledger."""

import json
from typing import Any

from django.db.models import F, Max

from governance.ledger import envelope, tree
from governance.ledger.models import (
    Checkpoint,
    EntryPayload,
    LedgerEntry,
    LedgerNode,
    LedgerStream,
)
from governance.ledger.services.signing import sign_checkpoint
from orchestra.core.canonical import canonical_bytes


def rewrite(start: int) -> None:
    """Make another person the actor of an entry, and make all that follows from it agree."""
    LedgerEntry.objects.filter(leaf_index=start).update(actor_id="u-77")
    heads: dict[str, str] = {}
    hashes: list[bytes] = []
    for entry in LedgerEntry.objects.order_by(F("leaf_index").asc(nulls_last=True), "id"):
        hashes.append(_write_again(entry, heads, hashes))
        heads[entry.stream] = hashes[-1].hex()
    for name, head in heads.items():
        LedgerStream.objects.filter(name=name).update(head=head)
    placed = LedgerEntry.objects.filter(leaf_index__isnull=False).count()
    _grow_again(hashes[:placed])
    for signed in Checkpoint.objects.all():
        root = tree.root_of(hashes[: signed.size])
        note = sign_checkpoint(size=signed.size, root=root, now=signed.at)
        Checkpoint.objects.filter(pk=signed.pk).update(root=root.hex(), note=note)


def truncate(size: int) -> None:
    """Cut the ledger off behind so many entries, with every trace of what came later."""
    gone = LedgerEntry.objects.exclude(leaf_index__lt=size)
    EntryPayload.objects.filter(entry__in=gone).delete()
    gone.delete()
    for level in LedgerNode.objects.values_list("level", flat=True).distinct():
        LedgerNode.objects.filter(level=level, index__gte=size >> level).delete()
    Checkpoint.objects.filter(size__gt=size).delete()
    for stream in LedgerStream.objects.all():
        entries = LedgerEntry.objects.filter(stream=stream.name)
        last = entries.aggregate(last=Max("seq"))["last"]
        if last is None:
            stream.delete()
            continue
        head = entries.get(seq=last).leaf_hash
        LedgerStream.objects.filter(pk=stream.pk).update(count=last, head=head)


def _write_again(entry: LedgerEntry, heads: dict[str, str], hashes: list[bytes]) -> bytes:
    leaf = json.loads(bytes(entry.leaf_bytes))
    leaf["prev"] = heads.get(entry.stream, "")
    leaf["actor"]["id"] = entry.actor_id
    if entry.kind == "checkpoint.published":
        leaf["payload"] = _say_root_again(entry, hashes)
    written = canonical_bytes(leaf)
    leaf_hash = envelope.hash_leaf(written)
    rows = LedgerEntry.objects.filter(pk=entry.pk)
    rows.update(leaf_bytes=written, leaf_hash=leaf_hash.hex())
    return leaf_hash


def _say_root_again(entry: LedgerEntry, hashes: list[bytes]) -> str:
    """Let the entry of a checkpoint name the new root, and return the new commitment."""
    stored = EntryPayload.objects.get(pk=entry.pk)
    body: dict[str, Any] = json.loads(bytes(stored.body))
    body["root"] = tree.root_of(hashes[: body["size"]]).hex()
    written = canonical_bytes(body)
    EntryPayload.objects.filter(pk=entry.pk).update(body=written)
    return envelope.commit_payload(salt=bytes(stored.salt), body=written)


def _grow_again(hashes: list[bytes]) -> None:
    edge = tree.RightEdge()
    for leaf_hash in hashes:
        for level, index, node in edge.append(leaf_hash):
            LedgerNode.objects.filter(level=level, index=index).update(hash=node)
