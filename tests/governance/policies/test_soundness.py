"""What the text of one row shows to be a mistake, and what it does not."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.policies.conditions import test_of as answer_of
from governance.policies.decision import compile_tables, decide
from governance.policies.reading import Report
from governance.policies.soundness import check_sound, currency_of
from governance.policies.types import Condition, Operator, Outcome, PolicyTable
from tests.factories.policies import make_facts, make_limit, make_rule, make_table

Given = tuple[str, str, Any]


def codes(table: PolicyTable) -> list[tuple[str, str]]:
    report = Report()
    check_sound(report, table)
    return [(error.field, error.code) for error in report.errors]


def row_codes(*when: Given, **changes: Any) -> list[tuple[str, str]]:
    return codes(make_table("one", [make_rule("r", Outcome.DENY, *when)], **changes))


@pytest.mark.parametrize(
    ("when", "can_hold"),
    [
        ([("a", "above", 1000), ("a", "at_most", 500)], False),
        ([("a", "above", 500), ("a", "at_most", 500)], False),
        ([("a", "at_least", 500), ("a", "at_most", 500)], True),
        ([("a", "above", 500), ("a", "below", 501)], True),
        ([("a", "is", "x"), ("a", "is", "y")], False),
        ([("a", "is", "x"), ("a", "in", ["x", "y"])], True),
        ([("a", "is", "x"), ("a", "is_not", "x")], False),
        ([("a", "in", ["x", "y"]), ("a", "not_in", ["x", "y"])], False),
        ([("a", "is", 3), ("a", "above", 3)], False),
        ([("a", "contains", "x"), ("a", "lacks", "x")], False),
        ([("a", "contains", "x"), ("a", "contains", "y")], True),
        ([("a", "is", True), ("b", "is", False)], True),
    ],
    ids=range(12),
)
def test_a_row_that_contradicts_itself_is_named(when: list[Given], can_hold: bool) -> None:
    found = row_codes(*when)
    assert found == ([] if can_hold else [("rules[0].when[1]", "contradiction")])


OPERATORS = ["is", "is_not", "below", "at_most", "above", "at_least"]
NUMBERS = st.tuples(st.just("a"), st.sampled_from(OPERATORS), st.integers(0, 3))


@given(st.lists(NUMBERS, min_size=2, max_size=4))
def test_no_row_that_some_number_answers_is_called_contradictory(when: list[Given]) -> None:
    conditions = [Condition(fact, Operator(name), value) for fact, name, value in when]
    halves = [half / 2 for half in range(-2, 10)]
    holds = any(all(answer_of(each)(value, each.value) for each in conditions) for value in halves)
    assert not (holds and row_codes(*when))


def test_an_amount_says_in_which_currency() -> None:
    amount: Given = ("amount_minor", "above", 100)
    both = {"USD": 5000, "EUR": 4000}
    assert row_codes(amount, thresholds={"USD": 1}) == []
    assert row_codes(amount, thresholds=both) == [("rules[0].when[0]", "currency")]
    assert row_codes(("currency", "is", "EUR"), amount, thresholds=both) == []
    assert row_codes(("currency", "is", "JPY"), amount, thresholds=both) == [
        ("rules[0].when[1]", "currency")
    ]
    assert row_codes(("amount_minor", "above", 0), thresholds=both) == []
    when = [Condition("currency", Operator.IN, ("EUR",))]
    assert (currency_of(when, ["USD"]), currency_of([], ["USD"])) == ("EUR", "USD")
    assert currency_of([], ["USD", "EUR"]) == ""


def test_a_table_needs_a_row_that_is_not_disabled() -> None:
    assert codes(make_table("one")) == [("rules", "empty")]
    off = make_limit(disabled=True)
    assert codes(make_table("one", limits=(off,))) == [("rules", "empty")]
    assert codes(make_table("one", limits=(off, make_limit("on")))) == []


def test_a_disabled_row_never_fires_and_a_disabled_limit_counts_nothing() -> None:
    deny, limit = make_rule("deny", Outcome.DENY), make_limit("day", outcome=Outcome.DENY)
    outcomes = {}
    for rule_off, limit_off in itertools.product([False, True], repeat=2):
        table = make_table(
            "one",
            [type(deny)(deny.id, deny.title, (), deny.outcome, deny.reason, disabled=rule_off)],
            limits=(make_limit("day", outcome=limit.outcome, disabled=limit_off),),
        )
        compiled = compile_tables([table])
        facts = make_facts(**{"limit:day": 9, "amount_minor": 0})
        found = decide(facts=facts, policies=compiled)
        outcomes[rule_off, limit_off] = {row.rule for row in found.fired} & {"deny", "day"}
    assert outcomes == {
        (False, False): {"deny", "day"},
        (True, False): {"day"},
        (False, True): {"deny"},
        (True, True): set(),
    }
