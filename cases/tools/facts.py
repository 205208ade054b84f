"""Facts from arguments and reads, and the effect in words; pure.

A fact that a tool declares is known or *unknown*, never left out: a path that leads nowhere, a
read that failed and a function that breaks on what it was given all make it unknown.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cases.tools import paths
from cases.tools.arguments import currency_of, read_exact, to_minor_units
from cases.tools.registry import (
    NOT_APPLICABLE,
    UNKNOWN,
    BeforeAfterRow,
    EffectText,
    FactFunction,
    Grounds,
    Spoken,
    before_after,
    effect_texts,
    fact_functions,
    grounds,
)
from cases.tools.types import Json, MoneyPath, Reads, ToolSpec
from orchestra.core.errors import InvalidInputError

AMOUNT = "amount_minor"
CURRENCY = "currency"

_PLACE = re.compile(r"\{([a-z_][A-Za-z0-9_.\[\]]*)\}")
#: What a registered function may raise on an answer of a shape it does not know.
_SHAPE_ERRORS = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)


@dataclass(frozen=True, slots=True)
class Found:
    """Facts that were looked for: known by name, or unknown."""

    values: Mapping[str, Json] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()


def declared_facts(
    *, spec: ToolSpec, exact: Json, reads: Reads, case_facts: Mapping[str, Json]
) -> Found:
    """Return the facts a tool declares.

    Args:
        spec: The tool.
        exact: The arguments as ``read_exact`` reads them.
        reads: What its reads answered.
        case_facts: Facts of the case that functions may need, such as ``customer_ref``.
    """
    values: dict[str, Json] = {}
    unknown: set[str] = set()
    arguments = _plain(exact)
    for name, source in spec.facts.items():
        if isinstance(source, Mapping):
            value = _computed(str(source["function"]), arguments, reads, case_facts)
        else:
            value = _read_off(spec, str(source), exact, reads)
        if value is UNKNOWN:
            unknown.add(name)
        elif value is not NOT_APPLICABLE:
            values[name] = value
    _add_money(spec, exact, reads, values, unknown)
    return Found(values=values, unknown=frozenset(unknown))


def equals_customer(path: str) -> Callable[..., Json]:
    """Return a fact function: whether a path names the customer the case is bound to.

    Unknown where the path leads nowhere; false where the case has no customer yet.

    Args:
        path: Such as ``$order.user_id``.
    """

    def owner_is_customer(
        arguments: Mapping[str, Json], reads: Mapping[str, Json], case_facts: Mapping[str, Json]
    ) -> Json:
        found = paths.resolve(path, root=arguments, reads=reads)
        if found is paths.MISSING:
            return UNKNOWN
        reference = case_facts.get("customer_ref")
        return reference is not None and found == reference

    return owner_is_customer


def owner_is_customer(path: str, meaning: str) -> FactFunction:
    """Return the registered form of ``equals_customer``."""
    return FactFunction(compute=equals_customer(path), type="boolean", unit="", meaning=meaning)


def effect_of(*, spec: ToolSpec, arguments: Mapping[str, Json], reads: Reads) -> EffectText | None:
    """Return what the call will do in words, or None where the tool does not say.

    Args:
        spec: The tool; its ``effect_text`` names a registered function or is a template with
            places such as ``{order_id}`` and ``{order.status}``.
        arguments: The call's arguments.
        reads: What its reads answered.
    """
    if not spec.effect_text:
        return None
    function = effect_texts.find(spec.effect_text)
    if function is not None:
        text: EffectText | None = _tried(lambda: function(arguments, reads.values))
        return text
    if not _PLACE.search(spec.effect_text) and " " not in spec.effect_text:
        return None
    sentence = _PLACE.sub(lambda match: _shown(match[1], arguments, reads.values), spec.effect_text)
    return EffectText(title=spec.title, detail="", sentence=sentence)


def change_of(
    *, spec: ToolSpec, arguments: Mapping[str, Json], reads: Reads
) -> tuple[BeforeAfterRow, ...] | None:
    """Return the before-and-after rows, or None where the tool does not say."""
    function = before_after.find(spec.before_after) if spec.before_after else None
    return None if function is None else _tried(lambda: function(arguments, reads.values))


def grounds_of(
    *,
    spec: ToolSpec,
    arguments: Mapping[str, Json],
    reads: Reads,
    spoken: tuple[Spoken, ...] = (),
) -> Grounds:
    """Return what a call rests on in words; nothing where the tool does not say.

    Args:
        spec: The tool.
        arguments: The call's arguments.
        reads: What its reads answered.
        spoken: The conversation up to now, oldest first.
    """
    function = grounds.find(spec.grounds) if spec.grounds else None
    found = None
    if function is not None:
        found = _tried(lambda: function(arguments, reads.values, spoken))
    return found or Grounds()


def _tried(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except _SHAPE_ERRORS:
        return None


def _computed(name: str, arguments: Json, reads: Reads, case_facts: Mapping[str, Json]) -> Json:
    function = fact_functions.find(name)
    if function is None:
        return UNKNOWN
    try:
        return function.compute(arguments, reads.values, case_facts)
    except _SHAPE_ERRORS:
        return UNKNOWN


def _read_off(spec: ToolSpec, path: str, exact: Json, reads: Reads) -> Json:
    money = next((item for item in spec.money if item.path == path), None)
    if money is not None:
        return _amount(money, exact, reads)[0]
    value = paths.resolve(path, root=_plain(exact), reads=reads.values)
    return UNKNOWN if value is paths.MISSING else value


def _amount(money: MoneyPath, exact: Json, reads: Reads) -> tuple[Json, str]:
    """Return minor units and currency; UNKNOWN where the place holds no whole amount."""
    answers = {
        name: read_exact(bodies[0]) for name, bodies in reads.bodies.items() if len(bodies) == 1
    }
    number = paths.resolve(money.path, root=exact, reads=answers)
    currency = currency_of(money, root=exact, reads=answers)
    if number is paths.MISSING or not currency:
        return UNKNOWN, currency
    try:
        return to_minor_units(number, unit=money.unit, currency=currency), currency
    except InvalidInputError:
        return UNKNOWN, currency


def _add_money(
    spec: ToolSpec, exact: Json, reads: Reads, values: dict[str, Json], unknown: set[str]
) -> None:
    """Give the one declared amount and its currency the names policies know."""
    if not spec.money:
        return
    value, currency = _amount(spec.money[0], exact, reads)
    if AMOUNT not in spec.facts:
        if value is UNKNOWN:
            unknown.add(AMOUNT)
        else:
            values[AMOUNT] = value
    if CURRENCY not in spec.facts:
        if currency:
            values[CURRENCY] = currency
        else:
            unknown.add(CURRENCY)


def _plain(value: Json) -> Json:
    """Return the JSON value that ``read_exact`` read, with floats for Decimals."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float)) or value is None else float(value)


def _shown(place: str, arguments: Mapping[str, Json], reads: Mapping[str, Json]) -> str:
    head = re.split(r"[.\[]", place, maxsplit=1)[0]
    path = f"${place}" if head in reads else f"$.{place}"
    if not paths.is_well_formed(path):
        return "…"
    value = paths.resolve(path, root=arguments, reads=reads)
    if value is paths.MISSING:
        return "…"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(item) for item in value)
    return str(value)
