"""Several lists of rows read in one statement: what one page shows is one way to the database.

A page asks for lists of different things: utterances, calls, files. Each is a queryset of its own
with the condition that belongs to it; ``read_together`` only sends them at once. A queryset that
nobody read together reads itself as ever, so that what a page shows never depends on this.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from orchestra.core.prepared import reader_of

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Part:
    """One queryset as the database is asked for it.

    Attributes:
        width: How many columns its rows have.
        read: Turns the rows of the database into what the queryset is of.
    """

    queryset: "QuerySet[Any, Any]"
    sql: str
    values: tuple[Any, ...]
    width: int
    read: Callable[[Sequence[Any]], list[Any]]


def read_together(*querysets: "QuerySet[Any, Any] | None") -> None:
    """Read the rows of several querysets in one statement; each has its rows at hand afterwards.

    What a queryset fetches ahead (``prefetch_related``) is fetched when it is first used.

    Args:
        querysets: None read yet, none locking rows; of models or of values, in any order. None
            stands for what the page does not need.

    Raises:
        TypeError: A queryset is of a kind that cannot be read this way.
    """
    wanted = [queryset for queryset in querysets if queryset is not None]
    parts = [part for part in (_part(queryset) for queryset in wanted) if part is not None]
    if not parts:
        return
    read = _read_in_turn if connection.vendor == "postgresql" else _read_as_one
    for part, rows in zip(parts, read(parts), strict=True):
        part.queryset._result_cache = part.read(rows)  # noqa: SLF001  where the queryset itself puts what it read


def _part(queryset: "QuerySet[Any, Any]") -> _Part | None:
    if queryset._result_cache is not None:  # noqa: SLF001  see above
        return None
    if queryset.query.select_for_update or getattr(queryset, "_known_related_objects", None):
        raise TypeError("rows that are locked, or reached from their owner, are read alone")
    compiler = queryset.query.get_compiler(connection=connection)
    try:
        sql, values = compiler.as_sql()
    except EmptyResultSet:
        queryset._result_cache = []  # noqa: SLF001  see above
        return None
    if compiler.has_extra_select:
        raise TypeError("rows that are distinct by one thing and sorted by another are read alone")
    read = reader_of(queryset, compiler)
    return _Part(queryset, sql, tuple(values), compiler.col_count, read)


def _read_in_turn(parts: Sequence[_Part]) -> list[Rows]:
    """Return the rows of each part: statements sent as one, their results taken in turn."""
    with connection.cursor() as cursor:
        cursor.execute(
            "; ".join(part.sql for part in parts),
            [value for part in parts for value in part.values],
        )
        found = [cursor.fetchall()]
        while cursor.nextset():
            found.append(cursor.fetchall())
        return found


def _read_as_one(parts: Sequence[_Part]) -> list[Rows]:
    """Return the rows of each part: SQLite takes one statement, which is a union of them all."""
    width = max(part.width for part in parts)
    # The driver reads every column by the type it has in the first part: here by none.
    untyped = f"SELECT 0{', NULL' * width} WHERE FALSE"
    # A subquery without a limit may lose its order.
    selects = (
        f"SELECT {number}, *{', NULL' * (width - part.width)} FROM ({_limited(part)})"  # noqa: S608  the text of Django's own compiler
        for number, part in enumerate(parts)
    )
    sql = " UNION ALL ".join((untyped, *selects))
    found: list[Rows] = [[] for _part in parts]
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for part in parts for value in part.values])
        for number, *row in cursor.fetchall():
            found[number].append(tuple(row[: parts[number].width]))
    return found


def _limited(part: _Part) -> str:
    return part.sql if part.queryset.query.is_sliced else f"{part.sql} LIMIT -1"
