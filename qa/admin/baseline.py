"""How a centre worked before: imported logs, their figures, and the cases behind each."""

import re
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, page, render
from orchestra.core.errors import NotFoundError
from qa.history import selectors as history
from qa.history.figures import from_json
from qa.history.models import PastLog, PastLogCase
from qa.history.types import Share

_AT_ONCE = 50
_WIDTH = 120
_MONTH = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])", re.ASCII)
#: Of fewer cases than this only the interval is told.
_FEW = 30


@page("baseline/", name="baselines", capability=Capability.METRIC_READ)
def baselines(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every imported log."""
    del visit
    rows = [
        {"log": log, "link": reverse("admin:baseline", args=[log.key])}
        for log in PastLog.objects.all()
    ]
    crumbs = [Crumb(_("Measure")), Crumb(_("Before"))]
    return render(
        request,
        "qa/baselines.html",
        {"title": _("How it was before"), "crumbs": crumbs, "rows": rows},
    )


@page("baseline/<str:key>/", name="baseline", capability=Capability.METRIC_READ)
def baseline(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show what one log comes to, month by month, with the cases behind each number."""
    del visit
    log = history.get_log(key)
    told = from_json(log.figures)
    cases = reverse("admin:baseline_cases", args=[key])
    return render(
        request,
        "qa/baseline.html",
        {
            "title": log.title,
            "crumbs": _crumbs(log),
            "log": log,
            "told": told,
            "cases_link": cases,
            "open_link": f"{cases}?kind=open",
            "shares": [
                _share(
                    _("Changed the group at least once"), told.transferred, cases, "transferred"
                ),
                _share(_("Came back to a group that had it"), told.went_back, cases, "went_back"),
                _share(_("Worked again after resolving"), told.reopened, cases, "reopened"),
            ],
            "months": [
                {
                    "name": one.month,
                    "cases": one.cases,
                    "link": f"{cases}?{urlencode({'month': one.month})}",
                    "transferred": _share("", one.transferred, cases, ""),
                    "reopened": _share("", one.reopened, cases, ""),
                    "median": one.median_days if one.cases >= _FEW else None,
                }
                for one in told.months
            ],
        },
    )


@page("baseline/<str:key>/cases/", name="baseline_cases", capability=Capability.METRIC_READ)
def baseline_cases(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show the cases of a log, the newest first; ``kind``, ``month`` and ``after`` narrow them."""
    del visit
    log = history.get_log(key)
    kind = request.GET.get("kind", "")
    month = request.GET.get("month", "")
    month = month if _MONTH.fullmatch(month) else ""
    rows = list(
        history.list_cases(
            log=log, kind=kind, month=month, after=_place(request.GET.get("after", ""))
        )[: _AT_ONCE + 1]
    )
    shown = rows[:_AT_ONCE]
    narrowed = {name: value for name, value in (("kind", kind), ("month", month)) if value}
    return render(
        request,
        "qa/baseline_cases.html",
        {
            "title": _("Cases of %(title)s") % {"title": log.title},
            "crumbs": [*_crumbs(log, linked=True), Crumb(_("Cases"))],
            "log": log,
            "said": _kinds().get(kind, ""),
            "month": month,
            "rows": [
                {"case": one, "link": reverse("admin:baseline_case", args=[key, one.ref])}
                for one in shown
            ],
            "older": urlencode({**narrowed, "after": _mark(shown[-1])})
            if len(rows) > _AT_ONCE
            else "",
        },
    )


@page(
    "baseline/<str:key>/case/<path:ref>/", name="baseline_case", capability=Capability.METRIC_READ
)
def baseline_case(request: HttpRequest, visit: Visit, key: str, ref: str) -> HttpResponse:
    """Show every event of one case of a log."""
    del visit
    log = history.get_log(key)
    events = history.list_events(log=log, ref=ref)
    cases = reverse("admin:baseline_cases", args=[key])
    return render(
        request,
        "qa/baseline_case.html",
        {
            "title": ref,
            "crumbs": [*_crumbs(log, linked=True), Crumb(_("Cases"), cases), Crumb(ref)],
            "case": events[0].case,
            "events": events,
        },
    )


def _crumbs(log: PastLog, *, linked: bool = False) -> list[Crumb]:
    link = reverse("admin:baseline", args=[log.key]) if linked else ""
    return [
        Crumb(_("Measure")),
        Crumb(_("Before"), reverse("admin:baselines")),
        Crumb(log.title, link),
    ]


def _kinds() -> dict[str, str]:
    return {
        "transferred": _("that changed the group"),
        "went_back": _("that came back to a group"),
        "reopened": _("that were worked again"),
        "open": _("that were open when the log ends"),
        "withdrawn": _("that were withdrawn"),
    }


def _share(words: str, share: Share, cases: str, kind: str) -> dict[str, Any]:
    low, high, value = share.low or 0.0, share.high or 0.0, share.value
    return {
        "words": words,
        "hits": share.hits,
        "total": share.total,
        "link": f"{cases}?kind={kind}" if kind else "",
        "value": f"{100 * value:.1f}" if value is not None and share.total >= _FEW else None,
        "low": f"{100 * low:.1f}",
        "high": f"{100 * high:.1f}",
        "from_x": f"{low * _WIDTH:.1f}",
        "to_x": f"{high * _WIDTH:.1f}",
        "at_x": f"{(value or 0) * _WIDTH:.1f}",
    }


def _mark(case: PastLogCase) -> str:
    return f"{case.opened_at.isoformat()}~{case.pk}"


def _place(text: str) -> tuple[datetime, int] | None:
    """Return where a list goes on.

    Raises:
        NotFoundError: The address was altered.
    """
    if not text:
        return None
    at, _tilde, pk = text.partition("~")
    try:
        return datetime.fromisoformat(at), int(pk)
    except ValueError as error:
        raise NotFoundError(_("There is no such place in the list.")) from error
