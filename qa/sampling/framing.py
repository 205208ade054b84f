"""Whether a unit belongs to a plan's frame, and to which stratum of it; pure."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from qa.population.types import Dimension, Flag, HandledBy, Target, Unit
from qa.sampling.types import Cell, PlanKind, PlanSpec

#: The stratum of a plan that is not cut.
WHOLE: Final = "all"
#: Longest name of a stratum; a longer one ends in its digest.
LONGEST: Final = 300
_DIGITS: Final = 16
_SAFE: Final = " :.,()"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a frame asks of a unit.

    Attributes:
        values: Each dimension to its value.
        left_out: Why it is flagged; None where it is not.
        targets: Why it stands out.
    """

    kind: Unit
    values: Mapping[Dimension, str]
    left_out: Flag | None = None
    targets: Collection[Target] = ()


def is_counted(plan: PlanSpec, unit: Candidate) -> bool:
    """Return whether a unit is of the population that a plan looks at, whatever its flag."""
    handled = plan.population.handled_by
    if unit.kind is not plan.population.unit:
        return False
    if handled and HandledBy(unit.values[Dimension.HANDLED_BY]) not in handled:
        return False
    return all((unit.values[one.by] in one.values) != one.is_not for one in plan.frame)


def is_in_frame(plan: PlanSpec, unit: Candidate) -> bool:
    """Return whether a unit can be drawn by a plan.

    What a flag leaves out is in no frame of a plan that names the flag; a targeted plan holds
    only what stands out for one of its reasons.
    """
    if not is_counted(plan, unit) or unit.left_out in plan.population.leave_out:
        return False
    return plan.kind is not PlanKind.TARGETED or any(one in plan.targets for one in unit.targets)


def cut_by(plan: PlanSpec) -> tuple[Dimension, ...]:
    """Return what cuts a plan's frame: its strata, or what makes a lot."""
    return plan.acceptance.lot if plan.acceptance else plan.strata.by


def stratum_of(plan: PlanSpec, unit: Candidate) -> str:
    """Return the name of a unit's stratum: the values that cut the frame, with ``/`` between.

    What would read as a separator within a value is written as in a web address.
    """
    by = cut_by(plan)
    if not by:
        return WHOLE
    name = "/".join(quote(unit.values[one], safe=_SAFE) for one in by)
    if len(name) <= LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGITS]
    return f"{name[: LONGEST - _DIGITS - 1]}~{digest}"


def stratum_values(plan: PlanSpec, name: str) -> dict[Dimension, str]:
    """Return the values that a stratum's name stands for, for showing them."""
    by = cut_by(plan)
    return dict(zip(by, (unquote(one) for one in name.split("/")), strict=False)) if by else {}


def is_of(cell: Cell, values: Mapping[Dimension, str]) -> bool:
    """Return whether a cell names the stratum of these values."""
    return all(values.get(by) == value for by, value in cell.values)
