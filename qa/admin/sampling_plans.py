"""Sampling plans, readable: what is counted, how it is drawn, and what it can show."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from governance.access.types import Capability
from governance.admin.tracked import Tracked, tracked_records
from governance.admin.visit import Visit, page
from orchestra.core import words
from qa.admin.documents import Library, show_document, show_list
from qa.sampling import sentences as say
from qa.sampling.models import SamplingPlan, SamplingPlanVersion
from qa.sampling.selectors import SHELF, spec_of
from qa.sampling.types import Claim, PlanKind


def _cells(version: SamplingPlanVersion) -> list[object]:
    spec = spec_of(version)
    return [
        say.KINDS[spec.kind],
        say.CLAIM_NAMES[spec.claim],
        words.plain(spec.reviewing.scorecard),
    ]


LIBRARY = Library(
    shelf=SHELF,
    group=_lazy("Quality"),
    title=_lazy("Sampling plans"),
    about=_lazy("Which work is looked at, and what its reviews may be used to say."),
    empty=_lazy(
        "No sampling plan is there yet. Without one there is no fair number. "
        "“manage.py quality load” brings those that ship."
    ),
    name="sampling_plan",
    heads=(_lazy("How"), _lazy("Shows"), _lazy("Scorecard")),
    cells=_cells,
)

tracked_records.register(
    "sampling_plan", Tracked(SamplingPlan, Capability.SAMPLING_READ, "sampling_plan", "key")
)
tracked_records.register(
    "sampling_plan_version", Tracked(SamplingPlanVersion, Capability.SAMPLING_READ)
)


@page("sampling-plans/", name="sampling_plans", capability=Capability.SAMPLING_READ)
def sampling_plans(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every sampling plan with the version in force."""
    return show_list(request, visit, LIBRARY)


@page("sampling-plans/<str:key>/", name="sampling_plan", capability=Capability.SAMPLING_READ)
def sampling_plan(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show one version of a sampling plan as sentences."""
    return show_document(request, visit, LIBRARY, key, "qa/sampling_plan.html", _describe)


def _describe(version: SamplingPlanVersion) -> dict[str, Any]:
    spec = spec_of(version)
    said = say.plan_words(spec)
    apart = {_("Title"), _("What for"), _("What it shows")}
    return {
        "spec": spec,
        "shows": say.CLAIMS[spec.claim],
        "stands_apart": spec.claim is Claim.NOTHING,
        "by_lots": spec.kind is PlanKind.ACCEPTANCE,
        "sentences": [pair for pair in said.items() if pair[0] not in apart],
        "filters": [say.filter_words(one) for one in spec.frame],
        "samples_link": reverse("admin:samples"),
        "scorecard_link": reverse("admin:scorecard", args=[spec.reviewing.scorecard]),
    }
