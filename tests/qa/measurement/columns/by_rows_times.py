"""Time to resolution and after-contact work of a period from rows, one by one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qa.measurement.facts.types import CaseFacts
from qa.measurement.formulas.survival import Point
from qa.measurement.measured import (
    Behind,
    Measured,
    Period,
    ends,
    lines,
    pair,
    percent,
)
from qa.measurement.metrics.breakdowns import value_of
from qa.measurement.metrics.durations import Measure, time_to_resolution
from qa.measurement.metrics.work import after_contact_work
from qa.measurement.rows import CaseTimes, Stretch
from qa.measurement.types import LeftOut, Metric, MetricSpec

Found = tuple[Measured, list[Behind]]
Steps = tuple[tuple[float, float, float, float, int], ...]


def durations(
    spec: MetricSpec, cases: Sequence[CaseFacts], period: Period, clock: Measure
) -> Found:
    """Return time to resolution over the cases opened in a period."""
    own = [
        CaseTimes(
            facts.case,
            facts.opened_at,
            facts.episodes,
            facts.segments,
            tuple(
                Stretch(one.begin, min(one.end or period.now, period.now))
                for one in facts.waits
                if one.begin <= period.now
            ),
            facts.migrated,
            facts.left_out,
            facts.of,
        )
        for facts in cases
        if period.has(facts.opened_at)
    ]
    hours = spec.settings.continues_within_hours
    given: dict[str, Any] = {
        "now": period.now,
        "measure": clock,
        "continues_within_hours": 24 if hours is None else hours,
        "horizon_days": spec.settings.horizon_days or 14,
        "reasons": spec.left_out,
    }
    found = time_to_resolution(own, **given)
    figure = replace(
        found.figure,
        interval=ends(found.median.low, found.median.high),
        beside={
            **found.figure.beside,
            "mean": found.mean.value,
            "mean_variance": found.mean.variance,
            "withdrawn": found.withdrawn,
        },
    )
    behind = [
        Behind(one.case, one.of, not one.episodes or one.episodes[-1].resolved_at is None)
        for one in own
        if not leaves(one.left_out, spec)
    ]
    cuts = {}
    for breakdown in spec.breakdowns:
        groups: dict[str, list[CaseTimes]] = defaultdict(list)
        for one in own:
            if not leaves(one.left_out, spec):
                groups[value_of(one.of, breakdown)].append(one)
        told = {name: time_to_resolution(rows, **given) for name, rows in groups.items()}
        cuts[str(breakdown)] = lines(
            {
                name: (of.figure.n, of.median.value, of.median.low, of.median.high)
                for name, of in told.items()
            },
            spec.minimum_cases,
        )
    return Measured(figure, thin(rising(found.curve)), cuts), behind


def work(spec: MetricSpec, cases: Sequence[CaseFacts], period: Period, clock: Measure) -> Found:
    """Return after-contact work over the wrap-ups that ended in a period."""
    del clock
    rows = [one for facts in cases for one in facts.work if period.has(one.wrapped_at)]
    cap = spec.settings.cap_minutes or 30
    found = after_contact_work(rows, cap_minutes=cap, reasons=spec.left_out)
    is_share = spec.formula is Metric.AFTER_CONTACT_WORK_SHARE
    figure = found.share if is_share else found.mean
    figure = replace(
        figure,
        beside={
            "timed_out": percent(found.timed_out.value),
            "capped": percent(found.capped.value),
            "back_office_minutes": found.back_office_minutes,
        },
    )
    kept = [one for one in rows if not leaves(one.left_out, spec)]
    cuts = {}
    for breakdown in spec.breakdowns:
        groups: dict[str, list[Any]] = defaultdict(list)
        for one in kept:
            groups[value_of(one.of, breakdown)].append(one)
        told = {
            name: after_contact_work(own, cap_minutes=cap, reasons=()).mean
            for name, own in groups.items()
        }
        cuts[str(breakdown)] = lines(
            {name: (of.n, of.value, *pair(of.interval)) for name, of in told.items()},
            spec.minimum_cases,
        )
    counts = {
        "drafts": {name: of.value for name, of in found.by_draft.items() if of.value is not None}
    }
    behind = [Behind(one.case, one.of, hit=True) for one in kept]
    return Measured(figure, breakdowns=cuts, counts=counts), behind


def rising(curve: Sequence[Point]) -> Steps:
    """Return a curve of shares in percent."""
    return tuple(
        (one.time, 100 * one.share, 100 * one.interval.low, 100 * one.interval.high, one.at_risk)
        for one in curve
    )


def thin(curve: Steps, most: int = 200) -> Steps:
    """Return at most so many steps, evenly over the number of steps, with the last of them."""
    if len(curve) <= most:
        return curve
    places = sorted({round(place * (len(curve) - 1) / (most - 1)) for place in range(most)})
    return tuple(curve[place] for place in places)


def leaves(reason: LeftOut | None, spec: MetricSpec) -> bool:
    """Return whether a row with a reason leaves the denominator of a definition."""
    return reason is not None and reason in spec.left_out
