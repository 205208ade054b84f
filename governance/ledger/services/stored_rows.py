"""Entries as they are stored, read for a check: many at once, and nothing converted twice.

A check reads every entry there is, so the rows come straight from the driver: as bytes rather
than as text about bytes on PostgreSQL, and without a model or a lookup to build for each.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import psycopg
from django.db import connection

from governance.ledger import tree

_ROWS = (
    "SELECT e.leaf_index, {leaf}, e.leaf_hash, e.stream, e.seq, e.kind, {at}, "
    "e.actor_kind, e.actor_id, e.subject_kind, e.subject_id, {salt}, {body} "
    "FROM governance_ledgerentry AS e LEFT JOIN {payload} WHERE {where} ORDER BY e.leaf_index"
)
_SQLITE = {
    # SQLite keeps a text where bytes belong, if someone wrote one there by hand.
    "leaf": "CAST(e.leaf_bytes AS BLOB)",
    "at": "e.at",
    "salt": "CAST(p.salt AS BLOB)",
    "body": "CAST(p.body AS BLOB)",
    "payload": "governance_entrypayload AS p ON p.entry_id = e.id",
}
_POSTGRESQL = {
    "leaf": "e.leaf_bytes",
    "at": "to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
    "salt": "p.salt",
    "body": "p.body",
    # OFFSET keeps the planner from reading every payload there is for the few of one span.
    "payload": (
        "LATERAL (SELECT salt, body FROM governance_entrypayload "
        "WHERE entry_id = e.id OFFSET 0) AS p ON TRUE"
    ),
}
_PLACED = "e.leaf_index >= %s AND e.leaf_index < %s"
_NEWER = (
    "e.stream = %s AND e.seq > %s AND e.seq <= %s AND (e.leaf_index IS NULL OR e.leaf_index >= %s)"
)
_NODES = 'SELECT level, "index", hash FROM governance_ledgernode WHERE {spans}'
_SPAN = '(level = %s AND "index" >= %s AND "index" < %s)'
_BEYOND = 'SELECT level, "index" FROM governance_ledgernode WHERE {levels} LIMIT %s'
_DEEPEST_LEVEL = 62
_NO_LEVEL = f'level < 1 OR level > {_DEEPEST_LEVEL} OR "index" < 0'
#: Length of a time as SQLite keeps it where it has no microseconds.
_WHOLE_SECOND = len("2026-11-19 19:05:00")


class Row(NamedTuple):
    """One entry as stored; the time reads as in the leaf."""

    place: int | None
    leaf: bytes
    leaf_hash: str
    stream: str
    seq: int
    kind: str
    at: str
    actor_kind: str
    actor_id: str
    subject_kind: str
    subject_id: str
    salt: bytes | None
    body: bytes | None

    @property
    def where(self) -> str:
        """How a finding names the entry."""
        name = f"{self.stream}#{self.seq}"
        return name if self.place is None else f"entry {self.place} ({name})"


def read_placed(*, begin: int, end: int) -> Iterator[Row]:
    """Return the entries from a place of the tree up to another, in order."""
    return _read(_PLACED, (begin, end))


def read_newer(*, stream: str, after: int, last: int, size: int) -> list[Row]:
    """Return a stream's entries of some numbers that no tree of a size holds, in order.

    Args:
        stream: Its name.
        after: The number before the first.
        last: The last number.
        size: How many entries the tree has.
    """
    rows = _read(_NEWER, (stream, after, last, size))
    return sorted(rows, key=lambda row: row.seq)


def read_nodes(*, begin: int, end: int) -> dict[tree.Node, bytes]:
    """Return the nodes that the entries from a place of the tree up to another complete."""
    levels = range(1, end.bit_length())
    if not levels:
        return {}
    spans = [(level, begin >> level, end >> level) for level in levels]
    statement = _NODES.format(spans=" OR ".join([_SPAN] * len(spans)))
    values = [value for span in spans for value in span]
    return {(level, index): node for level, index, node in _fetch(statement, values)}


def find_nodes_beyond(*, size: int, most: int) -> list[tree.Node]:
    """Return some of the nodes that a tree of a size does not have."""
    levels = range(1, _DEEPEST_LEVEL + 1)
    beyond = [f'(level = {level} AND "index" >= {size >> level})' for level in levels]
    found = _fetch(_BEYOND.format(levels=" OR ".join([_NO_LEVEL, *beyond])), [most])
    return [(level, index) for level, index in found]


def _read(where: str, values: Sequence[Any]) -> Iterator[Row]:
    columns = _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
    return map(_as_row, _fetch(_ROWS.format(**columns, where=where), values))


def _fetch(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    if connection.vendor == "postgresql":
        return _fetch_binary(statement, values)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _fetch_binary(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    connection.ensure_connection()
    # Django's own cursor asks for text, in which every byte of a record takes two.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, values, binary=True)
        return cursor.fetchall()


def _as_row(row: tuple[Any, ...]) -> Row:
    place, leaf, leaf_hash, stream, seq, kind, at, *others = row
    return Row(place, leaf, leaf_hash, stream, seq, kind, _moment(str(at)), *others)


def _moment(text: str) -> str:
    """Return a time in UTC as a leaf writes it; any other text as one that no leaf has."""
    if len(text) == _WHOLE_SECOND:
        text += "."
    return f"{text[:10]}T{text[11:]:0<15}Z"
