"""How a number of reviews is shared out among strata; pure.

Sources: W. G. Cochran, "Sampling Techniques", 3rd ed., 5.5 (proportional and Neyman) and 5.6
(with cost); whole numbers by the largest remainder.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from orchestra.core.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Stratum:
    """One stratum before it is drawn from.

    Attributes:
        size: Units in it.
        spread: Standard deviation of what is measured; 1 where nothing is known.
        cost: Cost of one review, in any unit that all strata share.
        take_all: Whether all of it is reviewed.
    """

    name: str
    size: int
    spread: float = 1.0
    cost: float = 1.0
    take_all: bool = False


def proportional(strata: Sequence[Stratum], total: int) -> dict[str, float]:
    """Return the shares by size alone: ``n_h = n N_h / N``, not yet whole."""
    return _shares({one.name: float(one.size) for one in strata}, total)


def neyman(strata: Sequence[Stratum], total: int) -> dict[str, float]:
    """Return the shares by size, spread and cost: ``n_h ~ N_h S_h / sqrt(c_h)``, not yet whole.

    Where no stratum varies, by size alone: nothing then speaks for one before another.
    """
    weights = {one.name: one.size * one.spread / math.sqrt(one.cost) for one in strata}
    return _shares(weights, total) if any(weights.values()) else proportional(strata, total)


def _shares(weights: Mapping[str, float], total: int) -> dict[str, float]:
    whole = sum(weights.values())
    return {name: total * weight / whole if whole else 0.0 for name, weight in weights.items()}


def allocate(
    strata: Sequence[Stratum], *, total: int, minimum: int = 2, by_spread: bool
) -> dict[str, int]:
    """Return how many are drawn of each stratum, as whole numbers that add up to the total.

    Strata that are taken whole are taken out of the total first, and so is every stratum whose
    share reaches its size; the rest is shared out again. A stratum gets the minimum, or all it
    holds. Where the minima alone exceed the total they are kept, and the sum is larger.

    Args:
        strata: Every stratum, each name once; empty ones get nothing.
        total: Reviews to share out.
        minimum: Fewest of each stratum that holds so many.
        by_spread: By Neyman's rule instead of by size.

    Raises:
        InvalidInputError: A number is negative, or a name stands twice.
    """
    _check(strata, total, minimum)
    found = {one.name: one.size if one.take_all else 0 for one in strata}
    left = total - sum(found.values())
    open_strata = [one for one in strata if one.size and not one.take_all]
    while open_strata:
        shares = (neyman if by_spread else proportional)(open_strata, max(0, left))
        settled = {one.name: one.size for one in open_strata if shares[one.name] >= one.size}
        least = {
            one.name: min(minimum, one.size)
            for one in open_strata
            if one.name not in settled and shares[one.name] < min(minimum, one.size)
        }
        if not settled and not least:
            found.update(_rounded(shares, max(0, left)))
            break
        # A stratum at its size may rise above another's minimum only once it is out of the way.
        fixed = settled or least
        found.update(fixed)
        left -= sum(fixed.values())
        open_strata = [one for one in open_strata if one.name not in fixed]
    return found


def _check(strata: Sequence[Stratum], total: int, minimum: int) -> None:
    names = [one.name for one in strata]
    if len(set(names)) != len(names):
        raise InvalidInputError("A stratum stands twice.")
    numbers = [total, minimum, *(one.size for one in strata)]
    if any(number < 0 for number in numbers) or any(
        one.spread < 0 or one.cost <= 0 for one in strata
    ):
        raise InvalidInputError("Sizes, spreads and costs are no negative numbers.")


def _rounded(shares: Mapping[str, float], total: int) -> dict[str, int]:
    """Return whole numbers that add up, by the largest remainder; ties by name."""
    exact = {name: Fraction(share) for name, share in shares.items()}
    found = {name: math.floor(share) for name, share in exact.items()}
    order = sorted(exact, key=lambda name: (-(exact[name] - found[name]), name))
    for name in order[: total - sum(found.values())]:
        found[name] += 1
    return found
