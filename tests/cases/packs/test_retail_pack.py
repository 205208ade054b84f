"""The retail pack against the recorded runs: what went well there is never denied here."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from cases.packs.types import ItemKind
from cases.tools.adapters.retail import comparison, grounds, language
from cases.tools.adapters.retail.store import OPERATIONS, RetailStore
from governance.policies.types import Outcome
from tests.factories.retail_pack import BUILTIN, WRITES, judge, pack, recorded, tools


def test_the_pack_has_what_a_retail_centre_needs() -> None:
    counts = {kind: len(pack().of(kind)) for kind in ItemKind}
    assert counts[ItemKind.TOOL] == 16
    assert counts[ItemKind.QUEUE] == 4
    assert [item.key for item in pack().of(ItemKind.CUE_SHEET)] == [
        "cancel_order",
        "change_address",
        "change_payment",
        "exchange_items",
        "modify_order",
        "return_items",
        "status_question",
        "transfer_to_human",
    ]
    assert set(tools()) == set(OPERATIONS)


def test_its_articles_are_about_what_it_has() -> None:
    names = {item.key for item in pack().items}
    articles = pack().of(ItemKind.ARTICLE)
    assert len(articles) == 11
    for item in articles:
        for source in item.document["sources"]:
            assert source["reference"] in names | {"winter 2025"}, item.key


def test_what_changes_the_store_is_declared_as_a_write_with_an_honest_risk() -> None:
    assert {name for name, spec in tools().items() if spec.effect == "write"} == WRITES
    risks = {name: tools()[name].risk for name in WRITES}
    assert risks == {
        "cancel_pending_order": "high",
        "return_delivered_order_items": "high",
        "exchange_delivered_order_items": "high",
        "modify_pending_order_items": "high",
        "modify_pending_order_payment": "high",
        "modify_pending_order_address": "medium",
        "modify_user_address": "medium",
    }
    assert {spec.risk for name, spec in tools().items() if name not in WRITES} == {"low"}


def test_no_recorded_success_is_denied() -> None:
    seen = {"allow": 0, "approve": 0}
    unknown = 0
    for call in recorded():
        decision = call.decision
        if not call.ok:
            continue
        assert decision.outcome in {Outcome.ALLOW, Outcome.APPROVE}, (call, decision.reasons)
        unknown += sum(bool(row.unknown) for row in decision.fired)
        if call.name in WRITES:
            seen[decision.outcome] += 1
    assert seen == {"allow": 76, "approve": 43}
    assert unknown == 0


def test_the_recorded_refusal_of_a_write_is_a_denial_that_names_the_gift_card() -> None:
    refused = [call.decision for call in recorded() if call.name in WRITES and not call.ok]
    assert [decision.outcome for decision in refused] == [Outcome.DENY]
    assert refused[0].reasons == (
        "The gift card does not cover the price difference; ask for another payment method.",
    )


PENDING, DELIVERED = "#W5199551", "#W2378156"
CANCEL = {"order_id": PENDING, "reason": "no longer needed"}
RETURN = {
    "order_id": DELIVERED,
    "item_ids": ["4602305039"],
    "payment_method_id": "credit_card_9513926",
}
EXCHANGE = {
    "order_id": DELIVERED,
    "item_ids": ["1151293680"],
    "new_item_ids": ["7706410293"],
    "payment_method_id": "credit_card_9513926",
}
ADDRESS = {
    "address1": "1 Main St",
    "address2": "",
    "city": "Denver",
    "state": "CO",
    "country": "USA",
    "zip": "80280",
}
FATIMA, YUSUF = "fatima_johnson_7581", "yusuf_rossi_9620"


@pytest.mark.parametrize(
    ("name", "arguments", "customer", "rule"),
    [
        ("cancel_pending_order", {**CANCEL, "order_id": DELIVERED}, YUSUF, "pending"),
        ("cancel_pending_order", {**CANCEL, "reason": "too dear"}, FATIMA, "reason"),
        ("cancel_pending_order", CANCEL, YUSUF, "own_order"),
        ("return_delivered_order_items", {**RETURN, "order_id": PENDING}, FATIMA, "delivered"),
        ("return_delivered_order_items", {**RETURN, "item_ids": ["1"]}, YUSUF, "items"),
        (
            "return_delivered_order_items",
            {**RETURN, "payment_method_id": "paypal_1"},
            YUSUF,
            "refund_route",
        ),
        (
            "exchange_delivered_order_items",
            {**EXCHANGE, "new_item_ids": ["7747408585"]},
            YUSUF,
            "same_products",
        ),
        (
            "exchange_delivered_order_items",
            {**EXCHANGE, "new_item_ids": ["1151293680"]},
            YUSUF,
            "different",
        ),
        (
            "exchange_delivered_order_items",
            {**EXCHANGE, "new_item_ids": ["7706410293", "7747408585"]},
            YUSUF,
            "same_products",
        ),
        (
            "exchange_delivered_order_items",
            {**EXCHANGE, "payment_method_id": "credit_card_1"},
            YUSUF,
            "own_method",
        ),
        (
            "modify_pending_order_payment",
            {"order_id": PENDING, "payment_method_id": "paypal_1"},
            FATIMA,
            "own_method",
        ),
        ("modify_pending_order_address", {"order_id": DELIVERED, **ADDRESS}, YUSUF, "pending"),
        ("modify_user_address", {"user_id": FATIMA, **ADDRESS}, YUSUF, "own_profile"),
        ("get_user_details", {"user_id": FATIMA}, YUSUF, "own_profile"),
        ("get_order_details", {"order_id": PENDING}, YUSUF, "own_order"),
        ("get_order_details", {"order_id": "#W0"}, YUSUF, "own_order"),
    ],
)
def test_what_the_written_policy_forbids_is_denied(
    name: str, arguments: Mapping[str, Any], customer: str, rule: str
) -> None:
    decision = judge(name, arguments, RetailStore.fresh(), customer=customer)
    assert decision.outcome is Outcome.DENY
    denied = {row.rule for row in decision.fired if row.outcome is Outcome.DENY}
    assert rule in denied


@pytest.mark.parametrize(
    ("changes", "outcome", "rule"),
    [
        ({"customer_confirmed": False}, Outcome.DENY, "recorded_yes"),
        ({"customer_confirmed": False, "actor_kind": "human"}, Outcome.ALLOW, ""),
        ({"confidence": 0.79}, Outcome.APPROVE, "low_confidence"),
        ({"margin": 0.1}, Outcome.APPROVE, "low_margin"),
        ({"off_plan": True}, Outcome.APPROVE, "off_plan"),
        ({"earlier_refusals": 3}, Outcome.APPROVE, "repeated_refusals"),
        ({"risk_flags": ["fraud"]}, Outcome.APPROVE, "fraud"),
        ({"risk_flags": ["complaint"]}, Outcome.ALLOW, ""),
        ({"verification": "claimed"}, Outcome.DENY, "identify_before_change"),
        ({"customer_bound": False}, Outcome.DENY, "known_before_change"),
        ({}, Outcome.ALLOW, ""),
    ],
)
def test_a_small_exchange_meets_the_right_control(
    changes: Mapping[str, Any], outcome: Outcome, rule: str
) -> None:
    decision = judge(
        "exchange_delivered_order_items", EXCHANGE, RetailStore.fresh(), customer=YUSUF, **changes
    )
    assert decision.outcome is outcome
    fired = {row.rule for row in decision.fired if row.outcome is outcome and row.policy != "floor"}
    assert not rule or rule in fired


@pytest.mark.parametrize(
    ("name", "arguments", "outcome"),
    [
        ("cancel_pending_order", CANCEL, Outcome.DENY),
        ("modify_user_address", {"user_id": FATIMA, **ADDRESS}, Outcome.DENY),
        ("get_order_details", {"order_id": PENDING}, Outcome.VERIFY),
        ("get_user_details", {"user_id": FATIMA}, Outcome.VERIFY),
        ("find_user_id_by_email", {"email": "a@example.com"}, Outcome.ALLOW),
        ("get_product_details", {"product_id": "1656367028"}, Outcome.ALLOW),
    ],
)
def test_nothing_personal_is_read_or_changed_before_the_customer_is_known(
    name: str, arguments: Mapping[str, Any], outcome: Outcome
) -> None:
    decision = judge(
        name,
        arguments,
        RetailStore.fresh(),
        customer="",
        verification="none",
        customer_bound=False,
    )
    assert decision.outcome is outcome


def test_a_large_refund_needs_two_votes() -> None:
    arguments = {"order_id": "#W8665881", "reason": "no longer needed"}
    decision = judge("cancel_pending_order", arguments, RetailStore.fresh(), customer=FATIMA)
    assert (decision.outcome, decision.obligations.votes) == (Outcome.APPROVE, 2)


def test_every_write_can_be_said_in_words() -> None:
    for call in recorded():
        if call.name not in WRITES:
            continue
        spec = tools()[call.name]
        effect = language.EFFECTS[spec.effect_text](call.arguments, call.reads.values)
        rows = comparison.ROWS[spec.before_after](call.arguments, call.reads.values)
        assert effect is not None
        assert effect.money
        assert rows
        if spec.grounds:
            said = grounds.GROUNDS[spec.grounds](call.arguments, call.reads.values, ())
            assert said is not None
            assert said.lines
        assert effect.sentence.endswith(".")
        assert len(effect.title) <= 500
        assert all(row.now and row.after for row in rows)


def test_the_files_hold_only_what_is_read() -> None:
    names = {path.relative_to(BUILTIN).parts[0] for path in BUILTIN.rglob("*.yaml")}
    assert names == {
        "pack.yaml",
        "queues.yaml",
        "connections.yaml",
        "tools.yaml",
        "intents.yaml",
        "policies",
        "cue_sheets",
    }
    assert yaml.safe_load((BUILTIN / "pack.yaml").read_text())["name"] == "retail"
