"""Cases as the ledger tells them, up to any place of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from governance.ledger.selectors import list_entries, payload_of
from qa.measurement.facts.folding import KINDS, fold
from qa.measurement.facts.joining import join
from qa.measurement.facts.types import CaseFacts, Told

_STREAM = "case:"
_READ = (
    *("leaf_index", "stream", "kind", "at", "actor_kind", "actor_id", "subject_id"),
    *("payload__entry", "payload__body"),
)


def list_touched(*, begin: int, end: int) -> frozenset[str]:
    """Return the cases that entries between two places say something of, by public id."""
    return _cases_of(list_entries().filter(leaf_index__gte=begin, leaf_index__lt=end))


def list_touched_between(*, begin: datetime, until: datetime) -> frozenset[str]:
    """Return the cases that entries recorded in a stretch of time say something of."""
    return _cases_of(list_entries().filter(at__gte=begin, at__lte=until, leaf_index__isnull=False))


def _cases_of(entries: QuerySet[Any]) -> frozenset[str]:
    told = entries.filter(stream__startswith=_STREAM, kind__in=sorted(KINDS)).order_by()
    streams = told.values_list("stream", flat=True).distinct()
    return frozenset(stream.removeprefix(_STREAM) for stream in streams)


def read_cases(
    *, cases: Collection[str], end: int, until: datetime | None = None
) -> dict[str, tuple[CaseFacts, int]]:
    """Return the rows of cases, each with the place of the last entry they come from.

    A case that took another in is read with it, and one that was taken in brings the one that
    took it: three queries, and three more for each further level of merges.

    Args:
        cases: By public id.
        end: The place after the last entry that is read.
        until: Nothing recorded later than this is read; None for all.
    """
    own: dict[str, tuple[CaseFacts, int]] = {}
    wanted, asked = set(cases), set[str]()
    while wanted:
        asked |= wanted
        found = _fold_each(_told(wanted, end, until))
        own |= found
        wanted = {
            other
            for facts, _ in found.values()
            for other in (*facts.absorbed, facts.merged_into)
            if other and other not in asked
        }
    return {case: _joined(case, own, frozenset()) for case in sorted(own)}


def _joined(
    case: str, own: Mapping[str, tuple[CaseFacts, int]], above: frozenset[str]
) -> tuple[CaseFacts, int]:
    facts, last = own[case]
    taken = [
        _joined(one, own, above | {case})
        for one in facts.absorbed
        if one in own and one not in above
    ]
    return join(facts, [one for one, _ in taken]), max([last, *(index for _, index in taken)])


def _fold_each(told: Mapping[str, list[Told]]) -> dict[str, tuple[CaseFacts, int]]:
    found = {}
    for case, entries in told.items():
        facts = fold(case=case, told=entries)
        if facts is not None:
            found[case] = (facts, entries[-1].index)
    return found


def _told(cases: Iterable[str], end: int, until: datetime | None) -> dict[str, list[Told]]:
    entries = list_entries().filter(
        stream__in=[f"{_STREAM}{case}" for case in sorted(cases)],
        leaf_index__lt=end,
        kind__in=sorted(KINDS),
    )
    if until is not None:
        entries = entries.filter(at__lte=until)
    told: dict[str, list[Told]] = defaultdict(list)
    # In the order of streams, which the index of their entries gives; the ledger's own order
    # would tempt the database to read the whole ledger for a few streams.
    asked = entries.select_related("payload").only(*_READ).order_by("stream", "seq")
    for entry in asked.iterator(2000):
        payload = payload_of(entry=entry)
        told[entry.stream.removeprefix(_STREAM)].append(
            Told(
                index=entry.leaf_index or 0,
                kind=entry.kind,
                at=entry.at,
                by_kind=str(entry.actor_kind),
                by=entry.actor_id,
                subject=entry.subject_id,
                payload=payload or {},
                erased=payload is None,
            )
        )
    return told
