"""Settling a call of unknown outcome: who may, what is looked at, and trying again."""

from typing import Any

import pytest

from cases.tools.models import ToolCall
from cases.tools.services import look_now, reconcile_call, retry_unknown
from cases.tools.types import CallState
from governance.access.models import User
from governance.access.selectors import authority_of
from governance.access.types import QueueGrant, Role
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.cases.tools.conftest import World
from tests.factories.access import ALL_GRANTS, make_person
from tests.factories.tools import NOTE, REFUND, cut, make_tool

pytestmark = pytest.mark.django_db
SHOWS = {
    "tool": "get_order",
    "arguments": {"order_id": "$.order_id"},
    "expect": {"$.status": "noted"},
}


def unknown(world: World, **declared: Any) -> ToolCall:
    """A call whose answer was lost, after its effect."""
    make_tool({**NOTE, "name": "note_keyless", "honours_idempotency_key": False, **declared})
    world.store.changes = {"status": "noted"}
    world.store.after.append(cut())
    world.store.lookup_fails = True
    call = world.propose("note_keyless")
    assert world.execute(call) is CallState.UNKNOWN
    world.store.lookup_fails = False
    return call


def test_what_shows_the_effect_is_asked_and_nothing_is_written(world: World) -> None:
    call = unknown(world, lookup=True, confirm=SHOWS)
    writes = len(world.store.writes)
    look = look_now(authority=authority_of(world.supervisor.as_actor()), call_id=call.public_id)
    assert (look.asked_back, look.answered_ok, look.shows) == (True, True, True)
    assert look.shown["status"] == "noted"
    assert len(world.store.writes) == writes
    call.refresh_from_db()
    assert call.state == CallState.UNKNOWN


def test_a_system_that_does_not_answer_is_said(world: World) -> None:
    call = unknown(world, lookup=True, confirm=SHOWS)
    world.store.lookup_fails = True
    world.store.read_errors.append(cut())
    look = look_now(authority=authority_of(world.supervisor.as_actor()), call_id=call.public_id)
    assert (look.asked_back, look.read, look.shows) == (False, "", None)
    assert len(look.troubles) == 2


def test_it_is_not_tried_again_where_that_could_do_it_twice(world: World) -> None:
    call = unknown(world)
    with pytest.raises(ConflictError) as refused:
        retry_unknown(
            actor=world.supervisor.as_actor(),
            now=world.clock(),
            call_id=call.public_id,
            reason="Once more.",
        )
    assert refused.value.error_code == "tool_call.no_key"
    call.refresh_from_db()
    assert call.state == CallState.UNKNOWN


def test_tried_again_under_its_key_it_happens_once(world: World) -> None:
    call = world.propose()
    for _ in range(5):
        world.store.after.append(cut())
    assert world.execute_until_settled(call) is CallState.UNKNOWN
    retry_unknown(
        actor=world.supervisor.as_actor(),
        now=world.clock(),
        call_id=call.public_id,
        reason="The store is back.",
    )
    assert world.execute(call) is CallState.SUCCEEDED
    assert (call.attempt, world.store.effects[call.effect_key]) == (6, 1)
    assert "tool_call.retried" in world.kinds()


def refund(world: World, requester: User) -> ToolCall:
    make_tool({**REFUND, "name": "refund_keyless", "honours_idempotency_key": False})
    world.store.keyless = frozenset({"refund_keyless"})
    world.store.after.append(cut())
    call = world.propose(
        "refund_keyless",
        {"order_id": "#W1", "amount": 800},
        actor=requester.as_actor(),
        confidence=None,
        margin=None,
    )
    world.approve(call)
    assert world.execute(call) is CallState.UNKNOWN
    return call


def test_of_high_risk_another_person_settles_it_who_may_vote(world: World) -> None:
    asked = make_person(roles=[Role.SUPERVISOR], grants={world.queue: ALL_GRANTS})
    worker = make_person(roles=[Role.HUMAN_AGENT], grants={world.queue: [QueueGrant.WORK]})
    call = refund(world, asked)
    for person in (asked, worker):
        with pytest.raises(NotPermittedError):
            reconcile_call(
                actor=person.as_actor(),
                now=world.clock(),
                call_id=call.public_id,
                happened=True,
                reason="I saw it.",
            )
    call.refresh_from_db()
    assert call.state == CallState.UNKNOWN
    with pytest.raises(InvalidInputError):
        reconcile_call(
            actor=world.supervisor.as_actor(),
            now=world.clock(),
            call_id=call.public_id,
            happened=True,
            reason=" ",
        )
    done = reconcile_call(
        actor=world.supervisor.as_actor(),
        now=world.clock(),
        call_id=call.public_id,
        happened=True,
        reason="I saw it in the store.",
    )
    assert done.state == CallState.SUCCEEDED
