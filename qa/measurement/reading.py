"""Cases as the ledger tells them, up to any place of it."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connections
from django.db.models import QuerySet

from governance.ledger.origins import take_origin
from governance.ledger.selectors import list_entries, of_kinds
from qa.measurement.facts.folding import KINDS, fold
from qa.measurement.facts.joining import join
from qa.measurement.facts.types import CaseFacts, Told

_STREAM = "case:"
_READ: Final = (
    *("stream", "seq", "leaf_index", "kind", "at", "actor_kind", "actor_id", "subject_id"),
    "payload__body",
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_AT_ONCE: Final = 10_000


def list_touched(*, begin: int, end: int) -> frozenset[str]:
    """Return the cases that entries between two places say something of, by public id."""
    return _cases_of(list_entries().filter(leaf_index__gte=begin, leaf_index__lt=end))


def list_touched_between(*, begin: datetime, until: datetime) -> frozenset[str]:
    """Return the cases that entries recorded in a stretch of time say something of."""
    return _cases_of(list_entries().filter(at__gte=begin, at__lte=until, leaf_index__isnull=False))


def _cases_of(entries: QuerySet[Any]) -> frozenset[str]:
    told = of_kinds(entries.filter(stream__startswith=_STREAM), sorted(KINDS)).order_by()
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
    streams = [f"{_STREAM}{case}" for case in sorted(cases)]
    entries = of_kinds(list_entries().filter(stream__in=streams, leaf_index__lt=end), sorted(KINDS))
    if until is not None:
        entries = entries.filter(at__lte=until)
    rows = entries.select_related(None).values_list(*_READ)
    if connections[entries.db].vendor == "postgresql":
        return dict(_told_by_stream(rows))
    told: dict[str, list[Told]] = defaultdict(list)
    # In the order of streams, which the index of their entries gives; the ledger's own order
    # would tempt the database to read the whole ledger for a few streams.
    for stream, _seq, index, kind, at, by_kind, by, subject, body in rows.order_by(
        "stream", "seq"
    ).iterator(_AT_ONCE):
        payload = None if body is None else json.loads(bytes(body))
        told[stream.removeprefix(_STREAM)].append(
            _one(index, kind, at, by_kind, by, subject, payload)
        )
    return told


def _told_by_stream(rows: QuerySet[Any, Any]) -> Iterator[tuple[str, list[Told]]]:
    """Yield the cases with their entries, each as PostgreSQL gathers it into one text.

    A value of its own for each column of each entry costs more than all that is made of them.
    """
    connection = connections[rows.db]
    statement, values = rows.order_by().query.get_compiler(rows.db).as_sql()
    gathered = (
        "SELECT stream, json_agg(json_build_array(leaf_index, kind,"  # noqa: S608  Django's own statement
        " (extract(epoch FROM at) * 1000000)::bigint, actor_kind, actor_id, subject_id,"
        f" convert_from(body, 'UTF8')::json) ORDER BY seq)::text FROM ({statement}) AS told"
        " (stream, seq, leaf_index, kind, at, actor_kind, actor_id, subject_id, body)"
        " GROUP BY stream"
    )
    with connection.cursor() as cursor:
        cursor.execute(gathered, values)
        for stream, text in cursor.fetchall():
            yield (
                stream.removeprefix(_STREAM),
                [
                    _one(index, kind, _EPOCH + timedelta(microseconds=at), *rest)
                    for index, kind, at, *rest in json.loads(text)
                ],
            )


def _one(
    index: int,
    kind: str,
    at: datetime,
    by_kind: str,
    by: str,
    subject: str,
    payload: dict[str, Any] | None,
) -> Told:
    if payload is None:
        return Told(index, kind, at, by_kind, by, subject, {}, erased=True)
    take_origin(payload)
    return Told(index, kind, at, by_kind, by, subject, payload)
