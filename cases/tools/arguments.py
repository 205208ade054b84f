"""Arguments against their schema, and money out of a number's text; pure."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from cases.tools import paths
from cases.tools.types import Effect, Json, MoneyPath, ToolSpec
from orchestra.core import canonical
from orchestra.core.currencies import digits_of
from orchestra.core.errors import FieldError, InvalidInputError, UpstreamError

_MOST_ERRORS = 5
_COMPOSED = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "$ref", "$dynamicRef")
_CLOSING = ("additionalProperties", "unevaluatedProperties")
_SCHEMA_MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas")
_SCHEMA_LISTS = ("prefixItems",)
_SCHEMAS = ("items", "contains")


def closed(schema: Json) -> Json:
    """Return a schema that refuses every property it does not name.

    An object that says itself what other properties are worth keeps its word. Branches of a
    composition stay open, because the object around them is closed over all branches.

    Args:
        schema: JSON Schema 2020-12.
    """
    if not isinstance(schema, Mapping):
        return schema
    result = {key: _closed_under(key, item) for key, item in schema.items()}
    describes_object = result.get("type") == "object" or "properties" in result
    if describes_object and not any(key in result for key in _CLOSING):
        composed = any(key in result for key in _COMPOSED)
        result["unevaluatedProperties" if composed else "additionalProperties"] = False
    return result


def _closed_under(key: str, item: Json) -> Json:
    if key in _SCHEMA_MAPS and isinstance(item, Mapping):
        return {name: closed(schema) for name, schema in item.items()}
    if key in _SCHEMA_LISTS and isinstance(item, list):
        return [closed(schema) for schema in item]
    return closed(item) if key in _SCHEMAS else item


@lru_cache(maxsize=512)
def _validator(schema_text: str) -> Any:
    # The format checker rejects what a schema's "format" names, as an author expects.
    return Draft202012Validator(
        closed(json.loads(schema_text)), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def argument_errors(*, spec: ToolSpec, arguments: Json) -> tuple[FieldError, ...]:
    """Return everything that is wrong with the arguments of a call, by field path.

    Args:
        spec: The tool.
        arguments: The JSON value received.
    """
    validator = _validator(json.dumps(spec.arguments, sort_keys=True))
    found: dict[tuple[str, str], FieldError] = {}
    for error in validator.iter_errors(arguments):
        for finding in _findings(error):
            found.setdefault((finding.field, finding.code), finding)
    return tuple(sorted(found.values(), key=lambda finding: (finding.field, finding.code)))


@lru_cache(maxsize=512)
def _answer_validator(schema_text: str) -> Any:
    return Draft202012Validator(json.loads(schema_text))


def answer_errors(*, spec: ToolSpec, value: Json) -> tuple[FieldError, ...]:
    """Return where an answer does not fit the schema that the tool declares for it.

    The values themselves are left out: what a system answered may be personal.

    Args:
        spec: The tool; without a declared schema every answer fits.
        value: What a system of record answered, as JSON.
    """
    if spec.output is None:
        return ()
    validator = _answer_validator(json.dumps(spec.output, sort_keys=True))
    found = {
        ("answer" + _field(error)[len("arguments") :], str(error.validator))
        for error in validator.iter_errors(value)
    }
    return tuple(
        FieldError(field, code, f"does not fit what the tool declares ({code})")
        for field, code in sorted(found)[:_MOST_ERRORS]
    )


def check_answer(*, spec: ToolSpec, value: Json) -> None:
    """Refuse an answer that does not fit; of a write it leaves open what was done.

    Raises:
        UpstreamError: Code ``upstream.output``.
    """
    errors = answer_errors(spec=spec, value=value)
    if errors:
        places = ", ".join(error.field for error in errors)
        raise UpstreamError(
            f"The answer to {spec.name} is not as the tool declares it: {places}.",
            may_retry=False,
            effect_unknown=spec.effect is Effect.WRITE,
            code="upstream.output",
            data={"fields": [error.field for error in errors]},
        )


def check_arguments(*, spec: ToolSpec, arguments: Json, exact: Json) -> None:
    """Refuse arguments that do not fit the schema, or money that is no whole minor unit.

    Args:
        spec: The tool.
        arguments: The JSON value received.
        exact: The same value with its numbers as ``read_exact`` reads them.

    Raises:
        InvalidInputError: With one finding for everything that is wrong.
    """
    errors = list(argument_errors(spec=spec, arguments=arguments))
    if not errors:
        errors += _money_errors(spec, exact)
    if errors:
        raise InvalidInputError(
            f"The arguments do not fit {spec.name}: "
            + "; ".join(f"{error.field} {error.message}" for error in errors),
            code="tool.arguments",
            errors=errors,
        )


def read_exact(data: bytes) -> Json:
    """Read JSON with every number that has a point or an exponent as the Decimal of its text."""
    return json.loads(data, parse_float=Decimal)


def check_same(*, data: bytes, arguments: Json) -> None:
    """Refuse bytes that do not say the same as the arguments read from them.

    Raises:
        InvalidInputError: They differ, or the bytes are no strict JSON.
    """
    if canonical.loads_strict(data) != arguments:
        raise InvalidInputError(
            "The arguments and the bytes they came in differ; send them again.",
            errors=[FieldError("arguments", "bytes", "differ from the bytes received")],
        )


def to_minor_units(number: Json, *, unit: str, currency: str) -> int:
    """Return an amount as whole minor units.

    Args:
        number: An int, or a Decimal as ``read_exact`` gives it; a float counts as its text.
        unit: ``major`` or ``minor``.
        currency: ISO 4217 code.

    Raises:
        InvalidInputError: It is no number, or has more digits than the currency.
    """
    if isinstance(number, bool) or not isinstance(number, (int, float, Decimal, str)):
        raise InvalidInputError("is no amount; send a number", code="money.number")
    try:
        amount = Decimal(repr(number) if isinstance(number, float) else number)
    except InvalidOperation:
        raise InvalidInputError("is no amount; send a number", code="money.number") from None
    digits = digits_of(currency) if unit == "major" else 0
    minor = amount.scaleb(digits) if amount.is_finite() else amount
    if not minor.is_finite() or minor != minor.to_integral_value():
        raise InvalidInputError(
            f"has more digits than {currency} has; send at most {digits} after the point",
            code="money.digits",
        )
    if abs(minor) > canonical.MAX_SAFE_INTEGER:
        raise InvalidInputError("is too large an amount", code="money.range")
    return int(minor)


def currency_of(money: MoneyPath, *, root: Json, reads: Mapping[str, Json]) -> str:
    """Return the currency of an amount, which stands in the document or in the arguments."""
    if not paths.is_path(money.currency):
        return money.currency
    found = paths.resolve(money.currency, root=root, reads=reads)
    return found if isinstance(found, str) else ""


def _money_errors(spec: ToolSpec, exact: Json) -> Iterator[FieldError]:
    for money in spec.money:
        if paths.source_name(money.path):
            continue
        number = paths.resolve(money.path, root=exact, reads={})
        if number is paths.MISSING:
            continue
        currency = currency_of(money, root=exact, reads={})
        try:
            to_minor_units(number, unit=money.unit, currency=currency)
        except InvalidInputError as error:
            yield FieldError(f"arguments{money.path[1:]}", error.error_code, error.message)


def _findings(error: ValidationError) -> Iterator[FieldError]:
    field = _field(error)
    if error.validator == "required" and isinstance(error.instance, Mapping):
        required: Any = error.validator_value
        for name in required:
            if name not in error.instance:
                yield FieldError(f"{field}.{name}", "required", "is missing; send it")
    elif error.validator == "additionalProperties" and error.validator_value is False:
        yield from _unknown(field, error)
    else:
        yield FieldError(field, str(error.validator), error.message[:300])


def _unknown(field: str, error: ValidationError) -> Iterator[FieldError]:
    schema: Any = error.schema
    instance: Any = error.instance
    if "patternProperties" in schema:
        yield FieldError(field, "unknown", error.message[:300])
        return
    for name in sorted(set(instance) - set(schema.get("properties", {}))):
        yield FieldError(f"{field}.{name}", "unknown", "is no argument of this tool")


def _field(error: ValidationError) -> str:
    return "arguments" + "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path
    )
