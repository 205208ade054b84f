"""Estimates from a sample that was drawn by a plan; pure.

Only reviews that the plan drew may come in here. Sources: W. G. Cochran, "Sampling Techniques",
3rd ed., chapter 5 (stratified mean) and 7.7 (difference estimator); D. G. Horvitz and
D. J. Thompson (1952); J. Hajek (1971); A. N. Angelopoulos et al., "PPI++" (2023) and A. Fisch
et al., "Stratified prediction-powered inference" (2024) for the tuned weight of the judge, here
in its form for a finite population that is judged completely.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import fmean, variance

from orchestra.core.errors import InvalidInputError
from qa.estimates.clusters import design_effect_of
from qa.estimates.proportions import wilson
from qa.estimates.types import (
    Estimate,
    HowSure,
    Interval,
    JudgedStratum,
    StratumSample,
    Verdict,
)
from qa.sampling.planning import z_of

#: However far a unit stands out, it is not said to decide more than half of a weight.
_MOST_LEVERAGE = 0.5
_NOTHING = Estimate(value=None, variance=0.0, interval=None, how=HowSure.NONE, reviews=0)


def stratified_mean(strata: Sequence[StratumSample], *, confidence: float = 0.95) -> Estimate:
    """Return the design-weighted mean: ``sum W_h ybar_h``.

    ``v = sum W_h^2 (1 - n_h/N_h) s_h^2 / n_h``. Nothing is said while a stratum that holds
    units has no review: its part of the whole is not known.

    Raises:
        InvalidInputError: A stratum has more reviews than units.
    """
    judged = [
        JudgedStratum(one.name, one.size, 0.0, one.scores, (0.0,) * len(one.scores), one.clusters)
        for one in strata
    ]
    return difference_mean(judged, weight=0.0, confidence=confidence)


def difference_mean(
    strata: Sequence[JudgedStratum], *, weight: float | None = None, confidence: float = 0.95
) -> Estimate:
    """Return the mean by automatic results on all and reviews on a sample.

    ``sum W_h [ lambda_h fbar_U,h + mean_s,h(y - lambda_h f) ]`` with
    ``v = sum W_h^2 (1 - n_h/N_h) s^2(y - lambda_h f) / n_h``.

    The interval is Wilson's on the effective number of reviews, since the normal one is too
    short near 0 and 1. Where the weight was tuned on the same reviews its variance is that of
    J. G. MacKinnon and H. White (1985, HC3), which counts that in. By simulation of 2,000 draws
    both cover as often as they say; the normal interval of the tuned estimate covers 90 %.
    Where several units belong together, the variance is that between clusters, stratum by
    stratum, and the effective number says so.

    Args:
        strata: Every stratum, its automatic mean and its drawn reviews.
        weight: Lambda for all strata: 1 is the difference estimator, 0 leaves the judge out;
            None tunes it in each: ``cov_s(y, f) / var_s(f)``, held within 0 to 1.
        confidence: Of the interval.

    Raises:
        InvalidInputError: A stratum has more reviews than units, or reviews without results.
    """
    held = [one for one in strata if one.size]
    if not held or any(not one.scores for one in held):
        return _NOTHING
    whole = sum(one.size for one in held)
    value = simple = spread = cautious = 0.0
    for one in held:
        _check(one)
        tuned = tuned_weight(one) if weight is None else weight
        share = one.size / whole
        left = [y - tuned * f for y, f in zip(one.scores, one.judged, strict=True)]
        value += share * (tuned * one.judged_mean + fmean(left))
        part = share * share * _finite(one) / len(left)
        simple += part * _variance(left)
        part *= design_effect_of(left, one.clusters)
        spread += part * _variance(left)
        cautious += part * (
            _tuned_variance(left, one.judged) if weight is None else _variance(left)
        )
    reviews = sum(len(one.scores) for one in held)
    if reviews == whole:
        held_value = _held(value)
        interval = Interval(held_value, held_value)
        return Estimate(held_value, 0.0, interval, HowSure.CENSUS, reviews)
    # Units that are all alike show no variance; then what stands alone is what counts.
    alone = sum(len(set(one.clusters)) or len(one.scores) for one in held)
    found = _estimate(value, spread, cautious, (reviews, alone), confidence)
    return replace(found, clustered=spread / simple) if simple else found


def tuned_weight(one: JudgedStratum) -> float:
    """Return how much of the automatic result counts in a stratum, 0 to 1."""
    if len(one.scores) < 2 or _variance(one.judged) == 0:  # noqa: PLR2004  a covariance needs two
        return 0.0
    mean_y, mean_f = fmean(one.scores), fmean(one.judged)
    products = ((y - mean_y) * (f - mean_f) for y, f in zip(one.scores, one.judged, strict=True))
    covariance = math.fsum(products) / (len(one.scores) - 1)
    return min(1.0, max(0.0, covariance / _variance(one.judged)))


def horvitz_thompson(
    values: Sequence[float],
    inclusion: Sequence[float],
    joint: Mapping[tuple[int, int], float],
) -> tuple[float, float]:
    """Return the total of a population and the variance of that estimate.

    ``T = sum y_i / pi_i``; ``v = sum (1 - pi_i) y_i^2 / pi_i^2 + sum_{i != j}
    (pi_ij - pi_i pi_j) / (pi_i pi_j pi_ij) y_i y_j``.

    Args:
        values: What each drawn unit showed.
        inclusion: The probability of each to be drawn, in the same order.
        joint: Places ``(i, j)``, i below j, to the probability that both are drawn.
    """
    pairs = list(zip(values, inclusion, strict=True))
    total = math.fsum(y / pi for y, pi in pairs)
    spread = math.fsum((1 - pi) * y * y / (pi * pi) for y, pi in pairs)
    for (i, j), both in joint.items():
        (y_i, pi_i), (y_j, pi_j) = pairs[i], pairs[j]
        spread += 2 * (both - pi_i * pi_j) / (pi_i * pi_j * both) * y_i * y_j
    return total, spread


def hansen_hurwitz(values: Sequence[float], chances: Sequence[float]) -> tuple[float, float]:
    """Return a total from draws with replacement, and its variance."""
    each = [y / p for y, p in zip(values, chances, strict=True)]
    return fmean(each), variance(each) / len(each)


def hajek_mean(values: Sequence[float], inclusion: Sequence[float]) -> float:
    """Return ``sum(y/pi) / sum(1/pi)``, the mean where the size of the whole is not relied on."""
    weights = [1 / pi for pi in inclusion]
    weighted = (y * w for y, w in zip(values, weights, strict=True))
    return math.fsum(weighted) / math.fsum(weights)


def rogan_gladen(
    *, judged: float, population: int, caught: tuple[int, int], cleared: tuple[int, int]
) -> tuple[float, float]:
    """Return a share corrected for the errors of a judge, and its variance.

    ``(p + TNR - 1) / (TPR + TNR - 1)``, for labels that are no sample of the same population.
    Source: W. J. Rogan and B. Gladen (1978).

    Args:
        judged: Share that the judge passes.
        population: Units that it judged.
        caught: Of the labelled good ones, how many it passes, and how many there are.
        cleared: Of the labelled bad ones, how many it fails, and how many there are.

    Raises:
        InvalidInputError: The judge tells good from bad hardly better than chance.
    """
    tpr, tnr = caught[0] / caught[1], cleared[0] / cleared[1]
    power = tpr + tnr - 1
    if power <= 0.1:  # noqa: PLR2004  below, the correction is all noise
        raise InvalidInputError("This judge tells good from bad hardly better than chance.")
    theta = min(1.0, max(0.0, (judged + tnr - 1) / power))
    spread = (
        judged * (1 - judged) / population
        + theta * theta * tpr * (1 - tpr) / caught[1]
        + (1 - theta) ** 2 * tnr * (1 - tnr) / cleared[1]
    )
    return theta, spread / (power * power)


def design_effect(*, cluster_size: float, within: float) -> float:
    """Return by how much clusters widen the variance: ``1 + (m - 1) rho``."""
    return 1 + (cluster_size - 1) * within


def effective_size(value: float, spread: float) -> float | None:
    """Return how many simple reviews would be as sure: ``p(1-p) / v``; None without variance."""
    return value * (1 - value) / spread if spread > 0 and 0 < value < 1 else None


def against(target: float, found: Estimate | None) -> Verdict:
    """Return whether an estimate meets a target: only if its whole interval lies on one side."""
    if found is None or found.interval is None:
        return Verdict.NOT_SHOWN
    if found.interval.low >= target:
        return Verdict.MET
    return Verdict.MISSED if found.interval.high < target else Verdict.NOT_SHOWN


def needs_every_stratum(strata: Sequence[StratumSample]) -> tuple[str, ...]:
    """Return the strata that hold units and have no review yet."""
    return tuple(one.name for one in strata if one.size and not one.scores)


def normal_interval(value: float, spread: float, *, confidence: float = 0.95) -> Interval:
    """Return the value plus and minus the quantile times its error, held within 0 to 1."""
    half = z_of(confidence) * math.sqrt(spread)
    return Interval(_held(value - half), _held(value + half))


def _estimate(
    value: float, spread: float, cautious: float, counts: tuple[int, int], confidence: float
) -> Estimate:
    reviews, alone = counts
    held = _held(value)
    total = effective_size(held, cautious)
    interval = wilson(hits=held * (total or alone), total=total or alone, confidence=confidence)
    how = HowSure.WILSON_EFFECTIVE if total else HowSure.WILSON
    return Estimate(held, spread, interval, how, reviews, effective_size(held, spread))


def _held(value: float) -> float:
    return min(1.0, max(0.0, value))


def _tuned_variance(left: Sequence[float], judged: Sequence[float]) -> float:
    """Return the variance of what a tuned weight leaves, each unit by how much it decided."""
    mean, mean_f, count = fmean(left), fmean(judged), len(left)
    apart = math.fsum((f - mean_f) ** 2 for f in judged)
    if not apart:
        return _variance(left)
    pulls = (min(_MOST_LEVERAGE, 1 / count + (f - mean_f) ** 2 / apart) for f in judged)
    return math.fsum(((y - mean) / (1 - h)) ** 2 for y, h in zip(left, pulls, strict=True)) / count


def _check(one: JudgedStratum) -> None:
    if len(one.scores) > one.size:
        raise InvalidInputError(f"The stratum {one.name!r} has more reviews than units.")
    if len(one.scores) != len(one.judged):
        raise InvalidInputError(f"In {one.name!r} not every review has its automatic result.")


def _finite(one: JudgedStratum) -> float:
    return 1 - len(one.scores) / one.size


def _variance(values: Sequence[float]) -> float:
    """Return the variance of a sample; 0 of a single value, whose spread is not known."""
    if len(values) < 2 or all(a == b for a, b in pairwise(values)):  # noqa: PLR2004
        return 0.0
    return variance(values)
