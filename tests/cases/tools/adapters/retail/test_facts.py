import json
from decimal import Decimal

import pytest

from cases.tools.adapters.retail import facts
from cases.tools.adapters.retail.dataset import load_tasks
from cases.tools.adapters.retail.store import RetailStore
from cases.tools.adapters.retail.types import Record, RefusedError

ORDER: Record = {
    "status": "delivered",
    "items": [
        {"item_id": "a", "product_id": "P", "price": 54.04},
        {"item_id": "b", "product_id": "Q", "price": 0.1},
        {"item_id": "a", "product_id": "P", "price": 50.2},
    ],
    "payment_history": [
        {"transaction_type": "payment", "amount": 104.34, "payment_method_id": "gift_card_1"},
        {"transaction_type": "refund", "amount": 0.2, "payment_method_id": "paypal_1"},
        {"transaction_type": "payment", "amount": 0.1, "payment_method_id": "paypal_1"},
    ],
    "exchange_items": None,
    "return_items": None,
}
USER: Record = {
    "payment_methods": {
        "gift_card_1": {"source": "gift_card", "id": "gift_card_1", "balance": 0.3},
        "paypal_1": {"source": "paypal", "id": "paypal_1"},
        "credit_card_1": {"source": "credit_card", "id": "credit_card_1"},
    }
}
PRODUCTS: list[Record] = [
    {
        "product_id": "P",
        "variants": {
            "a": {"item_id": "a", "available": True, "price": 54.04},
            "a2": {"item_id": "a2", "available": True, "price": 60},
            "a3": {"item_id": "a3", "available": False, "price": 10.5},
        },
    },
    {"product_id": "Q", "variants": {"b2": {"item_id": "b2", "available": True, "price": 0.2}}},
]


@pytest.mark.parametrize(
    ("number", "text"),
    [(54.04, "54.04"), (0.1, "0.1"), (60, "60"), (Decimal("1.10"), "1.10"), (1e-07, "1E-7")],
)
def test_amounts_have_the_digits_of_their_text(number: float | Decimal, text: str) -> None:
    assert str(facts.exact_amount(number=number)) == text


@pytest.mark.parametrize(
    ("item_ids", "total"),
    [
        (["a"], "54.04"),
        (["a", "b", "a"], "104.34"),
        (["a", "a", "a"], None),
        (["c"], None),
        ([], "0"),
    ],
)
def test_listed_prices_respect_duplicates(item_ids: list[str], total: str | None) -> None:
    expected = None if total is None else Decimal(total)
    assert facts.sum_listed_prices(order=ORDER, item_ids=item_ids) == expected


def test_listed_items_come_in_the_order_of_the_list() -> None:
    items = facts.listed_items(order=ORDER, item_ids=["b", "a"])
    assert items == [ORDER["items"][1], ORDER["items"][0]]
    assert len(ORDER["items"]) == 3


def test_payments_of_an_order() -> None:
    assert facts.original_payment_method_id(order=ORDER) == "gift_card_1"
    assert facts.original_payment_method_id(order={"payment_history": []}) is None
    assert facts.sum_paid(order=ORDER) == Decimal("104.44")
    assert facts.sum_refunded(order=ORDER) == Decimal("0.2")


def test_kinds_and_balances() -> None:
    kinds = [
        facts.payment_kind(user=USER, payment_method_id=key)
        for key in ("gift_card_1", "paypal_1", "credit_card_1", "gift_card_2")
    ]
    assert kinds == [*facts.PaymentKind, None]
    assert facts.gift_card_balance(user=USER, payment_method_id="gift_card_1") == Decimal("0.3")
    assert facts.gift_card_balance(user=USER, payment_method_id="paypal_1") is None
    assert facts.gift_card_balance(user=USER, payment_method_id="gift_card_2") is None


def test_price_difference_is_in_cents() -> None:
    new_items = facts.listed_variants(products=PRODUCTS, item_ids=["b2", "a2"])
    assert new_items is not None
    difference = facts.price_difference(order=ORDER, item_ids=["b", "a"], new_items=new_items)
    assert str(difference) == "6.06"
    assert facts.price_difference(order=ORDER, item_ids=["b"], new_items=new_items) is None
    assert facts.price_difference(order=ORDER, item_ids=["c", "a"], new_items=new_items) is None
    assert facts.listed_variants(products=PRODUCTS, item_ids=["zz"]) is None


@pytest.mark.parametrize(
    ("item_ids", "new_item_ids", "same", "fit"),
    [
        (["a", "b"], ["a2", "b2"], True, True),
        (["a", "b"], ["b2", "a2"], False, False),
        (["a"], ["a3"], True, False),
        (["a"], ["zz"], False, False),
        (["a"], ["a2", "a2"], False, False),
        (["c"], ["a2"], None, None),
    ],
)
def test_new_items_are_of_the_same_product_and_available(
    *, item_ids: list[str], new_item_ids: list[str], same: bool | None, fit: bool | None
) -> None:
    assert same is facts.same_products(
        order=ORDER, item_ids=item_ids, new_item_ids=new_item_ids, products=PRODUCTS
    )
    assert fit is facts.new_items_fit(
        order=ORDER, item_ids=item_ids, new_item_ids=new_item_ids, products=PRODUCTS
    )


def test_a_missing_product_leaves_it_unknown() -> None:
    answer = facts.new_items_fit(
        order=ORDER, item_ids=["b"], new_item_ids=["b2"], products=PRODUCTS[:1]
    )
    assert answer is None


@pytest.mark.parametrize(
    ("change", "item_change", "returned"),
    [
        ({}, False, False),
        ({"status": "pending (item modified)"}, True, False),
        ({"status": "exchange requested"}, True, False),
        ({"exchange_items": ["a"]}, True, False),
        ({"status": "return requested"}, False, True),
        ({"return_items": ["a"]}, False, True),
    ],
)
def test_earlier_changes(*, change: Record, item_change: bool, returned: bool) -> None:
    order = {**ORDER, **change}
    assert facts.had_item_change(order=order) is item_change
    assert facts.had_return(order=order) is returned


def test_facts_agree_with_the_recorded_exchanges() -> None:
    store = RetailStore.fresh()
    seen = 0
    for task in load_tasks():
        store.reset()
        for step in task.steps:
            if step.ok and step.name == "exchange_delivered_order_items":
                seen += 1
                _check_exchange(store, step.arguments, json.loads(step.result))
            try:
                store.call(operation=step.name, arguments=step.arguments)
            except RefusedError:
                assert not step.ok
    assert seen == 24


def _check_exchange(store: RetailStore, arguments: Record, answer: Record) -> None:
    order = store.call(operation="get_order_details", arguments={"order_id": arguments["order_id"]})
    items = facts.listed_items(order=order, item_ids=arguments["item_ids"])
    assert items is not None
    products = [
        store.call(operation="get_product_details", arguments={"product_id": key})
        for key in {item["product_id"] for item in items}
    ]
    listed = {key: arguments[key] for key in ("item_ids", "new_item_ids")}
    assert facts.new_items_fit(order=order, products=products, **listed) is True
    new_items = facts.listed_variants(products=products, item_ids=arguments["new_item_ids"])
    assert new_items is not None
    difference = facts.price_difference(
        order=order, item_ids=arguments["item_ids"], new_items=new_items
    )
    recorded = facts.exact_amount(number=answer["exchange_price_difference"])
    assert difference == recorded.quantize(Decimal("0.01"))
    assert facts.had_item_change(order=order) is False
    assert facts.had_item_change(order=answer) is True
