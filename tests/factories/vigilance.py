"""Requests that tests of attention are made from, and queues whose people are tested."""

from datetime import datetime, timedelta
from typing import Any

from governance.access.models import Queue, User
from governance.access.types import Role
from governance.approvals import services
from governance.approvals.models import ApprovalRequest, VigilanceTest
from tests.factories.access import make_person
from tests.factories.approvals import ASKED_AT, make_request

#: More than every possible draw, so that each request draws a test.
ALWAYS = 50


def make_view(**changes: Any) -> dict[str, Any]:
    """A view as the retail pack builds it, with an amount and words of the customer's."""
    return {
        "action_digest": "7c41" + "0" * 60,
        "before_after": {
            "declared": True,
            "note": "",
            "rows": [{"label": "Refund", "now": "none", "after": "$1,126.04 for #W2378156"}],
        },
        "call": {"arguments": {"order_id": "#W2378156"}, "id": "call-1", "tool": "return_items"},
        "conversation": [
            {"id": "m1", "speaker": "customer", "text": "Please return my order #W2378156."},
            {"id": "m2", "speaker": "ai", "text": "That is #W2378156, thank you."},
        ],
        "customer_paragraph": {"text": "You get $1,126.04 back.", "trust": "claimed"},
        "effect": {
            "title": "Refund $1,126.04",
            "sentence": "Refund $1,126.04 for #W2378156 to the credit card",
            "detail": "Two items",
            "closes_off": "",
        },
        "evidence": [{"text": "amount minor: 112604", "trust": "confirmed", "source": "store"}],
        "money": {"amount_minor": 112_604, "currency": "USD", "direction": "to_customer"},
        "requested_at": "2026-11-19T19:00:00.000000Z",
        "rows": {"fired": [{"policy": "returns", "rule": "r7"}]},
        "scope": {"decide_by": "2026-11-19T20:00:00.000000Z", "votes": 1},
        **changes,
    }


def make_real(queue: Queue, **changes: Any) -> ApprovalRequest:
    fields = {"view": make_view(), "amount_minor": 112_604, "currency": "USD", **changes}
    return make_request(queue, **fields)


def make_pair() -> tuple[User, User]:
    """An administrator and a compliance officer."""
    return (
        make_person("petra", roles=[Role.ADMINISTRATOR]),
        make_person("ruth", roles=[Role.COMPLIANCE_OFFICER]),
    )


def switch_on(queue: Queue, now: datetime = ASKED_AT, per_thousand: int = ALWAYS) -> None:
    asker, agreer = make_pair()
    services.ask_vigilance(
        actor=asker.as_actor(), now=now, queue=queue, per_thousand=per_thousand, reason="Drill."
    )
    services.agree_vigilance(actor=agreer.as_actor(), now=now, queue=queue)


def draw_until(queue: Queue, now: datetime, **changes: Any) -> VigilanceTest:
    """Ask for real requests until one draws a test; the seed is random, the rate is not."""
    for _number in range(2000):
        make_real(queue, **changes)
        if services.plant_due(now=now, batch=500):
            return VigilanceTest.objects.latest("pk")
    raise AssertionError("no test was drawn at a rate of fifty of a thousand")


def place(test: VigilanceTest) -> ApprovalRequest:
    """Place a drawn test at its time, and return its request."""
    services.place_due(now=test.place_at, batch=10)
    test.refresh_from_db()
    assert test.request is not None
    return test.request


def soon(test: VigilanceTest) -> datetime:
    return test.place_at + timedelta(seconds=30)
