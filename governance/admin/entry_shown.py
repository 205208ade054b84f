"""One ledger entry opened: words, payload, envelope, and what its hashes say."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.admin.entry_links import Way, named_by, reading_ways
from governance.admin.visit import Visit
from governance.ledger import around, envelope, selectors, tree
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.ledger.origins import origin_words
from governance.ledger.types import DamagedLedgerError
from orchestra.core import words
from orchestra.core.errors import NotFoundError
from orchestra.core.redaction import mask_value
from orchestra.core.together import Reading, all_of

_SHOWN_STEPS = 6
_HEX = 64
_SHOWN_ABOUT = 12


def shown_payload(entry: LedgerEntry, *, unmasked: bool) -> dict[str, Any] | None:
    """Return an entry's payload as it may be shown, or None once it was erased."""
    payload = selectors.payload_of(entry=entry)
    if payload is None or unmasked:
        return payload
    return dict(mask_value(payload))


def describe_entry(entry: LedgerEntry, *, visit: Visit, unmasked: bool) -> Reading[dict[str, Any]]:
    """Come to an entry with everything a reader can check, checked again then.

    Args:
        entry: The entry with its payload at hand.
        visit: Who reads; a place is linked only where they may open it.
        unmasked: Whether personal data is shown as recorded.
    """
    payload = shown_payload(entry, unmasked=unmasked)
    origin = selectors.opened(entry=entry)[1]
    leaf = bytes(entry.leaf_bytes)
    found = yield from all_of(
        {
            "neighbours": around.reading_neighbours(entry=entry),
            "ways": _ways(entry, payload, visit),
            "proof": _proof(entry),
            **({"erasure": around.reading_erasure(entry=entry)} if payload is None else {}),
        }
    )
    (before, after), (ways, about), proof = found["neighbours"], found["ways"], found["proof"]
    erasure = found.get("erasure")
    checks = _checks(entry, leaf, before, after)
    return {
        "key": entry.pk,
        "index": entry.leaf_index,
        "kind": entry.kind,
        "at": entry.at,
        "actor_kind": entry.actor_kind,
        "stream": entry.stream,
        "seq": entry.seq,
        "sentence": _sentence(entry, payload),
        "payload": []
        if not payload
        else [
            {"name": name, "value": item, "digest": isinstance(item, str) and len(item) == _HEX}
            for name, item in words.leaves(payload)
        ],
        "origin": origin_words(origin, unmasked=unmasked),
        "erased": payload is None,
        "erased_at": erasure.at if erasure else None,
        "bytes": len(leaf),
        "raw": leaf.decode("utf-8", errors="replace"),
        "envelope": _envelope(leaf, _notes(entry, ways)),
        "hash": entry.leaf_hash,
        "checks": checks,
        "proof": proof,
        "holds": all(check["ok"] for check in checks) and (proof is None or proof["ok"]),
        "link": entry_link(entry),
        "before_link": entry_link(before) if before else "",
        "after_link": entry_link(after) if after else "",
        "ways": ways,
        **_about(entry, about, unmasked=unmasked),
    }


def reading_of(entry: LedgerEntry, *, unmasked: bool) -> str:
    """Return in words what was read, for the entry that records the reading."""
    place = entry.leaf_index if entry.leaf_index is not None else entry.pk
    if unmasked:
        return _("entry %(place)s with its payload, unmasked") % {"place": place}
    return _("entry %(place)s with its payload") % {"place": place}


def entry_link(entry: LedgerEntry) -> str:
    """Return the address of the page of one entry: its stream and its place there."""
    return reverse("admin:ledger_entry", args=[entry.stream, entry.seq])


def _sentence(entry: LedgerEntry, payload: dict[str, Any] | None) -> str:
    return words.with_clock(selectors.entry_sentence(entry=entry, payload=payload))


def _ways(
    entry: LedgerEntry, payload: dict[str, Any] | None, visit: Visit
) -> Reading[tuple[Sequence[Way], list[LedgerEntry]]]:
    """Come to what an entry names, and the first entries about any of it."""
    ways = yield from reading_ways(visit, named_by(entry, payload))
    ids = {entry.subject_id, *(way.subject_id for way in ways)}
    return ways, (yield from around.reading_about(subject_ids=ids, most=_SHOWN_ABOUT + 1))


