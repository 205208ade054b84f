"""How long it takes until a matter is resolved; pure.

Median and nine in ten come from all cases opened in the cohort: open ones count as long as they
were seen, withdrawn ones are another ending. The mean of closed cases is never given: it drops
the long ones that are still open. Every number is on one clock; the two are never mixed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from qa.calendars.rules import open_seconds_over
from qa.calendars.types import Change
from qa.measurement.formulas.survival import (
    Ending,
    LogRank,
    Measured,
    Point,
    Quantile,
    Timed,
    cumulative_incidence,
    difference_of,
    log_rank,
    quantile_of_incidence,
    restricted_mean,
)
from qa.measurement.metrics.common import Figure, sift
from qa.measurement.rows import CaseTimes, Episode, OwnerKind, Stretch
from qa.measurement.types import LeftOut

#: Seconds between two moments, on one clock; 0 where the second is not later.
Measure = Callable[[datetime, datetime], float]
HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Lengths:
    """The times of one case on one clock, in seconds; None while they are not over.

    Attributes:
        first: To the first resolution.
        full: To the last resolution of the first matter, returns soon after included.
        net: ``full`` less what was spent waiting for the customer or others.
        by_ai: Held by AI agents; parallel segments overlap, so this and the next may be more
            together than the whole.
        by_human: Held by people.
        reopened: How often, soon returns included.
        without_contact: Whether it was resolved again though nobody spoke to the customer.
    """

    first: float | None
    full: float | None
    net: float | None
    by_ai: float
    by_human: float
    reopened: int
    without_contact: bool


@dataclass(frozen=True, slots=True)
class Resolution:
    """The whole metric of one cohort, in hours.

    Attributes:
        median: Half are resolved by then; its figure carries n, open and what was left out.
        p90: Nine in ten are resolved by then.
        mean: Over the time up to the horizon; withdrawn cases count up to their end.
        curve: Share resolved by each hour (Aalen-Johansen).
        withdrawn: Cases that ended otherwise.
    """

    figure: Figure
    median: Quantile
    p90: Quantile
    mean: Measured
    curve: tuple[Point, ...]
    times: tuple[Timed, ...]
    withdrawn: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Two cohorts beside each other: the first less the second."""

    mean: Measured
    whole: LogRank | None


def calendar_clock(begin: datetime, end: datetime) -> float:
    """Return the seconds between two moments; 0 where the second is not later."""
    return max(0.0, (end - begin).total_seconds())


def business_clock(changes: Sequence[Change]) -> Measure:
    """Return a clock that runs while the centre is open.

    Args:
        changes: Versions of its calendar, in order; pinned at a case's opening.
    """

    def measure(begin: datetime, end: datetime) -> float:
        return open_seconds_over(changes=changes, begin=begin, end=end)

    return measure


def lengths_of(
    case: CaseTimes, *, measure: Measure, now: datetime, continues_within_hours: int = 24
) -> Lengths:
    """Return the times of one case on one clock.

    A case opened while the centre is shut starts at its next opening on the business clock, for
    nothing passes on it before.
    """
    matter = first_matter(case.episodes, continues_within_hours=continues_within_hours)
    first = matter[0].resolved_at if matter and not matter[0].withdrawn else None
    last = matter[-1].resolved_at if matter and not matter[-1].withdrawn else None
    full = None if last is None else measure(case.opened_at, last)
    waited = sum(_overlap(one, case.opened_at, last or now, measure) for one in _union(case.waits))
    return Lengths(
        first=None if first is None else measure(case.opened_at, first),
        full=full,
        net=None if full is None else max(0.0, full - waited),
        by_ai=_held(case, OwnerKind.AI, measure, now),
        by_human=_held(case, OwnerKind.HUMAN, measure, now),
        reopened=max(0, len(case.episodes) - 1),
        without_contact=any(one.without_contact for one in case.episodes),
    )


def first_matter(
    episodes: Sequence[Episode], *, continues_within_hours: int = 24
) -> tuple[Episode, ...]:
    """Return the episodes that are one matter: the first, and soon returns for the same cause."""
    matter: list[Episode] = []
    for episode in episodes:
        if not matter:
            matter.append(episode)
            continue
        ended = matter[-1].resolved_at
        soon = ended is not None and episode.opened_at - ended <= timedelta(
            hours=continues_within_hours
        )
        if not (soon and episode.same_cause):
            break
        matter.append(episode)
    return tuple(matter)


