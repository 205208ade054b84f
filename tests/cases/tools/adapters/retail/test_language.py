"""What the retail operations do, in the words an approver reads."""

from collections.abc import Mapping
from typing import Any

import pytest

from cases.tools.adapters.retail import comparison, derived, language, wording
from cases.tools.adapters.retail.store import RetailStore
from cases.tools.registry import NOT_APPLICABLE, UNKNOWN

RETURN = {
    "order_id": "#W9502127",
    "item_ids": ["6259501109", "9534205511"],
    "payment_method_id": "paypal_2433177",
}
CANCEL = {"order_id": "#W8665881", "reason": "no longer needed"}
EXCHANGE = {
    "order_id": "#W2378156",
    "item_ids": ["1151293680"],
    "new_item_ids": ["7706410293"],
    "payment_method_id": "credit_card_9513926",
}
MODIFY = {
    "order_id": "#W9672333",
    "item_ids": ["1684786391"],
    "new_item_ids": ["5052031638"],
    "payment_method_id": "paypal_7664977",
}
ADDRESS = {
    "address1": "445 Maple Drive",
    "address2": "Suite 394",
    "city": "Fort Worth",
    "state": "TX",
    "country": "USA",
    "zip": "76165",
}


def reads_of(arguments: Mapping[str, Any]) -> dict[str, Any]:
    store = RetailStore.fresh()
    reads: dict[str, Any] = {}
    user_id = arguments.get("user_id")
    if "order_id" in arguments:
        order = store.call(
            operation="get_order_details", arguments={"order_id": arguments["order_id"]}
        )
        reads["order"], user_id = order, order["user_id"]
    reads["user"] = store.call(operation="get_user_details", arguments={"user_id": user_id})
    if "new_item_ids" in arguments:
        reads["products"] = [
            store.call(operation="get_product_details", arguments={"product_id": product_id})
            for product_id in derived.products_of_items(arguments, reads)
        ]
    return reads


def rows(name: str, arguments: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    found = comparison.ROWS[f"retail.{name}_rows"](arguments, reads_of(arguments))
    assert found is not None
    return {row.label: (row.now, row.after) for row in found}


def test_a_return_says_what_comes_back_and_where_the_money_goes() -> None:
    effect = language.return_effect(RETURN, reads_of(RETURN))
    assert effect is not None
    assert effect.sentence == (
        "Take back the vacuum cleaner (robotic) and the air purifier from order #W9502127 and "
        "refund Daiki Johnson $1,126.04 to the PayPal account that paid."
    )
    assert effect.title == "Take back vacuum cleaner (robotic) and air purifier, #W9502127"
    assert effect.detail == "Daiki Johnson · 2 of 5 items · to PayPal, which paid"
    assert effect.closes_off == (
        "The 3 other items stay with the customer. After this, no tool can return or exchange "
        "them: the order leaves “delivered”, and only delivered orders can be returned or "
        "exchanged."
    )
    assert effect.money == "to_customer"


def test_a_title_names_few_items_and_counts_many() -> None:
    every = [item["item_id"] for item in reads_of(RETURN)["order"]["items"]]
    titles = []
    for item_ids in (every[:1], every[:4], every):
        arguments = {**RETURN, "item_ids": item_ids}
        effect = language.return_effect(arguments, reads_of(arguments))
        assert effect is not None
        titles.append(effect.title)
        if len(item_ids) > 1:
            left = "The other item stays" if len(item_ids) == 4 else "Nothing of the order stays"
            assert effect.closes_off.startswith(left)
    assert titles[0].startswith("Take back the ")
    assert titles[1:] == [
        "Take back 4 of 5 items from #W9502127",
        "Take back all 5 items of #W9502127",
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Vacuum Cleaner", "two vacuum cleaners"),
        ("Wristwatch", "two wristwatches"),
        ("Headphones", "two headphones"),
        ("Bookshelf", "two bookshelves"),
    ],
)
def test_products_are_counted_as_people_say_it(name: str, words: str) -> None:
    assert wording.several(number=2, name=name) == words


def test_a_return_shows_what_stands_now_and_after() -> None:
    found = rows("return", RETURN)
    assert list(found) == [
        "Order status",
        "Coming back",
        "Refund",
        "Stays with customer",
        "Customer is told",
    ]
    assert found["Order status"] == ("delivered", "return requested")
    assert found["Coming back"][1].splitlines() == [
        "Vacuum Cleaner, robotic, bagged, pet hair removal (6259501109) $652.61",
        "Air Purifier, large, ionic, smart sensors (9534205511) $473.43",
    ]
    assert found["Refund"] == (
        "none",
        "$1,126.04 to the PayPal account that paid (paypal_2433177)",
    )
    assert found["Stays with customer"][0] == "5 items, $2,623.69"
    assert found["Stays with customer"][1].startswith("3 items, $1,497.65: ")


