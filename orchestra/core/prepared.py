"""Queries of one shape: put into SQL once a process, and run with other values each time.

Django builds and compiles a query anew each time it is asked, which costs several times what
reading its rows does. What every action asks, always alike but for the values, is compiled once.
Only the text of the statement is kept, never a row: each run asks the database.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection, models

from orchestra.core.compiled import Compiled
from orchestra.core.cursors import planning_cursor

R = TypeVar("R")

#: Values that no row has; each stands where a run puts its own.
_FIRST_NUMBER = -7_000_000
_FIRST_UUID = 0xF0F0_0000_0000_0000_0000_0000_0000_0000
_FIRST_MOMENT = datetime(1801, 1, 1, microsecond=918_273, tzinfo=UTC)
#: Of this process alone, so that nobody's words are taken for a stand-in.
_MARK = token_hex(8)
#: Shapes of one query: lists of different lengths are different texts.
_MOST_SHAPES = 64

Shape = tuple[tuple[type, int], ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """A query that is compiled, without the values of a run.

    Attributes:
        compiled: It, with other values where a run's own stand.
        places: Position in its values to number of the run's value.
    """

    compiled: Compiled
    places: tuple[tuple[int, int], ...]


class Prepared(Generic[R]):
    """A query that is compiled once for each shape of its values.

    Args:
        build: Makes the query from its values, which it only hands to filters: numbers, texts,
            ids, moments, and lists of them. Whatever else it depends on must never change.
        locks: Whether its rows are locked, ordered by primary key, as ``locking.lock`` does.
    """

    def __init__(
        self, build: "Callable[..., models.QuerySet[Any, R]]", *, locks: bool = False
    ) -> None:
        self._build = build
        self._locks = locks
        self._texts: dict[tuple[str, Shape], _Text] = {}

    def rows(self, *values: Any) -> list[R]:
        """Run the query and return its rows.

        Raises:
            RuntimeError: It locks, and no transaction is open.
            TypeError: A value is of a kind that a query cannot be prepared for.
        """
        if self._locks and not connection.in_atomic_block:
            raise RuntimeError("rows are locked inside a transaction only")
        compiled = self._with(values)
        if not compiled.sql:
            return []
        with planning_cursor() as cursor:
            cursor.execute(compiled.sql, compiled.values)
            return compiled.read(cursor.fetchall())

    def beside(self, *values: Any) -> Compiled:
        """Return the query with its values, to be read together with others.

        Raises:
            TypeError: It locks, or a value is of a kind that a query cannot be prepared for.
        """
        if self._locks:
            raise TypeError("rows are locked by a query of their own")
        return self._with(values)

    def _with(self, values: Sequence[Any]) -> Compiled:
        shape = tuple(_shape_of(value) for value in values)
        text = self._texts.get((connection.vendor, shape)) or self._compile(shape)
        given = list(_flat(values))
        filled = list(text.compiled.values)
        for position, number in text.places:
            filled[position] = _for_database(given[number])
        return replace(text.compiled, values=filled)

    def first(self, *values: Any) -> R | None:
        """Run the query and return its first row, or None."""
        found = self.rows(*values)
        return found[0] if found else None

    def _compile(self, shape: Shape) -> _Text:
        stand_ins = _stand_ins(shape)
        queryset = self._build(*stand_ins)
        if self._locks:
            queryset = queryset.select_for_update(of=("self",)).order_by("pk")
        if getattr(queryset, "_prefetch_related_lookups", ()):
            raise TypeError("a prepared query fetches nothing ahead; run what it needs beside it")
        compiled = Compiled.of(queryset)
        expected = [_for_database(value) for value in _flat(stand_ins)]
        places = tuple(_places(compiled.values, expected))
        if compiled.sql and {number for _position, number in places} != set(range(len(expected))):
            raise TypeError(f"not every value stands by itself in: {compiled.sql}")
        if derived := _derived(compiled.values, {position for position, _number in places}):
            raise TypeError(f"values made of those given: {derived}; give each as it stands")
        text = _Text(compiled, places)
        if len(self._texts) >= _MOST_SHAPES:
            self._texts.clear()
        self._texts[connection.vendor, shape] = text
        return text


def fill(values: Sequence[R]) -> list[R]:
    """Return values filled up with the last of them to a power of two.

    For a list that a query only tests membership in: lists of many lengths then have few texts.

    Args:
        values: At least one.
    """
    missing = (1 << (len(values) - 1).bit_length()) - len(values)
    return [*values, *[values[-1]] * missing]


def update_row(
    instance: models.Model, *, expected: Mapping[str, Any], changes: Mapping[str, Any]
) -> int:
    """Change one row where some of its fields still have their values; return how many it was.

    What ``filter(pk=…, **expected).update(**changes)`` does, in the same statement, without
    compiling it; expressions and lookups go that way still.
    """
    model = type(instance)
    sets = _assignments(model, changes)
    conditions = _conditions(model, {"pk": instance.pk, **expected})
    if not sets or conditions is None:
        rows = model._default_manager.filter(pk=instance.pk, **expected)  # noqa: SLF001  Django's documented entry for generic code
        return rows.update(**changes)
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)  # noqa: SLF001  see above
    columns = ", ".join(f"{quote(column)} = %s" for column, _value in sets)
    tests = " AND ".join(
        f"{table}.{quote(column)} {'IS NULL' if value is None else '= %s'}"
        for column, value in conditions
    )
    values = [value for _column, value in sets]
    values += [value for _column, value in conditions if value is not None]
    with planning_cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {columns} WHERE {tests}", values)  # noqa: S608  names of our own columns
        return int(cursor.rowcount)


def _assignments(
    model: type[models.Model], changes: Mapping[str, Any]
) -> list[tuple[str, Any]] | None:
    found = []
    for name, given in changes.items():
        field = model._meta.get_field(name)  # noqa: SLF001  Django's documented entry for generic code
        value = given
        if not isinstance(field, models.Field) or hasattr(value, "resolve_expression"):
            return None
        if isinstance(value, models.Model):
            value = value.prepare_database_save(field)
        found.append((str(field.column), field.get_db_prep_save(value, connection=connection)))
    return found


def _conditions(
    model: type[models.Model], expected: Mapping[str, Any]
) -> list[tuple[str, Any]] | None:
    meta = model._meta  # noqa: SLF001  Django's documented entry for generic code
    plain = {field.name: field for field in meta.concrete_fields} | {
        field.attname: field for field in meta.concrete_fields
    }
    found = []
    for name, value in expected.items():
        field = meta.pk if name == "pk" else plain.get(name)
        if field is None or isinstance(field, models.JSONField) or isinstance(value, models.Model):
            return None
        if hasattr(value, "resolve_expression"):
            return None
        prepared = None if value is None else field.get_prep_value(value)
        found.append(
            (str(field.column), field.get_db_prep_value(prepared, connection, prepared=True))
        )
    return found


def _shape_of(value: Any) -> tuple[type, int]:
    if isinstance(value, list | tuple):
        kinds = {_kind_of(one) for one in value}
        if len(kinds) != 1:
            raise TypeError("a list of a prepared query has values, and all of one kind")
        return kinds.pop(), len(value)
    return _kind_of(value), -1


def _kind_of(value: Any) -> type:
    # A yes or no, and nothing at all, change the text of a query.
    for kind in (str, UUID, datetime, int):
        if isinstance(value, kind) and not isinstance(value, bool):
            return kind
    raise TypeError(f"a query cannot be prepared for a value of {type(value).__name__}")


def _stand_ins(shape: Shape) -> list[Any]:
    made: list[Any] = []
    number = 0
    for kind, count in shape:
        those = [_stand_in(kind, number + place) for place in range(abs(count))]
        number += len(those)
        made.append(those[0] if count < 0 else those)
    return made


def _stand_in(kind: type, number: int) -> Any:
    if kind is str:
        return f"{_MARK} {number}"
    if kind is UUID:
        return UUID(int=_FIRST_UUID + number)
    if kind is datetime:
        return _FIRST_MOMENT + timedelta(days=number)
    return _FIRST_NUMBER - number


def _flat(values: Sequence[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from value
        else:
            yield value


def _for_database(value: Any) -> Any:
    """Return a value as the fields of the database take it."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


def _places(values: Sequence[Any], expected: Sequence[Any]) -> Iterator[tuple[int, int]]:
    numbers = {(type(value), value): number for number, value in enumerate(expected)}
    for position, value in enumerate(values):
        if isinstance(value, str | int | UUID | datetime):
            # A number has a type of its own where the column's width is told to the server.
            kind = int if isinstance(value, int) and not isinstance(value, bool) else type(value)
            number = numbers.get((kind, value))
            if number is not None:
                yield position, number


def _derived(values: Sequence[Any], places: Set[int]) -> list[Any]:
    """Return the values that a query made of stand-ins: they would be the same in every run."""
    others = [value for position, value in enumerate(values) if position not in places]
    return [value for value in others if _is_of_stand_ins(value)]


def _is_of_stand_ins(value: Any) -> bool:
    year, fraction = _FIRST_MOMENT.year, _FIRST_MOMENT.microsecond
    if isinstance(value, datetime):
        return (value.year, value.microsecond) == (year, fraction)
    # A moment is a text to some databases.
    return isinstance(value, str) and (
        _MARK in value or (value.startswith(f"{year}-") and value.endswith(f".{fraction}"))
    )
