"""What stands in the store now and after an operation, row by row; pure."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from cases.tools.adapters.retail import facts
from cases.tools.adapters.retail.derived import PREFIX, price_difference
from cases.tools.adapters.retail.types import Json, Record
from cases.tools.adapters.retail.wording import (
    address_line,
    counted,
    dollars,
    item_line,
    item_phrase,
    lines,
    method_phrase,
)
from cases.tools.registry import BeforeAfterFunction, BeforeAfterRow

Answers = Mapping[str, Json]
Rows = tuple[BeforeAfterRow, ...]


def cancel_rows(arguments: Answers, reads: Answers) -> Rows | None:
    """Compare a pending order with the cancelled one."""
    if "order" not in reads or "user" not in reads:
        return None
    order, user = reads["order"], reads["user"]
    refunds = [
        f"{dollars(amount=facts.exact_amount(number=paid['amount']))} to "
        + method_phrase(user=user, order=order, method_id=paid["payment_method_id"])
        for paid in order["payment_history"]
        if paid["transaction_type"] == "payment"
    ]
    return (
        BeforeAfterRow("Order status", order["status"], "cancelled"),
        BeforeAfterRow("Reason", "none", str(arguments["reason"])),
        BeforeAfterRow("Refund", "none", lines(items=refunds) or "none"),
        BeforeAfterRow("Still coming", _whole(order), "nothing"),
    )


def return_rows(arguments: Answers, reads: Answers) -> Rows | None:
    """Compare a delivered order with the one whose return is requested."""
    split = _split(arguments, reads)
    if split is None or "user" not in reads:
        return None
    order, (going, staying) = reads["order"], split
    total = sum((facts.exact_amount(number=item["price"]) for item in going), Decimal(0))
    method_id = arguments["payment_method_id"]
    method = method_phrase(user=reads["user"], order=order, method_id=method_id)
    return (
        BeforeAfterRow("Order status", order["status"], "return requested"),
        BeforeAfterRow("Coming back", "nothing", _item_lines(going)),
        BeforeAfterRow("Refund", "none", f"{dollars(amount=total)} to {method} ({method_id})"),
        BeforeAfterRow("Stays with customer", _whole(order), _rest(staying, order)),
        BeforeAfterRow(
            "Customer is told", "nothing yet", "email with return instructions, sent by the store"
        ),
    )


def exchange_rows(arguments: Answers, reads: Answers) -> Rows | None:
    """Compare a delivered order with the one whose exchange is requested."""
    changed = _changed(arguments, reads)
    if changed is None:
        return None
    return (
        BeforeAfterRow("Order status", reads["order"]["status"], "exchange requested"),
        *changed,
        BeforeAfterRow(
            "Customer is told", "nothing yet", "email with return instructions, sent by the store"
        ),
    )


def modify_items_rows(arguments: Answers, reads: Answers) -> Rows | None:
    """Compare a pending order with the one whose items are changed."""
    changed = _changed(arguments, reads)
    if changed is None:
        return None
    status = BeforeAfterRow(
        "Order status", reads["order"]["status"], "pending (item modified), closed to changes"
    )
    return (status, *changed)


def _changed(arguments: Answers, reads: Answers) -> Rows | None:
    split = _split(arguments, reads)
    if split is None or "user" not in reads or "products" not in reads:
        return None
    order, (going, staying) = reads["order"], split
    variants = facts.listed_variants(products=reads["products"], item_ids=arguments["new_item_ids"])
    difference = price_difference(arguments=arguments, reads=reads)
    if variants is None or difference is None:
        return None
    coming = [
        item_line(item=variant, name=str(item["name"]))
        for item, variant in zip(going, variants, strict=True)
    ]
    method_id = arguments["payment_method_id"]
    method = method_phrase(user=reads["user"], order=order, method_id=method_id)
    return (
        BeforeAfterRow("Items", _item_lines(going), lines(items=coming)),
        BeforeAfterRow("Price difference", "none", _money(difference, f"{method} ({method_id})")),
        BeforeAfterRow("Stays as it is", _whole(order), _rest(staying, order)),
    )


def order_address_rows(arguments: Answers, reads: Answers) -> Rows | None:
    """Compare an order's shipping address with the new one."""
    if "order" not in reads:
        return None
    order = reads["order"]
    return (
        BeforeAfterRow("Order status", order["status"], order["status"]),
        BeforeAfterRow(
            "Goes to", address_line(address=order["address"]), address_line(address=arguments)
        ),
    )


def user_address_rows(arguments: Answers, reads: Answers) -> Rows | None:
    """Compare a customer's default address with the new one."""
    if "user" not in reads:
        return None
    now = address_line(address=reads["user"]["address"])
    return (BeforeAfterRow("Default address", now, address_line(address=arguments)),)


def payment_rows(arguments: Answers, reads: Answers) -> Rows | None:
    """Compare an order's payment with the new one."""
    if "order" not in reads or "user" not in reads:
        return None
    order, user = reads["order"], reads["user"]
    paid = dollars(amount=facts.sum_paid(order=order))
    old_id = facts.original_payment_method_id(order=order) or ""
    old = method_phrase(user=user, order=None, method_id=old_id)
    new_id = arguments["payment_method_id"]
    new = method_phrase(user=user, order=None, method_id=new_id)
    return (
        BeforeAfterRow("Order status", order["status"], order["status"]),
        BeforeAfterRow("Paid with", f"{paid} from {old}", f"{paid} from {new} ({new_id})"),
        BeforeAfterRow("Refund", "none", f"{paid} to {old} ({old_id})"),
    )


def _split(arguments: Answers, reads: Answers) -> tuple[list[Record], list[Record]] | None:
    """Return the listed items of the order and the others."""
    if "order" not in reads:
        return None
    order = reads["order"]
    going = facts.listed_items(order=order, item_ids=arguments["item_ids"])
    if not going:
        return None
    staying = list(order["items"])
    for item in going:
        staying.remove(item)
    return going, staying


def _money(difference: Decimal, method: str) -> str:
    if difference == 0:
        return "none"
    if difference > 0:
        return f"{dollars(amount=difference)} charged to {method}"
    return f"{dollars(amount=-difference)} refunded to {method}"


def _item_lines(items: list[Record]) -> str:
    return lines(items=[item_line(item=item, name=str(item["name"])) for item in items])


def _worth(items: list[Record]) -> str:
    total = sum((facts.exact_amount(number=item["price"]) for item in items), Decimal(0))
    return f"{counted(number=len(items), noun='item')}, {dollars(amount=total)}"


def _whole(order: Record) -> str:
    return _worth(order["items"])


def _rest(staying: list[Record], order: Record) -> str:
    if not staying:
        return "nothing"
    return f"{_worth(staying)}: {item_phrase(items=staying, among=order['items'])}"


_ROWS: Mapping[str, Callable[[Answers, Answers], Rows | None]] = {
    "cancel_rows": cancel_rows,
    "return_rows": return_rows,
    "exchange_rows": exchange_rows,
    "modify_items_rows": modify_items_rows,
    "order_address_rows": order_address_rows,
    "user_address_rows": user_address_rows,
    "payment_rows": payment_rows,
}

#: Under these names tool documents name the functions.
ROWS: Final[Mapping[str, BeforeAfterFunction]] = {
    f"{PREFIX}{name}": rows for name, rows in _ROWS.items()
}
