"""Figures of quality as files, CSV or Parquet: estimates, one AI over time, a drawn sample.

That one was taken out is an entry of the ledger.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.access_files import csv_answer, parquet_answer
from governance.admin.visit import Visit, page
from governance.ledger.services import record_read
from orchestra.core.clock import rfc3339
from orchestra.core.errors import NotFoundError
from qa.estimates.types import Estimate
from qa.figures.assembling import assemble, profile
from qa.figures.selectors import find_plan, list_outcomes, read_periods
from qa.figures.types import CellFigures, Figures, Outcome, PeriodRows
from qa.population.types import Dimension, HandledBy
from qa.sampling import showing
from qa.sampling.models import SamplingPlanVersion
from qa.sampling.types import PeriodState

Line = list[object]

_MOST_PERIODS: Final = 520
ESTIMATES: Final = {
    "plan": "text",
    "plan_version": "whole",
    "period": "text",
    "starts_at": "time",
    "ends_at": "time",
    "standing": "text",
    "population": "whole",
    "drawn": "whole",
    "reviewed": "whole",
    "no_answer": "whole",
    "checked": "whole",
    "checks_alone": "number",
    "reviews_unweighted": "number",
    "reviews_weighted": "number",
    "estimate": "number",
    "low": "number",
    "high": "number",
    "standard_error": "number",
    "effective_reviews": "number",
    "design_effect": "number",
    "target": "number",
    "verdict": "text",
    "series": "text",
    "scorecards": "text",
    "upheld_disputes": "whole",
    "digest": "text",
}
PROFILE: Final = {
    "plan": "text",
    "by": "text",
    "value": "text",
    "period": "text",
    "starts_at": "time",
    "ends_at": "time",
    "reviews": "whole",
    "population": "whole",
    "estimate": "number",
    "low": "number",
    "high": "number",
    "standard_error": "number",
    "effective_reviews": "number",
    "design_effect": "number",
}
UNITS: Final = {
    "unit": "text",
    "label": "text",
    "stratum": "text",
    "place": "whole",
    "number": "text",
    "ended_at": "time",
    "inclusion_probability": "number",
    "stands_for": "number",
    "replaces": "text",
    "no_answer_for": "text",
    "checks_would_pass": "flag",
    "passed": "flag",
    "reviewed_at": "time",
}


@page("quality/estimate/file/", name="quality_file", capability=Capability.QUALITY_READ)
def quality_file(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Return a plan's periods."""
    plan = _plan(request)
    rows = read_periods(plan=plan.plan.key, as_of=visit.now, last=_MOST_PERIODS)
    record_read(actor=visit.actor, now=visit.now, what=f"quality estimates of {plan.plan.key}")
    lines = [_estimate_line(one, assemble(one)) for one in rows]
    return _answer(request, f"quality-{plan.plan.key}", ESTIMATES, lines)


@page("quality/ai/file/", name="quality_profile_file", capability=Capability.QUALITY_READ)
def quality_profile_file(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Return one AI version, or one AI agent over all its versions, period by period."""
    plan = _plan(request)
    by = Dimension.AGENT if "agent" in request.GET else Dimension.AI_VERSION
    value = request.GET.get(by.value, "")
    periods = read_periods(plan=plan.plan.key, as_of=visit.now, last=_MOST_PERIODS)
    if value not in ai_values(periods, by):
        raise NotFoundError(_("Nothing of that was reviewed."))
    record_read(actor=visit.actor, now=visit.now, what=f"quality over time of {value}")
    found = profile(periods, by, value)
    lines = [
        [plan.plan.key, by.value, value, *_profile_line(rows, cell)]
        for rows, cell in zip(periods, found.each, strict=True)
    ]
    return _answer(request, f"quality-{by.value}", PROFILE, lines)


@page("samples/<uuid:sample_id>/units/", name="sample_units", capability=Capability.QUALITY_LEAD)
def sample_units(request: HttpRequest, visit: Visit, sample_id: UUID) -> HttpResponse:
    """Return what was drawn, with each unit's chance, and what its first review found."""
    period = showing.list_periods().filter(public_id=sample_id).first()
    if period is None or period.state != PeriodState.DRAWN:
        raise NotFoundError(_("There is no such sample, or its numbers are held."))
    record_read(actor=visit.actor, now=visit.now, what=f"units of the sample {sample_id}")
    lines = [_unit_line(one) for one in list_outcomes(period=period.pk, as_of=visit.now)]
    return _answer(request, f"sample-{period.starts_at:%Y-%m-%d}", UNITS, lines)


def ai_values(periods: Sequence[PeriodRows], by: Dimension) -> list[str]:
    """Return what was reviewed of AI agents; people are no choice here."""
    found = {
        each.values.get(by, "")
        for rows in periods
        for one in rows.strata
        for each in one.reviews
        if each.values.get(Dimension.HANDLED_BY) == HandledBy.AI
    }
    return sorted(found - {""})


def _plan(request: HttpRequest) -> SamplingPlanVersion:
    plan = find_plan(request.GET.get("plan", ""))
    if plan is None:
        raise NotFoundError(_("There is no plan in force by that name that estimates."))
    return plan


def _answer(
    request: HttpRequest, name: str, columns: Mapping[str, str], lines: Sequence[Line]
) -> HttpResponse:
    """Return rows as CSV, or as Parquet where the address asks for it."""
    if request.GET.get("as") == "parquet":
        return parquet_answer(name=f"{name}.parquet", columns=columns, rows=lines)
    rows = ([_as_text(value) for value in line] for line in lines)
    return csv_answer(name=f"{name}.csv", header=tuple(columns), rows=rows)


def _as_text(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return rfc3339(value) if isinstance(value, datetime) else value


def _estimate_line(rows: PeriodRows, found: Figures) -> Line:
    return [
        rows.plan,
        rows.version,
        rows.period,
        rows.starts_at,
        rows.ends_at,
        found.standing.value,
        found.size,
        found.drawn,
        found.reviewed,
        found.lost,
        found.checked,
        found.judge_alone,
        found.unweighted,
        found.weighted.value if found.weighted else None,
        *_estimated(found.used),
        found.target,
        found.verdict.value if found.verdict else None,
        rows.series,
        " ".join(rows.editions),
        rows.upheld,
        found.digest,
    ]


def _estimated(found: Estimate | None) -> Line:
    """Return value, interval, error, effective number and design effect; nothing of none."""
    if found is None or found.interval is None:
        return [None] * 6
    return [
        found.value,
        found.interval.low,
        found.interval.high,
        found.standard_error,
        found.effective,
        found.clustered,
    ]


def _profile_line(rows: PeriodRows, cell: CellFigures) -> Line:
    told = [rows.period, rows.starts_at, rows.ends_at, cell.reviews, cell.size]
    return [*told, *_estimated(cell.estimate)]


def _unit_line(one: Outcome) -> Line:
    return [
        one.unit,
        one.label,
        one.stratum,
        one.place,
        one.number,
        one.ended_at,
        one.drawn_of_stratum / one.size_of_stratum if one.size_of_stratum else None,
        one.size_of_stratum / one.drawn_of_stratum if one.drawn_of_stratum else None,
        one.replaces,
        one.lost_for,
        one.judged,
        one.passed,
        one.reviewed_at,
    ]
