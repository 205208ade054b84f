"""The tables of facts read from the database into columns, all rows of a table at once.

PostgreSQL gathers each column into one array and sends it in its binary form, in which every
value has the same length: it becomes an array here without a value being looked at in between.
"""

from collections.abc import Mapping
from functools import cached_property
from struct import Struct
from typing import Any, Final

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models import F, Func, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from qa.measurement.columns.flattening import as_table
from qa.measurement.columns.types import (
    Cases,
    Contacts,
    Episodes,
    Gaps,
    Handovers,
    Kind,
    Steps,
    Table,
    Waits,
    Works,
    columns_of,
    joined,
    pick,
)
from qa.measurement.models import (
    MeasuredCase,
    MeasuredContact,
    MeasuredEpisode,
    MeasuredGap,
    MeasuredHandover,
    MeasuredMix,
    MeasuredStep,
    MeasuredWait,
    MeasuredWord,
    MeasuredWork,
)
from qa.measurement.rows import Dimensions

#: What each kind of column is in PostgreSQL's binary rows.
_SENT: Final[Mapping[Kind, Any]] = {
    Kind.KEY: ">i8",
    Kind.MOMENT: ">i8",
    Kind.CODE: ">i2",
    Kind.FLAG: "?",
    Kind.NUMBER: ">f8",
    Kind.NAME: "V16",
}
_HEAD: Final = b"PGCOPY\n\xff\r\n\x00"
#: Head, flags, the length of no extension, and the number of fields of the one row.
_BEFORE: Final = len(_HEAD) + 8 + 2
_LENGTH: Final = Struct(">i")
#: Of an array: dimensions, whether there are nulls, type, how many, from which number on.
_ARRAY: Final = Struct(">iiIii")
#: Columns that a table of facts names otherwise than its model.
_FIELDS: Final[Mapping[tuple[type[Any], str], str]] = {
    (Cases, "name"): "case",
    **{
        (table, "case"): "case_id"
        for table in (Episodes, Contacts, Handovers, Works, Steps, Gaps, Waits)
    },
}
#: Keys of cases in one block; one of which a quarter is wanted is read whole.
_BLOCK: Final = 1024
_MOST_RUNS: Final = 20
_MOST_ALONE: Final = 10_000
MODELS: Final[Mapping[type[Any], type[models.Model]]] = {
    Cases: MeasuredCase,
    Episodes: MeasuredEpisode,
    Contacts: MeasuredContact,
    Handovers: MeasuredHandover,
    Works: MeasuredWork,
    Steps: MeasuredStep,
    Gaps: MeasuredGap,
    Waits: MeasuredWait,
}


