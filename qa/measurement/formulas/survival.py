"""Times of which some are not over yet; pure.

Sources: E. L. Kaplan and P. Meier (1958); Greenwood's variance; the log-log interval of
J. D. Kalbfleisch and R. L. Prentice; R. Brookmeyer and J. Crowley (1982) for the interval of a
quantile; P. Royston and M. K. B. Parmar (2013) for the restricted mean; O. Aalen and
S. Johansen (1978) with the variance of Marubini and Valsecchi; N. Mantel (1966) for the log-rank.
The published numbers that the tests hold are those of Freireich et al. (1963).
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

from orchestra.core.errors import InvalidInputError
from qa.estimates.types import Interval
from qa.sampling.planning import z_of

#: What sums of shares may be off by.
_ROUNDING: Final = 1e-12
#: Beyond it the ends are 0 and 1 to every figure there is.
_WIDEST: Final = 700.0


class Ending(StrEnum):
    """How a time ended."""

    HAPPENED = "happened"
    OTHERWISE = "otherwise"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Timed:
    """One time, 0 or more in any unit, and how it ended."""

    time: float
    ending: Ending = Ending.HAPPENED


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a curve, which holds from ``time`` on.

    Attributes:
        time: In the unit of what was given.
        at_risk: Still in sight and not over, just before.
        happened: Of those, over at this time.
        share: Not over after it, or over by it for an incidence; 0 to 1.
        variance: Of the share.
        interval: Of the share.
    """

    time: float
    at_risk: int
    happened: int
    share: float
    variance: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Quantile:
    """By when so many are over; None where that is not reached yet.

    Attributes:
        low: None where even the lower end is not reached.
        high: None where there is no upper end yet.
    """

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with its variance and interval."""

    value: float
    variance: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class LogRank:
    """How two curves differ over their whole length.

    Attributes:
        statistic: Chi-square with one degree of freedom.
        p_value: Chance of so much or more where they do not differ; 0 to 1.
    """

    statistic: float
    p_value: float


def kaplan_meier(times: Iterable[Timed], *, confidence: float = 0.95) -> tuple[Point, ...]:
    """Return the share not yet over, stepwise, with Greenwood's variance.

    Whatever did not happen counts as long as it was in sight; an ending of another kind is
    taken as out of sight here, which only ``cumulative_incidence`` treats as what it is. The
    interval is on the log-log scale, so it stays within 0 and 1.

    Raises:
        InvalidInputError: A time is negative or not a number.
    """
    share, summed, points = 1.0, 0.0, []
    for time, at_risk, here in _by_time(times):
        happened = sum(one.ending is Ending.HAPPENED for one in here)
        if not happened:
            continue
        share *= 1 - happened / at_risk
        if at_risk > happened:
            summed += happened / (at_risk * (at_risk - happened))
        variance = share * share * summed
        interval = _log_log(share, math.sqrt(summed), confidence)
        points.append(Point(time, at_risk, happened, share, variance, interval))
    return tuple(points)


def cumulative_incidence(times: Iterable[Timed], *, confidence: float = 0.95) -> tuple[Point, ...]:
    """Return the share over by each time where some end otherwise (Aalen-Johansen).

    Raises:
        InvalidInputError: A time is negative or not a number.
    """
    # Three running sums give the delta-method variance in one pass:
    # sum (F-F_i)^2 a_i + S_i-^2 b_i - 2 (F-F_i) c_i, opened up in powers of F.
    share, staying = 0.0, 1.0
    flat, sloped, squared = 0.0, 0.0, 0.0
    points: list[Point] = []
    for time, at_risk, here in _by_time(times):
        happened = sum(one.ending is Ending.HAPPENED for one in here)
        over = sum(one.ending is not Ending.OPEN for one in here)
        if not over:
            continue
        share = _whole(share + staying * happened / at_risk)
        all_over = over / (at_risk * (at_risk - over)) if at_risk > over else 0.0
        own = staying**2 * happened * (at_risk - happened) / at_risk**3
        both = staying * happened / at_risk**2
        squared += all_over
        sloped += share * all_over + both
        flat += share**2 * all_over + own + 2 * share * both
        staying *= 1 - over / at_risk
        if happened:
            variance = max(0.0, share**2 * squared - 2 * share * sloped + flat)
            interval = _log_log_up(share, math.sqrt(variance), confidence)
            points.append(Point(time, at_risk, happened, share, variance, interval))
    return tuple(points)


def share_at(points: Sequence[Point], time: float) -> Point | None:
    """Return the step that holds at a time; None before the first."""
    found = None
    for point in points:
        if point.time > time:
            break
        found = point
    return found


def quantile(curve: Sequence[Point], *, share: float) -> Quantile:
    """Return by when a share is over, read off a Kaplan-Meier curve.

    The first time at which the curve is at most ``1 - share``; its interval is where the band
    of the curve crosses the same height.

    Raises:
        InvalidInputError: The share is not between 0 and 1.
    """
    _refuse_share(share)
    height = 1 - share + 1e-12
    return Quantile(
        _first(curve, lambda point: point.share <= height),
        _first(curve, lambda point: point.interval.low <= height),
        _first(curve, lambda point: point.interval.high <= height),
    )


def quantile_of_incidence(curve: Sequence[Point], *, share: float) -> Quantile:
    """Return by when a share is over, read off an incidence.

    Raises:
        InvalidInputError: The share is not between 0 and 1.
    """
    _refuse_share(share)
    height = share - 1e-12
    return Quantile(
        _first(curve, lambda point: point.share >= height),
        _first(curve, lambda point: point.interval.high >= height),
        _first(curve, lambda point: point.interval.low >= height),
    )


def restricted_mean(
    times: Iterable[Timed], *, horizon: float, confidence: float = 0.95
) -> Measured:
    """Return the mean time up to a horizon, which is the area under the curve.

    ``sum over events of A_i^2 d_i / (n_i (n_i - d_i))`` is its variance, where ``A_i`` is the
    area from that event to the horizon. Where nobody was in sight up to the horizon, the last
    step goes on, so the number is then a least one only if the last one is open.

    Raises:
        InvalidInputError: The horizon is not positive, or a time is negative.
    """
    if horizon <= 0 or not math.isfinite(horizon):
        raise InvalidInputError("A horizon must be more than 0.")
    steps = [point for point in kaplan_meier(times) if point.time < horizon]
    edges = [point.time for point in steps] + [horizon]
    shares = [1.0] + [point.share for point in steps]
    areas = [
        shares[number + 1] * (edges[number + 1] - edges[number]) for number in range(len(steps))
    ]
    mean = edges[0] * 1.0 + math.fsum(areas)
    left, variance = 0.0, 0.0
    for point, area in zip(reversed(steps), reversed(areas), strict=True):
        left += area
        if point.at_risk > point.happened:
            variance += (
                left**2 * point.happened / (point.at_risk * (point.at_risk - point.happened))
            )
    half = z_of(confidence) * math.sqrt(variance)
    return Measured(mean, variance, Interval(max(0.0, mean - half), min(horizon, mean + half)))


def difference_of(first: Measured, second: Measured, *, confidence: float = 0.95) -> Measured:
    """Return the first less the second, of two independent numbers."""
    variance = first.variance + second.variance
    value, half = first.value - second.value, z_of(confidence) * math.sqrt(variance)
    return Measured(value, variance, Interval(value - half, value + half))


def log_rank(first: Sequence[Timed], second: Sequence[Timed]) -> LogRank | None:
    """Return how two sets of times differ; None where no time tells them apart."""
    counts = [(one.time, one.ending, 0) for one in first]
    counts += [(one.time, one.ending, 1) for one in second]
    counts.sort(key=lambda one: one[0])
    risk = [len(first), len(second)]
    observed = expected = variance = 0.0
    for _time, group in groupby(counts, key=lambda one: one[0]):
        here = list(group)
        total = sum(risk)
        happened = sum(ending is Ending.HAPPENED for _, ending, _ in here)
        if happened and total > 1:
            observed += sum(ending is Ending.HAPPENED and which == 0 for _, ending, which in here)
            expected += happened * risk[0] / total
            variance += happened * (total - happened) * risk[0] * risk[1] / (total**2 * (total - 1))
        elif happened:
            observed += sum(which == 0 for _, _, which in here)
            expected += risk[0] / total
        for _, _, which in here:
            risk[which] -= 1
    if variance <= 0:
        return None
    statistic = (observed - expected) ** 2 / variance
    return LogRank(statistic, math.erfc(math.sqrt(statistic / 2)))


def seen_for(times: Iterable[Timed], time: float) -> int:
    """Return how many are still in sight and not over at a time."""
    return sum(one.time >= time for one in times)


def _by_time(times: Iterable[Timed]) -> Iterable[tuple[float, int, list[Timed]]]:
    ordered = sorted(times, key=lambda one: one.time)
    if any(not math.isfinite(one.time) or one.time < 0 for one in ordered):
        raise InvalidInputError("A time is never negative.")
    at_risk = len(ordered)
    for time, group in groupby(ordered, key=lambda one: one.time):
        here = list(group)
        yield time, at_risk, here
        at_risk -= len(here)


def _log_log(share: float, error: float, confidence: float) -> Interval:
    """Return the interval of a share that falls; ``error`` is that of its logarithm."""
    if share <= 0:
        return Interval(0.0, 0.0)
    if share >= 1:
        return Interval(1.0, 1.0)
    wide = min(_WIDEST, z_of(confidence) * error / abs(math.log(share)))
    return Interval(share ** math.exp(wide), share ** math.exp(-wide))


def _log_log_up(share: float, error: float, confidence: float) -> Interval:
    """Return the interval of a share that rises; ``error`` is its own."""
    if share <= 0 or share >= 1:
        return Interval(share, share)
    wide = min(_WIDEST, z_of(confidence) * error / (share * abs(math.log(share))))
    return Interval(share ** math.exp(wide), share ** math.exp(-wide))


def _whole(share: float) -> float:
    """Return a share, and 1 for what rounding alone keeps from it."""
    return 1.0 if share > 1 - _ROUNDING else share


def _first(curve: Sequence[Point], holds: Callable[[Point], bool]) -> float | None:
    return next((point.time for point in curve if holds(point)), None)


def _refuse_share(share: float) -> None:
    if not 0 < share < 1:
        raise InvalidInputError("A share lies between 0 and 1.")
