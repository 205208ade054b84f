"""Targets, what is seen against them, and alerts, as values."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from governance.access.types import Role
from qa.measurement.types import Breakdown, Statistic


class Sign(StrEnum):
    """By which rule weeks together say that a target is not kept; never one week alone."""

    TWO_OF_THREE = "two_of_three"
    FOUR_OF_FIVE = "four_of_five"
    EIGHT_IN_A_ROW = "eight_in_a_row"
    CUMULATIVE = "cumulative"


class AlertState(StrEnum):
    """Where an alert stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Ending(StrEnum):
    """How an alert was closed."""

    KEPT_AGAIN = "kept_again"
    BY_PERSON = "by_person"
    TARGET_GONE = "target_gone"


class Effect(StrEnum):
    """How a part moves the whole: by its own value, or by how much of the whole it is."""

    VALUE = "value"
    MIX = "mix"


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """A whole target.

    Attributes:
        metric: Key of the metric's definition.
        value: In the metric's unit.
        at_most: Whether more is a breach; else less is.
        owner: The role that answers for it, and is told.
        why: What it is for, in words.
        statistic: Of which statistic of a time; None for all other metrics.
        journey: Key of the cue sheet; empty for all journeys together.
    """

    key: str
    title: str
    metric: str
    value: float
    at_most: bool
    owner: Role
    why: str
    statistic: Statistic | None = None
    journey: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """A number of one week with its 95 % interval, in the metric's unit."""

    begin: date
    value: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Breach:
    """That weeks together say a target is not kept.

    Attributes:
        sign: By which rule.
        weeks: The weeks it was seen over, oldest first.
    """

    sign: Sign
    weeks: tuple[Week, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a whole over some weeks.

    Attributes:
        n: How many things it holds.
        value: Their mean, or their share in percent.
        variance: Of that value.
    """

    n: int
    value: float
    variance: float


@dataclass(frozen=True, slots=True)
class Driver:
    """What moved a number most, and surely: its interval excludes no change.

    Attributes:
        by: The dimension.
        key: The part.
        effect: How it moves the whole.
        points: By how much, in the metric's unit.
        low: Of the interval, wide enough for all that were looked at together.
        high: Of the same.
        change: By how much the whole changed.
    """

    by: Breakdown
    key: str
    effect: Effect
    points: float
    low: float
    high: float
    change: float
