"""Facts that policies name and that follow from the store's answers; pure.

Each function takes the arguments, the answers by read and the facts of the case, in the shape
that ``cases.tools.registry`` describes. An answer that was not to be had makes the fact
unknown; an unknown fact fires every row that names it, so nothing passes for want of an answer.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from cases.tools.adapters.retail import facts
from cases.tools.adapters.retail.types import Json, Record
from cases.tools.registry import NOT_APPLICABLE, UNKNOWN, EachFunction, FactFunction

Answers = Mapping[str, Json]
Compute = Callable[[Answers, Answers, Answers], Json]

CURRENCY: Final = "USD"
PREFIX: Final = "retail."


def minor_units(*, amount: Decimal) -> int:
    """Return an amount of dollars in cents.

    Args:
        amount: Dollars; fractions of a cent are rounded half to even, as the store does.
    """
    return int((amount * 100).to_integral_value())


def order_owner_is_customer(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether the order that was read is the verified customer's own."""
    del arguments
    return _same_customer(reads["order"].get("user_id"), case)


def user_is_customer(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether the user named in the arguments is the verified customer."""
    del reads
    return _same_customer(arguments.get("user_id"), case)


def _same_customer(user_id: Json, case: Answers) -> Json:
    """Compare; until the customer is known there is nothing to compare with."""
    ref = case.get("customer_ref")
    return NOT_APPLICABLE if not ref else ref == user_id


def currency(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Return the store's only currency."""
    del arguments, reads, case
    return CURRENCY


def paid_minor(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Return what was paid for the order."""
    del arguments, case
    return minor_units(amount=facts.sum_paid(order=reads["order"]))


def listed_minor(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Return what the listed items cost together."""
    del case
    total = facts.sum_listed_prices(order=reads["order"], item_ids=arguments["item_ids"])
    return UNKNOWN if total is None else minor_units(amount=total)


def difference_minor(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Return what the new items cost more; below zero when money goes back."""
    del case
    difference = price_difference(arguments=arguments, reads=reads)
    return UNKNOWN if difference is None else minor_units(amount=difference)


def moved_minor(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Return how much money an item change moves, in either direction."""
    difference = difference_minor(arguments, reads, case)
    return abs(difference) if isinstance(difference, int) else difference


def price_difference(*, arguments: Answers, reads: Answers) -> Decimal | None:
    """Return new minus old in dollars, None where it cannot be known.

    Args:
        arguments: With ``item_ids`` and ``new_item_ids``.
        reads: With ``order`` and ``products``, the products of the listed items.
    """
    items = facts.listed_variants(products=reads["products"], item_ids=arguments["new_item_ids"])
    if items is None:
        return None
    return facts.price_difference(
        order=reads["order"], item_ids=arguments["item_ids"], new_items=items
    )


def items_in_order(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether the order has every listed item, as often as it is listed."""
    del case
    items = facts.listed_items(order=reads["order"], item_ids=arguments["item_ids"])
    return bool(items)


def same_products(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether each new item is a variant of the product of the item in its place."""
    del case
    same = facts.same_products(
        order=reads["order"],
        item_ids=arguments["item_ids"],
        new_item_ids=arguments["new_item_ids"],
        products=reads["products"],
    )
    return UNKNOWN if same is None else same


def new_items_available(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether every new item is available."""
    del case
    items = facts.listed_variants(products=reads["products"], item_ids=arguments["new_item_ids"])
    return UNKNOWN if items is None else facts.all_available(new_items=items)


def new_items_differ(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether each new item is another than the one in its place."""
    del reads, case
    pairs = zip(arguments["item_ids"], arguments["new_item_ids"], strict=False)
    return all(old != new for old, new in pairs)


def refund_route(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Return ``original``, ``gift_card``, ``other``, or ``not_theirs`` for a refund's method."""
    del case
    method = arguments["payment_method_id"]
    if method == facts.original_payment_method_id(order=reads["order"]):
        return "original"
    kind = facts.payment_kind(user=reads["user"], payment_method_id=method)
    if kind is None:
        return "not_theirs"
    return "gift_card" if kind is facts.PaymentKind.GIFT_CARD else "other"


def method_is_theirs(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether the customer has the payment method."""
    del case
    kind = facts.payment_kind(user=reads["user"], payment_method_id=arguments["payment_method_id"])
    return kind is not None


def method_differs(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether the payment method is another than the one that paid."""
    del case
    original = facts.original_payment_method_id(order=reads["order"])
    return UNKNOWN if original is None else original != arguments["payment_method_id"]


def gift_card_covers_difference(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether a gift card has the price difference; other methods have no balance."""
    del case
    return _covered(arguments, reads, price_difference(arguments=arguments, reads=reads))


def gift_card_covers_order(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether a gift card has what was paid for the order."""
    del case
    return _covered(arguments, reads, facts.sum_paid(order=reads["order"]))


def _covered(arguments: Answers, reads: Answers, amount: Decimal | None) -> Json:
    balance = facts.gift_card_balance(
        user=reads["user"], payment_method_id=arguments["payment_method_id"]
    )
    if balance is None:
        return NOT_APPLICABLE
    return UNKNOWN if amount is None else balance >= amount


def had_item_change(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether the order's items were exchanged or modified before."""
    del arguments, case
    return facts.had_item_change(order=reads["order"])


def had_return(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether a return was requested for the order before."""
    del arguments, case
    return facts.had_return(order=reads["order"])


def one_payment(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether the order was paid once and nothing was refunded."""
    del arguments, case
    history: list[Record] = reads["order"]["payment_history"]
    return [entry["transaction_type"] for entry in history] == ["payment"]


def products_of_items(arguments: Answers, reads: Answers) -> list[Json]:
    """Return the product ids of the listed items, each once, in the order of the list."""
    items = facts.listed_items(order=reads["order"], item_ids=arguments["item_ids"]) or []
    return list(dict.fromkeys(item["product_id"] for item in items))


def _fact(compute: Compute, type_: str, meaning: str, unit: str = "") -> FactFunction:
    return FactFunction(compute=compute, type=type_, unit=unit, meaning=meaning)


_CENTS = "minor units"

#: Under these names tool documents name the functions.
FACTS: Final[Mapping[str, FactFunction]] = {
    f"{PREFIX}order_owner_is_customer": _fact(
        order_owner_is_customer, "boolean", "The order belongs to the verified customer."
    ),
    f"{PREFIX}user_is_customer": _fact(
        user_is_customer, "boolean", "The profile is the verified customer's own."
    ),
    f"{PREFIX}currency": _fact(currency, "text", "The store's currency."),
    f"{PREFIX}paid_minor": _fact(paid_minor, "number", "What was paid for the order.", _CENTS),
    f"{PREFIX}listed_minor": _fact(
        listed_minor, "number", "What the listed items cost together.", _CENTS
    ),
    f"{PREFIX}difference_minor": _fact(
        difference_minor, "number", "What the new items cost more; below zero is a refund.", _CENTS
    ),
    f"{PREFIX}moved_minor": _fact(
        moved_minor, "number", "How much money the item change moves, either way.", _CENTS
    ),
    f"{PREFIX}items_in_order": _fact(
        items_in_order, "boolean", "The order has every listed item, as often as listed."
    ),
    f"{PREFIX}same_products": _fact(
        same_products, "boolean", "Each new item is a variant of the product in its place."
    ),
    f"{PREFIX}new_items_available": _fact(
        new_items_available, "boolean", "Every new item is available."
    ),
    f"{PREFIX}new_items_differ": _fact(
        new_items_differ, "boolean", "Each new item is another than the one in its place."
    ),
    f"{PREFIX}refund_route": _fact(
        refund_route,
        "text",
        "Where a refund goes: original, gift_card, other, or not_theirs.",
    ),
    f"{PREFIX}method_is_theirs": _fact(
        method_is_theirs, "boolean", "The customer has the payment method."
    ),
    f"{PREFIX}method_differs": _fact(
        method_differs, "boolean", "The payment method is another than the one that paid."
    ),
    f"{PREFIX}gift_card_covers_difference": _fact(
        gift_card_covers_difference, "boolean", "The gift card has the price difference."
    ),
    f"{PREFIX}gift_card_covers_order": _fact(
        gift_card_covers_order, "boolean", "The gift card has what was paid for the order."
    ),
    f"{PREFIX}had_item_change": _fact(
        had_item_change, "boolean", "The order's items were exchanged or modified before."
    ),
    f"{PREFIX}had_return": _fact(
        had_return, "boolean", "A return was requested for the order before."
    ),
    f"{PREFIX}one_payment": _fact(
        one_payment, "boolean", "The order was paid once and nothing was refunded."
    ),
}

#: Under these names tool documents name what a read is repeated for.
EACH: Final[Mapping[str, EachFunction]] = {f"{PREFIX}products_of_items": products_of_items}
