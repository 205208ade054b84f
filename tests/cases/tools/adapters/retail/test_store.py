import json
from collections.abc import Callable

import pytest

from cases.tools.adapters.retail.dataset import GoldStep, Task, load_database, load_tasks
from cases.tools.adapters.retail.store import OPERATIONS, RetailStore
from cases.tools.adapters.retail.types import (
    BadArgumentsError,
    Database,
    Json,
    RefusedError,
    UnknownOperationError,
)

UNTOUCHED = "bb265a590505aea61ad67bf5ca08d7b2879116f9c800aae92d1a31d9d8f962d8"
TASKS = load_tasks()


@pytest.fixture(scope="module")
def shared_store() -> RetailStore:
    return RetailStore.fresh()


@pytest.fixture
def store(shared_store: RetailStore) -> RetailStore:
    shared_store.reset()
    return shared_store


@pytest.fixture
def edited() -> Callable[[Callable[[Database], None]], RetailStore]:
    def make(edit: Callable[[Database], None]) -> RetailStore:
        database = load_database()
        edit(database)
        return RetailStore(database=database)

    return make


def _outcome(store: RetailStore, step: GoldStep) -> str:
    try:
        result = store.call(operation=step.name, arguments=step.arguments)
    except RefusedError as error:
        return f"ValueError: {error.message}"
    return result if isinstance(result, str) else json.dumps(result)


def test_untouched_hash(store: RetailStore) -> None:
    assert store.state_hash() == UNTOUCHED


@pytest.mark.parametrize("task", TASKS, ids=[task.id for task in TASKS])
def test_every_recorded_call_answers_as_recorded(store: RetailStore, task: Task) -> None:
    assert task.hash_before == UNTOUCHED
    for step in task.steps:
        assert _outcome(store, step) == step.result
    assert store.state_hash() == task.hash_after


def test_there_are_sixteen_operations_of_which_seven_write() -> None:
    assert len(OPERATIONS) == 16
    assert sum(operation.writes for operation in OPERATIONS.values()) == 7


def test_a_change_gives_all_items_the_last_variant(store: RetailStore) -> None:
    step = next(
        step
        for task in TASKS
        if task.id == "20"
        for step in task.steps
        if step.name == "modify_pending_order_items"
    )
    order = store.call(operation=step.name, arguments=step.arguments)
    assert [item["item_id"] for item in order["items"]] == step.arguments["new_item_ids"]
    assert {item["price"] for item in order["items"]} == {261.11}
    assert order["payment_history"][-1]["amount"] == 71.96000000000001
    user = store.call(operation="get_user_details", arguments={"user_id": order["user_id"]})
    before = load_database()["users"][order["user_id"]]["payment_methods"]["gift_card_4332117"]
    after = user["payment_methods"]["gift_card_4332117"]
    assert after["balance"] == round(before["balance"] - 71.96, 2)


def test_answers_are_the_callers_own(store: RetailStore) -> None:
    for name, arguments in (
        ("get_order_details", {"order_id": "#W2378156"}),
        ("get_user_details", {"user_id": "yusuf_rossi_9620"}),
        ("get_product_details", {"product_id": "1656367028"}),
        ("get_item_details", {"item_id": "7706410293"}),
        ("cancel_pending_order", {"order_id": "#W4776164", "reason": "no longer needed"}),
    ):
        answer = store.call(operation=name, arguments=arguments)
        before = store.state_hash()
        answer.clear()
        assert store.state_hash() == before


def test_product_types_are_a_sorted_json_text(store: RetailStore) -> None:
    text = store.call(operation="list_all_product_types", arguments={})
    names = json.loads(text)
    assert len(names) == 50
    assert list(names) == sorted(names)
    assert names["T-Shirt"] == "9523456873"


def test_users_are_found_whatever_the_case(store: RetailStore) -> None:
    found = store.call(
        operation="find_user_id_by_name_zip",
        arguments={"first_name": "yusuf", "last_name": "ROSSI", "zip": "19122"},
    )
    assert found == "yusuf_rossi_9620"
    found = store.call(
        operation="find_user_id_by_email", arguments={"email": "NOAH.brown7922@example.com"}
    )
    assert found == "noah_brown_6181"


