"""Samples, estimates and intervals, as values."""

import math
from dataclasses import dataclass
from enum import StrEnum


class HowSure(StrEnum):
    """How an interval came about; told beside it."""

    WILSON = "wilson"
    WILSON_EFFECTIVE = "wilson_effective"
    CENSUS = "census"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Interval:
    """From where to where, both ends within 0 to 1 for a share."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share or mean of a whole population.

    Attributes:
        value: The estimate; None where nothing can be said.
        variance: Of the estimate.
        interval: None where nothing can be said.
        how: How the interval came about.
        reviews: Reviews it rests on.
        effective: Reviews of a simple sample that would be as sure; None where that is not told.
        clustered: By how much the variance is wider since units belong together; 1 for not.
    """

    value: float | None
    variance: float
    interval: Interval | None
    how: HowSure
    reviews: int
    effective: float | None = None
    clustered: float = 1.0

    @property
    def standard_error(self) -> float:
        """The square root of the variance."""
        return math.sqrt(self.variance)


@dataclass(frozen=True, slots=True)
class StratumSample:
    """What was reviewed of one stratum.

    Attributes:
        size: Units in the stratum.
        scores: What the reviews gave, 0 to 1 each.
        clusters: What each unit belongs to, such as its case; empty where each stands alone.
    """

    name: str
    size: int
    scores: tuple[float, ...]
    clusters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedStratum:
    """What was reviewed of one stratum whose units were all judged automatically.

    Attributes:
        size: Units in the stratum.
        judged_mean: Mean of the automatic result over all of them, 0 to 1.
        scores: What the reviews gave, in the order of ``judged``.
        judged: The automatic result of the same units.
        clusters: What each unit belongs to, such as its case; empty where each stands alone.
    """

    name: str
    size: int
    judged_mean: float
    scores: tuple[float, ...]
    judged: tuple[float, ...]
    clusters: tuple[str, ...] = ()


class Verdict(StrEnum):
    """What an interval shows of a target; a point alone shows nothing."""

    MET = "met"
    MISSED = "missed"
    NOT_SHOWN = "not_shown"
