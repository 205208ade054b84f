"""Rows as CSV that a spreadsheet reads as text and never as a formula; pure."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain

#: A field that begins with one of these is run as a formula by some spreadsheets.
_LEADING = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_field(value: object) -> str:
    """Return a value as the text of a field; one that could be run begins with a quote."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_LEADING) else text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a header and rows as lines of RFC 4180, every field quoted."""
    for row in chain((header,), rows):
        line = StringIO()
        csv.writer(line, quoting=csv.QUOTE_ALL).writerow([safe_field(value) for value in row])
        yield line.getvalue()
