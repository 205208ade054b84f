"""A pack as files in memory, changed in one place at a time, and read by the verifier."""

import io
import json
import zipfile
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from governance.evidence import packing
from governance.evidence.verifier import verifier
from governance.ledger.services import sign_pack
from orchestra.core.canonical import sha256_hex
from tests.factories.ledger import AT

Files = dict[str, list[bytes]]
Json = Any


def read_pack(path: Path) -> Files:
    """Return the lines of every file of a pack."""
    with zipfile.ZipFile(path) as pack:
        return {name: pack.read(name).splitlines(keepends=True) for name in pack.namelist()}


def write_folder(files: Files, folder: Path) -> Path:
    """Write files as the unpacked pack."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in files.items():
        (folder / name).write_bytes(b"".join(lines))
    return folder


def verify(path: Path, *more: str) -> tuple[int, str]:
    """Run the verifier and return its code and what it said."""
    out = io.StringIO()
    code = verifier.main([str(path), *more], out)
    return code, out.getvalue()


def reseal(files: Files, *, signed: bool = False) -> None:
    """List the files anew, as somebody would who changes a pack and knows how it is made.

    Args:
        files: The changed pack.
        signed: Whether they hold the ledger's key, too.
    """
    manifest = json.loads(b"".join(files["manifest.json"]))
    for name, told in manifest["files"].items():
        if name not in files:
            continue
        data = b"".join(files[name])
        told.update(bytes=len(data), lines=len(files[name]), sha256=sha256_hex(data))
        if "marks" in told:
            told["marks"] = [verifier.mark(line) for line in files[name]]
    write_manifest(files, manifest, signed=signed)


def write_manifest(files: Files, manifest: Json, *, signed: bool = False) -> None:
    """Put another manifest into a pack, with what is derived from it."""
    text = json.dumps(manifest, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    files["manifest.json"] = text.encode().splitlines(keepends=True)
    marks = [verifier.mark(line) for line in files["manifest.json"]]
    seal = f"{sha256_hex(text.encode())}  manifest.json\n"
    files["manifest.sha256"] = [seal.encode(), *(f"{one}\n".encode() for one in marks)]
    if signed:
        note = sign_pack(digest=sha256_hex(text.encode()), now=AT)
        files["manifest.sig"] = note.encode().splitlines(keepends=True)


def read_lines(files: Files, name: str) -> list[Json]:
    """Return the objects of a file of lines."""
    return [json.loads(line) for line in files[name]]


def write_lines(files: Files, name: str, values: Iterable[Json]) -> None:
    """Write objects as the lines of a file, each with the check it needs."""
    files[name] = [
        packing.checked({key: one[key] for key in one if key != "check"})
        if "check" in one
        else packing.line(one)
        for one in values
    ]


def thin(files: Files, gone: Collection[int]) -> None:
    """Take entries out of every file, as neatly as somebody can who has no other root."""
    kept = [one for one in read_lines(files, "entries.jsonl") if one["index"] not in gone]
    write_lines(files, "entries.jsonl", kept)
    for name in ("payloads.jsonl", "redactions.jsonl"):
        lines = [one for one in read_lines(files, name) if one["index"] not in gone]
        write_lines(files, name, lines)
    rows = [verifier.csv_text(verifier.HEADER)]
    for number, one in enumerate(kept, 1):
        leaf = json.loads(verifier.decode(one["leaf"]))
        rows.append(verifier.csv_row(one["index"], leaf, one["payload"], number))
    files["index.csv"] = [row.encode() for row in rows]
    claims = read_lines(files, "streams.jsonl")
    for claim in claims:
        numbers = [one["seq"] for one in kept if one["stream"] == claim["stream"]]
        told = {"entries": len(numbers), "first": min(numbers), "last": max(numbers)}
        claim.update(told, whole=numbers == list(range(1, len(numbers) + 1)))
    write_lines(files, "streams.jsonl", claims)
