"""How an estimate was made: its strata, a breakdown, what more reviews would buy, its proof."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, page, render
from orchestra.core import words
from orchestra.core.errors import NotFoundError
from orchestra.core.numbers import read_whole
from qa.admin import figure_words as say
from qa.admin.trend import describe_trend, percent
from qa.figures.assembling import (
    advise,
    assemble,
    assemble_span,
    break_down,
    is_short,
    reviews_to_tell,
)
from qa.figures.selectors import find_plan, list_plans, read_periods
from qa.figures.types import Advice, CellFigures, PeriodRows, Standing, Stratum
from qa.population.types import Dimension

#: Reviews in a period that advice is given for.
BUDGETS = (60, 120, 180, 240, 360, 480)
_MOST_WEEKS = 52
_HOUR = 3600
#: Persons are no dimension of a page that compares.
SHOWN_BY = tuple(one for one in Dimension if one is not Dimension.AGENT)
NAMES = {
    Dimension.RISK: _lazy("Risk"),
    Dimension.HANDLED_BY: _lazy("Handled by"),
    Dimension.QUEUE: _lazy("Queue"),
    Dimension.JOURNEY: _lazy("Journey"),
    Dimension.CHANNEL: _lazy("Channel"),
    Dimension.PATTERN: _lazy("Pattern"),
    Dimension.CUE_SHEET_VERSION: _lazy("Version of the cue sheet"),
    Dimension.AI_VERSION: _lazy("Version of the AI"),
    Dimension.TENURE: _lazy("Tenure"),
}


@page("quality/estimate/", name="quality_estimate", capability=Capability.QUALITY_READ)
def estimate(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show how the number of a plan came about, over as many periods as asked for."""
    plan = find_plan(request.GET.get("plan", ""))
    if plan is None:
        raise NotFoundError(_("There is no plan in force by that name that estimates."))
    count = min(_MOST_WEEKS, max(1, read_whole(request.GET.get("last", "")) or 12))
    as_of = read_moment(request.GET.get("as_of", "")) or visit.now
    by = read_dimension(request.GET.get("by", ""))
    periods = read_periods(plan=plan.plan.key, as_of=min(as_of, visit.now), last=count)
    each = [(rows, assemble(rows)) for rows in periods]
    span = assemble_span(periods)
    known = next((one for one in each if one[1].standing is Standing.KNOWN), None)
    return render(
        request,
        "qa/estimate.html",
        {
            "title": plan.plan.title,
            "crumbs": [
                Crumb(_("Quality")),
                Crumb(_("How good it was"), reverse("admin:quality")),
                Crumb(_("How it was made")),
            ],
            "plan": plan,
            "plans": list_plans(),
            "last": count,
            "as_of": as_of,
            "by": by,
            "choices": [(one.value, NAMES[one]) for one in SHOWN_BY],
            "rows": [_period(rows) for rows in each],
            "trend": describe_trend(say.points_of(each)),
            "span": span,
            "whole": say.say_estimate(span.used),
            "left": [say.period_name(rows) for rows, one in each if one.used is None],
            "breakdown": _broken(periods, by),
            "newest": say.period_name(known[0]) if known else "",
            "strata": [_stratum(one) for one in (known[0].strata if known else ()) if one.size],
            "ways": say.say_ways(known[1]) if known else [],
            "advice": [_advice(one) for one in advise(known[0], _budgets(known[0]))]
            if known
            else [],
            "target": say.say_target(span),
            "enough": reviews_to_tell(known[0]) if known else None,
            "newest_target": say.say_target(known[1]) if known else None,
        },
    )


def read_moment(text: str) -> datetime | None:
    """Return a moment that somebody typed, in their zone where it names none; None for none."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    if found is not None and timezone.is_naive(found):
        return timezone.make_aware(found)
    return found


def read_dimension(text: str) -> Dimension:
    """Return the dimension that an address names; risk for none of them."""
    return next((one for one in SHOWN_BY if one.value == text), Dimension.RISK)


def _period(one: Any) -> dict[str, Any]:
    rows, figures = one
    return {
        "name": say.period_name(rows),
        "days": say.period_days(rows),
        "rows": rows,
        "figures": figures,
        "estimate": say.say_estimate(figures.used),
        "why": say.why_none(rows, figures),
        "target": say.say_target(figures),
        "short": [say.stratum_name(name) for name in figures.short],
    }


def _broken(periods: list[PeriodRows], by: Dimension) -> dict[str, Any]:
    found = break_down(periods, by)
    return {
        "title": NAMES[by],
        "cells": [_cell(one) for one in found.cells],
        "held_back": found.held_back,
    }


def _cell(one: CellFigures) -> dict[str, Any]:
    return {
        "name": words.plain(one.value) if one.value else _("not known"),
        "reviews": one.reviews,
        "size": one.size,
        "estimate": say.say_estimate(one.estimate),
        "bar": interval_bar(one),
    }


def interval_bar(one: CellFigures) -> dict[str, float] | None:
    """Return an interval as a picture 120 wide, 0 to 100 %."""
    found = one.estimate
    if found is None or found.value is None or found.interval is None:
        return None
    ends = {"at": found.value, "low": found.interval.low, "high": found.interval.high}
    return {name: round(120 * share, 1) for name, share in ends.items()}


def _stratum(one: Stratum) -> dict[str, Any]:
    done = len(one.reviews)
    return {
        "name": say.stratum_name(one.name) if one.name else _("all"),
        "size": one.size,
        "drawn": one.drawn,
        "done": done,
        "lost": one.lost,
        "passed": sum(each.passed for each in one.reviews),
        "stands_for": f"{one.size / done:.1f}" if done else "",
        "judged": one.judged,
        "would_pass": percent(one.would_pass / one.judged) if one.judged else "",
        "short": is_short(one),
    }


def _budgets(rows: PeriodRows) -> list[int]:
    """Return the numbers of reviews that fit a population; parts of a small one."""
    whole = sum(one.size for one in rows.strata)
    fitting = [one for one in BUDGETS if one <= whole]
    return fitting or sorted({round(whole * part / 4) or 1 for part in range(1, 5)})


def _advice(one: Advice) -> dict[str, Any]:
    return {
        "reviews": one.reviews,
        "alone": percent(one.alone),
        "checked": percent(one.checked) if one.checked is not None else "",
        "hours": f"{one.seconds / _HOUR:.0f}" if one.seconds else "",
        "tells": one.tells,
    }
