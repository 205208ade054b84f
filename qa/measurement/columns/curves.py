"""Times of which some are not over yet, over whole columns; pure.

The same mathematics as ``formulas.survival``, which names the sources, without a value for each
time: there it can be read, here a million times take no longer than a database needs for them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from orchestra.core.errors import InvalidInputError
from qa.estimates.types import Interval
from qa.measurement.formulas.survival import LogRank, Measured, Quantile
from qa.sampling.planning import z_of

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

_ROUNDING: Final = 1e-12
_WIDEST: Final = 700.0


@dataclass(frozen=True, slots=True)
class Curve:
    """Steps of a curve, each holding from its time on; columns of one length.

    Attributes:
        times: In order, in the unit of what was given.
        at_risk: Still in sight and not over, just before.
        happened: Of those, over at this time.
        share: Not over after it, or over by it for an incidence; 0 to 1.
        low: Lower ends of the intervals of the shares.
        high: Upper ends.
    """

    times: Numbers
    at_risk: NDArray[np.int64]
    happened: NDArray[np.int64]
    share: Numbers
    low: Numbers
    high: Numbers

    def at(self, time: float) -> int | None:
        """Return the place of the step that holds at a time; None before the first."""
        place = int(np.searchsorted(self.times, time, side="right"))
        return place - 1 if place else None


def in_order(times: Numbers) -> Places:
    """Return the places of times in their order.

    Raises:
        InvalidInputError: A time is negative or not a number.
    """
    if not bool(np.all(np.isfinite(times) & (times >= 0))):
        raise InvalidInputError("A time is never negative.")
    return np.argsort(times, kind="stable")


def kaplan_meier(times: Numbers, happened: Flags, *, confidence: float = 0.95) -> Curve:
    """Return the share not yet over, with Greenwood's variance and log-log intervals.

    Args:
        times: In order; see ``in_order``.
        happened: Whether each is over; otherwise it was last in sight then.
        confidence: Of the intervals.
    """
    moments, at_risk, (over,) = _steps(times, happened)
    here = over > 0
    moments, at_risk, over = moments[here], at_risk[here], over[here]
    share = np.cumprod(1 - over / at_risk)
    last = at_risk == over
    term = np.where(last, 0.0, over / (at_risk * np.where(last, 1, at_risk - over)))
    low, high = _log_log(share, np.sqrt(np.cumsum(term)), confidence)
    return Curve(moments, at_risk, over, share, low, high)


def incidence(
    times: Numbers, happened: Flags, otherwise: Flags, *, confidence: float = 0.95
) -> Curve:
    """Return the share over by each time where some end otherwise (Aalen-Johansen).

    Args:
        times: In order; see ``in_order``.
        happened: Whether each is over.
        otherwise: Whether each ended in another way; the rest was last in sight then.
        confidence: Of the intervals.
    """
    moments, at_risk, (events, others) = _steps(times, happened, otherwise)
    over = events + others
    here = over > 0
    moments, at_risk, events, over = moments[here], at_risk[here], events[here], over[here]
    before = _shifted(np.cumprod(1 - over / at_risk))
    share = np.cumsum(before * events / at_risk)
    share = np.where(share > 1 - _ROUNDING, 1.0, share)
    last = at_risk == over
    whole = np.where(last, 0.0, over / (at_risk * np.where(last, 1, at_risk - over)))
    risk = at_risk.astype(np.float64)
    own = before**2 * events * (risk - events) / risk**3
    both = before * events / risk**2
    squared = np.cumsum(whole)
    sloped = np.cumsum(share * whole + both)
    flat = np.cumsum(share**2 * whole + own + 2 * share * both)
    variance = np.maximum(0.0, share**2 * squared - 2 * share * sloped + flat)
    low, high = _log_log_up(share, np.sqrt(variance), confidence)
    told = events > 0
    return Curve(moments[told], at_risk[told], events[told], share[told], low[told], high[told])


def quantile_of_incidence(curve: Curve, *, share: float) -> Quantile:
    """Return by when a share is over, read off an incidence, with its interval.

    Raises:
        InvalidInputError: The share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise InvalidInputError("A share lies between 0 and 1.")
    height = share - _ROUNDING
    return Quantile(
        *(_first(curve.times, column >= height) for column in (curve.share, curve.high, curve.low))
    )


