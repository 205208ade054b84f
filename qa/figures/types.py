"""Estimates of quality as values: what they are made of, and what they say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from qa.estimates.types import Estimate, Verdict
from qa.population.types import Dimension
from qa.sampling.types import PeriodState

#: Share of the drawn ones of each stratum that must be reviewed before a number is said: those
#: that are finished first are not a fair part of a sample.
ENOUGH_PERCENT: Final = 80
#: Fewest reviews of a cell that is shown on its own.
FEWEST_SHOWN: Final = 30


class InFrame(StrEnum):
    """What of a frame is counted."""

    UNIT = "unit"
    VERDICT = "verdict"
    CHECK = "check"


class Standing(StrEnum):
    """Whether a period gives a number, and if not, why."""

    KNOWN = "known"
    NOT_DRAWN = "not_drawn"
    HELD = "held"
    EMPTY = "empty"
    UNCOVERED = "uncovered"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The first submitted review of one drawn unit.

    Attributes:
        subject: Public id of what was reviewed.
        judged: What the automatic checks said of it; None where they did not.
        seconds: People's time.
        case: What it belongs to together with other units; empty where it stands alone.
        values: Where it stands on each dimension.
    """

    subject: str
    passed: bool
    judged: bool | None = None
    seconds: int = 0
    case: str = ""
    values: Mapping[Dimension, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stratum:
    """One stratum of one period.

    Attributes:
        size: Units in it.
        drawn: Reviews that the plan asked for.
        lost: Drawn ones that could not be reviewed.
        judged: Units of it that the automatic checks judged.
        would_pass: Of those, how many they passed.
    """

    name: str
    size: int
    drawn: int
    lost: int = 0
    judged: int = 0
    would_pass: int = 0
    reviews: tuple[Reviewed, ...] = ()


@dataclass(frozen=True, slots=True)
class PeriodRows:
    """Everything that an estimate of one period rests on.

    Attributes:
        period: Public id.
        series: Of the automatic checks; empty without any.
        editions: Of the scorecards, such as ``conversations/1``.
        upheld: Disputes of its reviews that were upheld; the first scores still count.
        target: Share that the plan's version names as its target; None for none.
    """

    plan: str
    version: int
    period: str
    starts_at: datetime
    ends_at: datetime
    state: PeriodState
    held_reason: str = ""
    frame_digest: str = ""
    series: str = ""
    editions: tuple[str, ...] = ()
    upheld: int = 0
    target: float | None = None
    strata: tuple[Stratum, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """How good it was, as far as that can be said.

    Attributes:
        standing: ``known`` or why there is no number.
        size: Units in the population.
        drawn: Reviews asked for.
        reviewed: Reviews that count.
        lost: Drawn ones that could not be reviewed.
        short: Strata of which too few are reviewed.
        checked: Units that automatic checks judged.
        judge_alone: Share that they would pass, uncorrected.
        unweighted: Plain share of the reviews that passed.
        weighted: By the design, from reviews alone.
        used: The estimate: corrected checks where there are any, else ``weighted``.
        seconds: Middle of the time of a review; None without any.
        target: Share that is to pass; None for none.
        verdict: What the estimate's interval shows of the target; None without a target.
        digest: Of all that went in; the same rows give the same digest and the same figures.
    """

    standing: Standing
    size: int
    drawn: int
    reviewed: int
    lost: int
    short: tuple[str, ...]
    checked: int
    judge_alone: float | None
    unweighted: float | None
    weighted: Estimate | None
    used: Estimate | None
    seconds: float | None
    digest: str
    target: float | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class CellFigures:
    """One value of a dimension; ``estimate`` is None where it is held back.

    Attributes:
        reviews: None where it is held back.
        size: Units of it in the population; None where it is held back.
    """

    value: str
    reviews: int | None
    size: int | None
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A population by one dimension.

    Attributes:
        cells: By value; those that are held back stand last.
        held_back: How many cells are not shown, since they, or what could be found from them
            by subtraction, rest on too few reviews.
    """

    by: Dimension
    cells: tuple[CellFigures, ...]
    held_back: int


@dataclass(frozen=True, slots=True)
class Profile:
    """One value of a dimension over time.

    Attributes:
        each: Per period, the newest first; held back under 30 reviews.
        together: All of them.
    """

    by: Dimension
    value: str
    each: tuple[CellFigures, ...]
    together: CellFigures


@dataclass(frozen=True, slots=True)
class Outcome:
    """One drawn unit, with its chance and what its first review found.

    Attributes:
        unit: Public id of what was drawn.
        number: Its own number, as 16 hexadecimal digits.
        replaces: Public id of the unit whose place it took; empty for none.
        lost_for: Why it could not be reviewed; empty where it could.
        judged: What automatic checks said; None where they did not.
        passed: What the first review gave; None before that.
    """

    unit: str
    label: str
    stratum: str
    place: int
    number: str
    ended_at: datetime
    size_of_stratum: int
    drawn_of_stratum: int
    replaces: str
    lost_for: str
    judged: bool | None
    passed: bool | None
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Advice:
    """What a number of reviews buys.

    Attributes:
        reviews: Reviews in a period.
        alone: Half of the 95 % interval from reviews alone.
        checked: The same with automatic checks on all; None without checks.
        seconds: People's time for all of them; None where no review was timed.
        tells: Whether the interval would lie on one side of the target, were the share the same;
            None without a target.
    """

    reviews: int
    alone: float
    checked: float | None
    seconds: float | None
    tells: bool | None = None
