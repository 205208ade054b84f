"""What is held side by side, and what came of it; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from qa.measurement.rows import Dimensions
from qa.measurement.standing import Reading
from qa.measurement.types import Breakdown, Metric

if TYPE_CHECKING:
    from qa.measurement.columns.cutting import Marks

Curve = tuple[tuple[float, float, float, float, int], ...]

#: Shares of things each of which counts or does not, so that parts add up to the whole.
ADDS_UP: Final = frozenset(
    {
        Metric.RECONTACT_RATE,
        Metric.FIRST_CONTACT_RESOLUTION,
        Metric.TRANSFER_RATE,
        Metric.ESCALATION_RATE,
        Metric.EXCEPTION_RATE_STEPS,
        Metric.EXCEPTION_RATE_CASES,
        Metric.AUDIT_COMPLETENESS_CASES,
    }
)
COMPARABLE: Final = ADDS_UP | {Metric.TIME_TO_RESOLUTION, Metric.AFTER_CONTACT_WORK}


class Basis(StrEnum):
    """What the difference comes from."""

    NEWCOMBE = "newcombe"
    TWO_INTERVALS = "two_intervals"
    RESTRICTED_MEAN = "restricted_mean"


@dataclass(frozen=True, slots=True)
class Cohort:
    """What is looked at on one side.

    Attributes:
        begin: UTC.
        end: UTC, the moment after.
        only: Dimension to the one value that counts; a version leaves out cases that moved to
            another while they ran.
    """

    begin: datetime
    end: datetime
    only: Mapping[Breakdown, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parts:
    """What one side is made of, as columns."""

    marks: "Marks"
    mixes: Mapping[int, Dimensions]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison, in the metric's unit.

    Attributes:
        open: Not over yet; they count as long as seen.
        moved: Cases that changed version while they ran, left out.
        further: Nine in ten of a time; None for all else.
        parts: What it is made of, for what moved it; None where parts do not add up.
    """

    n: int
    reading: Reading
    open: int = 0
    moved: int = 0
    further: Reading | None = None
    curve: Curve = ()
    parts: Parts | None = None


@dataclass(frozen=True, slots=True)
class Contrast:
    """Both sides, and the second less the first.

    Attributes:
        difference: None where one side is not known.
        means: Of a time, both restricted means.
        p_value: Of a time, that of the log-rank test; None where nothing tells them apart.
    """

    first: Side
    second: Side
    basis: Basis
    difference: Reading | None
    means: tuple[float, float] | None = None
    p_value: float | None = None
