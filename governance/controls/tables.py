"""A table of a report as text: cells for a file, and the file itself."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from governance.controls.types import Cell, Table
from orchestra.core.clock import rfc3339
from orchestra.core.csv_text import csv_lines
from orchestra.core.words import in_words


def in_file(cell: Cell) -> str:
    """Return a cell as text for a file: moments as RFC 3339 in UTC, nothing as nothing."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return rfc3339(cell)
    return in_words(cell) if isinstance(cell, str) else str(cell)


def write_csv(table: Table) -> BinaryIO:
    """Return a table as a file of CSV, at its beginning; one page of rows is held at a time.

    The caller closes it.
    """
    file = cast(BinaryIO, TemporaryFile())  # noqa: SIM115  it is handed on open
    header = [in_words(one) for one in table.header]
    for line in csv_lines(header, _rows(table)):
        file.write(line.encode())
    file.seek(0)
    return file


def _rows(table: Table) -> Iterator[Sequence[str]]:
    for row in table.rows:
        yield [in_file(cell) for cell in row]