def time_to_resolution(
    cases: Iterable[CaseTimes],
    *,
    now: datetime,
    measure: Measure = calendar_clock,
    continues_within_hours: int = 24,
    horizon_days: int = 14,
    reasons: Iterable[LeftOut] = tuple(LeftOut),
) -> Resolution:
    """Return the metric of all cases opened in a cohort.

    Args:
        cases: All that were opened, whether they ended or not.
        now: Up to when was looked, UTC.
        measure: The clock.
        continues_within_hours: A return so soon for the same cause goes on with the matter.
        horizon_days: Up to where the mean looks, in days of 24 hours of that clock.
        reasons: What the definition leaves out.
    """
    kept, left = sift(cases, reasons)
    kept = [one for one in kept if one.opened_at <= now]
    times = tuple(
        timed_of(one, now=now, measure=measure, continues_within_hours=continues_within_hours)
        for one in kept
    )
    curve = cumulative_incidence(times)
    median = quantile_of_incidence(curve, share=0.5)
    p90 = quantile_of_incidence(curve, share=0.9)
    mean = restricted_mean(times, horizon=horizon_days * 24.0)
    less = [
        net_of(one, now=now, measure=measure, continues_within_hours=continues_within_hours)
        for one in kept
    ]
    net = quantile_of_incidence(cumulative_incidence(less), share=0.5)
    count = len(times)
    figure = Figure(
        value=median.value,
        interval=None,
        n=count,
        left_out=dict(sorted(left.items())),
        open=sum(one.ending is Ending.OPEN for one in times),
        beside={
            "low": median.low,
            "high": median.high,
            "p90": p90.value,
            "p90_low": p90.low,
            "p90_high": p90.high,
            "reopened": sum(len(one.episodes) > 1 for one in kept),
            "without_contact": sum(
                any(episode.without_contact for episode in one.episodes) for one in kept
            ),
            "migrated": sum(one.migrated for one in kept),
            "waited": sum(bool(one.waits) for one in kept),
            "net": net.value,
        },
    )
    withdrawn = sum(one.ending is Ending.OTHERWISE for one in times)
    return Resolution(figure, median, p90, mean, curve, times, withdrawn)


def timed_of(
    case: CaseTimes, *, now: datetime, measure: Measure, continues_within_hours: int = 24
) -> Timed:
    """Return the hours of one case up to its resolution, its other ending, or now."""
    until, ending = _end_of(case, now, continues_within_hours)
    return Timed(measure(case.opened_at, until) / HOUR, ending)


def net_of(
    case: CaseTimes, *, now: datetime, measure: Measure, continues_within_hours: int = 24
) -> Timed:
    """Return the same less what was spent waiting for the customer or for others."""
    until, ending = _end_of(case, now, continues_within_hours)
    waited = sum(_overlap(one, case.opened_at, until, measure) for one in _union(case.waits))
    return Timed(max(0.0, measure(case.opened_at, until) - waited) / HOUR, ending)


def _end_of(case: CaseTimes, now: datetime, hours: int) -> tuple[datetime, Ending]:
    matter = first_matter(
        [one for one in case.episodes if one.opened_at <= now], continues_within_hours=hours
    )
    last = matter[-1] if matter else None
    if last is None or last.resolved_at is None or last.resolved_at > now:
        return now, Ending.OPEN
    return last.resolved_at, Ending.OTHERWISE if last.withdrawn else Ending.HAPPENED


def compare(first: Resolution, second: Resolution, *, horizon_days: int = 14) -> Compared:
    """Return how two cohorts differ: the first less the second."""
    horizon = horizon_days * 24.0
    mean = difference_of(
        restricted_mean(first.times, horizon=horizon),
        restricted_mean(second.times, horizon=horizon),
    )
    return Compared(mean, log_rank(first.times, second.times))


def _held(case: CaseTimes, kind: OwnerKind, measure: Measure, now: datetime) -> float:
    return sum(
        measure(one.begin, min(one.end or now, now))
        for one in case.segments
        if one.owner_kind is kind
    )


def _overlap(one: Stretch, begin: datetime, end: datetime, measure: Measure) -> float:
    low, high = max(one.begin, begin), min(one.end, end)
    return measure(low, high) if high > low else 0.0


def _union(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return the stretches without overlap: one moment is waited through once."""
    joined: list[Stretch] = []
    for one in sorted(stretches, key=lambda stretch: stretch.begin):
        if joined and one.begin <= joined[-1].end:
            joined[-1] = Stretch(joined[-1].begin, max(joined[-1].end, one.end))
        else:
            joined.append(one)
    return joined
