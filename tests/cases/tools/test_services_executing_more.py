"""Executing: decide again, claim, send, confirm, write; and everything that can go wrong."""

from typing import Any

import pytest

from cases.memory.types import Speaker
from cases.tasks import execute_tool_call
from cases.tools import registry
from cases.tools.models import ToolAttempt, ToolCall
from cases.tools.services import (
    DOORBELL_TIME,
    execute_due,
    publish_tool,
    sweep,
    void_outdated,
)
from cases.tools.types import CallState
from governance.access.models import AgentIdentity
from governance.approvals.types import ApprovalState, VoteChoice
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.core.errors import ConflictError
from orchestra.core.history import save_as
from tests.cases.tools.conftest import POLICY, World, publish
from tests.factories.tools import FACTORY, NOTE, make_tool, say, unreachable

REFUND_612 = {"order_id": "#W1", "amount": 612}


def attempts(call: ToolCall) -> list[tuple[int, str]]:
    return list(
        ToolAttempt.objects.filter(call=call).order_by("number").values_list("number", "outcome")
    )


def tool_with(**changes: Any) -> str:
    make_tool({**NOTE, "name": "note_other", **changes})
    return "note_other"


def test_a_policy_that_became_stricter_voids(world: World) -> None:
    call = world.propose()
    row = {**POLICY["rules"][0], "id": "all", "when": []}
    publish({**POLICY, "rules": [row]}, number=2)

    assert world.execute(call) == CallState.VOIDED
    assert world.store.writes == []


@pytest.mark.parametrize("what", ["switched off", "changed"])
def test_a_tool_that_was_switched_off_or_changed_voids(world: World, what: str) -> None:
    call = world.propose()
    if what == "changed":
        publish_tool(actor=FACTORY, now=world.clock(), document={**NOTE, "title": "Another"})
    else:
        call.tool.enabled = False
        save_as(call.tool, actor=FACTORY)

    assert world.execute(call) == CallState.VOIDED
    assert what in call.state_reason


def test_a_read_that_was_switched_off_voids(world: World) -> None:
    call = world.propose("get_order")
    call.tool.enabled = False
    save_as(call.tool, actor=FACTORY)

    assert world.execute(call) == CallState.VOIDED
    assert [request.tool for request in world.store.requests] == []


def test_an_answer_without_a_canonical_form_is_settled(world: World) -> None:
    call = world.propose("get_order")
    world.store.orders["#W1"]["number"] = 2**60

    assert world.execute(call) == CallState.SUCCEEDED
    assert call.result["number"] == 2**60


@pytest.mark.parametrize("tool", ["note_order", "get_order"])
def test_an_agent_that_was_disabled_voids(world: World, tool: str) -> None:
    call = world.propose(tool)
    agent = AgentIdentity.objects.get(public_id=world.agent.id)
    agent.is_active = False
    save_as(agent, actor=FACTORY)

    assert world.execute(call) == CallState.VOIDED
    assert world.store.writes == []


def test_arguments_altered_in_the_database_void(world: World) -> None:
    call = world.propose("refund_order", REFUND_612)
    world.approve(call)
    ToolCall.objects.filter(pk=call.pk).update(
        arguments={"order_id": "#W1", "amount": 9999},
        arguments_bytes=b'{"order_id": "#W1", "amount": 9999}',
    )

    assert world.execute(call) == CallState.VOIDED
    assert call.state_reason == "What is stored is not what was decided."
    assert world.store.writes == []


def test_what_was_approved_runs_once(world: World, rung: list[Any]) -> None:
    call = world.propose("refund_order", REFUND_612)
    request = world.approve(call)
    assert (call.state, request.state) == (CallState.READY, ApprovalState.GRANTED)

    assert world.execute(call) == CallState.SUCCEEDED

    request.refresh_from_db()
    assert request.state == ApprovalState.USED
    assert world.store.effects == {call.effect_key: 1}
    kinds = world.kinds()
    assert kinds.index("approval.used") < kinds.index("execution.claimed")
    assert kinds[-1] == "tool_call.succeeded"
    del rung


def test_a_retry_needs_no_second_approval(world: World) -> None:
    world.store.before = [unreachable()]
    call = world.propose("refund_order", REFUND_612)
    world.approve(call)

    assert world.execute_until_settled(call) == CallState.SUCCEEDED
    assert world.kinds().count("approval.used") == 1


def test_a_rejection_ends_the_call(world: World) -> None:
    call = world.propose("refund_order", REFUND_612)

    world.vote(call, VoteChoice.REJECT)

    assert call.state == CallState.REJECTED
    assert world.settled == [(call.pk, "rejected")]
    assert world.execute(call) == CallState.REJECTED
    assert world.store.writes == []


def test_facts_that_changed_after_the_vote_void_both(world: World) -> None:
    call = world.propose("refund_order", REFUND_612)
    request = world.approve(call)
    world.store.orders["#W1"]["status"] = "lost"

    assert world.execute(call) == CallState.VOIDED

    request.refresh_from_db()
    assert request.state == ApprovalState.VOIDED
    assert request.ended_reason == call.state_reason
    assert world.settled == [(call.pk, "voided")]
    assert world.store.writes == []


