"""Words for the store's items, payment methods, addresses and amounts; pure.

The words go into the view an approver's vote is bound to, so they are not translated.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from cases.tools.adapters.retail import facts
from cases.tools.adapters.retail.types import Json, Record

_NAMED = {"credit_card": "card", "gift_card": "gift card", "paypal": "PayPal account"}
_BRANDS = {"mastercard": "Mastercard", "visa": "Visa"}
_MOST_NAMED = 3
_COUNTS = {2: "two", 3: "three", 4: "four", 5: "five"}
#: Values that say nothing without the name of their option.
_UNTELLING = frozenset({"yes", "no", "none"})


def dollars(*, amount: Decimal) -> str:
    """Return an amount as people write it: `$1,126.04`."""
    cents = amount.quantize(Decimal("0.01"))
    return f"-${-cents:,}" if cents < 0 else f"${cents:,}"


def customer_name(*, user: Record) -> str:
    """Return the customer's name as the profile has it."""
    return f"{user['name']['first_name']} {user['name']['last_name']}"


def counted(*, number: int, noun: str) -> str:
    """Return a number with its noun: `1 item`, `5 items`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def several(*, number: int, name: str) -> str:
    """Return how many of a product there are, as people say it: `two vacuum cleaners`."""
    lowered = _lower(name)
    ending = {"ch": "es", "ss": "es"}.get(lowered[-2:], "s")
    if lowered.endswith("s") and not lowered.endswith("ss"):
        ending = ""
    if lowered.endswith("shelf"):
        lowered, ending = lowered[:-1], "ves"
    return f"{_COUNTS.get(number, str(number))} {lowered}{ending}"


def joined(*, words: Sequence[str]) -> str:
    """Return a list as a phrase: `a`, `a and b`, `a, b and c`."""
    if len(words) < 2:  # noqa: PLR2004 - two words are the least that need joining
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def item_names(*, items: Sequence[Record], among: Sequence[Record]) -> list[str]:
    """Return short names that tell items of one product apart.

    Args:
        items: The items to name.
        among: All items they could be mistaken for, themselves included.

    Returns:
        `air purifier`, or `vacuum cleaner (robotic)` where the order has another one.
    """
    return [_short_name(item, among) for item in items]


def _short_name(item: Record, among: Sequence[Record]) -> str:
    name = _lower(str(item["name"]))
    others = [one for one in among if one["name"] == item["name"] and one != item]
    telling = [
        f"{option} {value}" if value in _UNTELLING else str(value)
        for option, value in item["options"].items()
        if any(one["options"].get(option) != value for one in others)
    ]
    return f"{name} ({', '.join(telling)})" if telling else name


def _lower(name: str) -> str:
    """Lower a name's words unless they are written in a way of their own, such as `LED`."""
    return " ".join(word.lower() if word.istitle() else word for word in name.split(" "))


def item_phrase(*, items: Sequence[Record], among: Sequence[Record], article: str = "") -> str:
    """Return the items as a phrase, at most three by name.

    Args:
        items: The items to name.
        among: All items they could be mistaken for.
        article: Such as `the`, set before each name; empty for none.
    """
    counts = Counter(item_names(items=items, among=among))
    words = [
        f"{times} times {name}" if times > 1 else f"{article} {name}".strip()
        for name, times in counts.items()
    ]
    if len(words) > _MOST_NAMED:
        left = len(words) - _MOST_NAMED + 1
        words = [*words[: _MOST_NAMED - 1], counted(number=left, noun="other item")]
    return joined(words=words)


def item_line(*, item: Record, name: str) -> str:
    """Return one item with options, id and price, for a table.

    Args:
        item: An item of an order, or a variant.
        name: The product's name; a variant has none of its own.
    """
    options = ", ".join(str(value) for value in item["options"].values())
    price = dollars(amount=facts.exact_amount(number=item["price"]))
    return f"{name}, {options} ({item['item_id']}) {price}"


def method_phrase(*, user: Record, order: Record | None, method_id: str) -> str:
    """Return a payment method in words: `the PayPal account that paid`.

    Args:
        user: Whose method it is.
        order: The order it may have paid; None where that does not matter.
        method_id: The method's id.
    """
    method: Mapping[str, Json] | None = user["payment_methods"].get(method_id)
    if method is None:
        return f"a payment method the customer does not have ({method_id})"
    words = f"the {_NAMED.get(method['source'], 'payment method')}"
    if method["source"] == facts.PaymentKind.CREDIT_CARD:
        brand = _BRANDS.get(str(method["brand"]), str(method["brand"]))
        words = f"the {brand} ending in {method['last_four']}"
    if order is not None and facts.original_payment_method_id(order=order) == method_id:
        words = f"{words} that paid"
    return words


def method_kind(*, user: Record, method_id: str) -> str:
    """Return a payment method in the fewest words, for lists: `the gift card`, `PayPal`."""
    method: Mapping[str, Json] | None = user["payment_methods"].get(method_id)
    if method is None:
        return "a method they do not have"
    if method["source"] == facts.PaymentKind.PAYPAL:
        return "PayPal"
    return f"the {_NAMED.get(method['source'], 'payment method')}"


def paid_by(*, user: Record, order: Record, method_id: str) -> str:
    """Return a method's kind and whether it is the one that paid: `PayPal, which paid`."""
    kind = method_kind(user=user, method_id=method_id)
    paid = facts.original_payment_method_id(order=order) == method_id
    return f"{kind}, which paid" if paid else f"{kind}, which did not pay"


def address_line(*, address: Mapping[str, Json]) -> str:
    """Return an address on one line."""
    street = ", ".join(str(address[key]) for key in ("address1", "address2") if address.get(key))
    return f"{street}, {address['city']}, {address['state']} {address['zip']}, {address['country']}"


def lines(*, items: Sequence[str]) -> str:
    """Return several lines for one cell of a table."""
    return "\n".join(items)
