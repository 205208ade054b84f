"""What of the ledger can be erased: payloads of streams, and copies that mention somebody."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Func, Q, QuerySet

from governance.ledger.entries import (
    ACT_REFUSED,
    LEDGER_READ,
    SEARCH_DELETED,
    SEARCH_RENAMED,
    SEARCH_SAVED,
    SUBJECT_ERASED,
)
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.ledger.origins import place_in, take_origin
from governance.ledger.types import Json

#: Entries about anything, whose payload may repeat what somebody typed.
_TYPED = (LEDGER_READ, ACT_REFUSED, SEARCH_SAVED, SEARCH_RENAMED, SEARCH_DELETED)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry as its subject may be told of it."""

    stream: str
    kind: str
    at: datetime
    actor_kind: str
    payload: dict[str, Json] | None


@dataclass(frozen=True, slots=True)
class Reach:
    """Which payloads belong to somebody.

    Attributes:
        streams: Streams that are theirs as a whole.
        ids: Public ids; entries of other streams about one of them.
        texts: Texts that point to them; entries of other streams that repeat what was typed.
        entries: Internal keys of single entries.
    """

    streams: Collection[str]
    ids: Collection[str] = ()
    texts: Collection[str] = ()
    entries: Collection[int] = ()


def list_erasable(reach: Reach) -> QuerySet[EntryPayload]:
    """Return the payloads within reach; records of erasures themselves are never."""
    rows = EntryPayload.objects.exclude(entry__kind=SUBJECT_ERASED)
    wanted = Q(entry__stream__in=list(reach.streams)) | Q(entry__subject_id__in=list(reach.ids))
    if reach.entries:
        wanted |= Q(entry__in=list(reach.entries))
    mentions = _mentions(reach.texts)
    if mentions:
        rows = rows.alias(**{f"at_{place}": one for place, one in enumerate(mentions)})
        typed = Q()
        for place in range(len(mentions)):
            typed |= Q(**{f"at_{place}__gt": 0})
        # A case's stream is its customer's alone, whoever else is mentioned there.
        elsewhere = Q(entry__kind__in=_TYPED) & ~Q(entry__stream__startswith="case:")
        wanted |= elsewhere & typed
    return rows.filter(wanted)


def count_erasable(reach: Reach) -> int:
    """Return how many payloads are within reach."""
    return list_erasable(reach).count()


def list_recorded(*, streams: Collection[str]) -> Iterator[Recorded]:
    """Yield the entries of streams in order, payloads at hand."""
    rows = LedgerEntry.objects.filter(stream__in=list(streams)).order_by("id")
    values = rows.values_list("stream", "kind", "at", "actor_kind", "payload__body")
    body: Any
    for stream, kind, at, actor_kind, body in values.iterator(chunk_size=500):
        payload = None if body is None else json.loads(bytes(body))
        if payload is not None:
            # Where staff and agents acted from is nothing about whom the entry is about.
            take_origin(payload)
        yield Recorded(stream, kind, at, actor_kind, payload)


def has_erasure(*, stream: str) -> bool:
    """Return whether something of a stream was erased."""
    return LedgerEntry.objects.filter(stream=stream, kind=SUBJECT_ERASED).exists()


def _mentions(texts: Collection[str]) -> list[Func]:
    # Payloads are canonical JSON: the text stands in them as JSON writes it.
    # What is searched for is recorded in lower case.
    spelt = sorted({one for text in texts if text for one in (text, text.lower())})
    needles = [json.dumps(text, ensure_ascii=False)[1:-1].encode() for text in spelt]
    return [place_in("body", needle) for needle in needles]


@dataclass(frozen=True, slots=True)
class Aged:
    """One payload that is old, and where it stands."""

    entry: int
    stream: str
    at: datetime


def list_aged(
    *, kinds: Collection[str], before: datetime, after: int, most: int
) -> tuple[list[Aged], int | None]:
    """Return payloads of entries that belong to no case, oldest first.

    Args:
        kinds: Kinds of entries.
        before: Recorded before this moment, UTC.
        after: Internal key of the entry that was looked at last.
        most: How many entries to look at.

    Returns:
        Those whose payload is there, and the key up to which was looked; None at the end.
    """
    rows = LedgerEntry.objects.filter(kind__in=list(kinds), pk__gt=after, at__lt=before)
    found: list[tuple[int, str, datetime, int | None]] = list(
        rows.exclude(stream__startswith="case:")
        .order_by("pk")
        .values_list("pk", "stream", "at", "payload__entry_id")[:most]
    )
    aged = [Aged(pk, stream, at) for pk, stream, at, payload in found if payload is not None]
    return aged, found[-1][0] if len(found) == most else None


def oldest_with_payload(*, kinds: Collection[str], since: datetime) -> datetime | None:
    """Return the first moment from one on at which a payload of some kinds is kept, UTC."""
    rows = LedgerEntry.objects.filter(kind__in=list(kinds), at__gte=since, payload__isnull=False)
    return rows.order_by("at").values_list("at", flat=True).first()
