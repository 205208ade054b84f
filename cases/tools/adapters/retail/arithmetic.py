"""Evaluates the store's arithmetic expressions without running any code."""

import math
import re
from collections.abc import Callable, Iterator

from cases.tools.adapters.retail.types import RefusedError

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d*)?|\.\d+)|([-+*/()]))", re.ASCII)
_MAX_LENGTH = 2000
_MAX_DEPTH = 64

_END = ""
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2}
_APPLY: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
}


def evaluate(*, expression: str) -> float:
    """Compute an expression of numbers, + - * /, parentheses, signs and spaces.

    The arithmetic is that of binary floating point, as in the recorded answers.

    Args:
        expression: The text, at most 2000 characters and 64 levels of parentheses or signs.

    Returns:
        The finite value.

    Raises:
        RefusedError: The text is not such an expression, divides by zero or is out of range.
    """
    if len(expression) > _MAX_LENGTH:
        raise RefusedError("Expression is too long")
    parser = _Parser(_tokens(expression))
    try:
        value = parser.whole()
    except ZeroDivisionError as error:
        raise RefusedError("Division by zero") from error
    if not math.isfinite(value):
        raise RefusedError("Result is out of range")
    return value


def calculate(*, expression: str) -> str:
    """Answer an expression the way the store does: as text, rounded to two decimals.

    Args:
        expression: The text to compute.

    Returns:
        The rounded value, for example `41.92`.

    Raises:
        RefusedError: See `evaluate`.
    """
    return str(round(evaluate(expression=expression), 2))


def _tokens(expression: str) -> Iterator[str]:
    text = expression.rstrip()
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise RefusedError("Invalid expression")
        yield match.group(1) or match.group(2)
        position = match.end()
    yield _END


class _Parser:
    """Precedence climbing over one stream of tokens."""

    def __init__(self, tokens: Iterator[str]) -> None:
        self._tokens = tokens
        self._token = next(tokens)
        self._depth = 0

    def whole(self) -> float:
        value = self._binary(1)
        if self._token != _END:
            raise RefusedError("Invalid expression")
        return value

    def _advance(self) -> str:
        token = self._token
        self._token = next(self._tokens, _END)
        return token

    def _binary(self, lowest: int) -> float:
        value = self._operand()
        while _PRECEDENCE.get(self._token, 0) >= lowest:
            operator = self._advance()
            value = _APPLY[operator](value, self._binary(_PRECEDENCE[operator] + 1))
        return value

    def _operand(self) -> float:
        symbol = self._advance()
        if symbol in {"+", "-", "("}:
            return self._nested(symbol)
        if symbol in {_END, ")", "*", "/"}:
            raise RefusedError("Invalid expression")
        return float(symbol)

    def _nested(self, symbol: str) -> float:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise RefusedError("Expression is nested too deeply")
        value = self._binary(1) if symbol == "(" else self._operand()
        if symbol == "(" and self._advance() != ")":
            raise RefusedError("Invalid expression")
        self._depth -= 1
        return -value if symbol == "-" else value
