"""Near-twins in an order, and what the assistant listed before it corrected itself."""

from datetime import UTC, datetime, timedelta

from cases.tools.adapters.retail.doubts import doubts_about
from cases.tools.registry import Doubt, Spoken
from tests.cases.tools.adapters.retail.test_language import CANCEL, EXCHANGE, RETURN, reads_of

NOW = datetime(2026, 11, 19, 18, 53, tzinfo=UTC)
CANISTER, ROBOTIC, PURIFIER = "2872451762", "6259501109", "9534205511"


def spoken(*lines: tuple[str, str]) -> tuple[Spoken, ...]:
    return tuple(
        Spoken(speaker=speaker, text=text, at=NOW + timedelta(minutes=minute))
        for minute, (speaker, text) in enumerate(lines)
    )


def doubts(arguments: dict[str, object], *lines: tuple[str, str]) -> tuple[Doubt, ...]:
    reads = reads_of(arguments)
    return doubts_about(
        arguments=arguments,
        order=reads["order"],
        products=reads.get("products", ()),
        spoken=spoken(*lines),
    )


def test_a_twin_that_stays_is_named_beside_the_one_that_goes() -> None:
    (twin,) = doubts(RETURN)
    assert twin == Doubt(
        title="this order holds two vacuum cleaners",
        text=(
            f"What would run concerns the vacuum cleaner (robotic) {ROBOTIC} ($652.61); "
            f"the vacuum cleaner (canister) {CANISTER} ($622.12) stays."
        ),
    )


def test_nothing_is_doubted_where_both_twins_go_or_no_item_is_named() -> None:
    both = {**RETURN, "item_ids": [ROBOTIC, CANISTER]}
    assert doubts(both) == ()
    assert doubts(CANCEL) == ()
    assert doubts({**RETURN, "item_ids": ["1"]}) == ()


def test_a_corrected_listing_is_told_with_the_customers_words() -> None:
    found = doubts(
        RETURN,
        ("ai", f"I would return #W9502127: {CANISTER} and {PURIFIER}. Shall I?"),
        ("customer", "Can you make sure it's the robotic one?"),
        ("ai", f"I would return #W9502127: {ROBOTIC} and {PURIFIER}. Shall I?"),
        ("customer", "Yes."),
    )
    assert found[1] == Doubt(
        title="the assistant corrected what it had listed",
        text=(
            f"At 2026-11-19T18:53:00.000000Z it listed Vacuum Cleaner ($622.12), {CANISTER}, "
            "which is not in what would run. The customer answered at "
            "2026-11-19T18:54:00.000000Z: “Can you make sure it's the robotic one?”"
        ),
    )


def test_a_listing_that_only_grew_or_names_another_order_is_no_correction() -> None:
    last = ("ai", f"I would return #W9502127: {ROBOTIC} and {PURIFIER}.")
    grew = doubts(RETURN, ("ai", f"I would return #W9502127: {PURIFIER}."), last)
    other = doubts(RETURN, ("ai", f"Cancel #W1 with {CANISTER}?"), last)
    alone = doubts(RETURN, last)
    assert [len(found) for found in (grew, other, alone)] == [1, 1, 1]


def test_a_corrected_variant_of_an_exchange_is_told() -> None:
    first = next(
        item_id
        for product in reads_of(EXCHANGE)["products"]
        for item_id in product["variants"]
        if item_id not in (*EXCHANGE["item_ids"], *EXCHANGE["new_item_ids"])
    )
    old, new = EXCHANGE["item_ids"][0], EXCHANGE["new_item_ids"][0]
    found = doubts(
        EXCHANGE,
        ("ai", f"Exchange {old} of #W2378156 for {first}?"),
        ("ai", f"Exchange {old} of #W2378156 for {new}?"),
    )
    assert [each.title for each in found] == ["the assistant corrected what it had listed"]
