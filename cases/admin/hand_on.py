"""Handing a case on: to whom, why, what to do next, and what to tell the customer."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.handoff.types import Warmth
from cases.journeys import services
from cases.memory import selectors as memory
from cases.memory.models import Case
from governance.access.selectors import with_a_role
from governance.access.types import Capability, Role
from governance.admin import reads as governed
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
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
_ROLES = (Role.HUMAN_AGENT, Role.SPECIALIST, Role.SUPERVISOR)


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
        refusal=as_refusal("handoff.offer", case.public_id, case=case.public_id),
    )
    if error is not None:
        return HttpResponseRedirect(_link(case))
    messages.success(request, _("%(case)s waits for somebody to take it.") % {"case": case.label})
    return HttpResponseRedirect(reverse("admin:handoffs"))


def _form(request: HttpRequest, visit: Visit, case: Case) -> HttpResponse:
    return render(
        request,
        "cases/hand_on.html",
        {
            "title": _("Hand on"),
            "crumbs": [
                Crumb(_("Work")),
                Crumb(_("Cases"), reverse("admin:cases")),
                Crumb(case.label, _link(case)),
                Crumb(_("Hand on")),
            ],
            "case": case,
            "case_link": _link(case),
            "queues": [_queue(queue, case) for queue in governed.list_all_queues()],
            "is_mine": case.holder_id == visit.actor.pk,
            "people": [
                {"id": str(one.public_id), "label": one.label}
                for one in with_a_role({str(role) for role in _ROLES})
                if one.pk != visit.actor.pk
            ],
            "roles": [{"code": str(role), "title": role_name(role)} for role in _ROLES],
            "reasons": REASONS,
            "skills": list_skills(),
        },
    )


def _queue(queue: Any, case: Case) -> dict[str, Any]:
    return {"key": queue.key, "title": queue.title, "own": queue.pk == case.queue_id}


def _link(case: Case) -> str:
    return reverse("admin:case", args=[case.public_id])
