"""Calls whose outcome nobody knows: the list, and the page where a person settles one."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.admin.masking import asks_unmasked, masked, may_unmask
from cases.memory import services as memory
from cases.tools import selectors as tools
from cases.tools import services
from cases.tools.echoes import without_echoes
from cases.tools.models import ToolAttempt, ToolCall
from cases.tools.services import Look
from cases.tools.types import AttemptOutcome, CallState
from governance.access.types import Capability
from governance.admin.in_ledger import in_ledger
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core.errors import NotFoundError, NotPermittedError
from orchestra.core.redaction import mask_value
from orchestra.core.together import Reading, read_count

_SHOWN: Final = 100
_ATTEMPTS = {
    AttemptOutcome.ANSWERED: gettext_lazy("answered"),
    AttemptOutcome.REFUSED: gettext_lazy("refused"),
    AttemptOutcome.ERROR: gettext_lazy("nothing was done"),
    AttemptOutcome.UNKNOWN: gettext_lazy("no answer after it was sent"),
    AttemptOutcome.STALE: gettext_lazy("came too late to count"),
    AttemptOutcome.HELD: gettext_lazy("not sent, the connection was busy"),
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """Hides what the tool of a call calls sensitive; called with a value or a text."""

    arguments: Any
    sensitive: tuple[str, ...]

    def __call__(self, value: Any) -> Any:
        return without_echoes(value, arguments=self.arguments, sensitive=self.sensitive)


@page("unknown-outcomes/", name="unknown_outcomes", capability=Capability.CASE_READ)
def unknown_outcomes(request: HttpRequest, visit: Visit) -> HttpResponse:
    """List the calls whose outcome is not known, the longest unknown first."""
    found = list(tools.list_unknown(authority=visit.authority)[: _SHOWN + 1])
    return render(
        request,
        "cases/unknown_outcomes.html",
        {
            "title": _("Unknown outcomes"),
            "crumbs": [Crumb(_("Work")), Crumb(_("Unknown outcomes"))],
            "rows": masked([_row(call, visit) for call in found[:_SHOWN]]),
            "has_more": len(found) > _SHOWN,
            "minutes": settings.ORCHESTRA["UNKNOWN_REMINDER_MINUTES"],
        },
    )


@page("unknown-outcomes/<uuid:call_id>/", name="unknown_outcome", capability=Capability.CASE_READ)
def unknown_outcome(request: HttpRequest, visit: Visit, call_id: UUID) -> HttpResponse:
    """Show one call with everything that says whether it happened."""
    return _show(request, visit, tools.get_call(authority=visit.authority, call_id=call_id))


@page(
    "unknown-outcomes/<uuid:call_id>/<slug:act>/",
    name="unknown_outcome_act",
    capability=Capability.CASE_WORK,
    methods=("POST",),
)
def settle(request: HttpRequest, visit: Visit, call_id: UUID, act: str) -> HttpResponse:
    """Ask the system of record, say what became of the call, or let it be tried again."""
    call = tools.get_call(authority=visit.authority, call_id=call_id)
    if not visit.may(Capability.CASE_WORK, call.case.queue_id):
        raise NotFoundError(_("There is no such tool call, or you may not see it."))
    if act == "look":
        return _look(request, visit, call)
    common: dict[str, Any] = {"actor": visit.actor, "now": visit.now, "call_id": call_id}
    reason = request.POST.get("reason", "")
    acts = {
        "happened": partial(services.reconcile_call, happened=True, **common, reason=reason),
        "not-happened": partial(services.reconcile_call, happened=False, **common, reason=reason),
        "again": partial(services.retry_unknown, **common, reason=reason),
    }
    if act not in acts:
        raise NotFoundError(_("There is no such act."))
    error = attempt(
        request,
        acts[act],
        refusal=as_refusal(f"tool_call.{act}", call.public_id, case=call.case.public_id),
    )
    if error is not None:
        return _show(request, visit, call, reason=reason, status=422)
    done = {
        "happened": _("Settled: it happened. The journey goes on."),
        "not-happened": _("Settled: it did not happen. What it had used up of limits is free."),
        "again": _("It is tried again under the same key, so it happens once at most."),
    }
    messages.success(request, done[act])
    return HttpResponseRedirect(reverse("admin:unknown_outcomes"))


def describe_overdue(visit: Visit) -> Reading[dict[str, str] | None]:
    """Come to the start page's reminder of outcomes long unknown; None for none: one query."""
    minutes = settings.ORCHESTRA["UNKNOWN_REMINDER_MINUTES"]
    until = visit.now - timedelta(minutes=minutes)
    overdue = tools.list_unknown(authority=visit.authority).filter(unknown_since__lte=until)
    count = yield from read_count(overdue)
    if not count:
        return None
    return {
        "title": ngettext(
            "Nobody knows what became of %(count)d call",
            "Nobody knows what became of %(count)d calls",
            count,
        )
        % {"count": count},
        "text": _(
            "It was sent, no answer came, and more than %(minutes)d minutes have passed. Look in "
            "the system of record and say whether it happened; until then its case stands still."
        )
        % {"minutes": minutes},
    }


