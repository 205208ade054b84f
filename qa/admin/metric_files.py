"""The numbers of the outcomes as files: CSV, JSON and Parquet; as they are on the pages."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.access_files import csv_answer, parquet_answer
from governance.admin.visit import Visit, page
from orchestra.core.errors import NotFoundError
from qa.measurement.showing import Shown, export_rows, list_shown

Json = Any

#: Column to the type of its values; a number that must not be told is missing.
NUMBERS: Final[Mapping[str, str]] = {
    "metric": "text",
    "version": "whole",
    "begin": "text",
    "weeks": "whole",
    "unit": "text",
    "value": "number",
    "low": "number",
    "high": "number",
    "n": "whole",
    "hits": "whole",
    "open": "whole",
    "left_out": "text",
    "computed_at": "time",
    "ledger_index": "whole",
}
PARTS: Final[Mapping[str, str]] = {
    "metric": "text",
    "version": "whole",
    "begin": "text",
    "weeks": "whole",
    "unit": "text",
    "by": "text",
    "part": "text",
    "n": "whole",
    "value": "number",
    "low": "number",
    "high": "number",
    "computed_at": "time",
    "ledger_index": "whole",
}


@page("outcomes/export/<str:kind>/", name="outcomes_export", capability=Capability.METRIC_READ)
def outcomes_export(request: HttpRequest, visit: Visit, kind: str) -> HttpResponse:
    """Hand out every number as a file: csv, json or parquet; ``of=parts`` for the breakdowns."""
    is_parts = request.GET.get("of") == "parts"
    shown = list_shown(now=visit.now)
    rows = [row for one in shown for row in (part_rows(one) if is_parts else export_rows(one))]
    columns, name = (PARTS, "outcome_parts") if is_parts else (NUMBERS, "outcomes")
    if kind == "json":
        return _json(rows, f"{name}.json")
    if kind == "csv":
        cells = ([row[each] for each in columns] for row in rows)
        return csv_answer(name=f"{name}.csv", header=tuple(columns), rows=cells)
    if kind == "parquet":
        typed = ([_typed(row[each], columns[each]) for each in columns] for row in rows)
        return parquet_answer(name=f"{name}.parquet", columns=columns, rows=typed)
    raise NotFoundError(_("There is no such file."))


def part_rows(one: Shown) -> Iterator[dict[str, Json]]:
    """Yield the breakdowns of both stretches of four weeks; hidden parts have no numbers."""
    for cell in (one.before, one.now):
        if cell is None:
            continue
        for by, lines in cell.body["breakdowns"].items():
            for line in lines:
                yield {
                    "metric": cell.key,
                    "version": cell.version,
                    "begin": cell.begin.isoformat(),
                    "weeks": cell.weeks,
                    "unit": str(one.spec.measure),
                    "by": by,
                    "part": line["key"],
                    "n": line["n"],
                    "value": line["value"],
                    "low": line["low"],
                    "high": line["high"],
                    "computed_at": cell.computed_at.isoformat(),
                    "ledger_index": cell.upto_index,
                }


def _typed(value: Json, kind: str) -> Json:
    if value is None or kind == "text":
        return value
    if kind == "time":
        return datetime.fromisoformat(value)
    return float(value) if kind == "number" else int(value)


def _json(rows: list[dict[str, Json]], name: str) -> HttpResponse:
    answer = HttpResponse(json.dumps(rows, indent=2), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
