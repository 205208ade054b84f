"""How facts, values and outcomes read in what checks and proofs say; pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from governance.policies.catalogue import FactSpec
from governance.policies.seen import ABSENT, UNKNOWN
from governance.policies.types import Decision, Outcome
from orchestra.core import words
from orchestra.core.said import Said
from orchestra.core.said import said as _

Json = Any

MONEY: Final = "_minor"
LIMIT_FACT: Final = "limit:"
OUTCOMES: Final[Mapping[Outcome, Said]] = {
    Outcome.ALLOW: _("allow"),
    Outcome.VERIFY: _("verify"),
    Outcome.APPROVE: _("approve"),
    Outcome.SPECIALIST: _("specialist"),
    Outcome.DENY: _("deny"),
}


def fact_words(fact: str, specs: Mapping[str, FactSpec]) -> str:
    """Return how a fact is called; the total of a limit by the limit's title."""
    if fact.startswith(LIMIT_FACT):
        spec = specs.get(fact)
        title = spec.meaning if spec else fact.removeprefix(LIMIT_FACT)
        return _("the total of “%(title)s”", title=title)
    return words.plain(fact.removesuffix(MONEY))


def value_words(fact: str, value: Json, currency: str) -> str:
    """Return a value of a fact: an amount in its currency, a code as words.

    Args:
        fact: The fact.
        value: A known value.
        currency: What amounts are in; empty where nothing says so.
    """
    if fact.endswith(MONEY) and value.__class__ is int:
        if not currency:
            return _("%(minor)d minor units", minor=value)
        return words.money(minor=value, currency=currency)
    return words.plain(value) if isinstance(value, str) else str(value)


def listed(parts: Sequence[str]) -> str:
    """Return conditions joined into one."""
    if not parts:
        return _("any facts")
    text = parts[0]
    for part in parts[1:]:
        text = _("%(first)s, %(second)s", first=text, second=part)
    return text


def point_words(point: Mapping[str, Json], *, also: Sequence[str]) -> str:
    """Return a point as conditions; of facts that do not apply only those asked for.

    Args:
        point: Fact to value, ``UNKNOWN`` or ``ABSENT``.
        also: Facts that are named even where they do not apply.
    """
    currency = point.get("currency")
    money = currency if isinstance(currency, str) else ""
    parts = []
    for fact, value in point.items():
        name = fact_words(fact, {})
        if value is UNKNOWN:
            parts.append(_("%(fact)s is not known", fact=name))
        elif value is not ABSENT:
            held = _FLAGS[value] if value.__class__ is bool else value_words(fact, value, money)
            parts.append(_("%(fact)s is %(value)s", fact=name, value=held))
        elif fact in also:
            parts.append(_("%(fact)s does not apply", fact=name))
    return listed(parts)


_FLAGS: Final = {True: _("true"), False: _("false")}


def verdict_words(decision: Decision) -> str:
    """Return what is decided, with what an approval asks for."""
    parts: list[str] = [OUTCOMES[decision.outcome]]
    if decision.outcome is Outcome.APPROVE:
        asked = decision.obligations
        votes = asked.votes
        parts.append(_("%(count)d votes", count=votes) if votes > 1 else _("1 vote"))
        if asked.roles:
            roles = tuple(words.plain(role) for role in asked.roles)
            parts.append(_("by a holder of %(roles)s", roles=roles))
        if asked.step_up:
            parts.append(_("proof of identity"))
    return listed(parts)
