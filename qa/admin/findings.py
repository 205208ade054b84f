"""What automatic checks saw, word for word, and how far each check is trusted."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core.bounded import in_short
from qa.admin import finding_words as say
from qa.admin.files import PARQUET, table_answer
from qa.admin.finding_checks import check_rows
from qa.admin.finding_count import forget_count
from qa.admin.finding_rows import rows_of
from qa.findings import endpoint, selectors, services
from qa.findings.rules import CHECKS
from qa.findings.selectors import Coverage, Place, Sum, Wanted
from qa.findings.types import LOOKED_AT, FindingState

PAGE = 20
#: Rows of one file.
MOST_ROWS = 20_000
#: Weeks that can be chosen.
WEEKS = 8
_NUMBER = re.compile("[0-9]{1,18}")
_PARAMETERS = ("show", "check", "harm", "week", "ai", "case")
_COLUMNS = {
    **dict.fromkeys(
        ("finding", "check", "harm", "state", "case", "interaction", "ai_version"), "text"
    ),
    "found_at": "time",
    "message": "text",
    "start": "whole",
    "end": "whole",
    **dict.fromkeys(("detail", "against", "settled_by"), "text"),
    "settled_at": "time",
}


@page("findings/", name="findings", capability=Capability.QUALITY_READ)
def findings(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what nobody has looked at, most harm first, then the checks and their licence."""
    asked = {name: request.GET.get(name, "").strip()[:250] for name in _PARAMETERS}
    wanted = _wanted(asked)
    shown, after = selectors.list_page(
        authority=visit.authority, wanted=wanted, after=_after(request), most=PAGE
    )
    licences = selectors.list_licences()
    found = selectors.tally(authority=visit.authority, wanted=wanted, licences=licences)
    sums, covered = found.sums, found.coverage
    may_settle = visit.may(Capability.QUALITY_REVIEW)
    return render(
        request,
        "qa/findings.html",
        {
            "title": _("Findings"),
            "crumbs": [Crumb(_("Quality")), Crumb(_("Findings"))],
            "headline": _headline(sums),
            "lead": _lead(covered, asked),
            "rows": rows_of(shown, visit, may_settle=may_settle),
            "total": _total(visit, asked, wanted, sums),
            "is_first": "after" not in request.GET,
            "next": "" if after is None else str(after),
            "as_of": found.as_of,
            "unseen": sum(one.unseen for one in sums.values()),
            "looked_at": sum(one.looked_at for one in sums.values()),
            "asked": asked,
            "links": _links(asked),
            "narrowed": any(asked[name] for name in _PARAMETERS[1:]),
            "checks": [(check.key, say.check_title(check.key)) for check in CHECKS],
            "harms": list(say.HARMS.items()),
            "weeks": _weeks(visit.now),
            "ai_versions": selectors.list_ai_versions(),
            "coverage": covered,
            "skipped": [(n, say.skipped_words(code)) for code, n in covered.skipped.items()],
            "check_rows": check_rows(sums, licences, judged=endpoint.is_configured()),
            "just": _just_settled(request, visit),
        },
    )


