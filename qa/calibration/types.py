"""Calibration sessions and what they show, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

#: Half-way between chance and sure; what Krippendorff calls the lowest for tentative use.
#: Source: K. Krippendorff, "Content Analysis" (2004), 11.4.2.
LIMIT: Final = 0.667
#: Above this share of same answers chance-corrected kappa says little; AC1 is read.
HIGH_AGREEMENT: Final = 0.9
FEWEST_PEOPLE, FEWEST_UNITS = 3, 10


class SessionState(StrEnum):
    """Where a session stands; it shows nothing while it is open and people are missing."""

    OPEN = "open"
    CLOSED = "closed"


class Reading(StrEnum):
    """What an agreement says about a question's wording."""

    KEEP = "keep"
    WATCH = "watch"
    CHANGE = "change"
    ALL_ALIKE = "all_alike"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of agreement; None where it does not exist."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what everybody answered.

    Attributes:
        numbered: Whether its answers are steps of a scale, which lie apart by numbers.
        passing: Answer to the share of points it earns, 0 to 1.
        rows: Units by people; None for not applicable, not asked, or not handed in.
    """

    key: str
    text: str
    numbered: bool
    passing: Mapping[str, float]
    rows: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """How far people agree on one question.

    Attributes:
        units: Those that at least two people answered.
        pairable: Answers on those.
        common: The answer given most often, and ``prevalence`` its share.
        best: Name of the measure to read: ``alpha`` or ``ac1``.
    """

    key: str
    text: str
    units: int
    pairable: int
    same: Measure
    common: str
    prevalence: float | None
    kappa: Measure
    alpha: Measure
    ac1: Measure
    best: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Divided:
    """One unit that divides people on one question; places are those of units and people."""

    question: str
    text: str
    unit: int
    answers: tuple[str | None, ...]
    same: float


@dataclass(frozen=True, slots=True)
class Lean:
    """How one person scores against the majority of the others.

    Attributes:
        points: Mean difference in points of 100; positive is kinder. None where nothing pairs.
        agrees: Share of answers like the majority.
        outside: Whether it lies outside the control limits, three standard errors from none.
    """

    person: int
    answers: int
    points: float | None
    low: float | None
    high: float | None
    agrees: float | None
    outside: bool