class StoredFacts:
    """The facts of some cases; a table is read when a formula first asks for it."""

    def __init__(self, *chosen: QuerySet[MeasuredCase]) -> None:
        """Remember which cases are meant, by queries without a case in common."""
        self._chosen = chosen

    @cached_property
    def cases(self) -> Cases:
        """Cases."""
        return self._read(Cases)

    @cached_property
    def episodes(self) -> Episodes:
        """Their episodes."""
        return self._read(Episodes)

    @cached_property
    def contacts(self) -> Contacts:
        """Their contacts."""
        return self._read(Contacts)

    @cached_property
    def handovers(self) -> Handovers:
        """Their changes of owner."""
        return self._read(Handovers)

    @cached_property
    def works(self) -> Works:
        """Their wrap-ups."""
        return self._read(Works)

    @cached_property
    def steps(self) -> Steps:
        """Their executions of steps."""
        return self._read(Steps)

    @cached_property
    def gaps(self) -> Gaps:
        """Their missing records."""
        return self._read(Gaps)

    @cached_property
    def waits(self) -> Waits:
        """Their waits for others."""
        return self._read(Waits)

    @cached_property
    def mixes(self) -> Mapping[int, Dimensions]:
        """All dimensions by key."""
        names = [one.name for one in MeasuredMix._meta.fields]  # noqa: SLF001  Django's documented entry
        rows = MeasuredMix.objects.values_list(*names)
        return {key: Dimensions(*values) for key, *values in rows}

    @cached_property
    def words(self) -> Mapping[int, str]:
        """All reasons and kinds of record by key."""
        return dict(MeasuredWord.objects.values_list("key", "word"))

    def _read(self, table: type[Table]) -> Table:
        ranges = None if table is Cases else self._ranges
        if ranges is not None:
            rows: Any = load(table, MODELS[table]._default_manager.filter(ranges))  # noqa: SLF001
            return pick(rows, np.isin(rows.case, self.cases.id))  # type: ignore[no-any-return]
        parts: list[Table] = [load(table, _rows(table, chosen)) for chosen in self._chosen]
        return parts[0] if len(parts) == 1 else joined(parts)

    @cached_property
    def _ranges(self) -> Q | None:
        """Which keys of cases to read facts of; None where a join finds them better.

        Keys follow each other as cases do, so those of a stretch of time lie close together, and
        reading a range with a few others in it costs less than choosing the cases again for
        each table. Cases of long ago of the same customers are named one by one.
        """
        if connections[MeasuredCase.objects.db].vendor != "postgresql":
            return None
        blocks, counts = np.unique(self.cases.id // _BLOCK, return_counts=True)
        dense = blocks[counts >= _BLOCK // 4]
        alone = self.cases.id[~np.isin(self.cases.id // _BLOCK, dense)]
        runs = np.split(dense, np.flatnonzero(np.diff(dense) > 1) + 1) if len(dense) else []
        if len(runs) > _MOST_RUNS or len(alone) > _MOST_ALONE:
            return None
        found = Q(case__in=alone.tolist())
        for run in runs:
            found |= Q(case__gte=int(run[0]) * _BLOCK, case__lt=(int(run[-1]) + 1) * _BLOCK)
        return found


def _rows(table: type[Any], chosen: QuerySet[MeasuredCase]) -> QuerySet[Any]:
    if table is Cases:
        return chosen
    rows = MODELS[table]._default_manager.all()  # noqa: SLF001  Django's documented entry
    return rows.filter(case__in=chosen.order_by().values("pk"))


def load(table: type[Any], rows: QuerySet[Any]) -> Any:
    """Return the rows of a query as a table of columns, in no order."""
    names = {name: _FIELDS.get((table, name), name) for name in columns_of(table)}
    if connections[rows.db].vendor == "postgresql":
        try:
            return _received(table, _sent(rows, names, columns_of(table)))
        except EmptyResultSet:
            return as_table(table, ())
    plain = rows.order_by().values_list(*names.values()).iterator(2000)
    kinds = list(columns_of(table).values())
    if Kind.NAME not in kinds:
        return as_table(table, plain)
    place = kinds.index(Kind.NAME)
    return as_table(table, ((*row[:place], row[place].bytes, *row[place + 1 :]) for row in plain))


def _sent(rows: QuerySet[Any], names: Mapping[str, str], kinds: Mapping[str, Kind]) -> bytes:
    """Return the columns as PostgreSQL sends them: one row, with a whole column in each field.

    One message for all rows costs a quarter of what one for each row does. A row is at most a
    gigabyte, which is some ten million facts; beyond it PostgreSQL refuses.
    """
    columns = [_never_null(F(names[name]), kind) for name, kind in kinds.items()]
    asked = {f"column_{number}": column for number, column in enumerate(columns)}
    query = rows.order_by().annotate(**asked).values_list(*asked).query
    statement, values = query.get_compiler(rows.db).as_sql()
    gathered = ", ".join(f"array_send(array_agg({name}))" for name in asked)
    copied = (
        f"COPY (SELECT {gathered} FROM ({statement}) AS facts)"  # noqa: S608  Django's own statement
        " TO STDOUT (FORMAT BINARY)"
    )
    connection = connections[rows.db]
    # Composed here, as the cursor that Django has while it notes queries copies no values.
    operations: Any = connection.ops
    composed = operations.compose_sql(copied, values)
    with connection.cursor() as cursor, cursor.copy(composed) as copy:
        return b"".join(copy)


def _received(table: type[Any], sent: bytes) -> Any:
    kinds = columns_of(table)
    if not sent.startswith(_HEAD):
        message = f"PostgreSQL sent no binary rows of {table.__name__}."
        raise ValueError(message)
    place, found = _BEFORE, []
    for kind in kinds.values():
        (length,) = _LENGTH.unpack_from(sent, place)
        place += _LENGTH.size
        # An empty column is sent as null, whose length is -1.
        field = memoryview(sent)[place : place + max(0, length)]
        found.append(_native(_elements(table, field, kind), kind))
        place += len(field)
    if len({len(column) for column in found}) != 1:
        message = f"PostgreSQL sent columns of {table.__name__} of more than one length."
        raise ValueError(message)
    return table(*found)


def _elements(table: type[Any], field: memoryview, kind: Kind) -> Any:
    """Return the values of an array without nulls, each of which has its length before it."""
    shape = np.dtype([("length", ">i4"), ("value", _SENT[kind])])
    if not field:
        return np.zeros(0, dtype=shape)["value"]
    dimensions, nulls, _type, count, _first = _ARRAY.unpack_from(field)
    body = field[_ARRAY.size :]
    if dimensions != 1 or nulls or len(body) != count * shape.itemsize:
        message = f"PostgreSQL sent a column of {table.__name__} that is no array of {kind}s."
        raise ValueError(message)
    return np.frombuffer(body, dtype=shape)["value"]


def _native(column: Any, kind: Kind) -> Any:
    if kind is Kind.NAME:
        return np.ascontiguousarray(column)
    return column.astype(column.dtype.newbyteorder("="))


def _never_null(column: F, kind: Kind) -> Any:
    if kind is Kind.MOMENT:
        return Func(
            column,
            template="COALESCE(%(expressions)s, 'infinity'::timestamptz)",
            output_field=models.DateTimeField(),
        )
    if kind is Kind.NUMBER:
        return Coalesce(column, Value(float("nan")), output_field=models.FloatField())
    return column
