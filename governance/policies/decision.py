"""The decision function: facts and policies in force give a verdict; pure.

Assumes nothing of the facts: a value of a wrong type, like any other error while deciding,
is a denial that says why.
"""

from collections.abc import Mapping
from functools import lru_cache, reduce
from typing import Any, Final

from governance.policies.compiled import (
    LIMIT_FACT,
    CompiledPolicies,
    CompiledRow,
    CompiledScope,
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
    return _verdict([row], (), policies or {})


def scope_of(facts: FactSet) -> ActionScope | None:
    """Return where an action takes place, or None where that cannot be told.

    Raises:
        FactTypeError: A fact that names the place is no text.
    """
    return _scope_of(merge(facts))


def _scope_of(seen: Mapping[str, Json]) -> ActionScope | None:
    names = []
    for fact in _SCOPE_FACTS:
        value = seen.get(fact, "")
        if value is UNKNOWN:
            return None
        if value.__class__ is not str:
            raise FactTypeError(f"{fact}: {type(value).__name__} where text was expected")
        names.append(value)
    return ActionScope(*names) if names[0] else None


def _judge(seen: dict[str, Json], scope: CompiledScope) -> Decision:
    # The total of a limit in scope is always declared: absent, it is unknown.
    for limit in scope.limits:
        seen.setdefault(LIMIT_FACT + limit.key, UNKNOWN)
    fired, silent = _split(scope, seen)
    rows = floor_rows(seen=seen, scope=scope)
    discharged = is_discharged(seen)
    rows.extend(_fired_row(row, seen, discharged=discharged) for row in fired)
    return _verdict(rows, silent, scope.policies)


def _split(
    scope: CompiledScope, seen: Mapping[str, Json]
) -> tuple[list[CompiledRow], tuple[str, ...]]:
    """Return the rows that fire and the titles of those that do not."""
    fired, silent = [], []
    get = seen.get
    fact = ""
    try:
        for row in scope.rows:
            for fact, test, value in row.tests:
                known = get(fact, ABSENT)
                if known is UNKNOWN:
                    continue
                if known is ABSENT or not test(known, value):
                    silent.append(row.title)
                    break
            else:
                fired.append(row)
    except FactTypeError as error:
        raise FactTypeError(f"{fact}: {error}") from error
    return fired, tuple(silent)


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
    return FiredRow(
        policy=row.policy,
        version=row.version,
        rule=row.rule,
        title=row.title,
        outcome=outcome,
        reason=row.reason,
        obligations=row.obligations,
        saw=saw,
        unknown=tuple(sorted(set(unknown))) if unknown else (),
    )


def _verdict(
    rows: list[FiredRow], silent: tuple[str, ...], policies: Mapping[str, tuple[int, str]]
) -> Decision:
    rows.sort(key=row_order)
    outcome = rows[0].outcome
    return Decision(
        outcome=outcome,
        fired=tuple(rows),
        silent=silent,
        obligations=combine(
            outcome, frozenset([row.obligations for row in rows if row.outcome is outcome])
        ),
        policies=policies,
        engine=ENGINE,
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
