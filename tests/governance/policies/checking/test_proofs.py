"""Invariants are proved exactly where enumeration finds no counterexample."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.policies.checking.proofs import Proof, Verdict, is_broken, prove_invariants
from governance.policies.decision import compile_tables, decide
from governance.policies.types import (
    Condition,
    Invariant,
    Operator,
    Outcome,
    PolicyTable,
    Rule,
    Scope,
)
from tests.factories.fact_space import (
    CATALOGUE,
    CONDITIONS,
    every_point,
    small_rules,
    small_table,
)
from tests.factories.policies import ABSENT, UNKNOWN, make_rule, make_table

TWO_VOTES: dict[str, Any] = {"outcome": Outcome.APPROVE, "votes": 2}
AMOUNT = ("amount_minor", "above", 500)


def invariant(*when: tuple[str, str, Any], **then: Any) -> Invariant:
    conditions = tuple(Condition(fact, Operator(name), value) for fact, name, value in when)
    return Invariant("wanted", "What is wanted", conditions, **then)


def prove(table: PolicyTable, *others: PolicyTable) -> Proof:
    (proof,) = prove_invariants(holder=table, tables=[table, *others], catalogue=CATALOGUE)
    return proof


def with_invariant(wanted: Invariant, *rules: Rule, **changes: Any) -> PolicyTable:
    return small_table(rules, invariants=(wanted,), **changes)


def test_no_refund_over_500_without_two_votes() -> None:
    two = make_rule("two", Outcome.APPROVE, AMOUNT, votes=2)
    assert prove(with_invariant(invariant(AMOUNT, **TWO_VOTES), two)) == Proof(
        "wanted", Verdict.PROVED, "It holds in every case."
    )


def test_the_counterexample_is_said_in_words_and_as_facts() -> None:
    two = make_rule("two", Outcome.APPROVE, ("amount_minor", "above", 600), votes=2)
    table = with_invariant(invariant(AMOUNT, **TWO_VOTES), two, scope=Scope(tools=("refund",)))
    proof = prove(table)
    assert proof.verdict is Verdict.REFUTED
    assert proof.words == (
        "Where actor kind is system, amount is above $5.00 and below $6.00, risk is low, "
        "tool is refund: allow."
    )
    assert proof.facts is not None
    assert proof.facts.values["tool"] == "refund"
    assert decide(facts=proof.facts, policies=compile_tables([table])) == proof.decision


@pytest.mark.parametrize(
    ("row", "holds"),
    [
        (make_rule("row", Outcome.DENY, AMOUNT), True),
        (make_rule("row", Outcome.SPECIALIST, AMOUNT), False),
        (make_rule("row", Outcome.SPECIALIST, AMOUNT, votes=2), True),
        (make_rule("row", Outcome.VERIFY, AMOUNT), False),
        (make_rule("row", Outcome.APPROVE, AMOUNT, votes=1), False),
        (make_rule("row", Outcome.APPROVE, AMOUNT, ("currency", "is", "USD"), votes=2), False),
    ],
    ids=["deny", "specialist", "specialist_votes", "verify", "one_vote", "one_currency"],
)
def test_stricter_outcomes_do_and_weaker_ones_do_not(row: Rule, *, holds: bool) -> None:
    """A specialist who proposes turns ``specialist`` into an approval, with its votes."""
    proof = prove(with_invariant(invariant(AMOUNT, **TWO_VOTES), row))
    assert (proof.verdict is Verdict.PROVED) is holds


def test_it_holds_with_what_else_is_in_force_in_its_scope() -> None:
    table = with_invariant(invariant(AMOUNT, **TWO_VOTES), scope=Scope(tools=("refund",)))
    two = make_rule("two", Outcome.APPROVE, AMOUNT, votes=2)
    assert prove(table, make_table("other", [two])).verdict is Verdict.PROVED
    elsewhere = make_table("other", [two], scope=Scope(tools=("lookup",)))
    assert prove(table, elsewhere).verdict is Verdict.REFUTED
    in_a_queue = make_table("other", [two], scope=Scope(queues=("returns",)))
    proof = prove(table, in_a_queue)
    assert proof.verdict is Verdict.REFUTED
    assert "queue is" in proof.words


def test_another_row_can_let_in_a_role_that_was_not_wanted() -> None:
    wanted = invariant(outcome=Outcome.APPROVE, roles=("supervisor",))
    own = make_rule("own", Outcome.APPROVE, roles=("supervisor",), votes=1)
    assert prove(with_invariant(wanted, own)).verdict is Verdict.PROVED
    more = make_rule("more", Outcome.APPROVE, AMOUNT, roles=("specialist",), votes=1)
    proof = prove(with_invariant(wanted, own, more))
    assert proof.verdict is Verdict.REFUTED
    assert "approve, 1 vote, by a holder of specialist, supervisor" in proof.words


def test_the_floor_counts() -> None:
    wanted = invariant(("risk", "is", "critical"), outcome=Outcome.APPROVE)
    assert prove(with_invariant(wanted)).verdict is Verdict.PROVED
    wanted = invariant(("risk", "is", "critical"), outcome=Outcome.SPECIALIST)
    proof = prove(with_invariant(wanted))
    assert proof.verdict is Verdict.REFUTED
    assert proof.facts is not None
    assert proof.facts.values["specialist_request"] is True


def test_what_is_too_large_is_never_called_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.policies.checking.space.MAX_STEPS", 1)
    two = make_rule("two", Outcome.APPROVE, AMOUNT, votes=2)
    assert prove(with_invariant(invariant(AMOUNT, **TWO_VOTES), two)).verdict is Verdict.UNPROVED
    flags = [make_rule(f"f{n}", Outcome.DENY, ("risk_flags", "lacks", str(n))) for n in range(20)]
    assert prove(with_invariant(invariant(AMOUNT, **TWO_VOTES), *flags)) == Proof(
        "wanted", Verdict.UNPROVED, "There are too many cases to prove this."
    )


def test_too_many_places_are_not_called_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.policies.checking.proofs.MAX_PLACES", 1)
    row = make_rule("row", Outcome.DENY, ("tool", "is", "refund"))
    assert prove(with_invariant(invariant(**TWO_VOTES), row)).verdict is Verdict.UNPROVED


def test_a_fact_compared_with_two_kinds_is_not_called_proved() -> None:
    rows = [
        make_rule("a", Outcome.DENY, ("x", "is", "a")),
        make_rule("b", Outcome.DENY, ("x", "above", 1)),
    ]
    assert prove(with_invariant(invariant(**TWO_VOTES), *rows)).verdict is Verdict.UNPROVED


@st.composite
def wanted_invariants(draw: st.DrawFn) -> Invariant:
    when = draw(st.lists(st.sampled_from(CONDITIONS), max_size=2))
    if draw(st.booleans()):
        return invariant(*when, outcome=draw(st.sampled_from(list(Outcome)[1:])))
    return invariant(
        *when,
        outcome=Outcome.APPROVE,
        votes=draw(st.integers(0, 3)),
        roles=draw(st.sampled_from([(), ("supervisor",), ("specialist", "supervisor")])),
        step_up=draw(st.booleans()),
    )


@settings(max_examples=20, deadline=None)
@given(small_rules(), wanted_invariants())
def test_it_is_proved_exactly_where_no_point_breaks_it(
    rules: list[Rule], wanted: Invariant
) -> None:
    table = with_invariant(wanted, *rules)
    policies = compile_tables([table])
    needed = compile_tables([small_table([Rule("x", "x", wanted.when, Outcome.DENY, "x")])])
    places: dict[str, list[Any]] = {
        "risk": ["low", "high"],
        "currency": ["USD", ABSENT],
        "specialist_request": [True, UNKNOWN],
        "actor_kind": ["human"],
    }
    broken = any(
        is_broken(wanted, decide(facts=facts, policies=policies))
        for facts in every_point(**places)
        if decide(facts=facts, policies=needed).outcome is Outcome.DENY
    )
    proof = prove(table)
    assert proof.verdict is (Verdict.REFUTED if broken else Verdict.PROVED)
