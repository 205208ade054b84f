"""One metric of one period from rows, one by one: what the columns are checked against."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from qa.measurement.facts.types import CaseFacts
from qa.measurement.measured import (
    Behind,
    Line,
    Measured,
    Period,
    in_percent,
    pair,
    percent,
)
from qa.measurement.metrics.breakdowns import break_down, mix_of, value_of
from qa.measurement.metrics.common import Figure
from qa.measurement.metrics.completeness import audit_completeness
from qa.measurement.metrics.durations import Measure, calendar_clock
from qa.measurement.metrics.exceptions import exception_rate, one_for_each_key
from qa.measurement.metrics.recontact import (
    first_contact_resolution,
    match_returns,
    recontact_rate,
)
from qa.measurement.metrics.transfers import HEADLINE, transfer_rate, type_of
from qa.measurement.rows import ClosedCase, FactState, OwnerKind
from qa.measurement.types import Breakdown, Metric, MetricSpec
from qa.measurement.types import Measure as Unit
from tests.qa.measurement.columns.by_rows_times import Found, durations, leaves, thin, work

Json = Any

_FINE: Final = frozenset(
    {FactState.PRESENT, FactState.LATE, FactState.TOMBSTONE, FactState.RETENTION_OVER}
)


def measure(
    *,
    spec: MetricSpec,
    cases: Sequence[CaseFacts],
    period: Period,
    clock: Measure = calendar_clock,
) -> Measured:
    """Return a metric over a period as its definition says.

    Args:
        spec: The definition.
        cases: All that may matter; what does not belong to the period is passed over.
        period: Which.
        clock: How time passes, for times.
    """
    found, behind = _FORMULAS[spec.formula](spec, cases, period, clock)
    if spec.measure is Unit.PERCENT:
        found = replace(found, figure=in_percent(found.figure))
    if behind and not found.breakdowns:
        found = replace(
            found, breakdowns=_cut(spec, behind), strata=_strata(behind, spec.minimum_cases)
        )
    return found


def list_behind(*, spec: MetricSpec, cases: Sequence[CaseFacts], period: Period) -> list[Behind]:
    """Return everything behind a number, hits first."""
    _, behind = _FORMULAS[spec.formula](spec, cases, period, calendar_clock)
    return sorted(behind, key=lambda one: (not one.hit, one.case))


def _recontact(
    spec: MetricSpec, cases: Sequence[CaseFacts], period: Period, clock: Measure
) -> Found:
    del clock
    episodes = [one for facts in cases for one in facts.episodes]
    contacts = [one for facts in cases for one in facts.contacts]
    matching = match_returns(episodes, contacts)
    own = [one for one in episodes if period.has(one.resolved_at)]
    found = recontact_rate(
        own,
        contacts,
        now=period.now,
        window_days=spec.settings.window_days or 7,
        curve_days=spec.settings.curve_days or (1, 3, 7, 14, 30),
        reasons=spec.left_out,
        matching=matching,
    )
    back = {
        key
        for key, one in matching.first.items()
        if one.days <= (spec.settings.window_days or 7) and one.contact.at <= period.now
    }
    kept = [one for one in own if not leaves(one.left_out, spec) and not one.withdrawn]
    behind = [Behind(one.case, one.of, (one.case, one.number) in back) for one in kept]
    windows = {
        str(one.days): {"seen": float(one.seen)}
        | ({} if one.value is None else {"value": 100 * one.value})
        | (
            {}
            if one.interval is None
            else {"low": 100 * one.interval.low, "high": 100 * one.interval.high}
        )
        for one in found.windows
    }
    curve = tuple(
        (
            one.time,
            100 * (1 - one.share),
            100 * (1 - one.interval.high),
            100 * (1 - one.interval.low),
            one.at_risk,
        )
        for one in found.curve
    )
    return Measured(found.figure, thin(curve), counts=windows), behind


def _first_contact(
    spec: MetricSpec, cases: Sequence[CaseFacts], period: Period, clock: Measure
) -> Found:
    del clock
    episodes = [one for facts in cases for one in facts.episodes]
    contacts = [one for facts in cases for one in facts.contacts]
    matching = match_returns(episodes, contacts)
    own = [one for one in episodes if one.number == 1 and period.has(one.opened_at)]

    def figure(rows: Iterable[Any]) -> Figure:
        return first_contact_resolution(
            rows,
            contacts,
            now=period.now,
            window_days=spec.settings.window_days or 7,
            reasons=spec.left_out,
            matching=matching,
        )

    kept = [one for one in own if not leaves(one.left_out, spec)]
    told = [(one, figure([one])) for one in kept]
    behind = [Behind(one.case, one.of, bool(of.hits)) for one, of in told if of.n]
    return Measured(figure(own)), behind


def _transfers(
    spec: MetricSpec, cases: Sequence[CaseFacts], period: Period, clock: Measure
) -> Found:
    del clock
    contacts = [one for facts in cases for one in facts.contacts if period.has(one.at)]
    moves = [one for facts in cases for one in facts.handovers if one.at <= period.now]
    by_ai = frozenset(
        contact.id
        for facts in cases
        if any(row.owner_kind is OwnerKind.AI for row in facts.segments)
        for contact in facts.contacts
    )
    counted = spec.settings.transfers or HEADLINE
    minutes = spec.settings.return_minutes or 5
    found = transfer_rate(
        contacts,
        moves,
        counted=counted,
        return_minutes=minutes,
        reasons=spec.left_out,
        ai_contacts=by_ai,
    )
    escalates = spec.formula is Metric.ESCALATION_RATE
    if escalates:
        counted = HEADLINE[1:2]
    hit = {one.contact for one in moves if type_of(one, return_minutes=minutes) in counted}
    behind = [
        Behind(one.case, one.of, one.id in hit)
        for one in contacts
        if one.handled and not leaves(one.left_out, spec) and (not escalates or one.id in by_ai)
    ]
    figure = {
        Metric.ESCALATION_RATE: found.escalation,
        Metric.TRANSFERS_PER_100: found.per_100,
    }.get(spec.formula, found.rate)
    planned = found.with_planned.value
    figure = replace(
        figure,
        beside={
            "attempts": found.attempts,
            "with_planned": None if planned is None else 100 * planned,
        },
    )
    counts = {
        "by_type": {str(kind): float(count) for kind, count in found.by_type.items()},
        "reasons": {reason: float(count) for reason, count in sorted(found.reasons.items())},
    }
    return Measured(figure, counts=counts), behind


def _exceptions(
    spec: MetricSpec, cases: Sequence[CaseFacts], period: Period, clock: Measure
) -> Found:
    del clock
    by_case = spec.formula is Metric.EXCEPTION_RATE_CASES
    own = [facts for facts in cases if (not by_case or period.has(facts.opened_at))]
    steps = [
        one
        for facts in own
        for one in facts.steps
        if (by_case and one.started_at <= period.now) or period.has(one.started_at)
    ]
    wanted = frozenset(spec.settings.exceptions)
    names = [facts.case for facts in own if not leaves(facts.left_out, spec)]
    found = exception_rate(
        steps, cases=names if by_case else None, counted=wanted, reasons=spec.left_out
    )
    figure = {
        Metric.EXCEPTION_RATE_CASES: found.cases,
        Metric.RECOVERED_RATE: found.recovered,
    }.get(spec.formula, found.steps)
    if by_case:
        left: dict[str, int] = defaultdict(int)
        for facts in own:
            if leaves(facts.left_out, spec):
                left[str(facts.left_out)] += 1
        figure = replace(figure, left_out=dict(sorted(left.items())))
    recovered = percent(found.recovered.value)
    figure = replace(
        figure,
        beside={
            **figure.beside,
            "steps": found.steps.n,
            "steps_with": found.steps.hits,
            "recovered": recovered,
            "consequences": found.consequences,
        },
    )
    rows = one_for_each_key(one for one in steps if not leaves(one.left_out, spec))
    bad = {one.case for one in rows if one.exception in wanted and not one.recovered}
    behind = (
        [
            Behind(facts.case, facts.of, facts.case in bad)
            for facts in own
            if not leaves(facts.left_out, spec)
        ]
        if by_case
        else [
            Behind(one.case, one.of, one.exception in wanted and not one.recovered and not one.root)
            for one in rows
        ]
    )
    counts = {"by_kind": {str(kind): float(n) for kind, n in sorted(found.by_kind.items())}}
    return Measured(figure, counts=counts), behind


def _completeness(
    spec: MetricSpec, cases: Sequence[CaseFacts], period: Period, clock: Measure
) -> Found:
    del clock
    closed = [
        ClosedCase(
            facts.case, facts.closed_at, facts.required, left_out=facts.left_out, of=facts.of
        )
        for facts in cases
        if facts.closed_at is not None and period.has(facts.closed_at)
    ]
    found = audit_completeness(closed, reasons=spec.left_out)
    figure = found.facts if spec.formula is Metric.AUDIT_COMPLETENESS_FACTS else found.cases
    strict = [one for risk, one in found.by_risk.items() if risk in ("high", "critical")]
    figure = replace(
        figure,
        beside={
            "late": found.late,
            "retention_over": found.retention_over,
            "unconfigured": len(found.unconfigured),
            "strict": sum(one.n for one in strict),
            "strict_incomplete": sum(one.n - (one.hits or 0) for one in strict),
        },
    )
    counts = {"missing": {kind: float(n) for kind, n in sorted(found.missing.items())}}
    behind = [
        Behind(one.case, one.of, all(fact.state in _FINE for fact in one.facts))
        for one in closed
        if one.facts and not leaves(one.left_out, spec)
    ]
    return Measured(figure, counts=counts), behind


_Formula = Callable[[MetricSpec, Sequence[CaseFacts], Period, Measure], Found]
_FORMULAS: Final[Mapping[Metric, _Formula]] = {
    Metric.RECONTACT_RATE: _recontact,
    Metric.FIRST_CONTACT_RESOLUTION: _first_contact,
    Metric.TRANSFER_RATE: _transfers,
    Metric.TRANSFERS_PER_100: _transfers,
    Metric.ESCALATION_RATE: _transfers,
    Metric.TIME_TO_RESOLUTION: durations,
    Metric.AFTER_CONTACT_WORK: work,
    Metric.AFTER_CONTACT_WORK_SHARE: work,
    Metric.EXCEPTION_RATE_STEPS: _exceptions,
    Metric.EXCEPTION_RATE_CASES: _exceptions,
    Metric.RECOVERED_RATE: _exceptions,
    Metric.AUDIT_COMPLETENESS_FACTS: _completeness,
    Metric.AUDIT_COMPLETENESS_CASES: _completeness,
}


def _cut(spec: MetricSpec, behind: Sequence[Behind]) -> dict[str, tuple[Line, ...]]:
    return {str(one): _cut_by(one, behind, spec.minimum_cases) for one in spec.breakdowns}


def _cut_by(breakdown: Breakdown, behind: Sequence[Behind], minimum: int) -> tuple[Line, ...]:
    cells = break_down(
        behind,
        key=lambda one: value_of(one.of, breakdown),
        hit=lambda one: one.hit,
        minimum=minimum,
    )
    return tuple(
        Line(cell.key, cell.n, percent(cell.share), *(pair(cell.interval, 100))) for cell in cells
    )


def _strata(behind: Sequence[Behind], minimum: int) -> dict[str, tuple[int, int]]:
    """Return hits and totals by stratum, where there are enough in all to tell any of them."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in behind:
        own = counts[" / ".join(mix_of(one.of))]
        own[0] += one.hit
        own[1] += 1
    if len(behind) < minimum:
        return {}
    return {name: (hits, total) for name, (hits, total) in sorted(counts.items())}
