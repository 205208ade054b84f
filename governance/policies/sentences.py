"""Policies as sentences: what each row asks, what it then says, in plain words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from governance.policies.catalogue import facts
from governance.policies.soundness import currencies_of, currency_of
from governance.policies.types import (
    Condition,
    Limit,
    Obligations,
    Operator,
    Outcome,
    PolicyTable,
    Rule,
)
from orchestra.core import words

Json = Any

OPERATOR_WORDS: Mapping[Operator, Promise] = {
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
_LEVELS: Mapping[str, Promise] = {
    "basic": gettext_lazy("verified"),
    "strong": gettext_lazy("verified strongly"),
}
#: Units that are counted; other units only say how a number is meant.
_COUNTED: Mapping[str, Any] = {
    "calls": ngettext_lazy("%(count)s call", "%(count)s calls", "count"),
    "seconds": ngettext_lazy("%(count)s second", "%(count)s seconds", "count"),
    "minutes": ngettext_lazy("%(count)s minute", "%(count)s minutes", "count"),
    "hours": ngettext_lazy("%(count)s hour", "%(count)s hours", "count"),
    "days": ngettext_lazy("%(count)s day", "%(count)s days", "count"),
}
_MINUTES_PER_HOUR = 60
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
    sentence: str = ""
    disabled: bool = False


def describe_rules(table: PolicyTable) -> list[Row]:
    """Return the rules of a policy in their order."""
    known = currencies_of(table)
    return [describe_rule(rule, currency_of(rule.when, known)) for rule in table.rules]


def describe_limits(table: PolicyTable) -> list[Row]:
    """Return the rolling limits of a policy in their order."""
    return [describe_limit(limit) for limit in table.limits]


def describe_invariants(table: PolicyTable) -> list[Row]:
    """Return what the owner of a policy demands of every version: where, and the least."""
    known = currencies_of(table)
    return [
        describe_rule(
            Rule(
                id=one.id,
                title=one.title,
                when=one.when,
                outcome=one.outcome,
                reason="",
                obligations=Obligations(votes=one.votes, roles=one.roles, step_up=one.step_up),
            ),
            currency_of(one.when, known),
        )
        for one in table.invariants
    ]


def describe_scope(names: Iterable[str]) -> str:
    """Return where a policy holds, or that it holds everywhere."""
    return ", ".join(words.plain(name) for name in names) or _("every one")


def describe_thresholds(table: PolicyTable) -> list[str]:
    """Return the largest amounts that move without an approval."""
    return [
        words.money(minor=minor, currency=currency) for currency, minor in table.thresholds.items()
    ]


def read_table(table: PolicyTable) -> str:
    """Return a whole table as a short text: where it holds, and one sentence a row."""
    lines = [
        _("%(title)s. Tools: %(tools)s. Queues: %(queues)s. Cue sheets: %(sheets)s.")
        % {
            "title": table.title,
            "tools": describe_scope(table.scope.tools),
            "queues": describe_scope(table.scope.queues),
            "sheets": describe_scope(table.scope.cue_sheets),
        }
    ]
    rows = [*describe_rules(table), *describe_limits(table)]
    lines += [f"{number}. {row.sentence}" for number, row in enumerate(rows, start=1)]
    lines += [
        _("Without a row, a high-risk tool may move at most %(amount)s unless somebody votes.")
        % {"amount": amount}
        for amount in describe_thresholds(table)
    ]
    lines.append(_("When no row fires and the tool is in scope, it is allowed."))
    return "\n".join(lines)


def describe_rule(rule: Rule, currency: str) -> Row:
    """Return one rule as a reader sees it.

    Args:
        rule: The rule.
        currency: What its amounts are in; empty where nothing says so.
    """
    phrases = tuple(_phrase(condition, currency) for condition in rule.when)
    return Row(
        id=rule.id,
        title=rule.title,
        phrases=phrases,
        reason=rule.reason,
        outcome=str(rule.outcome),
        duties=describe_duties(rule.obligations),
        sentence=_sentence(phrases, rule.outcome, rule.obligations, disabled=rule.disabled),
        disabled=rule.disabled,
    )


def _sentence(
    phrases: Iterable[Phrase], outcome: Outcome, duties: Obligations, *, disabled: bool
) -> str:
    conditions = _(" and ").join(
        f"{phrase.fact} {phrase.operator} {phrase.value}" for phrase in phrases
    )
    said = _("When %(conditions)s, %(effect)s.") % {
        "conditions": conditions or _("a tool in scope is called"),
        "effect": effect_words(outcome, duties),
    }
    return _("Disabled, never fires: %(sentence)s") % {"sentence": said} if disabled else said


def effect_words(outcome: Outcome, duties: Obligations) -> str:
    """Return what a row then does, as the end of a sentence."""
    said = {
        Outcome.ALLOW: _("allow it"),
        Outcome.VERIFY: _("wait until the customer is %(level)s")
        % {"level": _LEVELS.get(duties.verification, _LEVELS["basic"])},
        Outcome.APPROVE: _votes_words(duties),
        Outcome.SPECIALIST: _("hand it to a specialist"),
        Outcome.DENY: _("refuse it"),
    }[outcome]
    if duties.deadline_minutes:
        return _("%(effect)s within %(length)s") % {
            "effect": said,
            "length": length_words(duties.deadline_minutes),
        }
    return said


def _votes_words(duties: Obligations) -> str:
    votes = duties.votes or 1
    said = ngettext("ask for %(count)d vote", "ask for %(count)d votes", votes) % {"count": votes}
    if duties.roles:
        roles = _(" or ").join(words.plain(role) for role in duties.roles)
        said = _("%(effect)s by a %(roles)s") % {"effect": said, "roles": roles}
    if duties.distinct_roles:
        said = _("%(effect)s, each from another role,") % {"effect": said}
    if duties.step_up:
        said = _("%(effect)s with the password asked again") % {"effect": said}
    return said


def length_words(minutes: int) -> str:
    """Return a length of time in its largest whole unit: ``90 minutes``, ``2 hours``, ``1 day``."""
    hours, rest = divmod(minutes, _MINUTES_PER_HOUR)
    if rest:
        return str(_COUNTED["minutes"] % {"count": minutes})
    return _window(hours)


def _window(hours: int) -> str:
    if hours % _HOURS_PER_DAY == 0:
        return str(_COUNTED["days"] % {"count": hours // _HOURS_PER_DAY})
    return str(_COUNTED["hours"] % {"count": hours})


def _phrase(condition: Condition, currency: str) -> Phrase:
    name = condition.fact
    return Phrase(
        fact=words.plain(name.removesuffix("_minor")),
        operator=str(OPERATOR_WORDS[condition.operator]),
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
    if isinstance(value, str):
        return words.plain(value)
    spec = facts.find(name)
    counted = _COUNTED.get(spec.unit) if spec else None
    return str(counted % {"count": value}) if counted else str(value)


def describe_limit(limit: Limit) -> Row:
    """Return one rolling limit as a reader sees it."""
    total = (
        words.money(minor=limit.at_most, currency=limit.currency)
        if limit.currency
        else ngettext("%(count)d call", "%(count)d calls", limit.at_most) % {"count": limit.at_most}
    )
    phrase = Phrase(
        fact=_("total for one %(per)s in %(window)s")
        % {"per": words.plain(limit.per), "window": _window(limit.window_hours)},
        operator=str(OPERATOR_WORDS[Operator.ABOVE]),
        value=total,
    )
    return Row(
        id=limit.key,
        title=limit.title,
        phrases=(phrase,),
        reason=limit.reason,
        outcome=str(limit.outcome),
        duties=describe_duties(limit.obligations),
        sentence=_sentence((phrase,), limit.outcome, limit.obligations, disabled=limit.disabled),
        disabled=limit.disabled,
    )


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
