"""What each operator means for a known value, fixed once when a table is compiled; pure.

Assumes JSON values. A value of another type than the condition compares with is an error,
never false: a denying row must not stay silent because a fact arrived as text.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from governance.policies.types import Condition, Operator
from orchestra.core.said import said as _

Json = Any
Test = Callable[[Json, Json], bool]


class FactTypeError(TypeError):
    """A fact holds a value that its condition cannot compare."""


def _refuse(seen: Json, wanted: str) -> bool:
    raise FactTypeError(f"{type(seen).__name__} where {wanted} was expected")


def _is_text(seen: Json, value: Json) -> bool:
    return bool(seen == value) if seen.__class__ is str else _refuse(seen, "text")


def _is_not_text(seen: Json, value: Json) -> bool:
    return bool(seen != value) if seen.__class__ is str else _refuse(seen, "text")


def _is_flag(seen: Json, value: Json) -> bool:
    return seen is value if seen.__class__ is bool else _refuse(seen, "true or false")


def _is_not_flag(seen: Json, value: Json) -> bool:
    return seen is not value if seen.__class__ is bool else _refuse(seen, "true or false")


def _in_texts(seen: Json, value: Json) -> bool:
    return seen in value if seen.__class__ is str else _refuse(seen, "text")


def _not_in_texts(seen: Json, value: Json) -> bool:
    return seen not in value if seen.__class__ is str else _refuse(seen, "text")


def _contains(seen: Json, value: Json) -> bool:
    return value in seen if isinstance(seen, list | tuple) else _refuse(seen, "a list")


def _lacks(seen: Json, value: Json) -> bool:
    return value not in seen if isinstance(seen, list | tuple) else _refuse(seen, "a list")


def _number(compare: Callable[[Json, Json], Any]) -> Test:
    def test(seen: Json, value: Json) -> bool:
        if seen.__class__ is int or seen.__class__ is float:
            return bool(compare(seen, value))
        return _refuse(seen, "a number")

    return test


def _one_of(seen: Json, value: Json) -> bool:
    return seen in value


def _none_of(seen: Json, value: Json) -> bool:
    return seen not in value


def beyond(seen: Json, at_most: Json) -> bool:
    """Tell whether the total of a limit goes beyond what it allows.

    Raises:
        TypeError: The total is no whole number.
    """
    if seen.__class__ is not int:
        raise TypeError("the total of a limit is a whole number")
    return bool(seen > at_most)


_TEXT: dict[Operator, Test] = {
    Operator.IS: _is_text,
    Operator.IS_NOT: _is_not_text,
    Operator.IN: _in_texts,
    Operator.NOT_IN: _not_in_texts,
    Operator.CONTAINS: _contains,
    Operator.LACKS: _lacks,
}
_FLAG: dict[Operator, Test] = {Operator.IS: _is_flag, Operator.IS_NOT: _is_not_flag}
_NUMBER: dict[Operator, Test] = {
    Operator.IS: _number(operator.eq),
    Operator.IS_NOT: _number(operator.ne),
    Operator.IN: _number(_one_of),
    Operator.NOT_IN: _number(_none_of),
    Operator.BELOW: _number(operator.lt),
    Operator.AT_MOST: _number(operator.le),
    Operator.ABOVE: _number(operator.gt),
    Operator.AT_LEAST: _number(operator.ge),
}
#: Test to what it compares, for whoever groups conditions by it.
KIND_OF_TEST: Final[Mapping[Test, str]] = {
    **dict.fromkeys(_TEXT.values(), "text"),
    _contains: "list",
    _lacks: "list",
    **dict.fromkeys(_FLAG.values(), "flag"),
    **dict.fromkeys(_NUMBER.values(), "number"),
    beyond: "total",
}
_TESTS: dict[type, dict[Operator, Test]] = {str: _TEXT, bool: _FLAG, int: _NUMBER, float: _NUMBER}


def test_of(condition: Condition) -> Test:
    """Return the function that answers a condition for a known value.

    Args:
        condition: One whose value fits its operator, as parsing guarantees.

    Raises:
        ValueError: The operator cannot compare with such a value.
    """
    named = {"fact": condition.fact, "operator": condition.operator.value}
    several = condition.operator in {Operator.IN, Operator.NOT_IN}
    values = condition.value if several else (condition.value,)
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(_("%(fact)s: %(operator)s needs a list with values", **named))
    kinds = {int if type(value) is float else type(value) for value in values}
    tests = _TESTS.get(kinds.pop(), {}) if len(kinds) == 1 else {}
    if condition.operator not in tests:
        raise ValueError(_("%(fact)s: %(operator)s cannot compare with this value", **named))
    return tests[condition.operator]
