"""Stops: what may not act now, stopping something, and lifting a stop."""

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access.types import Capability
from governance.admin.in_ledger import in_ledger
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from governance.switches import rules, selectors, services
from governance.switches.models import Stop
from governance.switches.types import StopScope
from orchestra.core.errors import NotFoundError
from orchestra.core.together import Reading, read

_SHOWN: Final = 50
_SCOPES = {
    StopScope.AGENT: gettext_lazy("AI agent"),
    StopScope.TOOL: gettext_lazy("Tool"),
    StopScope.CUE_SHEET: gettext_lazy("Cue sheet"),
    StopScope.EVERYTHING: gettext_lazy("Everything"),
}
_EFFECTS = {
    StopScope.AGENT: gettext_lazy("It proposes and reads nothing, and nothing it asked for runs."),
    StopScope.TOOL: gettext_lazy("Nobody uses it, and no call of it runs."),
    StopScope.CUE_SHEET: gettext_lazy("None of its steps runs, in whatever case."),
    StopScope.EVERYTHING: gettext_lazy("No tool is used by anybody, and no call runs."),
}


@page("stops/", name="stops", capability=Capability.TOOL_READ)
def stops(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what is stopped now, what was, and, to who may, the form to stop something."""
    return _show(request, visit, {"what": request.GET.get("what", "")[:160]})


@page("stops/begin/", name="stop_begin", capability=Capability.STOP_USE, methods=("POST",))
def begin(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Stop something at once; what is wrong keeps what was typed."""
    typed = {name: request.POST.get(name, "") for name in ("what", "reason")}
    scope, _colon, key = typed["what"].partition(":")
    if scope not in set(StopScope):
        messages.error(request, _("Choose what to stop. Nothing was stopped."))
        return _show(request, visit, typed, status=422)
    error = attempt(
        request,
        lambda: services.stop(
            actor=visit.actor,
            now=visit.now,
            scope=StopScope(scope),
            key=key,
            reason=typed["reason"],
        ),
        refusal=as_refusal("stop.begin"),
    )
    if error is not None:
        return _show(request, visit, typed, status=422)
    messages.success(request, _("Stopped. Nothing new of it begins from now on."))
    return HttpResponseRedirect(reverse("admin:stops"))


@page(
    "stops/<uuid:stop_id>/<slug:act>/",
    name="stop_act",
    capability=Capability.STOP_USE,
    methods=("POST",),
)
def decide(request: HttpRequest, visit: Visit, stop_id: UUID, act: str) -> HttpResponse:
    """Lift a stop, or keep one whose end was asked for."""
    selectors.get_stop(stop_id)
    acts: dict[str, Callable[..., Stop]] = {
        "lift": partial(services.lift, reason=request.POST.get("reason", "")),
        "keep": services.keep,
    }
    if act not in acts:
        raise NotFoundError(_("There is no such act."))
    done: list[Stop] = []
    error = attempt(
        request,
        lambda: done.append(acts[act](actor=visit.actor, now=visit.now, stop_id=stop_id)),
        refusal=as_refusal(f"stop.{act}", stop_id),
    )
    if error is None:
        messages.success(request, _said(done[0], act))
    return HttpResponseRedirect(reverse("admin:stops"))


def describe_touching(
    *,
    agents: Collection[str] = (),
    tools: Collection[str] = (),
    cue_sheets: Collection[str] = (),
    stops: Iterable[Stop] | None = None,
) -> list[dict[str, Any]]:
    """Return the stops that stand on any of these, as a page's banner says them: one query.

    Args:
        agents: Public ids of who acts.
        tools: Names of tools.
        cue_sheets: Keys of cue sheets.
        stops: All stops in force, newest first, where the page has them already: no query.
    """
    if stops is None:
        found = selectors.list_touching(agents=agents, tools=tools, cue_sheets=cue_sheets)
    else:
        found = selectors.touching_among(stops, agents=agents, tools=tools, cue_sheets=cue_sheets)
    return [_banner(row) for row in found]


def describe_all() -> Reading[list[dict[str, Any]]]:
    """Come to every stop in force as the start page says it: one query."""
    found = yield from read(selectors.in_force())
    return [_banner(row) for row in found]


def _said(row: Stop, act: str) -> str:
    if act == "keep":
        return _("Kept. It stands as before.")
    if row.lifted_at is None:
        return _("Asked. Everything stays stopped until another person agrees.")
    return _("Lifted. What waited goes on within seconds, where its deadline allows.")


def _show(
    request: HttpRequest, visit: Visit, typed: dict[str, str], *, status: int = 200
) -> HttpResponse:
    may_use = visit.may(Capability.STOP_USE)
    ended = list(selectors.list_lifted()[: _SHOWN + 1])
    return render(
        request,
        "governance/stops.html",
        {
            "title": _("Stops"),
            "crumbs": [Crumb(_("Prove")), Crumb(_("Stops"))],
            "stops": [_row(row, visit) for row in selectors.in_force()],
            "ended": [_row(row, visit) for row in ended[:_SHOWN]],
            "has_more": len(ended) > _SHOWN,
            "may_use": may_use,
            "groups": _choices() if may_use else [],
            "typed": typed,
            "within": int(rules.WITHIN_SECONDS),
        },
        status=status,
    )


def _choices() -> list[dict[str, Any]]:
    """Return what can be stopped, by scope; what is stopped already is left out."""
    taken = set(selectors.in_force().values_list("scope", "key"))
    return [
        {
            "title": title,
            "options": [
                {"value": f"{scope}:{one.key}", "label": one.label}
                for one in selectors.list_targets(scope)
                if (str(scope), one.key) not in taken
            ],
        }
        for scope, title in _SCOPES.items()
        if scope is not StopScope.EVERYTHING
    ]


def _row(row: Stop, visit: Visit) -> dict[str, Any]:
    scope = StopScope(row.scope)
    return {
        "stop": row,
        "scope": _SCOPES[scope],
        "effect": _EFFECTS[scope],
        "name": "" if scope is StopScope.EVERYTHING else row.label,
        "needs_two": rules.needs_two(scope),
        "asked": bool(row.lift_asked_by_id),
        "may_agree": rules.may_agree(asked_by=row.lift_asked_by_id, person=visit.actor.id),
        "entries": in_ledger(visit, subject=row.public_id),
        "key": f"reason-{row.pk}",
    }


def _banner(row: Stop) -> dict[str, Any]:
    scope = StopScope(row.scope)
    words = {
        StopScope.EVERYTHING: _("Everything is stopped"),
        StopScope.AGENT: _("The AI agent %(label)s is stopped"),
        StopScope.TOOL: _("The tool %(label)s is stopped"),
        StopScope.CUE_SHEET: _("The cue sheet %(label)s is stopped"),
    }[scope]
    return {
        "title": words % {"label": row.label},
        "who": row.by_label,
        "at": row.at,
        "reason": row.reason,
        "is_drill": row.is_drill,
    }
