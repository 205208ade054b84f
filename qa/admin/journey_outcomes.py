"""One journey on one page: the six outcomes, its quality, and whether it is ready."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.journeys.models import CueSheet
from cases.readiness.selectors import readiness_of
from governance.access.types import Capability, Role
from governance.admin.visit import Crumb, Visit, page, render
from orchestra.core.errors import NotFoundError
from orchestra.core.together import Reading, all_of, answer, read
from qa.admin import metric_words as words
from qa.admin.metric_charts import Spot, describe_trend
from qa.admin.outcomes import week_label
from qa.admin.targets import describe_alert
from qa.figures.assembling import profile
from qa.figures.selectors import reading_periods, reading_plan
from qa.measurement import sentences as say
from qa.measurement.models import MetricCell
from qa.measurement.selectors import list_cells, list_in_force
from qa.measurement.selectors import spec_of as metric_of
from qa.measurement.services.computing import TREND_WEEKS
from qa.measurement.showing import SIX
from qa.measurement.standing import judge
from qa.measurement.types import Direction, Goal, Measure, MetricSpec, Statistic
from qa.population.types import Dimension
from qa.targets.checking import BY_JOURNEY
from qa.targets.models import OutcomeTargetVersion
from qa.targets.selectors import (
    last_weeks_of,
    list_open_alerts,
    list_targets_of,
    spec_of,
    weeks_of,
)
from qa.targets.sentences import goal_words
from qa.targets.types import TargetSpec

_PERIODS: Final = 4


@page("journey-outcomes/", name="journey_outcomes_list", capability=Capability.METRIC_READ)
def journey_outcomes_list(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every cue sheet, each leading to its outcomes, with the alerts that are open."""
    del visit
    open_alerts: dict[str, int] = defaultdict(int)
    for alert in list_open_alerts():
        open_alerts[alert.version.journey] += 1
    sheets = CueSheet.objects.order_by("title", "pk").values_list("key", "title")
    return render(
        request,
        "qa/journey_outcomes_list.html",
        {
            "title": _("Journeys by outcome"),
            "crumbs": [Crumb(_("Measure")), Crumb(_("Journeys by outcome"))],
            "rows": [
                {
                    "title": title,
                    "link": reverse("admin:journey_outcomes", args=[key]),
                    "alerts": open_alerts[key],
                }
                for key, title in sheets
            ],
        },
    )


