"""What each operation that changes something will do, in words; pure.

Each function takes the arguments and the answers by read, in the shape that
``cases.tools.registry`` describes; None says that they do not suffice for a sentence.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from cases.tools.adapters.retail import facts
from cases.tools.adapters.retail.derived import PREFIX, price_difference
from cases.tools.adapters.retail.types import Json, Record
from cases.tools.adapters.retail.wording import (
    counted,
    customer_name,
    dollars,
    item_phrase,
    method_kind,
    method_phrase,
    paid_by,
)
from cases.tools.registry import EffectFunction, EffectText, Flow

Answers = Mapping[str, Json]

_MOST_IN_TITLE = 2

LEAVES: Final = (
    "the order leaves “delivered”, and only delivered orders can be returned or exchanged."
)
ONLY_ONCE: Final = "An order can be returned or exchanged only once."
NO_MORE_RETURNS: Final = f"After this, no tool can return or exchange anything else of it: {LEAVES}"
NO_MORE_CHANGES: Final = (
    "After this, no tool can change or cancel the order: its items can be changed only once."
)


def cancel_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what cancelling a pending order does."""
    order, user = _record(reads, "order"), _record(reads, "user")
    if order is None or user is None:
        return None
    paid = dollars(amount=facts.sum_paid(order=order))
    method_id = facts.original_payment_method_id(order=order) or ""
    method = method_phrase(user=user, order=None, method_id=method_id)
    name, number = customer_name(user=user), arguments["order_id"]
    items = counted(number=len(order["items"]), noun="item")
    return EffectText(
        title=f"Cancel order {number} and refund {method_kind(user=user, method_id=method_id)}",
        detail=f"{name} · {items} · “{arguments['reason']}”",
        sentence=f"Cancel order {number} and refund {name} {paid} to {method} that paid.",
        closes_off="A cancelled order cannot be opened again.",
        money=Flow.TO_CUSTOMER,
    )


def return_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what taking delivered items back does."""
    order, user = _record(reads, "order"), _record(reads, "user")
    items = _listed(order, arguments)
    if order is None or user is None or items is None:
        return None
    total = facts.sum_listed_prices(order=order, item_ids=arguments["item_ids"])
    if total is None:
        return None
    every, name, number = order["items"], customer_name(user=user), arguments["order_id"]
    method = method_phrase(user=user, order=order, method_id=arguments["payment_method_id"])
    share = f"{len(items)} of {counted(number=len(every), noun='item')}"
    return EffectText(
        title=_title("Take back", items, every, number, "from"),
        detail=f"{name} · {share} · to {_paid_by(arguments, order, user)}",
        sentence=(
            f"Take back {item_phrase(items=items, among=every, article='the')} from order "
            f"{number} and refund {name} {dollars(amount=total)} to {method}."
        ),
        closes_off=closes_off_of(items=items, among=every),
        money=Flow.TO_CUSTOMER,
    )


def closes_off_of(*, items: Sequence[Record], among: Sequence[Record]) -> str:
    """Return what a return closes off: nothing that stays can be returned later.

    Args:
        items: The items that come back.
        among: All items of the order.
    """
    left = len(among) - len(items)
    if not left:
        return "Nothing of the order stays with the customer. " + ONLY_ONCE
    stay = "The other item stays" if left == 1 else f"The {left} other items stay"
    them = "it" if left == 1 else "them"
    return f"{stay} with the customer. After this, no tool can return or exchange {them}: {LEAVES}"


def _title(verb: str, items: list[Record], every: list[Record], number: str, at: str) -> str:
    """Return the short line of a list: all by number, many by share, few by name."""
    if len(items) == len(every) > 1:
        return f"{verb} all {len(every)} items of {number}"
    if len(items) > _MOST_IN_TITLE:
        return f"{verb} {len(items)} of {counted(number=len(every), noun='item')} {at} {number}"
    if len(items) == 1:
        return f"{verb} {item_phrase(items=items, among=every, article='the')} {at} {number}"
    return f"{verb} {item_phrase(items=items, among=every)}, {number}"


def exchange_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what exchanging delivered items does."""
    return _item_change(arguments, reads, verb="Exchange", closes_off=NO_MORE_RETURNS)


