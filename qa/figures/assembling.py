"""From the rows of periods to what may be said of them; pure.

Only reviews that a plan drew come in here: ``Reviewed`` is made of nothing else. How the numbers
are made: ``qa.estimates``.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, median, stdev
from typing import Any

from orchestra.core.canonical import digest
from qa.estimates.clusters import design_effect_of
from qa.estimates.designs import against, difference_mean, stratified_mean, tuned_weight
from qa.estimates.domains import DomainStratum, domain_mean
from qa.estimates.types import Estimate, JudgedStratum, StratumSample
from qa.figures.types import (
    ENOUGH_PERCENT,
    FEWEST_SHOWN,
    Advice,
    Breakdown,
    CellFigures,
    Figures,
    PeriodRows,
    Profile,
    Reviewed,
    Standing,
    Stratum,
)
from qa.population.types import Dimension
from qa.sampling.allocating import Stratum as Allotted
from qa.sampling.allocating import allocate
from qa.sampling.planning import z_of
from qa.sampling.types import PeriodState

DOMAIN = "orchestra.quality-estimate.v2"


def assemble(rows: PeriodRows) -> Figures:
    """Return the figures of one period."""
    found = _figures(_standing(rows), rows.strata, digest(DOMAIN, [_inputs(rows)]))
    return _held_against(rows.target, found)


def assemble_span(periods: Sequence[PeriodRows]) -> Figures:
    """Return the figures of several periods together, each stratum of each its own stratum.

    Periods without a number of their own are not in it; the caller says which they are.
    """
    known = [rows for rows in periods if _standing(rows) is Standing.KNOWN]
    strata = tuple(one for rows in known for one in rows.strata)
    standing = Standing.KNOWN if known else Standing.EMPTY
    found = _figures(standing, strata, digest(DOMAIN, [_inputs(rows) for rows in known]))
    targets = {rows.target for rows in known}
    # Where the target changed on the way, the span as a whole has none.
    return _held_against(targets.pop() if len(targets) == 1 else None, found)


def _held_against(target: float | None, found: Figures) -> Figures:
    if target is None:
        return found
    return replace(found, target=target, verdict=against(target, found.used))


def is_short(one: Stratum) -> bool:
    """Tell whether too few of the drawn ones of a stratum are reviewed."""
    return not one.reviews or len(one.reviews) * 100 < one.drawn * ENOUGH_PERCENT


def _standing(rows: PeriodRows) -> Standing:
    if rows.state is PeriodState.HELD:
        return Standing.HELD
    if rows.state is not PeriodState.DRAWN:
        return Standing.NOT_DRAWN
    held = [one for one in rows.strata if one.size]
    if not held:
        return Standing.EMPTY
    if any(not one.drawn for one in held):
        return Standing.UNCOVERED
    return Standing.WAITING if any(is_short(one) for one in held) else Standing.KNOWN


def _figures(standing: Standing, strata: Sequence[Stratum], found: str) -> Figures:
    held = [one for one in strata if one.size]
    reviews = [each for one in held for each in one.reviews]
    checked = sum(one.judged for one in held)
    known = standing is Standing.KNOWN
    weighted = stratified_mean(_samples(held)) if known else None
    used = difference_mean(_judged(held)) if known and checked else weighted
    return Figures(
        standing=standing,
        size=sum(one.size for one in held),
        drawn=sum(one.drawn for one in held),
        reviewed=len(reviews),
        lost=sum(one.lost for one in held),
        short=tuple(one.name for one in held if is_short(one)) if not known else (),
        checked=checked,
        judge_alone=sum(one.would_pass for one in held) / checked if known and checked else None,
        unweighted=fmean(each.passed for each in reviews) if known else None,
        weighted=weighted,
        used=used,
        seconds=median(each.seconds for each in reviews) if reviews else None,
        digest=found,
    )


def _samples(strata: Sequence[Stratum]) -> list[StratumSample]:
    return [
        StratumSample(
            one.name,
            one.size,
            tuple(float(each.passed) for each in one.reviews),
            clusters_of(one.reviews),
        )
        for one in strata
    ]


def _judged(strata: Sequence[Stratum]) -> list[JudgedStratum]:
    # What was not checked counts as 0 in the population and in the sample alike: any fixed
    # number for a unit leaves the estimate fair, and the weight is tuned to what it is worth.
    return [
        JudgedStratum(
            name=one.name,
            size=one.size,
            judged_mean=one.would_pass / one.size,
            scores=tuple(float(each.passed) for each in one.reviews),
            judged=tuple(float(bool(each.judged)) for each in one.reviews),
            clusters=clusters_of(one.reviews),
        )
        for one in strata
    ]


def clusters_of(reviews: Sequence[Reviewed]) -> tuple[str, ...]:
    """Return what each reviewed unit belongs to; a unit of no case stands alone."""
    return tuple(each.case or each.subject for each in reviews)


def _inputs(rows: PeriodRows) -> dict[str, Any]:
    return {
        "plan": rows.plan,
        "version": rows.version,
        "period": rows.period,
        "state": rows.state.value,
        "frame": rows.frame_digest,
        "series": rows.series,
        "editions": sorted(rows.editions),
        "strata": [_stratum_inputs(one) for one in sorted(rows.strata, key=lambda one: one.name)],
    }


def _stratum_inputs(one: Stratum) -> dict[str, Any]:
    return {
        "name": one.name,
        "size": one.size,
        "drawn": one.drawn,
        "lost": one.lost,
        "judged": one.judged,
        "would_pass": one.would_pass,
        "reviews": [
            [each.subject, each.passed, each.judged, each.case]
            for each in sorted(one.reviews, key=lambda each: each.subject)
        ],
    }


def break_down(periods: Sequence[PeriodRows], by: Dimension) -> Breakdown:
    """Return the known periods by one dimension, from reviews alone.

    A cell under 30 reviews is held back. So is as much besides that what is held back together
    is no single cell and holds 30 reviews: else it could be found by subtraction from the whole.

    Args:
        periods: Without a number of their own they are left out.
        by: The dimension.
    """
    strata = [
        one
        for rows in periods
        if _standing(rows) is Standing.KNOWN
        for one in rows.strata
        if one.size
    ]
    counts = Counter(each.values.get(by, "") for one in strata for each in one.reviews)
    hidden = held_back(counts)
    cells = [
        _cell(strata, by, value, counts[value]) for value in sorted(counts) if value not in hidden
    ]
    cells += [CellFigures(value, None, None, None) for value in sorted(hidden)]
    return Breakdown(by=by, cells=tuple(cells), held_back=len(hidden))


def profile(periods: Sequence[PeriodRows], by: Dimension, value: str) -> Profile:
    """Return one group over time, from reviews alone; a number only from 30 reviews on.

    Args:
        periods: The newest first; those without a number of their own give none here.
        by: The dimension.
        value: The group.
    """
    return Profile(
        by=by,
        value=value,
        each=tuple(_group([rows], by, value) for rows in periods),
        together=_group(periods, by, value),
    )


def _group(periods: Sequence[PeriodRows], by: Dimension, value: str) -> CellFigures:
    strata = [
        one
        for rows in periods
        if _standing(rows) is Standing.KNOWN
        for one in rows.strata
        if one.size
    ]
    reviews = sum(each.values.get(by) == value for one in strata for each in one.reviews)
    if reviews < FEWEST_SHOWN:
        return CellFigures(value, None, None, None)
    return _cell(strata, by, value, reviews)


def held_back(counts: Counter[str]) -> frozenset[str]:
    """Return the cells that must not be shown, given the reviews of each."""
    order = sorted(counts, key=lambda value: (counts[value], value))
    hidden = [value for value in order if counts[value] < FEWEST_SHOWN]
    shown = order[len(hidden) :]
    while hidden and shown:
        together = sum(counts[value] for value in hidden)
        if len(hidden) > 1 and together >= FEWEST_SHOWN:
            break
        hidden.append(shown.pop(0))
    return frozenset(hidden)


def _cell(strata: Sequence[Stratum], by: Dimension, value: str, reviews: int) -> CellFigures:
    parts = [
        DomainStratum(
            size=one.size,
            scores=tuple(float(each.passed) for each in one.reviews),
            inside=tuple(each.values.get(by, "") == value for each in one.reviews),
            clusters=clusters_of(one.reviews),
        )
        for one in strata
    ]
    size = sum(one.size * sum(one.inside) / len(one.scores) for one in parts if one.scores)
    return CellFigures(value, reviews, round(size), domain_mean(parts))


def advise(rows: PeriodRows, budgets: Sequence[int]) -> tuple[Advice, ...]:
    """Return what each number of reviews would have bought in a period, by Neyman's rule.

    ``v = sum W_h^2 (1 - n_h/N_h) S_h^2 / n_h``; the spreads are those of the period's reviews,
    of the score and of what the automatic checks leave of it, wider by as much as units belong
    together. Against a target it is told whether the interval would lie on one side of it.
    """
    held = [one for one in rows.strata if one.size and one.reviews]
    if not held:
        return ()
    reviews: list[Reviewed] = [each for one in held for each in one.reviews]
    seconds = median(each.seconds for each in reviews) or None
    judged = _judged(held)
    plain = [_spread(one, 0.0) for one in judged]
    left = [_spread(one, tuned_weight(one)) for one in judged]
    checked = any(one.judged for one in held)
    whole = sum(one.size for one in held)
    apart = _apart(rows)
    found = []
    for budget in (one for one in budgets if one <= whole):
        alone = _half(held, plain, budget, whole)
        narrow = _half(held, left, budget, whole) if checked else None
        half = alone if narrow is None else narrow
        found.append(
            Advice(
                reviews=budget,
                alone=alone,
                checked=narrow,
                seconds=budget * seconds if seconds else None,
                tells=None if apart is None else half <= apart,
            )
        )
    return tuple(found)


def reviews_to_tell(rows: PeriodRows) -> int | None:
    """Return how few reviews would show whether the target is met, were the share the same.

    None without a target or a number, and where only a review of everything would.
    """
    apart, whole = _apart(rows), sum(one.size for one in rows.strata)
    if apart is None:
        return None
    low, high = 2 * sum(one.size > 0 for one in rows.strata), whole - 1
    if low > high or not all(one.tells for one in advise(rows, [high])):
        return None
    while low < high:
        middle = (low + high) // 2
        if all(one.tells for one in advise(rows, [middle])):
            high = middle
        else:
            low = middle + 1
    return low


def _apart(rows: PeriodRows) -> float | None:
    """Return how far the number lies from the target; None where either is missing."""
    used = assemble(rows).used
    if rows.target is None or used is None or used.value is None:
        return None
    return abs(used.value - rows.target)


def _spread(one: JudgedStratum, weight: float) -> float:
    """Return the spread of what is left; never nothing, since few reviews may be alike by luck."""
    left = [y - weight * f for y, f in zip(one.scores, one.judged, strict=True)]
    share = (sum(one.scores) + 1) / (len(one.scores) + 2)
    least = math.sqrt(share * (1 - share))
    # Two added reviews, one of each kind, are Laplace's rule; used only where all are alike.
    if len(left) < 2 or max(left) == min(left):  # noqa: PLR2004  a spread needs two
        return least
    return stdev(left) * math.sqrt(design_effect_of(left, one.clusters))


def _half(held: Sequence[Stratum], spreads: Sequence[float], budget: int, whole: int) -> float:
    numbers = [str(place) for place in range(len(held))]
    allotted = [
        Allotted(name, one.size, spread)
        for name, one, spread in zip(numbers, held, spreads, strict=True)
    ]
    sizes = allocate(allotted, total=budget, by_spread=True)
    spread = sum(
        (one.size / whole) ** 2 * (1 - sizes[one.name] / one.size) * one.spread**2 / sizes[one.name]
        for one in allotted
        if sizes[one.name]
    )
    return z_of(0.95) * math.sqrt(spread)


def half_of(estimate: Estimate) -> float | None:
    """Return half of an estimate's interval, for "give or take"."""
    found = estimate.interval
    return (found.high - found.low) / 2 if found else None
