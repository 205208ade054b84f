"""Gaps worth a look are found, and what is simply allowed is none."""

from typing import Any

import pytest

from governance.policies.checking.checks import check_table
from governance.policies.types import Outcome, Rule, Scope
from tests.factories.fact_space import CATALOGUE, small_table
from tests.factories.policies import make_rule


def gaps_of(*rules: Rule, **changes: Any) -> list[tuple[str, str]]:
    findings = check_table(table=small_table(rules, **changes), catalogue=CATALOGUE)
    return [(finding.row, finding.message) for finding in findings if finding.code == "gap"]


def below_and_above(low: float, high: float) -> list[Rule]:
    return [
        make_rule("low", Outcome.APPROVE, ("confidence", "below", low), votes=1),
        make_rule("high", Outcome.APPROVE, ("confidence", "above", high), votes=1),
    ]


@pytest.mark.parametrize(
    ("low", "high", "where"),
    [(0.5, 0.5, "confidence is 0.5"), (0.5, 0.9, "confidence is 0.5")],
    ids=["a_point", "a_stretch"],
)
def test_a_stretch_between_two_rows_is_a_gap(low: float, high: float, where: str) -> None:
    message = f"Nothing is said between rows that are otherwise alike: where {where}."
    assert gaps_of(*below_and_above(low, high)) == [("high", message)]


def test_what_another_row_speaks_of_is_none() -> None:
    between = make_rule("between", Outcome.VERIFY, ("confidence", "at_least", 0.1))
    assert gaps_of(*below_and_above(0.5, 0.9), between) == []


def test_beyond_the_outermost_rows_it_is_allowed() -> None:
    rows = [
        make_rule("low", Outcome.APPROVE, ("confidence", "below", 0.5), votes=1),
        make_rule("lower", Outcome.DENY, ("confidence", "below", 0.1)),
    ]
    assert gaps_of(*rows) == []


def in_currency(currency: str, amount: int) -> Rule:
    when = (("currency", "is", currency), ("amount_minor", "above", amount))
    return make_rule(currency.lower(), Outcome.APPROVE, *when, votes=2)


def test_a_currency_that_no_row_speaks_of_is_a_gap() -> None:
    rows = [in_currency("USD", 100), in_currency("EUR", 90)]
    ((row, message),) = gaps_of(*rows, thresholds={"USD": 5, "EUR": 5})
    assert row == "usd"
    assert message == (
        "Nothing is said where amount is above 100 minor units, currency is none of EUR, USD, "
        "while rows like this one speak of other values of currency."
    )
    rest = make_rule("rest", Outcome.DENY, ("currency", "not_in", ("USD", "EUR")))
    assert gaps_of(*rows, rest, thresholds={"USD": 5, "EUR": 5}) == []


def test_one_named_text_is_no_pattern() -> None:
    assert gaps_of(in_currency("USD", 100)) == []


def test_a_tool_out_of_scope_is_no_gap() -> None:
    def for_tool(tool: str) -> Rule:
        when = (("tool", "is", tool), ("amount_minor", "above", 100))
        return make_rule(tool, Outcome.DENY, *when)

    rows = [for_tool("refund"), for_tool("credit")]
    assert gaps_of(*rows, scope=Scope(tools=("refund", "credit"))) == []
    found = gaps_of(*rows, scope=Scope(tools=("refund", "credit", "lookup")))
    assert [row for row, _message in found] == ["refund"]
    assert "tool is lookup" in found[0][1]
