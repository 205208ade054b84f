"""What a person does on the case page: speak, finish a step of theirs, hand on, wrap up."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from cases.admin.calls import describe_calls
from cases.admin.case_drafts import reply_draft, summary_draft
from cases.admin.case_parts import link_of, refusal_of
from cases.handoff.selectors import find_latest_handoff
from cases.journeys import services
from cases.memory import selectors as memory
from cases.memory.types import Disposition, Speaker
from governance.admin.visit import Visit, attempt, page


@page("cases/<str:case_id>/reply/", name="case_reply", methods=("POST",))
def reply(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Record what the person tells the customer, or what the customer told the person."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    text = request.POST.get("text", "").strip()
    heard = request.POST.get("speaker") == Speaker.CUSTOMER
    speaker = Speaker.CUSTOMER if heard else Speaker.HUMAN
    if not text:
        messages.error(request, _("Write something first; nothing was sent."))
        return HttpResponseRedirect(link_of(case))
    error = attempt(
        request,
        lambda: services.add_message(
            actor=visit.actor,
            now=visit.now,
            case=case,
            speaker=speaker,
            text=text,
            draft="" if heard else reply_draft(case),
        ),
        refusal=refusal_of(case, "message.add"),
    )
    if error is None:
        messages.success(
            request,
            _("Recorded as words of the customer.")
            if heard
            else _("Sent and recorded as your words."),
        )
    return HttpResponseRedirect(link_of(case) + "#conversation")


@page("cases/<str:case_id>/steps/<str:step_id>/done/", name="step_done", methods=("POST",))
def step_done(request: HttpRequest, visit: Visit, case_id: str, step_id: str) -> HttpResponse:
    """Say that a step which belongs to the person is done."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    error = attempt(
        request,
        lambda: services.complete_step(actor=visit.actor, now=visit.now, case=case, step=step_id),
        refusal=refusal_of(case, "step.complete"),
    )
    if error is None:
        messages.success(request, _("Marked as done."))
    return HttpResponseRedirect(link_of(case))


@page("cases/<str:case_id>/resolve/", name="case_resolve", methods=("POST",))
def resolve(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Say how the case ended, and whether the customer said so or it is assumed."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    confirmed = request.POST.get("outcome") == "confirmed"
    became = request.POST.get("disposition", "")
    error = attempt(
        request,
        lambda: services.resolve(
            actor=visit.actor,
            now=visit.now,
            case=case,
            outcome=request.POST.get("summary", ""),
            confirmed=confirmed,
            disposition=Disposition(became) if became in set(Disposition) else None,
            draft=summary_draft(
                case,
                describe_calls(case=case, visit=visit, unmasked=True),
                find_latest_handoff(case=case),
            ),
        ),
        refusal=refusal_of(case, "case.resolve"),
    )
    if error is None:
        messages.success(
            request,
            _("Resolved, as the customer confirmed.")
            if confirmed
            else _("Resolved; the outcome counts as assumed."),
        )
    return HttpResponseRedirect(link_of(case) + "#wrap-up")


@page("cases/<str:case_id>/close/", name="case_close", methods=("POST",))
def close(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Sign the resolved case off."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    error = attempt(
        request,
        lambda: services.close(actor=visit.actor, now=visit.now, case=case),
        refusal=refusal_of(case, "case.close"),
    )
    if error is None:
        messages.success(request, _("Signed off and closed."))
    return HttpResponseRedirect(link_of(case) + "#wrap-up")


@page("cases/<str:case_id>/reopen/", name="case_reopen", methods=("POST",))
def reopen(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Open a resolved or closed case again, with the reason."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    error = attempt(
        request,
        lambda: services.reopen(
            actor=visit.actor, now=visit.now, case=case, reason=request.POST.get("reason", "")
        ),
        refusal=refusal_of(case, "case.reopen"),
    )
    if error is None:
        messages.success(request, _("Open again."))
    return HttpResponseRedirect(link_of(case) + "#wrap-up")
