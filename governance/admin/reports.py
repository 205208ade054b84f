"""Standing reports: what the record holds for a requirement over a span, and what it lacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.access_files import csv_answer
from governance.admin.visit import Crumb, Visit, page, render
from governance.controls.catalogue import REPORTS, Report
from governance.controls.types import Line
from governance.ledger.services import record_read
from orchestra.core import words
from orchestra.core.errors import NotFoundError

#: The span of a report that names none, and the longest that is read at once.
USUAL: Final = timedelta(days=92)
LONGEST: Final = timedelta(days=400)
_SHOWN_MISSING: Final = 50


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
    found = [_describe(report, span) for report in REPORTS]
    record_read(actor=visit.actor, now=visit.now, what=_("all reports"))
    return render(
        request,
        "governance/reports.html",
        {
            "title": _("Reports"),
            "crumbs": [Crumb(_("Prove")), Crumb(_("Reports"))],
            "reports": found,
            "span": span.describe(),
        },
    )


@page("reports/<slug:code>/", name="report", capability=Capability.LEDGER_READ)
def report(request: HttpRequest, visit: Visit, code: str) -> HttpResponse:
    """Show one report with the records that lack something; ``?form=csv`` gives it as a file."""
    found = next((one for one in REPORTS if one.code == code), None)
    if found is None:
        raise NotFoundError(_("There is no such report."))
    span = _span(request, visit)
    shown = _describe(found, span)
    record_read(actor=visit.actor, now=visit.now, what=_("report %(code)s") % {"code": code})
    if request.GET.get("form") == "csv":
        return csv_answer(
            name=f"report-{code}.csv",
            header=("looked for", "complete", "total", "missing"),
            rows=[
                (line["title"], line["complete"], line["total"], " ".join(line["all_missing"]))
                for line in shown["lines"]
            ],
        )
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
            "span": span.describe(),
            "export_link": f"{reverse('admin:evidence')}?{urlencode({'prove': code})}&{span.query}",
        },
    )


def _span(request: HttpRequest, visit: Visit) -> _Span:
    """Return the days asked for; what makes no sense is told, and the usual days are shown."""
    today = timezone.localdate(visit.now)
    usual = _Span(
        _midnight(f"{today - USUAL:%Y-%m-%d}") or visit.now - USUAL,
        (_midnight(f"{today:%Y-%m-%d}") or visit.now) + timedelta(days=1),
    )
    if not request.GET.get("from") and not request.GET.get("to"):
        return usual
    first = _midnight(request.GET.get("from", ""))
    last = _midnight(request.GET.get("to", ""))
    after = last + timedelta(days=1) if last else usual.after
    if first is None or not timedelta(0) < after - first <= LONGEST:
        messages.error(request, _("Give a span that begins before it ends, of at most 400 days."))
        return usual
    return _Span(first, after)


def _midnight(text: str) -> datetime | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return timezone.make_aware(datetime.combine(day, time())) if day else None


def _describe(found: Report, span: _Span) -> dict[str, Any]:
    lines = [_line(line) for line in found.gaps(since=span.first, until=span.after)]
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
        "is_none": not line.complete and not named,
        "missing": [_reference(one) for one in named[:_SHOWN_MISSING]],
        "more": max(0, len(named) - _SHOWN_MISSING),
        "all_missing": named,
    }


def _sign(line: Line) -> str:
    if not line.total:
        return "is-off"
    return "is-ok" if line.complete >= line.total else "is-unknown"


def _reference(text: str) -> dict[str, str]:
    """Return a record's name, and for an entry the way to it: its stream and its number."""
    stream, _space, seq = text.rpartition(" ")
    if not stream or not seq.isdigit():
        return {"title": text, "link": ""}
    title = _("entry %(seq)s of %(stream)s") % {
        "seq": seq,
        "stream": words.plain(stream.partition(":")[0]),
    }
    return {"title": title, "link": f"{reverse('admin:ledger')}?{urlencode({'stream': stream})}"}
