"""What a sampling plan must not claim, and what does not go together, with the reason; pure."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from governance.reviews.types import RiskLevel
from orchestra.core.errors import FieldError
from qa.population.types import Dimension, HandledBy, Unit
from qa.sampling.types import Allocation, Cell, Claim, Method, Moment, PlanKind, PlanSpec

#: Kind of plan to the most it can show; every kind may also show nothing.
CLAIMS: Mapping[PlanKind, Claim] = MappingProxyType(
    {
        PlanKind.PROBABILITY: Claim.ESTIMATE,
        PlanKind.DISCOVERY: Claim.BOUND,
        PlanKind.ACCEPTANCE: Claim.LOT,
        PlanKind.TARGETED: Claim.NOTHING,
    }
)
_NO_ESTIMATE: Mapping[PlanKind, str] = MappingProxyType(
    {
        PlanKind.TARGETED: "what is picked for a reason stands for nothing else, so no share of "
        "the whole can be estimated from it; claim nothing, or draw by chance",
        PlanKind.ACCEPTANCE: "accepting a lot does not show how good it is: a lot far worse than "
        "the limit is still accepted at times; claim lot, or draw a probability sample",
        PlanKind.DISCOVERY: "a plan that stops at the first failure shows an upper bound, no "
        "rate; claim bound",
        PlanKind.PROBABILITY: "a probability sample is for an estimate; bounds and lots have "
        "plans of their own",
    }
)
#: Units that have no worker of their own to be told apart by.
_NOT_HANDLED = frozenset({Unit.HANDOFF, Unit.APPROVAL, Unit.DECISION})
_CHANCE = frozenset({PlanKind.PROBABILITY, PlanKind.DISCOVERY, PlanKind.ACCEPTANCE})


def check_plan(plan: PlanSpec) -> Iterator[FieldError]:
    """Yield why a plan that can be read is refused nevertheless."""
    yield from _check_claim(plan)
    yield from _check_parts(plan)
    yield from _check_population(plan)
    yield from _check_frame(plan)
    yield from _check_strata(plan)
    if plan.allocation is not None:
        yield from _check_allocation(plan, plan.allocation)
    yield from _check_quotas(plan)
    if plan.kind is PlanKind.TARGETED and plan.replacements.reasons:
        message = "means nothing here: what is picked stands for nothing else; leave it out"
        yield FieldError("replacements", "other_kind", message)


def _check_claim(plan: PlanSpec) -> Iterator[FieldError]:
    if plan.claim not in {CLAIMS[plan.kind], Claim.NOTHING}:
        yield FieldError("claim", "cannot_claim", _NO_ESTIMATE[plan.kind])
    if plan.target_percent is not None and plan.claim is not Claim.ESTIMATE:
        message = "needs an estimate that can be held against it; claim estimate, or leave it out"
        yield FieldError("target_percent", "no_estimate", message)
    if plan.kind in _CHANCE and plan.seed_hours is None and not _takes_all(plan):
        message = (
            "must be committed before the period, so that anybody can draw again and nobody "
            "could have chosen; say committed_hours_before"
        )
        yield FieldError("seed", "required", message)


def _takes_all(plan: PlanSpec) -> bool:
    return plan.allocation is not None and plan.allocation.method is Method.TAKE_ALL


def _check_parts(plan: PlanSpec) -> Iterator[FieldError]:
    """Yield the parts that a kind of plan needs and has not, or has and must not."""
    parts = {
        "allocation": (PlanKind.PROBABILITY, plan.allocation),
        "targets": (PlanKind.TARGETED, plan.targets),
        "at_most": (PlanKind.TARGETED, plan.at_most),
        "discovery": (PlanKind.DISCOVERY, plan.discovery),
        "acceptance": (PlanKind.ACCEPTANCE, plan.acceptance),
    }
    for name, (kind, value) in parts.items():
        if kind is plan.kind and not value:
            yield FieldError(name, "required", f"is needed in a {kind} plan")
        if kind is not plan.kind and value:
            yield FieldError(name, "other_kind", _other_kind(name, kind, plan.kind))


def _other_kind(name: str, kind: PlanKind, own: PlanKind) -> str:
    if name == "targets":
        return (
            "would mix what is picked for a reason with what is drawn by chance; make a "
            "targeted plan beside this one"
        )
    return f"belongs to a {kind} plan, and this one is {own}"


def _check_population(plan: PlanSpec) -> Iterator[FieldError]:
    handled = plan.population.handled_by
    if plan.population.unit in _NOT_HANDLED and handled:
        message = f"means nothing for a {plan.population.unit}; leave it out"
        yield FieldError("population.handled_by", "not_applicable", message)
    if plan.population.unit not in _NOT_HANDLED and not handled:
        names = ", ".join(HandledBy)
        yield FieldError("population.handled_by", "required", f"must name some of {names}")


def _check_frame(plan: PlanSpec) -> Iterator[FieldError]:
    seen: set[Dimension] = set()
    for index, one in enumerate(plan.frame):
        path = f"frame[{index}]"
        if one.by in seen:
            message = f"filters {one.by} a second time; put both into one"
            yield FieldError(f"{path}.by", "repeated", message)
        seen.add(one.by)
        if one.by is Dimension.HANDLED_BY:
            message = "is said by population.handled_by; leave it out here"
            yield FieldError(f"{path}.by", "said_twice", message)
    yield from _check_critical(plan)


def _check_critical(plan: PlanSpec) -> Iterator[FieldError]:
    """Refuse lots that hold critical work: there a limit would allow failures."""
    if plan.kind is PlanKind.ACCEPTANCE and RiskLevel.CRITICAL in _risks_left(plan):
        message = (
            "must leave out critical work: an acceptance limit allows some failures of it; "
            "review all of it, or use a discovery plan"
        )
        yield FieldError("frame", "critical_in_lot", message)


def _risks_left(plan: PlanSpec) -> set[str]:
    left = {str(one) for one in RiskLevel}
    for one in plan.frame:
        if one.by is Dimension.RISK:
            left = left - set(one.values) if one.is_not else left & set(one.values)
    return left


def _check_strata(plan: PlanSpec) -> Iterator[FieldError]:
    if plan.strata.by and plan.kind is not PlanKind.PROBABILITY:
        message = "are for a probability plan, where each is shared a number of reviews"
        yield FieldError("strata.by", "other_kind", message)
    fixed = {one.by for one in plan.frame if not one.is_not and len(one.values) == 1}
    handled = plan.population.handled_by
    for index, by in enumerate(plan.strata.by):
        if by in fixed or (by is Dimension.HANDLED_BY and len(handled) == 1):
            message = f"has one value in this frame, so it cuts nothing; leave {by} out"
            yield FieldError(f"strata.by[{index}]", "one_value", message)
        if by is Dimension.HANDLED_BY and plan.population.unit in _NOT_HANDLED:
            message = f"means nothing for a {plan.population.unit}; leave it out"
            yield FieldError(f"strata.by[{index}]", "not_applicable", message)
    places = [
        (f"strata.take_all[{index}]", cell) for index, cell in enumerate(plan.strata.take_all)
    ]
    yield from _check_cells(plan, places)


def _check_cells(plan: PlanSpec, places: Iterable[tuple[str, Cell]]) -> Iterator[FieldError]:
    """Yield what names no stratum of the plan."""
    seen: set[Cell] = set()
    for path, cell in places:
        if cell in seen:
            yield FieldError(path, "repeated", "names the same strata as one before")
        seen.add(cell)
        for by, value in cell.values:
            if by not in plan.strata.by:
                message = f"names strata by {by}, but the plan is not cut by it"
                yield FieldError(f"{path}.{by}", "no_such_stratum", message)
            elif not _is_left(plan, by, value):
                message = f"names an empty stratum: the frame holds no {by} {value}"
                yield FieldError(f"{path}.{by}", "empty_stratum", message)


def _is_left(plan: PlanSpec, by: Dimension, value: str) -> bool:
    if by is Dimension.HANDLED_BY:
        return value in plan.population.handled_by
    return all((value in one.values) != one.is_not for one in plan.frame if one.by is by)


def _check_allocation(plan: PlanSpec, allocation: Allocation) -> Iterator[FieldError]:
    places = [
        (f"allocation.sizes[{index}].of", size.cell) for index, size in enumerate(allocation.sizes)
    ]
    yield from _check_cells(plan, places)
    if allocation.total is not None and allocation.total < plan.strata.minimum:
        message = f"is below the minimum of one stratum, {plan.strata.minimum}"
        yield FieldError("allocation.total", "range", message)
    if allocation.method is Method.NEYMAN and not plan.strata.by:
        message = "shares out by the spread within strata, so it needs strata"
        yield FieldError("allocation.method", "needs_strata", message)
    has_total = allocation.total is not None
    if plan.schedule.draw is Moment.AT_CLOSE and has_total:
        message = (
            "cannot share out a total before the period is over, since the sizes of the strata "
            "are not known; draw after the period, or fix the sizes"
        )
        yield FieldError("schedule.draw", "unknown_sizes", message)
    if allocation.method is Method.TAKE_ALL and plan.replacements.reasons:
        message = "has nobody to replace with, since all are reviewed; leave it out"
        yield FieldError("replacements", "nothing_left", message)


def _check_quotas(plan: PlanSpec) -> Iterator[FieldError]:
    if plan.kind not in _CHANCE:
        return
    if plan.quotas.per_agent_at_most is not None:
        message = (
            "would drop what was drawn, and so change what the rest stands for; a bound per "
            "agent is for targeted plans"
        )
        yield FieldError("quotas.per_agent_at_most", "breaks_chance", message)
    if plan.quotas.per_agent_at_least is not None and Dimension.AGENT not in plan.strata.by:
        message = "can be kept by chance only if agent is a stratum; add agent to strata.by"
        yield FieldError("quotas.per_agent_at_least", "needs_strata", message)
