"""Checkpoints, signed notes, their keys and cosignatures, and offline proofs (C2SP). Pure."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from governance.ledger.tree import HASH_BYTES, MAX_PROOF_HASHES

ED25519 = 0x01
COSIGNATURE = 0x04
PROOF_HEADER = "c2sp.org/tlog-proof@v1"

_KEY_ID_BYTES = 4
_PUBLIC_KEY_BYTES = 32
_TIME_BYTES = 8
_DASH = "\u2014 "
_MAX_SIGNATURES = 100
_MAX_DIGITS = 20
_DECIMAL = re.compile(r"0|[1-9][0-9]*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_ID_TEXT = re.compile(r"[0-9a-f]{8}", re.ASCII)
_CHECKPOINT_LINES = 3


class NoteError(ValueError):
    """A note, key or proof is ill-formed, or a signature does not verify."""


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What a log says of itself at one moment.

    Attributes:
        origin: Name of the log.
        size: Number of leaves.
        root: Root hash over them, 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the three signed lines."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and the name it signs under.

    Attributes:
        name: Key name, without spaces or ``+``.
        type: 0x01 for a log's Ed25519 signature, 0x04 for a witness's cosignature.
        public_key: The raw 32 bytes.
    """

    name: str
    type: int
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of the hash over name, type and key."""
        material = self.name.encode() + b"\n" + bytes([self.type]) + self.public_key
        return hashlib.sha256(material).digest()[:_KEY_ID_BYTES]

    def text(self) -> str:
        """Return the vkey line that an installation publishes."""
        material = encode_base64(bytes([self.type]) + self.public_key)
        return f"{self.name}+{self.key_id.hex()}+{material}"

    def check(self, *, text: str, signature: bytes) -> int | None:
        """Verify one signature over a note's text.

        Returns:
            The time a cosignature states, in seconds since 1970; None for a plain signature.

        Raises:
            NoteError: The signature does not verify.
        """
        at: int | None = None
        message = text.encode()
        if self.type == COSIGNATURE:
            at = int.from_bytes(signature[:_TIME_BYTES], "big")
            message = cosigned_message(text=text, at=at)
            signature = signature[_TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise NoteError(f"the signature of {self.name} does not verify") from error
        return at


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A note with at least one good signature.

    Attributes:
        text: The signed text, with its last line feed.
        signed_by: The keys whose signatures verify.
        cosigned_at: Seconds since 1970 by name of the witness.
    """

    text: str
    signed_by: tuple[VerifierKey, ...]
    cosigned_at: dict[str, int]


@dataclass(frozen=True, slots=True)
class OfflineProof:
    """An inclusion proof with its signed checkpoint, readable without our software.

    Attributes:
        index: Place of the entry.
        hashes: The inclusion path.
        note: The signed checkpoint.
        extra: Opaque bytes beside the proof, or None.
    """

    index: int
    hashes: tuple[bytes, ...]
    note: str
    extra: bytes | None = None

    def text(self) -> str:
        """Return the tlog-proof text."""
        lines = [PROOF_HEADER]
        if self.extra is not None:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(encode_base64(item) for item in self.hashes)
        return "\n".join(lines) + "\n\n" + self.note


def encode_base64(data: bytes) -> str:
    """Return standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Return the bytes of strict standard base64.

    Raises:
        NoteError: Another alphabet, white space, missing padding, or stray bits.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("a line is no base64") from error
    if encode_base64(data) != text:
        raise NoteError("a line is no strict base64")
    return data


def parse_decimal(text: str) -> int:
    """Return the number of an ASCII decimal without a leading zero.

    Raises:
        NoteError: It is none.
    """
    if len(text) > _MAX_DIGITS or not _DECIMAL.fullmatch(text):
        raise NoteError(f"{text[:_MAX_DIGITS]!r} is no decimal number")
    return int(text)


def parse_checkpoint(text: str) -> TreeHead:
    """Read the three lines of a checkpoint.

    Raises:
        NoteError: It has another form, or extension lines.
    """
    lines = text.split("\n")
    if len(lines) != _CHECKPOINT_LINES + 1 or lines[-1] or not lines[0]:
        raise NoteError("a checkpoint has three lines: origin, size and root")
    root = decode_base64(lines[2])
    if len(root) != HASH_BYTES:
        raise NoteError(f"a root has {HASH_BYTES} bytes, not {len(root)}")
    return TreeHead(origin=lines[0], size=parse_decimal(lines[1]), root=root)


def parse_vkey(text: str) -> VerifierKey:
    """Read a published verifier key.

    Raises:
        NoteError: It is ill-formed, or its key id is that of another key.
    """
    name, _, rest = text.partition("+")
    key_id, _, material = rest.partition("+")
    _check_name(name)
    if not _KEY_ID_TEXT.fullmatch(key_id):
        raise NoteError("a key id has eight lower-case hex digits")
    data = decode_base64(material)
    if len(data) != 1 + _PUBLIC_KEY_BYTES or data[0] not in {ED25519, COSIGNATURE}:
        raise NoteError("the key is of a kind that is not known here")
    key = VerifierKey(name=name, type=data[0], public_key=data[1:])
    if key.key_id.hex() != key_id:
        raise NoteError("the key id belongs to another key")
    return key


def log_key(*, name: str, seed: bytes) -> VerifierKey:
    """Return the verifier key of a log's private seed of 32 bytes."""
    _check_name(name)
    return VerifierKey(name=name, type=ED25519, public_key=_public(seed))


