"""The rows of a policy under the headings a reader expects, by the facts they name; pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.policies.soundness import CURRENCY_FACT, MONEY_SUFFIX
from governance.policies.types import Rule

Context = dict[str, Any]

WHO, STATE, PAYMENT, AMOUNTS, TRUST, OTHER = range(6)
HEADINGS: Final[Mapping[int, Promise]] = {
    WHO: _("Who is asking, and have they agreed"),
    STATE: _("State of the order"),
    PAYMENT: _("Payment method"),
    AMOUNTS: _("Amounts and limits"),
    TRUST: _("Confidence and risk flags"),
    OTHER: _("Other rows"),
}
_NAMED: Final[Mapping[str, int]] = {
    "verification": WHO,
    "customer_bound": WHO,
    "customer_confirmed": WHO,
    "actor_kind": WHO,
    "actor_roles": WHO,
    "specialist_request": WHO,
    CURRENCY_FACT: AMOUNTS,
    "confidence": TRUST,
    "margin": TRUST,
    "risk_flags": TRUST,
    "earlier_refusals": TRUST,
    "off_plan": TRUST,
}
#: Words in names of facts that tools declare; the first that is found decides.
_WORDS: Final[Sequence[tuple[int, frozenset[str]]]] = (
    (PAYMENT, frozenset({"payment", "refund", "card", "gift", "paid"})),
    (WHO, frozenset({"own", "customer", "owner", "profile", "identity"})),
    (STATE, frozenset({"order", "item", "items", "status", "return", "cancel", "products", "had"})),
)
#: A row stands under the first of these that one of its facts belongs to.
_FIRST: Final = (AMOUNTS, TRUST, PAYMENT, WHO, STATE, OTHER)


def group_of(rule: Rule) -> int:
    """Return the heading that a row stands under."""
    found = {_of_fact(condition.fact) for condition in rule.when}
    return next((group for group in _FIRST if group in found), OTHER)


def _of_fact(name: str) -> int:
    if name in _NAMED:
        return _NAMED[name]
    if name.endswith(MONEY_SUFFIX):
        return AMOUNTS
    words = set(name.split("_"))
    return next((group for group, those in _WORDS if words & those), OTHER)


def group_rows(
    rules: Iterable[Rule], rows: Iterable[Context]
) -> list[tuple[Promise, list[Context]]]:
    """Return rows under their headings; a table of one heading has none worth saying.

    Args:
        rules: The rules of a table in their order.
        rows: What is shown of each.
    """
    found: dict[int, list[Context]] = {}
    for rule, row in zip(rules, rows, strict=True):
        found.setdefault(group_of(rule), []).append(row)
    return [(HEADINGS[group], found[group]) for group in sorted(found)]
