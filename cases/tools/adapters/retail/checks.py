"""What the operations that change orders check before they change anything, and how they pay."""

from collections.abc import Sequence

from cases.tools.adapters.retail.facts import listed_items
from cases.tools.adapters.retail.lookups import find_order, find_user
from cases.tools.adapters.retail.types import Database, Record, RefusedError

GIFT_CARD = "gift_card"
MODIFIED = "pending (item modified)"


def pending_order(
    *, database: Database, order_id: str, act: str, or_modified: bool = False
) -> Record:
    """Return the stored order if it is pending.

    The recorded system still takes another address or payment method for an order whose items
    were modified, though the written policy does not; cancelling or modifying again it refuses.

    Args:
        database: The state.
        order_id: The order.
        act: What shall be done with it, as a participle for the message.
        or_modified: Whether an order whose items were modified counts as pending too.

    Raises:
        RefusedError: No such order, or not pending.
    """
    order = find_order(database=database, order_id=order_id)
    accepted = {"pending", MODIFIED} if or_modified else {"pending"}
    if order["status"] not in accepted:
        raise RefusedError(f"Order is not pending and cannot be {act}")
    return order


def delivered_order(*, database: Database, order_id: str, act: str) -> Record:
    """Return the stored order if it is delivered.

    Args:
        database: The state.
        order_id: The order.
        act: What shall be done with it, as a participle for the message.

    Raises:
        RefusedError: No such order, or not delivered.
    """
    order = find_order(database=database, order_id=order_id)
    if order["status"] != "delivered":
        raise RefusedError(f"Order is not delivered and cannot be {act}")
    return order


def items_in_order(*, order: Record, item_ids: Sequence[str]) -> list[Record]:
    """Return the order's own item records for the ids, one record per mention.

    Raises:
        RefusedError: No id is given, or the order does not have all of them.
    """
    items = listed_items(order=order, item_ids=item_ids)
    if not items:
        raise RefusedError("Some items are not in the order" if item_ids else "No item is given")
    return items


def new_variants(
    *, database: Database, items: Sequence[Record], new_item_ids: Sequence[str]
) -> list[Record]:
    """Return the variants that shall take the items' places.

    Raises:
        RefusedError: The lists are of unequal length, or one is not an available variant of the
            product of the item in its place.
    """
    if len(items) != len(new_item_ids):
        raise RefusedError("Number of items and of new items must be equal")
    variants = []
    for item, new_item_id in zip(items, new_item_ids, strict=True):
        product = database["products"].get(item["product_id"], {"variants": {}})
        variant = product["variants"].get(new_item_id)
        if variant is None or not variant["available"]:
            raise RefusedError(f"New item {new_item_id} is not an available variant")
        variants.append(variant)
    return variants


def raw_difference(*, items: Sequence[Record], variants: Sequence[Record]) -> float:
    """Sum the price differences pair by pair: the recorded floating-point bits depend on it."""
    total = 0.0
    for item, variant in zip(items, variants, strict=True):
        total += variant["price"] - item["price"]
    return total


def payment_method_of(*, database: Database, order: Record, payment_method_id: str) -> Record:
    """Return the stored payment method of the order's user.

    Raises:
        RefusedError: The user does not have it.
    """
    user = find_user(database=database, user_id=order["user_id"])
    method: Record | None = user["payment_methods"].get(payment_method_id)
    if method is None:
        raise RefusedError("Payment method not found")
    return method


def ensure_covered(*, method: Record, amount: float, purpose: str) -> None:
    """Check that a gift card has the amount; other methods always do.

    Raises:
        RefusedError: The balance is smaller.
    """
    if method["source"] == GIFT_CARD and method["balance"] < amount:
        raise RefusedError(f"Insufficient gift card balance to pay for the {purpose}")


def settle(*, order: Record, method: Record, kind: str, amount: float) -> None:
    """Note a payment or refund in the order's history and move a gift card's balance at once.

    The balance is kept rounded to cents, the noted amount is not: both as recorded.

    Args:
        order: The stored order.
        method: The stored payment method.
        kind: `payment` or `refund`.
        amount: Dollars, not negative.
    """
    order["payment_history"].append(
        {"transaction_type": kind, "amount": amount, "payment_method_id": method["id"]}
    )
    if method["source"] == GIFT_CARD:
        change = -amount if kind == "payment" else amount
        method["balance"] = round(method["balance"] + change, 2)