@page("journey-outcomes/<str:key>/", name="journey_outcomes", capability=Capability.METRIC_READ)
def journey_outcomes(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show one journey: its outcomes of the last weeks, quality, readiness and alerts."""
    since = (visit.now - timedelta(weeks=TREND_WEEKS + 1)).date()
    told = answer(
        all_of(
            {
                "sheets": read(CueSheet.objects.filter(key=key)),
                "metrics": read(list_in_force()),
                "cells": read(list_cells(keys=SIX, since=since)),
                "targets": read(list_targets_of(journey=key)),
                "alerts": read(list_open_alerts().filter(version__journey=key)),
                "quality": _quality(visit, key),
            }
        )
    )
    if not told["sheets"]:
        raise NotFoundError(_("There is no such cue sheet."))
    [sheet] = told["sheets"]
    metrics = {version.metric.key: metric_of(version) for version in told["metrics"]}
    cells: dict[str, list[MetricCell]] = defaultdict(list)
    for cell in told["cells"]:
        cells[cell.key].append(cell)
    return render(
        request,
        "qa/journey_outcomes.html",
        {
            "title": sheet.title,
            "crumbs": [
                Crumb(_("Measure")),
                Crumb(_("Journeys by outcome"), reverse("admin:journey_outcomes_list")),
                Crumb(sheet.title),
            ],
            "cards": [
                _card(metrics[one], cells[one], key, told["targets"])
                for one in SIX
                if one in metrics
            ],
            "alerts": [describe_alert(one, metrics) for one in told["alerts"]],
            "quality": told["quality"],
            "readiness": _readiness(visit, key),
            "now_link": f"{reverse('admin:journeys')}?sheet={sheet.key}"
            if visit.may(Capability.CASE_READ)
            else "",
            "sheet_link": reverse("admin:cue_sheet", args=[key])
            if visit.may(Capability.CUE_SHEET_READ)
            else "",
        },
    )


def _card(
    metric: MetricSpec,
    cells: Sequence[MetricCell],
    journey: str,
    targets: Sequence[OutcomeTargetVersion],
) -> dict[str, Any]:
    asked = _asked(metric, journey)
    compare = reverse("admin:outcome_compare", args=[metric.key])
    card = {
        "title": metric.title,
        "link": f"{compare}?journey={journey}",
        "is_cut": metric.formula in BY_JOURNEY,
        "verdicts": [],
    }
    if metric.formula not in BY_JOURNEY:
        return card
    reading, n = last_weeks_of(cells, asked, metric)
    few = n < metric.minimum_cases
    own = [spec_of(one) for one in targets if one.metric == metric.key]
    return card | {
        "few": few,
        "minimum": metric.minimum_cases,
        "n": n,
        "value": words.amount(None if few else reading.value, metric),
        "span": "" if few else words.span(reading, metric),
        "statistic": say.STATISTICS[metric.statistics[0]] if metric.statistics else "",
        "verdicts": []
        if few
        else [_verdict(one, metric, cells) for one in own if one.statistic is not Statistic.P90],
        "trend": describe_trend(
            [
                Spot(week_label(one.begin), one.value, one.low, one.high)
                for one in weeks_of(cells, asked, metric)
            ],
            unit=str(say.MEASURES[metric.measure]),
            target=own[0].value if own else None,
            most=100 if metric.measure is Measure.PERCENT else None,
        ),
    }


def _asked(metric: MetricSpec, journey: str) -> TargetSpec:
    """Return for which journey and statistic numbers are read; there is no target in it."""
    return TargetSpec(
        key=metric.key,
        title=metric.title,
        metric=metric.key,
        value=0.0,
        at_most=metric.better is Direction.LOWER,
        owner=Role(metric.owner),
        why="",
        statistic=metric.statistics[0] if metric.statistics else None,
        journey=journey,
    )


def _verdict(target: TargetSpec, metric: MetricSpec, cells: Sequence[MetricCell]) -> dict[str, Any]:
    reading, _n = last_weeks_of(cells, target, metric)
    verdict = judge(reading, Goal(target.value, target.statistic), metric.better)
    text, css = words.VERDICTS[verdict]
    return {
        "goal": goal_words(target, metric.measure),
        "text": text,
        "css": css,
        "link": reverse("admin:outcome_target", args=[target.key]),
    }


def _quality(visit: Visit, key: str) -> Reading[dict[str, Any] | None]:
    """Come to how good reviewed work of the journey was; None where no plan estimates."""
    plan = (yield from reading_plan()) if visit.may(Capability.QUALITY_READ) else None
    if plan is None:
        return None
    periods = yield from reading_periods(plan=plan.plan.key, as_of=visit.now, last=_PERIODS)
    found = profile(periods, Dimension.JOURNEY, key).together
    estimate = found.estimate
    if estimate is None or estimate.value is None or estimate.interval is None:
        return {"known": False, "plan": plan.plan.title}
    return {
        "known": True,
        "plan": plan.plan.title,
        "reviews": found.reviews,
        "value": f"{100 * estimate.value:.1f} %",
        "span": f"{100 * estimate.interval.low:.1f} – {100 * estimate.interval.high:.1f}",  # noqa: RUF001
    }


def _readiness(visit: Visit, key: str) -> dict[str, Any] | None:
    if not visit.may(Capability.CUE_SHEET_READ):
        return None
    _seen, found = readiness_of(key=key, now=visit.now)
    return {
        "passed": found.passed,
        "of": found.total,
        "verified": found.verified_cases,
        "link": reverse("admin:start_here"),
    }
