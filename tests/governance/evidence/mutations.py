"""Every way in which a pack may be changed, a generator each; what is named is told with it."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from governance.evidence.verifier import verifier
from tests.governance.evidence.packs import (
    Files,
    Json,
    read_lines,
    reseal,
    write_lines,
    write_manifest,
)

#: Files of lines, and files that are read as a whole.
LINES = ("entries.jsonl", "payloads.jsonl", "redactions.jsonl", "index.csv", "streams.jsonl",
         "consistency.jsonl")  # fmt: skip
TEXTS = ("README.txt", "checkpoint.txt", "gaps.json", "gaps.txt", "keys.txt", "verifier.py",
         "manifest.json", "manifest.sha256", "manifest.sig")  # fmt: skip
#: A line in so many equal parts, one bit of each of which is flipped.
REGIONS = 12


@dataclass(frozen=True)
class Mutation:
    """One changed pack.

    Attributes:
        kind: What was done.
        file: The file that has to be named.
        lines: Any of these lines has to be named; empty where the file is all there is to say.
        files: The pack, unchanged files by identity.
    """

    kind: str
    file: str
    lines: frozenset[int]
    files: Files


def copied(files: Files) -> Files:
    """Return a pack of its own lists."""
    return {name: list(lines) for name, lines in files.items()}


def near(*lines: int) -> frozenset[int]:
    """Return lines by their places from 0, with the one after each: where one is gone."""
    return frozenset(each for line in lines for each in (line + 1, line + 2))


def in_every_region(files: Files, luck: random.Random, most: int) -> Iterator[Mutation]:
    """Flip a bit in each region of lines of every file, the line feed included."""
    for name, lines in files.items():
        for place in _some(len(lines), most, luck):
            size = len(lines[place])
            for region in range(min(REGIONS, size)):
                begin, end = region * size // REGIONS, (region + 1) * size // REGIONS
                at = luck.randrange(begin, end) if end > begin else begin
                changed = copied(files)
                line = bytearray(lines[place])
                line[at] ^= 1 << luck.randrange(8)
                changed[name] = _split(changed[name], place, bytes(line))
                yield Mutation("bit flipped", name, near(place, place - 1), changed)


def _split(lines: list[bytes], place: int, line: bytes) -> list[bytes]:
    """Put a changed line back: with or without line feeds, the file has other lines then."""
    data = b"".join([*lines[:place], line, *lines[place + 1 :]])
    return data.splitlines(keepends=True) if b"\n" in data else [data]


def by_line(files: Files, luck: random.Random, most: int) -> Iterator[Mutation]:
    """Remove, repeat, swap and move lines of every file that is made of lines."""
    for name in (*LINES, *TEXTS):
        lines = files[name]
        for place in _some(len(lines), most, luck):
            gone, twice, swapped = copied(files), copied(files), copied(files)
            # Among equal lines, none tells which of them it was: the first other one does.
            alike = near(*_alike(lines, place))
            del gone[name][place]
            yield Mutation("line removed", name, alike, gone)
            twice[name].insert(place, lines[place])
            yield Mutation("line repeated", name, alike, twice)
            other = place + 1 if place + 1 < len(lines) else place - 1
            if other >= 0 and lines[place] != lines[other]:
                pair = (lines[other], lines[place])
                swapped[name][place], swapped[name][other] = pair
                yield Mutation("lines swapped", name, near(min(place, other)), swapped)


def _alike(lines: list[bytes], place: int) -> range:
    """Return the places of a line and of the lines right after it that are equal to it."""
    end = place + 1
    while end < len(lines) and lines[end] == lines[place]:
        end += 1
    return range(place, end)


def by_meaning(files: Files, luck: random.Random, most: int, *, signed: bool) -> Iterator[Mutation]:
    """Change what lines say, and put every digest right again, with the ledger's key or not."""
    for kind, name, change in _MEANINGS:
        values = read_lines(files, name)
        for place in _some(len(values), most, luck):
            changed = copied(files)
            edited = read_lines(files, name)
            if not change(edited[place], luck):
                continue
            write_lines(changed, name, edited)
            reseal(changed, signed=signed)
            named = frozenset({place + 1})
            yield Mutation(kind, name, named, changed)


def _renumbered(one: Json, luck: random.Random) -> bool:
    one[luck.choice(["index", "seq"])] += 1
    return True


def _other_stream(one: Json, luck: random.Random) -> bool:
    one["stream"] += luck.choice("abc")
    return True


def _other_node(one: Json, luck: random.Random) -> bool:
    if not one["proof"]:
        return False
    one["proof"][luck.randrange(len(one["proof"]))] = _hash(luck)
    return True


def _longer(one: Json, luck: random.Random) -> bool:
    one["proof"].append(_hash(luck))
    return True


def _shorter(one: Json, luck: random.Random) -> bool:
    if not one["proof"]:
        return False
    del one["proof"][luck.randrange(len(one["proof"]))]
    return True


def _endless(one: Json, luck: random.Random) -> bool:
    one["proof"] = [_hash(luck)] * 64
    return True


def _other_leaf(one: Json, luck: random.Random) -> bool:
    leaf = json.loads(verifier.decode(one["leaf"]))
    leaf["kind"] = luck.choice(["approval.granted", "policy.published"])
    text = verifier.dump(leaf).encode()
    one["leaf"] = verifier.base64.b64encode(text).decode()
    one["leaf_hash"] = verifier.hashlib.sha256(b"\0" + text).hexdigest()
    return True


def _other_state(one: Json, luck: random.Random) -> bool:
    del luck
    one["payload"] = "withheld" if one["payload"] == "open" else "open"
    return True


