"""What each operation that changes something rests on, in whole sentences; pure.

A sentence is said only where the store's answers show it; a fact that no sentence covers is
listed by itself. What nobody can know from the store is said to be unknown.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from cases.tools.adapters.retail import facts
from cases.tools.adapters.retail.derived import PREFIX, price_difference
from cases.tools.adapters.retail.doubts import doubts_about
from cases.tools.adapters.retail.types import Json, Record
from cases.tools.adapters.retail.wording import counted, dollars
from cases.tools.registry import Ground, Grounds, GroundsFunction, Spoken

Answers = Mapping[str, Json]
Said = tuple[Spoken, ...]

_MOST_ADDED = 4
_BOTH = 2
_OWNED = ("order", "user")

NOBODY_SAW_THEM: Final = Ground(
    text="Condition of the items; nobody has seen them", source="no tool shows it", trust="unknown"
)
NO_DELIVERY_DATE: Final = Ground(
    text="Days since delivery", source="the order carries no date", trust="unknown"
)


def cancel_grounds(arguments: Answers, reads: Answers, spoken: Said) -> Grounds:
    """Say what cancelling a pending order rests on."""
    order = reads["order"]
    return Grounds(
        lines=(
            _status(arguments, order),
            *_paid_for(order),
            Ground(
                text=f"The customer's reason is “{arguments['reason']}”",
                facts=("cancel_reason",),
                source="arguments",
                trust="claimed",
            ),
        ),
        doubts=doubts_about(arguments=arguments, order=order, products=(), spoken=spoken),
    )


def return_grounds(arguments: Answers, reads: Answers, spoken: Said) -> Grounds:
    """Say what taking delivered items back rests on."""
    order, user = reads["order"], reads["user"]
    return Grounds(
        lines=(
            *_items_in_it(arguments, order),
            *_sum_of(arguments, order),
            *_route(arguments, order, user),
            *_never_before(order, ()),
            NOBODY_SAW_THEM,
            NO_DELIVERY_DATE,
        ),
        doubts=doubts_about(arguments=arguments, order=order, products=(), spoken=spoken),
    )


def exchange_grounds(arguments: Answers, reads: Answers, spoken: Said) -> Grounds:
    """Say what exchanging delivered items rests on."""
    found = modify_items_grounds(arguments, reads, spoken)
    lines = (*found.lines, NOBODY_SAW_THEM, NO_DELIVERY_DATE)
    return Grounds(lines=lines, doubts=found.doubts)


def modify_items_grounds(arguments: Answers, reads: Answers, spoken: Said) -> Grounds:
    """Say what changing the items of an order rests on."""
    order, products = reads["order"], reads["products"]
    return Grounds(
        lines=(
            *_items_in_it(arguments, order),
            *_variants(arguments, order, products),
            *_difference(arguments, reads),
            *_paying(arguments, reads),
            *_never_before(order, ("had_item_change", "had_return")),
        ),
        doubts=doubts_about(arguments=arguments, order=order, products=products, spoken=spoken),
    )


def order_address_grounds(arguments: Answers, reads: Answers, spoken: Said) -> Grounds:
    """Say what another shipping address rests on."""
    del spoken
    order = reads["order"]
    return Grounds(
        lines=(
            _status(arguments, order),
            Ground(text="Who lives at the new address", source="no tool shows it", trust="unknown"),
        )
    )


def payment_grounds(arguments: Answers, reads: Answers, spoken: Said) -> Grounds:
    """Say what another payment method for an order rests on."""
    del spoken
    order = reads["order"]
    lines = [_status(arguments, order), *_paid_for(order)]
    if [entry["transaction_type"] for entry in order["payment_history"]] == ["payment"]:
        text = "The order was paid once, and nothing was refunded"
        lines.append(Ground(text=text, facts=("one_payment",), shown_by=("order",)))
    return Grounds(lines=tuple(lines))


def _status(arguments: Answers, order: Record) -> Ground:
    text = f"Order {arguments['order_id']} is {order['status']}"
    return Ground(text=text, facts=("order_status",), shown_by=("order",))


def _items_in_it(arguments: Answers, order: Record) -> tuple[Ground, ...]:
    items = facts.listed_items(order=order, item_ids=arguments["item_ids"])
    if not items:
        return (_status(arguments, order),)
    number = len(items)
    which = {1: "the item is", _BOTH: "both items are"}.get(number, f"all {number} items are")
    return (
        Ground(
            text=f"Order {arguments['order_id']} is {order['status']}, and {which} in it",
            facts=("order_status", "items_in_order"),
            shown_by=("order",),
        ),
    )


def _prices(items: list[Record]) -> list[Decimal]:
    return [facts.exact_amount(number=item["price"]) for item in items]


def _added_up(prices: list[Decimal]) -> str:
    total = dollars(amount=sum(prices, Decimal(0)))
    if len(prices) == 1:
        return f"The price is {total}"
    if len(prices) > _MOST_ADDED:
        return f"{counted(number=len(prices), noun='price')} come to {total}"
    return f"{' + '.join(dollars(amount=price) for price in prices)} = {total}"


def _sum_of(arguments: Answers, order: Record) -> tuple[Ground, ...]:
    items = facts.listed_items(order=order, item_ids=arguments["item_ids"])
    if not items:
        return ()
    text = _added_up(_prices(items))
    return (Ground(text=text, facts=("amount_minor", "currency"), shown_by=("order",)),)


def _paid_for(order: Record) -> tuple[Ground, ...]:
    paid, prices = facts.sum_paid(order=order), _prices(order["items"])
    covers = ("amount_minor", "currency")
    if sum(prices, Decimal(0)) != paid:
        text = f"{dollars(amount=paid)} was paid for the order"
        return (Ground(text=text, facts=covers, shown_by=("order",)),)
    text = f"{_added_up(prices)}, which is what was paid"
    return (Ground(text=text, facts=covers, shown_by=("order",)),)


def _named(user: Record, method_id: str) -> str:
    """Return a method as the store names it, so that it can be compared: `PayPal paypal_1`."""
    method = user["payment_methods"].get(method_id)
    kinds = {"paypal": "PayPal", "gift_card": "Gift card", "credit_card": "Card"}
    return f"{kinds.get(method['source'], 'Method') if method else 'Method'} {method_id}"


def _route(arguments: Answers, order: Record, user: Record) -> tuple[Ground, ...]:
    method_id = arguments["payment_method_id"]
    paid = dollars(amount=facts.sum_paid(order=order))
    if method_id == facts.original_payment_method_id(order=order):
        text = f"{_named(user, method_id)} paid the order, {paid}"
        return (Ground(text=text, facts=("refund_route",), shown_by=("order",)),)
    kind = facts.payment_kind(user=user, payment_method_id=method_id)
    if kind is not facts.PaymentKind.GIFT_CARD:
        return ()
    text = f"{_named(user, method_id)} is the customer's own; another method paid the order"
    return (Ground(text=text, facts=("refund_route",), shown_by=_OWNED),)


def _never_before(order: Record, covers: tuple[str, ...]) -> tuple[Ground, ...]:
    if facts.had_item_change(order=order) or facts.had_return(order=order):
        return ()
    text = "No earlier return or exchange on this order"
    return (Ground(text=text, facts=covers, shown_by=("order",)),)


def _variants(arguments: Answers, order: Record, products: list[Record]) -> tuple[Ground, ...]:
    old, new = arguments["item_ids"], arguments["new_item_ids"]
    fit = facts.new_items_fit(order=order, item_ids=old, new_item_ids=new, products=products)
    if not fit or any(one == other for one, other in zip(old, new, strict=False)):
        return ()
    text = (
        "The new item is another variant of the same product, and available"
        if len(new) == 1
        else "Each new item is another variant of the same product, and available"
    )
    covers = ("same_products", "new_items_available", "new_items_differ")
    return (Ground(text=text, facts=covers, shown_by=("order", "products")),)


def _difference(arguments: Answers, reads: Answers) -> tuple[Ground, ...]:
    difference = price_difference(arguments=arguments, reads=reads)
    items = facts.listed_items(order=reads["order"], item_ids=arguments["item_ids"])
    if difference is None or not items:
        return ()
    old = sum(_prices(items), Decimal(0))
    text = (
        f"The new cost {dollars(amount=old + difference)}, the old {dollars(amount=old)}: "
        f"{_who_pays(difference)}"
    )
    covers = ("price_difference_minor", "goods_minor", "amount_minor", "currency")
    return (Ground(text=text, facts=covers, shown_by=("order", "products")),)


def _who_pays(difference: Decimal) -> str:
    if difference > 0:
        return f"the customer pays {dollars(amount=difference)}"
    if difference < 0:
        return f"the customer gets {dollars(amount=-difference)} back"
    return "no money moves"


def _paying(arguments: Answers, reads: Answers) -> tuple[Ground, ...]:
    user, method_id = reads["user"], arguments["payment_method_id"]
    if facts.payment_kind(user=user, payment_method_id=method_id) is None:
        return ()
    text, covers = f"{_named(user, method_id)} is the customer's own", ["own_payment_method"]
    balance = facts.gift_card_balance(user=user, payment_method_id=method_id)
    difference = price_difference(arguments=arguments, reads=reads)
    if balance is not None and difference is not None and balance >= difference:
        text += f", with {dollars(amount=balance)} on it"
        covers.append("gift_card_covers")
    return (Ground(text=text, facts=tuple(covers), shown_by=("user",)),)


_GROUNDS: Mapping[str, Callable[[Answers, Answers, Said], Grounds]] = {
    "cancel_grounds": cancel_grounds,
    "return_grounds": return_grounds,
    "exchange_grounds": exchange_grounds,
    "modify_items_grounds": modify_items_grounds,
    "order_address_grounds": order_address_grounds,
    "payment_grounds": payment_grounds,
}

#: Under these names tool documents name the functions.
GROUNDS: Final[Mapping[str, GroundsFunction]] = {
    f"{PREFIX}{name}": grounds for name, grounds in _GROUNDS.items()
}