def test_a_cancellation_names_the_refund() -> None:
    effect = language.cancel_effect(CANCEL, reads_of(CANCEL))
    assert effect is not None
    assert effect.title == "Cancel order #W8665881 and refund PayPal"
    assert effect.detail == "Fatima Johnson · 5 items · “no longer needed”"
    assert effect.sentence == (
        "Cancel order #W8665881 and refund Fatima Johnson $4,777.75 to the PayPal account that "
        "paid."
    )
    assert rows("cancel", CANCEL)["Still coming"] == ("5 items, $4,777.75", "nothing")


def test_an_exchange_says_who_pays_the_difference() -> None:
    effect = language.exchange_effect(EXCHANGE, reads_of(EXCHANGE))
    assert effect is not None
    assert effect.sentence == (
        "Exchange the mechanical keyboard of order #W2378156 for another variant of the same "
        "product and refund Yusuf Rossi $3.17 to the Mastercard ending in 2478 that paid."
    )
    assert effect.money == "to_customer"
    found = rows("exchange", EXCHANGE)
    assert found["Items"][1] == "Mechanical Keyboard, clicky, none, full size (7706410293) $269.16"
    assert found["Price difference"][1].startswith("$3.17 refunded to ")


def test_a_change_of_items_says_that_it_is_the_only_one() -> None:
    effect = language.modify_items_effect(MODIFY, reads_of(MODIFY))
    assert effect is not None
    assert effect.closes_off == language.NO_MORE_CHANGES
    assert effect.money == "from_customer"
    assert "charge Aarav Santos $113.71 to the PayPal account that paid" in effect.sentence
    assert rows("modify_items", MODIFY)["Order status"][1] == (
        "pending (item modified), closed to changes"
    )


def test_an_address_names_both_places() -> None:
    arguments = {"order_id": "#W9583042", **ADDRESS}
    effect = language.order_address_effect(arguments, reads_of(arguments))
    assert effect is not None
    assert effect.title == "Change delivery address of #W9583042 to Fort Worth"
    assert effect.detail == "Mei Patel · 445 Maple Drive"
    assert rows("order_address", arguments)["Goes to"][1] == (
        "445 Maple Drive, Suite 394, Fort Worth, TX 76165, USA"
    )
    own = {"user_id": "mei_patel_7272", **ADDRESS}
    effect = language.user_address_effect(own, reads_of(own))
    assert effect is not None
    assert effect.sentence.endswith("orders already placed keep theirs.")


def test_a_payment_change_names_both_methods() -> None:
    arguments = {"order_id": "#W8665881", "payment_method_id": "paypal_5364164"}
    effect = language.payment_effect(arguments, reads_of(arguments))
    assert effect is not None
    assert effect.sentence.startswith("Charge Fatima Johnson $4,777.75 for order #W8665881 to ")
    assert list(rows("payment", arguments)) == ["Order status", "Paid with", "Refund"]


@pytest.mark.parametrize("name", sorted(language.EFFECTS))
def test_without_reads_nothing_is_claimed(name: str) -> None:
    if name != "retail.transfer_effect":
        assert language.EFFECTS[name](RETURN, {}) is None


@pytest.mark.parametrize("name", sorted(comparison.ROWS))
def test_without_reads_nothing_is_compared(name: str) -> None:
    assert comparison.ROWS[name](RETURN, {}) is None


def test_an_item_the_order_does_not_have_is_not_put_into_words() -> None:
    arguments = {**RETURN, "item_ids": ["1"]}
    assert language.return_effect(arguments, reads_of(arguments)) is None
    assert comparison.return_rows(arguments, reads_of(arguments)) is None


def test_more_than_three_items_are_counted() -> None:
    items = [{"name": name, "options": {}} for name in ("Lamp", "Desk", "LED Bulb", "Chair")]
    assert wording.item_phrase(items=items, among=items) == "lamp, desk and 2 other items"
    assert wording.item_phrase(items=items[1:], among=items) == "desk, LED bulb and chair"


def test_facts_derive_from_the_answers() -> None:
    reads, case = reads_of(RETURN), {"customer_ref": "daiki_johnson_9523"}
    compute = {name: fact.compute for name, fact in derived.FACTS.items()}
    assert compute["retail.order_owner_is_customer"](RETURN, reads, case) is True
    assert compute["retail.order_owner_is_customer"](RETURN, reads, {}) is NOT_APPLICABLE
    assert compute["retail.refund_route"](RETURN, reads, case) == "original"
    assert compute["retail.listed_minor"](RETURN, reads, case) == 112604
    assert compute["retail.paid_minor"](RETURN, reads, case) == 262369
    gone = {**RETURN, "item_ids": ["1"]}
    assert compute["retail.items_in_order"](gone, reads, case) is False
    assert compute["retail.listed_minor"](gone, reads, case) is UNKNOWN
    exchange = reads_of(EXCHANGE)
    assert compute["retail.difference_minor"](EXCHANGE, exchange, case) == -317
    assert compute["retail.moved_minor"](EXCHANGE, exchange, case) == 317
    assert compute["retail.gift_card_covers_difference"](EXCHANGE, exchange, case) is NOT_APPLICABLE
