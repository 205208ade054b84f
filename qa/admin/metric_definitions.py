"""Metric definitions, readable: what a number counts, leaves out, and is held against."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from governance.access.types import Capability
from governance.admin.tracked import Tracked, tracked_records
from governance.admin.visit import Visit, page
from qa.admin.documents import Library, show_document, show_list
from qa.measurement import sentences as say
from qa.measurement.models import MetricDefinition, MetricVersion
from qa.measurement.selectors import SHELF, spec_of


def _cells(version: MetricVersion) -> list[object]:
    spec = spec_of(version)
    goals = "; ".join(say.goal_words(one, spec) for one in spec.goals)
    return [spec.meaning, goals or _("no target set")]


LIBRARY = Library(
    shelf=SHELF,
    group=_lazy("Measure"),
    title=_lazy("Metric definitions"),
    about=_lazy("What each number means, word for word, before anybody computes it."),
    empty=_lazy("No metric is defined yet. “manage.py quality load” brings those that ship."),
    name="metric_definition",
    heads=(_lazy("What it says"), _lazy("Target")),
    cells=_cells,
)

tracked_records.register(
    "metric_definition",
    Tracked(MetricDefinition, Capability.METRIC_READ, "metric_definition", "key"),
)
tracked_records.register(
    "metric_definition_version", Tracked(MetricVersion, Capability.METRIC_READ)
)


@page("metric-definitions/", name="metric_definitions", capability=Capability.METRIC_READ)
def metric_definitions(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every metric's definition with the version in force."""
    return show_list(request, visit, LIBRARY)


@page("metric-definitions/<str:key>/", name="metric_definition", capability=Capability.METRIC_READ)
def metric_definition(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show one version of a metric's definition as a card."""
    return show_document(request, visit, LIBRARY, key, "qa/metric_definition.html", _describe)


def _describe(version: MetricVersion) -> dict[str, Any]:
    spec = spec_of(version)
    said = say.metric_words(spec)
    first = [_("Counts"), _("Among"), _("Does not count"), _("Left out"), _("Beware")]
    apart = {_("Title"), _("What it says"), *first}
    return {
        "spec": spec,
        "counts": [(place, said[place]) for place in first if place in said],
        "computed": [pair for pair in said.items() if pair[0] not in apart],
        "goals": [say.goal_words(one, spec) for one in spec.goals],
        "better": say.BETTER[spec.better],
    }