def test_cancelling_refunds_a_gift_card_at_once(store: RetailStore) -> None:
    def balance() -> float:
        user = store.call(operation="get_user_details", arguments={"user_id": user_id})
        return float(user["payment_methods"]["gift_card_7711863"]["balance"])

    order = store.call(operation="get_order_details", arguments={"order_id": "#W9373487"})
    user_id = order["user_id"]
    before = balance()
    store.call(
        operation="cancel_pending_order",
        arguments={"order_id": "#W9373487", "reason": "ordered by mistake"},
    )
    assert balance() == round(before + 109.27, 2)


def test_moving_a_payment_notes_both_and_moves_balances(
    edited: Callable[[Callable[[Database], None]], RetailStore],
) -> None:
    def fill(database: Database) -> None:
        methods = database["users"]["ethan_garcia_1261"]["payment_methods"]
        methods["gift_card_4332117"]["balance"] = 700.0

    store = edited(fill)
    arguments = {"order_id": "#W9911714", "payment_method_id": "gift_card_4332117"}
    order = store.call(operation="modify_pending_order_payment", arguments=arguments)
    assert order["status"] == "pending"
    assert order["payment_history"][1:] == [
        {
            "transaction_type": "payment",
            "amount": 671.66,
            "payment_method_id": "gift_card_4332117",
        },
        {"transaction_type": "refund", "amount": 671.66, "payment_method_id": "paypal_3798357"},
    ]
    user = store.call(operation="get_user_details", arguments={"user_id": "ethan_garcia_1261"})
    assert user["payment_methods"]["gift_card_4332117"]["balance"] == 28.34
    with pytest.raises(RefusedError, match="exactly one payment"):
        store.call(operation="modify_pending_order_payment", arguments=arguments)


_CHANGE = {
    "order_id": "#W4776164",
    "item_ids": ["8349118980"],
    "new_item_ids": ["9647292434"],
    "payment_method_id": "credit_card_9513926",
}
_EXCHANGE = {
    "order_id": "#W2378156",
    "item_ids": ["1151293680"],
    "new_item_ids": ["7706410293"],
    "payment_method_id": "credit_card_9513926",
}
_RETURN = {
    "order_id": "#W2378156",
    "item_ids": ["1151293680"],
    "payment_method_id": "credit_card_9513926",
}
_ADDRESS = dict.fromkeys(("address1", "address2", "city", "state", "country", "zip"), "x")


