"""Start here: one journey first, all the way, and only then the next."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.admin.start_words import say
from cases.journeys.selectors import DOCUMENT_KIND
from cases.readiness import rules, selectors, services
from cases.readiness.models import GuidedPath
from cases.readiness.types import JourneySeen, Part, PathEnd, Readiness
from governance.access.types import Capability
from governance.admin.in_ledger import in_ledger
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core.errors import NotFoundError

_PARTS = (
    (Part.JOURNEY, gettext_lazy("Choose one high-volume journey")),
    (Part.COMPLETION, gettext_lazy("Say when it is truly done")),
    (Part.TOOLS, gettext_lazy("Connect the tools it needs")),
    (Part.GUARDRAILS, gettext_lazy("Add guardrails")),
)
_SHORT = {
    Part.JOURNEY: gettext_lazy("Journey"),
    Part.COMPLETION: gettext_lazy("Completion"),
    Part.TOOLS: gettext_lazy("Tools"),
    Part.GUARDRAILS: gettext_lazy("Guardrails"),
}
_MEETS = {
    "low": ("allow", gettext_lazy("it may be done alone, and is sampled")),
    "medium": (
        "allow",
        gettext_lazy("once the customer is verified, within limits"),
    ),
    "high": ("approve", gettext_lazy("it waits for a person above the threshold")),
    "critical": ("specialist", gettext_lazy("it goes to a specialist, and the AI stops there")),
}


@page("start-here/", name="start_here", capability=Capability.CUE_SHEET_READ)
def start_here(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the path of the chosen journey, or of the one asked for, with what is missing."""
    found = selectors.read_overview(now=visit.now, key=request.GET.get("journey", ""))
    path, overview = found.path, found.sheets
    key = request.GET.get("journey", "") or (path.cue_sheet.key if path else "")
    if not key and overview:
        key = overview[0][0].key
    # One that is not in force yet is not among them.
    chosen = next((one for one in overview if one[0].key == key), None)
    shown = _shown(key, chosen, path, visit) if key else {}
    return render(
        request,
        "cases/start_here.html",
        {
            "title": _("Start here"),
            "crumbs": [Crumb(_("Set up")), Crumb(_("Start here"))],
            "path": path,
            "is_open": path is not None and not path.end,
            "is_expanded": path is not None and path.end == PathEnd.EXPANDED,
            "path_entries": in_ledger(visit, subject=path.public_id) if path else "",
            "journeys": [_row(seen, found, key) for seen, found in overview],
            **shown,
        },
    )


@page(
    "start-here/<slug:act>/",
    name="start_here_act",
    capability=Capability.CUE_SHEET_READ,
    methods=("POST",),
)
def act(request: HttpRequest, visit: Visit, act: str) -> HttpResponse:
    """Choose the first journey, open the way to further ones, or leave the path."""
    key = request.POST.get("journey", "")
    acts = {
        "choose": (
            lambda: services.choose(actor=visit.actor, now=visit.now, key=key),
            _("Chosen. No other journey comes into force before this one is ready."),
        ),
        "expand": (
            lambda: services.expand(actor=visit.actor, now=visit.now),
            _("Open. Further journeys may come into force through review."),
        ),
        "leave": (
            lambda: services.leave(
                actor=visit.actor, now=visit.now, reason=request.POST.get("reason", "")
            ),
            _("Left. Other journeys may come into force again."),
        ),
    }
    if act not in acts:
        raise NotFoundError(_("There is no such act."))
    done, said = acts[act]
    error = attempt(request, done, refusal=as_refusal(f"path.{act}"))
    if error is None:
        messages.success(request, said)
    return HttpResponseRedirect(reverse("admin:start_here"))


def _shown(
    key: str, chosen: tuple[JourneySeen, Readiness] | None, path: GuidedPath | None, visit: Visit
) -> dict[str, Any]:
    seen, found = chosen or selectors.readiness_of(key=key, now=visit.now)
    current = rules.current_part(found)
    is_chosen = path is not None and not path.end and path.cue_sheet.key == key
    return {
        "seen": seen,
        "readiness": found,
        "headline": _headline(found),
        "parts": [
            {
                "number": place,
                "title": title,
                "checks": [say(one, seen) for one in found.of(part)],
                "passed": sum(one.passed for one in found.of(part)),
                "missing": sum(not one.passed for one in found.of(part)),
                "is_now": part is current,
            }
            for place, (part, title) in enumerate(_PARTS, start=1)
        ],
        "current": [part for part, _title in _PARTS].index(current) + 1 if current else 5,
        "scores": [
            {
                "title": title,
                "passed": sum(one.passed for one in found.of(part)),
                "total": len(found.of(part)),
            }
            for part, title in _SHORT.items()
        ],
        "meets": list(_meets(seen)),
        "is_chosen": is_chosen,
        "may_set_up": visit.may(Capability.PACK_LOAD)
        or visit.may_on(Capability.CUE_SHEET_EDIT, kind=DOCUMENT_KIND, key=key),
        "may_expand": is_chosen and rules.may_expand(found),
        "first_cases": rules.FIRST_CASES,
        "cases_missing": max(0, rules.FIRST_CASES - found.verified_cases),
    }


def _headline(found: Readiness) -> str:
    if found.missing:
        return ngettext(
            "%(n)s thing stands between you and the first real case",
            "%(n)s things stand between you and the first real case",
            found.missing,
        ) % {"n": found.missing}
    if found.verified_cases < rules.FIRST_CASES:
        return _("Ready for its first real cases")
    return _("Ready, and its first cases held")


def _meets(seen: JourneySeen) -> Any:
    """Yield what a case would meet now, tool by tool, the gravest first."""
    order = {"deny": 0, "specialist": 1, "approve": 2, "allow": 3}
    found = []
    for tool in seen.tools:
        outcome, why = _MEETS.get(tool.risk, ("deny", _("its risk is not set")))
        if not tool.exists or tool.retired or not tool.enabled:
            outcome, why = "deny", _("it is not there")
        elif not tool.policies:
            outcome, why = "deny", _("no policy judges it")
        elif tool.stopped:
            outcome, why = "deny", _("a stop stands on it")
        elif tool.risk == "medium" and tool.is_write and not tool.has_limit:
            outcome, why = "deny", _("no limit counts it")
        elif not tool.is_write:
            outcome, why = "allow", _("it only reads")
        found.append({"tool": tool.title or tool.name, "outcome": outcome, "why": why})
    return sorted(found, key=lambda one: order[one["outcome"]])


def _row(seen: JourneySeen, found: Readiness, shown: str) -> dict[str, Any]:
    return {
        "title": seen.title,
        "link": f"{reverse('admin:start_here')}?journey={seen.key}",
        "passed": found.passed,
        "total": found.total,
        "missing": found.missing,
        "is_shown": seen.key == shown,
    }
