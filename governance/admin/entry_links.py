"""What one entry names, and where each of it is shown; the faces above put their places in."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from governance.admin.visit import Visit
from governance.ledger.models import LedgerEntry
from orchestra.core.registry import Registry
from orchestra.core.together import Reading, all_of


@dataclass(frozen=True, slots=True)
class Named:
    """What an entry names, for a source that may know where it is shown.

    Attributes:
        at: When it was recorded, UTC.
        stream_kind: Kind of its stream, such as ``case``.
        stream_id: Public id that the stream bears; empty for the system's own.
        subject_kind: What the act was on, as a code.
        subject_id: Its public id.
        actor_kind: ``human``, ``agent`` or ``system``.
        actor_id: Public id of who acted.
        digests: Digests of documents by field of the envelope: ``policy``, ``cue``, ``schema``.
        payload: Empty once it was erased.
    """

    at: datetime
    stream_kind: str
    stream_id: str
    subject_kind: str
    subject_id: str
    actor_kind: str
    actor_id: str
    digests: Mapping[str, str]
    payload: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a text of the payload; empty where it holds none of that name."""
        value = self.payload.get(name)
        return str(value) if isinstance(value, str | int) else ""


@dataclass(frozen=True, slots=True)
class Way:
    """One thing that an entry names.

    Attributes:
        what: What it is, in a word.
        title: What it is called.
        link: Where it is shown; empty where the reader may not open it.
        field: Field of the envelope that names it; empty where none does.
        subject_id: Public id under which the ledger has more of the same matter.
    """

    what: str
    title: str
    link: str = ""
    field: str = ""
    subject_id: str = ""


Places = Callable[[Visit, Named], Reading[list[Way]]]

#: Each says where the things of its rooms are shown, for one reader.
places: Registry[Places] = Registry("source of places that entries name")


def named_by(entry: LedgerEntry, payload: Mapping[str, Any] | None) -> Named:
    """Return what an entry names; an envelope that cannot be read names no documents."""
    kind, _colon, key = entry.stream.partition(":")
    return Named(
        at=entry.at,
        stream_kind=kind,
        stream_id=key,
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
        actor_kind=entry.actor_kind,
        actor_id=entry.actor_id,
        digests=_digests(bytes(entry.leaf_bytes)),
        payload=payload or {},
    )


def reading_ways(visit: Visit, named: Named) -> Reading[list[Way]]:
    """Come to every thing that an entry names, each once."""
    told = yield from all_of({key: places.get(key)(visit, named) for key in places})
    found: dict[tuple[str, str], Way] = {}
    for ways in told.values():
        for way in ways:
            found.setdefault((way.what, way.title), way)
    return list(found.values())


def as_uuid(text: str) -> UUID | None:
    """Return a public id as one; None where the text is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _digests(leaf: bytes) -> dict[str, str]:
    try:
        value = json.loads(leaf)
    except ValueError:
        return {}
    return {name: value[name] for name in ("policy", "cue", "schema") if name in value}
