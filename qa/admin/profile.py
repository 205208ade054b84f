"""One AI version or AI agent over time; never people side by side."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, page, render
from orchestra.core.errors import NotFoundError
from qa.admin import figure_words as say
from qa.admin.quality_files import ai_values
from qa.admin.trend import Point, describe_trend
from qa.figures.assembling import profile
from qa.figures.selectors import find_plan, name_agents, read_periods
from qa.figures.types import CellFigures, PeriodRows, Profile
from qa.population.types import Dimension

_LAST = 26


@page("quality/ai/", name="quality_profile", capability=Capability.QUALITY_READ)
def quality_profile(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show one AI version, or one AI agent over all its versions, over time."""
    plan = find_plan(request.GET.get("plan", ""))
    periods = read_periods(plan=plan.plan.key, as_of=visit.now, last=_LAST) if plan else []
    versions, agents = (ai_values(periods, one) for one in (Dimension.AI_VERSION, Dimension.AGENT))
    # An AI whose versions nobody registered is shown over all of them.
    is_agent = "agent" in request.GET or (not versions and "ai_version" not in request.GET)
    by = Dimension.AGENT if is_agent else Dimension.AI_VERSION
    names = name_agents(agents)
    choices = agents if is_agent else versions
    asked = request.GET.get(by.value, choices[0] if choices else "")
    if asked and asked not in choices:
        raise NotFoundError(_("Nothing of that was reviewed."))
    found = profile(periods, by, asked) if asked else None
    return render(
        request,
        "qa/profile.html",
        {
            "title": _title(found, names),
            "crumbs": [
                Crumb(_("Quality")),
                Crumb(_("How good it was"), reverse("admin:quality")),
                Crumb(_("AI over time")),
            ],
            "plan": plan.plan.key if plan else "",
            "by": by.value,
            "asked": asked,
            "versions": versions,
            "agents": [(one, names.get(one, one)) for one in agents],
            "together": say.say_estimate(found.together.estimate) if found else None,
            "size": found.together.size if found else None,
            "trend": describe_trend(_points(periods, found.each)) if found else None,
        },
    )


def _title(found: Profile | None, names: Mapping[str, str]) -> str:
    if found is None:
        return _("No work of an AI was reviewed yet")
    name = names.get(found.value, found.value)
    estimate = say.say_estimate(found.together.estimate)
    if estimate is None:
        return _("%(name)s: too few reviews for a number") % {"name": name}
    return _("%(name)s: %(share)s %% would pass review, %(low)s to %(high)s") % {
        "name": name,
        "share": estimate["value"],
        "low": estimate["low"],
        "high": estimate["high"],
    }


def _points(periods: Sequence[PeriodRows], cells: Sequence[CellFigures]) -> list[Point]:
    points = []
    for rows, cell in reversed(list(zip(periods, cells, strict=True))):
        found = cell.estimate
        if found is None or found.value is None or found.interval is None:
            points.append(Point(say.period_label(rows), None, note=_("under 30")))
            continue
        low, high = found.interval.low, found.interval.high
        points.append(Point(say.period_label(rows), found.value, low, high))
    return points
