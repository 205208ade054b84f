"""A query put into SQL, and what turns its rows into what the query is of.

Django does both when a queryset is read. Apart, they let several queries be read in one trip
(``together``) and one be compiled for many runs (``prepared``).
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    NamedValuesListIterable,
    ValuesIterable,
    ValuesListIterable,
    get_related_populators,
)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query as the database is asked for it.

    Attributes:
        sql: Empty where nothing can be in it.
        values: What it is run with.
        width: How many columns it has.
        is_limited: Whether it says how many rows it wants.
        read: Turns the rows of the database into what the query is of.
    """

    sql: str
    values: Sequence[Any]
    width: int
    is_limited: bool
    read: Callable[[Sequence[Any]], list[Any]]

    @classmethod
    def of(cls, queryset: "models.QuerySet[Any, Any]") -> "Compiled":
        """Compile a query.

        Raises:
            TypeError: It is read in another way than this.
        """
        compiler: Any = queryset.query.get_compiler(connection=connection)
        try:
            sql, values = compiler.as_sql()
        except EmptyResultSet:
            return cls("", (), 0, is_limited=True, read=list)
        if compiler.has_extra_select:
            raise TypeError(f"this query has more columns than it is read by: {sql}")
        is_limited = queryset.query.is_sliced
        return cls(sql, values, len(compiler.select), is_limited, _reader_of(queryset, compiler))


def _reader_of(queryset: Any, compiler: Any) -> Callable[[Sequence[Any]], list[Any]]:
    """Return what turns the rows of the database into what the query is of, as it would itself.

    Args:
        queryset: Of models, or of values.
        compiler: The query's, once it has made its text.

    Raises:
        TypeError: The query is read in another way.
    """
    selected = [found[0] for found in compiler.select[: compiler.col_count]]
    converters = compiler.get_converters(selected)
    if compiler.has_composite_fields(selected):
        raise TypeError("a prepared query has no composite fields")
    make = _maker_of(queryset, compiler)

    def read(rows: Sequence[Any]) -> list[Any]:
        if not converters:
            return [make(row) for row in rows]
        return [make(_converted(row, converters)) for row in rows]

    return read


def _maker_of(queryset: Any, compiler: Any) -> Callable[[Sequence[Any]], Any]:
    """Return what makes of one row what the query is of."""
    kind, names = queryset._iterable_class, queryset._fields  # noqa: SLF001  what it would be read by
    if kind is ModelIterable:
        return _model_maker(compiler)
    if kind is FlatValuesListIterable:
        return _only
    if kind is ValuesListIterable:
        return tuple
    if kind is NamedValuesListIterable and names:
        make: Callable[[Sequence[Any]], Any] = _named(tuple(names))._make
        return make
    if kind is ValuesIterable and queryset.query.selected:
        return _dict_maker(list(queryset.query.selected))
    raise TypeError(f"a prepared query is not read by {kind.__name__}")


@lru_cache(maxsize=64)
def _named(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)


def _converted(row: Sequence[Any], converters: dict[int, Any]) -> list[Any]:
    values = list(row)
    for position, (convs, expression) in converters.items():
        value = values[position]
        for convert in convs:
            value = convert(value, expression, connection)
        values[position] = value
    return values


def _dict_maker(names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    return lambda row: dict(zip(names, row, strict=True))


def _only(row: Sequence[Any]) -> Any:
    return row[0]


def _model_maker(compiler: Any) -> Callable[[Sequence[Any]], Any]:
    select, about = compiler.select, compiler.klass_info
    begins, ends = about["select_fields"][0], about["select_fields"][-1] + 1
    names = [found[0].target.attname for found in select[begins:ends]]
    # The stubs are of a later Django, which asks for one more.
    populators = get_related_populators(about, select, connection.alias)  # type: ignore[call-arg]
    annotations = tuple((compiler.annotation_col_map or {}).items())
    model, alias = about["model"], connection.alias

    def make(row: Sequence[Any]) -> Any:
        made = model.from_db(alias, names, row[begins:ends])
        for populator in populators:
            populator.populate(row, made)
        for name, position in annotations:
            setattr(made, name, row[position])
        return made

    return make
