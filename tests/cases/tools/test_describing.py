"""What differs between two texts of a tool, in words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.tools.describing import describe_changes
from cases.tools.parsing import parse_tool
from governance.reviews.types import Change, Sign
from orchestra.core.errors import InvalidInputError
from tests.cases.tools.test_parsing import DOCUMENT as WHOLE

#: Reads are stored by name, so one that needs another comes after it in the alphabet.
READS = {"order": WHOLE["reads"]["order"], "things": WHOLE["reads"]["items"]}
DOCUMENT: dict[str, Any] = {**WHOLE, "reads": READS}
SCHEMA = DOCUMENT["arguments"]
AMOUNT = {"type": "number", "exclusiveMinimum": 0, "description": "In dollars."}


def changed(**changes: Any) -> list[Change]:
    return list(describe_changes(DOCUMENT, {**DOCUMENT, **changes}))


def tries(after: str) -> Change:
    return Change(Sign.CHANGED, "Time and attempts", "10 s a try, at most 5 tries", after)


def with_arguments(**changes: Any) -> list[Change]:
    return changed(arguments={**SCHEMA, **changes})


def test_nothing_differs_from_itself() -> None:
    assert describe_changes(DOCUMENT, DOCUMENT) == ()
    assert describe_changes(DOCUMENT, {**DOCUMENT, "timeout_seconds": 10, "max_attempts": 5}) == ()


def test_a_first_version_is_new_in_all_its_parts() -> None:
    changes = describe_changes(None, DOCUMENT)
    assert {change.sign for change in changes} == {Sign.ADDED}
    assert Change(Sign.ADDED, "Risk", after="high") in changes


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"risk": "critical"}, Change(Sign.CHANGED, "Risk raised", "high", "critical")),
        ({"risk": "low"}, Change(Sign.CHANGED, "Risk lowered", "high", "low")),
        ({"risk": ""}, Change(Sign.REMOVED, "Risk", "high", "")),
        (
            {"effect": "read"},
            Change(Sign.CHANGED, "What it does", "changes something", "reads only"),
        ),
        ({"connection": "erp"}, Change(Sign.CHANGED, "System of record", "store", "erp")),
        ({"lookup": False}, Change(Sign.REMOVED, "Effect can be looked up", "yes")),
        (
            {"honours_idempotency_key": False},
            Change(Sign.REMOVED, "Safe to repeat", "yes, it honours an idempotency key"),
        ),
        (
            {"max_attempts": 2},
            Change(
                Sign.CHANGED,
                "Time and attempts",
                "10 s a try, at most 5 tries",
                "10 s a try, at most 2 tries",
            ),
        ),
        (
            {"timeout_seconds": 1.5},
            Change(
                Sign.CHANGED,
                "Time and attempts",
                "10 s a try, at most 5 tries",
                "1.5 s a try, at most 5 tries",
            ),
        ),
        ({"reversed_by": ""}, Change(Sign.REMOVED, "To undo", "cancel_refund")),
        (
            {"confirm": {"tool": "get_order", "expect": {"$.status": "gone"}}},
            Change(
                Sign.CHANGED,
                "Confirmed by",
                "get_order shows status = “refunded” (order_id = as proposed: order id)",
                "get_order shows status = “gone” (order_id = as proposed: order id)",
            ),
        ),
        ({"sensitive": []}, Change(Sign.REMOVED, "Sensitive arguments", "as proposed: order id")),
        (
            {"money": [{"path": "$.amount", "unit": "minor", "currency": "EUR"}]},
            Change(
                Sign.CHANGED,
                "Amount 1",
                "as proposed: amount, in whole units of USD",
                "as proposed: amount, in the smallest unit of EUR",
            ),
        ),
        (
            {"facts": {"amount_minor": "$order.total", "mine": {"function": "owner_is_customer"}}},
            Change(
                Sign.CHANGED,
                "Fact for policies: amount minor",
                "as proposed: amount",
                "read from the order: total",
            ),
        ),
        (
            {"facts": {"amount_minor": "$.amount"}},
            Change(Sign.REMOVED, "Fact for policies: mine", "computed by owner is customer"),
        ),
        (
            {"reads": {"order": {"tool": "get_order", "arguments": {"order_id": "$.order_id"}}}},
            Change(
                Sign.REMOVED,
                "Read before deciding: things",
                "through get_item with item_id = each of them, once for each: "
                "read from the order: item ids",
            ),
        ),
        (
            {"hands_off": {"queue": "fraud_desk", "reason_code": "fraud"}},
            Change(Sign.ADDED, "Hands the case to", after="fraud desk, because of fraud"),
        ),
        (
            {"verifies": {"level": "basic", "method": "order_number", "customer": "$.id"}},
            Change(
                Sign.ADDED,
                "Verifies the customer",
                after="to the level basic, by order number, customer “$.id”",
            ),
        ),
        (
            {"operation": {"method": "PUT", "path": "/x", "name": "y"}},
            Change(
                Sign.CHANGED, "How it is called", "POST /tools/issue_refund", "PUT /x, name = “y”"
            ),
        ),
        (
            {"limits": [{"calls": 3, "per": "customer", "window_minutes": 60}]},
            Change(
                Sign.ADDED,
                "Limit 1",
                after="at most 3 calls in 60 minutes for each customer",
            ),
        ),
        (
            {"output": {"type": "object", "required": ["status"]}},
            Change(Sign.ADDED, "The answer", after="group of values, needs status"),
        ),
    ],
)
def test_each_part_says_what_became_of_it(changes: dict[str, Any], expected: Change) -> None:
    assert changed(**changes) == [expected]


def test_arguments_are_said_one_by_one() -> None:
    assert with_arguments(required=["order_id"]) == [
        Change(
            Sign.CHANGED,
            "Argument amount, no longer required",
            "number, required",
            "number, optional",
        )
    ]
    assert with_arguments(properties={**SCHEMA["properties"], "amount": AMOUNT}) == [
        Change(
            Sign.CHANGED,
            "Argument amount",
            "number, required",
            "number, above 0 (In dollars.), required",
        )
    ]
    reason = {"type": "string", "enum": ["lost", "broken"], "maxLength": 9}
    assert with_arguments(properties={**SCHEMA["properties"], "reason": reason}) == [
        Change(
            Sign.ADDED,
            "Argument reason",
            after="text, one of “lost”, “broken”, at most 9 characters, optional",
        )
    ]
    assert with_arguments(properties={"order_id": {"type": "string"}}, required=["order_id"]) == [
        Change(Sign.REMOVED, "Argument amount", before="number, required")
    ]
    assert with_arguments(additionalProperties=False) == [
        Change(Sign.ADDED, "Other rules for the arguments", after="anything else is refused")
    ]


def test_lists_and_groups_are_said_to_their_ground() -> None:
    items = {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "properties": {"sku": {"type": ["string", "null"]}},
            "required": ["sku"],
        },
    }
    [change] = with_arguments(properties={**SCHEMA["properties"], "items": items})
    assert change.after == (
        "list of group of values, at least 1 of them, each: group of values, "
        "with sku: text or nothing, needs sku, optional"
    )


def test_what_declares_no_tool_is_not_described() -> None:
    with pytest.raises(InvalidInputError):
        describe_changes(DOCUMENT, {"name": "half"})


_value = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["1", "a", "$.a", "$.b_c"])
_schema = st.fixed_dictionaries(
    {"type": st.just("object")},
    optional={
        "properties": st.dictionaries(
            st.sampled_from(["a", "b"]),
            st.fixed_dictionaries(
                {},
                optional={
                    "type": st.sampled_from(["string", "number", "array", "object"]),
                    "enum": st.lists(_value, min_size=1, max_size=2, unique_by=repr),
                    "minLength": st.integers(0, 2),
                    "const": _value,
                    "description": st.sampled_from(["x", "y"]),
                    "items": st.sampled_from([{"type": "string"}, {"minimum": 1}, True]),
                    "required": st.lists(st.sampled_from(["k", "l"]), unique=True),
                },
            ),
        ),
        "required": st.lists(st.sampled_from(["a", "b"]), unique=True),
        "additionalProperties": st.booleans(),
        "minProperties": st.integers(0, 2),
    },
)
_tools = st.fixed_dictionaries(
    {},
    optional={
        "risk": st.sampled_from(["", "low", "medium", "high", "critical"]),
        "effect": st.sampled_from(["read", "write"]),
        "arguments": _schema,
        "description": st.sampled_from(["", "One.", "Two."]),
        "facts": st.dictionaries(
            st.sampled_from(["x", "y"]), st.sampled_from(["$.a", "$.a_b", "$.a.b", "$order.a"])
        ),
        "operation": st.fixed_dictionaries(
            {},
            optional={
                "method": st.sampled_from(["GET", "POST", "PUT"]),
                "path": st.sampled_from(["/a", "/b_c"]),
                "name": st.sampled_from(["1", "a", "$.a", "$.b_c"]),
            },
        ),
        "output": st.none() | _schema,
        "limits": st.lists(
            st.fixed_dictionaries(
                {
                    "calls": st.integers(1, 2),
                    "per": st.sampled_from(["agent", "customer"]),
                    "window_minutes": st.sampled_from([1, 60]),
                }
            ),
            max_size=2,
        ),
        "upstream": st.none()
        | st.fixed_dictionaries(
            {
                "source": st.sampled_from(["openapi", "mcp"]),
                "name": st.sampled_from(["x", "y"]),
                "digest": st.sampled_from(["a" * 64, "b" * 64]),
                "says": st.dictionaries(st.sampled_from(["read_only", "idempotent"]), _value),
            }
        ),
        "sensitive": st.lists(st.sampled_from(["$.b", "$.c"]), unique=True),
        "timeout_seconds": st.sampled_from([1, 2.5, 10]),
        "max_attempts": st.integers(1, 3),
    },
).map(DOCUMENT.__or__)


@given(_tools, _tools)
def test_two_texts_are_said_alike_only_where_they_are(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert describe_changes(one, one) == ()
    same = normal(one) == normal(other)
    assert (describe_changes(one, other) == ()) == same


def normal(document: dict[str, Any]) -> str:
    """What a document declares, apart from the order of names that may come in any."""
    return repr(sort(parse_tool(document=document), ""))


def sort(value: Any, key: str) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return [(name, sort(getattr(value, name), name)) for name in value.__dataclass_fields__]
    if isinstance(value, dict):
        return sorted((name, sort(item, name)) for name, item in value.items())
    if key == "required":
        return sorted(value)
    return [sort(item, "") for item in value] if isinstance(value, list | tuple) else value
