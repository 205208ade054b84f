"""Passing a matter to somebody outside, from the case page."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.admin.case_parts import case_form, link_of, may_try_again, refusal_of
from cases.handoff.types import Outside
from cases.journeys import services
from cases.memory import selectors as memory
from cases.memory.models import Case
from governance.admin.visit import Visit, attempt, page

#: Why a matter goes outside, by the code that stands in the record.
REASONS: Final = {
    Outside.THEIRS_TO_DO: gettext_lazy("It is theirs to do"),
    Outside.THEIRS_TO_DECIDE: gettext_lazy("It is theirs to decide"),
    Outside.THEY_KNOW: gettext_lazy("They alone know what is needed"),
    Outside.CUSTOMER_ASKED: gettext_lazy("The customer asked for it"),
}


def describe_referral(case: Case, visit: Visit, *, may: bool, waiting: bool) -> dict[str, Any]:
    """Return the form that passes the matter outside; nothing for who does not have the case.

    Args:
        case: The case, with its holder.
        visit: Who looks.
        may: Whether they may hand it on as it stands.
        waiting: Whether it waits for somebody to take it.
    """
    holder = case.holder
    mine = holder is not None and holder.pk == visit.actor.pk
    has = mine or (holder is None and not waiting)
    return {
        "link": reverse("admin:case_refer", args=[case.public_id]) if may and has else "",
        "reasons": REASONS,
    }


@page("cases/<str:case_id>/refer/", name="case_refer", methods=("POST",))
def refer(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Record to whom outside the matter went, why, and what the customer was told."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    error = attempt(
        request,
        lambda: services.refer_outside(
            actor=visit.actor,
            now=visit.now,
            case=case,
            referral=services.Referral(
                to=request.POST.get("to", ""),
                reason_code=request.POST.get("reason", ""),
                told=request.POST.get("told", ""),
            ),
        ),
        refusal=refusal_of(case, "case.refer_outside"),
    )
    if may_try_again(error):
        return case_form(
            request,
            case,
            template="cases/case_refer.html",
            title=_("Refer to somebody outside"),
            shown={"referral": {"reasons": REASONS}},
        )
    if error is None:
        messages.success(
            request, _("Recorded. The case stays with you; resolve it as referred to end it.")
        )
    return HttpResponseRedirect(link_of(case))
