"""What a metric of one period comes to, as values; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from qa.estimates.types import Interval
from qa.measurement.formulas.shares import small_cells
from qa.measurement.metrics.common import Figure
from qa.measurement.rows import Dimensions


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a breakdown, in the metric's unit; None where it must not be shown."""

    key: str
    n: int | None
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Behind:
    """One thing behind a number: of which case, and whether it is a hit."""

    case: str
    of: Dimensions
    hit: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """One metric of one period, in the metric's unit.

    Attributes:
        curve: (time, share in percent, low, high, still in sight) where it has one.
        breakdowns: Dimension to its lines.
        counts: Further counts by group, such as transfers by kind.
        strata: Stratum of the standard mix to (hits, total), for a share.
    """

    figure: Figure
    curve: tuple[tuple[float, float, float, float, int], ...] = ()
    breakdowns: Mapping[str, tuple[Line, ...]] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    strata: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of a cohort, and up to when was looked, all UTC."""

    begin: datetime
    end: datetime
    now: datetime

    def has(self, at: datetime | None) -> bool:
        """Whether a moment belongs to it."""
        return at is not None and self.begin <= at < self.end and at <= self.now


def lines(
    cells: Mapping[str, tuple[int, float | None, float | None, float | None]], minimum: int
) -> tuple[Line, ...]:
    """Return a breakdown, without the numbers of cells that must not be told."""
    hidden = small_cells(((name, cell[0]) for name, cell in cells.items()), minimum=minimum)
    ordered = sorted(cells.items(), key=lambda pair: (-pair[1][0], pair[0]))
    return tuple(
        Line(name, None, None) if name in hidden else Line(name, *cell) for name, cell in ordered
    )


def in_percent(figure: Figure) -> Figure:
    """Return a share as a figure in percent."""
    interval = figure.interval
    return replace(
        figure,
        value=percent(figure.value),
        interval=interval and Interval(100 * interval.low, 100 * interval.high),
    )


def percent(share: float | None) -> float | None:
    """Return a share in percent."""
    return None if share is None else 100 * share


def pair(interval: Interval | None, times: float = 1) -> tuple[float | None, float | None]:
    """Return both ends of an interval, or none of them."""
    if interval is None:
        return None, None
    return times * interval.low, times * interval.high


def ends(low: float | None, high: float | None) -> Interval | None:
    """Return an interval where it has both ends."""
    return None if low is None or high is None else Interval(low, high)
