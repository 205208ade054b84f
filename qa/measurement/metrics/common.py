"""What the metrics share: the figure they end in, and what was left out; pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from qa.estimates.types import Interval
from qa.measurement.formulas.shares import Share
from qa.measurement.types import LeftOut


class Leavable(Protocol):
    """A row that can be left out with a reason."""

    @property
    def left_out(self) -> LeftOut | None:
        """Why, or None where it counts."""


Row = TypeVar("Row", bound=Leavable)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with everything that has to stand beside it.

    Attributes:
        value: In the metric's unit; a share is 0 to 1. None where nothing can be said.
        interval: At 95 %; None where there is none.
        n: Of how many.
        hits: How many of them; None for what is no share.
        left_out: Reason to how many.
        open: How many are not over yet and count as long as they were seen.
        beside: Further counts and values by name.
    """

    value: float | None
    interval: Interval | None
    n: int
    hits: int | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    open: int = 0
    beside: Mapping[str, float | None] = field(default_factory=dict)


def sift(
    rows: Iterable[Row], reasons: Iterable[LeftOut] = tuple(LeftOut)
) -> tuple[list[Row], Counter[str]]:
    """Return the rows that count, and how many of the others for each reason.

    Args:
        rows: Each with its reason or none.
        reasons: Those that the definition leaves out; a row with another one counts.
    """
    wanted, kept, left = frozenset(reasons), [], Counter[str]()
    for row in rows:
        if row.left_out is not None and row.left_out in wanted:
            left[str(row.left_out)] += 1
        else:
            kept.append(row)
    return kept, left


def as_figure(
    share: Share,
    left_out: Mapping[str, int],
    *,
    open_count: int = 0,
    beside: Mapping[str, float | None] | None = None,
) -> Figure:
    """Return a share as a figure with Wilson's interval."""
    return Figure(
        value=share.value,
        interval=share.interval(),
        n=share.total,
        hits=share.hits,
        left_out=dict(sorted(left_out.items())),
        open=open_count,
        beside=beside or {},
    )
