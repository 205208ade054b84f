"""What is taken out of a page as a file: CSV, Parquet or JSON lines."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse

from orchestra.core.csv_text import csv_lines
from orchestra.core.parquet import MEDIA_TYPE, parquet_bytes


def csv_answer(
    *, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """Return rows as a CSV file; no field of it is run as a formula."""
    return _file("".join(csv_lines(header, rows)), name=name, kind="text/csv; charset=utf-8")


def parquet_answer(
    *, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """Return rows as a Parquet file, whose columns keep the types of their values."""
    return _file(parquet_bytes(columns, rows), name=name, kind=MEDIA_TYPE)


def json_lines_answer(*, name: str, rows: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """Return rows as a file of JSON lines, every value as it is stored."""
    lines = (json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)
    return _file("".join(lines), name=name, kind="application/x-ndjson; charset=utf-8")


def _file(text: str | bytes, *, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(text, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
