"""Executing: decide again, claim, send, confirm, write; and everything that can go wrong."""

from datetime import timedelta
from typing import Any

from cases.tools.models import ToolAttempt, ToolCall
from cases.tools.selectors import spec_of
from cases.tools.services import sweep
from cases.tools.services.claiming import Claim, claim_call
from cases.tools.services.outcome import write_outcome
from cases.tools.services.sending import send
from cases.tools.types import CallState
from governance.policies.models import LimitUse
from orchestra.core.errors import UpstreamError
from tests.cases.tools.conftest import World
from tests.factories.tools import NOTE, cut, make_tool, unreachable

REFUND_612 = {"order_id": "#W1", "amount": 612}


def attempts(call: ToolCall) -> list[tuple[int, str]]:
    return list(
        ToolAttempt.objects.filter(call=call).order_by("number").values_list("number", "outcome")
    )


def tool_with(**changes: Any) -> str:
    make_tool({**NOTE, "name": "note_other", **changes})
    return "note_other"


def test_a_call_that_succeeds(world: World) -> None:
    call = world.propose()

    assert world.execute(call) == CallState.SUCCEEDED

    assert call.result == {"done": "note_order"}
    assert bytes(call.result_bytes or b"") == b'{"done": "note_order"}'
    assert (call.attempt, call.lease_until_at, call.settled_at) == (1, None, world.clock())
    assert attempts(call) == [(1, "answered")]
    assert world.store.effects == {call.effect_key: 1}
    assert world.settled == [(call.pk, "succeeded")]
    assert world.kinds() == [
        "decision.recorded",
        "tool_call.proposed",
        "decision.reaffirmed",
        "execution.claimed",
        "tool_call.succeeded",
    ]


def test_a_call_that_is_done_is_not_sent_again(world: World) -> None:
    call = world.propose()
    world.execute(call)

    assert world.execute(call) == CallState.SUCCEEDED
    assert len(world.store.writes) == 1


def test_a_read_is_not_decided_again(world: World) -> None:
    call = world.propose("get_order")

    assert world.execute(call) == CallState.SUCCEEDED

    assert call.result == world.store.orders["#W1"]
    assert "decision.reaffirmed" not in world.kinds()


def test_a_business_refusal_is_a_result(world: World) -> None:
    world.store.refuse = "The order was noted before."
    call = world.propose()

    assert world.execute(call) == CallState.FAILED

    assert call.refused
    assert (call.result, call.state_reason) == ("The order was noted before.",) * 2
    assert attempts(call) == [(1, "refused")]
    assert world.kinds()[-1] == "tool_call.refused"
    assert world.settled == [(call.pk, "failed")]
    assert not LimitUse.objects.filter(released_at=None).exists()


def test_a_read_that_is_refused(world: World) -> None:
    call = world.propose("get_order", {"order_id": "#W404"})

    assert world.execute(call) == CallState.FAILED
    assert call.refused


def test_what_was_not_sent_is_sent_again_after_a_while(world: World) -> None:
    world.store.before = [unreachable()]
    call = world.propose()

    assert world.execute(call) == CallState.READY
    assert call.due_at is not None
    assert call.due_at > world.clock()
    assert world.execute(call) == CallState.READY, "not before it is due"
    assert attempts(call) == [(1, "error")]

    world.clock.tick(60)
    assert world.execute(call) == CallState.SUCCEEDED
    assert attempts(call) == [(1, "error"), (2, "answered")]
    assert world.kinds().count("tool_call.attempt_failed") == 1
    assert world.kinds().count("decision.reaffirmed") == 2


def test_attempts_are_capped(world: World) -> None:
    world.store.before = [unreachable() for _ in range(9)]
    call = world.propose()

    assert world.execute_until_settled(call) == CallState.FAILED

    assert [outcome for _, outcome in attempts(call)] == ["error"] * 5
    assert world.settled == [(call.pk, "failed")]
    assert world.store.effects == {}


def test_a_lost_answer_is_asked_for_again_under_the_same_key(world: World) -> None:
    world.store.after = [cut(), cut()]
    call = world.propose()

    assert world.execute_until_settled(call) == CallState.SUCCEEDED

    assert attempts(call) == [(1, "unknown"), (2, "unknown"), (3, "answered")]
    assert {request.idempotency_key for request in world.store.writes} == {call.effect_key}
    assert world.store.effects == {call.effect_key: 1}


def test_a_lost_answer_of_a_tool_without_a_key_waits_for_a_person(world: World) -> None:
    world.store.after = [cut()]
    call = world.propose(tool_with(honours_idempotency_key=False))

    assert world.execute(call) == CallState.UNKNOWN

    assert world.store.effects == {call.effect_key: 1}
    assert world.settled == []
    assert world.kinds()[-2:] == ["tool_call.attempt_failed", "tool_call.unknown"]
    assert LimitUse.objects.filter(released_at=None).exists()
    sweep(now=world.clock.tick(3600), read_clock=world.clock)
    assert len(world.store.writes) == 1


