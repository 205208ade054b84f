"""What the retail operations rest on, in whole sentences, and what to look at twice."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cases.tools.adapters.retail import grounds
from cases.tools.registry import Grounds, Spoken
from tests.cases.tools.adapters.retail.test_language import (
    ADDRESS,
    CANCEL,
    EXCHANGE,
    MODIFY,
    RETURN,
    reads_of,
)

NOW = datetime(2026, 11, 19, 18, 53, tzinfo=UTC)


def said(name: str, arguments: dict[str, Any], *spoken: Spoken) -> Grounds:
    found = grounds.GROUNDS[f"retail.{name}_grounds"](arguments, reads_of(arguments), spoken)
    assert found is not None
    return found


def texts(found: Grounds, trust: str = "confirmed") -> list[str]:
    return [line.text for line in found.lines if line.trust == trust]


def test_a_return_says_what_is_known_and_what_nobody_knows() -> None:
    found = said("return", RETURN)
    assert texts(found) == [
        "Order #W9502127 is delivered, and both items are in it",
        "$652.61 + $473.43 = $1,126.04",
        "PayPal paypal_2433177 paid the order, $2,623.69",
        "No earlier return or exchange on this order",
    ]
    assert [(line.text, line.source) for line in found.lines if line.trust == "unknown"] == [
        ("Condition of the items; nobody has seen them", "no tool shows it"),
        ("Days since delivery", "the order carries no date"),
    ]
    assert {fact for line in found.lines for fact in line.facts} == {
        "order_status",
        "items_in_order",
        "amount_minor",
        "currency",
        "refund_route",
    }


def test_a_cancellation_adds_up_what_was_paid_and_marks_the_reason_as_claimed() -> None:
    found = said("cancel", CANCEL)
    assert texts(found) == [
        "Order #W8665881 is pending",
        "5 prices come to $4,777.75, which is what was paid",
    ]
    assert texts(found, "claimed") == ["The customer's reason is “no longer needed”"]


def test_an_exchange_says_who_pays() -> None:
    assert texts(said("exchange", EXCHANGE)) == [
        "Order #W2378156 is delivered, and the item is in it",
        "The new item is another variant of the same product, and available",
        "The new cost $269.16, the old $272.33: the customer gets $3.17 back",
        "Card credit_card_9513926 is the customer's own",
        "No earlier return or exchange on this order",
    ]
    found = said("modify_items", MODIFY)
    assert "the customer pays $113.71" in " ".join(texts(found))
    assert texts(found, "unknown") == []


def test_addresses_and_payments_have_their_sentences() -> None:
    address = said("order_address", {"order_id": "#W9583042", **ADDRESS})
    assert texts(address, "unknown") == ["Who lives at the new address"]
    payment = said("payment", {"order_id": "#W8665881", "payment_method_id": "paypal_5364164"})
    assert "The order was paid once, and nothing was refunded" in texts(payment)


def test_what_does_not_hold_is_not_said() -> None:
    gone = said("return", {**RETURN, "item_ids": ["1"]})
    assert texts(gone)[0] == "Order #W9502127 is delivered"
    assert "amount_minor" not in {fact for line in gone.lines for fact in line.facts}
    foreign = said("return", {**RETURN, "payment_method_id": "paypal_0"})
    assert "refund_route" not in {fact for line in foreign.lines for fact in line.facts}
    same = said("exchange", {**EXCHANGE, "new_item_ids": EXCHANGE["item_ids"]})
    assert "new_items_differ" not in {fact for line in same.lines for fact in line.facts}


@pytest.mark.parametrize("name", sorted(grounds.GROUNDS))
def test_without_reads_there_is_nothing_to_say(name: str) -> None:
    with pytest.raises(KeyError):
        grounds.GROUNDS[name](RETURN, {}, ())
