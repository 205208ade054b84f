"""Reads leaf bytes: what the columns beside them and the chain must agree with. Pure."""

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

from governance.ledger import envelope
from governance.ledger.types import Json

#: Printable ASCII that JSON never escapes, so that it reads as it stands.
_TEXT = r"([ !#-\[\]-~]*)"
_DIGEST = r"[0-9a-f]{64}"
#: What ``encode_envelope`` writes unless a text needs an escape or more than ASCII.
_PLAIN = re.compile(
    rf'\{{"actor":\{{"id":"{_TEXT}","kind":"{_TEXT}"\}},"at":"{_TEXT}",'
    rf'(?:"case":"{_TEXT}",)?(?:"cue":"{_DIGEST}",)?'
    rf'"kind":"{_TEXT}","payload":"{_TEXT}",(?:"policy":"{_DIGEST}",)?'
    rf'"prev":"{_TEXT}",(?:"schema":"{_DIGEST}",)?"seq":(0|[1-9][0-9]{{0,15}}),'
    rf'(?:"stream":"{_TEXT}",)?(?:"subject":\{{"id":"{_TEXT}","kind":"{_TEXT}"\}},)?"v":1\}}',
    re.ASCII,
)


class Leaf(NamedTuple):
    """What a leaf says of itself.

    Attributes:
        columns: Stream, number, kind, time, kind and id of the actor, kind and id of the
            subject: what stands in columns too, in that order.
        prev: Leaf hash of the entry before in the stream.
        commitment: Of the payload.
    """

    columns: tuple[Json, ...]
    prev: Json
    commitment: Json


def read_leaf(leaf: bytes) -> Leaf:
    """Return what a leaf says of itself.

    Raises:
        ValueError: The bytes are no envelope of version 1.
    """
    try:
        plain = _PLAIN.fullmatch(leaf.decode("ascii"))
    except UnicodeDecodeError:
        plain = None
    return _read_json(leaf) if plain is None else _read_plain(plain)


def _read_plain(plain: re.Match[str]) -> Leaf:
    actor, actor_kind, at, case, kind, payload, prev, seq, stream, about, about_kind = (
        plain.groups()
    )
    name = stream or "" if case is None else f"{envelope.CASE_PREFIX}{case}"
    columns = (name, int(seq), kind, at, actor_kind, actor, about_kind or "", about or "")
    return Leaf(columns, prev, payload)


def _read_json(leaf: bytes) -> Leaf:
    try:
        read = json.loads(leaf)
        return Leaf(_columns(read), read["prev"], read["payload"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("the bytes are no envelope of version 1") from error


def _columns(leaf: Mapping[str, Json]) -> tuple[Json, ...]:
    subject = leaf.get("subject", {})
    return (
        envelope.stream_of(leaf),
        leaf["seq"],
        leaf["kind"],
        leaf["at"],
        leaf["actor"]["kind"],
        leaf["actor"]["id"],
        subject.get("kind", ""),
        subject.get("id", ""),
    )