def witness_key(*, name: str, seed: bytes) -> VerifierKey:
    """Return the verifier key of a witness's private seed of 32 bytes."""
    _check_name(name)
    return VerifierKey(name=name, type=COSIGNATURE, public_key=_public(seed))


def sign_note(*, text: str, name: str, seed: bytes) -> str:
    """Return a note with one Ed25519 signature line.

    Raises:
        NoteError: The text cannot be signed, or the name is none.
    """
    _check_text(text)
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(text.encode())
    return f"{text}\n" + _line(log_key(name=name, seed=seed), signature)


def cosignature_line(*, text: str, name: str, seed: bytes, at: int) -> str:
    """Return the line by which a witness adds its cosignature to a note.

    Args:
        text: The checkpoint's text.
        name: The witness's key name.
        seed: Its private seed, 32 bytes.
        at: Seconds since 1970.
    """
    message = cosigned_message(text=text, at=at)
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(message)
    return _line(witness_key(name=name, seed=seed), at.to_bytes(_TIME_BYTES, "big") + signature)


def cosigned_message(*, text: str, at: int) -> bytes:
    """Return the bytes that a witness signs."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def open_note(note: str, keys: Iterable[VerifierKey]) -> OpenedNote:
    """Check a signed note against known keys.

    Signatures of unknown keys are passed over; one known key that fails spoils the note.

    Raises:
        NoteError: It is ill-formed, a known key's signature fails, or no key is known.
    """
    text, lines = _split_note(note)
    known = {(key.name, key.key_id): key for key in keys}
    signed_by: list[VerifierKey] = []
    cosigned_at: dict[str, int] = {}
    for line in lines:
        name, key_id, signature = _parse_line(line)
        key = known.get((name, key_id))
        if key is None or key in signed_by:
            continue
        at = key.check(text=text, signature=signature)
        signed_by.append(key)
        if at is not None:
            cosigned_at[name] = at
    if not signed_by:
        raise NoteError("no known key signed the note")
    return OpenedNote(text=text, signed_by=tuple(signed_by), cosigned_at=cosigned_at)


def split_notes(content: str) -> tuple[list[str], str]:
    """Split a file of notes, each followed by an empty line.

    Returns:
        The notes, and what follows the last complete one.
    """
    *parts, rest = content.split("\n\n")
    notes = [
        f"{text}\n\n{signatures}\n"
        for text, signatures in zip(parts[::2], parts[1::2], strict=False)
    ]
    if len(parts) % 2:
        rest = f"{parts[-1]}\n\n{rest}"
    return notes, rest


def parse_proof(text: str) -> OfflineProof:
    """Read a tlog-proof.

    Raises:
        NoteError: It has another form, or more than 63 hashes.
    """
    head, separator, note = text.partition("\n\n")
    lines = head.split("\n")
    if not separator or lines.pop(0) != PROOF_HEADER:
        raise NoteError(f"a proof begins with {PROOF_HEADER}")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise NoteError("a proof names its index")
    index = parse_decimal(lines.pop(0).removeprefix("index "))
    if len(lines) > MAX_PROOF_HASHES:
        raise NoteError(f"a proof has at most {MAX_PROOF_HASHES} hashes")
    return OfflineProof(index=index, hashes=_hashes(lines), note=note, extra=extra)


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    hashes = tuple(decode_base64(line) for line in lines)
    if any(len(item) != HASH_BYTES for item in hashes):
        raise NoteError(f"a hash has {HASH_BYTES} bytes")
    return hashes


def _public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _line(key: VerifierKey, signature: bytes) -> str:
    return f"{_DASH}{key.name} {encode_base64(key.key_id + signature)}\n"


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise NoteError(f"{name!r} is no key name")


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NoteError("a note is valid Unicode") from error
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteError("a note's text ends in a line feed and holds no control characters")


def _split_note(note: str) -> tuple[str, list[str]]:
    _check_text(note)
    text, separator, block = note.rpartition("\n\n")
    lines = block.split("\n")[:-1]
    if not separator or not lines or len(lines) > _MAX_SIGNATURES:
        raise NoteError("a note has a text, an empty line and 1 to 100 signatures")
    return f"{text}\n", lines


def _parse_line(line: str) -> tuple[str, bytes, bytes]:
    name, separator, value = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not separator:
        raise NoteError("a signature line has a dash, a name and a signature")
    _check_name(name)
    data = decode_base64(value)
    if len(data) <= _KEY_ID_BYTES:
        raise NoteError("a signature is too short")
    return name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:]
