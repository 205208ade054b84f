"""Handing one request to a named person: to whom, until when, why; and taking it back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.approvals import refusal_of
from cases.admin.masking import masked
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, attempt, page, render
from governance.approvals import selectors, services
from governance.approvals.handed import hand_over_of, list_possible_receivers
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState
from orchestra.core import words
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError

_ROUTE = "approvals/<uuid:request_id>/"
#: Spans that are offered besides the deadline, in minutes.
_SPANS = (10, 20, 30, 60, 120)


@page(
    f"{_ROUTE}hand-over/",
    name="approval_hand_over",
    capability=Capability.APPROVAL_VOTE,
    methods=("GET", "HEAD", "POST"),
)
def hand_over(request: HttpRequest, visit: Visit, request_id: UUID) -> HttpResponse:
    """Show the form, and hand the request to the person chosen."""
    found = selectors.get_request(authority=visit.authority, request_id=request_id)
    if not visit.may(Capability.APPROVAL_VOTE, found.queue_id):
        raise NotFoundError(_("There is no such approval."))
    if request.method != "POST":
        return _form(request, visit, found)
    error = attempt(
        request,
        lambda: services.hand_over_request(
            actor=visit.actor, now=visit.now, request_id=request_id, **_read(request)
        ),
        refusal=lambda error: refusal_of(found, "approval.hand_over", error),
    )
    if isinstance(error, InvalidInputError):
        return _form(request, visit, found, status=422)
    if error is None:
        messages.success(
            request, _("%(label)s is handed over. Others may still vote.") % {"label": found.label}
        )
    return HttpResponseRedirect(reverse("admin:approval", args=[request_id]))


@page(
    f"{_ROUTE}take-back/",
    name="approval_take_back",
    capability=Capability.APPROVAL_VOTE,
    methods=("POST",),
)
def take_back(request: HttpRequest, visit: Visit, request_id: UUID) -> HttpResponse:
    """Take back what the person handed over."""
    found = selectors.get_request(authority=visit.authority, request_id=request_id)
    error = attempt(
        request,
        lambda: services.take_back_request(actor=visit.actor, now=visit.now, request_id=request_id),
        refusal=lambda error: refusal_of(found, "approval.take_back", error),
    )
    if error is None:
        messages.success(request, _("You took %(label)s back.") % {"label": found.label})
    return HttpResponseRedirect(reverse("admin:approval", args=[request_id]))


def _form(
    request: HttpRequest, visit: Visit, found: ApprovalRequest, *, status: int = 200
) -> HttpResponse:
    verdict = selectors.verdict_on(authority=visit.authority, request=found, now=visit.now)
    standing = hand_over_of(found, visit.now)
    may_hand_over = verdict.allowed and standing is None
    people = (
        list_possible_receivers(request=found, authority=visit.authority, now=visit.now)
        if may_hand_over
        else []
    )
    view = selectors.view_of(found)
    return render(
        request,
        "cases/approval_hand_over.html",
        {
            "title": _("Hand over %(label)s") % {"label": found.label},
            "crumbs": [
                Crumb(_("Work")),
                Crumb(_("Approvals"), reverse("admin:approvals")),
                Crumb(found.label, reverse("admin:approval", args=[found.public_id])),
                Crumb(_("Hand over")),
            ],
            "approval": found,
            "waiting": found.state == ApprovalState.PENDING,
            "sentence": masked(str((view.get("effect") or {}).get("sentence") or found.title)),
            "decide_word": _("decide"),
            "why_not": "" if verdict.allowed else verdict.sentence,
            "standing": standing,
            "is_mine": standing is not None and standing.by_id == visit.actor.id,
            "is_to_me": standing is not None and standing.to_id == visit.actor.id,
            "people": [_person(person, away) for person, away in people],
            "times": _times(found, visit.now),
            "typed": request.POST,
            "back_link": reverse("admin:approval", args=[found.public_id]),
            "take_back_link": reverse("admin:approval_take_back", args=[found.public_id]),
        },
        status=status,
    )


def _person(person: Any, away: Any) -> dict[str, Any]:
    if away is None:
        return {"key": str(person.public_id), "label": person.label, "away": ""}
    note = _("away until %(until)s, %(stand_in)s stands in") % {
        "until": words.clock_time(away.until_at),
        "stand_in": away.stand_in_label,
    }
    return {"key": str(person.public_id), "label": person.label, "away": note}


def _times(found: ApprovalRequest, now: datetime) -> list[dict[str, str]]:
    """Return until when it may be handed over: some spans, and the deadline, which ends it."""
    moments = [now + timedelta(minutes=minutes) for minutes in _SPANS]
    within = [
        {
            "key": moment.isoformat(),
            "words": _("%(at)s, for %(minutes)d min")
            % {"at": words.clock_time(moment), "minutes": minutes},
        }
        for minutes, moment in zip(_SPANS, moments, strict=True)
        if moment < found.deadline_at
    ]
    at = words.clock_time(found.deadline_at)
    return [*within, {"key": "", "words": _("%(at)s, when it has to be decided") % {"at": at}}]


def _read(request: HttpRequest) -> dict[str, Any]:
    """Return what was posted.

    Raises:
        InvalidInputError: Nobody is chosen, or the time cannot be read.
        NotFoundError: There is no such person.
    """
    until = request.POST.get("until", "")
    if not request.POST.get("to"):
        message = _("Choose a person.")
        raise InvalidInputError(
            _("Nothing was handed over."), errors=[FieldError("to", "required", message)]
        )
    try:
        person = UUID(request.POST["to"])
    except ValueError:
        raise NotFoundError(_("There is no such person.")) from None
    return {
        "to_id": person,
        "until_at": _moment(until) if until else None,
        "reason": request.POST.get("reason", ""),
    }


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        message = _("Choose until when from the list.")
        raise InvalidInputError(
            _("Nothing was handed over."), errors=[FieldError("until", "invalid", message)]
        )
    return moment