def test_what_the_customer_writes_after_the_view_voids(world: World) -> None:
    say(world.case, Speaker.CUSTOMER, "Please refund it.")
    call = world.propose("refund_order", REFUND_612)
    request = world.approve(call)
    say(world.case, Speaker.AI, "A colleague is looking at it.")
    say(world.case, Speaker.CUSTOMER, "Wait, only half of it!")

    assert world.execute(call) == CallState.VOIDED

    request.refresh_from_db()
    assert "has written since" in call.state_reason
    assert request.state == ApprovalState.VOIDED
    assert world.store.writes == []


def test_later_words_void_a_request_at_once(world: World) -> None:
    kept = world.propose()
    call = world.propose("refund_order", REFUND_612)
    say(world.case, Speaker.AI, "A colleague is looking at it.")
    assert void_outdated(case=world.case, now=world.clock()) == 0

    say(world.case, Speaker.CUSTOMER, "Wait!")
    assert void_outdated(case=world.case, now=world.clock()) == 1

    call.refresh_from_db()
    kept.refresh_from_db()
    assert (call.state, kept.state) == (CallState.VOIDED, CallState.READY)
    assert world.settled == [(call.pk, "voided")]
    assert world.kinds()[-2:] == ["tool_call.voided", "approval.voided"]
    assert void_outdated(case=world.case, now=world.clock()) == 0


def test_a_voter_who_may_no_longer_vote_voids(world: World) -> None:
    call = world.propose("refund_order", REFUND_612)
    request = world.approve(call)
    world.supervisor.is_active = False
    world.supervisor.save()

    assert world.execute(call) == CallState.VOIDED

    request.refresh_from_db()
    assert request.state == ApprovalState.VOIDED
    assert world.store.writes == []


def test_a_grant_that_was_not_run_in_time_expires(world: World) -> None:
    call = world.propose("refund_order", REFUND_612)
    request = world.approve(call)

    found = sweep(now=world.clock.tick(3600), read_clock=world.clock)

    call.refresh_from_db()
    request.refresh_from_db()
    assert found.approvals_expired == 1
    assert (call.state, request.state) == (CallState.EXPIRED, ApprovalState.EXPIRED)
    assert world.store.writes == []
    assert world.settled == [(call.pk, "expired")]


def test_nobody_votes_in_time(world: World) -> None:
    call = world.propose("refund_order", REFUND_612)

    sweep(now=world.clock.tick(3 * 3600), read_clock=world.clock)

    call.refresh_from_db()
    assert call.state == CallState.EXPIRED
    assert world.kinds()[-2:] == ["approval.expired", "tool_call.expired"]


def test_a_tool_that_hands_off_tells_both(world: World) -> None:
    name = tool_with(hands_off={"queue": "returns", "reason_code": "customer.asked"})
    call = world.propose(name, rationale="The customer asks for a person.")

    world.execute(call)

    assert world.settled == [(call.pk, "succeeded")]
    ((pk, over),) = world.handed_off
    assert (pk, over.queue, over.reason_code) == (call.pk, "returns", "customer.asked")
    assert over.reason == "The customer asks for a person."


def test_due_calls_run_oldest_first_and_one_that_breaks_does_not_hold_up(world: World) -> None:
    calls = [world.propose(arguments={"order_id": "#W1", "amount": n}) for n in range(3)]
    ToolCall.objects.filter(pk=calls[0].pk).update(due_at=world.clock.tick(-60))
    broken = make_tool({**NOTE, "name": "note_broken"})
    ToolCall.objects.filter(pk=calls[0].pk).update(tool=broken)
    broken.document = {"name": "no tool"}
    broken.digest = "1" * 64
    save_as(broken, actor=FACTORY)
    world.clock.tick(120)

    assert execute_due(now=world.clock(), read_clock=world.clock) == 3

    assert [request.arguments["amount"] for request in world.store.writes] == [1, 2]


def test_an_outcome_that_cannot_be_told_is_not_lost(world: World) -> None:
    """A room above that fails rolls the outcome back; the sweep brings it to an end."""
    failures = [ConflictError("not now")]

    def fail_once(_call: ToolCall, _now: object) -> None:
        if failures:
            raise failures.pop()

    registry.settled.register("fails", fail_once)
    call = world.propose()
    with pytest.raises(ConflictError):
        world.execute(call)
    call.refresh_from_db()
    assert call.state == CallState.EXECUTING

    for _ in range(3):
        sweep(now=world.clock.tick(60), read_clock=world.clock)
    call.refresh_from_db()
    assert call.state == CallState.SUCCEEDED
    assert world.store.effects == {call.effect_key: 1}


def test_every_execution_has_its_entries(world: World) -> None:
    call = world.propose()
    world.execute(call)

    subjects = LedgerEntry.objects.filter(subject_id=str(call.public_id))
    assert set(subjects.values_list("kind", flat=True)) >= {
        "tool_call.proposed",
        "execution.claimed",
        "tool_call.succeeded",
    }


def test_a_worker_leaves_what_is_fresh_to_the_message_that_comes_for_it(world: World) -> None:
    first, forgotten, fresh = (
        world.propose(arguments={"order_id": "#W1", "amount": n}) for n in range(3)
    )
    now = clock.now()
    due = {forgotten: now - 2 * DOORBELL_TIME, fresh: now - DOORBELL_TIME / 5}
    for call, at in due.items():
        ToolCall.objects.filter(pk=call.pk).update(due_at=at)

    execute_tool_call(first.pk)

    states = [ToolCall.objects.get(pk=call.pk).state for call in (first, forgotten, fresh)]
    assert states == [CallState.SUCCEEDED, CallState.SUCCEEDED, CallState.READY]
