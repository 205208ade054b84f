"""Several reads in one trip to the database: what a page shows of many tables.

PostgreSQL is sent the statements as one text and plans each by itself, their results taken in
turn; SQLite takes one statement, which is a union of them all. Two ways to say what is read:

- ``read_together`` sends querysets at once, which then have their rows at hand. One that nobody
  read together reads itself as ever, so that what a page shows never depends on it.
- A part of a page that needs the rows of one read for the next is a generator, suspended at each
  read. Parts that stand side by side are suspended together (``all_of``), and what all of them
  wait for is asked at once.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from django.db import connection, models
from django.db.models import Aggregate, QuerySet, Value

from orchestra.core.bounded import BoundedCount
from orchestra.core.compiled import Compiled

R = TypeVar("R")
T = TypeVar("T")

Reads: TypeAlias = "Sequence[QuerySet[Any, Any] | Compiled]"
#: What comes to a value in the end, and says on its way what it has to read first.
Reading: TypeAlias = Generator[Reads, Sequence[list[Any]], T]

Rows: TypeAlias = "list[tuple[Any, ...]]"


def read(queryset: "QuerySet[Any, R] | Compiled") -> "Reading[list[R]]":
    """Wait for the rows of a query, of models or of a list of values, compiled or not.

    Used as ``rows = yield from read(queryset)``.
    """
    (rows,) = yield (queryset,)
    return rows


def read_count(queryset: "QuerySet[Any, Any]") -> Reading[int]:
    """Wait for how many rows a query has, counted no further than its slice."""
    wanted = queryset if queryset.query.is_sliced else queryset.order_by()
    # Told beside any one row of the table; a table without one has none to count.
    one: QuerySet[Any, Any] = queryset.model._default_manager.order_by()  # noqa: SLF001  Django's documented entry for generic code
    found = yield from read(one.values(count=BoundedCount(wanted.values("pk")))[:1])
    return next((int(row["count"]) for row in found), 0)


def read_sums(queryset: "QuerySet[Any, Any]", **sums: Aggregate) -> Reading[dict[str, Any]]:
    """Wait for aggregates of all rows of a query, by the names they are given."""
    summed = queryset.order_by().values(all_rows=Value(1)).annotate(**sums)
    found = yield from read(summed.values(*sums))
    return found[0] if found else {name: one.empty_result_set_value for name, one in sums.items()}


def all_of(parts: Mapping[str, Reading[Any]]) -> Reading[dict[str, Any]]:
    """Come to the values of several parts side by side, by the names they were given.

    What they all wait for is asked together, so that they take as many trips as the one of them
    that takes most.
    """
    found: dict[str, Any] = {}
    waiting: dict[str, tuple[Reading[Any], Reads]] = {}
    for name, part in parts.items():
        _go_on(name, part, None, found, waiting)
    while waiting:
        asked, waiting = waiting, {}
        rows = list((yield [each for _part, reads in asked.values() for each in reads]))
        for name, (part, reads) in asked.items():
            own, rows = rows[: len(reads)], rows[len(reads) :]
            _go_on(name, part, own, found, waiting)
    return {name: found[name] for name in parts}


def answer(reading: Reading[T]) -> T:
    """Return what a reading comes to: a trip to the database each time that it waits."""
    rows: Any = None
    while True:
        try:
            reads = reading.send(rows)
        except StopIteration as done:
            value: T = done.value
            return value
        rows = ask(reads)


def ask(querysets: Reads) -> list[list[Any]]:
    """Return the rows of each of some queries: one trip for all of them.

    One more is made for each set of rows that a query fetches ahead.

    Raises:
        TypeError: A query is of a kind that cannot stand beside others.
    """
    parts = [_Part(queryset) for queryset in querysets]
    _ask(parts)
    for part in parts:
        if part.rows and part.ahead:
            models.prefetch_related_objects(part.rows, *part.ahead)
    return [part.rows for part in parts]


def read_together(*querysets: "QuerySet[Any, Any] | None") -> None:
    """Read the rows of several querysets at once; each has its rows at hand afterwards.

    What a queryset fetches ahead (``prefetch_related``) is fetched when it is first used.

    Args:
        querysets: None locking rows, none reached from a row that owns it; in any order. One that
            is read already is left alone; None stands for what the page does not need.

    Raises:
        TypeError: A queryset is of a kind that cannot be read this way.
    """
    wanted = [each for each in querysets if each is not None and each._result_cache is None]  # noqa: SLF001  where a queryset keeps what it read
    if any(getattr(each, "_known_related_objects", None) for each in wanted):
        raise TypeError("rows that are reached from their owner are read alone")
    parts = [_Part(queryset) for queryset in wanted]
    _ask(parts)
    for queryset, part in zip(wanted, parts, strict=True):
        queryset._result_cache = part.rows  # noqa: SLF001  see above


def _go_on(
    name: str,
    part: Reading[Any],
    rows: list[list[Any]] | None,
    found: dict[str, Any],
    waiting: dict[str, tuple[Reading[Any], Reads]],
) -> None:
    """Let a part go on with its rows until it waits again or is done."""
    try:
        waiting[name] = part, part.send(rows)  # type: ignore[arg-type]  # nothing at the first time
    except StopIteration as done:
        found[name] = done.value


@dataclass(slots=True, init=False)
class _Part:
    """One query as the database is asked for it.

    Attributes:
        ahead: What is fetched ahead for its rows.
        rows: What it found.
    """

    query: Compiled
    ahead: Sequence[Any]
    rows: list[Any]

    def __init__(self, asked: "QuerySet[Any, Any] | Compiled") -> None:
        self.ahead, self.rows = (), []
        if isinstance(asked, Compiled):
            self.query = asked
            return
        self.ahead = asked._prefetch_related_lookups  # type: ignore[attr-defined]  # noqa: SLF001  what the query itself would fetch
        if asked.query.select_for_update:
            raise TypeError("rows are locked by a query of their own")
        self.query = Compiled.of(asked)


def _ask(parts: Sequence[_Part]) -> None:
    """Ask for the rows of the parts in which something can be."""
    asked = [part for part in parts if part.query.sql]
    if not asked:
        return
    for part, rows in zip(asked, _way()([part.query for part in asked]), strict=True):
        part.rows = part.query.read(rows)


def _way() -> Callable[[Sequence[Compiled]], list[Rows]]:
    if connection.vendor == "sqlite":
        return _as_one
    # Values that are bound by the server are bound to one statement.
    bound = connection.settings_dict["OPTIONS"].get("server_side_binding", False)
    return _one_by_one if bound else _in_turn


def _in_turn(queries: Sequence[Compiled]) -> list[Rows]:
    """Return the rows of each part: statements sent as one text, their results taken in turn."""
    with connection.cursor() as cursor:
        cursor.execute(
            "; ".join(query.sql for query in queries),
            [value for query in queries for value in query.values],
        )
        found = [cursor.fetchall()]
        while cursor.nextset():
            found.append(cursor.fetchall())
        return found


def _one_by_one(queries: Sequence[Compiled]) -> list[Rows]:
    found = []
    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute(query.sql, query.values)
            found.append(cursor.fetchall())
    return found


def _as_one(queries: Sequence[Compiled]) -> list[Rows]:
    """Return the rows of each part: a union of them all, each row with the number of its part."""
    if len(queries) == 1:
        return _one_by_one(queries)
    width = max(query.width for query in queries)
    # The driver reads every column by the type it has in the first part: here by none.
    untyped = f"SELECT 0{', NULL' * width} WHERE FALSE"
    selects = (
        f"SELECT {number}, *{', NULL' * (width - query.width)} FROM ({_limited(query)})"  # noqa: S608  the text of Django's own compiler
        for number, query in enumerate(queries)
    )
    found: list[Rows] = [[] for _query in queries]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join((untyped, *selects)),
            [value for query in queries for value in query.values],
        )
        for number, *row in cursor.fetchall():
            found[number].append(tuple(row[: queries[number].width]))
    return found


def _limited(query: Compiled) -> str:
    # A subquery without a limit may lose its order.
    return query.sql if query.is_limited else f"{query.sql} LIMIT -1"
