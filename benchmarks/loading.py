"""Fills PostgreSQL as fast as two cores take it, for benchmarks that need a large centre.

Nothing is written ahead: every table of the database leaves the log, so a database filled here
is one to measure on and to throw away. Keys are not checked one by one, as when a copy of a
database is loaded; indexes are dropped before and built after, those of the largest table first;
and what can be done beside something else is, over a second connection. A run that is broken off
leaves a database without its indexes.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from benchmarks.common import note

#: Connections that work at once: as many as the machine that we measure on has cores.
AT_ONCE = 2
#: Of each connection while it loads. A block of documents is sorted in memory, an index too.
SETTINGS = (
    "SET session_replication_role = replica",
    "SET synchronous_commit = off",
    "SET maintenance_work_mem = '1GB'",
    "SET max_parallel_maintenance_workers = 0",
    "SET work_mem = '256MB'",
    "SET jit = off",
)
#: Tables that no logged table points at: those may leave the log next.
_FREE = """
SELECT c.relname FROM pg_class AS c WHERE c.relkind = 'r' AND c.relpersistence = 'p'
AND c.relnamespace = 'public'::regnamespace AND NOT EXISTS (
  SELECT 1 FROM pg_constraint AS k JOIN pg_class AS o ON o.oid = k.conrelid WHERE k.contype = 'f'
  AND k.confrelid = c.oid AND o.oid <> c.oid AND o.relpersistence = 'p')"""
_INDEXES = """
SELECT t.relname, i.conname, c.relname, pg_get_constraintdef(i.oid), pg_get_indexdef(c.oid)
FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid
JOIN pg_class AS t ON t.oid = x.indrelid
LEFT JOIN pg_constraint AS i ON i.conindid = c.oid AND i.contype IN ('u', 'p')
WHERE t.relname = ANY(%s) AND t.relnamespace = 'public'::regnamespace AND NOT EXISTS (
  SELECT 1 FROM pg_constraint AS k WHERE k.contype = 'f' AND k.conindid = c.oid)
AND NOT (x.indisprimary AND t.relname <> ALL(%s))"""

Work = Callable[[Any], None]


def prepare(cursor: Any) -> None:
    """Make a connection one that loads."""
    for setting in SETTINGS:
        cursor.execute(setting)


def leave_log() -> None:
    """Take every table out of the log that is written ahead."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE)
        while found := cursor.fetchall():
            for (table,) in found:
                cursor.execute(f'ALTER TABLE "{table}" SET UNLOGGED')
            cursor.execute(_FREE)


@dataclass(frozen=True, slots=True)
class Index:
    """An index that was dropped.

    Attributes:
        built: The statement that builds it.
        held: The statement that makes it a constraint's again; empty where it is none's.
    """

    table: str
    built: str
    held: str = ""


def take_indexes(tables: Sequence[str], *, with_keys: Sequence[str] = ()) -> list[Index]:
    """Drop the indexes of tables, and return what builds them again.

    Args:
        tables: Whose indexes; those of their keys stay.
        with_keys: The tables whose keys go too, where nothing points at them.
    """
    found = []
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, [list(tables), list(with_keys)])
        for table, constraint, index, allowed, built in cursor.fetchall():
            if constraint:
                kind = "PRIMARY KEY" if allowed.startswith("PRIMARY") else "UNIQUE"
                later = " DEFERRABLE INITIALLY DEFERRED" if "DEFERRED" in allowed else ""
                held = f'ALTER TABLE "{table}" ADD CONSTRAINT "{constraint}" {kind}'
                found.append(Index(table, built, f'{held} USING INDEX "{index}"{later}'))
                cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{constraint}"')
            else:
                found.append(Index(table, built))
                cursor.execute(f'DROP INDEX "{index}"')
    return found


def build(indexes: Sequence[Index], tables: Sequence[str]) -> None:
    """Build indexes again, and have the planner know the tables.

    Args:
        indexes: What :func:`take_indexes` returned.
        tables: All that were filled, the largest first.
    """
    note(f"building {len(indexes)} indexes")
    ordered = sorted(indexes, key=lambda index: tables.index(index.table))
    side_by_side(_saying(index.built) for index in ordered)
    with connection.cursor() as cursor:
        for index in ordered:
            if index.held:
                cursor.execute(index.held)
    side_by_side(_saying(f'VACUUM ANALYZE "{table}"') for table in tables)


def _saying(statement: str) -> Work:
    return lambda cursor: cursor.execute(statement)


def side_by_side(works: Iterable[Work], *, in_one: bool = False) -> None:
    """Do pieces of work beside each other, each on a connection that loads.

    Args:
        works: What each does with the cursor of its connection.
        in_one: Whether each is one transaction.
    """

    def run(work: Work) -> None:
        try:
            with connection.cursor() as cursor:
                prepare(cursor)
                if in_one:
                    with transaction.atomic():
                        work(cursor)
                else:
                    work(cursor)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _done in pool.map(run, works):
            pass
