"""What of a case can be reviewed: asking for a review of it, and leaving it out of samples."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.memory import selectors as memory
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core import words
from orchestra.core.errors import FieldError, InvalidInputError
from qa.admin.sample_words import FLAGS
from qa.population import selectors, services
from qa.population.models import SamplingUnit
from qa.population.types import Flag

MOST = 100


@page("reviews/of/<str:case_id>/", name="quality_units", capability=Capability.QUALITY_REVIEW)
def quality_units(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Show what of a case ended and so can be reviewed, each with a way to ask for it."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    units = list(selectors.list_units(authority=visit.authority).filter(case=case)[:MOST])
    return render(
        request,
        "qa/units.html",
        {
            "title": _("What can be reviewed"),
            "crumbs": [
                Crumb(_("Quality")),
                Crumb(_("Reviews"), reverse("admin:quality_reviews")),
                Crumb(case.label, reverse("admin:case", args=[case.public_id])),
            ],
            "headline": _headline(len(units), case.label),
            "units": [_unit(one) | {"leave_out": describe_leave_out(one, visit)} for one in units],
            "back": reverse("admin:quality_units", args=[case.public_id]),
        },
    )


@page(
    "reviews/units/<uuid:unit_id>/leave-out/",
    name="quality_unit_leave_out",
    capability=Capability.SAMPLING_EDIT,
    methods=("POST",),
)
def leave_out(request: HttpRequest, visit: Visit, unit_id: UUID) -> HttpResponse:
    """Leave something out of what is counted and drawn, with the reason."""
    unit = selectors.get_unit(authority=visit.authority, unit_id=unit_id)
    error = attempt(
        request,
        lambda: services.leave_out(
            actor=visit.actor,
            now=visit.now,
            subject=unit.subject,
            flag=_flag(request.POST.get("flag", "")),
            reason=request.POST.get("reason", ""),
        ),
        refusal=as_refusal("population.leave_out", unit_id, case=str(unit.case.public_id)),
    )
    if error is None:
        messages.success(request, _("Left out. It stays on record, with the reason."))
    return _back(unit)


@page(
    "reviews/units/<uuid:unit_id>/take-back/",
    name="quality_unit_take_back",
    capability=Capability.SAMPLING_EDIT,
    methods=("POST",),
)
def take_back(request: HttpRequest, visit: Visit, unit_id: UUID) -> HttpResponse:
    """Let something count again, with the reason."""
    unit = selectors.get_unit(authority=visit.authority, unit_id=unit_id)
    error = attempt(
        request,
        lambda: services.take_back(
            actor=visit.actor,
            now=visit.now,
            subject=unit.subject,
            reason=request.POST.get("reason", ""),
        ),
        refusal=as_refusal("population.take_back", unit_id, case=str(unit.case.public_id)),
    )
    if error is None:
        messages.success(request, _("It counts again."))
    return _back(unit)


def describe_leave_out(unit: SamplingUnit, visit: Visit) -> dict[str, Any]:
    """Return whether a unit counts, and where who may leaves it out or takes it back."""
    act = "take_back" if unit.left_out else "leave_out"
    return {
        "why": FLAGS[Flag(unit.left_out)] if unit.left_out else "",
        "reason": unit.left_out_reason,
        "flags": list(FLAGS.items()),
        "link": reverse(f"admin:quality_unit_{act}", args=[unit.public_id])
        if visit.may(Capability.SAMPLING_EDIT)
        else "",
    }


def _flag(text: str) -> Flag:
    try:
        return Flag(text)
    except ValueError:
        message = _("Choose what makes it one that does not count.")
        raise InvalidInputError(message, errors=[FieldError("flag", "choice", message)]) from None


def _back(unit: SamplingUnit) -> HttpResponse:
    page_of_case = reverse("admin:quality_units", args=[unit.case.public_id])
    return HttpResponseRedirect(f"{page_of_case}#unit-{unit.public_id}")


def _headline(count: int, label: str) -> str:
    if not count:
        return _("Nothing of %(case)s ended yet") % {"case": label}
    return ngettext(
        "%(count)d thing of %(case)s can be reviewed",
        "%(count)d things of %(case)s can be reviewed",
        count,
    ) % {"count": count, "case": label}


def _unit(unit: SamplingUnit) -> dict[str, Any]:
    return {
        "id": str(unit.public_id),
        "label": unit.label,
        "kind": words.plain(unit.kind),
        "handled_by": words.plain(unit.handled_by),
        "risk": unit.risk,
        "ended_at": unit.ended_at,
        "ask_link": reverse("admin:quality_review_ask", args=[unit.public_id]),
    }
