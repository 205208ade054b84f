"""Standing reports: what the record holds for a requirement over a span, and what it lacks."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.access_files import csv_answer
from governance.admin.visit import Crumb, Visit, page, render
from governance.controls import mapping, registry
from governance.controls.mapping_file import MAPPING_HEADER, mapping_rows
from governance.controls.reading import Pages, Whole, begin
from governance.controls.registry import Report
from governance.controls.rules import USUAL, is_span
from governance.controls.services import Made, find_or_ask
from governance.controls.tables import write_csv
from governance.controls.types import Asked, CaseRef, Cell, EntryRef, Line, Table
from governance.evidence.selectors import last_exports
from governance.ledger.services import record_read
from orchestra.core import words
from orchestra.core.days import begin_of, end_of, read_day
from orchestra.core.errors import NotFoundError
from orchestra.core.together import Reading, all_of, answer

_SHOWN_MISSING: Final = 50
_SHOWN_ROWS: Final = 20
_DIGEST: Final = 64


@dataclass(frozen=True, slots=True)
class _Span:
    """Whole days of the reader, from the first through the last."""

    first: datetime
    after: datetime

    @property
    def query(self) -> str:
        last = timezone.localtime(self.after) - timedelta(days=1)
        first = timezone.localtime(self.first)
        return urlencode({"from": f"{first:%Y-%m-%d}", "to": f"{last:%Y-%m-%d}"})

    def describe(self) -> dict[str, Any]:
        return {
            "first": timezone.localtime(self.first),
            "last": timezone.localtime(self.after) - timedelta(days=1),
            "query": self.query,
            "zone": timezone.get_current_timezone_name(),
        }


@page("reports/", name="reports", capability=Capability.LEDGER_READ)
def reports(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every report at a glance; that they were read is an entry."""
    span = _span(request, visit)
    exported = last_exports()
    made = find_or_ask(since=span.first, until=span.after, now=visit.now)
    ordered = registry.ordered()
    told = _lines_of(ordered, span, made)
    found = [
        _describe(report, span, told[report.code]) | {"exported_at": exported.get(report.code)}
        for report in ordered
    ]
    record_read(actor=visit.actor, now=visit.now, what=_("all reports"))
    return render(
        request,
        "governance/reports.html",
        {
            "title": _("Reports"),
            "crumbs": [Crumb(_("Prove")), Crumb(_("Reports"))],
            "reports": found,
            "made": made,
            "span": span.describe(),
        },
    )


