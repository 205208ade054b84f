"""Agreement over a series of sessions, with intervals, and whether somebody drifts; pure.

Sources: K. L. Gwet, "Computing inter-rater reliability and its variance in the presence of high
agreement" (2008), for AC1 and its linearised variance; E. B. Wilson (1927) where everybody agrees
and that variance is none; S. W. Roberts, "Control chart tests based on geometric moving averages"
(1959), for the chart that tells drift from a single odd session.
"""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, stdev
from typing import Final

from qa.calibration.results import against_majority
from qa.calibration.types import FEWEST_UNITS, Asked
from qa.estimates.proportions import wilson
from qa.sampling.planning import z_of

_PAIR: Final = 2
#: Weight of the newest session in the moving average, and its limits in standard deviations.
WEIGHT: Final = 0.3
LIMITS: Final = 2.7
#: One session counts for no more than this many of its standard errors, so that none alone can
#: pass the limits.
MOST: Final = 3.0
#: Fewer sessions than this show no drift.
FEWEST_SESSIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Agreed:
    """Gwet's AC1 with its 95 % interval.

    Attributes:
        units: Units it rests on.
    """

    value: float
    low: float
    high: float
    units: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """What one rater and the measure they are held against said of the same units.

    Attributes:
        categories: Every answer that could be given.
        pairs: Answer of the rater, and the other one.
        apart: For each pair the share of points of the first less that of the second.
    """

    categories: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    apart: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One session of a series.

    Attributes:
        at: When it was closed; of a judge when its week began.
        mark: What began with it, such as a version; empty for nothing.
        agreed: None where too few units were rated to say.
        points: Mean difference in points of 100, positive is kinder; None likewise.
        error: Its standard error.
    """

    at: datetime
    mark: str
    agreed: Agreed | None
    points: float | None
    error: float


@dataclass(frozen=True, slots=True)
class Drift:
    """Where the moving average of a series stands.

    Attributes:
        smoothed: In standard errors; positive is kinder.
        limit: Beyond this, to either side, it drifts.
        sessions: How many sessions it holds.
    """

    smoothed: float
    limit: float
    sessions: int

    @property
    def is_drifting(self) -> bool:
        """Whether several sessions together lie further off than chance allows."""
        return self.sessions >= FEWEST_SESSIONS and abs(self.smoothed) > self.limit


def agreed(rows: Sequence[Sequence[Hashable | None]], categories: int) -> Agreed | None:
    """Return AC1 of any number of raters with its interval; None with too few units.

    Args:
        rows: Units by raters; None is a missing rating.
        categories: How many answers could be given.
    """
    counted = [Counter(one for one in row if one is not None) for row in rows]
    units = [counts for counts in counted if counts.total() >= _PAIR]
    if len(units) < FEWEST_UNITS or categories < _PAIR:
        return None
    shares: Counter[Hashable] = Counter()
    for counts in units:
        for category, n in counts.items():
            shares[category] += n / counts.total() / len(units)  # type: ignore[assignment]
    chance = sum(share * (1 - share) for share in shares.values()) / (categories - 1)
    same = [_same(counts) for counts in units]
    value = (fmean(same) - chance) / (1 - chance)
    by_chance = [
        sum(n / counts.total() * (1 - shares[category]) for category, n in counts.items())
        / (categories - 1)
        for counts in units
    ]
    linear = [
        (one - chance) / (1 - chance) - 2 * (1 - value) * (other - chance) / (1 - chance)
        for one, other in zip(same, by_chance, strict=True)
    ]
    n = len(units)
    variance = sum((one - value) ** 2 for one in linear) / (n * (n - 1))
    if not variance:
        low = (wilson(hits=fmean(same) * n, total=n).low - chance) / (1 - chance)
        return Agreed(value, min(low, value), value, n)
    half = z_of(0.95) * math.sqrt(variance)
    return Agreed(value, max(-1.0, value - half), min(1.0, value + half), n)


def pairs_of(asked: Asked, person: int) -> Pairs:
    """Return what one person answered beside the majority of the others."""
    pairs = tuple(against_majority(asked, person))
    return Pairs(
        categories=tuple(asked.passing),
        pairs=pairs,
        apart=tuple(asked.passing[own] - asked.passing.get(other, 0.0) for own, other in pairs),
    )


def judged_pairs(said: Sequence[tuple[bool, bool]]) -> Pairs:
    """Return what a check said beside people.

    Args:
        said: For each unit whether the check passed it, and whether the person did.
    """
    words = {True: "pass", False: "fail"}
    return Pairs(
        categories=("pass", "fail"),
        pairs=tuple((words[check], words[person]) for check, person in said),
        apart=tuple(float(check) - float(person) for check, person in said),
    )


def pooled(parts: Sequence[Agreed | None]) -> Agreed | None:
    """Return the mean of measures of different questions or sessions, weighted by their units.

    The parts are independent; the half-widths add as variances do.
    """
    known = [one for one in parts if one is not None]
    units = sum(one.units for one in known)
    if not units:
        return None
    value = sum(one.value * one.units for one in known) / units
    below = math.sqrt(sum(((one.value - one.low) * one.units / units) ** 2 for one in known))
    above = math.sqrt(sum(((one.high - one.value) * one.units / units) ** 2 for one in known))
    return Agreed(value, max(-1.0, value - below), min(1.0, value + above), units)


def point_of(at: datetime, questions: Sequence[Pairs], *, mark: str = "") -> Point:
    """Return one session of a rater over the questions given."""
    apart = [one for question in questions for one in question.apart]
    lean, error = None, 0.0
    if len(apart) >= FEWEST_UNITS:
        lean, error = 100 * fmean(apart), 100 * stdev(apart) / math.sqrt(len(apart))
    found = pooled([agreed(one.pairs, len(one.categories)) for one in questions])
    return Point(at, mark, found, lean, error)


def drift_of(points: Sequence[Point]) -> Drift:
    """Return the moving average of how far a rater leans, oldest session first.

    ``z_t = w x_t + (1 - w) z_(t-1)`` with limits ``L sqrt(w / (2 - w) (1 - (1 - w)^(2t)))``, of
    each session's lean in its own standard errors, held to ``MOST``.
    """
    known = [(one.points, one.error) for one in points if one.points is not None]
    smoothed = 0.0
    for lean, error in known:
        smoothed = WEIGHT * _standard(lean, error) + (1 - WEIGHT) * smoothed
    left = 1 - (1 - WEIGHT) ** (2 * len(known))
    return Drift(smoothed, LIMITS * math.sqrt(WEIGHT / (2 - WEIGHT) * left), len(known))


def _standard(lean: float, error: float) -> float:
    if not error:
        return math.copysign(MOST, lean) if lean else 0.0
    return max(-MOST, min(MOST, lean / error))


def _same(counts: Counter[Hashable]) -> float:
    total = counts.total()
    return sum(n * (n - 1) for n in counts.values()) / (total * (total - 1))
