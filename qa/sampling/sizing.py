"""How many of each stratum are drawn, by every kind of plan; pure.

Sources: for allocation see ``allocating``, for discovery ``planning``, for lots ``acceptance``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import stdev
from typing import Final

from orchestra.core.errors import InvalidInputError
from qa.sampling.acceptance import single_plan
from qa.sampling.allocating import Stratum, allocate
from qa.sampling.framing import is_of, stratum_values
from qa.sampling.planning import discovery_size
from qa.sampling.types import (
    Acceptance,
    Allocation,
    Discovery,
    Method,
    PlanKind,
    PlanSpec,
    Severity,
)

#: A few equal reviews do not show that a stratum never varies.
LEAST_SPREAD: Final = 0.05
_LEAST: Final = 2


@dataclass(frozen=True, slots=True)
class Share:
    """What is drawn of one stratum, and why.

    Attributes:
        size: Units in it.
        drawn: How many are drawn.
        spread: Standard deviation it was planned with; None where none was needed or known.
        take_all: Whether it is reviewed completely because the plan says so.
        accept: For a lot: most failures with which it is accepted; None for all else.
        severity: For a lot: how strictly it is judged.
    """

    name: str
    size: int
    drawn: int
    spread: float | None = None
    take_all: bool = False
    accept: int | None = None
    severity: Severity | None = None


def spread_of(values: Sequence[float]) -> float | None:
    """Return the standard deviation of what reviews left; None of fewer than two."""
    return max(LEAST_SPREAD, stdev(values)) if len(values) >= _LEAST else None


def spreads(known: Mapping[str, Sequence[float]], names: Sequence[str]) -> dict[str, float]:
    """Return the spread of each stratum; that of all together where it has none of its own.

    Args:
        known: Stratum to what its reviews gave, or left beside the check, in past weeks.
        names: The strata of now.

    Returns:
        Empty where nothing is known of any, so that the sizes alone decide.
    """
    pooled = spread_of([value for values in known.values() for value in values])
    if pooled is None:
        return {}
    own = {name: spread_of(known.get(name, ())) for name in names}
    return {name: pooled if found is None else found for name, found in own.items()}


def shares_of(
    plan: PlanSpec,
    sizes: Mapping[str, int],
    *,
    known: Mapping[str, float],
    standing: Mapping[str, Severity],
) -> list[Share]:
    """Return what is drawn of each stratum, by name; where fewer are there than asked, all.

    Args:
        plan: A plan that draws by chance.
        sizes: Stratum to how many units it holds; none empty.
        known: Spread by stratum; empty where none is known.
        standing: Lot to how strictly it is judged; normal, or as the plan starts, without.
    """
    names = sorted(sizes)
    if plan.discovery:
        return [_discovered(name, sizes[name], plan.discovery) for name in names]
    if plan.acceptance:
        return [
            _lot(name, sizes[name], plan.acceptance, standing.get(name, plan.acceptance.start))
            for name in names
        ]
    if plan.allocation is None:
        return [Share(name, sizes[name], 0) for name in names]
    return _allocated(plan, plan.allocation, sizes, known)


def _discovered(name: str, size: int, discovery: Discovery) -> Share:
    try:
        wanted = discovery_size(
            confidence=discovery.confidence_percent / 100,
            share=discovery.less_than_percent / 100,
            population=size,
        )
    except InvalidInputError:
        wanted = size
    return Share(name, size, min(size, wanted))


def _lot(name: str, size: int, acceptance: Acceptance, severity: Severity) -> Share:
    """Return the plan of a lot; one the table says nothing of is reviewed whole, none may fail."""
    try:
        # The table here has no reduced plans; a normal one is stricter than what it stands for.
        row = Severity.NORMAL if severity is Severity.REDUCED else severity
        plan = single_plan(lot=size, aql=acceptance.aql, level=acceptance.level, severity=row)
    except InvalidInputError:
        return Share(name, size, size, take_all=True, accept=0, severity=severity)
    return Share(name, size, plan.reviews, accept=plan.accept, severity=severity)


def _allocated(
    plan: PlanSpec, allocation: Allocation, sizes: Mapping[str, int], known: Mapping[str, float]
) -> list[Share]:
    whole = {name for name in sizes if _is_whole(plan, allocation, name)}
    by_spread = allocation.method is Method.NEYMAN
    strata = [
        Stratum(name, sizes[name], known.get(name, 1.0), take_all=name in whole)
        for name in sorted(sizes)
    ]
    if allocation.total is None:
        drawn = {
            one.name: one.size
            if one.take_all
            else min(one.size, _fixed(plan, allocation, one.name))
            for one in strata
        }
    else:
        least = max(plan.strata.minimum, plan.quotas.per_agent_at_least or 0)
        drawn = allocate(strata, total=allocation.total, minimum=least, by_spread=by_spread)
    return [
        Share(
            one.name,
            one.size,
            drawn[one.name],
            spread=known.get(one.name) if by_spread and not one.take_all else None,
            take_all=one.take_all,
        )
        for one in strata
    ]


def _is_whole(plan: PlanSpec, allocation: Allocation, name: str) -> bool:
    if allocation.method is Method.TAKE_ALL:
        return True
    values = stratum_values(plan, name)
    return any(is_of(cell, values) for cell in plan.strata.take_all)


def takes_whole(plan: PlanSpec, name: str) -> bool:
    """Return whether a plan reviews a stratum completely, so that nothing is left to chance."""
    return (
        plan.kind is PlanKind.PROBABILITY
        and plan.allocation is not None
        and _is_whole(plan, plan.allocation, name)
    )


def _fixed(plan: PlanSpec, allocation: Allocation, name: str) -> int:
    """Return the size that a fixed allocation says: the first that fits, at least the minimum."""
    values = stratum_values(plan, name)
    found = (one.size for one in allocation.sizes if is_of(one.cell, values))
    least = max(plan.strata.minimum, plan.quotas.per_agent_at_least or 0)
    return max(least, next(found, allocation.otherwise))
