"""Hidden, contrary and weaker rows, held to what the decision function says of every point."""

from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings

from governance.policies.checking.checks import check_table
from governance.policies.checking.findings import Finding
from governance.policies.decision import compile_tables, decide
from governance.policies.types import Decision, FactSet, Outcome, PolicyTable, Rule
from tests.factories.fact_space import CATALOGUE, every_point, small_rules, small_table
from tests.factories.policies import UNKNOWN, make_rule

ABOVE = ("amount_minor", "above", 500)
KNOWN: dict[str, list[Any]] = {
    "verification": ["none", "claimed", "basic", "strong"],
    "risk": ["low"],
}


def found(*rules: Rule, **changes: Any) -> list[tuple[str, str, str]]:
    return [
        (finding.row, finding.severity.value, finding.code)
        for finding in check(small_table(rules, **changes))
    ]


def check(table: PolicyTable) -> tuple[Finding, ...]:
    return check_table(table=table, catalogue=CATALOGUE)


def test_a_row_under_a_stricter_one_is_hidden() -> None:
    rows = [
        make_rule("wide", Outcome.DENY, ABOVE),
        make_rule("narrow", Outcome.APPROVE, ("amount_minor", "above", 900), votes=2),
    ]
    (finding,) = check(small_table(rows))
    assert (finding.row, finding.path, finding.code) == ("narrow", "rules[1]", "shadowed")
    assert finding.message == (
        "The row changes nothing: whenever it fires, so does “Title of wide”, at least as strict."
    )


@pytest.mark.parametrize(
    ("asked", "hidden"),
    [
        ({"votes": 1}, True),
        ({"votes": 2}, False),
        ({"votes": 1, "step_up": True}, False),
        ({"votes": 1, "roles": ("supervisor",)}, False),
        ({"votes": 1, "deadline_minutes": 5}, False),
    ],
    ids=["same", "votes", "step_up", "roles", "deadline"],
)
def test_obligations_count_when_rows_are_equally_strict(
    asked: dict[str, Any], *, hidden: bool
) -> None:
    rows = [
        make_rule("wide", Outcome.APPROVE, ABOVE, votes=1),
        make_rule("narrow", Outcome.APPROVE, ABOVE, ("customer_bound", "is", False), **asked),
    ]
    assert found(*rows) == ([("narrow", "warning", "shadowed")] if hidden else [])


def test_several_rows_can_hide_one_together() -> None:
    rows = [
        make_rule("weak", Outcome.DENY, ABOVE, ("verification", "in", ("none", "claimed"))),
        make_rule("good", Outcome.DENY, ABOVE, ("verification", "in", ("basic", "strong"))),
        make_rule("row", Outcome.VERIFY, ABOVE, ("verification", "is_not", "none")),
    ]
    (finding,) = check(small_table(rows))
    assert (finding.row, finding.code) == ("row", "shadowed")
    assert "so does one of “Title of weak”, “Title of good”, at least" in finding.message


def test_of_two_rows_alike_only_the_second_is_hidden() -> None:
    rows = [make_rule(name, Outcome.DENY, ABOVE) for name in ("first", "second")]
    assert found(*rows) == [("second", "warning", "shadowed")]


def test_a_specialists_row_does_not_hide_votes() -> None:
    rows = [
        make_rule("fraud", Outcome.SPECIALIST, ABOVE),
        make_rule("votes", Outcome.APPROVE, ABOVE, ("customer_bound", "is", True), votes=2),
    ]
    assert found(*rows) == []


def test_a_specialists_row_on_the_same_facts_does_not_hide_a_role() -> None:
    rows = [
        make_rule("fraud", Outcome.SPECIALIST, ABOVE),
        make_rule("role", Outcome.APPROVE, ABOVE, votes=1, roles=("supervisor",)),
    ]
    assert found(*rows) == []


def test_rows_that_contradict_each_other() -> None:
    rows = [make_rule("mild", Outcome.VERIFY, ABOVE), make_rule("strict", Outcome.DENY, ABOVE)]
    (finding,) = check(small_table(rows))
    assert (finding.row, finding.severity, finding.code) == ("mild", "error", "contradiction")
    assert finding.message == (
        "The row says verify on exactly the facts on which “Title of strict” says deny; the "
        "stricter always wins."
    )


