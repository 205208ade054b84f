"""Publishing a policy decides again on what waits, and voids only what comes out otherwise."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.memory.models import Case
from cases.tools.models import ToolCall
from cases.tools.services import (
    policy_published,
    reaffirm_after_publishing,
    reaffirm_pending,
    sweep,
)
from cases.tools.services.reaffirming import REAFFIRM_TASK, Reaffirmed
from cases.tools.types import CallState
from governance.access.types import Role
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.policies import registry
from governance.policies.loading import policies_in_force
from governance.policies.models import DecisionRecord, LimitUse
from governance.policies.services import publish_version
from orchestra.core.actors import system
from orchestra.core.errors import ConflictError
from tests.cases.tools.conftest import POLICY, World, make_world, publish
from tests.factories.access import ALL_GRANTS, make_person
from tests.factories.races import race

LARGE = {"order_id": "#W1", "amount": 900}
OTHER_RULE: dict[str, Any] = {
    "id": "delivered",
    "title": "The order is delivered",
    "when": [{"fact": "order_status", "is": "delivered"}],
    "outcome": "deny",
    "reason": "Delivered orders are refunded in the shop.",
}


@pytest.fixture
def waiting(committed_world: World) -> ToolCall:
    call = committed_world.propose("refund_order", LARGE)
    assert call.state == CallState.AWAITING_APPROVAL
    return call


@pytest.fixture
def committed_world(fresh_registries: None, rung: list[Any], transactional_db: None) -> World:
    del fresh_registries, rung, transactional_db
    return make_world()


def request_of(call: ToolCall) -> ApprovalRequest:
    return ApprovalRequest.objects.get(public_id=call.approval_id_text)


def payloads(kind: str) -> list[dict[str, Any]]:
    rows = EntryPayload.objects.filter(entry__kind=kind).order_by("pk")
    return [json.loads(bytes(row.body)) for row in rows]


def test_what_is_decided_under_the_policies_in_force_is_left_alone(
    committed_world: World, waiting: ToolCall
) -> None:
    assert waiting.decided_under == policies_in_force().name
    entries = LedgerEntry.objects.count()
    with CaptureQueriesContext(connection) as captured:
        assert reaffirm_pending(now=committed_world.clock()) == Reaffirmed()
    assert len(captured) == 2
    assert LedgerEntry.objects.count() == entries


def test_an_approval_that_comes_out_alike_stands(committed_world: World, waiting: ToolCall) -> None:
    publish({**POLICY, "title": "House rules, reworded"}, number=2)
    now = committed_world.clock.tick(60)
    assert reaffirm_pending(now=now) == Reaffirmed(stand=1)
    waiting.refresh_from_db()
    assert waiting.state == CallState.AWAITING_APPROVAL
    assert waiting.decided_under == policies_in_force().name
    assert request_of(waiting).state == ApprovalState.PENDING
    assert payloads("decision.reaffirmed")[0]["differences"] == []
    # The earlier decision stays the one that the approval rests on, and nothing is used.
    assert DecisionRecord.objects.count() == 2
    assert waiting.decision == DecisionRecord.objects.earliest("pk")
    assert LimitUse.objects.count() == 0
    assert reaffirm_pending(now=now) == Reaffirmed()
    # It can still be approved and run, under the version now in force.
    assert committed_world.approve(waiting).state == ApprovalState.GRANTED
    assert committed_world.execute(waiting) is CallState.SUCCEEDED


def test_what_comes_out_otherwise_is_voided_and_both_sides_are_told(
    committed_world: World, waiting: ToolCall
) -> None:
    publish({**POLICY, "rules": [*POLICY["rules"], OTHER_RULE]}, number=2)
    assert reaffirm_pending(now=committed_world.clock.tick(60)) == Reaffirmed(voided=1)
    waiting.refresh_from_db()
    request = request_of(waiting)
    why = (
        "This was decided again under other policies: house, version 2. "
        "The outcome was approve and is deny. Other rows fired: house:delivered. "
        "Other votes are required."
    )
    assert (waiting.state, waiting.state_reason) == (CallState.VOIDED, why)
    assert (request.state, request.ended_reason) == (ApprovalState.VOIDED, why)
    assert payloads("approval.voided")[0]["reason"] == why
    assert payloads("tool_call.voided")[0]["reason"] == why
    assert committed_world.settled == [(waiting.pk, CallState.VOIDED)]
    with pytest.raises(ConflictError):
        committed_world.approve(waiting)


def test_other_votes_void_it_too(committed_world: World, waiting: ToolCall) -> None:
    rule = {
        "id": "large",
        "title": "Large",
        "when": [{"fact": "amount_minor", "above": 80000}],
        "outcome": "approve",
        "obligations": {"votes": 2},
        "reason": "Two look at large ones.",
    }
    publish({**POLICY, "rules": [rule]}, number=2)
    assert reaffirm_pending(now=committed_world.clock()).voided == 1
    waiting.refresh_from_db()
    assert "Other votes are required." in waiting.state_reason


def test_a_first_vote_stands_with_the_approval(committed_world: World) -> None:
    publish({**POLICY, "rules": [two_votes()]}, number=2)
    call = committed_world.propose("refund_order", LARGE)
    committed_world.approve(call)
    publish({**POLICY, "rules": [two_votes(), *POLICY["rules"]]}, number=3)
    assert reaffirm_pending(now=committed_world.clock()) == Reaffirmed(stand=1)
    other = make_person("", roles=[Role.SUPERVISOR], grants={committed_world.queue: ALL_GRANTS})
    assert committed_world.approve(call, voter=other).state == ApprovalState.GRANTED


def two_votes() -> dict[str, Any]:
    return {
        "id": "two",
        "title": "Two",
        "when": [{"fact": "amount_minor", "above": 80000}],
        "outcome": "approve",
        "obligations": {"votes": 2},
        "reason": "Two look at large ones.",
    }


def test_own_facts_are_fresh_and_read_facts_as_recorded(
    committed_world: World, waiting: ToolCall
) -> None:
    committed_world.store.orders["#W1"]["status"] = "lost"
    Case.objects.filter(pk=committed_world.case.pk).update(risk_flags=["fraud"])
    reads = len(committed_world.store.requests)
    publish({**POLICY, "title": "Other"}, number=2)
    assert reaffirm_pending(now=committed_world.clock()) == Reaffirmed(stand=1)
    assert len(committed_world.store.requests) == reads
    body = json.loads(bytes(DecisionRecord.objects.latest("pk").body))
    assert body["facts"]["values"]["order_status"] == "delivered"
    assert body["facts"]["values"]["risk_flags"] == ["fraud"]
    assert body["sources"] == waiting.facts["sources"]


def test_thousands_go_in_batches_and_the_next_is_rung_for(
    committed_world: World, rung: list[Any]
) -> None:
    calls = [
        committed_world.propose("refund_order", {**LARGE, "amount": 900 + n}) for n in range(5)
    ]
    publish({**POLICY, "rules": [*POLICY["rules"], OTHER_RULE]}, number=2)
    now = committed_world.clock()
    rung.clear()
    found = reaffirm_after_publishing(now=now, batch=2)
    assert (found.voided, found.more, rung) == (2, True, [(REAFFIRM_TASK,)])
    assert reaffirm_after_publishing(now=now, batch=2).more
    assert not reaffirm_after_publishing(now=now, batch=2).more
    assert len(rung) == 2
    states = ToolCall.objects.filter(pk__in=[call.pk for call in calls])
    assert set(states.values_list("state", flat=True)) == {"voided"}


def test_one_that_fails_holds_up_no_other(committed_world: World, waiting: ToolCall) -> None:
    other = committed_world.propose("refund_order", {**LARGE, "amount": 950})
    publish({**POLICY, "title": "Other"}, number=2)
    ToolCall.objects.filter(pk=waiting.pk).update(approval_id_text="")
    assert reaffirm_pending(now=committed_world.clock()) == Reaffirmed(stand=1, skipped=1)
    other.refresh_from_db()
    assert other.decided_under == policies_in_force().name


def test_a_sweep_finds_what_no_message_announced(committed_world: World, waiting: ToolCall) -> None:
    publish({**POLICY, "title": "Other"}, number=2)
    swept = sweep(now=committed_world.clock(), read_clock=committed_world.clock)
    assert swept.reaffirmed == 1
    waiting.refresh_from_db()
    assert waiting.decided_under == policies_in_force().name


def test_publishing_itself_only_rings(
    committed_world: World, waiting: ToolCall, rung: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry.published, "_items", {"tools": policy_published})
    rung.clear()
    with transaction.atomic():
        publish_version(
            actor=system("test"),
            now=committed_world.clock(),
            policy_key="house",
            title="House rules",
            document={**POLICY, "rules": [two_votes()]},
        )
        assert rung == []
    assert rung == [(REAFFIRM_TASK,)]
    waiting.refresh_from_db()
    assert waiting.state == CallState.AWAITING_APPROVAL


def test_a_vote_may_race_with_it(committed_world: World) -> None:
    """Whoever is first wins whole: nothing that policy now denies is ever carried out."""
    for number in range(4):
        publish(POLICY, number=2 * number + 2)
        call = committed_world.propose("refund_order", {**LARGE, "amount": 901 + number})
        publish({**POLICY, "rules": [*POLICY["rules"], OTHER_RULE]}, number=2 * number + 3)
        now = committed_world.clock()
        ended = race(
            [
                lambda call=call: committed_world.approve(ToolCall.objects.get(pk=call.pk)),
                lambda now=now: reaffirm_pending(now=now),
            ]
        )
        call.refresh_from_db()
        assert set(ended) <= {"ok", "approval.ended"}
        if call.state == CallState.READY:
            assert request_of(call).state == ApprovalState.GRANTED
            committed_world.clock.tick(1)
            committed_world.execute(call)
        assert call.state == CallState.VOIDED
        assert request_of(call).state == ApprovalState.VOIDED
        committed_world.clock.tick(timedelta(minutes=1).total_seconds())
    assert committed_world.store.writes == []