def _look(request: HttpRequest, visit: Visit, call: ToolCall) -> HttpResponse:
    found: list[Look] = []
    error = attempt(
        request,
        lambda: found.append(services.look_now(authority=visit.authority, call_id=call.public_id)),
        refusal=as_refusal("tool_call.look", call.public_id, case=call.case.public_id),
    )
    return _show(request, visit, call, look=None if error else found[0])


def _show(
    request: HttpRequest,
    visit: Visit,
    call: ToolCall,
    *,
    look: Look | None = None,
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    unmasked = asks_unmasked(request, visit)
    if unmasked:
        memory.record_read(authority=visit.authority, now=visit.now, case=call.case, unmasked=True)
    spec = tools.spec_of_call(call)
    shown = _Shown(call.arguments, () if unmasked else spec.sensitive)
    is_open = call.state == CallState.UNKNOWN
    barred = _barred(visit, call)
    return render(
        request,
        "cases/unknown_outcome.html",
        {
            "title": masked(call.effect_text or call.tool.title, unmasked=unmasked),
            "crumbs": [
                Crumb(_("Work")),
                Crumb(_("Unknown outcomes"), reverse("admin:unknown_outcomes")),
                Crumb(call.case.label),
            ],
            "call": call,
            "is_open": is_open,
            "state_reason": masked(shown(call.state_reason), unmasked=unmasked),
            "sent": _pairs(shown(call.arguments), unmasked=unmasked),
            "attempts": masked(
                [_attempt(one, shown) for one in tools.list_attempts(call=call)],
                unmasked=unmasked,
            ),
            "look": _looked(look, unmasked=unmasked),
            "can_look": spec.lookup or spec.confirm is not None,
            "can_retry": spec.honours_idempotency_key,
            "barred": barred,
            "may_settle": is_open and not barred,
            "typed_reason": reason,
            "unmasked": unmasked,
            "may_unmask": may_unmask(visit),
            "case_link": reverse("admin:case", args=[call.case.public_id]),
            "approval_link": reverse("admin:approval", args=[call.approval_id_text])
            if call.approval_id_text
            else "",
            "entries": in_ledger(visit, subject=call.public_id),
        },
        status=status,
    )


def _barred(visit: Visit, call: ToolCall) -> str:
    try:
        services.check_may_reconcile(authority=visit.authority, call=call)
    except NotPermittedError as error:
        return error.message
    return ""


def _looked(look: Look | None, *, unmasked: bool) -> dict[str, Any] | None:
    if look is None:
        return None
    look = look if unmasked else look.without_sensitive()
    if look.shows:
        verdict = _("It shows the effect: it happened.")
    elif look.shows is False:
        verdict = _("It does not show the effect.")
    elif look.answered_ok:
        verdict = _("It gave an answer under this key: it happened.")
    elif look.asked_back and look.answer is None:
        verdict = _("It knows of no request under this key.")
    else:
        verdict = _("It could not tell.")
    return {
        "verdict": verdict,
        "answer": _pairs(look.answer, unmasked=unmasked) if look.answer is not None else [],
        "shown": _pairs(look.shown, unmasked=unmasked) if look.read else [],
        "troubles": masked(list(look.troubles), unmasked=unmasked),
    }


def _pairs(value: Any, *, unmasked: bool) -> list[dict[str, str]]:
    """Return a structured value as lines of a name in words and a text, masked by role."""
    shown = value if unmasked else mask_value(value)
    if not isinstance(shown, dict):
        return [{"name": _("answer"), "text": _text(shown)}]
    return [
        {"name": str(name).replace("_", " "), "text": _text(one)} for name, one in shown.items()
    ]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(
            f"{str(name).replace('_', ' ')} {_text(one)}" for name, one in value.items()
        )
    if isinstance(value, list):
        return "; ".join(_text(one) for one in value) or _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _("none") if value is None else str(value)


def _row(call: Any, visit: Visit) -> dict[str, Any]:
    since = call.unknown_since or call.created_at
    minutes = settings.ORCHESTRA["UNKNOWN_REMINDER_MINUTES"]
    return {
        "link": reverse("admin:unknown_outcome", args=[call.public_id]),
        "title": call.effect_text or call.tool.title,
        "risk": call.tool.risk,
        "case": call.case.label,
        "queue": call.case.queue.title,
        "since": since,
        "age": max(0, int((visit.now - since).total_seconds() // 60)),
        "is_late": visit.now - since >= timedelta(minutes=minutes),
        "attempts": call.attempt,
        "reason": call.state_reason,
    }


def _attempt(one: ToolAttempt, shown: "_Shown") -> dict[str, Any]:
    return {
        "number": one.number,
        "started_at": one.started_at,
        "ended_at": one.ended_at,
        "outcome": str(_ATTEMPTS[AttemptOutcome(one.outcome)])
        if one.outcome
        else _("the worker was gone before it could say"),
        "detail": shown(one.detail),
    }
