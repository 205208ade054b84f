"""The strictest row wins, obligations add up, and no order or addition softens a verdict."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.policies.compiled import MAX_SCOPES, CompiledPolicies, CompiledScope
from governance.policies.decision import combine, compile_tables, decide, scope_of
from governance.policies.index import RowIndex
from governance.policies.types import (
    ActionScope,
    FactSet,
    Obligations,
    Outcome,
    PolicyTable,
    Rule,
    Scope,
)
from tests.factories.policies import (
    ABSENT,
    UNKNOWN,
    compiled,
    make_facts,
    make_limit,
    make_rule,
    make_table,
)

VALUES: dict[str, list[Any]] = {
    "tool": ["refund", "lookup"],
    "effect": ["read", "write"],
    "risk": ["low", "medium", "high", "critical"],
    "actor_kind": ["agent", "human", "system"],
    "queue": ["returns", "billing"],
    "cue_sheet": ["return_items", "exchange"],
    "verification": ["none", "claimed", "basic", "strong"],
    "amount_minor": [-1, 0, 4000, 5000, 5001, 99999],
    "currency": ["USD", "EUR"],
    "off_plan": [True, False],
    "specialist_request": [True, False],
    "confidence": [0.1, 0.7, 1.0],
    "risk_flags": [[], ["fraud"], ["fraud", "vip"]],
    "limit:per_day": [0, 3, 4],
}


def fact_sets() -> st.SearchStrategy[FactSet]:
    return st.fixed_dictionaries(
        {name: st.sampled_from([*values, ABSENT, UNKNOWN]) for name, values in VALUES.items()}
    ).map(lambda changes: make_facts(**changes))


CONDITIONS: list[tuple[str, str, Any]] = [
    ("actor_kind", "is", "agent"),
    ("verification", "not_in", ["basic", "strong"]),
    ("amount_minor", "above", 4000),
    ("amount_minor", "at_most", 0),
    ("off_plan", "is", True),
    ("confidence", "below", 0.7),
    ("risk_flags", "contains", "fraud"),
    ("risk_flags", "lacks", "vip"),
    ("currency", "is_not", "USD"),
]
outcomes = st.sampled_from(list(Outcome))
scopes = st.builds(
    Scope,
    tools=st.sampled_from([(), ("refund",), ("lookup",)]),
    cue_sheets=st.sampled_from([(), ("exchange",)]),
    queues=st.sampled_from([(), ("returns",)]),
)
obligations = st.builds(
    Obligations,
    votes=st.integers(0, 3),
    roles=st.sampled_from([(), ("supervisor",), ("specialist", "supervisor")]),
    distinct_roles=st.booleans(),
    step_up=st.booleans(),
    verification=st.sampled_from(["", "basic", "strong"]),
    deadline_minutes=st.sampled_from([None, 10, 60]),
)


@st.composite
def rules(draw: st.DrawFn, rule_id: str = "") -> Rule:
    when = draw(st.lists(st.sampled_from(CONDITIONS), max_size=3))
    built = make_rule(rule_id or f"r{draw(st.integers(0, 10**9))}", draw(outcomes), *when)
    return Rule(built.id, built.title, built.when, built.outcome, built.reason, draw(obligations))


@st.composite
def tables(draw: st.DrawFn, key: str) -> PolicyTable:
    listed = draw(st.lists(rules(), max_size=4, unique_by=lambda rule: rule.id))
    limits = (make_limit(outcome=draw(outcomes)),) if key == "one" and draw(st.booleans()) else ()
    thresholds = draw(st.sampled_from([{}, {"USD": 5000}, {"USD": 0, "EUR": 10}]))
    return make_table(key, listed, scope=draw(scopes), limits=limits, thresholds=thresholds)


policy_sets = st.tuples(tables("one"), tables("two"))


class _Blind(RowIndex):
    """An index that can never tell, so that every condition is asked one by one."""

    def fired(self, seen: Mapping[str, Any]) -> int | None:
        del seen
        return None


class _Plain(CompiledPolicies):
    def in_scope(self, action: ActionScope) -> CompiledScope:
        return replace(super().in_scope(action), index=_Blind([]))


def plain_tables(tables: Sequence[PolicyTable]) -> CompiledPolicies:
    """Tables judged by the plain interpreter alone, the oracle of the compiled form."""
    found = compile_tables(tables)
    return _Plain(tables=found.tables, rows=found.rows)


Ready = Callable[[Sequence[PolicyTable]], CompiledPolicies]
ENGINES: list[Ready] = [compile_tables, plain_tables]


@given(facts=fact_sets(), both=policy_sets)
def test_the_compiled_form_judges_like_the_plain_one(
    facts: FactSet, both: tuple[PolicyTable, ...]
) -> None:
    compiled = decide(facts=facts, policies=compile_tables(both))
    assert compiled == decide(facts=facts, policies=plain_tables(both))


@pytest.mark.parametrize("ready", ENGINES, ids=["compiled", "plain"])
@given(facts=fact_sets(), both=policy_sets)
def test_it_is_the_strictest_of_the_fired_rows(
    ready: Ready, facts: FactSet, both: tuple[PolicyTable, ...]
) -> None:
    decision = decide(facts=facts, policies=ready(both))
    assert decision.outcome is max((row.outcome for row in decision.fired), key=_strictness)
    assert decision.fired[0].outcome is decision.outcome
    assert decision == decide(facts=facts, policies=ready(both))


@pytest.mark.parametrize("ready", ENGINES, ids=["compiled", "plain"])
@given(facts=fact_sets(), both=policy_sets, added=rules("zz-added"))
def test_adding_a_row_never_softens(
    ready: Ready, facts: FactSet, both: tuple[PolicyTable, ...], added: Rule
) -> None:
    first, second = both
    more = make_table(
        "one",
        (*first.rules, added),
        scope=first.scope,
        limits=first.limits,
        thresholds=first.thresholds,
    )
    before = decide(facts=facts, policies=ready(both))
    after = decide(facts=facts, policies=ready((more, second)))
    assert after.outcome.strictness >= before.outcome.strictness


@pytest.mark.parametrize("ready", ENGINES, ids=["compiled", "plain"])
@given(facts=fact_sets(), both=policy_sets, random=st.randoms())
def test_order_changes_nothing(
    ready: Ready, facts: FactSet, both: tuple[PolicyTable, ...], random: Any
) -> None:
    mixed = []
    for table in both:
        listed = list(table.rules)
        random.shuffle(listed)
        mixed.append(
            make_table(
                table.key,
                listed,
                scope=table.scope,
                limits=table.limits,
                thresholds=table.thresholds,
            )
        )
    random.shuffle(mixed)
    again = decide(facts=facts, policies=ready(mixed))
    assert again == decide(facts=facts, policies=ready(both))


@pytest.mark.parametrize("ready", ENGINES, ids=["compiled", "plain"])
@given(facts=fact_sets(), both=policy_sets, name=st.sampled_from(sorted(VALUES)))
def test_not_knowing_never_softens(
    ready: Ready, facts: FactSet, both: tuple[PolicyTable, ...], name: str
) -> None:
    less = FactSet(
        values={k: v for k, v in facts.values.items() if k != name},
        unknown=facts.unknown | {name},
    )
    policies = ready(both)
    known, unknown = decide(facts=facts, policies=policies), decide(facts=less, policies=policies)
    assert unknown.outcome.strictness >= known.outcome.strictness


@pytest.mark.parametrize("ready", ENGINES, ids=["compiled", "plain"])
@given(facts=fact_sets(), both=policy_sets, third=tables("three"))
def test_another_policy_of_the_same_scope_never_softens(
    ready: Ready, facts: FactSet, both: tuple[PolicyTable, ...], third: PolicyTable
) -> None:
    # A threshold or a limit is what some floors ask for, so a policy that sets one is more than
    # rows; where it brings neither, and something is in scope already, it can only add.
    added = replace(third, thresholds={}, limits=(), scope=both[0].scope)
    before = decide(facts=facts, policies=ready(both))
    after = decide(facts=facts, policies=ready((*both, added)))
    assert after.outcome.strictness >= before.outcome.strictness


def _strictness(outcome: Outcome) -> int:
    return outcome.strictness


@pytest.mark.parametrize("one", list(Outcome))
@pytest.mark.parametrize("other", list(Outcome))
def test_of_two_rows_the_stricter_wins(one: Outcome, other: Outcome) -> None:
    table = make_table(rules=[make_rule("a", one), make_rule("b", other)])
    decision = decide(facts=make_facts(risk="low"), policies=compiled(table))
    assert decision.outcome is (one if one.strictness >= other.strictness else other)
    assert set(decision.rule_ids) == {"refunds:a", "refunds:b", "floor:low"}


def test_fired_rows_come_strictest_first_with_what_they_saw() -> None:
    table = make_table(
        rules=[
            make_rule("z", Outcome.APPROVE, ("amount_minor", "above", 100)),
            make_rule("no", Outcome.DENY, ("queue", "is", "billing")),
            make_rule("a", Outcome.APPROVE, ("confidence", "below", 0.5), ("probe", "is", "x")),
        ]
    )
    decision = decide(
        facts=make_facts(risk="low", confidence=UNKNOWN, probe="x"), policies=compiled(table)
    )
    assert decision.rule_ids == ("refunds:a", "refunds:z", "floor:low")
    assert decision.reasons == ("Reason of a.", "Reason of z.")
    assert decision.silent == ("Title of no",)
    first, second, floor = decision.fired
    assert (first.saw, first.unknown) == ({"probe": "x"}, ("confidence",))
    assert (second.saw, second.unknown) == ({"amount_minor": 4000}, ())
    assert floor.saw == {"risk": "low"}


def test_obligations_of_the_final_outcome_add_up() -> None:
    table = make_table(
        rules=[
            make_rule("a", Outcome.APPROVE, votes=2, roles=("supervisor",), deadline_minutes=60),
            make_rule(
                "b",
                Outcome.APPROVE,
                votes=1,
                roles=("specialist",),
                step_up=True,
                deadline_minutes=15,
            ),
            make_rule("c", Outcome.VERIFY, verification="strong"),
        ]
    )
    decision = decide(facts=make_facts(), policies=compiled(table))
    assert decision.obligations == Obligations(
        votes=2, roles=("specialist", "supervisor"), step_up=True, deadline_minutes=15
    )


def test_an_approval_needs_a_vote_and_a_verification_a_level() -> None:
    none = frozenset({Obligations()})
    assert combine(Outcome.APPROVE, none) == Obligations(votes=1)
    assert combine(Outcome.VERIFY, none) == Obligations(verification="basic")
    assert combine(Outcome.DENY, none) == Obligations()
    strong = frozenset({Obligations(verification="strong"), Obligations(verification="basic")})
    assert combine(Outcome.VERIFY, strong) == Obligations(verification="strong")


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        (Scope(), True),
        (Scope(tools=("refund",)), True),
        (Scope(tools=("lookup",)), False),
        (Scope(cue_sheets=("return_items",), queues=("returns",)), True),
        (Scope(cue_sheets=("return_items",), queues=("billing",)), False),
    ],
)
def test_only_policies_in_scope_judge(scope: Scope, *, covered: bool) -> None:
    general = make_table("general")
    scoped = make_table("scoped", [make_rule("row", Outcome.SPECIALIST)], scope=scope)
    decision = decide(facts=make_facts(), policies=compiled(general, scoped))
    assert ("scoped" in decision.policies) is covered
    assert decision.outcome is (Outcome.SPECIALIST if covered else Outcome.ALLOW)


def test_scoped_policy_does_not_cover_an_action_without_that_place() -> None:
    scoped = make_table("scoped", scope=Scope(cue_sheets=("return_items",)))
    decision = decide(facts=make_facts(cue_sheet=ABSENT), policies=compiled(scoped))
    assert decision.policies == {}
    assert decision.outcome is Outcome.DENY


@pytest.mark.parametrize("fact", ["tool", "queue", "cue_sheet"])
def test_unknown_place_denies(fact: str) -> None:
    decision = decide(facts=make_facts(**{fact: UNKNOWN}), policies=compiled())
    assert (decision.outcome, decision.rule_ids) == (Outcome.DENY, ("floor:error",))
    assert decision.reasons == ("The tool, cue sheet or queue is not known.",)


@pytest.mark.parametrize(
    ("total", "outcome"),
    [(0, "allow"), (3, "allow"), (4, "approve"), (UNKNOWN, "approve"), (ABSENT, "approve")],
)
def test_limit_fires_beyond_its_total_or_when_it_is_not_known(total: Any, outcome: str) -> None:
    table = make_table(limits=(make_limit(),))
    facts = make_facts(risk="low", **{"limit:per_day": total})
    assert decide(facts=facts, policies=compiled(table)).outcome == outcome


@pytest.mark.parametrize("total", ["4", 4.0, True, [4]])
def test_limit_total_of_a_wrong_type_denies(total: Any) -> None:
    facts = make_facts(**{"limit:per_day": total})
    decision = decide(facts=facts, policies=compiled(make_table(limits=(make_limit(),))))
    assert decision.rule_ids == ("floor:error",)


def test_an_error_while_deciding_is_a_denial() -> None:
    broken = CompiledPolicies(tables=(make_table(),), rows={})
    decision = decide(facts=make_facts(), policies=broken)
    assert decision.outcome is Outcome.DENY
    assert decision.reasons == ("Deciding failed (KeyError).",)


@pytest.mark.parametrize("junk", [["refund"], 3, {"a": 1}, True])
@pytest.mark.parametrize("fact", ["tool", "queue", "cue_sheet", "risk"])
def test_junk_in_a_fact_denies(fact: str, junk: Any) -> None:
    decision = decide(facts=make_facts(**{fact: junk}), policies=compiled())
    assert (decision.outcome, decision.rule_ids) == (Outcome.DENY, ("floor:error",))


def test_a_policy_that_cannot_be_read_denies_everything() -> None:
    policies = compile_tables([make_table()], unreadable={"other": (4, "c" * 64)})
    decision = decide(facts=make_facts(), policies=policies)
    assert decision.outcome is Outcome.DENY
    assert decision.reasons == ("A policy in force cannot be read: other.",)
    assert decision.policies == {"other": (4, "c" * 64)}


def test_two_tables_with_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="same key"):
        compile_tables([make_table("a"), make_table("a")])


def test_scopes_are_remembered_within_a_bound() -> None:
    policies = compiled()
    place = ActionScope("refund")
    assert policies.in_scope(place) is policies.in_scope(place)
    for number in range(MAX_SCOPES + 1):
        policies.in_scope(ActionScope("refund", queue=str(number)))
    assert len(policies.scopes) <= MAX_SCOPES


def test_scope_of_facts() -> None:
    assert scope_of(make_facts()) == ActionScope("refund", "return_items", "returns")
    assert scope_of(make_facts(queue=ABSENT)) == ActionScope("refund", "return_items", "")
    assert scope_of(make_facts(tool="")) is None


def test_deciding_leaves_the_facts_as_they_were() -> None:
    facts = make_facts(confidence=UNKNOWN)
    before = json.dumps(dict(facts.values), sort_keys=True)
    decide(facts=facts, policies=compiled(make_table(limits=(make_limit(),))))
    assert json.dumps(dict(facts.values), sort_keys=True) == before
