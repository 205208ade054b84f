"""The lines of a pack, one way to write each; what they mean is the verifier's to say."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from governance.evidence import leaving_out
from governance.evidence.types import FieldGroup, Gap, Withheld
from governance.evidence.verifier.verifier import csv_row, dump, mark
from governance.ledger.packs import PackRow
from governance.ledger.statements import Standing

Json = Any

#: Files written entry by entry; the others are written at the end.
GROWING = ("entries.jsonl", "payloads.jsonl", "redactions.jsonl", "index.csv")


def b64(data: bytes) -> str:
    """Return standard base64."""
    return b64encode(data).decode("ascii")


def line(value: Mapping[str, Json]) -> bytes:
    """Return an object as a line of its own."""
    return f"{dump(value)}\n".encode()


def checked(value: Mapping[str, Json]) -> bytes:
    """Return an object as a line with a check of its own, for what no proof covers."""
    return line({**value, "check": mark(dump(value).encode())})


def withheld_because(
    row: PackRow, *, chosen: bool, readable: bool, leave_out: frozenset[FieldGroup]
) -> tuple[Withheld | None, list[str], Json]:
    """Return why a payload stays out, which fields made it so, and what is shown instead.

    Args:
        row: The entry.
        chosen: Whether it is in the scope, and not only there to cover a period.
        readable: Whether the requester may see the payload.
        leave_out: What was chosen to be left out.
    """
    if row.body is None or row.salt is None:
        return Withheld.ERASED, [], None
    if not chosen:
        return Withheld.COVER, [], None
    if not readable:
        return Withheld.NOT_PERMITTED, [], None
    payload = json.loads(row.body)
    held = leaving_out.groups_in(kind=row.kind, actor_kind=row.actor_kind, payload=payload)
    fields = sorted({path for group in held.keys() & leave_out for path in held[group]})
    if not fields:
        return None, [], None
    return Withheld.LEFT_OUT, fields, leaving_out.masked(payload)


def entry_lines(
    row: PackRow,
    *,
    number: int,
    proof: Sequence[bytes],
    chosen: bool,
    withheld: tuple[Withheld | None, list[str], Json],
    erased_at: str,
) -> dict[str, bytes]:
    """Return the line of an entry in each file, by name of the file.

    Args:
        row: The entry.
        number: Its line in ``entries.jsonl``, from 1.
        proof: Its inclusion proof.
        chosen: Whether it is in the scope.
        withheld: From ``withheld_because``.
        erased_at: When payloads of its stream were erased last, RFC 3339; empty for never.
    """
    reason, fields, shown = withheld
    state = "open" if reason is None else "withheld"
    leaf = json.loads(row.leaf)
    lines = {
        "entries.jsonl": line(
            {
                "index": row.index,
                "leaf": b64(row.leaf),
                "leaf_hash": row.leaf_hash,
                "payload": state,
                "proof": [b64(one) for one in proof],
                "role": "chosen" if chosen else "cover",
                "seq": row.seq,
                "stream": row.stream,
            }
        ),
        "index.csv": csv_row(row.index, leaf, state, number).encode(),
    }
    if reason is None and row.body is not None and row.salt is not None:
        opened = {"body": row.body.decode(), "index": row.index, "salt": b64(row.salt)}
        return {**lines, "payloads.jsonl": line(opened)}
    redaction = {
        "commitment": leaf["payload"],
        "erased_at": erased_at if reason is Withheld.ERASED else "",
        "fields": fields,
        "index": row.index,
        "masked": shown,
        "reason": str(reason),
        "seq": row.seq,
        "stream": row.stream,
    }
    return {**lines, "redactions.jsonl": checked(redaction)}


def is_committed(row: PackRow) -> bool:
    """Return whether a stored payload is the one that the leaf commits to."""
    if row.body is None or row.salt is None:
        return True
    found = hmac.digest(row.salt, row.body, "sha256").hex()
    return bool(found == json.loads(row.leaf).get("payload"))


def key_text(standing: Standing) -> str:
    """Return the keys of a ledger with the checkpoints each of them signs, newest first."""
    spans = [
        f"{span.key.text()} from {span.after_size + 1} to "
        f"{'now' if span.up_to_size is None else span.up_to_size}\n"
        for span in reversed(standing.spans)
    ]
    return "".join([*spans, *(f"{key.text()} from 0 to now\n" for key in standing.extra)])


def gap_text(title: str, gaps: Iterable[Gap], notes: Iterable[str]) -> str:
    """Return the report of gaps in words."""
    lines = [f"Gaps: {title}", ""]
    for gap in gaps:
        verdict = "complete" if gap.complete >= gap.total else "GAP"
        lines.append(f"{gap.title}: {gap.complete} of {gap.total}, {verdict}")
        lines += [f"    {gap.note}"] if gap.note else []
        lines += [f"    missing: {', '.join(gap.missing)}"] if gap.missing else []
        if gap.explanation:
            lines.append(f"    explanation by {gap.explained_by}, {gap.explained_at}:")
            lines += [f"        {part}" for part in gap.explanation.splitlines()]
    lines += ["", *notes]
    return "\n".join(lines).rstrip("\n") + "\n"


def manifest_text(value: Mapping[str, Json]) -> str:
    """Return the manifest, line by line."""
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def manifest_seal(text: str) -> str:
    """Return what stands in ``manifest.sha256``: the digest, then a mark of each line."""
    data = text.encode()
    marks = [mark(part) for part in data.splitlines(keepends=True)]
    return "\n".join([f"{hashlib.sha256(data).hexdigest()}  manifest.json", *marks]) + "\n"