@pytest.mark.parametrize(
    ("operation", "arguments", "message"),
    [
        ("get_user_details", {"user_id": "nobody"}, "User not found"),
        ("get_item_details", {"item_id": "9523456873"}, "Item not found"),
        ("modify_user_address", {"user_id": "nobody", **_ADDRESS}, "User not found"),
        ("modify_pending_order_address", {"order_id": "W1", **_ADDRESS}, "Order not found"),
        (
            "modify_pending_order_address",
            {"order_id": "#W2378156", **_ADDRESS},
            "Order is not pending and cannot be modified",
        ),
        (
            "cancel_pending_order",
            {"order_id": "#W2378156", "reason": "no longer needed"},
            "Order is not pending and cannot be cancelled",
        ),
        ("cancel_pending_order", {"order_id": "#W4776164", "reason": "dear"}, "Invalid reason"),
        (
            "modify_pending_order_payment",
            {"order_id": "#W4776164", "payment_method_id": "credit_card_9513926"},
            "New payment method must differ from the current one",
        ),
        (
            "modify_pending_order_payment",
            {"order_id": "#W9911714", "payment_method_id": "gift_card_4332117"},
            "Insufficient gift card balance to pay for the order",
        ),
        (
            "modify_pending_order_payment",
            {"order_id": "#W9911714", "payment_method_id": "paypal_0"},
            "Payment method not found",
        ),
        (
            "modify_pending_order_items",
            {**_CHANGE, "item_ids": ["8349118980", "8349118980"]},
            "Some items are not in the order",
        ),
        (
            "modify_pending_order_items",
            {**_CHANGE, "item_ids": [], "new_item_ids": []},
            "No item is given",
        ),
        (
            "modify_pending_order_items",
            {**_CHANGE, "new_item_ids": ["9647292434", "9647292434"]},
            "Number of items and of new items must be equal",
        ),
        (
            "modify_pending_order_items",
            {**_CHANGE, "new_item_ids": ["7706410293"]},
            "New item 7706410293 is not an available variant",
        ),
        (
            "modify_pending_order_items",
            {**_CHANGE, "new_item_ids": ["5047954489"]},
            "New item 5047954489 is not an available variant",
        ),
        (
            "modify_pending_order_items",
            {**_CHANGE, "payment_method_id": "credit_card_0"},
            "Payment method not found",
        ),
        (
            "exchange_delivered_order_items",
            {**_EXCHANGE, "order_id": "#W4776164"},
            "Order is not delivered and cannot be exchanged",
        ),
        (
            "exchange_delivered_order_items",
            {**_EXCHANGE, "new_item_ids": ["9690244451"]},
            "New item 9690244451 is not an available variant",
        ),
        (
            "return_delivered_order_items",
            {**_RETURN, "order_id": "#W4776164"},
            "Order is not delivered and cannot be returned",
        ),
        (
            "return_delivered_order_items",
            {**_RETURN, "item_ids": ["7706410293"]},
            "Some items are not in the order",
        ),
        ("calculate", {"expression": "1 +"}, "Invalid expression"),
    ],
)
def test_a_refusal_changes_nothing(
    store: RetailStore, operation: str, arguments: Json, message: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        store.call(operation=operation, arguments=arguments)
    assert caught.value.message == message
    assert store.state_hash() == UNTOUCHED


def test_a_return_goes_to_the_original_method_or_a_gift_card(
    edited: Callable[[Callable[[Database], None]], RetailStore],
) -> None:
    def add(database: Database) -> None:
        methods = database["users"]["yusuf_rossi_9620"]["payment_methods"]
        methods["paypal_1"] = {"source": "paypal", "id": "paypal_1"}
        methods["gift_card_1"] = {"source": "gift_card", "id": "gift_card_1", "balance": 0.0}

    store = edited(add)
    name = "return_delivered_order_items"
    with pytest.raises(RefusedError, match="original one or a gift card"):
        store.call(operation=name, arguments={**_RETURN, "payment_method_id": "paypal_1"})
    order = store.call(operation=name, arguments={**_RETURN, "payment_method_id": "gift_card_1"})
    assert order["return_payment_method_id"] == "gift_card_1"
    with pytest.raises(RefusedError, match="not delivered"):
        store.call(operation="exchange_delivered_order_items", arguments=_EXCHANGE)


def test_modified_items_close_an_order_for_all_but_address_and_payment(
    store: RetailStore,
) -> None:
    store.call(operation="modify_pending_order_items", arguments=_CHANGE)
    address = {"order_id": "#W4776164", **_ADDRESS}
    changed = store.call(operation="modify_pending_order_address", arguments=address)
    assert changed["address"] == _ADDRESS
    after = store.state_hash()
    for name, arguments in (
        ("modify_pending_order_items", _CHANGE),
        ("cancel_pending_order", {"order_id": "#W4776164", "reason": "no longer needed"}),
    ):
        with pytest.raises(RefusedError, match="not pending"):
            store.call(operation=name, arguments=arguments)
    assert store.state_hash() == after


def test_unknown_operations_are_told_apart(store: RetailStore) -> None:
    with pytest.raises(UnknownOperationError):
        store.call(operation="drop_everything", arguments={})


@pytest.mark.parametrize(
    ("operation", "arguments", "message"),
    [
        ("get_order_details", {}, "order_id is missing"),
        ("get_order_details", {"order_id": 1}, "order_id must be a text"),
        ("get_order_details", {"order_id": "#W1", "more": 1}, "more is not known"),
        ("list_all_product_types", {"database": {}}, "database is not known"),
        (
            "return_delivered_order_items",
            {**_RETURN, "item_ids": "1151293680"},
            "item_ids must be a list of texts",
        ),
        (
            "return_delivered_order_items",
            {"order_id": None, "item_ids": [1]},
            (
                "payment_method_id is missing; order_id must be a text; "
                "item_ids must be a list of texts"
            ),
        ),
    ],
)
def test_bad_arguments_are_all_named(
    store: RetailStore, operation: str, arguments: Json, message: str
) -> None:
    with pytest.raises(BadArgumentsError) as caught:
        store.call(operation=operation, arguments=arguments)
    assert caught.value.message == message
