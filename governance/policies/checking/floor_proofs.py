"""The floor of each risk level, proved by deciding on every cell of the facts it looks at; pure.

A row only ever adds to a verdict, and a condition on a fact that does not apply is false. So
a point on which all other facts do not apply and no limit is used up fires the fewest rows of
all points that share the facts the floor looks at: what holds there holds on all of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any, Final

from governance.policies.catalogue import Catalogue
from governance.policies.checking.floor_boxes import FLOOR_CUTS, money_cuts
from governance.policies.checking.proofs import Ground, Proof, Verdict, facts_at, too_large
from governance.policies.checking.rows import active_limits, specs_of
from governance.policies.checking.space import PLACE, Axis, Space, TooLargeError
from governance.policies.checking.wording import LIMIT_FACT, OUTCOMES, point_words
from governance.policies.compiled import CompiledPolicies, compile_tables, covers
from governance.policies.decision import decide
from governance.policies.seen import ABSENT, UNKNOWN
from governance.policies.types import (
    ActionScope,
    Decision,
    Limit,
    Outcome,
    PolicyTable,
    RiskLevel,
    Scope,
)
from orchestra.core.said import said as _

Json = Any
Point = dict[str, Json]
Judge = Callable[..., Decision]

#: Points decided on for one risk level before it is given up.
MAX_POINTS: Final = 100_000
#: Facts that the floor of a risk level looks at, besides the risk.
LOOKED_AT: Final[dict[str, tuple[str, ...]]] = {
    RiskLevel.LOW.value: (),
    RiskLevel.MEDIUM.value: ("verification", "currency"),
    RiskLevel.HIGH.value: ("amount_minor", "currency"),
    RiskLevel.CRITICAL.value: ("actor_kind", "specialist_request"),
    "undeclared": (),
}
#: Nobody in particular, and who discharges a row that asks for a specialist.
_WHO: Final = (
    {"actor_kind": ABSENT, "specialist_request": ABSENT},
    {"actor_kind": "human", "specialist_request": True},
)
_PLAN: Final = ("actor_kind", "effect", "off_plan")


def prove_floors(
    *,
    table: PolicyTable,
    others: Sequence[PolicyTable] = (),
    catalogue: Catalogue | None = None,
    judge: Judge = decide,
) -> tuple[Proof, ...]:
    """Prove the floor of every risk level, and of none, in the scope of a policy.

    Args:
        table: The policy; its conditions can be compared, as parsing guarantees.
        others: The other tables in force.
        catalogue: Definitions of facts.
        judge: What decides; the decision function.

    Returns:
        One proof a risk level, named after it, and one named ``undeclared``.
    """
    try:
        near = [other for other in others if other.key != table.key]
        ground = Ground(table.scope, [table, *near], catalogue)
    except (TooLargeError, ValueError):
        return tuple(too_large(name) for name in LOOKED_AT)
    return tuple(_prove(name, ground, judge) for name in LOOKED_AT)


@dataclass(frozen=True, slots=True)
class _Case:
    """One point to decide on, under what, where, and for how many alike it stands."""

    point: Point
    place: Point
    inside: Sequence[PolicyTable]
    policies: CompiledPolicies
    stands_for: int = 1


def _prove(name: str, ground: Ground, judge: Judge) -> Proof:
    decided = 0
    for case in _cases(name, ground, judge):
        if case is None or decided + case.stands_for > MAX_POINTS:
            return too_large(name)
        decided += case.stands_for
        facts = facts_at({**case.place, **case.point})
        decision = judge(facts=facts, policies=case.policies)
        least = required(case.point, case.inside)
        if decision.outcome.strictness < least.strictness:
            words = _(
                "Where %(at)s: %(verdict)s, where %(least)s is the least.",
                at=point_words(case.point, also=LOOKED_AT[name]),
                verdict=OUTCOMES[decision.outcome],
                least=OUTCOMES[least],
            )
            return Proof(name, Verdict.REFUTED, words, facts, decision, decided)
    return Proof(name, Verdict.PROVED, _("It holds in every case."), cases=decided)


def _cases(name: str, ground: Ground, judge: Judge) -> Iterator[_Case | None]:
    """Yield the points to decide on, None where there are too many.

    Once with the rows, on the cells that they cut as well; and once without any row, which
    could only add, on the cells of all facts that any floor looks at: for each different
    thresholds and limits, since nothing else of a place matters to the floor. Of the latter
    only one is yielded, the first that fails or else the last.
    """
    totals = {LIMIT_FACT + limit.key: 0 for limit in active_limits(ground.tables)}
    done: set[object] = set()
    for where in ground.places:
        place = {**ground.space.point(where.box), **totals}
        inside = _inside(ground, place)
        for point in _product(name, ground.space, LOOKED_AT[name]):
            for who in _WHO:
                yield _Case({**who, **point}, place, inside, ground.policies)
        taken = _grounds(name, inside)
        if taken not in done:
            done.add(taken)
            tried, point = _without_rows(name, *taken, judge)
            bare = compile_tables([replace(table, rules=()) for table in inside])
            yield _Case(point, place, inside, bare, tried) if tried <= MAX_POINTS else None


Thresholds = frozenset[tuple[str, int]]


def _grounds(name: str, inside: Sequence[PolicyTable]) -> tuple[Thresholds, frozenset[str]]:
    """Return all that the floor of a risk level takes from the tables in scope."""
    thresholds: Thresholds = frozenset()
    currencies: frozenset[str] = frozenset()
    if name == RiskLevel.MEDIUM:
        currencies = frozenset(limit.currency for limit in active_limits(inside))
    if name == RiskLevel.HIGH:
        thresholds = frozenset(pair for table in inside for pair in table.thresholds.items())
    return thresholds, currencies


@lru_cache(maxsize=512)
def _without_rows(
    name: str, thresholds: Thresholds, currencies: frozenset[str], judge: Judge
) -> tuple[int, Point]:
    """Decide without rows on all that any floor looks at; kept, since few tables differ in it.

    Args:
        name: The risk level.
        thresholds: Currency and amount of each that is set.
        currencies: Those that limits count, empty for a count of calls.
        judge: What decides.

    Returns:
        How many points were decided on, and the first that fails or else the last.
    """
    tables = [_stand_in(f"t{place}", thresholds={c: a}) for place, (c, a) in _numbered(thresholds)]
    limits = tuple(
        Limit(f"l{place}", "", "amount_minor" if c else "count", "agent", 1, 1, Outcome.DENY, "", c)
        for place, c in _numbered(currencies)
    )
    tables.append(_stand_in("limits", limits=limits))
    policies = compile_tables(tables)
    totals = {LIMIT_FACT + limit.key: 0 for limit in limits}
    space = Space((*FLOOR_CUTS, *money_cuts(tables)), specs_of(tables, None))
    point: Point = {}
    tried = 0
    for tried, point in enumerate(_product(name, space, (*LOOKED_AT[name], *_PLAN)), 1):
        decision = judge(facts=facts_at({"tool": "any", **totals, **point}), policies=policies)
        if decision.outcome.strictness < required(point, tables).strictness or tried > MAX_POINTS:
            break
    return tried, point


def _numbered(values: frozenset[Any]) -> Iterator[tuple[int, Any]]:
    return enumerate(sorted(values))


def _stand_in(key: str, **changes: Any) -> PolicyTable:
    return PolicyTable(key, key, 0, "", Scope(), (), **changes)


def _inside(ground: Ground, place: Point) -> list[PolicyTable]:
    action = ActionScope(*("" if place[fact] is ABSENT else place[fact] for fact in PLACE))
    return [table for table in ground.tables if covers(table.scope, action)]


def _product(name: str, space: Space, facts: Sequence[str]) -> Iterator[Point]:
    risks = [name] if name in set(RiskLevel) else _undeclared(space.axes["risk"])
    named = tuple(dict.fromkeys(facts))
    cells = [[cell.value for cell in space.axes[fact].cells] for fact in named]
    for values in product(risks, *cells):
        yield dict(zip(("risk", *named), values, strict=True))


def _undeclared(axis: Axis) -> list[Json]:
    return [cell.value for cell in axis.cells if cell.value not in set(RiskLevel)]


def required(point: Point, inside: Sequence[PolicyTable]) -> Outcome:
    """Return the least that may come out, from PRODUCT and the ground rules.

    Args:
        point: The facts that the floor looks at.
        inside: The tables in scope.
    """
    risk = point["risk"]
    if not inside or risk not in _REQUIRED:
        return Outcome.DENY
    least = _REQUIRED[risk](point, inside)
    is_ai = point.get("actor_kind", ABSENT) not in {"human", "system"}
    is_change = point.get("effect", ABSENT) != "read"
    is_off = point.get("off_plan", ABSENT) in {True, UNKNOWN}
    if is_ai and is_change and is_off and least.strictness < Outcome.APPROVE.strictness:
        return Outcome.APPROVE
    return least


def _low(_point: Point, _inside: Sequence[PolicyTable]) -> Outcome:
    return Outcome.ALLOW


def _medium(point: Point, inside: Sequence[PolicyTable]) -> Outcome:
    limits = active_limits(inside)
    if not any(limit.currency in {"", point["currency"]} for limit in limits):
        return Outcome.DENY
    return Outcome.ALLOW if point["verification"] in {"basic", "strong"} else Outcome.VERIFY


def _high(point: Point, inside: Sequence[PolicyTable]) -> Outcome:
    amount, currency = point["amount_minor"], point["currency"]
    bounds = [table.thresholds[currency] for table in inside if currency in table.thresholds]
    if not bounds or amount is UNKNOWN or amount is ABSENT or not 0 <= amount <= min(bounds):
        return Outcome.APPROVE
    return Outcome.ALLOW


def _critical(point: Point, _inside: Sequence[PolicyTable]) -> Outcome:
    own = point["actor_kind"] == "human" and point["specialist_request"] is True
    return Outcome.APPROVE if own else Outcome.SPECIALIST


_REQUIRED: Final = {
    RiskLevel.LOW.value: _low,
    RiskLevel.MEDIUM.value: _medium,
    RiskLevel.HIGH.value: _high,
    RiskLevel.CRITICAL.value: _critical,
}
