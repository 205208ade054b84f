"""Estimates of a part of a population that the design did not cut by; pure.

Sources: W. G. Cochran, "Sampling Techniques", 3rd ed., 5A.14 (domains across strata) and 6.5
(variance of a ratio by linearisation); J. Hajek (1971); E. L. Korn and B. I. Graubard (1998) for
the interval of a share from few reviews.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

from qa.estimates.clusters import design_effect_of
from qa.estimates.designs import effective_size
from qa.estimates.proportions import wilson
from qa.estimates.types import Estimate, HowSure, Interval
from qa.sampling.planning import z_of

#: However far a unit stands out, it is not said to decide more than half of a mean.
_MOST_LEVERAGE = 0.5
_NOTHING = Estimate(value=None, variance=0.0, interval=None, how=HowSure.NONE, reviews=0)


@dataclass(frozen=True, slots=True)
class DomainStratum:
    """What was reviewed of one stratum, with what belongs to the part that is asked for.

    Attributes:
        size: Units in the whole stratum.
        scores: What each review gave, 0 to 1.
        inside: Whether each reviewed unit belongs to the part, in the same order.
        clusters: What each unit belongs to, such as its case; empty where each stands alone.
    """

    size: int
    scores: tuple[float, ...]
    inside: tuple[bool, ...]
    clusters: tuple[str, ...] = ()


def domain_mean(strata: Sequence[DomainStratum], *, confidence: float = 0.95) -> Estimate:
    """Return the mean of the part: ``R = sum N_h/n_h y d / sum N_h/n_h d``.

    ``v = sum N_h^2 (1 - n_h/N_h) s_h^2(u) / n_h`` with ``u = d (y - R) / N_d``, where ``N_d``
    is the estimated size of the part. The interval is Wilson's on the effective number, or on
    the reviews of the part where they are all alike.
    """
    held = [one for one in strata if one.scores]
    weighted = whole = 0.0
    for one in held:
        stands_for = one.size / len(one.scores)
        whole += stands_for * sum(one.inside)
        weighted += stands_for * math.fsum(
            score for score, inside in zip(one.scores, one.inside, strict=True) if inside
        )
    reviews = sum(sum(one.inside) for one in held)
    if not reviews:
        return _NOTHING
    value = min(1.0, max(0.0, weighted / whole))
    spread = math.fsum(_part(one, value, whole) for one in held)
    if all(len(one.scores) == one.size for one in held):
        return Estimate(value, 0.0, Interval(value, value), HowSure.CENSUS, reviews)
    total = effective_size(value, spread)
    interval = wilson(
        hits=value * (total or reviews), total=total or reviews, confidence=confidence
    )
    interval = Interval(min(interval.low, value), max(interval.high, value))
    how = HowSure.WILSON_EFFECTIVE if total else HowSure.WILSON
    return Estimate(value, spread, interval, how, reviews, total)


def _doubt(reviews: int, strata: int, confidence: float) -> float:
    """Return by how much an effective number shrinks: ``(z / t)^2 (n - H) / n``.

    Student's quantile by the expansion of E. A. Cornish and R. A. Fisher (1938), two terms.
    """
    z, freedom = z_of(confidence), max(1, reviews - strata)
    student = (
        z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom * freedom)
    )
    return (z / student) ** 2 * freedom / reviews


def _part(one: DomainStratum, value: float, whole: float) -> float:
    count = len(one.scores)
    # Each unit counts by how much it decided the mean itself (MacKinnon and White, HC3).
    apart = whole * (1 - min(_MOST_LEVERAGE, one.size / count / whole))
    left = [
        (score - value) / apart if inside else 0.0
        for score, inside in zip(one.scores, one.inside, strict=True)
    ]
    if count < 2 or max(left) == min(left):  # noqa: PLR2004  a spread needs two
        return 0.0
    mean = fmean(left)
    simple = one.size**2 * (1 - count / one.size) * variance(left, mean) / count
    return simple * design_effect_of(left, one.clusters)
