"""Rows of quality as a file: CSV for people, Parquet for tools that read columns."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.http import HttpResponse

from governance.admin.access_files import csv_answer, parquet_answer

PARQUET = "parquet"


def table_answer(
    *, name: str, kind: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """Return rows as Parquet where that is asked for, as CSV otherwise.

    Args:
        name: Of the file, without its ending.
        kind: As the address asks; what is no kind of file is CSV.
        columns: Name of each column to its type, as ``orchestra.core.parquet`` knows them.
        rows: Values in the order of the columns; times are told in UTC.
    """
    if kind == PARQUET:
        return parquet_answer(name=f"{name}.parquet", columns=columns, rows=rows)
    return csv_answer(
        name=f"{name}.csv",
        header=list(columns),
        rows=([_plain(value) for value in row] for row in rows),
    )


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else value
