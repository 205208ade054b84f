"""Tool documents: what they mean, and every error at once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.tools.parsing import MAX_DEPTH, parse_tool, tool_digest
from cases.tools.types import Effect, MoneyPath, Read
from orchestra.core.errors import InvalidInputError

DOCUMENT: dict[str, Any] = {
    "name": "issue_refund",
    "title": "Refund an order",
    "description": "Refund an order to its original payment method.",
    "connection": "store",
    "operation": {"method": "POST", "path": "/tools/issue_refund"},
    "effect": "write",
    "risk": "high",
    "honours_idempotency_key": True,
    "lookup": True,
    "arguments": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}, "amount": {"type": "number"}},
        "required": ["order_id", "amount"],
    },
    "money": [{"path": "$.amount", "unit": "major", "currency": "USD"}],
    "reads": {
        "order": {"tool": "get_order", "arguments": {"order_id": "$.order_id"}},
        "items": {
            "tool": "get_item",
            "for_each": "$order.item_ids",
            "arguments": {"item_id": "$each"},
        },
    },
    "facts": {"amount_minor": "$.amount", "mine": {"function": "owner_is_customer"}},
    "effect_text": "Refund {amount}",
    "confirm": {"tool": "get_order", "expect": {"$.status": "refunded"}},
    "reversed_by": "cancel_refund",
    "sensitive": ["$.order_id"],
}


def findings(document: dict[str, Any]) -> set[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as caught:
        parse_tool(document=document)
    return {(error.field, error.code) for error in caught.value.errors}


def test_reads_the_whole_document() -> None:
    spec = parse_tool(document=DOCUMENT)

    assert spec.effect is Effect.WRITE
    assert (spec.name, spec.title, spec.risk) == ("issue_refund", "Refund an order", "high")
    assert spec.honours_idempotency_key
    assert spec.lookup
    assert spec.money == (MoneyPath("$.amount", "major", "USD"),)
    assert spec.reads == (
        Read("order", "get_order", {"order_id": "$.order_id"}),
        Read("items", "get_item", {"item_id": "$each"}, for_each="$order.item_ids"),
    )
    assert (spec.timeout_seconds, spec.max_attempts) == (10.0, 5)


def test_a_confirmation_asks_like_the_read_of_the_same_tool() -> None:
    confirm = parse_tool(document=DOCUMENT).confirm

    assert confirm == {
        "tool": "get_order",
        "arguments": {"order_id": "$.order_id"},
        "expect": {"$.status": "refunded"},
    }


def test_the_least_a_tool_declares() -> None:
    spec = parse_tool(
        document={
            "name": "get_order",
            "connection": "store",
            "effect": "read",
            "arguments": {"type": "object"},
        }
    )

    assert (spec.title, spec.risk, spec.reads, spec.confirm) == ("Get order", "", (), None)


def test_the_digest_is_of_the_whole_document() -> None:
    assert tool_digest(DOCUMENT) == tool_digest(dict(reversed(DOCUMENT.items())))
    assert tool_digest(DOCUMENT) != tool_digest({**DOCUMENT, "risk": "low"})


def test_every_error_at_once() -> None:
    document = {
        "name": "Issue Refund",
        "effect": "wirte",
        "risk": "huge",
        "arguments": {"type": "object", "properties": {"a": {"type": "nubmer"}}},
        "honours_idempotency_key": "yes",
        "timeout_seconds": 600,
        "max_attempts": 2.5,
        "money": [{"path": "amount", "unit": "dollars", "currency": "usd"}],
        "facts": {"Bad": "$.x", "risk": "$.x", "far": "$order.total", "fn": {"name": "x"}},
        "verifies": {"level": "claimed", "method": "", "customer": "email"},
        "hands_off": {"queue": 3},
        "confirm": {"tool": "get_order"},
        "sensitive": ["x"],
        "colour": "blue",
    }

    assert findings(document) == {
        ("name", "name"),
        ("connection", "required"),
        ("effect", "choice"),
        ("risk", "choice"),
        ("arguments.properties.a.type", "schema"),
        ("honours_idempotency_key", "flag"),
        ("timeout_seconds", "range"),
        ("max_attempts", "range"),
        ("money[0].path", "path"),
        ("money[0].unit", "choice"),
        ("money[0].currency", "currency"),
        ("facts.Bad", "name"),
        ("facts.risk", "reserved"),
        ("facts.far", "path"),
        ("facts.fn", "function"),
        ("verifies.level", "choice"),
        ("verifies.method", "text"),
        ("verifies.customer", "path"),
        ("hands_off.reason_code", "text"),
        ("hands_off.queue", "text"),
        ("confirm.expect", "required"),
        ("sensitive[0]", "path"),
        ("colour", "unknown"),
    }


def test_a_read_sees_only_what_was_read_before() -> None:
    reads = {
        "items": {"tool": "get_item", "arguments": {"id": "$order.id"}},
        "order": {"tool": "get_order", "arguments": {"id": "$each"}},
    }

    assert findings({**DOCUMENT, "reads": reads}) >= {
        ("reads.items.arguments.id", "path"),
        ("reads.order.arguments.id", "path"),
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"$ref": "https://example.com/schema"}}},
        {"type": "object", "allOf": [{"$ref": "other.json#/x"}]},
    ],
)
def test_a_schema_never_reaches_out(schema: dict[str, Any]) -> None:
    assert any(code == "schema" for _, code in findings({**DOCUMENT, "arguments": schema}))


def test_arguments_have_names() -> None:
    document = {**DOCUMENT, "arguments": {"type": "array"}}

    assert findings(document) == {("arguments.type", "schema")}


@pytest.mark.parametrize("document", [None, 7, "tool", [], [{}], {7: "name"}])
def test_what_is_no_object_is_told_so(document: Any) -> None:
    assert findings(document) == {("", "object")}


def test_a_tool_is_not_nested_without_end() -> None:
    deep: dict[str, Any] = {"type": "object"}
    for _ in range(MAX_DEPTH):
        deep = {"type": "object", "properties": deep}
    assert findings({**DOCUMENT, "arguments": deep}) == {("", "object")}


@pytest.mark.parametrize("risk", [None, 0, False, [], "extreme"])
def test_a_risk_is_one_of_four_or_left_out(risk: Any) -> None:
    assert findings({**DOCUMENT, "risk": risk}) == {("risk", "choice")}


_names = st.sampled_from(
    [
        *("type", "properties", "$ref", "$defs", "items", "allOf", "tool", "arguments"),
        *("for_each", "path", "unit", "currency", "function", "expect", "$.a", "level", "queue"),
    ]
)
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["$", "$.a", "$order.b", "object", "#", "#/$defs/x", "("]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(_names | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(_json | st.dictionaries(st.sampled_from(sorted(DOCUMENT)), _json).map(DOCUMENT.__or__))
def test_any_json_is_a_tool_or_told_what_is_wrong(document: Any) -> None:
    assert "nothing named" not in error_fields(document)


def error_fields(document: Any) -> list[str]:
    """Where a document is wrong; nothing for a tool, and never a refusal that names nothing."""
    try:
        parse_tool(document=document)
    except InvalidInputError as error:
        return [finding.field for finding in error.errors] or ["nothing named"]
    return []


@pytest.mark.parametrize(
    ("path", "fact", "shows"),
    [
        ("$.amount", "$.amount", True),
        ("$.payer", "$.payer.name", True),
        ("$.payer", "$.payer[0]", True),
        ("$.a", "$.amount", False),
        ("$.payer.name", "$.payer", False),
    ],
)
def test_no_fact_shows_a_sensitive_argument(path: str, fact: str, *, shows: bool) -> None:
    document = {**DOCUMENT, "sensitive": [path], "facts": {"x": fact}, "effect_text": ""}
    if shows:
        assert ("facts.x", "sensitive") in findings(document)
    else:
        parse_tool(document=document)
