"""One AI version or AI agent over time, and figures as a file; never people side by side."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.access_files import csv_answer
from governance.admin.visit import Crumb, Visit, page, render
from governance.ledger.services import record_read
from orchestra.core.clock import rfc3339
from orchestra.core.errors import NotFoundError
from qa.admin import figure_words as say
from qa.admin.trend import Point, describe_trend
from qa.figures.assembling import assemble, profile
from qa.figures.selectors import find_plan, read_periods
from qa.figures.types import CellFigures, Figures, PeriodRows, Profile
from qa.population.types import Dimension, HandledBy

_LAST = 26
HEAD = (
    "plan", "plan_version", "period", "starts_at", "ends_at", "standing", "population", "drawn",
    "reviewed", "no_answer", "checked", "checks_alone", "reviews_unweighted", "reviews_weighted",
    "estimate", "low", "high", "standard_error", "effective_reviews", "series", "scorecards",
    "upheld_disputes", "digest",
)  # fmt: skip


@page("quality/ai/", name="quality_profile", capability=Capability.QUALITY_READ)
def quality_profile(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show one AI version, or one AI agent over all its versions, over time."""
    plan = find_plan(request.GET.get("plan", ""))
    periods = read_periods(plan=plan.plan.key, as_of=visit.now, last=_LAST) if plan else []
    by = Dimension.AGENT if "agent" in request.GET else Dimension.AI_VERSION
    choices = _values(periods, by)
    asked = request.GET.get(by.value, choices[0] if choices else "")
    if asked and asked not in choices:
        raise NotFoundError(_("Nothing of that was reviewed."))
    found = profile(periods, by, asked) if asked else None
    return render(
        request,
        "qa/profile.html",
        {
            "title": _title(found),
            "crumbs": [
                Crumb(_("Quality")),
                Crumb(_("How good it was"), reverse("admin:quality")),
                Crumb(_("AI over time")),
            ],
            "by": by.value,
            "asked": asked,
            "versions": _values(periods, Dimension.AI_VERSION),
            "agents": _values(periods, Dimension.AGENT),
            "together": say.say_estimate(found.together.estimate) if found else None,
            "size": found.together.size if found else None,
            "trend": describe_trend(_points(periods, found.each)) if found else None,
        },
    )


def _title(found: Profile | None) -> str:
    if found is None:
        return _("No work of an AI was reviewed yet")
    estimate = say.say_estimate(found.together.estimate)
    if estimate is None:
        return _("%(name)s: too few reviews for a number") % {"name": found.value}
    return _("%(name)s: %(share)s %% would pass review, %(low)s to %(high)s") % {
        "name": found.value,
        "share": estimate["value"],
        "low": estimate["low"],
        "high": estimate["high"],
    }


def _values(periods: Sequence[PeriodRows], by: Dimension) -> list[str]:
    """Return what was reviewed of AI agents; people are no choice here."""
    found = {
        each.values.get(by, "")
        for rows in periods
        for one in rows.strata
        for each in one.reviews
        if each.values.get(Dimension.HANDLED_BY) == HandledBy.AI
    }
    return sorted(found - {""})


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


@page("quality/estimate/file/", name="quality_file", capability=Capability.QUALITY_READ)
def quality_file(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Return a plan's periods as CSV; that they were taken out is an entry of the ledger."""
    plan = find_plan(request.GET.get("plan", ""))
    if plan is None:
        raise NotFoundError(_("There is no plan in force by that name that estimates."))
    rows = read_periods(plan=plan.plan.key, as_of=visit.now, last=520)
    record_read(actor=visit.actor, now=visit.now, what=f"quality estimates of {plan.plan.key}")
    return csv_answer(
        name=f"quality-{plan.plan.key}.csv",
        header=HEAD,
        rows=[_line(one, assemble(one)) for one in rows],
    )


def _line(rows: PeriodRows, found: Figures) -> list[object]:
    used: Any = found.used
    known = used is not None and used.interval is not None
    return [
        rows.plan,
        rows.version,
        rows.period,
        rfc3339(rows.starts_at),
        rfc3339(rows.ends_at),
        found.standing.value,
        found.size,
        found.drawn,
        found.reviewed,
        found.lost,
        found.checked,
        found.judge_alone,
        found.unweighted,
        found.weighted.value if found.weighted else None,
        used.value if known else None,
        used.interval.low if known else None,
        used.interval.high if known else None,
        used.standard_error if known else None,
        used.effective if known else None,
        rows.series,
        " ".join(rows.editions),
        rows.upheld,
        found.digest,
    ]
