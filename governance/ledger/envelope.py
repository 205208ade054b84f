"""Bytes of an entry: envelope v1, commitment of its payload, leaf hash. Pure.

An envelope holds ids, codes and digests only. Values are strings and integers, so that no
two readers can disagree about a number.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from governance.ledger.types import EntryDraft, Json
from orchestra.core.actors import Actor
from orchestra.core.canonical import MAX_SAFE_INTEGER, canonical_bytes, check_text
from orchestra.core.errors import FieldError, InvalidInputError

ENVELOPE_VERSION = 1
MAX_LEAF_BYTES = 65_535
SALT_BYTES = 32
MAX_STREAM_LENGTH = 120
MAX_ID_LENGTH = 100
CASE_PREFIX = "case:"

_LEAF_PREFIX = b"\x00"
_STREAM = re.compile(r"[a-z][a-z_]*(?::[A-Za-z0-9._-]+)?", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in its stream.

    Attributes:
        seq: Gapless number in the stream, from 1.
        prev: Leaf hash of the entry before, lower-case hex; empty for the first.
    """

    seq: int
    prev: str


def build_envelope(
    *, draft: EntryDraft, actor: Actor, at: str, place: Place, commitment: str
) -> dict[str, Json]:
    """Return envelope v1 of an entry.

    Args:
        draft: What is recorded; its payload stays outside, only the commitment goes in.
        actor: Who acted.
        at: When, ``YYYY-MM-DDTHH:MM:SS.ffffffZ``.
        place: Number and predecessor in the stream.
        commitment: Commitment of the payload, from ``commit_payload``.

    Raises:
        InvalidInputError: A name is too long or ill-formed, or a digest is none.
    """
    check_draft(draft=draft, actor=actor)
    if not _TIME.fullmatch(at):
        _refuse("at", "is no time of the form YYYY-MM-DDTHH:MM:SS.ffffffZ")
    envelope: dict[str, Json] = {
        "actor": actor.as_envelope(),
        "at": at,
        "kind": draft.kind,
        "payload": commitment,
        "prev": place.prev,
        "seq": place.seq,
        "v": ENVELOPE_VERSION,
    }
    if draft.stream.startswith(CASE_PREFIX):
        envelope["case"] = draft.stream.removeprefix(CASE_PREFIX)
    else:
        envelope["stream"] = draft.stream
    if draft.subject_kind or draft.subject_id:
        envelope["subject"] = {"id": draft.subject_id, "kind": draft.subject_kind}
    digests = {"cue": draft.cue, "policy": draft.policy, "schema": draft.schema}
    envelope.update({key: value for key, value in digests.items() if value})
    return envelope


def check_draft(*, draft: EntryDraft, actor: Actor) -> None:
    """Refuse what no envelope can hold, before its place is known.

    Raises:
        InvalidInputError: A name is too long or ill-formed, or a digest is none.
    """
    if len(draft.stream) > MAX_STREAM_LENGTH or not _STREAM.fullmatch(draft.stream):
        _refuse("stream", f"{draft.stream!r} is no stream name, such as case:<id> or system")
    lengths = {
        "kind": draft.kind,
        "actor.id": actor.id,
        "subject_kind": draft.subject_kind,
        "subject_id": draft.subject_id,
    }
    for field, text in lengths.items():
        if len(text) > MAX_ID_LENGTH:
            _refuse(field, f"is longer than {MAX_ID_LENGTH} characters")
    digests = {"policy": draft.policy, "cue": draft.cue, "schema": draft.schema}
    for field, text in digests.items():
        if text and not _DIGEST.fullmatch(text):
            _refuse(field, "is no SHA-256 in 64 lower-case hex digits")


def encode_envelope(envelope: Mapping[str, Json]) -> bytes:
    """Return the leaf bytes: the canonical encoding, after the value rules.

    Raises:
        InvalidInputError: A value is no string, safe integer or object of such; a text holds
            U+0000 or half a surrogate pair; or the bytes are more than 65,535.
    """
    _check_value(envelope, "")
    leaf = _canonical(envelope, "")
    if len(leaf) > MAX_LEAF_BYTES:
        _refuse("", f"an envelope of {len(leaf)} bytes is larger than {MAX_LEAF_BYTES}")
    return leaf


def encode_payload(payload: Mapping[str, Json]) -> bytes:
    """Return the canonical bytes of a payload.

    Raises:
        InvalidInputError: It has no canonical form, or a text holds U+0000.
    """
    return _canonical(payload, "payload")


def commit_payload(*, salt: bytes, body: bytes) -> str:
    """Return the commitment: lower-case hex HMAC-SHA-256 of the payload's canonical bytes.

    Args:
        salt: 32 random bytes, kept beside the payload and erased with it.
        body: Canonical payload bytes.

    Raises:
        ValueError: The salt is not 32 bytes long.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return hmac.digest(salt, body, "sha256").hex()


def hash_leaf(leaf: bytes) -> bytes:
    """Return SHA-256 of 0x00 and the leaf bytes."""
    return hashlib.sha256(_LEAF_PREFIX + leaf).digest()


def stream_of(envelope: Mapping[str, Any]) -> str:
    """Return the stream that an envelope names."""
    case = envelope.get("case")
    return f"{CASE_PREFIX}{case}" if case is not None else str(envelope.get("stream", ""))


def _canonical(value: Mapping[str, Json], path: str) -> bytes:
    encoded = canonical_bytes(dict(value))
    # The escape can also be a text about an escape, so the exact look is only taken when
    # it occurs: walking every character of every text would cost more than hashing it.
    if b"\\u0000" in encoded:
        check_text(value, path)
    return encoded


def _check_value(value: Json, path: str) -> None:
    if isinstance(value, str):
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                _refuse(path, "has a key that is no text")
            _check_value(item, f"{path}.{key}" if path else key)
        return
    if isinstance(value, bool) or not isinstance(value, int):
        _refuse(path, f"is a {type(value).__name__}; an envelope holds texts and integers only")
    if abs(value) > MAX_SAFE_INTEGER:
        _refuse(path, "is an integer beyond 2^53-1, which not every reader can hold")


def _refuse(path: str, message: str) -> NoReturn:
    raise InvalidInputError(
        f"{path or 'the envelope'} {message}" if path else message,
        errors=[FieldError(path, "envelope", message)],
    )
