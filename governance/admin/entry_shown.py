"""One ledger entry opened: words, payload, envelope, and what its hashes say."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from governance.ledger import envelope, selectors, tree
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.ledger.types import DamagedLedgerError
from orchestra.core import words
from orchestra.core.errors import NotFoundError
from orchestra.core.redaction import mask_value

_SHOWN_STEPS = 6
_HEX = 64


def shown_payload(entry: LedgerEntry, *, unmasked: bool) -> dict[str, Any] | None:
    """Return an entry's payload as it may be shown, or None once it was erased."""
    payload = selectors.payload_of(entry=entry)
    if payload is None or unmasked:
        return payload
    return dict(mask_value(payload))


def describe_entry(entry: LedgerEntry, *, unmasked: bool) -> dict[str, Any]:
    """Return an entry with everything a reader can check, checked again now.

    Args:
        entry: The entry with its payload at hand.
        unmasked: Whether personal data is shown as recorded.
    """
    payload = shown_payload(entry, unmasked=unmasked)
    leaf = bytes(entry.leaf_bytes)
    return {
        "key": entry.pk,
        "index": entry.leaf_index,
        "kind": entry.kind,
        "at": entry.at,
        "actor_kind": entry.actor_kind,
        "stream": entry.stream,
        "seq": entry.seq,
        "sentence": words.with_clock(selectors.entry_sentence(entry=entry, payload=payload)),
        "payload": [] if payload is None else list(_flat(payload)),
        "erased": payload is None,
        "bytes": len(leaf),
        "raw": leaf.decode("utf-8", errors="replace"),
        "envelope": _envelope(leaf),
        "checks": _checks(entry, leaf),
        "proof": _proof(entry),
    }


def _envelope(leaf: bytes) -> list[dict[str, Any]]:
    try:
        value = json.loads(leaf)
    except ValueError:
        return []
    return [
        {
            "name": name,
            "value": item,
            "digest": isinstance(item, str) and len(item) == _HEX,
            "text": " ".join(str(part) for part in item.values())
            if isinstance(item, Mapping)
            else str(item),
        }
        for name, item in value.items()
    ]


def _flat(payload: Mapping[str, Any], prefix: str = "") -> Any:
    for name, value in payload.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{path}.")
        else:
            yield {
                "name": words.plain(path),
                "value": value,
                "digest": isinstance(value, str) and len(value) == _HEX,
            }


def _checks(entry: LedgerEntry, leaf: bytes) -> list[dict[str, Any]]:
    found = envelope.hash_leaf(leaf).hex()
    return [
        {
            "ok": found == entry.leaf_hash,
            "text": _("Leaf hash") if found == entry.leaf_hash else _("Leaf hash differs"),
            "digest": found,
        },
        _payload_check(entry, leaf),
        _chain_check(entry, leaf),
    ]


def _payload_check(entry: LedgerEntry, leaf: bytes) -> dict[str, Any]:
    try:
        stored = entry.payload
    except EntryPayload.DoesNotExist:
        return {"ok": True, "text": _("Payload erased on request; its commitment stays")}
    promised = json.loads(leaf).get("payload", "")
    found = envelope.commit_payload(salt=bytes(stored.salt), body=bytes(stored.body))
    ok = found == promised
    return {
        "ok": ok,
        "text": _("Payload matches its commitment")
        if ok
        else _("Payload does not match its commitment"),
    }


def _chain_check(entry: LedgerEntry, leaf: bytes) -> dict[str, Any]:
    before = (
        LedgerEntry.objects.filter(stream=entry.stream, seq=entry.seq - 1)
        .values_list("leaf_hash", flat=True)
        .first()
    )
    if entry.seq == 1:
        return {"ok": before is None, "text": _("First entry of its stream")}
    ok = json.loads(leaf).get("prev", "") == before
    return {
        "ok": ok,
        "text": (
            _("Follows entry %(seq)d of its stream")
            if ok
            else _("Does not follow entry %(seq)d of its stream")
        )
        % {"seq": entry.seq - 1},
    }


def _proof(entry: LedgerEntry) -> dict[str, Any] | None:
    """Return the path to the newest signed root that holds the entry, checked here."""
    checkpoint = selectors.latest_checkpoint()
    if checkpoint is None or entry.leaf_index is None or entry.leaf_index >= checkpoint.size:
        return None
    try:
        proof = selectors.inclusion_proof(index=entry.leaf_index, size=checkpoint.size)
    except (NotFoundError, DamagedLedgerError) as error:
        return {"ok": False, "problem": error.message, "steps": [], "size": checkpoint.size}
    ok = proof.root.hex() == checkpoint.root and tree.verify_inclusion(
        index=proof.index,
        size=proof.size,
        leaf_hash=proof.leaf_hash,
        proof=proof.hashes,
        root=proof.root,
    )
    steps = [{"level": level, "hash": node.hex()} for level, node in enumerate(proof.hashes)]
    return {
        "ok": ok,
        "size": checkpoint.size,
        "root": checkpoint.root,
        "count": len(steps),
        "steps": steps[:_SHOWN_STEPS],
        "more": max(0, len(steps) - _SHOWN_STEPS),
    }
