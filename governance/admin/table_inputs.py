"""What a person types for a fact, as the value a document holds, and back.

What cannot be read stays in the document as the text it was, so that nothing typed is lost;
the check of the document then names it, and ``explain`` says what to do.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final, Protocol

from django.utils.translation import gettext as _

from governance.policies.catalogue import Catalogue, FactSpec, FactType
from governance.policies.soundness import MONEY_SUFFIX
from governance.policies.types import Operator
from orchestra.core.currencies import digits_of

Json = Any

SEVERAL: Final = frozenset({Operator.IN, Operator.NOT_IN})
#: Unit to how many seconds it has; a fact in one of them is typed as number and unit.
SECONDS: Final[Mapping[str, int]] = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_WHOLE = re.compile(r"[-+]?[0-9]{1,16}", re.ASCII)
_NUMBER = re.compile(r"[-+]?[0-9]{1,16}(\.[0-9]{1,12})?", re.ASCII)
_AMOUNT = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,6})?", re.ASCII)
_TYPED_MONEY = re.compile(r"(?:([A-Za-z]{3}) )?(.*)", re.DOTALL)


class Posted(Protocol):
    """The fields of a form as they were sent; Django's ``QueryDict`` is one."""

    def get(self, key: str, default: str, /) -> Any:
        """Return the last value of a field, or the default."""

    def getlist(self, key: str, /) -> list[str]:
        """Return every value of a field."""


class Kind(StrEnum):
    """What kind of input a fact needs."""

    TEXT = "text"
    CHOICE = "choice"
    FLAG = "flag"
    NUMBER = "number"
    MONEY = "money"
    DURATION = "duration"


def kind_of(spec: FactSpec | None, choices: Sequence[str]) -> Kind:
    """Return the kind of input for a fact; text where the fact is not known."""
    if spec is None:
        return Kind.TEXT
    if spec.type is FactType.FLAG:
        return Kind.FLAG
    if spec.type in {FactType.WHOLE, FactType.NUMBER}:
        if spec.name.endswith(MONEY_SUFFIX):
            return Kind.MONEY
        return Kind.DURATION if spec.unit in SECONDS else Kind.NUMBER
    return Kind.CHOICE if choices else Kind.TEXT


