"""What a ledger's operator states under its key: a successor of the key, or a new epoch. Pure.

A statement is a signed note that stands beside the checkpoints. The newest one must be signed
by a key that the installation holds; each names its predecessor, so trust runs backwards from
that key and nobody without it can add a key or an epoch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from governance.ledger import notes
from governance.ledger.notes import NoteError, TreeHead, VerifierKey
from governance.ledger.tree import HASH_BYTES

ROTATION = "orchestra key-rotation v1"
EPOCH = "orchestra ledger-epoch v1"
NEVER = "-"

_ROTATION_LINES = 7
_EPOCH_LINES = 10


@dataclass(frozen=True, slots=True)
class Rotation:
    """A key takes over from another.

    Attributes:
        origin: Name of the ledger, and of both keys.
        size: Entries under the last checkpoint that the old key signs alone.
        root: Root of that checkpoint.
        old: Verifier key that ends.
        new: Verifier key that begins.
        both_until: RFC 3339 moment until which checkpoints carry both lines; ``-`` for never.
    """

    origin: str
    size: int
    root: bytes
    old: VerifierKey
    new: VerifierKey
    both_until: str

    def text(self) -> str:
        """Return the signed lines."""
        lines = [
            self.origin,
            ROTATION,
            f"size {self.size}",
            f"root {notes.encode_base64(self.root)}",
            f"old {self.old.text()}",
            f"new {self.new.text()}",
            f"both-until {self.both_until}",
        ]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Epoch:
    """The ledger goes on under another name, since it departs from what it signed before.

    Attributes:
        origin: Name of the ledger from here on.
        number: 2 for the first such departure.
        size: Entries of the ledger as it goes on.
        root: Root over them.
        old: Verifier key under the earlier name.
        new: Verifier key under the new name.
        agreed_size: Largest earlier checkpoint that the ledger still continues; 0 for none.
        lost_size: Size of the earlier checkpoint that it contradicts.
        lost_root: Root of that one.
    """

    origin: str
    number: int
    size: int
    root: bytes
    old: VerifierKey
    new: VerifierKey
    agreed_size: int
    lost_size: int
    lost_root: bytes

    def text(self) -> str:
        """Return the signed lines."""
        lines = [
            self.origin,
            EPOCH,
            f"number {self.number}",
            f"size {self.size}",
            f"root {notes.encode_base64(self.root)}",
            f"old {self.old.text()}",
            f"new {self.new.text()}",
            f"agreed-size {self.agreed_size}",
            f"lost-size {self.lost_size}",
            f"lost-root {notes.encode_base64(self.lost_root)}",
        ]
        return "\n".join(lines) + "\n"


Statement = Rotation | Epoch


@dataclass(frozen=True, slots=True)
class KeySpan:
    """A key and the checkpoints that need its signature.

    Attributes:
        key: The verifier key; its name is the origin of those checkpoints.
        after_size: Checkpoints larger than this need it; -1 for the first key.
        up_to_size: And no larger than this; None while the key is in force.
        both_until: RFC 3339 moment until which the key signs beside its successor; else empty.
    """

    key: VerifierKey
    after_size: int = -1
    up_to_size: int | None = None
    both_until: str = ""

    def covers(self, head: TreeHead) -> bool:
        """Return whether a checkpoint needs this key."""
        ends = self.up_to_size
        return (
            head.origin == self.key.name
            and head.size > self.after_size
            and (ends is None or head.size <= ends)
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """Which keys and epochs a ledger has, oldest first.

    Attributes:
        spans: The keys with the checkpoints they sign; the last is in force.
        epochs: Every departure that was acknowledged.
        extra: Keys accepted for a checkpoint of any size.
    """

    spans: tuple[KeySpan, ...]
    epochs: tuple[Epoch, ...] = ()
    extra: tuple[VerifierKey, ...] = ()

    @property
    def origin(self) -> str:
        """Name of the ledger now."""
        return self.spans[-1].key.name

    @property
    def key(self) -> VerifierKey:
        """The key in force."""
        return self.spans[-1].key

    def keys(self) -> list[VerifierKey]:
        """Return every key, the one in force first."""
        return [*(span.key for span in reversed(self.spans)), *self.extra]

    def open_checkpoint(self, note: str) -> TreeHead:
        """Check a checkpoint's signature by the key that its size needs.

        Raises:
            NoteError: It is ill-formed, or that key did not sign it.
        """
        opened = notes.open_note(note, self.keys())
        head = notes.parse_checkpoint(opened.text)
        if any(span.covers(head) and span.key in opened.signed_by for span in self.spans):
            return head
        if any(key in opened.signed_by and key.name == head.origin for key in self.extra):
            return head
        raise NoteError("the key that signed the checkpoint was not in force at that size")

    def acknowledges(self, head: TreeHead) -> bool:
        """Return whether a later epoch says that the ledger departs from a checkpoint."""
        return any(
            epoch.old.name == head.origin and head.size > epoch.agreed_size for epoch in self.epochs
        )


def head_of(statement: Statement) -> TreeHead:
    """Return the tree that a statement was made over."""
    return TreeHead(origin=statement.origin, size=statement.size, root=statement.root)


def is_statement(note: str) -> bool:
    """Return whether a note is a statement rather than a checkpoint."""
    return note.split("\n", 2)[1:2] in ([ROTATION], [EPOCH])


def parse(text: str) -> Statement:
    """Read the text of a statement.

    Raises:
        NoteError: It has another form.
    """
    lines = text.split("\n")
    if lines[-1] or len(lines) < 3:  # noqa: PLR2004  the origin, the heading, and the end
        raise NoteError("a statement ends in a line feed and has a heading")
    origin, heading, *values = lines[:-1]
    if heading == ROTATION and len(lines) == _ROTATION_LINES + 1:
        return _parse_rotation(origin, values)
    if heading == EPOCH and len(lines) == _EPOCH_LINES + 1:
        return _parse_epoch(origin, values)
    raise NoteError("the statement is of no known kind")


def stand(*, present: Sequence[VerifierKey], origin: str, statements: Sequence[str]) -> Standing:
    """Return which keys and epochs stand, given what was stated.

    Args:
        present: Public keys of the private keys at hand, named ``origin``; the first is the
            one in force where nothing was stated.
        origin: Name of the ledger in its first epoch.
        statements: The notes, oldest first.

    Raises:
        NoteError: A statement is ill-formed or unsigned, or none of the keys at hand is the
            one in force.
    """
    if not statements:
        return Standing(spans=(KeySpan(present[0]),))
    parsed = [parse(text_of(note)) for note in statements]
    trusted = parsed[-1].new
    if trusted.public_key not in {key.public_key for key in present}:
        raise NoteError(f"the key in force is {trusted.text()}, and it is not at hand")
    spans: list[KeySpan] = []
    ends: int | None = None
    until = ""
    for note, one in zip(reversed(statements), reversed(parsed), strict=True):
        if one.new != trusted:
            raise NoteError(f"a statement names {one.new.text()}, which nothing leads to")
        notes.open_note(note, [trusted])
        spans.append(KeySpan(trusted, after_size=one.size, up_to_size=ends, both_until=until))
        trusted, ends = one.old, one.size
        until = one.both_until if isinstance(one, Rotation) and one.both_until != NEVER else ""
    spans.append(KeySpan(trusted, up_to_size=ends, both_until=until))
    if trusted.name != origin:
        raise NoteError(f"the first key is named {trusted.name}, not {origin}")
    return Standing(
        spans=tuple(reversed(spans)),
        epochs=tuple(one for one in parsed if isinstance(one, Epoch)),
    )


def named(key: VerifierKey, origin: str) -> VerifierKey:
    """Return the same public key under another name."""
    return VerifierKey(name=origin, type=key.type, public_key=key.public_key)


def sign(*, statement: Statement, seeds: Iterable[bytes]) -> str:
    """Return a statement as a note with a line for each key of the statement that is at hand.

    Args:
        statement: What is stated.
        seeds: Private seeds of 32 bytes.

    Raises:
        NoteError: No seed is that of its new key.
    """
    held = list(seeds)
    note = ""
    for key in (statement.new, statement.old):
        for seed in held:
            if notes.log_key(name=key.name, seed=seed) == key:
                signed = notes.sign_note(text=statement.text(), name=key.name, seed=seed)
                note += signed if not note else signed.removeprefix(f"{statement.text()}\n")
                break
        else:
            if key == statement.new:
                raise NoteError("the private key that takes over is not at hand")
    return note


def text_of(note: str) -> str:
    """Return the text of a note, whoever signed it.

    Raises:
        NoteError: It has no signatures.
    """
    text, separator, _ = note.rpartition("\n\n")
    if not separator:
        raise NoteError("a statement has a text, an empty line and signatures")
    return f"{text}\n"


def _parse_rotation(origin: str, values: Sequence[str]) -> Rotation:
    size, root, old, new, until = (
        _value(line, name)
        for line, name in zip(values, ("size", "root", "old", "new", "both-until"), strict=True)
    )
    return Rotation(
        origin=origin,
        size=notes.parse_decimal(size),
        root=_root(root),
        old=notes.parse_vkey(old),
        new=notes.parse_vkey(new),
        both_until=until,
    )


def _parse_epoch(origin: str, values: Sequence[str]) -> Epoch:
    names = ("number", "size", "root", "old", "new", "agreed-size", "lost-size", "lost-root")
    number, size, root, old, new, agreed, lost, lost_root = (
        _value(line, name) for line, name in zip(values, names, strict=True)
    )
    return Epoch(
        origin=origin,
        number=notes.parse_decimal(number),
        size=notes.parse_decimal(size),
        root=_root(root),
        old=notes.parse_vkey(old),
        new=notes.parse_vkey(new),
        agreed_size=notes.parse_decimal(agreed),
        lost_size=notes.parse_decimal(lost),
        lost_root=_root(lost_root),
    )


def _value(line: str, name: str) -> str:
    found, separator, value = line.partition(" ")
    if found != name or not separator or not value:
        raise NoteError(f"a statement's line {name} is missing")
    return value


def _root(text: str) -> bytes:
    root = notes.decode_base64(text)
    if len(root) != HASH_BYTES:
        raise NoteError(f"a root has {HASH_BYTES} bytes, not {len(root)}")
    return root
