"""Measures of agreement between raters; pure.

Sources: J. Cohen (1960, 1968); J. L. Fleiss (1971); K. Krippendorff, "Computing Krippendorff's
alpha-reliability" (2011); K. L. Gwet (2008) for AC1; T. Byrt et al. (1993) for PABAK. Ratings
are rows of units by raters; None is a missing one. A measure that is not defined, such as kappa
of raters who never use a second category, is None and never 1.
"""

import random
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import TypeAlias

Rating: TypeAlias = Hashable | None
Ratings: TypeAlias = Sequence[Sequence[Rating]]
_PAIR = 2


class Weights(StrEnum):
    """How far apart two categories count in Cohen's weighted kappa."""

    NONE = "none"
    LINEAR = "linear"
    QUADRATIC = "quadratic"


class Level(StrEnum):
    """What differences of ratings mean for Krippendorff's alpha."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Agreement:
    """A measure with its interval.

    Attributes:
        value: None where it is not defined.
        low: Lower end; None where too few rounds gave a value.
        units: Units that at least two raters rated.
        pairable: Ratings on those units.
        prevalence: Category to its share of those ratings.
    """

    value: float | None
    low: float | None
    high: float | None
    units: int
    pairable: int
    prevalence: Mapping[Hashable, float]


def percent_agreement(ratings: Ratings) -> float | None:
    """Return the share of pairs of ratings of one unit that are the same."""
    same = pairs = 0.0
    for counts in _pairable(ratings):
        total = sum(counts.values())
        pairs += 1
        same += sum(n * (n - 1) for n in counts.values()) / (total * (total - 1))
    return same / pairs if pairs else None


def cohen_kappa(
    table: Sequence[Sequence[float]], *, weights: Weights = Weights.NONE
) -> float | None:
    """Return ``(po - pe) / (1 - pe)`` of two raters.

    Args:
        table: Counts, categories of the first rater by those of the second, in one order.
        weights: How far apart categories count.
    """
    size, whole = len(table), sum(map(sum, table))
    if not whole:
        return None
    rows = [sum(row) / whole for row in table]
    columns = [sum(row[j] for row in table) / whole for j in range(size)]
    apart = [[_apart(i, j, size, weights) for j in range(size)] for i in range(size)]
    seen = sum(apart[i][j] * table[i][j] / whole for i in range(size) for j in range(size))
    chance = sum(apart[i][j] * rows[i] * columns[j] for i in range(size) for j in range(size))
    return 1 - seen / chance if chance else None


def _apart(i: int, j: int, size: int, weights: Weights) -> float:
    if weights is Weights.NONE or size < _PAIR:
        return float(i != j)
    distance = abs(i - j) / (size - 1)
    return distance if weights is Weights.LINEAR else distance * distance


def fleiss_kappa(counts: Sequence[Sequence[int]]) -> float | None:
    """Return Fleiss' kappa.

    Args:
        counts: For each unit how many raters chose each category; the same number of raters.
    """
    raters = sum(counts[0]) if counts else 0
    if raters < _PAIR or any(sum(row) != raters for row in counts):
        return None
    each = [sum(n * (n - 1) for n in row) / (raters * (raters - 1)) for row in counts]
    seen = sum(each) / len(counts)
    whole = raters * len(counts)
    shares = [sum(column) / whole for column in zip(*counts, strict=True)]
    chance = sum(share * share for share in shares)
    return (seen - chance) / (1 - chance) if chance < 1 else None


def gwet_ac1(ratings: Ratings, *, categories: Sequence[Hashable] = ()) -> float | None:
    """Return Gwet's AC1: chance is ``1/(q-1) sum p_k (1 - p_k)``, which survives rare categories.

    Args:
        ratings: Units by raters.
        categories: Every category that could be chosen; those that were, where not given.
    """
    tables = _pairable(ratings)
    seen = percent_agreement(ratings)
    if seen is None:
        return None
    used = {category for counts in tables for category in counts}
    known = used | set(categories)
    if len(known) < _PAIR:
        return None
    shares: dict[Hashable, float] = dict.fromkeys(known, 0.0)
    for counts in tables:
        total = sum(counts.values())
        for category, n in counts.items():
            shares[category] += n / total / len(tables)
    chance = sum(share * (1 - share) for share in shares.values()) / (len(known) - 1)
    return (seen - chance) / (1 - chance)


def pabak(ratings: Ratings, *, categories: int) -> float | None:
    """Return the agreement adjusted for prevalence and bias: ``(q po - 1) / (q - 1)``."""
    seen = percent_agreement(ratings)
    if seen is None or categories < _PAIR:
        return None
    return (categories * seen - 1) / (categories - 1)


def krippendorff_alpha(ratings: Ratings, *, level: Level = Level.NOMINAL) -> float | None:
    """Return ``1 - Do/De`` from the coincidence matrix; missing ratings are allowed.

    Args:
        ratings: Units by raters; numbers for every level but nominal.
        level: What differences mean.
    """
    return _alpha(_pairable(ratings), level)


def _alpha(tables: Sequence[Counter[Hashable]], level: Level) -> float | None:
    totals: Counter[Hashable] = Counter()
    for counts in tables:
        totals.update(counts)
    distance = _distance(totals, level)
    seen = sum(
        2 * a * b * distance(x, y) / (sum(counts.values()) - 1)
        for counts in tables
        for (x, a), (y, b) in combinations(counts.items(), _PAIR)
    )
    whole = sum(totals.values())
    chance = sum(2 * a * b * distance(x, y) for (x, a), (y, b) in combinations(totals.items(), 2))
    return 1 - (whole - 1) * seen / chance if chance else None


def _distance(
    totals: Mapping[Hashable, int], level: Level
) -> Callable[[Hashable, Hashable], float]:
    """Return the squared difference of two ratings."""
    if level is Level.NOMINAL:
        return lambda x, y: float(x != y)
    if level is Level.INTERVAL:
        return lambda x, y: (_number(x) - _number(y)) ** 2
    if level is Level.RATIO:
        return _ratio
    ordered = sorted(totals, key=_number)
    below: dict[Hashable, float] = {}
    running = 0
    for category in ordered:
        # A category's place is the middle of its own ratings among all of them.
        below[category] = running + totals[category] / 2
        running += totals[category]
    return lambda x, y: (below[x] - below[y]) ** 2


def _number(rating: Hashable) -> float:
    return float(rating)  # type: ignore[arg-type]  # every level but nominal takes numbers


def _ratio(x: Hashable, y: Hashable) -> float:
    first, second = _number(x), _number(y)
    return ((first - second) / (first + second)) ** 2 if first + second else 0.0


def with_interval(
    ratings: Ratings,
    measure: Callable[[Ratings], float | None],
    *,
    rounds: int = 1000,
    seed: int = 1,
    confidence: float = 0.95,
) -> Agreement:
    """Return a measure with its bootstrap interval over units (percentiles, seeded).

    Args:
        ratings: Units by raters.
        measure: What is measured.
        rounds: How often units are drawn again, with replacement.
        seed: Of those draws, so that everybody gets the same interval.
        confidence: Of the interval.
    """
    units = [row for row in ratings if _counted(row) >= _PAIR]
    draws = random.Random(seed)  # noqa: S311  a statistic, not a secret
    found = []
    for _ in range(rounds if len(units) > 1 else 0):
        value = measure(draws.choices(units, k=len(units)))
        if value is not None:
            found.append(value)
    found.sort()
    low = high = None
    if len(found) * 2 > rounds:
        edge = (1 - confidence) / 2
        low = found[int(edge * len(found))]
        high = found[min(len(found) - 1, int((1 - edge) * len(found)))]
    totals: Counter[Hashable] = Counter(one for row in units for one in row if one is not None)
    pairable = sum(totals.values())
    return Agreement(
        value=measure(units) if units else None,
        low=low,
        high=high,
        units=len(units),
        pairable=pairable,
        prevalence={category: n / pairable for category, n in totals.items()},
    )


def most_divided(ratings: Ratings) -> list[int]:
    """Return the places of units, those first whose raters agree least; equals by their place."""
    shares = [(percent_agreement([row]), place) for place, row in enumerate(ratings)]
    known = [(share, place) for share, place in shares if share is not None]
    return [place for _share, place in sorted(known)]


def _counted(row: Sequence[Rating]) -> int:
    return sum(one is not None for one in row)


def _pairable(ratings: Ratings) -> list[Counter[Hashable]]:
    """Return what each unit was rated, for units that at least two raters rated."""
    rows = (Counter(one for one in row if one is not None) for row in ratings)
    return [counts for counts in rows if sum(counts.values()) >= _PAIR]
