"""Sweeping, cancelling, reconciling."""

import pytest

from cases.tools.models import ToolCall
from cases.tools.selectors import spec_of
from cases.tools.services import cancel_call, reconcile_call, sweep
from cases.tools.services.claiming import claim_call
from cases.tools.types import CallState
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState
from orchestra.core.actors import Actor
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.cases.tools.conftest import World
from tests.factories.access import make_agent, make_person
from tests.factories.tools import NOTE, answer, cut, make_tool


def abandon(world: World, call: ToolCall) -> None:
    """Claim a call like a worker that then dies before it sends."""
    seen = ToolCall.objects.select_related("tool__connection", "case", "decision").get(pk=call.pk)
    assert claim_call(call=seen, spec=spec_of(call.tool), reads=None, now=world.clock())


def unknown_call(world: World) -> ToolCall:
    make_tool({**NOTE, "name": "note_keyless", "honours_idempotency_key": False})
    world.store.after = [cut()]
    call = world.propose("note_keyless")
    assert world.execute(call) == CallState.UNKNOWN
    return call


def test_a_sweep_runs_what_no_message_announced(world: World) -> None:
    call = world.propose()

    found = sweep(now=world.clock(), read_clock=world.clock)

    call.refresh_from_db()
    assert (found.executed, call.state) == (1, CallState.SUCCEEDED)


def test_a_lease_that_has_not_expired_is_left_alone(world: World) -> None:
    call = world.propose()
    abandon(world, call)

    found = sweep(now=world.clock(), read_clock=world.clock)

    call.refresh_from_db()
    assert (found.leases_expired, call.state, call.attempt) == (0, CallState.EXECUTING, 1)


def test_an_expired_lease_is_repeated_under_the_key(world: World) -> None:
    call = world.propose()
    abandon(world, call)

    sweep(now=world.clock.tick(2), read_clock=world.clock)
    call.refresh_from_db()
    assert (call.state, call.attempt) == (CallState.READY, 1)
    sweep(now=world.clock.tick(2), read_clock=world.clock)

    call.refresh_from_db()
    assert (call.state, call.attempt) == (CallState.SUCCEEDED, 2)
    assert world.store.effects == {call.effect_key: 1}


def test_an_expired_lease_without_a_key_is_unknown(world: World) -> None:
    make_tool({**NOTE, "name": "note_keyless", "honours_idempotency_key": False})
    call = world.propose("note_keyless")
    abandon(world, call)

    for _ in range(3):
        sweep(now=world.clock.tick(60), read_clock=world.clock)

    call.refresh_from_db()
    assert call.state == CallState.UNKNOWN
    assert world.store.writes == []
    assert world.kinds()[-1] == "tool_call.unknown"


def test_an_expired_lease_is_looked_up(world: World) -> None:
    make_tool({**NOTE, "name": "note_seen", "honours_idempotency_key": False, "lookup": True})
    call = world.propose("note_seen")
    abandon(world, call)
    world.store.answers[call.effect_key] = answer({"done": "note_seen"})

    sweep(now=world.clock.tick(60), read_clock=world.clock)

    call.refresh_from_db()
    assert (call.state, call.attempt) == (CallState.SUCCEEDED, 1)
    assert world.store.writes == []


def test_an_expired_read_is_repeated(world: World) -> None:
    call = world.propose("get_order")
    abandon(world, call)

    for _ in range(2):
        sweep(now=world.clock.tick(60), read_clock=world.clock)

    call.refresh_from_db()
    assert call.state == CallState.SUCCEEDED


def test_a_wait_for_verification_ends(world: World) -> None:
    make_tool({**NOTE, "name": "note_medium", "risk": "medium"})
    call = world.propose("note_medium")

    found = sweep(now=world.clock.tick(2 * 3600), read_clock=world.clock)

    call.refresh_from_db()
    assert (found.verifications_expired, call.state) == (1, CallState.EXPIRED)


def test_the_requester_takes_it_back_with_its_approval(world: World) -> None:
    call = world.propose("refund_order", {"order_id": "#W1", "amount": 612})

    cancelled = cancel_call(
        actor=world.agent, now=world.clock(), call_id=call.public_id, reason="changed their mind"
    )

    request = ApprovalRequest.objects.get()
    assert (cancelled.state, request.state) == (CallState.CANCELLED, ApprovalState.VOIDED)
    assert request.ended_reason == "changed their mind"
    assert world.settled == [(call.pk, "cancelled")]
    assert world.kinds()[-2:] == ["tool_call.cancelled", "approval.voided"]
    assert world.execute(call) == CallState.CANCELLED
    assert world.store.writes == []


def test_a_person_of_the_queue_may_take_it_back(world: World) -> None:
    call = world.propose()

    cancel_call(actor=world.supervisor.as_actor(), now=world.clock(), call_id=str(call.public_id))

    call.refresh_from_db()
    assert call.state == CallState.CANCELLED


def test_who_may_not_take_it_back(world: World) -> None:
    call = world.propose()
    colleague = make_agent("", owner=world.owner, queues=[world.queue]).as_actor()
    outsider = make_person("").as_actor()

    with pytest.raises(NotPermittedError):
        cancel_call(actor=colleague, now=world.clock(), call_id=call.public_id)
    for stranger in (outsider, make_agent("", owner=world.owner).as_actor()):
        with pytest.raises(NotFoundError):
            cancel_call(actor=stranger, now=world.clock(), call_id=call.public_id)
    call.refresh_from_db()
    assert call.state == CallState.READY


def test_what_has_begun_is_not_taken_back(world: World) -> None:
    call = world.propose()
    abandon(world, call)
    for _ in range(2):
        with pytest.raises(ConflictError):
            cancel_call(actor=world.agent, now=world.clock(), call_id=call.public_id)
        # The second time it is ready again, but its first attempt may have had its effect.
        sweep(now=world.clock.tick(2), read_clock=world.clock)
    call.refresh_from_db()
    assert call.state != CallState.CANCELLED


@pytest.mark.parametrize(("happened", "state"), [(True, "succeeded"), (False, "failed")])
def test_a_person_says_what_became_of_it(world: World, *, happened: bool, state: str) -> None:
    call = unknown_call(world)

    reconcile_call(
        actor=world.supervisor.as_actor(),
        now=world.clock(),
        call_id=call.public_id,
        happened=happened,
        reason="Seen in the store's own screen.",
    )

    call.refresh_from_db()
    assert call.state == state
    assert world.settled == [(call.pk, state)]
    assert world.kinds()[-1] == f"tool_call.{state}"


def test_who_may_not_say_it(world: World) -> None:
    call = unknown_call(world)

    def say(actor: Actor, reason: str = "seen") -> None:
        reconcile_call(
            actor=actor, now=world.clock(), call_id=call.public_id, happened=True, reason=reason
        )

    with pytest.raises(NotPermittedError):
        say(world.agent)
    with pytest.raises(NotFoundError):
        say(make_person("").as_actor())
    with pytest.raises(InvalidInputError):
        say(world.supervisor.as_actor(), reason="  ")
    call.refresh_from_db()
    assert call.state == CallState.UNKNOWN

    say(world.supervisor.as_actor())
    with pytest.raises(ConflictError):
        say(world.supervisor.as_actor())
