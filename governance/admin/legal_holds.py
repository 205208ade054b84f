"""Legal holds: what nothing may erase; placed and lifted by two people each."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access.proof import find_proof
from governance.access.types import Capability
from governance.admin.proving import ask_first
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from governance.privacy import selectors, services
from governance.privacy.models import LegalHold
from governance.privacy.services import Cover
from governance.privacy.types import HoldScope, HoldState
from orchestra.core.errors import NotFoundError

_SHOWN: Final = 50
_MANAGES = Capability.LEDGER_VERIFY
_STATES = {
    HoldState.ASKED: ("is-wait", gettext_lazy("blocks; waits for a second person")),
    HoldState.STANDING: ("is-ok", gettext_lazy("blocks; confirmed")),
    HoldState.LIFTING: ("is-wait", gettext_lazy("blocks; lifting waits for a second person")),
    HoldState.LIFTED: ("is-off", gettext_lazy("lifted by two people")),
    HoldState.WITHDRAWN: ("is-off", gettext_lazy("taken back before it was confirmed")),
    HoldState.EXPIRED: ("is-off", gettext_lazy("ended: nobody confirmed it in time")),
}
_SCOPES = (
    (HoldScope.CASE, gettext_lazy("One case, by its label such as C-12")),
    (HoldScope.CUSTOMER, gettext_lazy("A customer and all their cases, by reference or by a case")),
    (HoldScope.SPAN, gettext_lazy("Every case that was open in a span of time")),
)
_DONE = {
    "confirm": gettext_lazy("Confirmed. Only two people can end it now."),
    "withdraw": gettext_lazy("Taken back. It blocks nothing any more."),
    "ask-lift": gettext_lazy("Asked. It goes on blocking until another person agrees."),
    "keep": gettext_lazy("Kept. It stands as before."),
    "lift": gettext_lazy("Lifted. What it covered can be erased from now on."),
}


@page("legal-holds/", name="legal_holds", capability=_MANAGES)
def legal_holds(request: HttpRequest, visit: Visit) -> HttpResponse:
    """List the holds that block and those that ended, with the form to place one."""
    typed = {"scope": str(HoldScope.CASE), "text": request.GET.get("case", "")[:40]}
    return _show(request, visit, typed)


@page("legal-holds/place/", name="legal_hold_place", capability=_MANAGES, methods=("POST",))
def place(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Place a hold; what is wrong keeps what was typed."""
    typed = {name: request.POST.get(name, "") for name in _TYPED}
    try:
        error = attempt(
            request,
            lambda: services.ask_hold(
                actor=visit.actor,
                now=visit.now,
                cover=_cover(typed),
                reason=typed["reason"],
                reference=typed["reference"],
            ),
            refusal=as_refusal("legal_hold.place"),
        )
    except NotFoundError as missing:
        messages.error(request, missing.message)
        return _show(request, visit, typed, status=422)
    if error is not None:
        return _show(request, visit, typed, status=422)
    messages.success(request, _("It blocks from now on. Another person confirms it."))
    return HttpResponseRedirect(reverse("admin:legal_holds"))


@page(
    "legal-holds/<uuid:hold_id>/<slug:act>/",
    name="legal_hold_act",
    capability=_MANAGES,
    methods=("POST",),
)
def decide(request: HttpRequest, visit: Visit, hold_id: UUID, act: str) -> HttpResponse:
    """Confirm, take back, ask to lift, keep or lift one hold."""
    selectors.get_hold(hold_id)
    if act not in _DONE:
        raise NotFoundError(_("There is no such act."))
    if act == "lift" and (asked := ask_first(request, visit, "legal_holds")):
        return asked
    error = attempt(
        request,
        partial(_acts(request)[act], actor=visit.actor, now=visit.now, hold_id=hold_id),
        refusal=as_refusal(f"legal_hold.{act}", hold_id),
    )
    if error is None:
        messages.success(request, str(_DONE[act]))
    return HttpResponseRedirect(reverse("admin:legal_holds"))


_TYPED = ("scope", "text", "begins_at", "ends_at", "reason", "reference")


def _acts(request: HttpRequest) -> dict[str, Callable[..., LegalHold]]:
    return {
        "confirm": services.confirm_hold,
        "withdraw": services.withdraw_hold,
        "ask-lift": partial(services.ask_lift, reason=request.POST.get("reason", "")),
        "keep": services.keep_hold,
        "lift": partial(services.lift_hold, proof=find_proof(request)),
    }


def _cover(typed: dict[str, str]) -> Cover:
    scope = typed["scope"] if typed["scope"] in set(HoldScope) else HoldScope.CASE
    return Cover(
        HoldScope(scope), typed["text"], _moment(typed["begins_at"]), _moment(typed["ends_at"])
    )


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return timezone.make_aware(found) if found and timezone.is_naive(found) else found


def _show(
    request: HttpRequest, visit: Visit, typed: dict[str, str], *, status: int = 200
) -> HttpResponse:
    ended = selectors.list_holds(ended=True)[: _SHOWN + 1]
    return render(
        request,
        "governance/legal_holds.html",
        {
            "title": _("Legal holds"),
            "crumbs": [Crumb(_("Prove")), Crumb(_("Legal holds"))],
            "holds": [_row(hold, visit) for hold in selectors.list_holds()],
            "ended": [_row(hold, visit) for hold in ended[:_SHOWN]],
            "has_more": len(ended) > _SHOWN,
            "scopes": [{"code": str(code), "words": words} for code, words in _SCOPES],
            "typed": typed,
        },
        status=status,
    )


def _row(hold: LegalHold, visit: Visit) -> dict[str, Any]:
    sign, words = _STATES[HoldState(hold.state)]
    is_mine = visit.actor.pk == hold.asked_by_id
    asked_lift = visit.actor.pk == hold.lift_asked_by_id
    return {
        "hold": hold,
        "sign": sign,
        "words": words,
        "asked_by": hold.asked_by.label,
        "confirmed_by": hold.confirmed_by.label if hold.confirmed_by else "",
        "lift_asked_by": hold.lift_asked_by.label if hold.lift_asked_by else "",
        "lifted_by": hold.lifted_by.label if hold.lifted_by else "",
        "waits": hold.state == HoldState.ASKED,
        "may_confirm": hold.state == HoldState.ASKED and not is_mine,
        "may_ask_lift": hold.state == HoldState.STANDING,
        "lifting": hold.state == HoldState.LIFTING,
        "may_lift": hold.state == HoldState.LIFTING and not asked_lift,
        "entries": f"{reverse('admin:ledger')}?subject={hold.public_id}",
        "key": f"reason-{hold.pk}",
    }
