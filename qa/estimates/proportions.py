"""Intervals of a share; pure.

Sources: E. B. Wilson (1927); R. G. Newcombe, "Two-sided confidence intervals for the single
proportion" (1998), whose published values the tests hold, and "Interval estimation for the
difference between independent proportions" (1998), method 10.
"""

import math
from collections.abc import Callable

from orchestra.core.errors import InvalidInputError
from qa.estimates.types import Interval
from qa.sampling.planning import z_of

_STEPS = 200


def wilson(*, hits: float, total: float, confidence: float = 0.95) -> Interval:
    """Return Wilson's score interval; ``total`` may be an effective number that is not whole.

    ``(p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)``.

    Raises:
        InvalidInputError: Nothing was looked at, or more hits than that.
    """
    if total <= 0 or not 0 <= hits <= total:
        raise InvalidInputError("A share needs something that was looked at.")
    z, share = z_of(confidence), hits / total
    squared = z * z
    middle = share + squared / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + squared / (4 * total * total))
    below = 1 + squared / total
    return Interval(max(0.0, (middle - half) / below), min(1.0, (middle + half) / below))


def exact(*, hits: int, total: int, confidence: float = 0.95) -> Interval:
    """Return the exact interval of Clopper and Pearson, by halving; for small counts.

    Raises:
        InvalidInputError: Nothing was looked at, or more hits than that.
    """
    if total <= 0 or not 0 <= hits <= total:
        raise InvalidInputError("A share needs something that was looked at.")
    tail = (1 - confidence) / 2
    low = 0.0 if hits == 0 else _solve(lambda p: 1 - _at_most(hits - 1, total, p), tail)
    high = 1.0 if hits == total else 1 - _solve(lambda p: _at_most(hits, total, 1 - p), tail)
    return Interval(low, high)


def upper_bound(*, hits: int, total: int, confidence: float = 0.95) -> float:
    """Return the exact one-sided upper bound of a share."""
    if total <= 0 or not 0 <= hits <= total:
        raise InvalidInputError("A share needs something that was looked at.")
    if hits == total:
        return 1.0
    return 1 - _solve(lambda p: _at_most(hits, total, 1 - p), 1 - confidence)


def clean_reviews_needed(*, share: float, errors: int = 0, confidence: float = 0.95) -> int:
    """Return how many reviews with so many errors show that the rate is below a share.

    One-sided and exact: 149 for 2 % without an error, 236 with one.
    """
    if not 0 < share < 1 or errors < 0:
        raise InvalidInputError("A share lies between 0 and 1, and errors are counted from 0.")
    low, high = errors + 1, errors + 2
    while upper_bound(hits=errors, total=high, confidence=confidence) >= share:
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        if upper_bound(hits=errors, total=middle, confidence=confidence) < share:
            high = middle
        else:
            low = middle + 1
    return low


def difference(
    *, hits: int, total: int, other_hits: int, other_total: int, confidence: float = 0.95
) -> Interval:
    """Return Newcombe's interval of the difference of two shares, first minus second, -1 to 1."""
    first = wilson(hits=hits, total=total, confidence=confidence)
    second = wilson(hits=other_hits, total=other_total, confidence=confidence)
    one, two = hits / total, other_hits / other_total
    low = math.hypot(one - first.low, second.high - two)
    high = math.hypot(first.high - one, two - second.low)
    return Interval(one - two - low, one - two + high)


def _at_most(hits: int, total: int, share: float) -> float:
    """Return the binomial chance of at most so many hits."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return 1.0 if hits >= total else 0.0
    logs = (
        math.lgamma(total + 1)
        - math.lgamma(count + 1)
        - math.lgamma(total - count + 1)
        + count * math.log(share)
        + (total - count) * math.log1p(-share)
        for count in range(hits + 1)
    )
    return min(1.0, math.fsum(math.exp(log) for log in logs))


def _solve(rising: Callable[[float], float], wanted: float) -> float:
    """Return where a function that rises from 0 to 1 reaches a value."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if rising(middle) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2
