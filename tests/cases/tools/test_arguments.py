"""Arguments against the schema; money from the text of a number."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.tools.arguments import (
    argument_errors,
    check_arguments,
    check_same,
    closed,
    read_exact,
    to_minor_units,
)
from cases.tools.types import Effect, MoneyPath, ToolSpec
from orchestra.core.errors import InvalidInputError

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "order_id": {"type": "string", "pattern": "^#W"},
        "amount": {"type": "number", "minimum": 0},
        "items": {"type": "array", "items": {"type": "object", "properties": {"id": {}}}},
        "free": {"type": "object", "additionalProperties": True},
        "day": {"type": "string", "format": "date"},
    },
    "required": ["order_id"],
}


def spec(schema: dict[str, Any] = SCHEMA) -> ToolSpec:
    return ToolSpec(
        name="refund",
        title="Refund",
        description="",
        connection="store",
        operation={},
        effect=Effect.WRITE,
        risk="high",
        arguments=schema,
        money=(MoneyPath("$.amount", "major", "USD"),),
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"order_id": "#W1"}, set()),
        ({}, {("arguments.order_id", "required")}),
        ([], {("arguments", "type")}),
        ({"order_id": 1}, {("arguments.order_id", "type")}),
        ({"order_id": "W1"}, {("arguments.order_id", "pattern")}),
        ({"order_id": "#W1", "amount": True}, {("arguments.amount", "type")}),
        ({"order_id": "#W1", "day": "tomorrow"}, {("arguments.day", "format")}),
        ({"order_id": "#W1", "free": {"any": 1}}, set()),
        (
            {"order_id": "#W1", "colour": 1, "size": 2},
            {("arguments.colour", "unknown"), ("arguments.size", "unknown")},
        ),
        (
            {"items": [{"id": 1}, {"id": 2, "extra": 1}], "amount": -1},
            {
                ("arguments.order_id", "required"),
                ("arguments.items[1].extra", "unknown"),
                ("arguments.amount", "minimum"),
            },
        ),
    ],
)
def test_every_error_with_its_path(arguments: Any, expected: set[tuple[str, str]]) -> None:
    found = argument_errors(spec=spec(), arguments=arguments)

    assert {(error.field, error.code) for error in found} == expected


def test_a_composed_object_is_closed_over_all_its_branches() -> None:
    schema = {
        "type": "object",
        "allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}],
    }

    assert closed(schema)["unevaluatedProperties"] is False
    assert argument_errors(spec=spec(schema), arguments={"a": 1, "b": 2}) == ()
    assert argument_errors(spec=spec(schema), arguments={"c": 1}) != ()


def test_a_property_named_like_a_keyword_is_a_property() -> None:
    schema = {"type": "object", "properties": {"properties": {"type": "string"}}}

    assert argument_errors(spec=spec(schema), arguments={"properties": "x"}) == ()


@pytest.mark.parametrize(
    ("text", "currency", "unit", "minor"),
    [
        ("1126.04", "USD", "major", 112604),
        ("1126.040", "USD", "major", 112604),
        ("54", "USD", "major", 5400),
        ("1e2", "USD", "major", 10000),
        ("0.1", "USD", "major", 10),
        ("-16.63", "USD", "major", -1663),
        ("500", "JPY", "major", 500),
        ("1.234", "KWD", "major", 1234),
        ("112604", "USD", "minor", 112604),
        ("90071992547409.91", "USD", "major", 9007199254740991),
    ],
)
def test_money_from_text(text: str, currency: str, unit: str, minor: int) -> None:
    assert to_minor_units(read_exact(text.encode()), unit=unit, currency=currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "unit", "code"),
    [
        ("10.001", "USD", "major", "money.digits"),
        ("10.000000000000000001", "USD", "major", "money.digits"),
        ("500.5", "JPY", "major", "money.digits"),
        ("10.5", "USD", "minor", "money.digits"),
        ("1e300", "USD", "major", "money.range"),
        ("true", "USD", "major", "money.number"),
        ('"ten"', "USD", "major", "money.number"),
        ("null", "USD", "major", "money.number"),
        ("[1]", "USD", "major", "money.number"),
    ],
)
def test_money_that_is_refused(text: str, currency: str, unit: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        to_minor_units(read_exact(text.encode()), unit=unit, currency=currency)

    assert caught.value.error_code == code


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_every_amount_of_cents_survives(minor: int) -> None:
    text = f"{Decimal(minor).scaleb(-2):.2f}"

    assert to_minor_units(read_exact(text.encode()), unit="major", currency="USD") == minor
    assert to_minor_units(float(text), unit="major", currency="USD") == minor


def test_too_many_digits_name_the_argument() -> None:
    body = b'{"order_id": "#W1", "amount": 10.001}'

    with pytest.raises(InvalidInputError) as caught:
        check_arguments(
            spec=spec(), arguments={"order_id": "#W1", "amount": 10.001}, exact=read_exact(body)
        )

    assert [(error.field, error.code) for error in caught.value.errors] == [
        ("arguments.amount", "money.digits")
    ]


def test_bytes_that_say_something_else_are_refused() -> None:
    check_same(data=b'{"a": 1.0}', arguments={"a": 1.0})
    with pytest.raises(InvalidInputError):
        check_same(data=b'{"a": 2}', arguments={"a": 1})
    with pytest.raises(InvalidInputError):
        check_same(data=b'{"a": 1, "a": 1}', arguments={"a": 1})
