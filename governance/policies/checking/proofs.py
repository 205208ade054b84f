"""What holds of a policy everywhere, proved over all of its fact space; pure.

Nothing is sampled. An owner's invariant is proved by searching, place by place, for a region
where it would fail and that no row covers; what is found is decided on by the decision
function before it is called a counterexample. The floor of a risk level is proved by deciding
on every cell of the facts it looks at. Where a space is too large, that is said instead.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, product
from typing import Any

from governance.policies.catalogue import Catalogue
from governance.policies.checking.floor_boxes import (
    FLOOR_CUTS,
    discharge_box,
    floor_boxes,
    money_cuts,
)
from governance.policies.checking.rows import (
    Row,
    all_conditions,
    only_currency,
    overlaps,
    rows_of,
    scope_conditions,
    specs_of,
)
from governance.policies.checking.space import PLACE, Box, Space, TooLargeError
from governance.policies.checking.wording import verdict_words
from governance.policies.compiled import covers
from governance.policies.decision import compile_tables, decide
from governance.policies.seen import ABSENT, UNKNOWN
from governance.policies.types import (
    ActionScope,
    Condition,
    Decision,
    FactSet,
    Invariant,
    Outcome,
    PolicyTable,
    Scope,
)
from orchestra.core.said import said as _

Json = Any
#: Places told apart before there are too many.
MAX_PLACES = 2000


class Verdict(StrEnum):
    """What became of a proof; an unproved one says nothing."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNPROVED = "unproved"


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether something holds everywhere.

    Attributes:
        name: Id of the invariant, or name of the risk level.
        words: One sentence: where it fails and what comes out, or why nothing was proved.
        facts: The counterexample, where there is one.
        decision: What is decided on it.
        cases: How many cases were decided on; 0 where regions were searched instead.
    """

    name: str
    verdict: Verdict
    words: str = ""
    facts: FactSet | None = None
    decision: Decision | None = None
    cases: int = 0


def prove_invariants(
    *,
    holder: PolicyTable,
    tables: Sequence[PolicyTable],
    catalogue: Catalogue | None = None,
) -> tuple[Proof, ...]:
    """Prove every invariant of a policy, in its scope and with all that is in force there.

    Args:
        holder: The policy that states them; no row of it counts.
        tables: All tables that would be in force; their conditions can be compared, as
            parsing guarantees.
        catalogue: Definitions of facts; a fact has one of its choices and no other text.
    """
    if not holder.invariants:
        return ()
    wanted = [condition for one in holder.invariants for condition in one.when]
    try:
        ground = Ground(holder.scope, tables, catalogue, also=wanted)
    except TooLargeError:
        return tuple(too_large(one.id) for one in holder.invariants)
    except ValueError as error:
        words = _("This could not be proved: %(why)s.", why=error.args[0])
        return tuple(Proof(one.id, Verdict.UNPROVED, words) for one in holder.invariants)
    return tuple(_prove(one, ground) for one in holder.invariants)


def too_large(name: str) -> Proof:
    """Return that something could not be proved within the bound."""
    return Proof(name, Verdict.UNPROVED, _("There are too many cases to prove this."))


@dataclass(frozen=True, slots=True)
class Place:
    """One place, with what can happen there.

    Attributes:
        box: The cells of tool, cue sheet and queue.
        rows: Rows and parts of the floor that can fire there, their boxes without the place.
    """

    box: Box
    rows: tuple[Row, ...]


class Ground:
    """The space of what is in force in a scope, place by place.

    Args:
        scope: Where to look.
        tables: All that are in force; those of other scopes are left aside.
        catalogue: Definitions of facts.
        also: Conditions that are to be told apart as well.
    """

    def __init__(
        self,
        scope: Scope,
        tables: Sequence[PolicyTable],
        catalogue: Catalogue | None,
        *,
        also: Sequence[Condition] = (),
    ) -> None:
        within = scope_conditions(scope)
        self.tables = [table for table in tables if overlaps(table.scope, scope)]
        named = map(all_conditions, self.tables)
        cuts = chain(FLOOR_CUTS, money_cuts(self.tables), within, also, *named)
        self.specs = specs_of(self.tables, catalogue)
        self.space = Space(cuts, self.specs, currency=only_currency(self.tables))
        self.policies = compile_tables(self.tables)
        self.scope = self.space.box(within)
        self.discharge = discharge_box(self.space)
        self.usual = self.space.usual()
        rows = [row for one in self.tables for row in rows_of(one, self.space)]
        self.places = tuple(self._places(rows))

    def _places(self, rows: Sequence[Row]) -> Iterator[Place]:
        named = [row.box for row in rows]
        parts = [self._classes(fact, named) for fact in PLACE]
        if len(parts[0]) * len(parts[1]) * len(parts[2]) > MAX_PLACES:
            raise TooLargeError
        for cells in product(*parts):
            box = dict(zip(PLACE, cells, strict=True))
            inside = [table for table in self.tables if covers(table.scope, self.action(box))]
            # Where no policy is in scope everything is denied.
            if inside and self.space.meet(self.scope, box) is not None:
                own = [_elsewhere(row, box) for row in rows if self.space.meet(row.box, box)]
                yield Place(box, (*own, *floor_boxes(self.space, inside)))

    def _classes(self, fact: str, boxes: Sequence[Box]) -> list[int]:
        """Return cells of a place that no row tells apart, each class as its first cell."""
        named = sorted({box[fact] for box in boxes if fact in box} | {self.scope.get(fact, 0)})
        conditions = [mask for mask in named if mask]
        first: dict[tuple[int, ...], int] = {}
        for place in range(len(self.space.axes[fact].cells)):
            first.setdefault(tuple(mask >> place & 1 for mask in conditions), 1 << place)
        return list(first.values())

    def action(self, box: Box) -> ActionScope:
        """Return the place that a box of single cells stands for."""
        values = self.space.point({fact: box[fact] for fact in PLACE})
        named = ["" if values[fact] is ABSENT else values[fact] for fact in PLACE]
        return ActionScope(*named)

    def facts(self, box: Box) -> FactSet:
        """Return facts in a box; those that it leaves free do not apply."""
        return facts_at(self.space.point(box))

    def trim(self, box: Box) -> dict[str, int]:
        """Return a box without facts that can be anything they usually are."""
        return {fact: mask for fact, mask in box.items() if mask != self.usual.get(fact)}


def facts_at(point: Mapping[str, Json]) -> FactSet:
    """Return the facts that a point of the space stands for."""
    return FactSet(
        values={k: v for k, v in point.items() if v is not UNKNOWN and v is not ABSENT},
        unknown=frozenset(k for k, v in point.items() if v is UNKNOWN),
    )


def _elsewhere(row: Row, place: Box) -> Row:
    return replace(row, box={fact: mask for fact, mask in row.box.items() if fact not in place})


def _prove(invariant: Invariant, ground: Ground) -> Proof:
    try:
        for box in _failures(invariant, ground):
            facts = ground.facts(box)
            decision = decide(facts=facts, policies=ground.policies)
            if is_broken(invariant, decision):
                words = _(
                    "Where %(at)s: %(verdict)s.",
                    at=ground.space.words(box),
                    verdict=verdict_words(decision),
                )
                return Proof(invariant.id, Verdict.REFUTED, words, facts, decision)
            # The boxes and the decision function disagree: nothing can be said.
            return replace(too_large(invariant.id), words=_("This could not be proved."))
    except TooLargeError:
        return too_large(invariant.id)
    return Proof(invariant.id, Verdict.PROVED, _("It holds in every case."))


def _failures(invariant: Invariant, ground: Ground) -> Iterator[dict[str, int]]:
    """Yield boxes of points on which an invariant fails."""
    space = ground.space
    wanted = space.meet(ground.scope, space.box(invariant.when), ground.usual)
    if wanted is None:
        return
    for place in ground.places:
        region = space.meet(wanted, place.box)
        if region is None:
            continue
        for rows, inside, outside in _by_discharge(region, place.rows, ground):
            for blockers, also in _ways_to_fail(invariant, rows):
                part = space.meet(inside, also)
                others = [row.box for row in blockers]
                found = space.find_outside(part, [*others, *outside]) if part else None
                if found is not None:
                    yield ground.trim(found)


def _by_discharge(
    region: Box, rows: Sequence[Row], ground: Ground
) -> Iterator[tuple[Sequence[Row], Box, list[Box]]]:
    """Yield rows, where to look and where not: once without a specialist's proposal, once with.

    A specialist who proposes turns the outcome ``specialist`` into an approval.
    """
    yield rows, region, [ground.discharge]
    discharged = ground.space.meet(region, ground.discharge)
    if discharged is not None:
        yield [_discharged(row) for row in rows], discharged, []


def _discharged(row: Row) -> Row:
    if row.outcome is not Outcome.SPECIALIST:
        return row
    votes = max(row.obligations.votes, 1)
    return replace(row, outcome=Outcome.APPROVE, obligations=replace(row.obligations, votes=votes))


def _ways_to_fail(
    invariant: Invariant, rows: Sequence[Row]
) -> Iterator[tuple[list[Row], Mapping[str, int]]]:
    """Yield the rows of which none fires where it fails, and where else it has to be."""
    least = invariant.outcome.strictness
    yield [row for row in rows if row.outcome.strictness >= least], {}
    if invariant.outcome is not Outcome.APPROVE:
        return
    approvals = [row for row in rows if row.outcome is Outcome.APPROVE]
    stricter = [row for row in rows if row.outcome.strictness > least]
    if invariant.votes > 1:
        enough = [row for row in approvals if row.obligations.votes >= invariant.votes]
        yield stricter + enough, {}
    if invariant.step_up:
        yield stricter + [row for row in approvals if row.obligations.step_up], {}
    if invariant.roles:
        yield stricter + [row for row in approvals if row.obligations.roles], {}
        for row in approvals:
            if not set(row.obligations.roles) <= set(invariant.roles):
                yield stricter, row.box


def is_broken(invariant: Invariant, decision: Decision) -> bool:
    """Tell whether a decision is not what an invariant demands of it."""
    if decision.outcome is not invariant.outcome or decision.outcome is not Outcome.APPROVE:
        return decision.outcome.strictness < invariant.outcome.strictness
    asked = decision.obligations
    few = asked.votes < invariant.votes
    wrong_roles = bool(invariant.roles) and not (
        asked.roles and set(asked.roles) <= set(invariant.roles)
    )
    return few or wrong_roles or (invariant.step_up and not asked.step_up)
