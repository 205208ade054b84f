"""What of a case can be reviewed: asking for a review of it, from the case or from a finding."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.memory import selectors as memory
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, page, render
from orchestra.core import words
from qa.population import selectors
from qa.population.models import SamplingUnit

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
            "units": [_unit(one) for one in units],
            "back": reverse("admin:quality_units", args=[case.public_id]),
        },
    )


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
