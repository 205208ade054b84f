"""Handing over for a time: what I let others do in my place, and what others let me do."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access import delegated, services
from governance.access.delegation import (
    DELEGABLE,
    LONGEST,
    capabilities_in,
    is_in_force,
    read_covers,
)
from governance.access.models import Delegation
from governance.access.types import Capability, Role
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError
from orchestra.templatetags.parts import role as role_name

_WORDS = {
    Capability.APPROVAL_VOTE: gettext_lazy("vote on approvals"),
    Capability.CHANGE_REVIEW: gettext_lazy("review change requests"),
    Capability.CHANGE_PUBLISH: gettext_lazy("publish approved changes"),
    Capability.POLICY_EDIT: gettext_lazy("change policies"),
    Capability.CUE_SHEET_EDIT: gettext_lazy("change cue sheets"),
}
_STATES = {
    "now": ("is-ok", gettext_lazy("in force")),
    "later": ("is-wait", gettext_lazy("begins later")),
    "over": ("is-off", gettext_lazy("over")),
}


@page("access/handing-over/", name="delegations")
def delegations(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what the person handed over and was handed, and the form to hand over."""
    return _show(request, visit)


@page("access/handing-over/give/", name="delegation_give", methods=("POST",))
def give(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Let somebody act in the person's place for a time; what is wrong keeps what was typed."""
    error = attempt(
        request,
        lambda: services.delegate(actor=visit.actor, now=visit.now, **_read(request)),
        refusal=as_refusal("delegation.give", visit.actor.id),
    )
    if error is None:
        messages.success(request, _("Handed over. It ends by itself, or when you end it."))
        return HttpResponseRedirect(reverse("admin:delegations"))
    return _show(request, visit, status=422)


@page("access/handing-over/<uuid:delegation_id>/end/", name="delegation_end", methods=("POST",))
def end(request: HttpRequest, visit: Visit, delegation_id: UUID) -> HttpResponse:
    """End a delegation before its time."""
    error = attempt(
        request,
        lambda: services.end_delegation(
            actor=visit.actor, now=visit.now, delegation_id=delegation_id
        ),
        refusal=as_refusal("delegation.end", delegation_id),
    )
    if error is None:
        messages.success(request, _("Ended."))
    return HttpResponseRedirect(reverse("admin:delegations"))


def _show(request: HttpRequest, visit: Visit, *, status: int = 200) -> HttpResponse:
    rows = list(delegated.list_delegations(authority=visit.authority))
    given = [_row(one, visit) for one in rows if one.giver_id == visit.actor.pk]
    held = [_row(one, visit) for one in rows if one.giver_id != visit.actor.pk]
    everybodys = delegated.list_all_delegations(authority=visit.authority, now=visit.now)
    return render(
        request,
        "governance/delegations.html",
        {
            "title": _("Handing over"),
            "crumbs": [Crumb(_("Prove")), Crumb(_("Access")), Crumb(_("Handing over"))],
            "given": given,
            "held": held,
            "may_manage": visit.may(Capability.ACCESS_MANAGE),
            "everybodys": [_row(one, visit) for one in everybodys],
            "options": _options(visit),
            "people": delegated.list_possible_delegates(authority=visit.authority),
            "longest_days": LONGEST.days,
            "typed": request.POST,
        },
        status=status,
    )


def _options(visit: Visit) -> list[dict[str, str]]:
    """Return what the person may hand over: a whole role, or one capability they hold."""
    roles = [role for role in sorted(visit.authority.roles) if capabilities_in(role)]
    return [
        *(
            {"code": str(role), "words": _("All I do as %(role)s") % {"role": role_name(role)}}
            for role in roles
        ),
        *(
            {"code": str(one), "words": _("Only: %(what)s") % {"what": _WORDS[one]}}
            for one in DELEGABLE
            if visit.may(one)
        ),
    ]


def _row(one: Delegation, visit: Visit) -> dict[str, Any]:
    value = delegated.as_delegation(one)
    over = one.until_at <= visit.now or one.ended_at is not None
    state = "now" if is_in_force(value, visit.now) else "over" if over else "later"
    sign, word = _STATES[state]
    return {
        "id": one.public_id,
        "giver": one.giver.label,
        "delegate": one.delegate.label,
        "what": role_name(one.covers)
        if isinstance(value.covers, Role)
        else str(_WORDS[value.covers]),
        "reason": one.reason,
        "begins_at": one.begins_at,
        "until_at": one.until_at,
        "ended_at": one.ended_at,
        "sign": sign,
        "word": word,
        "may_end": not over,
    }


def _read(request: HttpRequest) -> dict[str, Any]:
    """Return what was posted.

    Raises:
        InvalidInputError: What or until when cannot be read.
        NotFoundError: There is no such person.
    """
    covers = read_covers(request.POST.get("covers", ""))
    errors = []
    if covers is None:
        errors.append(FieldError("covers", "required", _("Choose what you hand over.")))
    begins, until = (_moment(request.POST.get(name, "")) for name in ("begins_at", "until_at"))
    if until is None:
        errors.append(FieldError("until_at", "required", _("Write until when.")))
    if errors:
        raise InvalidInputError(_("Nothing was handed over."), errors=errors)
    try:
        person = UUID(request.POST.get("delegate", ""))
    except ValueError:
        raise NotFoundError(_("There is no such person.")) from None
    return {
        "delegate_id": person,
        "covers": covers,
        "begins_at": begins,
        "until_at": until,
        "reason": request.POST.get("reason", ""),
    }


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_current_timezone())
