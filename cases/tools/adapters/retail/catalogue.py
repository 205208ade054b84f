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

_ORDER = "the order, read from the store before deciding"
_PROFILE = "the customer's profile, read from the store before deciding"
_PRODUCTS = "the products, read from the store before deciding"
_ARGUMENTS = "the arguments of the call"

FACT_SPECS: Final[tuple[FactSpec, ...]] = (
    FactSpec(
        "order_status",
        FactType.TEXT,
        "",
        "Status of the order in the store.",
        _STATUSES,
        source=_ORDER,
        example="delivered",
    ),
    FactSpec(
        "own_order",
        FactType.FLAG,
        "",
        "The order belongs to the verified customer.",
        source=_ORDER,
        example="true",
    ),
    FactSpec(
        "own_profile",
        FactType.FLAG,
        "",
        "The profile is the verified customer's own.",
        source=_PROFILE,
        example="true",
    ),
    FactSpec(
        "cancel_reason",
        FactType.TEXT,
        "",
        "Why the order shall be cancelled.",
        source=_ARGUMENTS,
        example="no longer needed",
    ),
    FactSpec(
        "items_in_order",
        FactType.FLAG,
        "",
        "The order has every listed item, as often as listed.",
        source=_ORDER,
        example="true",
    ),
    FactSpec(
        "refund_route",
        FactType.TEXT,
        "",
        "Where a refund goes.",
        ("original", "gift_card", "other", "not_theirs"),
        source=_PROFILE,
        example="original",
    ),
    FactSpec(
        "same_products",
        FactType.FLAG,
        "",
        "Each new item is a variant of the product replaced.",
        source=_PRODUCTS,
        example="true",
    ),
    FactSpec(
        "new_items_available",
        FactType.FLAG,
        "",
        "Every new item is available.",
        source=_PRODUCTS,
        example="true",
    ),
    FactSpec(
        "new_items_differ",
        FactType.FLAG,
        "",
        "Each new item is another than the one replaced.",
        source=_ARGUMENTS,
        example="true",
    ),
    FactSpec(
        "own_payment_method",
        FactType.FLAG,
        "",
        "The customer has the payment method.",
        source=_PROFILE,
        example="true",
    ),
    FactSpec(
        "other_payment_method",
        FactType.FLAG,
        "",
        "The payment method is not the one that paid.",
        source=_ORDER,
        example="true",
    ),
    FactSpec(
        "gift_card_covers",
        FactType.FLAG,
        "",
        "The gift card covers what it would have to pay.",
        source=_PROFILE,
        example="true",
    ),
    FactSpec(
        "had_item_change",
        FactType.FLAG,
        "",
        "The order's items were exchanged or changed before.",
        source=_ORDER,
        example="false",
    ),
    FactSpec(
        "had_return",
        FactType.FLAG,
        "",
        "A return of the order was requested before.",
        source=_ORDER,
        example="false",
    ),
    FactSpec(
        "one_payment",
        FactType.FLAG,
        "",
        "The order was paid once, with no refund since.",
        source=_ORDER,
        example="true",
    ),
    FactSpec(
        "price_difference_minor",
        FactType.WHOLE,
        _CENTS,
        "What the new items cost more; below zero is a refund.",
        source=_PRODUCTS,
        example="1250",
    ),
    FactSpec(
        "goods_minor",
        FactType.WHOLE,
        _CENTS,
        "What the listed items cost together.",
        source=_ORDER,
        example="50000",
    ),
)