def modify_items_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what changing the items of a pending order does."""
    return _item_change(arguments, reads, verb="Change", closes_off=NO_MORE_CHANGES)


def _item_change(
    arguments: Answers, reads: Answers, *, verb: str, closes_off: str
) -> EffectText | None:
    order, user = _record(reads, "order"), _record(reads, "user")
    items = _listed(order, arguments)
    if order is None or user is None or items is None or "products" not in reads:
        return None
    difference = price_difference(arguments=arguments, reads=reads)
    worth = facts.sum_listed_prices(order=order, item_ids=arguments["item_ids"])
    if difference is None or worth is None:
        return None
    every, name, number = order["items"], customer_name(user=user), arguments["order_id"]
    method = method_phrase(user=user, order=order, method_id=arguments["payment_method_id"])
    if difference > 0:
        money, flow = f"charge {name} {dollars(amount=difference)} to {method}", Flow.FROM_CUSTOMER
    elif difference < 0:
        money, flow = f"refund {name} {dollars(amount=-difference)} to {method}", Flow.TO_CUSTOMER
    else:
        money, flow = f"move no money, since both cost {name} the same", Flow.NONE
    what = item_phrase(items=items, among=every, article="the")
    variants = "another variant" if len(items) == 1 else "other variants"
    return EffectText(
        title=_title(verb, items, every, number, "of"),
        detail=(
            f"{name} · goods worth {dollars(amount=worth)} · {_paid_by(arguments, order, user)}"
        ),
        sentence=(
            f"{verb} {what} of order {number} for {variants} of the same product and {money}."
        ),
        closes_off=closes_off,
        money=flow,
    )


def order_address_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what another shipping address for a pending order does."""
    order, user = _record(reads, "order"), _record(reads, "user")
    if order is None or user is None:
        return None
    number, name = arguments["order_id"], customer_name(user=user)
    where = f"{arguments['address1']} in {arguments['city']}, {arguments['state']}"
    return EffectText(
        title=f"Change delivery address of {number} to {arguments['city']}",
        detail=f"{name} · {arguments['address1']}",
        sentence=f"Send order {number} of {name} to {where} instead of {_place(order)}.",
        money=Flow.NONE,
    )


def user_address_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what another default address of a customer does."""
    user = _record(reads, "user")
    if user is None:
        return None
    name = customer_name(user=user)
    where = f"{arguments['address1']} in {arguments['city']}, {arguments['state']}"
    return EffectText(
        title=f"Change the default address of {name} to {arguments['city']}",
        detail=f"{name} · {arguments['address1']}",
        sentence=(
            f"Make {where} the default address of {name} instead of {_place(user)}; "
            "orders already placed keep theirs."
        ),
        money=Flow.NONE,
    )


def payment_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what another payment method for a pending order does."""
    order, user = _record(reads, "order"), _record(reads, "user")
    if order is None or user is None:
        return None
    number, name = arguments["order_id"], customer_name(user=user)
    new = method_phrase(user=user, order=None, method_id=arguments["payment_method_id"])
    old_id = facts.original_payment_method_id(order=order) or ""
    old = method_phrase(user=user, order=None, method_id=old_id)
    paid = dollars(amount=facts.sum_paid(order=order))
    return EffectText(
        title=f"Pay order {number} with {new}",
        detail=f"{name} · {paid} · instead of {old}",
        sentence=(
            f"Charge {name} {paid} for order {number} to {new} and refund the same to {old}."
        ),
        money=Flow.BOTH_WAYS,
    )


def transfer_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what handing the customer to a person does."""
    del arguments, reads
    return EffectText(
        title="Hand the customer to a person",
        detail="with the whole story so far",
        sentence="Hand the case to a person, with everything known so far.",
        money=Flow.NONE,
    )


def _paid_by(arguments: Answers, order: Record, user: Record) -> str:
    return paid_by(user=user, order=order, method_id=arguments["payment_method_id"])


def _record(reads: Answers, name: str) -> Record | None:
    value = reads.get(name)
    return value if isinstance(value, dict) else None


def _listed(order: Record | None, arguments: Answers) -> list[Record] | None:
    if order is None:
        return None
    return facts.listed_items(order=order, item_ids=arguments["item_ids"]) or None


def _place(record: Record) -> str:
    address = record["address"]
    return f"{address['address1']} in {address['city']}, {address['state']}"


_EFFECTS: Mapping[str, Callable[[Answers, Answers], EffectText | None]] = {
    "cancel_effect": cancel_effect,
    "return_effect": return_effect,
    "exchange_effect": exchange_effect,
    "modify_items_effect": modify_items_effect,
    "order_address_effect": order_address_effect,
    "user_address_effect": user_address_effect,
    "payment_effect": payment_effect,
    "transfer_effect": transfer_effect,
}

#: Under these names tool documents name the functions.
EFFECTS: Final[Mapping[str, EffectFunction]] = {
    f"{PREFIX}{name}": effect for name, effect in _EFFECTS.items()
}
