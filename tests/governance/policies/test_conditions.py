"""Truth tables: every operator by known, not applicable and unknown."""

from typing import Any

import pytest

from governance.policies.conditions import test_of as compile_condition
from governance.policies.decision import decide
from governance.policies.types import Condition, Operator, Outcome
from tests.factories.policies import ABSENT, UNKNOWN, compiled, make_facts, make_rule, make_table

#: operator, value, facts that make it true, facts that make it false
TABLE: list[tuple[str, Any, list[Any], list[Any]]] = [
    ("is", "a", ["a"], ["b", "", "A"]),
    ("is_not", "a", ["b", ""], ["a"]),
    ("in", ["a", "b"], ["a", "b"], ["c"]),
    ("not_in", ["a", "b"], ["c"], ["a", "b"]),
    ("is", True, [True], [False]),
    ("is", False, [False], [True]),
    ("is_not", True, [False], [True]),
    ("is", 3, [3, 3.0], [4, 3.5]),
    ("is_not", 3, [4, 2.5], [3, 3.0]),
    ("in", [1, 2], [1, 2.0], [3]),
    ("not_in", [1, 2], [3], [1]),
    ("below", 10, [9, 9.99, -1], [10, 11]),
    ("at_most", 10, [10, 9], [11, 10.5]),
    ("above", 10, [11, 10.5], [10, 9]),
    ("at_least", 0.7, [0.7, 1], [0.69, 0]),
    ("contains", "fraud", [["fraud"], ["x", "fraud"]], [[], ["frauds"]]),
    ("lacks", "fraud", [[], ["frauds"]], [["fraud"], ["x", "fraud"]]),
]


def outcome_for(operator: str, value: Any, fact: Any) -> Outcome:
    table = make_table(rules=[make_rule("row", Outcome.SPECIALIST, ("probe", operator, value))])
    return decide(facts=make_facts(probe=fact), policies=compiled(table)).outcome


def test_every_operator_is_in_the_table() -> None:
    assert {row[0] for row in TABLE} == {str(operator) for operator in Operator}


@pytest.mark.parametrize(("operator", "value", "true", "false"), TABLE)
def test_known_fact_decides(operator: str, value: Any, true: list[Any], false: list[Any]) -> None:
    assert {outcome_for(operator, value, fact) for fact in true} == {Outcome.SPECIALIST}
    assert {outcome_for(operator, value, fact) for fact in false} == {Outcome.ALLOW}


@pytest.mark.parametrize(("operator", "value"), [row[:2] for row in TABLE])
def test_not_applicable_is_false(operator: str, value: Any) -> None:
    assert outcome_for(operator, value, ABSENT) is Outcome.ALLOW


@pytest.mark.parametrize(("operator", "value"), [row[:2] for row in TABLE])
@pytest.mark.parametrize("fact", [UNKNOWN, None])
def test_unknown_is_true(operator: str, value: Any, fact: Any) -> None:
    assert outcome_for(operator, value, fact) is Outcome.SPECIALIST


@pytest.mark.parametrize(
    ("operator", "value", "fact"),
    [
        ("is", "a", 1),
        ("is_not", "a", ["a"]),
        ("in", ["a"], True),
        ("not_in", ["a"], {"a": 1}),
        ("is", True, 1),
        ("is", 1, True),
        ("is_not", True, "true"),
        ("below", 10, "9"),
        ("above", 10, True),
        ("in", [1], "1"),
        ("contains", "a", "banana"),
        ("lacks", "a", "b"),
    ],
)
def test_value_of_another_type_denies_and_names_the_fact(
    operator: str, value: Any, fact: Any
) -> None:
    table = make_table(rules=[make_rule("row", Outcome.APPROVE, ("probe", operator, value))])
    decision = decide(facts=make_facts(probe=fact), policies=compiled(table))
    assert decision.outcome is Outcome.DENY
    assert decision.rule_ids == ("floor:error",)
    assert decision.reasons[0].startswith("A fact cannot be judged: probe: ")
    assert decision.policies == {"refunds": (1, "a" * 64)}


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("below", "a"),
        ("below", True),
        ("in", []),
        ("in", "ab"),
        ("in", ["a", 1]),
        ("in", [True]),
        ("contains", 3),
        ("is", None),
        ("is", ["a"]),
        ("is", {"a": 1}),
    ],
)
def test_operator_that_cannot_compare_is_refused(operator: str, value: Any) -> None:
    with pytest.raises(ValueError, match="probe"):
        compile_condition(Condition("probe", Operator(operator), value))
