"""The floor of each risk level as tables, and that no set of policies goes below it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.policies.decision import compile_tables, decide
from governance.policies.types import FactSet, Limit, Obligations, Outcome, PolicyTable, Scope
from tests.factories.policies import (
    ABSENT,
    UNKNOWN,
    compiled,
    make_facts,
    make_limit,
    make_rule,
    make_table,
)
from tests.governance.policies.test_decision import fact_sets, policy_sets

VERIFIED = ("basic", "strong")


def floor_of(table: PolicyTable, **changes: Any) -> tuple[str, str]:
    decision = decide(facts=make_facts(**changes), policies=compiled(table))
    return decision.outcome.value, decision.rule_ids[0]


@pytest.mark.parametrize("risk", [ABSENT, UNKNOWN, None, "", "severe", "LOW"])
def test_without_a_declared_risk_level_it_is_denied(risk: Any) -> None:
    assert floor_of(make_table(), risk=risk) == ("deny", "floor:undeclared_risk")


@pytest.mark.parametrize("risk", ["low", "medium", "high", "critical"])
@pytest.mark.parametrize("effect", ["read", "write"])
def test_without_a_policy_in_scope_it_is_denied(risk: str, effect: str) -> None:
    elsewhere = make_table(scope=Scope(tools=("lookup",)))
    decision = decide(facts=make_facts(risk=risk, effect=effect), policies=compiled(elsewhere))
    assert decision.outcome is Outcome.DENY
    assert "floor:no_policy" in decision.rule_ids
    assert decision.policies == {}


def test_low_is_allowed() -> None:
    assert floor_of(make_table(), risk="low") == ("allow", "floor:low")


@pytest.mark.parametrize(
    ("verification", "limit", "expected"),
    [
        ("basic", True, ("allow", "floor:medium")),
        ("strong", True, ("allow", "floor:medium")),
        ("claimed", True, ("verify", "floor:medium.unverified")),
        ("none", True, ("verify", "floor:medium.unverified")),
        (UNKNOWN, True, ("verify", "floor:medium.unverified")),
        (ABSENT, True, ("verify", "floor:medium.unverified")),
        ("basic", False, ("deny", "floor:medium.no_limit")),
        ("claimed", False, ("deny", "floor:medium.no_limit")),
    ],
)
def test_medium(verification: Any, *, limit: bool, expected: tuple[str, str]) -> None:
    table = make_table(limits=(make_limit(),) if limit else ())
    facts = {"risk": "medium", "verification": verification, "limit:per_day": 1}
    assert floor_of(table, **facts) == expected


@pytest.mark.parametrize(
    ("limit", "currency", "outcome"),
    [
        (make_limit(), ABSENT, "allow"),
        (make_limit(measure="amount_minor", currency="USD"), "USD", "allow"),
        (make_limit(measure="amount_minor", currency="USD"), "EUR", "deny"),
        (make_limit(measure="amount_minor", currency="USD"), ABSENT, "deny"),
        (make_limit(measure="amount_minor", currency="USD"), UNKNOWN, "deny"),
    ],
)
def test_medium_needs_a_limit_that_watches_this_action(
    limit: Limit, currency: Any, outcome: str
) -> None:
    facts = {"risk": "medium", "currency": currency, "limit:per_day": 0}
    assert floor_of(make_table(limits=(limit,)), **facts)[0] == outcome


def test_medium_asks_for_a_basic_verification() -> None:
    facts = make_facts(risk="medium", verification="claimed", **{"limit:per_day": 1})
    decision = decide(facts=facts, policies=compiled(make_table(limits=(make_limit(),))))
    assert decision.obligations == Obligations(verification="basic")


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        (0, "USD", ("allow", "floor:high")),
        (5000, "USD", ("allow", "floor:high")),
        (5001, "USD", ("approve", "floor:high.above_threshold")),
        (1, "EUR", ("approve", "floor:high.no_threshold")),
        (ABSENT, "USD", ("approve", "floor:high.no_amount")),
        (UNKNOWN, "USD", ("approve", "floor:high.no_amount")),
        (None, "USD", ("approve", "floor:high.no_amount")),
        (-1, "USD", ("approve", "floor:high.no_amount")),
        (1, ABSENT, ("approve", "floor:high.no_amount")),
        (1, UNKNOWN, ("approve", "floor:high.no_amount")),
        (ABSENT, ABSENT, ("approve", "floor:high.no_amount")),
    ],
)
def test_high(amount: Any, currency: Any, expected: tuple[str, str]) -> None:
    assert floor_of(make_table(), amount_minor=amount, currency=currency) == expected


@pytest.mark.parametrize("amount", [40.0, "40", True, [40]])
def test_high_with_an_amount_that_is_no_whole_number_is_denied(amount: Any) -> None:
    assert floor_of(make_table(), amount_minor=amount) == ("deny", "floor:error")


def test_high_takes_the_smallest_threshold_in_scope() -> None:
    strict = make_table("strict", thresholds={"USD": 100})
    elsewhere = make_table("elsewhere", thresholds={"USD": 1}, scope=Scope(queues=("x",)))
    policies = compiled(make_table(), strict, elsewhere)
    at, above = make_facts(amount_minor=100), make_facts(amount_minor=101)
    assert decide(facts=at, policies=policies).outcome is Outcome.ALLOW
    assert decide(facts=above, policies=policies).obligations == Obligations(votes=1)


@pytest.mark.parametrize(
    ("kind", "specialist", "expected"),
    [
        ("agent", False, ("specialist", "floor:critical")),
        ("agent", True, ("specialist", "floor:critical")),
        ("system", True, ("specialist", "floor:critical")),
        (UNKNOWN, True, ("specialist", "floor:critical")),
        (ABSENT, True, ("specialist", "floor:critical")),
        ("human", False, ("specialist", "floor:critical")),
        ("human", ABSENT, ("specialist", "floor:critical")),
        ("human", UNKNOWN, ("specialist", "floor:critical")),
        ("human", 1, ("specialist", "floor:critical")),
        ("human", True, ("approve", "floor:critical.proposed_by_specialist")),
    ],
)
def test_critical(kind: Any, specialist: Any, expected: tuple[str, str]) -> None:
    facts = {"risk": "critical", "actor_kind": kind, "specialist_request": specialist}
    assert floor_of(make_table(), **facts) == expected


def test_a_specialist_who_proposes_discharges_rows_that_ask_for_one() -> None:
    table = make_table(rules=[make_rule("fraud", Outcome.SPECIALIST)])
    person = {"actor_kind": "human", "specialist_request": True}
    decision = decide(facts=make_facts(**person), policies=compiled(table))
    assert decision.outcome is Outcome.APPROVE
    assert decision.rule_ids == ("refunds:fraud", "floor:high")
    assert decision.obligations == Obligations(votes=1)


@pytest.mark.parametrize(
    ("kind", "effect", "off_plan", "outcome"),
    [
        ("agent", "write", True, "approve"),
        ("agent", "write", UNKNOWN, "approve"),
        ("agent", "write", False, "allow"),
        ("agent", "write", ABSENT, "allow"),
        ("agent", "read", True, "allow"),
        ("agent", UNKNOWN, True, "approve"),
        ("agent", ABSENT, True, "approve"),
        (UNKNOWN, "write", True, "approve"),
        (ABSENT, "write", True, "approve"),
        ("human", "write", True, "allow"),
        ("system", "write", True, "allow"),
    ],
)
def test_off_plan_write_of_an_ai_needs_an_approval(
    kind: Any, effect: Any, off_plan: Any, outcome: str
) -> None:
    facts = {"risk": "low", "actor_kind": kind, "effect": effect, "off_plan": off_plan}
    assert floor_of(make_table(), **facts)[0] == outcome


def floor_at_least(facts: FactSet, tables: tuple[PolicyTable, ...]) -> Outcome:
    """The floor said once more, plainly, from PRODUCT and the ground rules."""
    known = {k: v for k, v in facts.values.items() if k not in facts.unknown}
    place = (known.get("tool"), known.get("cue_sheet"), known.get("queue"))
    if not place[0] or facts.unknown & {"tool", "cue_sheet", "queue"}:
        return Outcome.DENY
    inside = [
        table
        for table in tables
        if all(
            not wanted or here in wanted
            for wanted, here in zip(
                (table.scope.tools, table.scope.cue_sheets, table.scope.queues),
                place,
                strict=True,
            )
        )
    ]
    if not inside or known.get("risk") not in {"low", "medium", "high", "critical"}:
        return Outcome.DENY
    least = [_risk_floor(known, inside)]
    ai = known.get("actor_kind") not in {"human", "system"}
    if ai and known.get("effect") != "read":
        unplanned = known.get("off_plan") is True or "off_plan" in facts.unknown
        least.append(Outcome.APPROVE if unplanned else Outcome.ALLOW)
    return max(least, key=lambda outcome: outcome.strictness)


def _risk_floor(known: dict[str, Any], inside: list[PolicyTable]) -> Outcome:
    if known["risk"] == "low":
        return Outcome.ALLOW
    if known["risk"] == "medium":
        if not any(table.limits for table in inside):
            return Outcome.DENY
        return Outcome.ALLOW if known.get("verification") in VERIFIED else Outcome.VERIFY
    if known["risk"] == "critical":
        specialist = known.get("specialist_request") is True
        own = known.get("actor_kind") == "human" and specialist
        return Outcome.APPROVE if own else Outcome.SPECIALIST
    amount, currency = known.get("amount_minor"), known.get("currency")
    bounds = [table.thresholds[currency] for table in inside if currency in table.thresholds]
    within = bounds and amount is not None and 0 <= amount <= min(bounds)
    return Outcome.ALLOW if within else Outcome.APPROVE


@given(fact_sets(), policy_sets)
def test_no_set_of_policies_goes_below_the_floor(
    facts: FactSet, both: tuple[PolicyTable, ...]
) -> None:
    decision = decide(facts=facts, policies=compile_tables(both))
    assert decision.outcome.strictness >= floor_at_least(facts, both).strictness
    assert any(row.policy == "floor" for row in decision.fired)


@given(fact_sets(), policy_sets, st.sampled_from(["agent", UNKNOWN, ABSENT]))
def test_an_ai_never_gets_a_critical_action(
    facts: FactSet, both: tuple[PolicyTable, ...], kind: Any
) -> None:
    ours = make_facts(**{**facts.values, "risk": "critical", "actor_kind": kind})
    decision = decide(facts=ours, policies=compile_tables(both))
    assert decision.outcome in {Outcome.SPECIALIST, Outcome.DENY}
