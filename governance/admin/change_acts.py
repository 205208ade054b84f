"""What people do with a change request: open, save, hand in, vote, comment, publish."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access.proof import find_proof, is_fresh
from governance.access.types import Capability
from governance.admin.changes import document_link, show_change
from governance.admin.step_up import Waiting, ask_to_prove, keep_ballot
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page
from governance.reviews import selectors, services
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents
from governance.reviews.types import Ballot, ChangePurpose, ReviewChoice
from orchestra.core.errors import (
    FieldError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from orchestra.core.words import worded
from orchestra.core.yaml_text import read_located

_ROUTE = "change-requests/<uuid:change_id>/"
Act = Callable[[HttpRequest, Visit, ChangeRequest], object]


@page("change-requests/open/", name="change_open", methods=("POST",))
def open_change(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Open a change of a document, one that brings a version back, or one that takes it away."""
    kind, key = request.POST.get("kind", ""), request.POST.get("key", "")
    if kind not in documents or not visit.may(documents.get(kind).drafting):
        raise NotFoundError(_("There is no such document."))
    made: list[ChangeRequest] = []
    back_to = request.POST.get("number", "")
    given: dict[str, Any] = {
        "actor": visit.actor,
        "now": visit.now,
        "kind": kind,
        "document_key": key,
    }
    summary = request.POST.get("summary", "")

    def act() -> None:
        if back_to.isdigit():
            made.append(services.roll_back(**given, number=int(back_to), summary=summary))
        elif request.POST.get("purpose") == ChangePurpose.RETIREMENT:
            given.update(title=_("Take out of force"), purpose=ChangePurpose.RETIREMENT)
            made.append(services.open_change(**given, summary=summary))
        else:
            title = request.POST.get("title", "")
            made.append(services.open_change(**given, title=title, summary=summary))

    error = attempt(request, act, refusal=as_refusal("change.open", key))
    if error is not None:
        return HttpResponseRedirect(document_link(kind, key) or reverse("admin:changes"))
    return HttpResponseRedirect(_link("change", made[0]))


