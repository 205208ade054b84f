"""The inputs of a row's conditions: fact, operator, and a value of the fact's type."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext as _

from governance.admin import table_inputs as inputs
from governance.admin.table_acts import Document, conditions_of
from governance.admin.table_reading import currency_in, operator_in, plain_fact
from governance.policies import sentences as say
from governance.policies.catalogue import OPERATORS, Catalogue, FactSpec
from governance.policies.types import Operator
from orchestra.core import words

Json = Any
Context = dict[str, Any]


def describe_conditions(
    document: Document,
    row: dict[str, Json],
    ref: str,
    known: Catalogue,
) -> list[Context]:
    """Return the inputs of a row's conditions.

    Args:
        document: The document, for the currency of amounts.
        row: The row as it stands there.
        ref: Names the row, such as ``rules.3``.
        known: Facts and tools that may be named.
    """
    currency = currency_in(document, row)
    names = sorted(known.facts)
    shown = []
    for index, condition in enumerate(conditions_of(row)):
        fact = str(condition.get("fact") or "")
        spec = known.facts.get(fact)
        operator = operator_in(condition) or Operator.IS
        allowed = OPERATORS[spec.type] if spec else frozenset(Operator)
        prefix = f"{ref}.when.{index}."
        shown.append(
            {
                "index": index,
                "prefix": prefix,
                "fact": fact,
                "facts": [
                    {**each, "words": plain_fact(each["value"])} for each in options(names, [fact])
                ],
                "meaning": _(spec.meaning) if spec else "",
                "source": _(spec.source) if spec and spec.source else "",
                "unit": spec.unit if spec and not (currency and _is_money(spec)) else "",
                "operators": [
                    {
                        "value": each.value,
                        "words": say.OPERATOR_WORDS[each],
                        "on": each is operator,
                    }
                    for each in Operator
                    if each in allowed or each is operator
                ],
                **_value(condition.get(operator.value), operator, spec, currency, known),
            }
        )
    return shown


def _is_money(spec: FactSpec) -> bool:
    return inputs.kind_of(spec, ()) is inputs.Kind.MONEY


def _value(value: Json, operator: Operator, spec: Any, currency: str, known: Catalogue) -> Context:
    choices = inputs.choices_of(spec, known)
    kind = inputs.kind_of(spec, choices)
    if operator in inputs.SEVERAL:
        return _several(value, kind, choices, currency)
    if kind is inputs.Kind.MONEY:
        amount, said = inputs.typed_money(value, currency)
        return {"kind": "money", "value": amount, "currency": said}
    if kind is inputs.Kind.DURATION:
        length, unit = inputs.typed_length(value, spec.unit, tuple(inputs.SECONDS))
        units = options(tuple(inputs.SECONDS), [unit])
        return {"kind": "duration", "value": length, "units": units}
    if kind is inputs.Kind.FLAG:
        return {"kind": "flag", "options": _flags(value)}
    text = _text(value, kind, currency)
    return {"kind": str(kind), "value": text, "options": options(choices, [text])}


def _several(value: Json, kind: inputs.Kind, choices: Sequence[str], currency: str) -> Context:
    listed = value if isinstance(value, list | tuple) else [value]
    typed = [_text(each, kind, currency) for each in listed if each not in (None, "")]
    if choices:
        return {"kind": "choices", "options": boxes(choices, typed)}
    return {"kind": "lines", "lines": "\n".join(typed), "hint": currency}


def _flags(value: Json) -> list[Context]:
    text = {True: "true", False: "false"}.get(value, "") if isinstance(value, bool) else ""
    return [
        {"value": "true", "words": _("yes"), "on": text == "true"},
        {"value": "false", "words": _("no"), "on": text == "false"},
    ]


def _text(value: Json, kind: inputs.Kind, currency: str) -> str:
    if value is None:
        return ""
    if kind is inputs.Kind.MONEY:
        return inputs.typed_money(value, currency)[0]
    return str(value)


def options(values: Sequence[str], chosen: Collection[str] = ()) -> list[Context]:
    """Return choices with their words; a chosen value that is none of them stands last."""
    return [
        {"value": each, "words": words.plain(each), "on": each in chosen}
        for each in [*values, *(one for one in chosen if one and one not in values)]
    ]


def boxes(values: Sequence[str], chosen: Sequence[str]) -> list[Context]:
    """Return choices of which several can be made; the chosen ones first, in their order.

    A form sends them in the order they stand in, so a list that nobody changed stays as it was.
    """
    first = [each for each in dict.fromkeys(chosen) if each]
    return options([*first, *(each for each in values if each not in first)], first)
