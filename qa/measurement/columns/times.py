"""Time to resolution of the cases opened in a period, over columns; pure."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qa.measurement.columns.clocks import Clock
from qa.measurement.columns.codes import NEVER, moment
from qa.measurement.columns.curves import (
    Curve,
    in_order,
    incidence,
    quantile_of_incidence,
    restricted_mean,
    spread,
)
from qa.measurement.columns.cutting import Found, Groups, Marks, groups, sift, within
from qa.measurement.columns.types import Cases, Episodes, Facts, Waits, pick
from qa.measurement.measured import Line, Measured, Period, ends, lines
from qa.measurement.metrics.common import Figure
from qa.measurement.types import MetricSpec

Flags = NDArray[np.bool_]

_HOUR: Final = 3600.0
_MICROSECONDS: Final = 3_600_000_000
_CONTINUES: Final = 24
_HORIZON: Final = 14


@dataclass(frozen=True, slots=True)
class Ends:
    """How each case ended: in order of the cases.

    Attributes:
        times: Hours up to its resolution, its other ending, or now.
        net: The same less what was spent waiting for the customer or for others.
        waited: It waited for somebody.
        happened: It was resolved.
        otherwise: It ended in another way.
        unresolved: Its last episode is still open.
        reopened: It has more than one episode.
        without_contact: It was resolved again though nobody spoke to the customer.
    """

    times: NDArray[np.float64]
    net: NDArray[np.float64]
    waited: Flags
    happened: Flags
    otherwise: Flags
    unresolved: Flags
    reopened: Flags
    without_contact: Flags


def durations(spec: MetricSpec, facts: Facts, period: Period, clock: Clock) -> Found:
    """Return time to resolution over the cases opened in a period."""
    own, left, ended = ends_of(spec, facts, period, clock)
    order = in_order(ended.times)
    curve = incidence(ended.times[order], ended.happened[order], ended.otherwise[order])
    median = quantile_of_incidence(curve, share=0.5)
    p90 = quantile_of_incidence(curve, share=0.9)
    horizon = (spec.settings.horizon_days or _HORIZON) * 24.0
    net = in_order(ended.net)
    less = incidence(ended.net[net], ended.happened[net], ended.otherwise[net])
    mean = restricted_mean(ended.times[order], ended.happened[order], horizon=horizon)
    figure = Figure(
        value=median.value,
        interval=ends(median.low, median.high),
        n=len(own.id),
        left_out=dict(sorted(left.items())),
        open=_count(~ended.happened & ~ended.otherwise),
        beside={
            "low": median.low,
            "high": median.high,
            "p90": p90.value,
            "p90_low": p90.low,
            "p90_high": p90.high,
            "reopened": _count(ended.reopened),
            "without_contact": _count(ended.without_contact),
            "migrated": _count(own.migrated),
            "waited": _count(ended.waited),
            "net": quantile_of_incidence(less, share=0.5).value,
            "mean": mean.value,
            "mean_variance": mean.variance,
            "withdrawn": _count(ended.otherwise),
        },
    )
    cuts = {
        str(one): _cut(spec, groups(own.of[order], facts.mixes, one), ended, order)
        for one in spec.breakdowns
    }
    rising = spread(
        curve.times, 100 * curve.share, 100 * curve.low, 100 * curve.high, curve.at_risk
    )
    return Measured(figure, rising, cuts), Marks(own.id, own.of, ended.unresolved)


def ends_of(
    spec: MetricSpec, facts: Facts, period: Period, clock: Clock
) -> tuple[Cases, dict[str, int], Ends]:
    """Return the cases opened in a period, how many were left out for what, and how they ended."""
    opened = pick(facts.cases, within(facts.cases.opened_at, period))
    kept, left = sift(opened.left_out, spec)
    own = pick(opened, kept)
    return own, left, _ends(own, facts, spec, moment(period.now), clock)


def _ends(own: Cases, facts: Facts, spec: MetricSpec, now: int, clock: Clock) -> Ends:
    """Return how the cases ended, with soon returns for the same cause as one matter."""
    count = len(own.id)
    episodes, case = _in_order_of_cases(own, facts.episodes)
    hours = spec.settings.continues_within_hours
    wait = (_CONTINUES if hours is None else hours) * _MICROSECONDS
    first = np.append(True, case[1:] != case[:-1]) if len(case) else np.zeros(0, dtype=np.bool_)
    before = np.append(NEVER, episodes.resolved_at[:-1])[: len(case)]
    soon = (before != NEVER) & (episodes.opened_at - np.where(before == NEVER, 0, before) <= wait)
    goes_on = (first | (soon & episodes.same_cause)) & (episodes.opened_at <= now)
    # One that does not go on ends the matter: whatever follows in its case is another.
    breaks = np.cumsum(~goes_on)
    starts = np.flatnonzero(first)
    base = np.repeat(breaks[starts] - ~goes_on[starts], np.diff(np.append(starts, len(case))))
    same = breaks == base
    lengths = np.bincount(case[same], minlength=count)
    begin = np.zeros(count, dtype=np.intp)
    begin[case[starts]] = starts
    has = lengths > 0
    last = np.where(has, begin + lengths - 1, 0)
    resolved = _take(episodes.resolved_at, last, has, NEVER)
    is_over = resolved <= now
    until = np.where(is_over, resolved, now)
    withdrawn = _take(episodes.withdrawn, last, has, other=False)
    total = np.bincount(case, minlength=count)
    final = _take(episodes.resolved_at, begin + np.maximum(total - 1, 0), total > 0, NEVER)
    silent = np.zeros(count, dtype=np.bool_)
    silent[case[episodes.without_contact]] = True
    whole = clock(own.opened_at, until)
    waited, waits = _waited(own, facts.waits, until, now, clock)
    return Ends(
        times=whole / _HOUR,
        net=np.maximum(0, whole - waited) / _HOUR,
        waited=waits,
        happened=is_over & ~withdrawn,
        otherwise=is_over & withdrawn,
        unresolved=final == NEVER,
        reopened=total > 1,
        without_contact=silent,
    )


def _waited(
    own: Cases, every: Waits, until: NDArray[np.int64], now: int, clock: Clock
) -> tuple[NDArray[np.float64], Flags]:
    """Return for how many seconds each case waited for others, and whether it did at all.

    One moment is waited through once: each wait counts from where those before it end.
    """
    ever = np.zeros(len(own.id), dtype=np.bool_)
    order = np.argsort(own.id, kind="stable")
    where, inside = _places(own.id[order], every.case)
    case = order[where[inside]]
    begin, end = every.begin_at[inside], every.end_at[inside]
    ever[case[begin <= now]] = True
    begin, end = np.maximum(begin, own.opened_at[case]), np.minimum(end, until[case])
    some = end > begin
    case, begin, end = case[some], begin[some], end[some]
    if not len(case):
        return np.zeros(len(own.id)), ever
    order = np.lexsort((begin, case))
    case, begin, end = case[order], begin[order], end[order]
    moments, tick = np.unique(np.concatenate([begin, end]), return_inverse=True)
    # Case and time as one number, in the order of both: the ends of the cases before lie lower.
    base = case * len(moments)
    reached = np.maximum.accumulate(base + tick[len(begin) :])
    start = np.maximum(base + tick[: len(begin)], np.append(0, reached[:-1])) - base
    seconds = clock(moments[np.minimum(start, len(moments) - 1)], end)
    waited: NDArray[Any] = np.bincount(case, weights=seconds, minlength=len(own.id))
    return waited, ever


def _in_order_of_cases(own: Cases, every: Episodes) -> tuple[Episodes, NDArray[np.intp]]:
    """Return the episodes of some cases, each case's one after the other, with their case."""
    places = np.argsort(own.id, kind="stable")
    where, inside = _places(own.id[places], every.case)
    case = places[where[inside]]
    episodes = pick(every, inside)
    order = np.lexsort((episodes.number, case))
    return pick(episodes, order), case[order]


def _places(ordered: Any, keys: Any) -> tuple[NDArray[np.intp], Flags]:
    """Return where each key stands among ordered ones, and whether it is there."""
    if not len(ordered):
        return np.zeros(len(keys), dtype=np.intp), np.zeros(len(keys), dtype=np.bool_)
    where = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
    return where, ordered[where] == keys


def _take(values: Any, places: Any, has: Flags, other: Any) -> Any:
    if not len(values):
        return np.full(len(has), other, dtype=values.dtype)
    return np.where(has, values[np.minimum(places, len(values) - 1)], other)


def _cut(spec: MetricSpec, cells: Groups, ended: Ends, order: Any) -> tuple[Line, ...]:
    """Return the median of each group; the rows come in the order of their times."""
    told = {}
    for name, places in cells.parts():
        rows = order[places]
        curve: Curve = incidence(ended.times[rows], ended.happened[rows], ended.otherwise[rows])
        median = quantile_of_incidence(curve, share=0.5)
        told[name] = (len(rows), median.value, median.low, median.high)
    return lines(told, spec.minimum_cases)


def _count(flags: Flags) -> int:
    return int(np.count_nonzero(flags))
