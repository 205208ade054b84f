"""What a person does on the case page: reply, and mark a step of theirs as done."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.journeys import services
from cases.memory import selectors as memory
from cases.memory.models import Case
from cases.memory.types import Speaker
from governance.admin.visit import Visit, attempt, page
from governance.ledger.refusals import Refusal
from orchestra.core.errors import OrchestraError


@page("cases/<str:case_id>/reply/", name="case_reply", methods=("POST",))
def reply(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Record what the person tells the customer."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    text = request.POST.get("text", "").strip()
    if not text:
        messages.error(request, _("Write something first; nothing was sent."))
        return HttpResponseRedirect(_link(case))
    error = attempt(
        request,
        lambda: services.add_message(
            actor=visit.actor, now=visit.now, case=case, speaker=Speaker.HUMAN, text=text
        ),
        refusal=_refusal(case, "message.add"),
    )
    if error is None:
        messages.success(request, _("Sent and recorded as your words."))
    return HttpResponseRedirect(_link(case) + "#conversation")


@page("cases/<str:case_id>/steps/<str:step_id>/done/", name="step_done", methods=("POST",))
def step_done(request: HttpRequest, visit: Visit, case_id: str, step_id: str) -> HttpResponse:
    """Say that a step which belongs to the person is done."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    error = attempt(
        request,
        lambda: services.complete_step(actor=visit.actor, now=visit.now, case=case, step=step_id),
        refusal=_refusal(case, "step.complete"),
    )
    if error is None:
        messages.success(request, _("Marked as done."))
    return HttpResponseRedirect(_link(case))


def _refusal(case: Case, act: str) -> Callable[[OrchestraError], Refusal]:
    def name(error: OrchestraError) -> Refusal:
        return Refusal(
            act=act,
            code=error.error_code,
            message=error.message,
            case_id=str(case.public_id),
            subject_id=str(case.public_id),
        )

    return name


def _link(case: Case) -> str:
    return reverse("admin:case", args=[case.public_id])
