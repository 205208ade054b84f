"""A connection over its limit: what was not sent is no attempt, and comes again later."""

from datetime import timedelta
from typing import Any

import pytest

from cases.tools.adapters.slots import slot
from cases.tools.connecting import ConnectionSpec
from cases.tools.models import ConnectionSlot, ToolAttempt, ToolCall
from cases.tools.services import execute_due
from cases.tools.types import BUSY, AdapterAnswer, AdapterRequest, CallState, ConnectionKind
from orchestra.core import clock
from orchestra.core.errors import UpstreamError
from tests.cases.tools.conftest import World
from tests.factories.tools import NOTE, cut, make_tool, unreachable

CONFIRM = {"tool": "get_order", "arguments": {"order_id": "$.order_id"}, "expect": {"$.ok": 1}}


def busy() -> UpstreamError:
    return UpstreamError("store has as many calls as it allows.", may_retry=True, code=BUSY)


def outcomes(call: ToolCall) -> list[str]:
    rows = ToolAttempt.objects.filter(call=call).order_by("number")
    return list(rows.values_list("outcome", flat=True))


def tool_with(**changes: Any) -> str:
    make_tool({**NOTE, "name": "note_other", **changes})
    return "note_other"


def test_a_busy_connection_uses_up_no_attempt(world: World) -> None:
    call = world.propose(tool_with(max_attempts=2))
    world.store.before = [busy() for _ in range(5)]

    for _ in range(5):
        assert world.execute(call) == CallState.READY
        assert call.due_at is not None
        assert call.due_at > world.clock()
        assert world.store.effects == {}
        world.clock.tick(400)
    world.store.before = [unreachable()]
    assert world.execute(call) == CallState.READY
    world.clock.tick(400)

    assert world.execute(call) == CallState.SUCCEEDED
    assert outcomes(call) == ["held"] * 5 + ["error", "answered"]
    assert world.store.effects == {call.effect_key: 1}


def test_what_counts_still_ends_a_call_that_was_held_before(world: World) -> None:
    call = world.propose(tool_with(max_attempts=2))
    world.store.before = [busy(), unreachable(), busy(), unreachable()]

    assert world.execute_until_settled(call) == CallState.FAILED
    assert outcomes(call) == ["held", "error", "held", "error"]
    assert world.store.effects == {}


def test_each_time_it_was_held_is_in_the_ledger(world: World) -> None:
    call = world.propose(tool_with())
    world.store.before = [busy()]
    world.execute(call)

    assert world.kinds()[-2:] == ["execution.claimed", "tool_call.attempt_failed"]
    attempt = ToolAttempt.objects.get(call=call)
    assert (attempt.detail, attempt.ended_at) == (busy().message, world.clock())


def test_a_held_call_is_not_due_before_its_time(world: World) -> None:
    call = world.propose(tool_with())
    world.store.before = [busy()]
    world.execute(call)

    assert execute_due(now=world.clock(), read_clock=world.clock) == 0
    world.clock.tick(400)
    assert execute_due(now=world.clock(), read_clock=world.clock) == 1
    call.refresh_from_db()
    assert call.state == CallState.SUCCEEDED


def test_an_unknown_outcome_stays_unknown_however_busy_it_is(world: World) -> None:
    call = world.propose(tool_with(max_attempts=2))
    world.store.after = [cut()]
    assert world.execute(call) == CallState.READY
    world.clock.tick(400)
    world.store.before = [busy()]
    assert world.execute(call) == CallState.READY
    world.clock.tick(400)
    world.store.before = [unreachable()]

    assert world.execute(call) == CallState.UNKNOWN
    assert outcomes(call) == ["unknown", "held", "error"]


@pytest.mark.parametrize("trouble", [busy, unreachable])
def test_a_check_that_cannot_be_made_never_repeats_what_was_done(
    world: World, monkeypatch: pytest.MonkeyPatch, trouble: Any
) -> None:
    call = world.propose(tool_with(confirm=CONFIRM, honours_idempotency_key=False))
    sent = world.store.call
    done: list[str] = []

    def answer(endpoint: Any, request: AdapterRequest) -> AdapterAnswer:
        if request.tool == "get_order" and done:
            raise trouble()
        if request.tool != "get_order":
            done.append(request.tool)
        return sent(endpoint, request)

    monkeypatch.setattr(world.store, "call", answer)

    assert world.execute(call) == CallState.UNKNOWN
    assert (done, outcomes(call)) == (["note_other"], ["unknown"])


def test_the_slot_itself_says_so_with_the_code_that_is_waited_for(db: None) -> None:
    del db
    spec = ConnectionSpec("store", "Store", ConnectionKind.HTTP, max_concurrent=1)
    ConnectionSlot.objects.create(
        connection_key="store",
        number=0,
        holder="other",
        held_until_at=clock.now() + timedelta(seconds=60),
    )
    with pytest.raises(UpstreamError) as caught, slot(spec, seconds=1):
        pass
    assert caught.value.error_code == BUSY


def test_facts_that_wait_for_a_free_place_void_nothing(world: World) -> None:
    call = world.propose("refund_order", {"order_id": "#W1", "amount": 900})
    assert call.state == CallState.AWAITING_APPROVAL
    world.approve(call)
    for _turn in range(3):
        world.store.read_errors = [busy()]
        assert world.execute(call) is CallState.READY
        assert call.due_at is not None
        assert call.due_at > world.clock()
        assert execute_due(now=world.clock(), read_clock=world.clock) == 0
        world.clock.tick(3)
    assert (call.attempt, outcomes(call)) == (0, [])
    assert world.execute(call) is CallState.SUCCEEDED


def test_an_approval_whose_time_passes_while_facts_wait_is_not_used(world: World) -> None:
    call = world.propose("refund_order", {"order_id": "#W1", "amount": 900})
    world.approve(call)
    world.store.read_errors = [busy()]
    assert world.execute(call) is CallState.READY
    world.clock.tick(60 * 60)
    assert world.execute(call) is CallState.VOIDED
    assert world.store.effects == {}


def test_nothing_is_decided_on_facts_that_wait_for_a_free_place(world: World) -> None:
    world.store.read_errors = [busy()]
    kinds = world.kinds()
    with pytest.raises(UpstreamError, match="nothing was decided") as refused:
        world.propose("refund_order", {"order_id": "#W1", "amount": 900})
    assert (refused.value.error_code, refused.value.may_retry) == (BUSY, True)
    assert world.kinds() == kinds
    assert not ToolCall.objects.exists()
    assert world.propose("refund_order", {"order_id": "#W1", "amount": 900}).decision is not None
