"""What interval a number of reviews buys, by the design of a plan; pure.

``v = sum W_h^2 (1 - n_h/N_h) S_h^2 / n_h``, W. G. Cochran, "Sampling Techniques", 3rd ed., 5.4;
with checks, ``S_h`` is the spread of the review minus the check (the difference estimator, 7.7).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from qa.sampling.allocating import Stratum, allocate
from qa.sampling.planning import z_of

#: The most that a share can spread: the safe guess where nothing is known.
MOST_SPREAD: Final = 0.5
_STEPS: Final = (1 / 3, 1 / 2, 2 / 3, 1, 4 / 3, 2)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a number of reviews buys.

    Attributes:
        alone: Half of the interval by reviews alone, 0.036 for 3.6 points.
        checked: The same with automatic checks on all; None where their spread is not known.
        hours: People's time; None where a review's time is not known.
        current: Whether it is the number of now.
    """

    reviews: int
    alone: float
    checked: float | None
    hours: float | None
    current: bool

    @property
    def alone_points(self) -> float:
        """Half of the interval by reviews alone, in points of a hundred."""
        return 100 * self.alone

    @property
    def checked_points(self) -> float:
        """The same with checks; 0 where it is not known."""
        return 100 * (self.checked or 0)


def half_width(
    strata: Sequence[Stratum], drawn: Mapping[str, int], *, confidence: float = 0.95
) -> float:
    """Return half of the interval of the mean of all strata.

    Args:
        strata: Every stratum that holds units, with its spread.
        drawn: Reviews of each; at least one.
        confidence: Of the interval.
    """
    whole = sum(one.size for one in strata)
    spread = math.fsum(
        (one.size / whole) ** 2 * (1 - drawn[one.name] / one.size) * one.spread**2 / drawn[one.name]
        for one in strata
    )
    return z_of(confidence) * math.sqrt(spread)


def offers(
    alone: Sequence[Stratum],
    checked: Sequence[Stratum],
    *,
    now: int,
    minutes: float | None,
    minimum: int = 2,
    asked: int | None = None,
) -> list[Offer]:
    """Return what some numbers of reviews buy, around the one of now.

    Args:
        alone: Strata with the spread of reviews.
        checked: The same with the spread of review minus check; empty where not known.
        now: Reviews of the sample at hand; at least one.
        minutes: People's time for one review; None where not known.
        minimum: Fewest of each stratum.
        asked: A further number that somebody wants to see.
    """
    whole = sum(one.size for one in alone)
    least = sum(min(max(1, minimum), one.size) for one in alone)
    wanted = {round(now * step) for step in _STEPS} | ({asked} if asked else set())
    numbers = sorted({min(whole, max(least, number)) for number in wanted} | {now})
    found = []
    for number in numbers:
        drawn = _shared(alone, number, minimum)
        with_checks = half_width(checked, _shared(checked, number, minimum)) if checked else None
        hours = None if minutes is None else number * minutes / 60
        found.append(
            Offer(number, half_width(alone, drawn), with_checks, hours, current=number == now)
        )
    return found


def _shared(strata: Sequence[Stratum], total: int, minimum: int) -> dict[str, int]:
    return allocate(strata, total=total, minimum=max(1, minimum), by_spread=True)
