"""A pack as files in memory, changed in one place at a time, and read by the verifier."""

import io
import json
import random
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from governance.evidence import packing
from governance.evidence.verifier import verifier
from governance.ledger.services import sign_pack
from orchestra.core.canonical import sha256_hex
from tests.factories.ledger import AT

Files = dict[str, list[bytes]]
Json = Any
GROWING = ("entries.jsonl", "payloads.jsonl", "redactions.jsonl", "index.csv")


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


@dataclass(frozen=True)
class Change:
    """One change of one line.

    Attributes:
        name: What kind of change.
        file: The file.
        line: The line, from 1, as it is numbered after the change.
    """

    name: str
    file: str
    line: int


Maker = Callable[[Files, str, int, random.Random], Change]


def flip(files: Files, name: str, place: int, luck: random.Random) -> Change:
    """Flip one bit of a line, not of its line feed."""
    line = bytearray(files[name][place])
    at = luck.randrange(max(1, len(line) - 1))
    line[at] ^= 1 << luck.randrange(8)
    if line[at] == 10:
        line[at] ^= 64
    files[name][place] = bytes(line)
    return Change("flip", name, place + 1)


def remove(files: Files, name: str, place: int, luck: random.Random) -> Change:
    """Take a line out."""
    del luck
    del files[name][place]
    return Change("remove", name, place + 1)


def repeat(files: Files, name: str, place: int, luck: random.Random) -> Change:
    """Put a line in twice."""
    del luck
    files[name].insert(place, files[name][place])
    return Change("repeat", name, place + 2)


def swap(files: Files, name: str, place: int, luck: random.Random) -> Change:
    """Let a line and the next change places."""
    del luck
    lines = files[name]
    other = place + 1 if place + 1 < len(lines) else place - 1
    lines[place], lines[other] = lines[other], lines[place]
    return Change("swap", name, min(place, other) + 1)


def insert(files: Files, name: str, place: int, luck: random.Random) -> Change:
    """Put a line of another place in."""
    files[name].insert(place, files[name][luck.randrange(len(files[name]))])
    return Change("insert", name, place + 1)


def _edit(files: Files, place: int, change: Callable[[dict[str, object]], None], file: str) -> None:
    value = json.loads(files[file][place])
    change(value)
    files[file][place] = f"{verifier.dump(value)}\n".encode()


def renumber(files: Files, name: str, place: int, luck: random.Random) -> Change:
    """Give an entry another place or another number in its stream."""
    del name
    key = luck.choice(["index", "seq"])
    _edit(files, place, lambda one: one.update({key: int(str(one[key])) + 1}), "entries.jsonl")
    return Change("renumber", "entries.jsonl", place + 1)


def payload(files: Files, name: str, place: int, luck: random.Random) -> Change:
    """Change what a payload says."""
    del name, luck
    place %= len(files["payloads.jsonl"])
    _edit(files, place, lambda one: one.update(body=str(one["body"]) + " "), "payloads.jsonl")
    return Change("payload", "payloads.jsonl", place + 1)


def node(files: Files, name: str, place: int, luck: random.Random) -> Change:
    """Change one hash of a proof."""
    del name

    def change(one: dict[str, object]) -> None:
        proof = one["proof"]
        assert isinstance(proof, list)
        at = luck.randrange(len(proof))
        proof[at] = verifier.base64.b64encode(luck.randbytes(32)).decode()

    _edit(files, place, change, "entries.jsonl")
    return Change("node", "entries.jsonl", place + 1)


def longer(files: Files, name: str, place: int, luck: random.Random) -> Change:
    """Put one hash more into a proof."""
    del name
    more = verifier.base64.b64encode(luck.randbytes(32)).decode()

    def change(one: dict[str, object]) -> None:
        proof = one["proof"]
        assert isinstance(proof, list)
        proof.append(more)

    _edit(files, place, change, "entries.jsonl")
    return Change("longer", "entries.jsonl", place + 1)


LINES: tuple[Maker, ...] = (flip, remove, repeat, swap, insert)
MEANINGS: tuple[Maker, ...] = (renumber, payload, node, longer)


def sweep(files: Files, luck: random.Random, every: int) -> Iterator[tuple[Files, Change, bool]]:
    """Yield a pack for each kind of change at each place, with the manifest made to fit or not.

    Args:
        files: The clean pack.
        luck: Chooses bits and places.
        every: Take each so many-th entry.
    """
    for place in range(0, len(files["entries.jsonl"]), every):
        for maker in (*LINES, *MEANINGS):
            resealed = bool(luck.randrange(2))
            name = "entries.jsonl"
            if maker in LINES:
                name = luck.choice(GROWING)
            changed = {one: list(lines) for one, lines in files.items()}
            at = place % len(changed[name])
            change = maker(changed, name, at, luck)
            if changed == files:
                continue
            if resealed:
                reseal(changed)
            yield changed, change, resealed
