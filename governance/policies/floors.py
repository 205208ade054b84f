"""The least that each risk level asks for, whatever the policies say; pure.

Source: PRODUCT, "Risk levels: a floor that no policy can lower". Every row a floor adds
names the facts it looked at. Texts are plain English, since they go into the record and
replay compares the record byte for byte.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from governance.policies.compiled import CompiledScope
from governance.policies.seen import ABSENT, UNKNOWN, text, whole
from governance.policies.types import FiredRow, Limit, Obligations, Outcome, RiskLevel

Json = Any
Seen = Mapping[str, Json]

FLOOR: Final = "floor"
FLOORS_VERSION: Final = 1
VERIFIED_LEVELS: Final = frozenset({"basic", "strong"})
ONE_VOTE: Final = Obligations(votes=1)
BASIC: Final = Obligations(verification="basic")


def floor_row(
    name: str,
    outcome: Outcome,
    title: str,
    reason: str,
    *,
    seen: Seen,
    facts: Iterable[str] = (),
    obligations: Obligations = Obligations(),  # noqa: B008  a frozen value
) -> FiredRow:
    """Return one row of the floor with the values it saw."""
    saw, unknown = {}, []
    for fact in facts:
        value = seen.get(fact, ABSENT)
        if value is UNKNOWN:
            unknown.append(fact)
        elif value is not ABSENT:
            saw[fact] = value
    unseen = tuple(sorted(unknown)) if unknown else ()
    return FiredRow(FLOOR, FLOORS_VERSION, name, title, outcome, reason, obligations, saw, unseen)


def floor_rows(*, seen: Seen, scope: CompiledScope) -> list[FiredRow]:
    """Return the rows of the floor for an action; at least one, also where it allows.

    Args:
        seen: Facts as ``seen.merge`` returns them.
        scope: What holds for the action.

    Raises:
        FactTypeError: A fact the floor looks at has a value of a wrong type.
    """
    risk = _RISKS.get(text(seen, "risk") or "", _undeclared)
    rows = risk(seen, scope)
    if not scope.policies:
        rows.append(
            floor_row(
                "no_policy",
                Outcome.DENY,
                "A policy is in scope",
                "No policy in force covers this tool here.",
                seen=seen,
                facts=("tool", "cue_sheet", "queue"),
            )
        )
    if _is_off_plan(seen):
        rows.append(
            floor_row(
                "off_plan",
                Outcome.APPROVE,
                "An AI's write belongs to a step",
                "An AI agent proposed a change that no ready step of the journey asks for.",
                seen=seen,
                facts=("actor_kind", "effect", "off_plan"),
                obligations=ONE_VOTE,
            )
        )
    return rows


def is_discharged(seen: Seen) -> bool:
    """Tell whether a specialist of the queue proposes, who discharges ``specialist``."""
    return text(seen, "actor_kind") == "human" and seen.get("specialist_request") is True


def _is_off_plan(seen: Seen) -> bool:
    off_plan = seen.get("off_plan", False)
    if off_plan is False or text(seen, "effect") == "read":
        return False
    # Who is not known to be a person or the engine counts as an AI.
    return text(seen, "actor_kind") not in {"human", "system"}


def _undeclared(seen: Seen, _scope: CompiledScope) -> list[FiredRow]:
    return [
        floor_row(
            "undeclared_risk",
            Outcome.DENY,
            "The tool declares its risk level",
            "The tool has no declared risk level.",
            seen=seen,
            facts=("tool", "risk"),
        )
    ]


def _low(seen: Seen, _scope: CompiledScope) -> list[FiredRow]:
    return [
        floor_row(
            "low",
            Outcome.ALLOW,
            "Low risk",
            "Low risk: watched and sampled.",
            seen=seen,
            facts=("risk",),
        )
    ]


def _medium(seen: Seen, scope: CompiledScope) -> list[FiredRow]:
    rows = []
    if text(seen, "verification") not in VERIFIED_LEVELS:
        rows.append(
            floor_row(
                "medium.unverified",
                Outcome.VERIFY,
                "Medium risk needs a verified customer",
                "Medium risk: the customer has to be verified first.",
                seen=seen,
                facts=("risk", "verification"),
                obligations=BASIC,
            )
        )
    if not any(_counts(limit, seen) for limit in scope.limits):
        rows.append(
            floor_row(
                "medium.no_limit",
                Outcome.DENY,
                "Medium risk needs a limit",
                "Medium risk: no policy in scope sets a limit for this action.",
                seen=seen,
                facts=("risk", "currency"),
            )
        )
    return rows or [
        floor_row(
            "medium",
            Outcome.ALLOW,
            "Medium risk",
            "Medium risk: the customer is verified and a limit is set.",
            seen=seen,
            facts=("risk", "verification"),
        )
    ]


def _counts(limit: Limit, seen: Seen) -> bool:
    """Tell whether a limit watches this action: an amount counts in its own currency only."""
    return limit.measure == "count" or limit.currency == text(seen, "currency")


def _high(seen: Seen, scope: CompiledScope) -> list[FiredRow]:
    amount = whole(seen, "amount_minor")
    currency = text(seen, "currency")
    threshold = scope.thresholds.get(currency or "")
    facts = ("risk", "amount_minor", "currency")
    # A negative amount is no amount below a threshold: a sign must not open the door.
    if amount is None or currency is None or amount < 0:
        name, reason = (
            "high.no_amount",
            "High risk: no amount that a threshold allows.",
        )
    elif threshold is None:
        name, reason = "high.no_threshold", "High risk: no policy in scope sets a threshold."
    elif amount > threshold:
        name, reason = "high.above_threshold", "High risk: the amount is above the threshold."
    else:
        return [
            floor_row(
                "high",
                Outcome.ALLOW,
                "High risk",
                "High risk: the amount is within the threshold.",
                seen=seen,
                facts=facts,
            )
        ]
    title = "High risk needs an approval above the threshold"
    return [
        floor_row(
            name, Outcome.APPROVE, title, reason, seen=seen, facts=facts, obligations=ONE_VOTE
        )
    ]


def _critical(seen: Seen, _scope: CompiledScope) -> list[FiredRow]:
    facts = ("risk", "actor_kind", "specialist_request")
    title = "Critical risk belongs to a specialist"
    if is_discharged(seen):
        reason = "Critical risk: a specialist proposes, one other person approves."
        return [
            floor_row(
                "critical.proposed_by_specialist",
                Outcome.APPROVE,
                title,
                reason,
                seen=seen,
                facts=facts,
                obligations=ONE_VOTE,
            )
        ]
    reason = "Critical risk: only a specialist may take this on."
    return [floor_row("critical", Outcome.SPECIALIST, title, reason, seen=seen, facts=facts)]


_RISKS: dict[str, Callable[[Seen, CompiledScope], list[FiredRow]]] = {
    RiskLevel.LOW: _low,
    RiskLevel.MEDIUM: _medium,
    RiskLevel.HIGH: _high,
    RiskLevel.CRITICAL: _critical,
}
