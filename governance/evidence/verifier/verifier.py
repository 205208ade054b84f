#!/usr/bin/env python3
"""Checks a pack of evidence. Needs Python 3.9 or newer, this file and the pack; nothing else.

    python verifier.py FOLDER-OR-ZIP [--key VKEY] [--checkpoint FILE]

Every line of the answer that says "ok" was computed here. The answer ends with code 0 when
all is well, 1 when something is not, and 2 when there is no pack to read, or no key or
checkpoint where one was named.
"""

import argparse
import base64
import csv
import hashlib
import hmac
import io
import json
import re
import struct
import sys
import zipfile
from pathlib import Path

FORMAT = "orchestra.evidence/2"
LONGEST_PROOF = 63
SHOWN = 20
MARK = 12
LONGEST_LINE = 64 * 1024 * 1024
LONGEST_TEXT = 256 * 1024 * 1024
PACK = "orchestra evidence-pack v1"
SEAL = "stream.sealed"
FILES = {"README.txt", "checkpoint.txt", "consistency.jsonl", "entries.jsonl", "gaps.json", "gaps.txt",
         "index.csv", "keys.txt", "payloads.jsonl", "redactions.jsonl", "streams.jsonl", "verifier.py"}  # fmt: skip
#: Beyond it a zip archive tells sizes and places in 64 bits, and ``FULL`` in their place.
LARGEST_PLAIN = (1 << 31) - 1
FULL = 0xFFFFFFFF
#: Bytes before a file of a zip archive without its name.
LONGEST_HEAD = 50
SEALS = {"manifest.json", "manifest.sha256", "manifest.sig"}
DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,19})\Z", re.ASCII)
FORMULA = ("=", "+", "-", "@", "\t", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
HEADER = ("index", "stream", "seq", "kind", "at", "actor kind", "actor", "subject kind", "subject",
          "payload", "line in entries.jsonl")  # fmt: skip


class Wrong(Exception):  # noqa: N818  it is what the answer calls it
    """Something does not hold; carries the file and the line."""

    def __init__(self, file, line, text):
        super().__init__(text)
        self.file, self.line, self.text = file, line, text

    def __str__(self):
        return f"{self.file}, line {self.line}: {self.text}"


# --- Ed25519, RFC 8032 section 5.1, verification only -------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def _x_of(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def _point(data):
    """Return the point of 32 bytes, or None where they are not its one encoding."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    x = _x_of(y, sign) if len(data) == 32 and y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def _add(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(number, point):
    total = NEUTRAL
    while number:
        if number & 1:
            total = _add(total, point)
        point = _add(point, point)
        number >>= 1
    return total


def _same(one, other):
    return not (
        (one[0] * other[2] - other[0] * one[2]) % P or (one[1] * other[2] - other[1] * one[2]) % P
    )


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (_x_of(BASE_Y, 0), BASE_Y, 1, _x_of(BASE_Y, 0) * BASE_Y % P)


def ed25519_verifies(public_key, message, signature):
    """Return whether a signature is a key's over a message; small keys and large S are refused."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, r = _point(public_key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= L or _same(_times(8, key), NEUTRAL):
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    challenge = int.from_bytes(digest, "little") % L
    return _same(_times(s, BASE), _add(r, _times(challenge, key)))


# --- Strict reading -----------------------------------------------------------------------------


def decode(text):
    """Return the bytes of strict standard base64."""
    data = base64.b64decode(text.encode("ascii"), validate=True)
    if base64.b64encode(data).decode("ascii") != text:
        raise ValueError("no strict base64")
    return data


def decimal(text):
    """Return a number without a leading zero."""
    if not DECIMAL.match(text):
        raise ValueError("no plain decimal number")
    return int(text)


def dump(value):
    """Return the one way in which a line of the pack is written."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def mark(line):
    """Return the short digest by which a single line is recognised."""
    return hashlib.sha256(line).hexdigest()[:MARK]


def _hash32(text):
    data = decode(text)
    if len(data) != 32:
        raise ValueError("a hash has 32 bytes")
    return data


def _node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def included(index, size, leaf_hash, proof, root):
    """Return whether a proof leads from a leaf at an index to the root of a tree of a size."""
    if not 0 <= index < size or len(proof) > LONGEST_PROOF:
        return False
    node, last, found = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = _node(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = _node(found, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and hmac.compare_digest(found, root)


def continues(size1, root1, size2, root2, proof):
    """Return whether the tree of the first size is the beginning of the second."""
    if not 0 < size1 <= size2 or len(proof) > LONGEST_PROOF:
        return False
    if size1 == size2:
        return not proof and hmac.compare_digest(root1, root2)
    path = list(proof) if size1 & (size1 - 1) else [root1, *proof]
    if not path:
        return False
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = _node(sibling, old), _node(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = _node(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and hmac.compare_digest(old, root1) and hmac.compare_digest(new, root2)


# --- Keys and signed checkpoints ----------------------------------------------------------------


class Key:
    """A public key, and the sizes of the checkpoints that it signs."""

    def __init__(self, text, first=0, last=None):
        self.name, self.id, material = text.split("+", 2)
        data = decode(material)
        if len(data) != 33 or data[0] != 1:
            raise ValueError("the key is no Ed25519 key of a log")
        if hashlib.sha256(self.name.encode() + b"\n" + data).digest()[:4].hex() != self.id:
            raise ValueError("the key id belongs to another key")
        self.public, self.first, self.last = data[1:], first, last

    def __str__(self):
        return f"{self.name}+{self.id}"

    def span(self):
        """Return in words which checkpoints it signs."""
        end = "on" if self.last is None else f"to {self.last:,}"
        return f"those of {self.first:,} entries {end} under the name {self.name}"

    def signs(self, origin, size):
        """Return whether it is the key that a checkpoint needs."""
        return (
            self.name == origin and self.first <= size and (self.last is None or size <= self.last)
        )


def read_key_line(line):
    """Return the key of a line of keys.txt: KEY from SIZE to SIZE, or to now."""
    text, begins, first, ends, last = line.split(" ")
    if (begins, ends) != ("from", "to"):
        raise ValueError("says from and to which checkpoint the key signs in another way")
    return Key(text, decimal(first), None if last == "now" else decimal(last))


def signers(note, keys, file):
    """Return text and known keys of a signed note; a known key that fails is wrong."""
    text, gap, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not gap or len(lines) != 3:
        raise Wrong(file, 4, "is no signed note of three lines, an empty one and signatures")
    if not signatures.endswith("\n"):
        raise Wrong(file, 5, "has no signature that ends its line")
    found = []
    for number, line in enumerate(signatures[:-1].split("\n"), 5):
        key = _signer(line, f"{text}\n".encode(), keys, file, number)
        if key and any(key is other for _number, other in found):
            raise Wrong(file, number, f"repeats the signature of {key}")
        if key:
            found.append((number, key))
    return lines, found


def read_checkpoint(note, keys, file, given=()):
    """Return origin, size, root and the keys that signed a checkpoint.

    One key has to be known, one of those given by hand where there are any, and one has to be
    that which checkpoints of this name and size are signed by.
    """
    lines, signed = signers(note, keys, file)
    try:
        size, root = decimal(lines[1]), _hash32(lines[2])
    except ValueError as error:
        raise Wrong(file, 2, f"size or root cannot be read: {error}") from None
    if size == 0 and not hmac.compare_digest(root, hashlib.sha256(b"").digest()):
        raise Wrong(file, 3, "a ledger of size 0 has one root only, and this is another")
    _trusted(signed, given, file)
    if not any(key.signs(lines[0], size) for _number, key in signed):
        number, key = signed[0]
        raise Wrong(file, number, f"is signed by {key}, which signs {key.span()}; this one counts "
                    f"{size:,} under the name {lines[0]}")  # fmt: skip
    return lines[0], size, root, [key for _number, key in signed]


def _trusted(signed, given, file):
    if not signed:
        raise Wrong(file, 5, "no known key signed this")
    if given and not {key.public for _number, key in signed} & {key.public for key in given}:
        raise Wrong(file, 5, "the key that you were given did not sign this")


def _signer(line, message, keys, file, number):
    try:
        dash, name, value = line.split(" ")
        data = decode(value)
        if dash != "\u2014" or len(data) <= 4:
            raise ValueError("ill-formed")
    except ValueError:
        raise Wrong(file, number, "is no signature line") from None
    for key in keys:
        if key.name == name and key.id == data[:4].hex():
            if not ed25519_verifies(key.public, message, data[4:]):
                raise Wrong(file, number, f"the signature of {key} does not verify")
            return key
    return None


# --- The pack, as a folder or as a zip file -----------------------------------------------------


class Folder:
    """An unpacked pack."""

    def __init__(self, path):
        self.path = path

    def names(self):
        """Return the names of the files."""
        found = sorted(self.path.iterdir())
        for one in found:
            if one.is_symlink() or not one.is_file():
                raise Wrong(shown(one.name), 1, "is no plain file, and a pack holds nothing else")
        return [one.name for one in found]

    def open(self, name):
        """Open a file."""
        return (self.path / name).open("rb")


def heads_of(one, length):
    """Yield what may stand before a file of a zip archive, in two parts around its name.

    Python writes the sizes of a file of about 2 GiB and more into 64 bits beside the others,
    before 3.11.4 only where they need it.
    """
    size = one.file_size
    sizes = struct.pack("<2H2Q", 1, 16, size, size) if size * 1.05 > LARGEST_PLAIN else b""
    for is_wide in {bool(sizes), size > LARGEST_PLAIN}:
        told = FULL if is_wide else size
        yield (
            struct.pack("<4s4H", b"PK\3\4", 45 if is_wide else 20, 0, 0, 0)
            + struct.pack("<H3L2H", 33, one.CRC, told, told, length, len(sizes)),
            sizes,
        )


def entry_of(one, name, at, version):
    """Return what stands of a file in the directory at the end of a zip archive."""
    size, wide = one.file_size, []
    if size > LARGEST_PLAIN:
        size, wide = FULL, [size, size]
    if at > LARGEST_PLAIN:
        at, wide = FULL, [*wide, at]
    more = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    version = max(version, 45 if wide else 20)
    return (
        struct.pack("<4s6H", b"PK\1\2", 3 << 8 | version, version, 0, 0, 0, 33)
        + struct.pack("<3L2H", one.CRC, size, size, len(name), len(more))
        + struct.pack("<3H2L", 0, 0, 0, one.external_attr, at)
        + name
        + more
    )


def end_of(count, length, at):
    """Return what ends a zip archive after its directory, which begins at a place."""
    wide = b""
    if at > LARGEST_PLAIN:
        wide = struct.pack("<4sQ2H2L", b"PK\6\6", 44, 45, 45, 0, 0)
        wide += struct.pack("<4Q", count, count, length, at)
        wide += struct.pack("<4sLQL", b"PK\6\7", 0, at + length, 1)
    told = (count, count, length, min(at, FULL), 0)
    return wide + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *told)


class Zip:
    """A packed one; every byte that is no content has to be as our packs have it."""

    def __init__(self, path):
        self.path = path
        try:
            self.zip = zipfile.ZipFile(path)
            self._check(path)
        except (zipfile.BadZipFile, struct.error, OSError, NotImplementedError) as error:
            raise Wrong(path.name, 1, f"is no zip file that can be read: {error}") from None

    def _check(self, path):
        at, central = 0, b""
        with path.open("rb") as file:
            for one in self.zip.infolist():
                name = one.orig_filename.encode()
                file.seek(at)
                found = file.read(LONGEST_HEAD + len(name))
                heads = [head + name + more for head, more in heads_of(one, len(name))]
                head = next((each for each in heads if found.startswith(each)), None)
                if one.header_offset != at or head is None:
                    raise zipfile.BadZipFile(f"something else stands before {one.filename}")
                if one.external_attr != 0o600 << 16:
                    raise zipfile.BadZipFile(f"{one.filename} is no plain file")
                central += entry_of(one, name, at, head[4])
                at += len(head) + one.file_size
            file.seek(at)
            if file.read() != central + end_of(len(self.zip.infolist()), len(central), at):
                raise zipfile.BadZipFile("something stands in it that belongs to no file")

    def names(self):
        """Return the names of the files."""
        return [one.orig_filename for one in self.zip.infolist()]

    def open(self, name):
        """Open a file."""
        return self.zip.open(name)


def shown(name):
    """Return a name that stays on its line, whatever was made its name."""
    return name if re.fullmatch(r"[\w .-]{1,80}", name, re.ASCII) else ascii(name)[:80]


def lines_of(pack, name):
    """Yield number and bytes of each line, its line feed included."""
    try:
        with pack.open(name) as file:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), 1):
                yield number, line
    except (zipfile.BadZipFile, OSError, KeyError) as error:
        raise Wrong(name, 1, f"cannot be read: {error}") from None


def objects_of(pack, name, keys):
    """Yield number and object of each line, which has to be written the one way."""
    for number, line in lines_of(pack, name):
        try:
            value = json.loads(line)
            if not isinstance(value, dict) or set(value) != set(keys):
                raise ValueError(f"does not hold exactly {', '.join(sorted(keys))}")
            for key, kind in keys.items():
                if kind is not None and type(value[key]) is not kind:
                    raise ValueError(f"{key} is no {WORDS[kind]}")
            if f"{dump(value)}\n".encode() != line:
                raise ValueError("is not written the one way a line is written")
            if "check" in value:
                rest = {key: item for key, item in value.items() if key != "check"}
                if mark(dump(rest).encode()) != value["check"]:
                    raise ValueError("was changed: its check differs")
        except (ValueError, RecursionError) as error:
            yield number, Wrong(name, number, f"cannot be read: {error}")
        else:
            yield number, value


WORDS = {int: "whole number", str: "text", list: "list", bool: "true or false"}
ENTRY = {"index": int, "leaf": str, "leaf_hash": str, "payload": str, "proof": list, "role": str,
         "seq": int, "stream": str}  # fmt: skip
PAYLOAD = {"body": str, "index": int, "salt": str}
REDACTION = {"check": str, "commitment": str, "erased_at": str, "fields": list, "index": int,
             "masked": None, "reason": str, "seq": int, "stream": str}  # fmt: skip
STREAM = {"check": str, "entries": int, "first": int, "last": int, "stream": str, "whole": bool}
EARLIER = {"check": str, "hashes": list, "root": str, "size": int}
NOWHERE = {"entries": 0, "first": 0, "last": 0, "whole": False}
REASONS = {"not_permitted": "not for this reader", "left_out": "left out by choice",
           "erased": "erased on request", "cover": "outside the scope"}  # fmt: skip


def csv_row(index, leaf, payload, line):
    """Return the row of index.csv that an entry has."""
    subject = leaf.get("subject", {})
    cells = (index, stream_of(leaf), leaf["seq"], leaf["kind"], leaf["at"], leaf["actor"]["kind"],
             leaf["actor"]["id"], subject.get("kind", ""), subject.get("id", ""), payload,
             line)  # fmt: skip
    return csv_text(cells)


def csv_text(cells):
    """Return cells as one line; none of them is run as a formula by a spreadsheet."""
    out = io.StringIO()
    texts = [str(one).replace("\r", " ").replace("\n", " ") for one in cells]
    safe = [f"'{one}" if one.lstrip(" ").startswith(FORMULA) else one for one in texts]
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow(safe)
    return out.getvalue()


def stream_of(leaf):
    """Return the stream that a leaf names."""
    return f"case:{leaf['case']}" if "case" in leaf else leaf["stream"]


# --- The check itself ---------------------------------------------------------------------------


def _check_manifest(value):
    """Refuse a manifest that is put together in another way."""
    for name, told in value["files"].items():
        marks = told.get("marks", [])
        kinds = (
            type(name),
            type(told["sha256"]),
            type(told["bytes"]),
            type(told["lines"]),
            type(marks),
        )
        if kinds != (str, str, int, int, list):
            raise ValueError(f"what it has of {shown(name)} is of another kind")
    covers, scope = value["covers"], value["scope"]
    if covers is not None and (type(covers["begin"]), type(covers["end"])) != (int, int):
        raise ValueError("the period is told by no numbers")
    if [type(scope[key]) for key in ("kind", "since", "until")] != [str, str, str]:
        raise ValueError("the scope is of another kind")
    if (type(value["gaps"]), type(value["findings"])) != (int, int):
        raise ValueError("gaps and findings are told by no numbers")


class Check:
    """One run over a pack: what was found, and what can be said of it."""

    def __init__(self, pack, keys, held):
        self.pack, self.given, self.held = pack, keys, held
        self.wrong, self.said = [], []
        self.manifest, self.streams, self.known, self.digest, self.origin = {}, {}, [], "", ""
        self.counts = {"entries": 0, "open": 0, "withheld": 0, **dict.fromkeys(REASONS, 0)}
        self.size, self.root, self.signed, self.covered, self.last = 0, b"", [], 0, -1

    def run(self):
        """Check everything; what is wrong is gathered, not thrown."""
        steps = (
            (self.files, "manifest.json"),
            (self.checkpoint, "checkpoint.txt"),
            (self.signature, "manifest.sig"),
            (self.continues_held, "the checkpoint you hold"),
            (self.earlier, "consistency.jsonl"),
            (self.claims, "streams.jsonl"),
            (self.entries, "entries.jsonl"),
            (self.stream_ends, "streams.jsonl"),
        )
        for step, file in steps:
            before = len(self.wrong)
            try:
                step()
            except Wrong as error:
                self.wrong.append(error)
            except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError,
                    ValueError) as error:  # fmt: skip
                self.fail(file, 1, f"cannot be read: {type(error).__name__}")
            if not self.manifest or (file == "checkpoint.txt" and len(self.wrong) > before):
                # Without a signed root nothing that follows could be called proved.
                break

    def tell(self, text, before):
        """Say how one part ended: well, where nothing was found since."""
        self.said.append((text, "ok" if len(self.wrong) == before else "FAILED"))

    @property
    def is_case(self):
        """Whether the pack is of one case, whole."""
        scope = self.manifest["scope"]
        return scope["kind"] == "case" and not scope["since"] and not scope["until"]

    def fail(self, file, line, text):
        """Note what is wrong."""
        self.wrong.append(Wrong(file, line, text))

    def files(self):
        """Compare every file with the manifest, and the manifest with its own digest."""
        before = len(self.wrong)
        names = self.pack.names()
        for name in sorted((FILES | SEALS) ^ set(names)):
            said = "is no file of a pack" if name in names else "is missing from the pack"
            self.fail(shown(name), 1, said)
        if len(names) > len(set(names)):
            self.fail("the pack", 1, "holds a file twice")
        self._manifest()
        listed = self.manifest["files"]
        for name in sorted(FILES ^ set(listed)):
            said = "is not listed there" if name in FILES else "is no file of a pack"
            self.fail("manifest.json", 1, f"{shown(name)} {said}")
        for name in sorted(FILES & set(listed) & set(names)):
            self._file(name, listed[name])
        self.tell(f"{len(names)} files are as the manifest lists them", before)

    def _manifest(self):
        digest, marks = hashlib.sha256(), []
        for _number, line in lines_of(self.pack, "manifest.json"):
            digest.update(line)
            marks.append(mark(line))
        expected = [f"{digest.hexdigest()}  manifest.json", *marks]
        text = self._text("manifest.sha256")
        if text.split("\n") != [*expected, ""]:
            self._departure(expected, text)
        try:
            self.manifest = json.loads(self._text("manifest.json"))
            if self.manifest["format"] != FORMAT:
                raise ValueError(f"this verifier reads {FORMAT}")
            _check_manifest(self.manifest)
        except (LookupError, RecursionError, TypeError, ValueError, AttributeError) as error:
            raise Wrong("manifest.json", 1, f"cannot be read: {error}") from None
        self.digest = digest.hexdigest()

    def _departure(self, expected, text):
        """Say whose line it is: that of the manifest, or that of what stands beside it."""
        lines, marks = text.split("\n"), [*expected[1:], ""]
        whole = expected[0] in text or lines in ([""], marks) or lines[1:] == marks
        first = 0 if whole else 1
        pairs = enumerate(zip(expected[first:], lines[first:]), first)
        place = next((place for place, (one, other) in pairs if one != other), None)
        if place is None:
            place = min(len(expected), len(lines))
        if whole:
            self.fail("manifest.sha256", place + 1, "is not that of the manifest")
        else:
            self.fail("manifest.json", place, "differs from what manifest.sha256 has of it")

    def _file(self, name, listed):
        digest, size, count, first = hashlib.sha256(), 0, 0, 0
        marks = listed.get("marks")
        for number, line in lines_of(self.pack, name):
            digest.update(line)
            size, count = size + len(line), number
            if marks is not None and not first:
                first = 0 if marks[number - 1 : number] == [mark(line)] else number
        told = (listed["sha256"], listed["bytes"], listed["lines"])
        if (digest.hexdigest(), size, count) == told:
            return
        if marks is not None:
            self.fail(name, first or count + 1, "differs from what the manifest has of it")
        else:
            self.fail(name, 0, f"is another file than the manifest lists: {count} lines, "
                      f"{listed['lines']} listed; which one follows")  # fmt: skip

    def checkpoint(self):
        """Check the signature of the checkpoint, and that the manifest names it."""
        before = len(self.wrong)
        self._keys()
        note = self._text("checkpoint.txt")
        keys = [*self.known, *self.given]
        self.origin, self.size, self.root, self.signed = read_checkpoint(
            note, keys, "checkpoint.txt", self.given
        )
        told = self.manifest["checkpoint"]
        if told != {"size": self.size, "root": self.root.hex()}:
            self.fail("manifest.json", 1, "names another checkpoint than checkpoint.txt")
        for key in self.signed:
            self.tell(f"checkpoint signed by {key}", before)

    def signature(self):
        """Check that the manifest, and so every file, is as the ledger's key signed it."""
        before, keys = len(self.wrong), [*self.known, *self.given]
        note = self._text("manifest.sig")
        expected = [self.origin, PACK, self.digest]
        for number, (told, line) in enumerate(zip(expected, note.split("\n")), 1):
            if told != line:
                self.fail("manifest.sig", number, "signs another manifest than this")
                break
        _lines, signed = signers(note, keys, "manifest.sig")
        _trusted(signed, self.given, "manifest.sig")
        if not any(key.last is None or key.last >= self.size for _number, key in signed):
            number, key = signed[0]
            self.fail("manifest.sig", number, f"is signed by {key}, which signs {key.span()}")
        self.tell("the manifest is as the ledger's key signed it", before)

    def _keys(self):
        for number, line in lines_of(self.pack, "keys.txt"):
            text = line.decode("utf-8", "replace").rstrip("\n")
            if text and not text.startswith("#"):
                try:
                    self.known.append(read_key_line(text))
                except (ValueError, UnicodeError) as error:
                    raise Wrong("keys.txt", number, f"is no key: {error}") from None
        for key in self.given:
            for other in self.known:
                if (other.name, other.public) == (key.name, key.public):
                    key.first, key.last = other.first, other.last

    def _text(self, name):
        parts, size = [], 0
        for number, line in lines_of(self.pack, name):
            size += len(line)
            if size > LONGEST_TEXT:
                raise Wrong(name, number, "is longer than such a file ever is")
            try:
                parts.append(line.decode())
            except UnicodeDecodeError:
                raise Wrong(name, number, "is no UTF-8 text") from None
        return "".join(parts)

    def continues_held(self):
        """Compare with a checkpoint that the reader brought along."""
        if self.held is None:
            return
        before = len(self.wrong)
        name, note = self.held
        keys = [*self.given, *self.known]
        _origin, size, root, _signed = read_checkpoint(note, keys, name)
        if size > self.size:
            self.fail(name, 2, f"counts {size:,} entries; the ledger of this pack counts "
                      f"{self.size:,}: it was cut, or the pack is older")  # fmt: skip
        elif size == self.size and not hmac.compare_digest(root, self.root):
            self.fail(name, 3, "has another root for the same size: the ledger was rewritten")
        elif size < self.size:
            self._held_earlier(name, size, root)
        self.tell(f"the ledger continues the checkpoint you hold, {size:,}", before)

    def _held_earlier(self, name, size, root):
        for number, one in objects_of(self.pack, "consistency.jsonl", EARLIER):
            if isinstance(one, Wrong) or one["size"] != size:
                continue
            if not hmac.compare_digest(_hash32(one["root"]), root):
                self.fail(name, 3, f"has another root than line {number} of consistency.jsonl: "
                          "the ledger was rewritten")  # fmt: skip
            return
        self.fail(name, 2, f"the pack holds no proof from {size:,} entries; ask for an export "
                  "that names this checkpoint")  # fmt: skip

    def earlier(self):
        """Check that the checkpoint continues those of earlier exports."""
        before, sizes = len(self.wrong), []
        for number, one in objects_of(self.pack, "consistency.jsonl", EARLIER):
            if isinstance(one, Wrong):
                self.wrong.append(one)
                continue
            try:
                proof = [_hash32(text) for text in one["hashes"]]
                root, size = _hash32(one["root"]), one["size"]
            except (ValueError, TypeError, AttributeError) as error:
                self.fail("consistency.jsonl", number, f"cannot be read: {error}")
                continue
            sizes.append(size)
            if not continues(size, root, self.size, self.root, proof):
                self.fail("consistency.jsonl", number, "does not lead to the checkpoint")
        if sizes:
            self.tell(f"the ledger continues {counted(len(sizes), 'earlier checkpoint')}", before)

    def claims(self):
        """Read what is said of every stream."""
        last = ""
        for number, one in objects_of(self.pack, "streams.jsonl", STREAM):
            if isinstance(one, Wrong):
                self.wrong.append(one)
                continue
            if one["stream"] <= last:
                self.fail("streams.jsonl", number, "stands out of order, or twice")
            last = one["stream"]
            self.streams[one["stream"]] = Stream(number, one)

    def entries(self):
        """Check every entry, its place, its proof, its payload and its line in the index."""
        before = len(self.wrong)
        join = Join(self)
        for number, one in objects_of(self.pack, "entries.jsonl", ENTRY):
            self.counts["entries"] += 1
            if isinstance(one, Wrong):
                self.wrong.append(one)
                join.skip()
            else:
                self._one(number, one, join)
            if len(self.wrong) > 10 * SHOWN:
                break
        else:
            join.end()
        self._cover_end()
        self.tell(f"every entry is in the tree of checkpoint {self.size:,}", before)
        self.tell(
            f"{counted(self.counts['open'], 'payload')} shown, as it was committed to", before
        )
        out = counted(self.counts["withheld"], "payload")
        self.tell(
            f"{out} left out, {counted(self.counts['withheld'], 'commitment')} present", before
        )
        begin, end = self._cover()
        if end > begin:
            self.tell(f"every entry from {begin:,} to {end - 1:,} is here: the period is covered",
                      before)  # fmt: skip

    def _one(self, number, one, join):
        try:
            self._place(one["index"])
            leaf = self._entry(one)
            self._chain(one, leaf)
            join.take(number, one, leaf)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            self.fail("entries.jsonl", number, str(error))
            join.skip(one)

    def _cover(self):
        told = self.manifest["covers"]
        return (told["begin"], told["end"]) if told else (0, 0)

    def _place(self, index):
        begin, end = self._cover()
        if index <= self.last:
            raise ValueError(f"index {index} stands out of order, or twice")
        self.last = index
        if begin <= index < end:
            expected, self.covered = begin + self.covered, index - begin + 1
            if index != expected:
                raise ValueError(f"entry {expected} of the period is missing before it")

    def _cover_end(self):
        begin, end = self._cover()
        if end > begin and self.covered != end - begin:
            self.fail("entries.jsonl", self.counts["entries"] + 1, "the period is not covered")

    def _entry(self, one):
        leaf = decode(one["leaf"])
        leaf_hash = hashlib.sha256(b"\0" + leaf).digest()
        if not hmac.compare_digest(leaf_hash.hex(), one["leaf_hash"]):
            raise ValueError("the leaf is not that of its hash")
        if len(one["proof"]) > LONGEST_PROOF:
            raise ValueError(f"a proof has at most {LONGEST_PROOF} hashes")
        proof = [_hash32(text) for text in one["proof"]]
        if not included(one["index"], self.size, leaf_hash, proof, self.root):
            raise ValueError("its proof does not lead to the signed root")
        read = json.loads(leaf)
        if (stream_of(read), read["seq"]) != (one["stream"], one["seq"]):
            raise ValueError("the leaf names another stream or number")
        if one["payload"] not in ("open", "withheld") or one["role"] not in ("chosen", "cover"):
            raise ValueError("says nothing known of its payload or of its part")
        return read

    def _chain(self, one, leaf):
        held = self.streams.get(one["stream"])
        if held is None:
            before = sum(name < one["stream"] for name in self.streams)
            self.streams[one["stream"]] = held = Stream(
                before + 1, {**NOWHERE, "stream": one["stream"]}
            )
            self.fail("streams.jsonl", before + 1, f"{one['stream']} is not here")
        seq, last, before = one["seq"], held.last, held.hash
        if seq <= last:
            raise ValueError(f"number {seq} of its stream stands out of order, or twice")
        held.take(seq, bytes.fromhex(one["leaf_hash"]))
        if seq == last + 1 and leaf["prev"] != before.hex():
            raise ValueError("does not follow the entry before it in its stream")
        if seq > last + 1 and held.claim["whole"]:
            raise ValueError(f"number {last + 1} of its stream is missing before it")
        if leaf["kind"] == SEAL:
            self._seal(one, held)

    def _seal(self, one, held):
        """Check that what a seal closes is here, where the pack is of one whole case."""
        held.sealed = True
        if self.is_case and held.holes:
            raise ValueError(f"it seals {one['seq'] - 1:,} entries of {one['stream']}, and these "
                             f"are not here: {held.missing()}")  # fmt: skip

    def stream_ends(self):
        """Check that every stream ends where it is said to."""
        before, whole, sealed = len(self.wrong), 0, 0
        for held in self.streams.values():
            claim = held.claim
            whole += claim["whole"]
            sealed += held.sealed and claim["whole"]
            if (claim["entries"], claim["first"], claim["last"]) != held.ends():
                count, first, last = held.ends()
                self.fail("streams.jsonl", held.number, f"{claim['stream']} ends elsewhere: {count} "
                          f"entries, {first} to {last}")  # fmt: skip
        part = len(self.streams) - whole
        if sealed:
            self.tell(f"{counted(sealed, 'stream')} gapless from first entry to seal", before)
        if whole > sealed:
            self.tell(
                f"{counted(whole - sealed, 'stream')} gapless from the first entry on", before
            )
        if part:
            self.tell(f"{counted(part, 'stream')} here in part: what is here is proved", before)


class Stream:
    """What was met of one stream."""

    __slots__ = ("claim", "count", "first", "hash", "holes", "last", "number", "sealed")

    def __init__(self, number, claim):
        self.number, self.claim, self.holes, self.sealed = number, claim, (), False
        self.count = self.first = self.last = 0
        self.hash = b""

    def take(self, seq, leaf_hash):
        """Go on to an entry."""
        if seq > self.last + 1 and len(self.holes) < SHOWN:
            self.holes = (*self.holes, (self.last + 1, seq - 1))
        self.count, self.first, self.last, self.hash = (
            self.count + 1,
            self.first or seq,
            seq,
            leaf_hash,
        )

    def ends(self):
        """Return how many entries were met, and the first and the last number."""
        return self.count, self.first, self.last

    def missing(self):
        """Return in words which numbers were not met."""
        parts = [f"{first:,}" if first == last else f"{first:,} to {last:,}"
                 for first, last in self.holes]  # fmt: skip
        return ", ".join([*parts, *(["and more"] if len(parts) == SHOWN else [])])


class Join:
    """Walks payloads, redactions and index.csv beside the entries, all in the same order."""

    def __init__(self, check):
        self.check = check
        pack = check.pack
        self.payloads = self._objects(pack, "payloads.jsonl", PAYLOAD)
        self.redactions = self._objects(pack, "redactions.jsonl", REDACTION)
        self.rows = lines_of(pack, "index.csv")
        self.ends = {"payloads.jsonl": 0, "redactions.jsonl": 0, "index.csv": 0}
        self.heads = [next(self.payloads, None), next(self.redactions, None)]
        self._row(csv_text(HEADER))

    def _objects(self, pack, name, keys):
        last = -1
        for number, one in objects_of(pack, name, keys):
            self.ends[name] = number
            if isinstance(one, Wrong):
                self.check.wrong.append(one)
            elif one["index"] <= last:
                self.check.fail(name, number, "stands out of order, or twice")
            else:
                last = one["index"]
                yield number, one

    def skip(self, one=None):
        """Pass over what belongs to an entry that could not be read."""
        next(self.rows, None)
        index = one.get("index") if one else None
        for place, source in enumerate((self.payloads, self.redactions)):
            if self.heads[place] and self.heads[place][1]["index"] == index:
                self.heads[place] = next(source, None)

    def take(self, number, one, leaf):
        """Check what belongs to an entry."""
        index, shown = one["index"], one["payload"] == "open"
        for place in (0, 1):
            self._lost(place, index, number)
        payload = self._pop(0, index)
        redaction = self._pop(1, index)
        self._row(csv_row(index, leaf, one["payload"], number))
        name = "payloads.jsonl" if shown else "redactions.jsonl"
        present = payload if shown else redaction
        if present is None or (payload and redaction):
            at = self.heads[0 if shown else 1]
            self.check.fail(
                name,
                at[0] if at else self.ends[name] + 1,
                f"entry {index} has no line here, or one too many",
            )
            said = f"calls its payload {one['payload']}, and it is not"
            self.check.fail("entries.jsonl", number, said)
        elif shown:
            self._payload(payload, leaf)
        else:
            self._redaction(redaction, one, leaf)

    def _lost(self, place, index, number):
        name = ("payloads.jsonl", "redactions.jsonl")[place]
        source = (self.payloads, self.redactions)[place]
        while self.heads[place] and self.heads[place][1]["index"] < index:
            at, one = self.heads[place]
            if not self.check.wrong:
                self.check.fail("entries.jsonl", number, "a line is missing before it")
            self.check.fail(name, at, f"its entry {one['index']} is not before line {number} of "
                            "entries.jsonl")  # fmt: skip
            self.heads[place] = next(source, None)

    def _pop(self, place, index):
        head = self.heads[place]
        if head is None or head[1]["index"] != index:
            return None
        self.heads[place] = next((self.payloads, self.redactions)[place], None)
        return head

    def _payload(self, head, leaf):
        number, one = head
        self.check.counts["open"] += 1
        try:
            salt, body = decode(one["salt"]), one["body"].encode()
        except (ValueError, AttributeError) as error:
            self.check.fail("payloads.jsonl", number, f"cannot be read: {error}")
            return
        found = hmac.new(salt, body, hashlib.sha256).hexdigest()
        if len(salt) != 32 or not hmac.compare_digest(found, leaf["payload"]):
            self.check.fail("payloads.jsonl", number, "is not what was committed to")
        elif leaf["kind"] == SEAL:
            said = json.loads(body)
            if (said["count"], said["head"]) != (leaf["seq"] - 1, leaf["prev"]):
                self.check.fail("payloads.jsonl", number, f"seals {said['count']} entries that end "
                                f"in {str(said['head'])[:16]}; {leaf['seq'] - 1} stand before it, and "
                                f"end in {leaf['prev'][:16]}")  # fmt: skip

    def _redaction(self, head, one, leaf):
        number, redaction = head
        self.check.counts["withheld"] += 1
        if redaction["reason"] not in REASONS:
            self.check.fail("redactions.jsonl", number, "gives no reason that is known")
            return
        self.check.counts[redaction["reason"]] += 1
        told = (redaction["commitment"], redaction["stream"], redaction["seq"])
        if told != (leaf["payload"], one["stream"], one["seq"]):
            self.check.fail("redactions.jsonl", number, "is not of the entry it names")

    def _row(self, expected):
        number, line = next(self.rows, (self.ends["index.csv"] + 1, b""))
        self.ends["index.csv"] = number
        if line != expected.encode():
            self.check.fail("index.csv", number, "is not what the entry says")

    def end(self):
        """Check that nothing is left over."""
        for place, name in enumerate(("payloads.jsonl", "redactions.jsonl")):
            if self.heads[place]:
                at, one = self.heads[place]
                self.check.fail(name, at, f"there is no entry {one['index']} for it")
        for number, _line in self.rows:
            self.check.fail("index.csv", number, "there is no entry for it")
            break


def counted(number, name):
    """Return a number with the name of what it counts."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def answer(check, out):
    """Write what was found."""
    streams, entries = len(check.streams), check.counts["entries"]
    print(
        f"{counted(streams, 'stream')}, {entries:,} {'entry' if entries == 1 else 'entries'}",
        file=out,
    )
    for text, end in check.said:
        print(f"{text:<68} {end}", file=out)
    for reason, words in REASONS.items():
        if check.counts[reason]:
            print(f"    {words}: {check.counts[reason]:,}", file=out)
    print(
        f"gaps declared by the exporter: {check.manifest.get('gaps', 0)} (see gaps.txt)", file=out
    )
    if check.manifest.get("findings"):
        print(
            f"findings of a check of the ledger: {check.manifest['findings']} (see gaps.txt)",
            file=out,
        )
    for one in check.wrong[:SHOWN]:
        print(f"FAILED  {one}", file=out)
    if len(check.wrong) > SHOWN:
        print(f"FAILED  and {len(check.wrong) - SHOWN} more", file=out)
    if check.wrong:
        print("This pack does not prove what it says.", file=out)


def main(arguments=None, out=None):
    """Check the pack that the command line names; return the code to end with."""
    out = out or sys.stdout
    parser = argparse.ArgumentParser(description="Checks a pack of evidence.")
    parser.add_argument("pack", type=Path, nargs="?", default=Path(), help="a folder or a zip file")
    parser.add_argument("--key", action="append", default=[], help="a key given another way")
    parser.add_argument("--checkpoint", type=Path, help="an older checkpoint in your hand")
    options = parser.parse_args(arguments)
    try:
        keys = [Key(text.strip()) for text in options.key]
        held = options.checkpoint
        brought = (str(held), held.read_bytes().decode()) if held else None
    except (ValueError, OSError) as error:
        print(f"the key or the checkpoint cannot be read: {error}", file=out)
        return 2
    try:
        pack = Folder(options.pack) if options.pack.is_dir() else Zip(options.pack)
        check = Check(pack, keys, brought)
        check.run()
    except Wrong as error:
        print(f"FAILED  {error}", file=out)
        return 1 if options.pack.exists() else 2
    answer(check, out)
    return 1 if check.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
