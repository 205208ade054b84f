"""The decision function: facts and policies in force give a verdict; pure.

Assumes nothing of the facts: a value of a wrong type, like any other error while deciding,
is a denial that says why.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache, reduce
from typing import Any, Final

from governance.policies.compiled import (
    MAX_ANSWERS,
    CompiledPolicies,
    CompiledRow,
    CompiledScope,
    Verdict,
    compile_tables,
    row_order,
)
from governance.policies.conditions import FactTypeError
from governance.policies.floors import floor_row, floor_rows, is_discharged
from governance.policies.seen import ABSENT, UNKNOWN, merge
from governance.policies.types import (
    ActionScope,
    Decision,
    FactSet,
    FiredRow,
    Obligations,
    Outcome,
)

__all__ = ["ENGINE", "CompiledPolicies", "compile_tables", "decide", "deny_for", "scope_of"]

Json = Any

#: Raised whenever the same facts and tables could give another verdict.
ENGINE: Final = "orchestra.decide/1"
VERIFICATION_LEVELS: Final = ("", "none", "claimed", "basic", "strong")
_SCOPE_FACTS: Final = ("tool", "cue_sheet", "queue")


def decide(*, facts: FactSet, policies: CompiledPolicies) -> Decision:
    """Return the verdict of the policies in force on one action.

    Args:
        facts: All facts, the totals of limits included.
        policies: The policies in force; those out of scope are left aside here.

    Returns:
        The strictest outcome of all rows that fire, the floor's included. A condition on a
        fact that is not applicable is false, on an unknown one true.
    """
    judged: Mapping[str, tuple[int, str]] = policies.unreadable
    try:
        if policies.unreadable:
            return deny_for(f"A policy in force cannot be read: {', '.join(judged)}.", judged)
        seen = merge(facts)
        action = _scope_of(seen)
        if action is None:
            return deny_for("The tool, cue sheet or queue is not known.")
        scope = policies.in_scope(action)
        judged = scope.policies
        return _judge(seen, scope)
    except FactTypeError as error:
        return deny_for(f"A fact cannot be judged: {error}.", judged)
    except Exception as error:  # noqa: BLE001  an error while deciding is a denial, not a crash
        return deny_for(f"Deciding failed ({type(error).__name__}).", judged)


def deny_for(reason: str, policies: Mapping[str, tuple[int, str]] | None = None) -> Decision:
    """Return the denial of an action that could not be decided.

    Args:
        reason: One sentence, safe to show.
        policies: The policies that were to judge, as far as they are known.
    """
    row = floor_row("error", Outcome.DENY, "The action can be decided", reason, seen={})
    return _decision(_verdict([row]), [row], (), policies or {})


def scope_of(facts: FactSet) -> ActionScope | None:
    """Return where an action takes place, or None where that cannot be told.

    Raises:
        FactTypeError: A fact that names the place is no text.
    """
    return _scope_of(merge(facts))


def _scope_of(seen: Mapping[str, Json]) -> ActionScope | None:
    get = seen.get
    tool, cue_sheet, queue = get("tool", ""), get("cue_sheet", ""), get("queue", "")
    if not tool.__class__ is cue_sheet.__class__ is queue.__class__ is str:
        for fact in _SCOPE_FACTS:
            value = get(fact, "")
            if value is UNKNOWN:
                return None
            if value.__class__ is not str:
                raise FactTypeError(f"{fact}: {type(value).__name__} where text was expected")
    return ActionScope(tool, cue_sheet, queue) if tool else None


def _judge(seen: dict[str, Json], scope: CompiledScope) -> Decision:
    # The total of a limit in scope is always declared: absent, it is unknown.
    for total in scope.totals:
        seen.setdefault(total, UNKNOWN)
    bits = scope.index.fired(seen)
    if bits is None:
        bits = fired_plainly(scope, seen)
    fired, silent = scope.answer(bits)
    discharged = is_discharged(seen)
    rows = floor_rows(seen=seen, scope=scope)
    key = (bits, discharged, tuple([row.rule for row in rows]))
    rows += [_fired_row(row, seen, discharged=discharged) for row in fired]
    verdict = scope.verdicts.get(key)
    if verdict is None:
        if len(scope.verdicts) >= MAX_ANSWERS:
            scope.verdicts.clear()
        verdict = scope.verdicts[key] = _verdict(rows)
    return _decision(verdict, rows, silent, scope.policies)


def fired_plainly(scope: CompiledScope, seen: Mapping[str, Json]) -> int:
    """Return the rows that fire as bits, asking one row after the other.

    The index of the rows answers the same, faster, for facts of the types that rows compare.

    Args:
        scope: What holds for the action.
        seen: Facts as ``seen.merge`` returns them, with the totals of the limits.

    Raises:
        FactTypeError: A row compares a fact with a value of another type.
    """
    return sum(1 << number for number, row in enumerate(scope.rows) if _fires(row, seen))


def _fires(row: CompiledRow, seen: Mapping[str, Json]) -> bool:
    fact = ""
    try:
        for fact, test, value in row.tests:
            known = seen.get(fact, ABSENT)
            if known is UNKNOWN:
                continue
            if known is ABSENT or not test(known, value):
                return False
    except FactTypeError as error:
        raise FactTypeError(f"{fact}: {error}") from error
    return True


def _fired_row(row: CompiledRow, seen: Mapping[str, Json], *, discharged: bool) -> FiredRow:
    saw, unknown = {}, []
    for fact, _test, _value in row.tests:
        value = seen[fact]
        if value is UNKNOWN:
            unknown.append(fact)
        else:
            saw[fact] = value
    outcome = row.outcome
    if discharged and outcome is Outcome.SPECIALIST:
        # A specialist of the queue proposes: one other person has to agree.
        outcome = Outcome.APPROVE
    unseen = tuple(sorted(set(unknown))) if unknown else ()
    return FiredRow(
        row.policy,
        row.version,
        row.rule,
        row.title,
        outcome,
        row.reason,
        row.obligations,
        saw,
        unseen,
    )


def _verdict(rows: Sequence[FiredRow]) -> Verdict:
    order = tuple(sorted(range(len(rows)), key=lambda place: row_order(rows[place])))
    outcome = rows[order[0]].outcome
    asked = frozenset([row.obligations for row in rows if row.outcome is outcome])
    return Verdict(outcome, combine(outcome, asked), order)


def _decision(
    verdict: Verdict,
    rows: Sequence[FiredRow],
    silent: tuple[str, ...],
    policies: Mapping[str, tuple[int, str]],
) -> Decision:
    return Decision(
        verdict.outcome,
        tuple([rows[place] for place in verdict.order]),
        silent,
        verdict.obligations,
        policies,
        ENGINE,
    )


@lru_cache(maxsize=1024)
def combine(outcome: Outcome, parts: frozenset[Obligations]) -> Obligations:
    """Return what the rows of the final outcome ask for together.

    Args:
        outcome: The final outcome; an approval needs a vote, a verification a level.
        parts: The obligations of the rows with that outcome.
    """
    total = reduce(_add, parts, Obligations())
    if outcome is Outcome.APPROVE and total.votes < 1:
        return _add(total, Obligations(votes=1))
    if outcome is Outcome.VERIFY and _level(total) < _BASIC_LEVEL:
        return _add(total, Obligations(verification="basic"))
    return total


_BASIC_LEVEL: Final = VERIFICATION_LEVELS.index("basic")


def _level(obligations: Obligations) -> int:
    return VERIFICATION_LEVELS.index(obligations.verification)


def _add(one: Obligations, other: Obligations) -> Obligations:
    deadlines = [
        part.deadline_minutes for part in (one, other) if part.deadline_minutes is not None
    ]
    return Obligations(
        votes=max(one.votes, other.votes),
        roles=tuple(sorted({*one.roles, *other.roles})),
        distinct_roles=one.distinct_roles or other.distinct_roles,
        step_up=one.step_up or other.step_up,
        verification=max(one, other, key=_level).verification,
        deadline_minutes=min(deadlines, default=None),
    )
