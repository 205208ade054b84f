"""Handing a case on: to whom, why, what to do next, and what to tell the customer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.admin.case_parts import (
    WORKING,
    case_form,
    describe_whom,
    link_of,
    may_try_again,
    refusal_of,
)
from cases.handoff.types import Warmth
from cases.journeys import services
from cases.memory import selectors as memory
from cases.memory.models import Case
from governance.access.types import Capability
from governance.admin.visit import Visit, attempt, page
from governance.skills.selectors import list_skills
from orchestra.core.errors import NotFoundError
from orchestra.templatetags.parts import role as role_name

#: Why a person hands on, by the code that stands in the record.
REASONS = {
    "person.customer_asked": gettext_lazy("The customer asks for somebody else"),
    "person.beyond_authority": gettext_lazy("It is beyond what I may do"),
    "person.other_team": gettext_lazy("Another team does this"),
    "person.shift_ends": gettext_lazy("I cannot stay with it"),
}


@page("cases/<str:case_id>/hand-on/", name="hand_on", methods=("GET", "POST"))
def hand_on(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Show the form, and offer the case with its bundle to the people chosen."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    if request.method != "POST":
        if not visit.may(Capability.HANDOFF_OFFER, case.queue_id):
            raise NotFoundError(_("There is no such case."))
        return _form(request, visit, case)
    error = attempt(
        request,
        lambda: services.offer_handoff(
            actor=visit.actor,
            now=visit.now,
            case=case,
            offer=services.HandoffOffer(
                reason_code=request.POST.get("reason", ""),
                queue_key=request.POST.get("queue", ""),
                role=request.POST.get("role", ""),
                note=request.POST.get("note", "").strip(),
                suggested_next_step=request.POST.get("next_step", "").strip(),
                customer_paragraph=request.POST.get("customer_paragraph", "").strip(),
                person_id=request.POST.get("person", ""),
                skills=tuple(request.POST.getlist("skills")),
                warmth=Warmth.WARM if request.POST.get("warm") else Warmth.COLD,
            ),
        ),
        refusal=refusal_of(case, "handoff.offer"),
    )
    if may_try_again(error) and visit.may(Capability.HANDOFF_OFFER, case.queue_id):
        return _form(request, visit, case)
    if error is not None:
        return HttpResponseRedirect(link_of(case))
    messages.success(request, _("%(case)s waits for somebody to take it.") % {"case": case.label})
    return HttpResponseRedirect(reverse("admin:handoffs"))


def _form(request: HttpRequest, visit: Visit, case: Case) -> HttpResponse:
    skills = request.POST.getlist("skills")
    return case_form(
        request,
        case,
        template="cases/hand_on.html",
        title=_("Hand on"),
        shown={
            **describe_whom(request, visit, case),
            "is_mine": case.holder_id == visit.actor.pk,
            "roles": {str(role): role_name(role) for role in WORKING},
            "reasons": REASONS,
            "skills": [
                {"key": one.key, "title": one.title, "chosen": one.key in skills}
                for one in list_skills()
            ],
        },
    )
