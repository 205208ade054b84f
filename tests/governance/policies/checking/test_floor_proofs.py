"""The floor is proved for every risk level, and a judge that goes below it is found out."""

from typing import Any

import pytest
from hypothesis import given, settings

from governance.policies.checking.floor_proofs import LOOKED_AT, prove_floors
from governance.policies.checking.proofs import Verdict
from governance.policies.compiled import CompiledPolicies
from governance.policies.decision import decide
from governance.policies.types import Decision, FactSet, Outcome, PolicyTable, Scope
from tests.factories.fact_space import CATALOGUE
from tests.factories.policies import compiled, make_limit, make_rule, make_table
from tests.governance.policies.test_decision import policy_sets

LEVELS = ["low", "medium", "high", "critical", "undeclared"]


def verdicts(table: PolicyTable, *others: PolicyTable, **more: Any) -> dict[str, Verdict]:
    proofs = prove_floors(table=table, others=others, catalogue=CATALOGUE, **more)
    return {proof.name: proof.verdict for proof in proofs}


def test_there_is_a_proof_for_every_risk_level_and_for_none() -> None:
    assert list(LOOKED_AT) == LEVELS
    assert verdicts(make_table()) == dict.fromkeys(LEVELS, Verdict.PROVED)


@settings(max_examples=8, deadline=None)
@given(policy_sets)
def test_it_is_proved_of_any_policies(both: tuple[PolicyTable, PolicyTable]) -> None:
    assert set(verdicts(*both).values()) == {Verdict.PROVED}


def judge_as(**changes: Any) -> Any:
    """A judge that sees some facts as they are not, whoever holds them."""

    def judge(*, facts: FactSet, policies: CompiledPolicies) -> Decision:
        replaced = {
            name: instead
            for name, (seen, instead) in changes.items()
            if facts.values.get(name) == seen
        }
        return decide(facts=FactSet({**facts.values, **replaced}, facts.unknown), policies=policies)

    return judge


@pytest.mark.parametrize(
    ("judge", "level"),
    [
        (judge_as(risk=("high", "low")), "high"),
        (judge_as(risk=("medium", "low")), "medium"),
        (judge_as(risk=("critical", "high")), "critical"),
        (judge_as(amount_minor=(5001, 5000)), "high"),
        (judge_as(amount_minor=(-1, 0)), "high"),
        (judge_as(verification=("none", "basic")), "medium"),
        (judge_as(off_plan=(True, False)), "low"),
    ],
    ids=["high", "medium", "critical", "above", "negative", "unverified", "off_plan"],
)
def test_a_judge_that_goes_below_is_found_with_the_facts(judge: Any, level: str) -> None:
    table = make_table(limits=(make_limit(),))
    proofs = {p.name: p for p in prove_floors(table=table, catalogue=CATALOGUE, judge=judge)}
    found = proofs[level]
    assert found.verdict is Verdict.REFUTED
    assert found.facts is not None
    assert found.decision == judge(facts=found.facts, policies=compiled(table))
    assert found.words.startswith("Where ")
    assert " is the least." in found.words


def test_places_differ_by_what_is_in_scope_there() -> None:
    scoped = make_table("scoped", thresholds={"USD": 10}, scope=Scope(queues=("returns",)))
    assert set(verdicts(make_table(), scoped).values()) == {Verdict.PROVED}


def test_what_is_too_large_is_never_called_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.policies.checking.floor_proofs.MAX_POINTS", 10)
    assert verdicts(make_table())["high"] is Verdict.UNPROVED
    flags = [make_rule(f"f{n}", Outcome.DENY, ("risk_flags", "lacks", str(n))) for n in range(20)]
    assert set(verdicts(make_table(rules=flags)).values()) == {Verdict.UNPROVED}
