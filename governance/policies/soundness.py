"""What a table's text alone shows to be a mistake: no rows, too many, rows that cannot hold; pure.

Assumes a table that was parsed, so that operators fit their values. What takes more than the
text of one row (hidden rows, gaps, floors) is checked elsewhere.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, Final

from governance.policies.reading import Report
from governance.policies.types import Condition, Limit, Operator, PolicyTable, Rule
from orchestra.core.errors import InvalidInputError
from orchestra.core.said import Said
from orchestra.core.said import said as _

Json = Any

#: More rows than anybody reads; the editor shows as many at once.
MAX_ROWS: Final = 2000
CURRENCY_FACT: Final = "currency"
MONEY_SUFFIX: Final = "_minor"

_LOWER: Final = frozenset({Operator.ABOVE, Operator.AT_LEAST})
_UPPER: Final = frozenset({Operator.BELOW, Operator.AT_MOST})
_STRICT: Final = frozenset({Operator.ABOVE, Operator.BELOW})
_ONLY: Final = frozenset({Operator.IS, Operator.IN})
_NEVER: Final = frozenset({Operator.IS_NOT, Operator.NOT_IN})
_OPERATORS: Final = {
    Operator.IS: _("is"),
    Operator.IS_NOT: _("is not"),
    Operator.IN: _("in"),
    Operator.NOT_IN: _("not in"),
    Operator.BELOW: _("below"),
    Operator.AT_MOST: _("at most"),
    Operator.ABOVE: _("above"),
    Operator.AT_LEAST: _("at least"),
    Operator.CONTAINS: _("contains"),
    Operator.LACKS: _("lacks"),
}


def check_size(report: Report, fields: Mapping[str, Json]) -> None:
    """Refuse a document with more rows than can be read, before its rows are.

    Raises:
        InvalidInputError: There are more than ``MAX_ROWS`` rules or limits.
    """
    for name in ("rules", "limits"):
        rows = fields.get(name)
        count = len(rows) if isinstance(rows, list | tuple) else 0
        if count > MAX_ROWS:
            message = _(
                "has %(count)d rows; a table holds at most %(most)d, so divide it",
                count=count,
                most=MAX_ROWS,
            )
            report.add(name, "too_many", message)
            raise InvalidInputError(
                _(
                    "The policy has %(count)d rows; at most %(most)d can be read.",
                    count=count,
                    most=MAX_ROWS,
                ),
                code="policy.invalid",
                errors=report.errors,
            )


def check_sound(report: Report, table: PolicyTable) -> None:
    """Note a table without rows, rows that contradict themselves and amounts of no currency."""
    rows: list[Rule | Limit] = [*table.rules, *table.limits]
    unread = {error.field.partition(".")[0] for error in report.errors}
    if not rows and not unread & {"rules", "limits"}:
        text = _("the table has no row; add one, or there is nothing to judge")
        report.add("rules", "empty", text)
    elif rows and all(row.disabled for row in rows):
        text = _("every row is disabled; enable one, or retire the policy")
        report.add("rules", "empty", text)
    known = currencies_of(table)
    for index, rule in enumerate(table.rules):
        where = f"rules[{index}].when"
        if f"rules[{index}]" in unread:
            continue
        for fact, conditions in _by_fact(rule.when).items():
            if not _can_hold([condition for _at, condition in conditions]):
                at = conditions[-1][0]
                told = reduce(_both, (_told(condition) for _at, condition in conditions))
                message = _("this row can never fire: %(fact)s %(told)s", fact=fact, told=told)
                report.add(f"{where}[{at}]", "contradiction", message)
        _check_currency(report, rule, known, where)


def currencies_of(table: PolicyTable) -> tuple[str, ...]:
    """Return the currencies a table names in its thresholds and limits, without repeats."""
    limits = (limit.currency for limit in table.limits if limit.currency)
    return tuple(dict.fromkeys([*table.thresholds, *limits]))


def currency_of(when: Iterable[Condition], known: Sequence[str]) -> str:
    """Return the currency that amounts of a row are in; empty where nothing says so.

    Args:
        when: The row's conditions; one that names a single currency decides.
        known: The currencies of the table; the only one of them decides otherwise.
    """
    for condition in when:
        if condition.fact == CURRENCY_FACT and condition.operator in _ONLY:
            values = _several(condition)
            if len(values) == 1 and isinstance(values[0], str):
                return values[0]
    return known[0] if len(known) == 1 else ""


def _check_currency(report: Report, rule: Rule, known: Sequence[str], where: str) -> None:
    amounts = [
        index
        for index, condition in enumerate(rule.when)
        if condition.fact.endswith(MONEY_SUFFIX) and condition.value != 0
    ]
    if not amounts or not known:
        return
    said = currency_of(rule.when, known)
    if not said:
        message = _(
            "say in which currency: the table speaks of %(known)s; add a row for each",
            known=tuple(known),
        )
        report.add(f"{where}[{amounts[0]}]", "currency", message)
    elif said not in known:
        message = _(
            "the amount is in %(said)s, and the table speaks of %(known)s; "
            "set a threshold in %(said)s",
            said=said,
            known=tuple(known),
        )
        report.add(f"{where}[{amounts[0]}]", "currency", message)


def _by_fact(when: Iterable[Condition]) -> dict[str, list[tuple[int, Condition]]]:
    found: dict[str, list[tuple[int, Condition]]] = {}
    for index, condition in enumerate(when):
        found.setdefault(condition.fact, []).append((index, condition))
    return {fact: conditions for fact, conditions in found.items() if len(conditions) > 1}


def _several(condition: Condition) -> tuple[Json, ...]:
    value = condition.value
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _can_hold(conditions: Sequence[Condition]) -> bool:
    """Tell whether some value of one fact answers all its conditions."""
    listed = [_several(condition) for condition in conditions if condition.operator in _ONLY]
    never = {
        value
        for condition in conditions
        if condition.operator in _NEVER
        for value in _several(condition)
    }
    if listed:
        values = [value for value in listed[0] if all(value in one for one in listed)]
        return any(value not in never and _in_range(value, conditions) for value in values)
    return _range_is_open(conditions) and not _lacks_what_it_contains(conditions)


def _in_range(value: Json, conditions: Iterable[Condition]) -> bool:
    checks = {
        Operator.ABOVE: lambda edge: value > edge,
        Operator.AT_LEAST: lambda edge: value >= edge,
        Operator.BELOW: lambda edge: value < edge,
        Operator.AT_MOST: lambda edge: value <= edge,
    }
    return all(
        checks[condition.operator](condition.value)
        for condition in conditions
        if condition.operator in checks
    )


def _range_is_open(conditions: Iterable[Condition]) -> bool:
    low, high, closed = -math.inf, math.inf, True
    for condition in conditions:
        if condition.operator in _LOWER:
            low = max(low, condition.value)
        elif condition.operator in _UPPER:
            high = min(high, condition.value)
    for condition in conditions:
        if condition.operator in _STRICT and condition.value in {low, high}:
            closed = False
    return low < high or (low == high and closed)


def _lacks_what_it_contains(conditions: Sequence[Condition]) -> bool:
    has = {each.value for each in conditions if each.operator is Operator.CONTAINS}
    return any(each.operator is Operator.LACKS and each.value in has for each in conditions)


def _both(first: Said, second: Said) -> Said:
    return _("%(first)s, and %(second)s", first=first, second=second)


def _told(condition: Condition) -> Said:
    operator = _OPERATORS[condition.operator]
    return _("%(operator)s %(value)s", operator=operator, value=_several(condition))