@page("controls/", name="controls", capability=Capability.LEDGER_READ)
def controls(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show which reports and entries give evidence of each control; ``?form=csv`` as a file."""
    del visit
    framework = request.GET.get("of", "")
    if framework not in {"", *mapping.Framework}:
        raise NotFoundError(_("There is no such framework."))
    if request.GET.get("form") == "csv":
        return csv_answer(
            name=f"controls-{framework or 'all'}.csv",
            header=MAPPING_HEADER,
            rows=mapping_rows(framework, request.build_absolute_uri(reverse("admin:reports"))),
        )
    return render(
        request,
        "governance/report_controls.html",
        {
            "title": _("Controls"),
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Reports"), reverse("admin:reports")),
                Crumb(_("Controls")),
            ],
            "frameworks": [
                {"code": str(one), "title": title, "is_on": one == framework}
                for one, title in mapping.TITLES.items()
            ],
            "framework": framework,
            "controls": [_control(one) for one in mapping.of(framework)],
            "recorded": sum(one.is_recorded for one in mapping.of(framework)),
        },
    )


@page("reports/<slug:code>/", name="report", capability=Capability.LEDGER_READ)
def report(request: HttpRequest, visit: Visit, code: str) -> HttpResponseBase:
    """Show one report with the records that lack something; ``?form=csv`` gives it as a file."""
    found = registry.reports.find(code)
    if found is None:
        raise NotFoundError(_("There is no such report."))
    span = _span(request, visit)
    is_file = request.GET.get("form") == "csv"
    made = None
    if not is_file:
        made = find_or_ask(since=span.first, until=span.after, now=visit.now)
    seed = request.GET.get("seed", "")[:100]
    unmasked = "unmasked" in request.GET and visit.may(Capability.LEDGER_VERIFY)
    asked = Asked(span.first, span.after, seed, unmasked=unmasked)
    is_long = bool(made and not made.is_read_now)
    tables = () if is_file else found.tables(asked)
    shown_first = [one for one in tables if not (is_long and one.adds_up)]
    told = _lines_of([found], span, made, *(each for one in shown_first for each in one.begins))
    shown = _describe(found, span, told[code])
    record_read(actor=visit.actor, now=visit.now, what=_read(code, unmasked=unmasked))
    table = request.GET.get("table", "")
    if is_file and table:
        return _table_file(found, asked, table)
    if is_file:
        return csv_answer(
            name=f"report-{code}.csv",
            header=("looked for", "complete", "total", "erased", "missing"),
            rows=[
                (
                    line["title"],
                    line["complete"],
                    line["total"],
                    line["erased"],
                    ", ".join(line["all_missing"]),
                )
                for line in shown["lines"]
            ],
        )
    here = f"{shown['link']}&{urlencode({'seed': seed})}" if seed else shown["link"]
    return render(
        request,
        "governance/report.html",
        {
            "title": shown["title"],
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Reports"), f"{reverse('admin:reports')}?{span.query}"),
                Crumb(shown["title"]),
            ],
            "report": shown,
            "made": made,
            "tables": [_table(one, shown["link"], asked, is_long=is_long) for one in tables],
            "may_unmask": visit.may(Capability.LEDGER_VERIFY)
            and any(one.has_origins for one in tables),
            "unmasked": unmasked,
            "mask_link": here if unmasked else f"{here}&unmasked=1",
            "seed": seed,
            "samples": code == "changes",
            "span": span.describe(),
            "export_link": f"{reverse('admin:evidence')}?{urlencode({'prove': code})}&{span.query}",
        },
    )


def _control(one: mapping.Mapped) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": words.in_words(one.title),
        "is_recorded": one.is_recorded,
        "reports": [
            {
                "title": words.in_words(str(registry.reports.get(code).title)),
                "link": reverse("admin:report", args=[code]),
            }
            for code in one.reports
        ],
        "kinds": [kind.replace("_", " ").replace(".", " ").strip() for kind in one.kinds],
    }


def _read(code: str, *, unmasked: bool) -> str:
    """Return in words what was read, for the entry that records the reading."""
    if unmasked:
        return _("report %(code)s, with network addresses") % {"code": code}
    return _("report %(code)s") % {"code": code}


def _table_file(found: Report, asked: Asked, code: str) -> FileResponse:
    table = next((one for one in found.tables(asked) if one.code == code), None)
    if table is None:
        raise NotFoundError(_("There is no such table."))
    name = f"report-{found.code}-{table.code}.csv"
    answer = FileResponse(
        write_csv(table), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8"
    )
    answer["Cache-Control"] = "no-store"
    return answer


def _table(table: Table, link: str, asked: Asked, *, is_long: bool) -> dict[str, Any]:
    query = {"form": "csv", "table": table.code} | ({"seed": asked.seed} if asked.seed else {})
    query |= {"unmasked": "1"} if asked.unmasked else {}
    is_left_out = is_long and table.adds_up
    rows = [] if is_left_out else list(islice(table.rows, _SHOWN_ROWS + 1))
    return {
        "title": words.in_words(table.title),
        "about": words.in_words(table.about),
        "header": [words.in_words(one) for one in table.header],
        "rows": [[_cell(cell) for cell in row] for row in rows[:_SHOWN_ROWS]],
        "most": _SHOWN_ROWS,
        "has_more": len(rows) > _SHOWN_ROWS,
        "is_left_out": is_left_out,
        "file_link": f"{link}&{urlencode(query)}",
    }


def _cell(cell: Cell) -> dict[str, Any]:
    """Return a cell as the page shows it: its text or moment, and where it leads."""
    if isinstance(cell, datetime):
        return {"at": timezone.localtime(cell)}
    if isinstance(cell, CaseRef):
        return {"text": cell.label, "link": reverse("admin:case", args=[cell.id])}
    if isinstance(cell, EntryRef):
        return {"text": f"{cell.seq}", "link": _stream_link(cell.stream)}
    if isinstance(cell, int):
        return {"count": cell}
    text = words.in_words(cell) if cell else ""
    if len(text) == _DIGEST and set(text) <= set("0123456789abcdef"):
        return {"digest": text}
    return {"text": text}


def _stream_link(stream: str) -> str:
    return f"{reverse('admin:ledger')}?{urlencode({'stream': stream})}"


def _span(request: HttpRequest, visit: Visit) -> _Span:
    """Return the days asked for; what makes no sense is told, and the usual days are shown."""
    today = timezone.localdate(visit.now)
    usual = _Span(begin_of(today - USUAL), end_of(today))
    asked = {name: request.GET.get(name, "") for name in ("from", "to")}
    if not any(asked.values()):
        return usual
    first, last = read_day(asked["from"]), read_day(asked["to"]) if asked["to"] else today
    with suppress(OverflowError):
        if first and last and is_span(begin_of(first), end_of(last)):
            return _Span(begin_of(first), end_of(last))
    messages.error(request, _("Give a span that begins before it ends, of at most 400 days."))
    return usual


def _lines_of(
    found: Sequence[Report], span: _Span, made: Made | None, *begins: Pages | Whole
) -> Mapping[str, Sequence[Line]]:
    """Return the lines of some reports, by their code.

    Args:
        found: The reports.
        span: Their days.
        made: What stands ready of them; without it the record is read now.
        begins: What is read beside them.
    """
    parts: dict[str, Reading[Any]] = {"": begin(*begins)}
    if made is None or made.is_read_now:
        parts |= {one.code: one.lines(since=span.first, until=span.after) for one in found}
        return answer(all_of(parts))
    answer(all_of(parts))
    return {one.code: made.lines.get(one.code, ()) for one in found}


def _describe(found: Report, span: _Span, told: Sequence[Line]) -> dict[str, Any]:
    """Return a report as the pages show it.

    Args:
        found: The report.
        span: Its days.
        told: Its lines.
    """
    lines = [_line(line) for line in told]
    gaps = sum(not line["is_complete"] for line in lines)
    link = reverse("admin:report", args=[found.code])
    return {
        "title": words.in_words(str(found.title)),
        "about": str(found.about),
        "silent": str(found.silent),
        "requirements": found.requirements,
        "lines": lines,
        "gaps": gaps,
        "is_empty": not any(line["total"] for line in lines),
        "link": f"{link}?{span.query}",
        "file_link": f"{link}?{span.query}&form=csv",
    }


def _line(line: Line) -> dict[str, Any]:
    named: Sequence[str] = [one for one in line.missing if one != "-"]
    return {
        "title": words.in_words(line.title),
        "complete": line.complete,
        "total": line.total,
        "sign": _sign(line),
        "is_complete": line.complete >= line.total,
        "is_none": not line.total or line.missing == ("-",),
        "missing": [_reference(one, line.cases.get(one, "")) for one in named[:_SHOWN_MISSING]],
        "erased": line.erased,
        "more": max(0, len(named) - _SHOWN_MISSING),
        "all_missing": named,
    }


def _sign(line: Line) -> str:
    if not line.total:
        return "is-off"
    return "is-ok" if line.complete >= line.total else "is-unknown"


def _reference(text: str, case_id: str) -> dict[str, str]:
    """Return a record's name, and the way to it: of a case its page, of an entry its stream."""
    if case_id:
        return {"title": text, "link": reverse("admin:case", args=[case_id])}
    stream, _space, seq = text.rpartition(" ")
    if not stream or not seq.isdigit():
        return {"title": text, "link": ""}
    title = _("entry %(seq)s of %(stream)s") % {
        "seq": seq,
        "stream": words.plain(stream.partition(":")[0]),
    }
    return {"title": title, "link": _stream_link(stream)}
