"""Facts about orders, users and products as the store's operations return them; pure.

Every function assumes the shape of a recorded answer. Amounts are exact decimals in dollars,
read from the number's text. None means that the fact cannot be known from what was given.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from cases.tools.adapters.retail.types import Record

_CENT = Decimal("0.01")
_ITEM_CHANGE_STATUSES = frozenset({"pending (item modified)", "exchange requested"})


class PaymentKind(StrEnum):
    """The kinds of payment method the store knows."""

    GIFT_CARD = "gift_card"
    PAYPAL = "paypal"
    CREDIT_CARD = "credit_card"


def exact_amount(*, number: float | Decimal) -> Decimal:
    """Read a JSON number's text as an exact decimal.

    Args:
        number: The parsed number; a float's shortest text is the text it was parsed from.

    Returns:
        The decimal with the same digits: 54.04 gives 54.04, not its binary neighbour.
    """
    return number if isinstance(number, Decimal) else Decimal(repr(number))


def listed_items(*, order: Record, item_ids: Sequence[str]) -> list[Record] | None:
    """Return an order's items by id, one for each mention.

    Args:
        order: The order.
        item_ids: Item ids; an id listed twice needs two such items in the order.

    Returns:
        The items in the order of the list, None if the order does not have all of them.
    """
    left = list(order["items"])
    listed: list[Record] = []
    for item_id in item_ids:
        index = next((i for i, item in enumerate(left) if item["item_id"] == item_id), None)
        if index is None:
            return None
        listed.append(left.pop(index))
    return listed


def sum_listed_prices(*, order: Record, item_ids: Sequence[str]) -> Decimal | None:
    """Return the sum of the listed items' prices in dollars.

    Args:
        order: The order.
        item_ids: Item ids, duplicates counted.

    Returns:
        The exact sum, None if the order does not have all of them.
    """
    items = listed_items(order=order, item_ids=item_ids)
    return None if items is None else _sum_prices(items)


def original_payment_method_id(*, order: Record) -> str | None:
    """Return the id of the method of an order's first payment, None without a payment."""
    for entry in order["payment_history"]:
        if entry["transaction_type"] == "payment":
            return str(entry["payment_method_id"])
    return None


def sum_paid(*, order: Record) -> Decimal:
    """Return the sum of an order's payments in dollars, refunds not taken off."""
    return _sum_transactions(order=order, kind="payment")


def sum_refunded(*, order: Record) -> Decimal:
    """Return the sum of an order's refunds in dollars."""
    return _sum_transactions(order=order, kind="refund")


def payment_kind(*, user: Record, payment_method_id: str) -> PaymentKind | None:
    """Return the kind of a user's payment method, None if the user does not have it."""
    method = user["payment_methods"].get(payment_method_id)
    return None if method is None else PaymentKind(method["source"])


def gift_card_balance(*, user: Record, payment_method_id: str) -> Decimal | None:
    """Return the balance of a user's gift card in dollars.

    Returns:
        The exact balance, None if the user does not have the method or it is no gift card.
    """
    kind = payment_kind(user=user, payment_method_id=payment_method_id)
    if kind is not PaymentKind.GIFT_CARD:
        return None
    return exact_amount(number=user["payment_methods"][payment_method_id]["balance"])


def listed_variants(*, products: Sequence[Record], item_ids: Sequence[str]) -> list[Record] | None:
    """Return variants by item id.

    Args:
        products: Products, in any order.
        item_ids: Item ids, duplicates allowed.

    Returns:
        The variants in the order of the list, None if a product is missing for one.
    """
    known = {key: variant for one in products for key, variant in one["variants"].items()}
    if any(item_id not in known for item_id in item_ids):
        return None
    return [known[item_id] for item_id in item_ids]


def price_difference(
    *, order: Record, item_ids: Sequence[str], new_items: Sequence[Record]
) -> Decimal | None:
    """Return what the new items cost more than the listed ones, in dollars and cents.

    Args:
        order: The order.
        item_ids: Ids of the items to be given up, duplicates counted.
        new_items: The variants to be had instead, as many.

    Returns:
        New minus old, quantised to cents; negative when money goes back. None if the order does
        not have all items or the lists are of unequal length.
    """
    items = listed_items(order=order, item_ids=item_ids)
    if items is None or len(items) != len(new_items):
        return None
    difference = _sum_prices(new_items) - _sum_prices(items)
    return difference.quantize(_CENT, rounding=ROUND_HALF_EVEN)


def same_products(
    *,
    order: Record,
    item_ids: Sequence[str],
    new_item_ids: Sequence[str],
    products: Sequence[Record],
) -> bool | None:
    """Tell whether each new item is a variant of the product of the item in its place.

    Args:
        order: The order.
        item_ids: Ids of the items to be given up, duplicates counted.
        new_item_ids: Ids of the items to be had instead.
        products: The products of the listed items, in any order.

    Returns:
        The answer; False for lists of unequal length; None if the order does not have all items
        or a product is missing.
    """
    items = listed_items(order=order, item_ids=item_ids)
    known = {product["product_id"]: product for product in products}
    if items is None or any(item["product_id"] not in known for item in items):
        return None
    if len(items) != len(new_item_ids):
        return False
    return all(
        new_item_id in known[item["product_id"]]["variants"]
        for item, new_item_id in zip(items, new_item_ids, strict=True)
    )


def all_available(*, new_items: Sequence[Record]) -> bool:
    """Tell whether every one of these variants is available."""
    return all(variant["available"] is True for variant in new_items)


def new_items_fit(
    *,
    order: Record,
    item_ids: Sequence[str],
    new_item_ids: Sequence[str],
    products: Sequence[Record],
) -> bool | None:
    """Tell whether each new item is of the old one's product and available.

    Args:
        order: The order.
        item_ids: Ids of the items to be given up, duplicates counted.
        new_item_ids: Ids of the items to be had instead.
        products: The products of the listed items, in any order.

    Returns:
        The answer; None where `same_products` has none.
    """
    same = same_products(
        order=order, item_ids=item_ids, new_item_ids=new_item_ids, products=products
    )
    if not same:
        return same
    variants = listed_variants(products=products, item_ids=new_item_ids)
    return variants is not None and all_available(new_items=variants)


def had_item_change(*, order: Record) -> bool:
    """Tell whether the order's items were exchanged or modified before.

    Source:
        The store's policy: an exchange or a modification of items happens once per order.
    """
    return order["status"] in _ITEM_CHANGE_STATUSES or bool(order.get("exchange_items"))


def had_return(*, order: Record) -> bool:
    """Tell whether a return was requested for the order before."""
    return order["status"] == "return requested" or bool(order.get("return_items"))


def _sum_prices(entries: Sequence[Record]) -> Decimal:
    return sum((exact_amount(number=entry["price"]) for entry in entries), Decimal(0))


def _sum_transactions(*, order: Record, kind: str) -> Decimal:
    amounts = (
        exact_amount(number=entry["amount"])
        for entry in order["payment_history"]
        if entry["transaction_type"] == kind
    )
    return sum(amounts, Decimal(0))