def test_a_lost_answer_is_looked_up(world: World) -> None:
    world.store.after = [cut()]
    call = world.propose(tool_with(honours_idempotency_key=False, lookup=True))

    assert world.execute(call) == CallState.SUCCEEDED

    assert world.store.lookups == 1
    assert call.result == {"done": "note_other"}
    assert world.store.effects == {call.effect_key: 1}


def test_a_look_up_that_finds_nothing_proves_nothing(world: World) -> None:
    world.store.before = [cut()]
    call = world.propose(tool_with(honours_idempotency_key=False, lookup=True))

    assert world.execute(call) == CallState.UNKNOWN
    assert world.store.effects == {}


def test_a_look_up_that_fails_proves_nothing(world: World) -> None:
    world.store.after = [cut()]
    world.store.lookup_fails = True
    call = world.propose(tool_with(honours_idempotency_key=False, lookup=True))

    assert world.execute(call) == CallState.UNKNOWN


def test_unknown_to_the_last_attempt_is_never_failed(world: World) -> None:
    world.store.after = [cut() for _ in range(9)]
    call = world.propose()

    assert world.execute_until_settled(call) == CallState.UNKNOWN
    assert [outcome for _, outcome in attempts(call)] == ["unknown"] * 5


def test_a_definite_error_after_an_unknown_one_is_unknown(world: World) -> None:
    world.store.after = [cut()]
    call = world.propose()
    world.execute(call)
    world.store.before = [UpstreamError("no", may_retry=False)]
    world.clock.tick(60)

    assert world.execute(call) == CallState.UNKNOWN


def test_an_error_that_is_not_repeated(world: World) -> None:
    world.store.before = [UpstreamError("bad arguments", may_retry=False)]
    call = world.propose()

    assert world.execute(call) == CallState.FAILED
    assert not call.refused
    assert world.kinds()[-1] == "tool_call.failed"


CONFIRM = {
    "tool": "get_order",
    "arguments": {"order_id": "$.order_id"},
    "expect": {"$.noted": True},
}


def test_a_confirmed_effect(world: World) -> None:
    world.store.changes = {"noted": True}
    call = world.propose(tool_with(confirm=CONFIRM))

    assert world.execute(call) == CallState.SUCCEEDED
    assert call.confirmed is True
    assert world.kinds()[-2:] == ["tool_call.confirmed", "tool_call.succeeded"]


def test_an_answer_without_the_effect_is_a_failure_that_is_seen(world: World) -> None:
    call = world.propose(tool_with(confirm=CONFIRM))

    assert world.execute(call) == CallState.FAILED

    assert (call.confirmed, call.refused) == (False, False)
    assert call.result == {"done": "note_other"}
    assert "does not show it" in call.state_reason
    assert LimitUse.objects.filter(released_at=None).exists()


def test_a_check_that_cannot_be_made_is_made_again(world: World) -> None:
    world.store.changes = {"noted": True}
    call = world.propose(tool_with(confirm=CONFIRM))
    world.store.during = lambda: world.store.read_errors.append(unreachable())

    assert world.execute(call) == CallState.READY
    assert call.confirmed is None
    world.store.during = None
    world.store.read_errors.clear()
    world.clock.tick(60)
    assert world.execute(call) == CallState.SUCCEEDED
    assert (call.confirmed, world.store.effects) == (True, {call.effect_key: 1})


def test_a_stale_worker_changes_nothing(world: World) -> None:
    call = world.propose()
    seen = ToolCall.objects.select_related("tool__connection", "case", "decision").get(pk=call.pk)
    spec = spec_of(call.tool)
    claim = claim_call(call=seen, spec=spec, reads=None, now=world.clock())
    assert claim is not None
    sweep(now=world.clock.tick(5), read_clock=world.clock)
    sweep(now=world.clock.tick(5), read_clock=world.clock)
    call.refresh_from_db()
    assert (call.state, call.attempt) == (CallState.SUCCEEDED, 2)

    late = send(call=claim.call, spec=spec)
    assert write_outcome(claim=claim, report=late, now=world.clock()) == CallState.SUCCEEDED

    call.refresh_from_db()
    assert (call.state, call.attempt) == (CallState.SUCCEEDED, 2)
    assert attempts(call) == [(1, "stale"), (2, "answered")]
    assert bytes(ToolAttempt.objects.get(call=call, number=1).body or b"") != b""
    assert world.kinds()[-1] == "tool_call.stale_result"
    assert world.store.effects == {call.effect_key: 1}
    assert world.settled == [(call.pk, "succeeded")]


