"""Shares that are compared fairly, and small ones; pure.

Sources: direct standardisation as in epidemiology, with the variance of independent strata;
E. B. Wilson (1927); the rule of three of J. A. Hanley and A. Lippman-Hand (1983).
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from orchestra.core.errors import InvalidInputError
from qa.estimates.proportions import difference, wilson
from qa.estimates.types import Interval
from qa.sampling.planning import z_of

Stratum = TypeVar("Stratum", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many; ``hits`` is at most ``total``."""

    hits: int
    total: int

    @property
    def value(self) -> float | None:
        """0 to 1; None of nothing."""
        return self.hits / self.total if self.total else None

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return Wilson's interval; None of nothing."""
        if not self.total:
            return None
        return wilson(hits=self.hits, total=self.total, confidence=confidence)


@dataclass(frozen=True, slots=True)
class Standardised:
    """A share as it would be with the mix of another population.

    Attributes:
        value: 0 to 1.
        variance: Of the value.
        interval: Within 0 to 1.
        covered: Share of the weights whose strata are there at all; the rest has no number.
    """

    value: float
    variance: float
    interval: Interval
    covered: float


def newcombe(first: Share, second: Share, *, confidence: float = 0.95) -> Interval | None:
    """Return the interval of the first less the second; None where one is of nothing."""
    if not first.total or not second.total:
        return None
    return difference(
        hits=first.hits,
        total=first.total,
        other_hits=second.hits,
        other_total=second.total,
        confidence=confidence,
    )


def rule_of_three(*, total: int, confidence: float = 0.95) -> float:
    """Return up to what share none of so many is still likely: about 3 over the number.

    Raises:
        InvalidInputError: Nothing was looked at.
    """
    if total <= 0:
        raise InvalidInputError("A share needs something that was looked at.")
    return min(1.0, -math.log(1 - confidence) / total)


def standardise(
    shares: Mapping[Stratum, Share],
    weights: Mapping[Stratum, float],
    *,
    confidence: float = 0.95,
) -> Standardised | None:
    """Return the share as with the mix of the weights (direct standardisation).

    ``sum w_k p_k / sum w_k`` with variance ``sum (w_k / sum w)^2 p_k (1 - p_k) / n_k``, over
    the strata that both have. Where the variance is 0 the interval is Wilson's of all.

    Returns:
        None where no weighted stratum is there.
    """
    there = [key for key, weight in weights.items() if weight > 0 and _total(shares, key)]
    whole = math.fsum(weight for weight in weights.values() if weight > 0)
    used = math.fsum(weights[key] for key in there)
    if used <= 0:
        return None
    value = variance = 0.0
    for key in there:
        weight, share = weights[key] / used, shares[key]
        rate = share.hits / share.total
        value += weight * rate
        variance += weight**2 * rate * (1 - rate) / share.total
    value = min(1.0, max(0.0, value))
    half = z_of(confidence) * math.sqrt(variance)
    interval = Interval(max(0.0, value - half), min(1.0, value + half))
    if variance <= 0:
        together = Share(sum(shares[k].hits for k in there), sum(shares[k].total for k in there))
        interval = together.interval(confidence=confidence) or interval
    return Standardised(value, variance, interval, used / whole)


def pooled_weights(*populations: Mapping[Stratum, int]) -> dict[Stratum, float]:
    """Return the weights of several populations together, which add up to 1."""
    counts: dict[Stratum, int] = {}
    for population in populations:
        for key, count in population.items():
            counts[key] = counts.get(key, 0) + count
    whole = sum(counts.values())
    return {key: count / whole for key, count in counts.items()} if whole else {}


def standardised_quantile(
    curves: Mapping[Stratum, Sequence[tuple[float, float]]],
    weights: Mapping[Stratum, float],
    *,
    share: float,
) -> float | None:
    """Return by when a share would be over with the mix of the weights.

    Args:
        curves: For each stratum the steps (time, share over by then), in order of time.
        weights: Not negative.
        share: Between 0 and 1.

    Returns:
        None where that is not reached.
    """
    there = {key: weight for key, weight in weights.items() if weight > 0 and key in curves}
    used = math.fsum(there.values())
    if used <= 0:
        return None
    steps = sorted(
        ((time, key, level) for key in there for time, level in curves[key]),
        key=lambda one: one[0],
    )
    levels = dict.fromkeys(there, 0.0)
    for time, key, level in steps:
        levels[key] = level
        if math.fsum(there[one] * levels[one] for one in there) / used >= share - 1e-12:
            return time
    return None


def small_cells(counts: Iterable[tuple[Stratum, int]], *, minimum: int) -> frozenset[Stratum]:
    """Return which cells must not be shown, so that none can be had by subtraction.

    The cells under the minimum are hidden; where they are together under it, or one alone, the
    smallest of the others is hidden with them.

    Args:
        counts: The cells that add up to a total which is shown.
        minimum: Below it a cell is hidden; a cell of 0 says nothing and stays.
    """
    # Of two as large, always the same one.
    ordered = sorted(
        ((key, count) for key, count in counts if count), key=lambda one: (one[1], str(one[0]))
    )
    hidden = [one for one in ordered if one[1] < minimum]
    others = [one for one in ordered if one[1] >= minimum]
    if not hidden:
        return frozenset()
    while others and (len(hidden) == 1 or sum(count for _, count in hidden) < minimum):
        hidden.append(others.pop(0))
    return frozenset(key for key, _ in hidden)


def _total(shares: Mapping[Stratum, Share], key: Stratum) -> int:
    found = shares.get(key)
    return found.total if found else 0