@pytest.mark.parametrize("outcome", [Outcome.ALLOW, Outcome.VERIFY])
def test_a_row_cannot_soften_the_floor(outcome: Outcome) -> None:
    row = make_rule("soft", outcome, ("risk", "is", "high"), ABOVE, ("currency", "is", "USD"))
    assert found(row) == [("soft", "error", "below_floor")]
    assert found(make_rule("soft", outcome, ("risk", "is", "high"))) == []


def test_a_larger_amount_with_a_weaker_control() -> None:
    rows = [
        make_rule("two", Outcome.APPROVE, ABOVE, ("amount_minor", "at_most", 900), votes=2),
        make_rule("one", Outcome.APPROVE, ABOVE, votes=1),
    ]
    (finding,) = check(small_table(rows))
    assert (finding.row, finding.severity, finding.code) == ("two", "error", "weaker_above")
    assert finding.facts == {"amount_minor": 901}
    assert finding.message == (
        "A larger amount gets a weaker control than this row asks for: where amount is "
        "above $9.00, no row is as strict."
    )


def test_a_refused_small_amount_is_only_a_warning() -> None:
    row = make_rule("minimum", Outcome.DENY, ("amount_minor", "below", 10))
    assert found(row) == [("minimum", "warning", "weaker_above")]


def decided(rules: list[Rule], **fixed: list[Any]) -> list[tuple[FactSet, Decision]]:
    policies = compile_tables([small_table(rules)])
    return [
        (facts, decide(facts=facts, policies=policies)) for facts in every_point(**KNOWN, **fixed)
    ]


WHO: dict[str, list[Any]] = {"actor_kind": ["human"], "specialist_request": [True, UNKNOWN]}


@settings(max_examples=8, deadline=None)
@given(small_rules())
def test_a_hidden_row_can_be_taken_away(rules: list[Rule]) -> None:
    findings = check(small_table(rules))
    hidden = [f.row for f in findings if f.code in {"shadowed", "contradiction"}]
    before = [(d.outcome, d.obligations) for _facts, d in decided(rules, **WHO)]
    for row in hidden[:2]:
        left = [rule for rule in rules if rule.id != row]
        assert [(d.outcome, d.obligations) for _facts, d in decided(left, **WHO)] == before


@settings(max_examples=10, deadline=None)
@given(small_rules())
def test_a_weaker_control_above_is_found_exactly_where_there_is_one(rules: list[Rule]) -> None:
    def others(pair: tuple[FactSet, Decision]) -> str:
        facts = pair[0]
        rest = {k: v for k, v in facts.values.items() if k != "amount_minor"}
        return repr((sorted(rest.items(), key=repr), sorted(facts.unknown)))

    amounts = {"amount_minor": [0, 1, 4, 5, 6, 9, 10, 11, 500]}
    points = sorted(decided(rules, **amounts), key=others)
    weaker = False
    for _rest, group in groupby(points, key=others):
        strengths = [
            (decision.outcome.strictness, decision.obligations.votes)
            for _facts, decision in sorted(group, key=lambda pair: pair[0].values["amount_minor"])
        ]
        weaker = weaker or strengths != sorted(strengths)
    codes = {finding.code for finding in check(small_table(rules))}
    contradictory = "contradictory" in codes
    assert contradictory or ("weaker_above" in codes) is weaker


@settings(max_examples=10, deadline=None)
@given(small_rules(3))
def test_a_row_that_can_never_fire_is_one_that_no_known_facts_fire(rules: list[Rule]) -> None:
    known = {
        "amount_minor": [-1, 0, 1, 4, 5, 6, 9, 10, 11],
        "customer_bound": [True, False],
        "risk_flags": [[], ["fraud"], ["vip"], ["vip", "fraud"]],
    }
    fired = {name for _facts, decision in decided(rules, **known) for name in decision.rule_ids}
    never = {f.row for f in check(small_table(rules)) if f.code == "contradictory"}
    assert never == {rule.id for rule in rules if f"refunds:{rule.id}" not in fired}


def test_a_row_without_conditions_hides_those_it_equals() -> None:
    rows = [
        make_rule("any", Outcome.DENY, ("customer_bound", "is", True)),
        make_rule("other", Outcome.DENY, ("customer_bound", "is", False)),
        make_rule("all", Outcome.DENY),
    ]
    assert found(*rows) == [("any", "warning", "shadowed"), ("other", "warning", "shadowed")]
