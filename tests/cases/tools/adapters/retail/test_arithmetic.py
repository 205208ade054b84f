from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.tools.adapters.retail.arithmetic import calculate, evaluate
from cases.tools.adapters.retail.types import RefusedError


@dataclass(frozen=True)
class Written:
    """An expression with the value it must have, computed while it was put together."""

    text: str
    value: float
    precedence: int


def _number(value: float) -> Written:
    return Written(repr(value), value, 3)


def _signed(inner: Written) -> Written:
    return Written(f"-{_in_parentheses(inner, 3)}", -inner.value, 2)


def _in_parentheses(inner: Written, at_least: int) -> str:
    return inner.text if inner.precedence >= at_least else f"({inner.text})"


def _joined(parts: tuple[Written, str, Written, str]) -> Written:
    left, operator, right, space = parts
    precedence = 1 if operator in "+-" else 2
    before, after = _in_parentheses(left, precedence), _in_parentheses(right, precedence + 1)
    value = {
        "+": left.value + right.value,
        "-": left.value - right.value,
        "*": left.value * right.value,
    }[operator]
    return Written(f"{before}{space}{operator}{space}{after}", value, precedence)


_cents = st.integers(0, 10_000_000).map(lambda cents: _number(cents / 100))
_expressions = st.recursive(
    _cents,
    lambda inner: st.one_of(
        inner.map(_signed),
        st.tuples(inner, st.sampled_from("+-*"), inner, st.sampled_from(["", " ", "  "])).map(
            _joined
        ),
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("2 + 2", "4.0"),
        ("3131.1 + 4777.75 + 367.38", "8276.23"),
        ("155.33 - 147.05 + 268.77 - 235.13", "41.92"),
        ("135.24 - 153.23", "-17.99"),
        ("8 - 3 - 2", "3.0"),
        ("8 / 4 / 2", "1.0"),
        ("2 + 3 * 4", "14.0"),
        ("(2 + 3) * 4", "20.0"),
        ("-2 * -(3 - 1)", "4.0"),
        ("2--2", "4.0"),
        (".5 + 1.", "1.5"),
        ("10 / 3", "3.33"),
    ],
)
def test_calculates(expression: str, answer: str) -> None:
    assert calculate(expression=expression) == answer


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "   ",
        "1 +",
        "* 2",
        "1 2",
        "1..2",
        "(1",
        "1)",
        "()",
        "2 ** 3",
        "7 // 2",
        "1e5",
        "1_000",
        "x",
        "__import__('os')",
        "\u0661 + 1",
        "1 / 0",
        "1 / (2 - 2)",
        "9" * 400,
        "(" * 65 + "1" + ")" * 65,
        "-" * 65 + "1",
        "1+" * 1000 + "1",
    ],
)
def test_refuses_what_is_no_expression(expression: str) -> None:
    with pytest.raises(RefusedError):
        calculate(expression=expression)


@given(_expressions)
def test_value_is_that_of_the_tree_it_was_written_from(written: Written) -> None:
    assert evaluate(expression=written.text) == written.value


@given(_expressions, _expressions)
def test_division_is_floating_point_division(left: Written, right: Written) -> None:
    text = f"({left.text}) / ({right.text})"
    if right.value == 0:
        with pytest.raises(RefusedError):
            evaluate(expression=text)
    elif math.isfinite(left.value / right.value):
        assert evaluate(expression=text) == left.value / right.value


@given(st.text(alphabet="0123456789.+-*/() ex_", max_size=40))
def test_any_text_gives_a_finite_value_or_a_refusal(text: str) -> None:
    try:
        value = evaluate(expression=text)
    except RefusedError:
        return
    assert math.isfinite(value)
