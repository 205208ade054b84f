"""What happened in a case: a view of its ledger stream, and of those of the cases it took in."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from cases.memory.locks import not_found
from cases.memory.models import Case
from cases.memory.rules import is_uuid, masking_for
from cases.memory.types import CaseEntry, Json, Masking, TimelineItem
from governance.access.rules import may
from governance.access.types import Authority, Capability
from governance.ledger.entries import ACTOR_LABEL
from governance.ledger.selectors import (
    entry_sentence,
    list_stream,
    list_streams,
    payload_of,
)
from orchestra.core.actors import ActorKind
from orchestra.core.redaction import mask_value
from orchestra.core.together import Reading, read

_PREFIX = "case:"


def timeline(
    *,
    authority: Authority,
    case: Case,
    unmasked: bool = False,
    after: int = 0,
    limit: int | None = None,
    absorbed: Mapping[str, str] | None = None,
) -> list[TimelineItem]:
    """Return what happened in a case, oldest first, with what happened in those it took in.

    A place is how many entries come before. Nothing is ever put between two of one stream, so that
    a place holds; only another merge, or taking one back, moves it.

    Args:
        authority: What the reader holds.
        case: The case.
        unmasked: Whether the reader asks for personal data as recorded; it is shown only to
            roles whose work needs it, and the caller then records the reading.
        after: Place in the timeline after which to begin.
        limit: Most items to return; None for all.
        absorbed: Streams of the cases it took in to their labels, where they are at hand.

    Raises:
        NotFoundError: The reader may not see the case.
    """
    absorbed = labels_of_absorbed(case) if absorbed is None else absorbed
    rows = list_entries(authority=authority, case=case, absorbed=absorbed)
    return as_timeline(
        authority=authority,
        entries=rows[after : None if limit is None else after + limit],
        unmasked=unmasked,
        absorbed=absorbed,
    )


def labels_of_absorbed(case: Case) -> dict[str, str]:
    """Return the stream of each case that a case took in to its label: one query."""
    rows = Case.objects.filter(merged_into=case).order_by("pk")
    return {one.stream: one.label for one in rows.only("pk", "public_id")}


def reading_streams(stream: str) -> Reading[tuple[str, ...]]:
    """Come to the streams that are read with a case's: its own first, then those it took in.

    Args:
        stream: Any stream; one of no case is alone.
    """
    name = stream.removeprefix(_PREFIX)
    if name == stream or not is_uuid(name):
        return (stream,)
    absorbed = Case.objects.filter(merged_into__public_id=name).order_by("pk")
    found = yield from read(absorbed.values_list("public_id", flat=True))
    return (stream, *(f"{_PREFIX}{one}" for one in found))


def list_entries(
    *, authority: Authority, case: Case, after: int = 0, absorbed: Mapping[str, str] | None = None
) -> QuerySet[Any]:
    """Return the ledger entries of a case, oldest first, payloads at hand.

    Args:
        authority: What the reader holds.
        case: The case.
        after: Number in its own stream after which to begin.
        absorbed: Streams of the cases it took in, to be read with it in the order in which
            everything was recorded; None for its own stream alone.

    Raises:
        NotFoundError: The reader may not see the case.
    """
    if not may(authority, Capability.CASE_READ, case.queue_id):
        raise not_found()
    if not absorbed:
        return list_stream(stream=case.stream, after_seq=after)
    return list_streams(streams=[case.stream, *absorbed])


def read_entries(*, case: Case) -> list[CaseEntry]:
    """Return the whole record of a case in order, as values: one query.

    What a reader may see of it is the caller's question.
    """
    return as_entries(list_stream(stream=case.stream))


def as_entries(rows: Iterable[Any]) -> list[CaseEntry]:
    """Return entries of a case as values, unmasked; see ``read_entries``."""
    found = []
    for row in rows:
        leaf = json.loads(bytes(row.leaf_bytes))
        found.append(
            CaseEntry(
                seq=row.seq,
                at=row.at,
                kind=row.kind,
                actor_kind=row.actor_kind,
                actor_id=row.actor_id,
                subject_kind=row.subject_kind,
                subject_id=row.subject_id,
                payload=payload_of(entry=row),
                policy=leaf.get("policy", ""),
                cue=leaf.get("cue", ""),
                schema=leaf.get("schema", ""),
            )
        )
    return found


def as_timeline(
    *,
    authority: Authority,
    entries: Iterable[Any],
    unmasked: bool = False,
    absorbed: Mapping[str, str] | None = None,
) -> list[TimelineItem]:
    """Return entries of a case as one reader may see them; see ``timeline``.

    Args:
        authority: What the reader holds.
        entries: The entries.
        unmasked: As of ``timeline``.
        absorbed: Stream of each case that was taken in to its label, which marks its entries.
    """
    masking = masking_for(
        roles=authority.roles,
        is_system=authority.actor.kind is ActorKind.SYSTEM,
        unmasked=unmasked,
    )
    items = []
    for row in entries:
        stored = payload_of(entry=row)
        payload = _shown(stored, masking)
        shown = dict(payload or {})
        items.append(
            TimelineItem(
                seq=row.seq,
                at=row.at,
                kind=row.kind,
                actor_kind=row.actor_kind,
                actor_id=row.actor_id,
                actor_label=str(shown.pop(ACTOR_LABEL, "") or row.actor_id),
                sentence=entry_sentence(entry=row, payload=payload),
                subject_kind=row.subject_kind,
                subject_id=row.subject_id,
                payload=shown,
                erased=stored is None,
                from_case=(absorbed or {}).get(row.stream, ""),
            )
        )
    return items


def _shown(stored: Mapping[str, Json] | None, masking: Masking) -> Mapping[str, Json] | None:
    """Return a payload as a reader may see it; the name of who acted is never masked."""
    if stored is None or masking is Masking.NONE:
        return stored
    return {**mask_value(stored), ACTOR_LABEL: stored.get(ACTOR_LABEL, "")}