def _other_type(one: Json, luck: random.Random) -> bool:
    key = luck.choice([each for each in sorted(one) if each not in ("check", "masked")])
    other: Json = [None, 1.5, [], {}, True, "x", -1, 2**70]
    one[key] = luck.choice([value for value in other if type(value) is not type(one[key])])
    return True


def _one_key_more(one: Json, luck: random.Random) -> bool:
    one[f"more{luck.randrange(9)}"] = ""
    return True


def _other_body(one: Json, luck: random.Random) -> bool:
    del luck
    one["body"] = one["body"].replace("no", "yes") + " "
    return True


def _other_salt(one: Json, luck: random.Random) -> bool:
    one["salt"] = _hash(luck)
    return True


def _other_commitment(one: Json, luck: random.Random) -> bool:
    one["commitment"] = luck.randbytes(32).hex()
    return True


def _no_reason(one: Json, luck: random.Random) -> bool:
    del luck
    one["reason"] = "lost"
    return True


def _other_end(one: Json, luck: random.Random) -> bool:
    one[luck.choice(["entries", "first", "last"])] += 1
    return True


def _other_root(one: Json, luck: random.Random) -> bool:
    one["root"] = _hash(luck)
    return True


def _longer_growth(one: Json, luck: random.Random) -> bool:
    one["hashes"].append(_hash(luck))
    return True


def _empty_growth(one: Json, luck: random.Random) -> bool:
    del luck
    one["size"] = 0
    return True


def _hash(luck: random.Random) -> str:
    return verifier.base64.b64encode(luck.randbytes(32)).decode()


_ENTRY = "entries.jsonl"
_MEANINGS: tuple[tuple[str, str, Callable[[Json, random.Random], bool]], ...] = (
    ("entry renumbered", _ENTRY, _renumbered),
    ("entry of another stream", _ENTRY, _other_stream),
    ("proof with another hash", _ENTRY, _other_node),
    ("proof one hash too long", _ENTRY, _longer),
    ("proof one hash too short", _ENTRY, _shorter),
    ("proof of 64 hashes", _ENTRY, _endless),
    ("leaf changed with its hash", _ENTRY, _other_leaf),
    ("payload called open or left out", _ENTRY, _other_state),
    ("value of another type", _ENTRY, _other_type),
    ("one key more", _ENTRY, _one_key_more),
    ("payload changed", "payloads.jsonl", _other_body),
    ("salt changed", "payloads.jsonl", _other_salt),
    ("value of another type", "payloads.jsonl", _other_type),
    ("commitment changed", "redactions.jsonl", _other_commitment),
    ("reason changed", "redactions.jsonl", _no_reason),
    ("value of another type", "redactions.jsonl", _other_type),
    ("end of a stream changed", "streams.jsonl", _other_end),
    ("value of another type", "streams.jsonl", _other_type),
    ("earlier root changed", "consistency.jsonl", _other_root),
    ("growth one hash too long", "consistency.jsonl", _longer_growth),
    ("growth from nothing", "consistency.jsonl", _empty_growth),
    ("value of another type", "consistency.jsonl", _other_type),
)


def of_the_whole(files: Files, luck: random.Random) -> Iterator[Mutation]:
    """Add, remove, rename and exchange whole files, and change what the manifest says."""
    for name in sorted(files):
        gone = copied(files)
        del gone[name]
        yield Mutation("file removed", name, frozenset(), gone)
        if name not in verifier.SEALS:
            again = copied(gone)
            manifest = json.loads(b"".join(files["manifest.json"]))
            del manifest["files"][name]
            write_manifest(again, manifest)
            yield Mutation("file removed and unlisted", name, frozenset(), again)
        empty = copied(files)
        if files[name]:
            empty[name] = []
            yield Mutation("file emptied", name, frozenset(), empty)
    for name in ("extra.txt", "entries.jsonl.bak", ".hidden", "-rf", "a b\tc", "manifest.json~"):
        more = copied(files)
        more[name] = [b"something\n"]
        yield Mutation("file added", verifier.shown(name), frozenset(), more)
    for path, value in _manifest_changes(files, luck):
        changed = copied(files)
        manifest = json.loads(b"".join(files["manifest.json"]))
        held = manifest
        for key in path[:-1]:
            held = held[key]
        held[path[-1]] = value
        write_manifest(changed, manifest)
        yield Mutation(f"manifest: {'.'.join(path)}", "manifest.", frozenset(), changed)


def _manifest_changes(files: Files, luck: random.Random) -> Iterator[tuple[tuple[str, ...], Json]]:
    manifest = json.loads(b"".join(files["manifest.json"]))
    for key in sorted(manifest):
        for value in (None, [], {}, "", 7, True, [[[]]], luck.randbytes(4).hex()):
            if value != manifest[key]:
                yield (key,), value
    for name in sorted(manifest["files"]):
        for key, value in (("sha256", "0" * 64), ("bytes", -1), ("lines", "1"), ("marks", 5)):
            yield ("files", name, key), value
    yield ("requested_by", "label"), "Somebody else"
    yield ("scope", "kind"), "ledger"
    yield ("files", "../../etc/passwd"), {"sha256": "0" * 64, "bytes": 0, "lines": 0}
    yield ("checkpoint", "size"), 0


def _some(count: int, most: int, luck: random.Random) -> list[int]:
    """Return so many places at most: the first, the last, and some between."""
    if count <= most:
        return list(range(count))
    return sorted({0, count - 1, *luck.sample(range(count), most)})
