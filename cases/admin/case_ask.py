"""Asking a colleague for a word and keeping the case, and answering on the case page."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.case_parts import case_form, describe_whom, link_of, may_try_again, refusal_of
from cases.admin.masking import masked
from cases.handoff.consults import answerable, find_consult, list_consults
from cases.handoff.entries import CONSULTED
from cases.journeys import services
from cases.memory import selectors as memory
from cases.memory.models import Case
from governance.access.types import Capability
from governance.admin.visit import Visit, attempt, page
from orchestra.core.errors import NotFoundError


def describe_consults(
    case: Case, visit: Visit, *, kinds: Collection[str], has_case: bool, unmasked: bool
) -> dict[str, Any]:
    """Return what was asked of colleagues, and what the reader may do about it.

    Args:
        case: The case.
        visit: Who looks.
        kinds: Kinds of the entries of its record; a case without a question costs no query.
        has_case: Whether they have the case, and so may ask.
        unmasked: Whether personal data is shown as recorded.
    """
    found = list_consults(case=case) if CONSULTED in kinds else []
    mine = answerable(authority=visit.authority, consults=found)
    return {
        "rows": [
            {
                "consult": masked(one, unmasked=unmasked),
                "answer_link": reverse("admin:case_answer", args=[case.public_id, one.id])
                if one.id in mine
                else "",
            }
            for one in found
        ],
        "ask_link": reverse("admin:case_ask", args=[case.public_id]) if has_case else "",
    }


@page("cases/<str:case_id>/ask/", name="case_ask", methods=("GET", "POST"))
def ask(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Show the form, and ask the person or the queue chosen."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    if request.method != "POST":
        if not visit.may(Capability.HANDOFF_OFFER, case.queue_id):
            raise NotFoundError(_("There is no such case."))
        return _form(request, visit, case)
    person = request.POST.get("person", "")
    error = attempt(
        request,
        lambda: services.ask_colleague(
            actor=visit.actor,
            now=visit.now,
            case=case,
            question=services.Question(
                text=request.POST.get("question", ""),
                person_id=person,
                queue_key="" if person else request.POST.get("queue", ""),
            ),
        ),
        refusal=refusal_of(case, "case.ask_colleague"),
    )
    if may_try_again(error) and visit.may(Capability.HANDOFF_OFFER, case.queue_id):
        return _form(request, visit, case)
    if error is None:
        messages.success(request, _("Asked. The case stays with you; the answer comes here."))
    return HttpResponseRedirect(link_of(case) + "#others")


@page(
    "cases/<str:case_id>/consults/<uuid:consult_id>/answer/", name="case_answer", methods=("POST",)
)
def answer(request: HttpRequest, visit: Visit, case_id: str, consult_id: UUID) -> HttpResponse:
    """Answer what was asked, once."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    error = attempt(
        request,
        lambda: services.answer_colleague(
            actor=visit.actor,
            now=visit.now,
            case=case,
            consult_id=consult_id,
            answer=request.POST.get("answer", ""),
        ),
        refusal=refusal_of(case, "case.answer_colleague"),
    )
    consult = find_consult(case=case, consult_id=consult_id) if may_try_again(error) else None
    if consult is not None:
        return case_form(
            request,
            case,
            template="cases/case_answer.html",
            title=_("Answer a colleague"),
            shown={"consult": masked(consult)},
        )
    if error is None:
        messages.success(request, _("Answered. Whoever asked reads it in the case."))
    return HttpResponseRedirect(link_of(case) + "#others")


def _form(request: HttpRequest, visit: Visit, case: Case) -> HttpResponse:
    return case_form(
        request,
        case,
        template="cases/case_ask.html",
        title=_("Ask a colleague"),
        shown=describe_whom(request, visit, case),
    )
