"""Two spans or two versions of one metric beside each other, with the test that fits; pure.

Shares by Newcombe's interval of the difference; returns, which are read off a curve, and means
by the interval of Zou and Donner, which is Newcombe's where both are shares; times by the
difference of their restricted means and by the log-rank test over the whole curve.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from qa.measurement.facts.types import CaseFacts
from qa.measurement.formulas.shares import Share, newcombe
from qa.measurement.formulas.survival import Timed
from qa.measurement.measured import Behind, Period, pair, rising, thin
from qa.measurement.measuring import list_behind
from qa.measurement.metrics.breakdowns import value_of
from qa.measurement.metrics.durations import (
    Measure,
    Resolution,
    calendar_clock,
    compare,
    time_to_resolution,
)
from qa.measurement.metrics.recontact import match_returns, recontact_rate
from qa.measurement.metrics.work import after_contact_work
from qa.measurement.rows import CaseTimes, Dimensions
from qa.measurement.standing import Reading, change
from qa.measurement.types import Breakdown, Metric, MetricSpec

Curve = tuple[tuple[float, float, float, float, int], ...]

#: Shares of things each of which counts or does not, so that parts add up to the whole.
ADDS_UP: Final = frozenset(
    {
        Metric.RECONTACT_RATE,
        Metric.FIRST_CONTACT_RESOLUTION,
        Metric.TRANSFER_RATE,
        Metric.ESCALATION_RATE,
        Metric.EXCEPTION_RATE_STEPS,
        Metric.EXCEPTION_RATE_CASES,
        Metric.AUDIT_COMPLETENESS_CASES,
    }
)
COMPARABLE: Final = ADDS_UP | {Metric.TIME_TO_RESOLUTION, Metric.AFTER_CONTACT_WORK}


class Basis(StrEnum):
    """What the difference comes from."""

    NEWCOMBE = "newcombe"
    TWO_INTERVALS = "two_intervals"
    RESTRICTED_MEAN = "restricted_mean"


@dataclass(frozen=True, slots=True)
class Cohort:
    """What is looked at on one side.

    Attributes:
        begin: UTC.
        end: UTC, the moment after.
        only: Dimension to the one value that counts; a version leaves out cases that moved to
            another while they ran.
    """

    begin: datetime
    end: datetime
    only: Mapping[Breakdown, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison, in the metric's unit.

    Attributes:
        open: Not over yet; they count as long as seen.
        moved: Cases that changed version while they ran, left out.
        further: Nine in ten of a time; None for all else.
        behind: Everything it is made of, for what moved it; empty where parts do not add up.
    """

    n: int
    reading: Reading
    open: int = 0
    moved: int = 0
    further: Reading | None = None
    curve: Curve = ()
    behind: tuple[Behind, ...] = ()


@dataclass(frozen=True, slots=True)
class Contrast:
    """Both sides, and the second less the first.

    Attributes:
        difference: None where one side is not known.
        means: Of a time, both restricted means.
        p_value: Of a time, that of the log-rank test; None where nothing tells them apart.
    """

    first: Side
    second: Side
    basis: Basis
    difference: Reading | None
    means: tuple[float, float] | None = None
    p_value: float | None = None


def contrast(
    *,
    spec: MetricSpec,
    first: tuple[Cohort, Sequence[CaseFacts]],
    second: tuple[Cohort, Sequence[CaseFacts]],
    now: datetime,
    clock: Measure = calendar_clock,
) -> Contrast:
    """Return two cohorts of a metric beside each other; the metric is one of ``COMPARABLE``.

    Args:
        spec: The definition.
        first: Which, and all cases that may matter to it.
        second: The same.
        now: Up to when was looked, UTC.
        clock: How time passes, for times.
    """
    if spec.formula is Metric.TIME_TO_RESOLUTION:
        return _times(spec, first, second, now, clock)
    side = {Metric.RECONTACT_RATE: _returns, Metric.AFTER_CONTACT_WORK: _work}.get(
        spec.formula, _share
    )
    one, two = side(spec, *first, now), side(spec, *second, now)
    if side is _share:
        return Contrast(one, two, Basis.NEWCOMBE, _newcombe(one, two))
    return Contrast(one, two, Basis.TWO_INTERVALS, change(two.reading, one.reading))


def shares_of(behind: Iterable[Behind], by: Breakdown) -> dict[str, Share]:
    """Return the share of each part of one side, the small ones too; not to be shown as it is."""
    counts: dict[str, list[int]] = {}
    for one in behind:
        own = counts.setdefault(value_of(one.of, by), [0, 0])
        own[0] += one.hit
        own[1] += 1
    return {name: Share(hits, total) for name, (hits, total) in counts.items()}


def _share(spec: MetricSpec, cohort: Cohort, cases: Sequence[CaseFacts], now: datetime) -> Side:
    behind, moved = _behind(spec, cohort, cases, now)
    share = Share(sum(one.hit for one in behind), len(behind))
    interval = share.interval()
    low, high = pair(interval, 100)
    value = None if share.value is None else 100 * share.value
    return Side(share.total, Reading(value, low, high), moved=moved, behind=behind)


def _newcombe(first: Side, second: Side) -> Reading | None:
    one, two = (Share(sum(b.hit for b in side.behind), side.n) for side in (first, second))
    found = newcombe(two, one)
    if found is None or one.value is None or two.value is None:
        return None
    return Reading(100 * (two.value - one.value), 100 * found.low, 100 * found.high)