def _about(entry: LedgerEntry, found: Sequence[LedgerEntry], *, unmasked: bool) -> dict[str, Any]:
    """Return the other entries of the same matter, and where all of one subject are."""
    query = urlencode({"subject": entry.subject_id})
    return {
        "about": [
            {
                "at": each.at,
                "actor_kind": each.actor_kind,
                "sentence": _sentence(each, shown_payload(each, unmasked=unmasked)),
                "link": entry_link(each) if each.pk != entry.pk else "",
            }
            for each in found[:_SHOWN_ABOUT]
        ]
        if len(found) > 1
        else [],
        "about_link": f"{reverse('admin:ledger')}?{query}" if entry.subject_id else "",
        "has_more_about": len(found) > _SHOWN_ABOUT,
    }


def _notes(entry: LedgerEntry, ways: Sequence[Way]) -> dict[str, str]:
    """Return what fields of the envelope mean, by name."""
    notes = {way.field: way.title for way in reversed(ways) if way.field}
    notes["at"] = "UTC"
    notes["payload"] = _("commitment")
    notes["seq"] = _("place in its stream")
    if entry.seq > 1:
        notes["prev"] = _("entry %(seq)d of its stream") % {"seq": entry.seq - 1}
    return notes


def _envelope(leaf: bytes, notes: Mapping[str, str]) -> list[dict[str, Any]]:
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
            "note": notes.get(name, ""),
        }
        for name, item in value.items()
    ]


def _checks(
    entry: LedgerEntry, leaf: bytes, before: LedgerEntry | None, after: LedgerEntry | None
) -> list[dict[str, Any]]:
    found = envelope.hash_leaf(leaf).hex()
    return [
        _payload_check(entry, leaf),
        {
            "ok": found == entry.leaf_hash,
            "text": _("Leaf hash") if found == entry.leaf_hash else _("Leaf hash differs"),
            "digest": found,
        },
        _before_check(entry, leaf, before),
        *([_after_check(entry, after)] if after else []),
    ]


def _payload_check(entry: LedgerEntry, leaf: bytes) -> dict[str, Any]:
    try:
        stored = entry.payload
    except EntryPayload.DoesNotExist:
        return {"ok": True, "text": _("Payload erased on request; its commitment stays")}
    promised = _field(leaf, "payload")
    found = envelope.commit_payload(salt=bytes(stored.salt), body=bytes(stored.body))
    ok = found == promised
    return {
        "ok": ok,
        "text": _("Payload matches its commitment")
        if ok
        else _("Payload does not match its commitment"),
    }


def _before_check(entry: LedgerEntry, leaf: bytes, before: LedgerEntry | None) -> dict[str, Any]:
    if entry.seq == 1:
        return {"ok": before is None, "text": _("First entry of its stream")}
    seq = entry.seq - 1
    if before is None:
        return {"ok": False, "text": _("Entry %(seq)d of its stream is not here") % {"seq": seq}}
    ok = _field(leaf, "prev") == before.leaf_hash
    text = (
        _("Follows entry %(seq)d of its stream")
        if ok
        else _("Does not follow entry %(seq)d of its stream")
    )
    return {"ok": ok, "text": text % {"seq": seq}, "link": entry_link(before)}


def _after_check(entry: LedgerEntry, after: LedgerEntry) -> dict[str, Any]:
    ok = _field(bytes(after.leaf_bytes), "prev") == entry.leaf_hash
    text = _("Precedes entry %(seq)d") if ok else _("Entry %(seq)d does not follow it")
    return {"ok": ok, "text": text % {"seq": after.seq}, "link": entry_link(after)}


def _field(leaf: bytes, name: str) -> str:
    """Return one field of an envelope; empty where there is none or it cannot be read."""
    try:
        return str(json.loads(leaf).get(name, ""))
    except ValueError:
        return ""


def _proof(entry: LedgerEntry) -> Reading[dict[str, Any] | None]:
    """Come to the path to the newest signed root that holds the entry, checked here."""
    newest = yield from all_of(
        {
            "checkpoint": selectors.reading_latest_checkpoint(),
            "entries": selectors.reading_tree_size(),
        }
    )
    checkpoint = newest["checkpoint"]
    if checkpoint is None or entry.leaf_index is None or entry.leaf_index >= checkpoint.size:
        return None
    try:
        proof = yield from selectors.reading_inclusion(
            index=entry.leaf_index, size=checkpoint.size, entries=newest["entries"]
        )
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
    file_link = reverse("admin:ledger_proof_file", args=[entry.leaf_index])
    return {
        "ok": ok,
        "file_link": file_link if ok else "",
        "size": checkpoint.size,
        "root": checkpoint.root,
        "count": len(steps),
        "steps": steps[:_SHOWN_STEPS],
        "more": max(0, len(steps) - _SHOWN_STEPS),
    }
