"""Facts, rows, tables and documents for tests of decisions."""

from collections.abc import Iterable, Mapping
from typing import Any

from governance.policies.compiled import CompiledPolicies
from governance.policies.decision import compile_tables
from governance.policies.types import (
    Condition,
    FactSet,
    Limit,
    Obligations,
    Operator,
    Outcome,
    PolicyTable,
    Rule,
    Scope,
)
from orchestra.core.together import Reading

Json = Any
_ABSENT = object()
ABSENT: Any = _ABSENT
UNKNOWN: Any = object()

REFUND: Mapping[str, Json] = {
    "tool": "refund",
    "effect": "write",
    "risk": "high",
    "actor_kind": "agent",
    "actor_roles": ["ai_agent"],
    "queue": "returns",
    "cue_sheet": "return_items",
    "pattern": "ai_first",
    "stage": "execute",
    "channel": "chat",
    "confidence": 0.97,
    "margin": 0.4,
    "risk_flags": [],
    "priority": "normal",
    "verification": "basic",
    "amount_minor": 4000,
    "currency": "USD",
    "off_plan": False,
    "earlier_refusals": 0,
    "customer_bound": True,
    "customer_confirmed": True,
    "specialist_request": False,
}


def make_facts(**changes: Json) -> FactSet:
    """An AI's refund of 40 dollars; pass ABSENT or UNKNOWN to take a fact away."""
    merged = {**REFUND, **changes}
    return FactSet(
        values={k: v for k, v in merged.items() if v is not ABSENT and v is not UNKNOWN},
        unknown=frozenset(k for k, v in merged.items() if v is UNKNOWN),
    )


def make_rule(
    rule_id: str = "row",
    outcome: Outcome = Outcome.DENY,
    *when: tuple[str, str, Json],
    **fields: Any,
) -> Rule:
    return Rule(
        id=rule_id,
        title=fields.pop("title", f"Title of {rule_id}"),
        when=tuple(Condition(fact, Operator(name), value) for fact, name, value in when),
        outcome=outcome,
        reason=fields.pop("reason", f"Reason of {rule_id}."),
        obligations=Obligations(**fields),
    )


def make_limit(key: str = "per_day", **changes: Any) -> Limit:
    fields: dict[str, Any] = {
        "key": key,
        "title": f"Limit {key}",
        "measure": "count",
        "per": "customer",
        "window_hours": 24,
        "at_most": 3,
        "outcome": Outcome.APPROVE,
        "reason": f"Beyond the limit {key}.",
    }
    return Limit(**{**fields, **changes})


def make_table(key: str = "refunds", rules: Iterable[Rule] = (), **changes: Any) -> PolicyTable:
    fields: dict[str, Any] = {
        "key": key,
        "title": key.capitalize(),
        "version": 1,
        "digest": "a" * 64,
        "scope": Scope(),
        "rules": tuple(rules),
        "limits": (),
        "thresholds": {"USD": 5000},
    }
    return PolicyTable(**{**fields, **changes})


def compiled(*tables: PolicyTable) -> CompiledPolicies:
    return compile_tables(tables or (make_table(),))


def make_document(**changes: Json) -> dict[str, Json]:
    """A policy that uses every part of the language."""
    document: dict[str, Json] = {
        "key": "refunds",
        "title": "Refunds",
        "scope": {"tools": ["refund"], "queues": ["returns"]},
        "thresholds": {"USD": 5000},
        "limits": [
            {
                "key": "refund_day",
                "title": "Refunds a day",
                "measure": "amount_minor",
                "currency": "USD",
                "per": "customer",
                "window_hours": 24,
                "at_most": 10000,
                "outcome": "approve",
                "reason": "The customer had 100 dollars today.",
                "obligations": {"roles": ["supervisor"]},
            }
        ],
        "rules": [
            {
                "id": "unsure",
                "title": "The AI is unsure",
                "when": [{"fact": "confidence", "below": 0.7}],
                "outcome": "approve",
                "obligations": {"votes": 2, "step_up": True, "deadline_minutes": 30},
                "reason": "The AI is not sure enough.",
            },
            {
                "id": "claimed",
                "title": "The customer is not verified",
                "when": [{"fact": "verification", "in": ["none", "claimed"]}],
                "outcome": "verify",
                "obligations": {"verification": "strong"},
                "reason": "Who asks is not known.",
            },
            {
                "id": "flagged",
                "title": "Fraud is suspected",
                "when": [
                    {"fact": "risk_flags", "contains": "fraud"},
                    {"fact": "customer_bound", "is": True},
                ],
                "outcome": "specialist",
                "reason": "Fraud is suspected.",
            },
        ],
    }
    return {**document, **changes}


def naming(*tools: str) -> Reading[frozenset[str]]:
    """Come to names of tools, as whoever knows them tells the policies."""
    yield from ()
    return frozenset(tools)