def _returns(spec: MetricSpec, cohort: Cohort, cases: Sequence[CaseFacts], now: datetime) -> Side:
    kept, moved = _unmoved(cohort, cases)
    episodes = [one for facts in cases for one in facts.episodes]
    contacts = [one for facts in cases for one in facts.contacts]
    period = _period(cohort, now)
    own = [
        one
        for facts in kept
        for one in facts.episodes
        if period.has(one.resolved_at) and _matches(one.of, cohort)
    ]
    found = recontact_rate(
        own,
        contacts,
        now=now,
        window_days=spec.settings.window_days or 7,
        curve_days=spec.settings.curve_days or (1, 3, 7, 14, 30),
        reasons=spec.left_out,
        matching=match_returns(episodes, contacts),
    )
    figure = found.figure
    low, high = pair(figure.interval, 100)
    value = None if figure.value is None else 100 * figure.value
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
    behind, _moved = _behind(spec, cohort, cases, now)
    return Side(
        figure.n,
        Reading(value, low, high),
        open=figure.open,
        moved=moved,
        curve=thin(curve),
        behind=behind,
    )


def _work(spec: MetricSpec, cohort: Cohort, cases: Sequence[CaseFacts], now: datetime) -> Side:
    kept, moved = _unmoved(cohort, cases)
    period = _period(cohort, now)
    rows = [
        one
        for facts in kept
        for one in facts.work
        if period.has(one.wrapped_at) and _matches(one.of, cohort)
    ]
    cap = spec.settings.cap_minutes or 30
    figure = after_contact_work(rows, cap_minutes=cap, reasons=spec.left_out).mean
    return Side(figure.n, Reading(figure.value, *pair(figure.interval)), moved=moved)


def _times(
    spec: MetricSpec,
    first: tuple[Cohort, Sequence[CaseFacts]],
    second: tuple[Cohort, Sequence[CaseFacts]],
    now: datetime,
    clock: Measure,
) -> Contrast:
    one, two = _resolved(spec, *first, now, clock), _resolved(spec, *second, now, clock)
    left, right = _time_side(*one), _time_side(*two)
    days = spec.settings.horizon_days or 14
    if not (one[0].times and two[0].times):
        return Contrast(left, right, Basis.RESTRICTED_MEAN, None)
    # The pure comparison takes the first less the second; here it is the later less the earlier.
    found = compare(two[0], one[0], horizon_days=days)
    interval = found.mean.interval
    return Contrast(
        left,
        right,
        Basis.RESTRICTED_MEAN,
        Reading(found.mean.value, interval.low, interval.high),
        means=(one[0].mean.value, two[0].mean.value),
        p_value=found.whole.p_value if found.whole else None,
    )


def _resolved(
    spec: MetricSpec, cohort: Cohort, cases: Sequence[CaseFacts], now: datetime, clock: Measure
) -> tuple[Resolution, int]:
    kept, moved = _unmoved(cohort, cases)
    period = _period(cohort, now)
    hours = spec.settings.continues_within_hours
    own = [
        CaseTimes(
            facts.case,
            facts.opened_at,
            facts.episodes,
            facts.segments,
            (),
            facts.migrated,
            facts.left_out,
            facts.of,
        )
        for facts in kept
        if period.has(facts.opened_at) and _matches(facts.of, cohort)
    ]
    found = time_to_resolution(
        own,
        now=now,
        measure=clock,
        continues_within_hours=24 if hours is None else hours,
        horizon_days=spec.settings.horizon_days or 14,
        reasons=spec.left_out,
    )
    return found, moved


def _time_side(found: Resolution, moved: int) -> Side:
    times: tuple[Timed, ...] = found.times
    return Side(
        len(times),
        Reading(found.median.value, found.median.low, found.median.high),
        open=found.figure.open,
        moved=moved,
        further=Reading(found.p90.value, found.p90.low, found.p90.high),
        curve=thin(rising(found.curve)),
    )


def _behind(
    spec: MetricSpec, cohort: Cohort, cases: Sequence[CaseFacts], now: datetime
) -> tuple[tuple[Behind, ...], int]:
    kept, moved = _unmoved(cohort, cases)
    names = {facts.case for facts in kept}
    found = list_behind(spec=spec, cases=cases, period=_period(cohort, now))
    return (
        tuple(one for one in found if one.case in names and _matches(one.of, cohort)),
        moved,
    )


def _unmoved(cohort: Cohort, cases: Sequence[CaseFacts]) -> tuple[list[CaseFacts], int]:
    """Return the cases that count, and how many moved to another version of what is asked."""
    if Breakdown.CUE_SHEET_VERSION not in cohort.only:
        return list(cases), 0
    kept = [facts for facts in cases if not facts.migrated]
    moved = [
        facts
        for facts in cases
        if facts.migrated
        and cohort.begin <= facts.opened_at < cohort.end
        and _matches(facts.of, cohort)
    ]
    return kept, len(moved)


def _period(cohort: Cohort, now: datetime) -> Period:
    return Period(cohort.begin, cohort.end, now)


def _matches(of: Dimensions, cohort: Cohort) -> bool:
    return all(value_of(of, by) == value for by, value in cohort.only.items())