def claim_now(world: World, call: ToolCall) -> Claim:
    query = ToolCall.objects.select_related("tool__connection", "case", "decision")
    seen, spec = query.get(pk=call.pk), spec_of(call.tool)
    claim = claim_call(call=seen, spec=spec, reads=None, now=world.clock())
    assert claim is not None
    return claim


def test_a_late_answer_does_not_settle_the_attempt_that_replaced_it(world: World) -> None:
    call = world.propose()
    first = claim_now(world, call)
    late = send(call=first.call, spec=first.spec)
    sweep(now=world.clock.tick(5), read_clock=world.clock)
    world.clock.tick(5)
    second = claim_now(world, call)

    assert write_outcome(claim=first, report=late, now=world.clock()) == CallState.EXECUTING

    call.refresh_from_db()
    assert (call.state, call.attempt, call.result) == (CallState.EXECUTING, 2, None)
    assert world.settled == []
    report = send(call=second.call, spec=second.spec)
    assert write_outcome(claim=second, report=report, now=world.clock()) == CallState.SUCCEEDED
    assert attempts(call) == [(1, "stale"), (2, "answered")]
    assert world.store.effects == {call.effect_key: 1}
    assert world.settled == [(call.pk, "succeeded")]


def test_a_late_answer_does_not_settle_a_call_that_waits_again(world: World) -> None:
    call = world.propose()
    claim = claim_now(world, call)
    late = send(call=claim.call, spec=claim.spec)
    sweep(now=world.clock.tick(5), read_clock=world.clock)

    assert write_outcome(claim=claim, report=late, now=world.clock()) == CallState.READY

    call.refresh_from_db()
    assert (call.state, call.attempt, call.result) == (CallState.READY, 1, None)
    assert (attempts(call), world.settled) == ([(1, "stale")], [])
    assert world.execute_until_settled(call) == CallState.SUCCEEDED
    assert world.store.effects == {call.effect_key: 1}
    assert world.settled == [(call.pk, "succeeded")]


def test_a_call_that_outlasts_its_lease_is_one_effect(world: World) -> None:
    """No lease is renewed: another worker takes over, and the slow one's answer comes too late."""
    call = world.propose()

    def outlast() -> None:
        world.store.during = None
        sweep(now=world.clock.tick(5), read_clock=world.clock)
        sweep(now=world.clock.tick(5), read_clock=world.clock)
        call.refresh_from_db()
        assert (call.state, call.attempt) == (CallState.SUCCEEDED, 2)

    world.store.during = outlast
    assert world.execute(call) == CallState.SUCCEEDED

    assert (call.state, call.attempt) == (CallState.SUCCEEDED, 2)
    assert attempts(call) == [(1, "stale"), (2, "answered")]
    assert world.store.effects == {call.effect_key: 1}
    assert len(world.store.writes) == 2
    assert world.kinds().count("tool_call.succeeded") == 1
    assert world.kinds()[-1] == "tool_call.stale_result"
    assert world.settled == [(call.pk, "succeeded")]


def test_a_call_within_its_lease_is_left_alone(world: World) -> None:
    """The lease covers what the tool may take, so that a slow call is not taken over."""
    call = world.propose()

    def look() -> None:
        call.refresh_from_db()
        assert call.lease_until_at is not None
        almost = call.lease_until_at - timedelta(milliseconds=1)
        assert sweep(now=almost, read_clock=world.clock).leases_expired == 0

    world.store.during = look
    assert world.execute(call) == CallState.SUCCEEDED
    assert attempts(call) == [(1, "answered")]
    assert len(world.store.writes) == 1


def test_two_workers_on_one_call(world: World) -> None:
    call = world.propose()
    seen = ToolCall.objects.select_related("tool__connection", "case", "decision").get(pk=call.pk)
    spec = spec_of(call.tool)

    first = claim_call(call=seen, spec=spec, reads=None, now=world.clock())
    second = claim_call(call=seen, spec=spec, reads=None, now=world.clock())

    assert first is not None
    assert second is None
    assert call.attempts.count() == 1


def test_facts_that_changed_void_the_call(world: World) -> None:
    call = world.propose()
    world.store.orders["#W1"]["status"] = "lost"

    assert world.execute(call) == CallState.VOIDED

    assert call.state_reason
    assert world.store.writes == []
    assert world.settled == [(call.pk, "voided")]
    assert world.kinds()[-1] == "tool_call.voided"
    assert not LimitUse.objects.filter(released_at=None).exists()


def test_a_fact_that_changes_nothing_reaffirms(world: World) -> None:
    call = world.propose()
    world.store.orders["#W1"]["status"] = "delivered twice"

    assert world.execute(call) == CallState.SUCCEEDED