@page("findings/export/", name="findings_export", capability=Capability.QUALITY_READ)
def export(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Give the findings with their places as a file; the words stay where they were said."""
    asked = {name: request.GET.get(name, "").strip()[:250] for name in _PARAMETERS}
    wanted = _wanted(asked)
    rows = selectors.list_findings(authority=visit.authority, wanted=wanted)[:MOST_ROWS]
    return table_answer(
        name="findings",
        kind=request.GET.get("kind", ""),
        columns=_COLUMNS,
        rows=(
            (
                str(found.public_id),
                found.check_row.series,
                found.harm,
                found.state,
                found.unit.case.label,
                found.unit.subject,
                found.unit.ai_version,
                found.found_at,
                span["message"],
                span["start"],
                span["end"],
                found.detail,
                " ".join(f"{one['kind']}:{one['id']}" for one in found.against),
                found.settled_by.label if found.settled_by else "",
                found.settled_at,
            )
            for found in rows
            for span in found.spans
        ),
    )


@page(
    "findings/<uuid:finding_id>/settle/",
    name="finding_settle",
    capability=Capability.QUALITY_REVIEW,
    methods=("POST",),
)
def settle(request: HttpRequest, visit: Visit, finding_id: UUID) -> HttpResponse:
    """Confirm one finding, or say why it is not so."""
    confirmed = request.POST.get("state") == FindingState.CONFIRMED
    error = attempt(
        request,
        lambda: services.settle_finding(
            actor=visit.actor,
            now=visit.now,
            finding_id=finding_id,
            state=FindingState.CONFIRMED if confirmed else FindingState.REFUTED,
            reason=request.POST.get("reason", ""),
        ),
        refusal=as_refusal("finding.settle", finding_id),
    )
    if error is None:
        forget_count(visit)
    return _back(request, {} if error else {"just": str(finding_id)})


@page(
    "findings/<uuid:finding_id>/reopen/",
    name="finding_reopen",
    capability=Capability.QUALITY_REVIEW,
    methods=("POST",),
)
def reopen(request: HttpRequest, visit: Visit, finding_id: UUID) -> HttpResponse:
    """Take back what was said of one finding."""
    error = attempt(
        request,
        lambda: services.reopen_finding(actor=visit.actor, now=visit.now, finding_id=finding_id),
        refusal=as_refusal("finding.reopen", finding_id),
    )
    if error is None:
        forget_count(visit)
        messages.success(request, _("Taken back. The finding waits again."))
    return _back(request, {})


def _after(request: HttpRequest) -> Place | None:
    """Return where the page before ended; None for the first, or what makes no sense."""
    rank, _dash, key = request.GET.get("after", "").partition("-")
    if not (_NUMBER.fullmatch(rank) and _NUMBER.fullmatch(key)):
        return None
    return Place(int(rank), int(key))


def _total(visit: Visit, asked: Mapping[str, str], wanted: Wanted, sums: Mapping[str, Sum]) -> str:
    """Return in short how many findings are listed over all pages."""
    if asked["harm"] or asked["case"]:
        count = selectors.count_findings(authority=visit.authority, wanted=wanted)
        return str(in_short(count))
    states = wanted.states or tuple(FindingState)
    found = [one for key, one in sums.items() if asked["check"] in {"", key}]
    return f"{sum(getattr(one, str(state)) for one in found for state in states):,}"


def _back(request: HttpRequest, more: Mapping[str, str]) -> HttpResponse:
    kept = {name: request.POST.get(name, "") for name in _PARAMETERS}
    query = urlencode({name: value for name, value in {**kept, **more}.items() if value})
    return HttpResponseRedirect(f"{reverse('admin:findings')}{'?' if query else ''}{query}")


def _just_settled(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    """Return what the person settled last, with the way to take it back."""
    try:
        finding_id = UUID(request.GET.get("just", ""))
    except ValueError:
        return {}
    rows = selectors.list_findings(authority=visit.authority, wanted=Wanted(states=LOOKED_AT))
    found = rows.filter(public_id=finding_id, settled_by_id=visit.actor.pk).first()
    if found is None:
        return {}
    return {
        "state": found.state,
        "check": say.check_title(found.check_row.check_key),
        "case": found.unit.case.label,
        "reopen_link": reverse("admin:finding_reopen", args=[found.public_id]),
    }


def _wanted(asked: Mapping[str, str]) -> Wanted:
    since = until = None
    begins = _week_begins(asked["week"])
    if begins:
        since, until = begins, begins + timedelta(days=7)
    case_id = asked["case"]
    try:
        case_id = str(UUID(case_id)) if case_id else ""
    except ValueError:
        case_id = ""
    states = {"looked": LOOKED_AT, "all": ()}.get(asked["show"], (FindingState.UNSEEN,))
    wanted = Wanted(check=asked["check"], harm=asked["harm"], since=since, until=until)
    return replace(wanted, states=states, case_id=case_id, ai_version=asked["ai"])


def _week_begins(text: str) -> datetime | None:
    year, _dash, week = text.partition("-W")
    try:
        day = date.fromisocalendar(int(year), int(week), 1)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _weeks(now: datetime) -> list[tuple[str, str]]:
    found = []
    for back in range(WEEKS):
        year, week, _day = (now - timedelta(days=7 * back)).isocalendar()
        found.append((f"{year}-W{week:02}", _("Week %(week)d") % {"week": week}))
    return found


def _links(asked: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in asked.items() if value and name != "show"}
    file = reverse("admin:findings_export")
    return {
        "unseen": f"?{urlencode(kept)}",
        "looked": f"?{urlencode({**kept, 'show': 'looked'})}",
        "all": f"?{urlencode({**kept, 'show': 'all'})}",
        "export": f"{file}?{urlencode({**kept, 'show': asked['show']})}",
        "parquet": f"{file}?{urlencode({**kept, 'show': asked['show'], 'kind': PARQUET})}",
    }


def _headline(sums: Mapping[str, Sum]) -> str:
    unseen = sum(one.unseen for one in sums.values())
    if not unseen:
        return _("No findings to look at")
    said = ngettext(
        "%(count)d finding nobody has looked at",
        "%(count)d findings nobody has looked at",
        unseen,
    ) % {"count": unseen}
    broken = sums["promise_kept"].unseen if "promise_kept" in sums else 0
    if not broken:
        return said
    which = ngettext(
        "%(count)d of them a broken promise", "%(count)d of them broken promises", broken
    )
    return f"{said}, {which % {'count': broken}}"


def _lead(covered: Coverage, asked: Mapping[str, str]) -> str:
    _year, _dash, week = asked["week"].partition("-W")
    values = {"count": covered.checked, "week": week.lstrip("0")}
    if week:
        seen = _("What automatic checks saw in the %(count)d interactions of week %(week)s.")
    else:
        seen = _("What automatic checks saw in %(count)d interactions.")
    about = _("A finding is a pointer to words, not a verdict on a person.")
    return f"{seen % values} {about}"