def restricted_mean(
    times: Numbers, happened: Flags, *, horizon: float, confidence: float = 0.95
) -> Measured:
    """Return the mean time up to a horizon: the area under the curve of ``kaplan_meier``.

    Raises:
        InvalidInputError: The horizon is not positive.
    """
    if horizon <= 0 or not math.isfinite(horizon):
        raise InvalidInputError("A horizon must be more than 0.")
    curve = kaplan_meier(times, happened)
    steps = int(np.searchsorted(curve.times, horizon, side="left"))
    edges = np.append(curve.times[:steps], horizon)
    areas = curve.share[:steps] * np.diff(edges)
    mean = float(edges[0]) + math.fsum(areas.tolist())
    left = np.cumsum(areas[::-1])[::-1]
    at_risk, over = curve.at_risk[:steps], curve.happened[:steps]
    some = at_risk > over
    terms = left[some] ** 2 * over[some] / (at_risk[some] * (at_risk[some] - over[some]))
    variance = math.fsum(terms.tolist())
    half = z_of(confidence) * math.sqrt(variance)
    return Measured(mean, variance, Interval(max(0.0, mean - half), min(horizon, mean + half)))


def log_rank(first: tuple[Numbers, Flags], second: tuple[Numbers, Flags]) -> LogRank | None:
    """Return how two sets of times with what happened differ; None where nothing tells them apart.

    The times come in any order.
    """
    times = np.concatenate([first[0], second[0]])
    happened = np.concatenate([first[1], second[1]])
    is_first = np.arange(len(times)) < len(first[0])
    order = np.argsort(times, kind="stable")
    times, happened, is_first = times[order], happened[order], is_first[order]
    _moments, total, (over, own, held) = _steps(times, happened, happened & is_first, is_first)
    at_risk = np.cumsum(held[::-1])[::-1].astype(np.float64)
    total = np.asarray(total, dtype=np.float64)
    expected = math.fsum(over * at_risk / np.maximum(total, 1))
    some = total > 1
    risk, all_, ended = at_risk[some], total[some], over[some]
    variance = math.fsum(ended * (all_ - ended) * risk * (all_ - risk) / (all_**2 * (all_ - 1)))
    if variance <= 0:
        return None
    statistic = (int(own.sum()) - expected) ** 2 / variance
    return LogRank(statistic, math.erfc(math.sqrt(statistic / 2)))


def spread(
    times: Any, share: Any, low: Any, high: Any, at_risk: Any, *, most: int = 200
) -> tuple[tuple[float, float, float, float, int], ...]:
    """Return at most so many steps of a curve, evenly over the number of steps, with the last."""
    last = len(times) - 1
    places: Sequence[int] = range(last + 1)
    if last >= most:
        places = sorted({round(place * last / (most - 1)) for place in range(most)})
    return tuple(
        (
            float(times[one]),
            float(share[one]),
            float(low[one]),
            float(high[one]),
            int(at_risk[one]),
        )
        for one in places
    )


def _steps(times: Numbers, *marks: Flags) -> tuple[Numbers, Any, list[Any]]:
    """Return each time once, how many were in sight just before, and the marks at it."""
    count = len(times)
    if not count:
        none = np.empty(0, dtype=np.int64)
        return times, none, [none for _mark in marks]
    first = np.flatnonzero(np.append(True, times[1:] != times[:-1]))
    sums = [np.add.reduceat(mark.astype(np.int64), first) for mark in marks]
    return times[first], count - first, sums


def _shifted(shares: Numbers) -> Numbers:
    return np.append(1.0, shares[:-1]) if len(shares) else shares


def _log_log(share: Numbers, error: Numbers, confidence: float) -> tuple[Numbers, Numbers]:
    """Return the intervals of shares that fall; ``error`` is that of their logarithm."""
    edge = (share <= 0) | (share >= 1)
    safe = np.where(edge, 0.5, share)
    wide = np.minimum(_WIDEST, z_of(confidence) * error / np.abs(np.log(safe)))
    return _ends(share, safe, wide, edge)


def _log_log_up(share: Numbers, error: Numbers, confidence: float) -> tuple[Numbers, Numbers]:
    """Return the intervals of shares that rise; ``error`` is their own."""
    edge = (share <= 0) | (share >= 1)
    safe = np.where(edge, 0.5, share)
    wide = np.minimum(_WIDEST, z_of(confidence) * error / (safe * np.abs(np.log(safe))))
    return _ends(share, safe, wide, edge)


def _ends(share: Numbers, safe: Numbers, wide: Numbers, edge: Flags) -> tuple[Numbers, Numbers]:
    with np.errstate(under="ignore"):
        low = np.where(edge, np.clip(share, 0.0, 1.0), safe ** np.exp(wide))
        high = np.where(edge, np.clip(share, 0.0, 1.0), safe ** np.exp(-wide))
    return low, high


def _first(times: Numbers, holds: Flags) -> float | None:
    place = int(np.argmax(holds)) if len(holds) else 0
    return float(times[place]) if len(holds) and holds[place] else None
