"""The store's operations that change its state.

They behave as the recorded system does, oddities included, because the recorded state hashes
depend on them. Every check comes before the first change, so a refusal changes nothing. What
no recorded call shows is marked as such in the docstring.
"""

import copy

from cases.tools.adapters.retail.checks import (
    GIFT_CARD,
    MODIFIED,
    delivered_order,
    ensure_covered,
    items_in_order,
    new_variants,
    payment_method_of,
    pending_order,
    raw_difference,
    settle,
)
from cases.tools.adapters.retail.lookups import find_user
from cases.tools.adapters.retail.types import Database, Record, RefusedError

CANCEL_REASONS = frozenset({"no longer needed", "ordered by mistake"})


def cancel_pending_order(*, database: Database, order_id: str, reason: str) -> Record:
    """Cancel a pending order and refund every payment to the method that paid it.

    The recorded system appends one refund per payment to the history and adds what a gift card
    paid to its balance at once.

    Args:
        database: The state; changed in place.
        order_id: The order, with its leading `#`.
        reason: `no longer needed` or `ordered by mistake`.

    Returns:
        The order afterwards.

    Raises:
        RefusedError: No such order, not pending, or another reason.
    """
    order = pending_order(database=database, order_id=order_id, act="cancelled")
    if reason not in CANCEL_REASONS:
        raise RefusedError("Invalid reason")
    payments = list(order["payment_history"])
    methods = [
        payment_method_of(
            database=database, order=order, payment_method_id=paid["payment_method_id"]
        )
        for paid in payments
    ]
    for paid, method in zip(payments, methods, strict=True):
        settle(order=order, method=method, kind="refund", amount=paid["amount"])
    order["status"] = "cancelled"
    order["cancel_reason"] = reason
    return copy.deepcopy(order)


def modify_pending_order_address(
    *,
    database: Database,
    order_id: str,
    address1: str,
    address2: str,
    city: str,
    state: str,
    country: str,
    zip: str,  # noqa: A002 - the operation's argument has this name
) -> Record:
    """Give a pending order another shipping address.

    Returns:
        The order afterwards.

    Raises:
        RefusedError: No such order, or not pending.
    """
    order = pending_order(database=database, order_id=order_id, act="modified", or_modified=True)
    order["address"] = {
        "address1": address1,
        "address2": address2,
        "city": city,
        "country": country,
        "state": state,
        "zip": zip,
    }
    return copy.deepcopy(order)


def modify_user_address(
    *,
    database: Database,
    user_id: str,
    address1: str,
    address2: str,
    city: str,
    state: str,
    country: str,
    zip: str,  # noqa: A002 - the operation's argument has this name
) -> Record:
    """Give a user another default address; orders keep theirs.

    Returns:
        The user afterwards.

    Raises:
        RefusedError: No such user.
    """
    user = find_user(database=database, user_id=user_id)
    user["address"] = {
        "address1": address1,
        "address2": address2,
        "city": city,
        "country": country,
        "state": state,
        "zip": zip,
    }
    return copy.deepcopy(user)


def modify_pending_order_payment(
    *, database: Database, order_id: str, payment_method_id: str
) -> Record:
    """Move the payment of a pending order to another method of its user.

    No recorded call shows this operation; it follows its description: the new payment and the
    refund of the old one are appended, and gift-card balances change at once.

    Returns:
        The order afterwards.

    Raises:
        RefusedError: No such order, not pending, not the user's method, more than one payment
            in the history, the same method, or too little on the gift card.
    """
    order = pending_order(database=database, order_id=order_id, act="modified", or_modified=True)
    method = payment_method_of(database=database, order=order, payment_method_id=payment_method_id)
    history = order["payment_history"]
    if len(history) != 1 or history[0]["transaction_type"] != "payment":
        raise RefusedError("Order must have exactly one payment")
    if history[0]["payment_method_id"] == payment_method_id:
        raise RefusedError("New payment method must differ from the current one")
    amount = history[0]["amount"]
    ensure_covered(method=method, amount=amount, purpose="order")
    previous = payment_method_of(
        database=database, order=order, payment_method_id=history[0]["payment_method_id"]
    )
    settle(order=order, method=method, kind="payment", amount=amount)
    settle(order=order, method=previous, kind="refund", amount=amount)
    return copy.deepcopy(order)


