"""The statements of an append, written out: every act of the portal runs them.

What they hold is what the models' own queries would say, and each is one round trip. Entries,
payloads and heads are one statement on PostgreSQL; SQLite writes to one table at a time.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from orchestra.core.cursors import planning_cursor

#: Rows of one INSERT; SQLite binds at most 32,766 values in a statement.
ROWS_AT_ONCE = 1000

_HEAD = "id, name, count, head"
_LOCK = "SELECT {head} FROM governance_ledgerstream WHERE name IN ({names}) ORDER BY id{lock}"
_OPEN = (
    "INSERT INTO governance_ledgerstream (name, count, head) VALUES {rows} "
    "ON CONFLICT DO NOTHING RETURNING {head}"
)
_MOVE = "UPDATE governance_ledgerstream SET count = %s, head = %s WHERE id = %s"
_ENTRIES = (
    "INSERT INTO governance_ledgerentry (stream, seq, kind, at, actor_kind, actor_id, "
    "subject_kind, subject_id, leaf_bytes, leaf_hash) VALUES {rows} RETURNING leaf_hash, id"
)
_PAYLOADS = "INSERT INTO governance_entrypayload (entry_id, salt, body) VALUES {rows}"
#: All three at once; a payload finds its entry by the leaf hash that both were given with.
_WRITE = (
    "WITH entry AS ({entries}), payload AS (INSERT INTO governance_entrypayload "
    "(entry_id, salt, body) SELECT entry.id, given.salt, given.body FROM entry "
    "JOIN (VALUES {payloads}) AS given (leaf_hash, salt, body) USING (leaf_hash)) "
    "UPDATE governance_ledgerstream AS stream SET count = moved.count, head = moved.head "
    "FROM (VALUES {heads}) AS moved (id, count, head) WHERE stream.id = moved.id"
)
_ENTRY_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_PAYLOAD_ROW = _HEAD_ROW = "(%s, %s, %s)"


@dataclass(slots=True)
class Head:
    """The head of one stream, locked: how many entries it has, and the last one's leaf hash."""

    id: int
    name: str
    count: int
    head: str


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry to insert, with its payload."""

    stream: str
    seq: int
    kind: str
    at: datetime
    actor_kind: str
    actor_id: str
    subject_kind: str
    subject_id: str
    leaf: bytes
    leaf_hash: str
    salt: bytes
    body: bytes


def lock_heads(streams: Collection[str]) -> dict[str, Head]:
    """Lock the heads of streams in the order of their keys, and make those that are missing.

    Raises:
        RuntimeError: No transaction is open.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("entries are appended inside a transaction only")
    heads = _lock(sorted(streams))
    missing = sorted(set(streams) - heads.keys())
    if missing:
        heads |= _open(missing)
        # Two first entries may race for a head: one insert wins, the other waits for its lock.
        lost = [name for name in missing if name not in heads]
        if lost:
            heads |= _lock(lost)
    return heads


def write_entries(rows: Sequence[EntryRow], heads: Collection[Head]) -> None:
    """Insert entries and their payloads, and write how far their streams have come.

    Args:
        rows: The entries in their places.
        heads: The streams as they are after the entries.
    """
    write = _write_at_once if connection.vendor == "postgresql" else _write_in_turn
    for start in range(0, len(rows), ROWS_AT_ONCE):
        write(rows[start : start + ROWS_AT_ONCE], heads)


def _lock(names: Sequence[str]) -> dict[str, Head]:
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    marks = ", ".join(["%s"] * len(names))
    return _heads(_LOCK.format(head=_HEAD, names=marks, lock=lock), names)


def _open(names: Sequence[str]) -> dict[str, Head]:
    rows = ", ".join(["(%s, 0, '')"] * len(names))
    return _heads(_OPEN.format(head=_HEAD, rows=rows), names)


def _heads(statement: str, names: Sequence[str]) -> dict[str, Head]:
    with planning_cursor() as cursor:
        cursor.execute(statement, names)
        return {row[1]: Head(*row) for row in cursor.fetchall()}


def _write_at_once(rows: Sequence[EntryRow], heads: Collection[Head]) -> None:
    statement = _WRITE.format(
        entries=_ENTRIES.format(rows=", ".join([_ENTRY_ROW] * len(rows))),
        payloads=", ".join([_PAYLOAD_ROW] * len(rows)),
        heads=", ".join([_HEAD_ROW] * len(heads)),
    )
    values = [value for row in rows for value in _entry_values(row)]
    values += [value for row in rows for value in (row.leaf_hash, row.salt, row.body)]
    values += [value for head in heads for value in (head.id, head.count, head.head)]
    with planning_cursor() as cursor:
        cursor.execute(statement, values)


def _write_in_turn(rows: Sequence[EntryRow], heads: Collection[Head]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _ENTRIES.format(rows=", ".join([_ENTRY_ROW] * len(rows))),
            [value for row in rows for value in _entry_values(row)],
        )
        # The order in which the rows are returned is not promised.
        keys = dict(cursor.fetchall())
        cursor.execute(
            _PAYLOADS.format(rows=", ".join([_PAYLOAD_ROW] * len(rows))),
            [value for row in rows for value in (keys[row.leaf_hash], row.salt, row.body)],
        )
        for head in heads:
            cursor.execute(_MOVE, (head.count, head.head, head.id))


def _entry_values(row: EntryRow) -> Iterator[Any]:
    yield from (row.stream, row.seq, row.kind)
    yield connection.ops.adapt_datetimefield_value(row.at)
    yield from (row.actor_kind, row.actor_id, row.subject_kind, row.subject_id)
    yield from (row.leaf, row.leaf_hash)
