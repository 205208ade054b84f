"""What a calibration session shows; pure.

The measures are those of ``agreement``; here they are taken from sums over units, so that a
bootstrap of a thousand rounds is a matter of additions. A test holds both equal. Control limits:
W. A. Shewhart, three standard errors.
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from qa.calibration.types import (
    FEWEST_PEOPLE,
    FEWEST_UNITS,
    HIGH_AGREEMENT,
    LIMIT,
    Asked,
    Divided,
    Lean,
    Measure,
    QuestionResult,
    Reading,
)
from qa.sampling.planning import z_of

_PAIR = 2
_ROUNDS = 1000
_SIGMAS = 3.0
_EDGE = (1 - 0.95) / 2
_NONE = Measure(None)


@dataclass(frozen=True, slots=True)
class _Unit:
    """What one unit adds to the sums of every measure."""

    counts: tuple[int, ...]
    raters: int
    same: float
    apart: float


def question_result(asked: Asked, *, seed: int, people: int) -> QuestionResult:
    """Return how far people agree on one question.

    Args:
        asked: The question with every answer.
        seed: Of the bootstrap over units, so that everybody gets the same intervals.
        people: Who took part, and so the raters of Fleiss' kappa.
    """
    answers = [one for row in asked.rows for one in row if one is not None]
    order = sorted({*answers, *asked.passing})
    units = _units(asked, order)
    counts = Counter(
        one for row in asked.rows if _given(row) >= _PAIR for one in row if one is not None
    )
    common, most = min(counts.items(), key=lambda one: (-one[1], one[0]), default=("", 0))
    pairable = counts.total()
    same = _measured(units, _same, seed)
    kappa = alpha = ac1 = _NONE
    reading = Reading.TOO_FEW
    best = "alpha"
    if people >= FEWEST_PEOPLE and len(units) >= FEWEST_UNITS:
        distance = _distance(order, numbered=asked.numbered)
        kappa = _measured([one for one in units if one.raters == people], _kappa, seed)
        alpha = _measured(units, lambda drawn: _alpha(drawn, distance), seed)
        ac1 = _measured(units, lambda drawn: _ac1(drawn, len(order)), seed)
        best = "ac1" if same.value is not None and same.value > HIGH_AGREEMENT else "alpha"
        reading = _read(ac1 if best == "ac1" else alpha, alike=len(counts) < _PAIR)
    return QuestionResult(
        key=asked.key,
        text=asked.text,
        units=len(units),
        pairable=pairable,
        same=same,
        common=common,
        prevalence=most / pairable if pairable else None,
        kappa=kappa,
        alpha=alpha,
        ac1=ac1,
        best=best,
        reading=reading,
    )


def _read(measure: Measure, *, alike: bool) -> Reading:
    if alike:
        return Reading.ALL_ALIKE
    if measure.low is None or measure.high is None:
        return Reading.WATCH
    if measure.low >= LIMIT:
        return Reading.KEEP
    return Reading.CHANGE if measure.high < LIMIT else Reading.WATCH


def divided(asked: Sequence[Asked]) -> list[Divided]:
    """Return what divides people, with at least two of them on each side, the worst first."""
    found = []
    for one in asked:
        for place, row in enumerate(one.rows):
            counts = Counter(each for each in row if each is not None)
            if sum(n >= _PAIR for n in counts.values()) < _PAIR:
                continue
            total = counts.total()
            same = sum(n * (n - 1) for n in counts.values()) / (total * (total - 1))
            found.append(Divided(one.key, one.text, place, row, same))
    return sorted(found, key=lambda each: (each.same, each.unit, each.question))


def lean(asked: Sequence[Asked], person: int) -> Lean:
    """Return how one person's answers lie against the majority of the others.

    Where the others are split evenly there is no majority, and the answer does not count.
    """
    pairs = [(one, *pair) for one in asked for pair in against_majority(one, person)]
    apart = [one.passing[own] - one.passing.get(other, 0.0) for one, own, other in pairs]
    alike = sum(own == other for _one, own, other in pairs)
    if len(apart) < _PAIR:
        return Lean(person, len(apart), None, None, None, None, outside=False)
    mean, error = fmean(apart), stdev(apart) / math.sqrt(len(apart))
    half = z_of(0.95) * error
    return Lean(
        person=person,
        answers=len(apart),
        points=100 * mean,
        low=100 * (mean - half),
        high=100 * (mean + half),
        agrees=alike / len(apart),
        outside=abs(mean) > _SIGMAS * error,
    )


def against_majority(asked: Asked, person: int) -> Iterator[tuple[str, str]]:
    """Yield one person's answer and that of most others, for each unit where there is such a one.

    Where the others are split evenly there is no majority, and the answer does not count.
    """
    for row in asked.rows:
        others = Counter(
            each for place, each in enumerate(row) if place != person and each is not None
        ).most_common(2)
        own = row[person]
        if own is None or not others or own not in asked.passing:
            continue
        if len(others) > 1 and others[0][1] == others[1][1]:
            continue
        yield own, others[0][0]


def _given(row: Sequence[str | None]) -> int:
    return sum(one is not None for one in row)


def _units(asked: Asked, order: Sequence[str]) -> list[_Unit]:
    distance = _distance(order, numbered=asked.numbered)
    found = []
    for row in asked.rows:
        raters = _given(row)
        if raters < _PAIR:
            continue
        counted = Counter(one for one in row if one is not None)
        counts = tuple(counted[one] for one in order)
        pairs = sum(n * (n - 1) for n in counts)
        found.append(
            _Unit(
                counts=counts,
                raters=raters,
                same=pairs / (raters * (raters - 1)),
                apart=_spread(counts, distance) / (raters - 1),
            )
        )
    return found


def _distance(order: Sequence[str], *, numbered: bool) -> list[list[float]]:
    if numbered:
        steps = [float(one) for one in order]
        return [[(x - y) ** 2 for y in steps] for x in steps]
    return [[float(x != y) for y in order] for x in order]


def _spread(counts: Sequence[int], distance: Sequence[Sequence[float]]) -> float:
    return sum(
        n * other * distance[x][y] for x, n in enumerate(counts) for y, other in enumerate(counts)
    )


def _same(units: Sequence[_Unit]) -> float | None:
    return fmean(one.same for one in units) if units else None


def _totals(units: Sequence[_Unit]) -> list[int]:
    return [sum(column) for column in zip(*(one.counts for one in units), strict=True)]


def _kappa(units: Sequence[_Unit]) -> float | None:
    totals = _totals(units)
    whole = sum(totals)
    if not whole:
        return None
    chance = sum((n / whole) ** 2 for n in totals)
    seen = fmean(one.same for one in units)
    return (seen - chance) / (1 - chance) if chance < 1 else None


def _alpha(units: Sequence[_Unit], distance: Sequence[Sequence[float]]) -> float | None:
    totals = _totals(units)
    chance = _spread(totals, distance)
    if not chance:
        return None
    return 1 - (sum(totals) - 1) * sum(one.apart for one in units) / chance


def _ac1(units: Sequence[_Unit], categories: int) -> float | None:
    if not units or categories < _PAIR:
        return None
    shares = [fmean(one.counts[place] / one.raters for one in units) for place in range(categories)]
    chance = sum(share * (1 - share) for share in shares) / (categories - 1)
    return (fmean(one.same for one in units) - chance) / (1 - chance)


def _measured(
    units: Sequence[_Unit], measure: Callable[[Sequence[_Unit]], float | None], seed: int
) -> Measure:
    """Return a measure with its bootstrap interval over units, 95 %, by percentiles."""
    if not units:
        return _NONE
    value = measure(units)
    draws = random.Random(seed)  # noqa: S311  a statistic, not a secret
    found = []
    for _ in range(_ROUNDS if len(units) > 1 else 0):
        drawn = measure(draws.choices(units, k=len(units)))
        if drawn is not None:
            found.append(drawn)
    if value is None or len(found) * 2 <= _ROUNDS:
        return Measure(value)
    found.sort()
    edge = 0.025
    return Measure(
        value,
        found[int(edge * len(found))],
        found[min(len(found) - 1, int((1 - edge) * len(found)))],
    )