def modify_pending_order_items(
    *,
    database: Database,
    order_id: str,
    item_ids: list[str],
    new_item_ids: list[str],
    payment_method_id: str,
) -> Record:
    """Change items of a pending order to other variants of the same products, once.

    The recorded system shows three oddities, reproduced here: every changed item gets the price
    and the options of the *last* new variant in the list, though each gets its own new item id;
    the price difference is the raw floating-point sum, not rounded to cents; and it is appended
    to the payment history as one payment (if positive) or refund. A gift card's balance changes
    at once.

    Returns:
        The order afterwards, `pending (item modified)`.

    Raises:
        RefusedError: No such order, not pending, items not in it, unequal lists, a new item that
            is not an available variant of the same product, not the user's method, or too little
            on the gift card.
    """
    order = pending_order(database=database, order_id=order_id, act="modified")
    items = items_in_order(order=order, item_ids=item_ids)
    if any(old == new for old, new in zip(item_ids, new_item_ids, strict=False)):
        raise RefusedError("The new item must differ from the one it replaces")
    variants = new_variants(database=database, items=items, new_item_ids=new_item_ids)
    method = payment_method_of(database=database, order=order, payment_method_id=payment_method_id)
    difference = raw_difference(items=items, variants=variants)
    ensure_covered(method=method, amount=difference, purpose="price difference")
    kind = "payment" if difference > 0 else "refund"
    settle(order=order, method=method, kind=kind, amount=abs(difference))
    for item, variant in zip(items, variants, strict=True):
        item["item_id"] = variant["item_id"]
        item["price"] = variants[-1]["price"]
        item["options"] = copy.deepcopy(variants[-1]["options"])
    order["status"] = MODIFIED
    return copy.deepcopy(order)


def exchange_delivered_order_items(
    *,
    database: Database,
    order_id: str,
    item_ids: list[str],
    new_item_ids: list[str],
    payment_method_id: str,
) -> Record:
    """Request the exchange of delivered items for other variants of the same products.

    The recorded system notes both lists sorted, each by itself, so which item goes for which is
    lost; it rounds the price difference to cents and moves no money yet.

    Returns:
        The order afterwards, `exchange requested`.

    Raises:
        RefusedError: No such order, not delivered, items not in it, unequal lists, a new item that
            is not an available variant of the same product, not the user's method, or too little
            on the gift card.
    """
    order = delivered_order(database=database, order_id=order_id, act="exchanged")
    items = items_in_order(order=order, item_ids=item_ids)
    variants = new_variants(database=database, items=items, new_item_ids=new_item_ids)
    method = payment_method_of(database=database, order=order, payment_method_id=payment_method_id)
    difference = round(raw_difference(items=items, variants=variants), 2)
    ensure_covered(method=method, amount=difference, purpose="price difference")
    order["status"] = "exchange requested"
    order["exchange_items"] = sorted(item_ids)
    order["exchange_new_items"] = sorted(new_item_ids)
    order["exchange_payment_method_id"] = payment_method_id
    order["exchange_price_difference"] = difference
    return copy.deepcopy(order)


def return_delivered_order_items(
    *, database: Database, order_id: str, item_ids: list[str], payment_method_id: str
) -> Record:
    """Request the return of delivered items.

    The recorded system notes the items sorted and moves no money yet.

    Returns:
        The order afterwards, `return requested`.

    Raises:
        RefusedError: No such order, not delivered, neither the original payment method nor a gift
            card of the user, or items not in the order.
    """
    order = delivered_order(database=database, order_id=order_id, act="returned")
    method = payment_method_of(database=database, order=order, payment_method_id=payment_method_id)
    originals = {paid["payment_method_id"] for paid in order["payment_history"][:1]}
    if payment_method_id not in originals and method["source"] != GIFT_CARD:
        raise RefusedError("Payment method must be the original one or a gift card")
    items_in_order(order=order, item_ids=item_ids)
    order["status"] = "return requested"
    order["return_items"] = sorted(item_ids)
    order["return_payment_method_id"] = payment_method_id
    return copy.deepcopy(order)