@page(f"{_ROUTE}save/", name="change_save", methods=("POST",))
def save(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Save the text of a draft; what cannot be read is shown again with every error."""
    found = _change(visit, change_id)
    text = request.POST.get("text", "")
    document, problems = read_text(text)
    if problems:
        messages.error(request, _("Nothing was saved: the text cannot be read."))
        return show_change(request, visit, change_id, text=text, problems=problems)
    error = attempt(
        request,
        lambda: services.save_draft(
            actor=visit.actor,
            now=visit.now,
            change_id=change_id,
            document=document,
            seen_digest=request.POST.get("digest", ""),
            summary=request.POST.get("summary", ""),
        ),
        refusal=as_refusal("change.save", change_id),
    )
    if error is not None:
        # What was written is kept on the page, so that it can be compared before saving.
        problem = FieldError("", error.error_code, error.message)
        return show_change(request, visit, change_id, text=text, problems=(problem,))
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(_link("change", found))


def read_text(text: str) -> tuple[dict[str, Any], tuple[FieldError, ...]]:
    """Return the document that a YAML text states, and everything that keeps it from being one."""
    found = read_located(name="text", text=text, strict=True)
    if found.findings:
        return {}, worded(found.findings)
    if not isinstance(found.value, dict):
        message = _("The text must be a mapping of names to values.")
        return {}, (FieldError("", "type", message),)
    return found.value, ()


@page(f"{_ROUTE}act/", name="change_act", methods=("POST",))
def act(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Do one of the acts below: hand it in, publish, plan, comment, and what undoes them."""
    found = _change(visit, change_id)
    name = request.POST.get("act", "")
    if name not in _ACTS:
        raise NotFoundError(_("There is no such act."))
    do, done = _ACTS[name]
    error = attempt(
        request,
        lambda: do(request, visit, found),
        refusal=as_refusal(f"change.{name}", change_id),
    )
    if error is None:
        messages.success(request, str(done))
    return HttpResponseRedirect(_link("change", found))


def _given(visit: Visit, found: ChangeRequest) -> dict[str, Any]:
    return {"actor": visit.actor, "now": visit.now, "change_id": found.public_id}


def _schedule(request: HttpRequest, visit: Visit, found: ChangeRequest) -> object:
    moment = _moment(request.POST.get("publish_at", ""))
    return services.schedule(**_given(visit, found), publish_at=moment)


def _moment(text: str) -> datetime:
    """Return a moment written in the person's own time zone.

    Raises:
        InvalidInputError: It is no moment.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = _("Write a date and a time.")
        problem = FieldError("publish_at", "type", message)
        raise InvalidInputError(message, errors=[problem]) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_current_timezone())


def _comment(request: HttpRequest, visit: Visit, found: ChangeRequest) -> object:
    return services.comment(
        **_given(visit, found),
        text=request.POST.get("text", ""),
        place=request.POST.get("place", ""),
    )


def _resolve(request: HttpRequest, visit: Visit, found: ChangeRequest) -> object:
    number = request.POST.get("number", "")
    if not number.isdecimal():
        raise NotFoundError(_("There is no such comment."))
    return services.resolve_comment(**_given(visit, found), number=int(number[:9]))


def _retire(request: HttpRequest, visit: Visit, found: ChangeRequest) -> object:
    return services.retire(**_given(visit, found), summary=request.POST.get("summary", ""))


_ACTS: Mapping[str, tuple[Act, Any]] = {
    "submit": (
        lambda _request, visit, found: services.submit(**_given(visit, found)),
        gettext_lazy("Submitted. Others vote on it now."),
    ),
    "withdraw": (
        lambda _request, visit, found: services.withdraw(**_given(visit, found)),
        gettext_lazy("Withdrawn. What is in force stays in force."),
    ),
    "rebase": (
        lambda _request, visit, found: services.rebase(**_given(visit, found)),
        gettext_lazy("It stands on the version in force now. Compare, and submit it again."),
    ),
    "publish": (
        lambda _request, visit, found: services.publish(**_given(visit, found)),
        gettext_lazy("Published. It is in force from this moment."),
    ),
    "schedule": (_schedule, gettext_lazy("Planned. It comes into force at that time.")),
    "unschedule": (
        lambda _request, visit, found: services.unschedule(**_given(visit, found)),
        gettext_lazy("The planned time is taken back. It stays approved."),
    ),
    "resolve": (_resolve, gettext_lazy("The comment is resolved.")),
    "comment": (_comment, gettext_lazy("Your comment stands with this text.")),
    "retire": (_retire, gettext_lazy("Opened: a change that takes it out of force.")),
}


@page(f"{_ROUTE}vote/", name="change_vote", methods=("POST",))
def vote(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Take a vote; where a fresh proof is asked for, ask for the password first."""
    found = _change(visit, change_id)
    ballot = {name: request.POST.get(name, "") for name in ("choice", "reason", "digest")}
    if ballot["choice"] not in set(ReviewChoice):
        messages.error(request, _("Choose approve, ask for changes, or refuse."))
        return HttpResponseRedirect(_link("change", found))
    needs = ballot["choice"] == ReviewChoice.APPROVE and selectors.standing_of(found).quorum.step_up
    if needs and not is_fresh(find_proof(request), now=visit.now):
        keep_ballot(request, _kept(found), ballot)
        return HttpResponseRedirect(_link("change_step_up", found))
    return _cast(request, visit, found, ballot)


@page(f"{_ROUTE}step-up/", name="change_step_up", methods=("GET", "HEAD", "POST"))
def step_up(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Ask for the password again; the vote then goes on by itself, its text kept."""
    found = _change(visit, change_id)
    return ask_to_prove(
        request,
        visit,
        Waiting(
            key=_kept(found),
            title=f"{found.label}: {found.title}",
            crumbs=[
                Crumb(_("Change requests"), reverse("admin:changes")),
                Crumb(found.label, _link("change", found)),
            ],
            lead=_("A change of this risk asks each voter to prove who they are again."),
            say=lambda _ballot: _("You approve it."),
            back_link=_link("change", found),
            cast=lambda ballot: _cast(request, visit, found, ballot),
        ),
    )


_VOTES: Mapping[ReviewChoice, tuple[Callable[..., object], Any]] = {
    ReviewChoice.APPROVE: (services.approve, gettext_lazy("Your approval counts.")),
    ReviewChoice.ASK_FOR_CHANGES: (
        services.ask_for_changes,
        gettext_lazy("Sent back to its author."),
    ),
    ReviewChoice.REFUSE: (
        services.refuse,
        gettext_lazy("Refused for good. Its author is told why; what is in force stays."),
    ),
}


def _cast(
    request: HttpRequest, visit: Visit, found: ChangeRequest, ballot: Mapping[str, str]
) -> HttpResponseRedirect:
    service, told = _VOTES[ReviewChoice(ballot["choice"])]
    error = attempt(
        request,
        lambda: service(
            **_given(visit, found),
            ballot=Ballot(
                digest=ballot["digest"], reason=ballot["reason"], proof=find_proof(request)
            ),
        ),
        refusal=as_refusal(f"change.{ballot['choice']}", found.public_id),
    )
    if error is None:
        messages.success(request, str(told))
    return HttpResponseRedirect(_link("change", found))


def _change(visit: Visit, change_id: UUID) -> ChangeRequest:
    if not visit.may(Capability.CHANGE_READ):
        raise NotPermittedError(_("There is no such change request."))
    return selectors.get_change(authority=visit.authority, change_id=change_id)


def _kept(found: ChangeRequest) -> str:
    return f"change_ballot:{found.public_id}"


def _link(name: str, found: ChangeRequest) -> str:
    return reverse(f"admin:{name}", args=[found.public_id])