def choices_of(spec: FactSpec | None, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the only values a fact can have; empty for any."""
    if spec is None:
        return ()
    if spec.name == "tool" and catalogue.tools is not None:
        return tuple(sorted(catalogue.tools))
    return spec.choices


def whole(text: str) -> int | str:
    """Return a whole number, or the text where it is none."""
    typed = text.strip()
    return int(typed) if _WHOLE.fullmatch(typed) else text


def number(text: str, *, fractions: bool) -> Json:
    """Return a number, or the text where it is none."""
    typed = text.strip()
    if fractions and _NUMBER.fullmatch(typed) and not _WHOLE.fullmatch(typed):
        return float(typed)
    return whole(text)


def minor(amount: str, currency: str) -> int | str:
    """Return an amount in minor units, or currency and amount as they were typed."""
    typed = f"{currency} {amount}" if currency else amount
    plain = amount.strip().replace(",", "")
    if not currency or not _AMOUNT.fullmatch(plain):
        return typed if amount.strip() else ""
    try:
        scaled = Decimal(plain).scaleb(digits_of(currency))
    except InvalidOperation:
        return typed
    return int(scaled) if scaled == scaled.to_integral_value() else typed


def typed_money(value: Json, currency: str) -> tuple[str, str]:
    """Return amount and currency as an input shows them.

    Args:
        value: Minor units, or what was typed and could not be read.
        currency: What the row's amounts are in; where nothing says so, minor units are shown.
    """
    if value.__class__ is int:
        if not currency:
            return str(value), ""
        digits = digits_of(currency)
        return f"{Decimal(value).scaleb(-digits):,.{digits}f}", currency
    found = _TYPED_MONEY.fullmatch(str(value or ""))
    assert found is not None  # noqa: S101  the pattern takes every text
    return found[2], found[1] or currency


def length(text: str, unit: str, into: str) -> int | str:
    """Return a length of time in a unit, or the text where it is no whole number of them."""
    count = whole(text)
    if isinstance(count, str) or unit not in SECONDS:
        return text
    whole_units, rest = divmod(count * SECONDS[unit], SECONDS[into])
    return text if rest else whole_units


def typed_length(value: Json, unit: str, units: Sequence[str]) -> tuple[str, str]:
    """Return a length of time as number and the largest of some units that fits it wholly."""
    if value.__class__ is not int:
        return str("" if value is None else value), unit
    seconds = value * SECONDS[unit]
    for larger in sorted(units, key=SECONDS.__getitem__, reverse=True):
        if value and seconds % SECONDS[larger] == 0:
            return str(seconds // SECONDS[larger]), larger
    return str(value), unit


def read_value(
    *, post: Posted, prefix: str, spec: FactSpec | None, operator: Operator, currency: str
) -> Json:
    """Return the value of a condition as the document holds it.

    Args:
        post: The form.
        prefix: Of the condition's fields, such as ``rules.3.when.0.``.
        spec: The fact; None where it is not known.
        operator: How it is compared.
        currency: What amounts of the row are in; another one typed is kept as text.
    """
    if operator in SEVERAL:
        return [_one_of(spec, each, currency) for each in _typed_several(post, prefix)]
    kind = kind_of(spec, ())
    if kind is Kind.MONEY:
        typed = str(post.get(f"{prefix}currency", "")).strip().upper()
        amount = str(post.get(f"{prefix}value", ""))
        if typed and typed != currency:
            return f"{typed} {amount}"
        return minor(amount, currency) if currency else whole(amount)
    if kind is Kind.DURATION and spec is not None:
        unit = str(post.get(f"{prefix}unit", spec.unit))
        return length(str(post.get(f"{prefix}value", "")), unit, spec.unit)
    return _single(spec, str(post.get(f"{prefix}value", "")))


def _one_of(spec: FactSpec | None, text: str, currency: str) -> Json:
    if currency and kind_of(spec, ()) is Kind.MONEY:
        return minor(text, currency)
    return _single(spec, text)


def _typed_several(post: Posted, prefix: str) -> list[str]:
    listed = [each for each in post.getlist(f"{prefix}values") if each]
    lines = str(post.get(f"{prefix}lines", "")).splitlines()
    return listed + [line.strip() for line in lines if line.strip()]


def _single(spec: FactSpec | None, text: str) -> Json:
    if spec is None or not text:
        return text
    if spec.type is FactType.FLAG:
        return {"true": True, "false": False}.get(text, text)
    if spec.type in {FactType.WHOLE, FactType.NUMBER}:
        return number(text, fractions=spec.type is FactType.NUMBER)
    return text


def explain(value: Json, spec: FactSpec | None, currency: str) -> str:
    """Return what is wrong with a typed value, as its input would say it; empty for nothing."""
    if value in ("", None) or (isinstance(value, list) and not value):
        return _("Give a value.")
    if not isinstance(value, str):
        return ""
    kind = kind_of(spec, ())
    if kind is Kind.MONEY:
        return _money_error(value, currency)
    if kind is Kind.DURATION:
        return _("Give a whole number.")
    if kind is Kind.NUMBER:
        return _("“%(typed)s” is no number.") % {"typed": value}
    return ""


def _money_error(value: str, currency: str) -> str:
    amount, typed = typed_money(value, "")
    if currency and typed and typed != currency:
        return _("The row speaks of %(one)s, this amount is in %(other)s.") % {
            "one": currency,
            "other": typed,
        }
    if not (typed or currency):
        return _("Say in which currency: add a condition on it, or set a threshold.")
    if _AMOUNT.fullmatch(amount.strip().replace(",", "")):
        digits = digits_of(typed or currency)
        return _("%(currency)s has %(digits)d digits after the point.") % {
            "currency": typed or currency,
            "digits": digits,
        }
    return _("“%(typed)s” is no amount; write one such as 500.00.") % {"typed": amount}
