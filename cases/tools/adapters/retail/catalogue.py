"""The facts that the retail pack's tools declare, as policies name them; pure."""

from typing import Final

from governance.policies.catalogue import FactSpec, FactType

_CENTS = "minor units"
_STATUSES = (
    "pending",
    "pending (item modified)",
    "processed",
    "delivered",
    "cancelled",
    "exchange requested",
    "return requested",
)

FACT_SPECS: Final[tuple[FactSpec, ...]] = (
    FactSpec("order_status", FactType.TEXT, "", "Status of the order in the store.", _STATUSES),
    FactSpec("own_order", FactType.FLAG, "", "The order belongs to the verified customer."),
    FactSpec("own_profile", FactType.FLAG, "", "The profile is the verified customer's own."),
    FactSpec("cancel_reason", FactType.TEXT, "", "Why the order shall be cancelled."),
    FactSpec(
        "items_in_order", FactType.FLAG, "", "The order has every listed item, as often as listed."
    ),
    FactSpec(
        "refund_route",
        FactType.TEXT,
        "",
        "Where a refund goes.",
        ("original", "gift_card", "other", "not_theirs"),
    ),
    FactSpec(
        "same_products", FactType.FLAG, "", "Each new item is a variant of the product replaced."
    ),
    FactSpec("new_items_available", FactType.FLAG, "", "Every new item is available."),
    FactSpec(
        "new_items_differ", FactType.FLAG, "", "Each new item is another than the one replaced."
    ),
    FactSpec("own_payment_method", FactType.FLAG, "", "The customer has the payment method."),
    FactSpec(
        "other_payment_method", FactType.FLAG, "", "The payment method is not the one that paid."
    ),
    FactSpec(
        "gift_card_covers", FactType.FLAG, "", "The gift card covers what it would have to pay."
    ),
    FactSpec(
        "had_item_change", FactType.FLAG, "", "The order's items were exchanged or changed before."
    ),
    FactSpec("had_return", FactType.FLAG, "", "A return of the order was requested before."),
    FactSpec("one_payment", FactType.FLAG, "", "The order was paid once, with no refund since."),
    FactSpec(
        "price_difference_minor",
        FactType.WHOLE,
        _CENTS,
        "What the new items cost more; below zero is a refund.",
    ),
    FactSpec("goods_minor", FactType.WHOLE, _CENTS, "What the listed items cost together."),
)
