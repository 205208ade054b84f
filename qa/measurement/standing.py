"""How a number stands: against its target, against the weeks before, and how old; pure.

Source: the interval of a difference from two intervals is that of G. Y. Zou and A. Donner
(2008), which for two shares is Newcombe's.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from qa.measurement.types import Direction, Goal, MetricSpec, Statistic

Json = Any


class Verdict(StrEnum):
    """What an interval says of a target."""

    MET = "met"
    MISSED = "missed"
    NOT_SHOWN = "not_shown"
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Reading:
    """A number with its interval, in the metric's unit; None where it is not known."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A reading against one target."""

    goal: Goal
    reading: Reading
    verdict: Verdict


def reading_of(figure: Mapping[str, Json], statistic: Statistic | None = None) -> Reading:
    """Return what a stored figure says; of nine in ten where that is asked."""
    beside = figure["beside"]
    if statistic is Statistic.P90:
        return Reading(beside.get("p90"), beside.get("p90_low"), beside.get("p90_high"))
    if statistic is Statistic.MEDIAN:
        return Reading(figure["value"], beside.get("low"), beside.get("high"))
    interval = figure["interval"] or {}
    return Reading(figure["value"], interval.get("low"), interval.get("high"))


def main_reading(spec: MetricSpec, figure: Mapping[str, Json]) -> Reading:
    """Return the number that stands on the card."""
    return reading_of(figure, spec.statistics[0] if spec.statistics else None)


def judge(reading: Reading, goal: Goal, better: Direction) -> Verdict:
    """Return met or missed only where the whole interval lies on one side."""
    if reading.low is None and reading.high is None:
        return Verdict.NOT_YET
    if better is Direction.LOWER:
        met = reading.high is not None and reading.high <= goal.value
        missed = reading.low is not None and reading.low > goal.value
    else:
        met = reading.low is not None and reading.low >= goal.value
        missed = reading.high is not None and reading.high < goal.value
    if met:
        return Verdict.MET
    return Verdict.MISSED if missed else Verdict.NOT_SHOWN


def standings(spec: MetricSpec, figure: Mapping[str, Json]) -> tuple[Standing, ...]:
    """Return how a figure stands against each target that is for all journeys and risks."""
    found = []
    for goal in spec.goals:
        if not goal.journey and not goal.risk:
            reading = reading_of(figure, goal.statistic)
            found.append(Standing(goal, reading, judge(reading, goal, spec.better)))
    return tuple(found)


def change(now: Reading, before: Reading) -> Reading | None:
    """Return the difference of two independent readings; None where one is not known."""
    ends = (now.value, now.low, now.high, before.value, before.low, before.high)
    if any(end is None for end in ends):
        return None
    value, low, high, other, other_low, other_high = (float(end or 0.0) for end in ends)
    apart = value - other
    return Reading(
        apart,
        apart - math.hypot(value - low, other_high - other),
        apart + math.hypot(high - value, other - other_low),
    )


def is_old(*, spec: MetricSpec, computed_at: datetime, now: datetime) -> bool:
    """Return whether a number must say that it is old."""
    return now - computed_at > timedelta(minutes=spec.stale_after_minutes)
