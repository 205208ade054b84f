"""Policies as sentences: what each row asks, what it then says, in plain words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.policies.types import (
    Condition,
    Limit,
    Obligations,
    Operator,
    PolicyTable,
    Rule,
)
from orchestra.core import words

Json = Any

_OPERATORS: Mapping[Operator, Promise] = {
    Operator.IS: gettext_lazy("is"),
    Operator.IS_NOT: gettext_lazy("is not"),
    Operator.IN: gettext_lazy("is one of"),
    Operator.NOT_IN: gettext_lazy("is none of"),
    Operator.BELOW: gettext_lazy("is less than"),
    Operator.AT_MOST: gettext_lazy("is at most"),
    Operator.ABOVE: gettext_lazy("is more than"),
    Operator.AT_LEAST: gettext_lazy("is at least"),
    Operator.CONTAINS: gettext_lazy("contains"),
    Operator.LACKS: gettext_lazy("does not contain"),
}
_HOURS_PER_DAY = 24


@dataclass(frozen=True, slots=True)
class Phrase:
    """One condition: the fact, how it is compared, and the value that a reader looks for."""

    fact: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a policy as a reader sees it."""

    id: str
    title: str
    phrases: tuple[Phrase, ...]
    reason: str
    outcome: str
    duties: str


def describe_rules(table: PolicyTable) -> list[Row]:
    """Return the rules of a policy in their order."""
    currency = next(iter(table.thresholds), "")
    return [_rule(rule, currency) for rule in table.rules]


def describe_limits(table: PolicyTable) -> list[Row]:
    """Return the rolling limits of a policy in their order."""
    return [_limit(limit) for limit in table.limits]


def describe_scope(names: Iterable[str]) -> str:
    """Return where a policy holds, or that it holds everywhere."""
    return ", ".join(words.plain(name) for name in names) or _("every one")


def describe_thresholds(table: PolicyTable) -> list[str]:
    """Return the largest amounts that move without an approval."""
    return [
        words.money(minor=minor, currency=currency) for currency, minor in table.thresholds.items()
    ]


def _rule(rule: Rule, currency: str) -> Row:
    return Row(
        id=rule.id,
        title=rule.title,
        phrases=tuple(_phrase(condition, currency) for condition in rule.when),
        reason=rule.reason,
        outcome=str(rule.outcome),
        duties=describe_duties(rule.obligations),
    )


def _phrase(condition: Condition, currency: str) -> Phrase:
    name = condition.fact
    return Phrase(
        fact=words.plain(name.removesuffix("_minor")),
        operator=str(_OPERATORS[condition.operator]),
        value=value_words(name, condition.value, currency),
    )


def value_words(name: str, value: Json, currency: str) -> str:
    """Return the value of a fact or condition in words; minor units as an amount."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return _(" or ").join(value_words(name, item, currency) for item in value)
    if name.endswith("_minor") and isinstance(value, int) and currency:
        return words.money(minor=value, currency=currency)
    return words.plain(str(value)) if isinstance(value, str) else str(value)


def _limit(limit: Limit) -> Row:
    total = (
        words.money(minor=limit.at_most, currency=limit.currency)
        if limit.currency
        else ngettext("%(count)d call", "%(count)d calls", limit.at_most) % {"count": limit.at_most}
    )
    phrase = Phrase(
        fact=_("total for one %(per)s in %(window)s")
        % {"per": limit.per, "window": _window(limit.window_hours)},
        operator=str(_OPERATORS[Operator.ABOVE]),
        value=total,
    )
    return Row(
        id=limit.key,
        title=limit.title,
        phrases=(phrase,),
        reason=limit.reason,
        outcome=str(limit.outcome),
        duties=describe_duties(limit.obligations),
    )


def _window(hours: int) -> str:
    if hours % _HOURS_PER_DAY == 0:
        days = hours // _HOURS_PER_DAY
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}


def describe_duties(duties: Obligations) -> str:
    """Return what an outcome asks for besides itself."""
    parts = []
    if duties.votes:
        parts.append(
            ngettext("%(count)d vote", "%(count)d votes", duties.votes) % {"count": duties.votes}
        )
    if duties.roles:
        parts.append(_(" or ").join(words.plain(role) for role in duties.roles))
    if duties.distinct_roles:
        parts.append(_("each from another role"))
    if duties.step_up:
        parts.append(_("password again"))
    if duties.verification:
        parts.append(_("customer verified %(level)s") % {"level": duties.verification})
    if duties.deadline_minutes:
        parts.append(_("within %(count)d min") % {"count": duties.deadline_minutes})
    return " · ".join(parts)
