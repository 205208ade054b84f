"""The budget of an AI agent: counted from its calls, refused with when it frees again."""

from datetime import timedelta
from typing import Any

import pytest

from cases.tools.models import ToolCall
from cases.tools.types import CallState
from governance.access.models import AgentIdentity
from governance.access.services import stop_agent
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core.clock import rfc3339
from orchestra.core.errors import ConflictError
from tests.cases.tools.conftest import World
from tests.factories.access import make_person
from tests.factories.tools import NOTE, make_case, make_tool


def bound(world: World, **limits: int) -> None:
    AgentIdentity.objects.filter(public_id=world.agent.id).update(**limits)


def propose(world: World, number: int, **fields: Any) -> ToolCall:
    return world.propose(arguments={"order_id": f"#W{number}"}, **fields)


def refused(world: World, number: int) -> ConflictError:
    before = (ToolCall.objects.count(), LedgerEntry.objects.count())
    with pytest.raises(ConflictError) as found:
        propose(world, number)
    assert found.value.error_code == "agent.budget_spent"
    assert (ToolCall.objects.count(), LedgerEntry.objects.count()) == before
    return found.value


def test_one_more_than_the_budget_is_refused_until_it_frees(world: World) -> None:
    bound(world, calls_per_hour=2)
    first = world.clock()
    call = propose(world, 1)
    world.clock.tick(600)
    propose(world, 2, case=make_case(world.queue, customer_ref="other"))
    error = refused(world, 3)
    frees = rfc3339(first + timedelta(hours=1))
    assert error.data == {"limit": "calls_per_hour", "most": 2, "frees_at": frees}
    assert "It frees again at" in error.message
    # The same again is the same call, and costs nothing.
    assert propose(world, 1).pk == call.pk
    world.clock.tick(3000)
    assert propose(world, 3).pk != call.pk
    refused(world, 4)


def test_writes_have_a_bound_of_their_own(world: World) -> None:
    bound(world, writes_per_day=1)
    propose(world, 1)
    assert refused(world, 2).data["limit"] == "writes_per_day"
    assert world.propose("get_order", {"order_id": "#W1"}).pk


def test_nothing_is_a_budget_too(world: World) -> None:
    bound(world, calls_per_day=0)
    assert refused(world, 1).data == {"limit": "calls_per_day", "most": 0, "frees_at": None}


def test_another_agents_calls_do_not_count(world: World) -> None:
    propose(world, 1)
    ToolCall.objects.update(requester_id="00000000-0000-7000-8000-0000000000ff")
    bound(world, calls_per_hour=1)
    propose(world, 2)
    refused(world, 3)


def test_a_stopped_agents_ready_call_does_not_start(world: World) -> None:
    call = propose(world, 1)
    assert call.state == CallState.READY
    administrator = make_person(roles=[Role.ADMINISTRATOR])
    stop_agent(
        actor=administrator.as_actor(),
        now=world.clock(),
        agent=AgentIdentity.objects.get(public_id=world.agent.id),
        reason="Loops.",
    )
    world.execute(call)
    assert call.state == CallState.VOIDED
    assert world.store.writes == []


def limited(per: str, calls: int = 2) -> None:
    limit = {"calls": calls, "per": per, "window_minutes": 60}
    make_tool({**NOTE, "name": "note_seldom", "limits": [limit]})


def note(world: World, number: int, **fields: Any) -> ToolCall:
    return world.propose("note_seldom", {"order_id": f"#W{number}"}, **fields)


def test_a_tool_allows_an_agent_so_many_calls_in_a_window(world: World) -> None:
    limited("agent")
    note(world, 1)
    world.clock.tick(600)
    note(world, 2, case=make_case(world.queue, customer_ref="other"))
    before = (ToolCall.objects.count(), LedgerEntry.objects.count())
    with pytest.raises(ConflictError) as found:
        note(world, 3)
    assert found.value.error_code == "tool.limit_reached"
    assert found.value.data == {"per": "agent", "most": 2, "minutes": 60}
    assert (ToolCall.objects.count(), LedgerEntry.objects.count()) == before
    # A person is not bound by it, nor is another tool.
    note(world, 3, actor=world.supervisor.as_actor())
    propose(world, 9)
    world.clock.tick(3001)
    assert note(world, 4).pk


def test_a_tool_allows_so_many_calls_for_a_customer_whoever_asks(world: World) -> None:
    limited("customer")
    note(world, 1)
    note(world, 2, actor=world.supervisor.as_actor())
    with pytest.raises(ConflictError):
        note(world, 3, actor=world.supervisor.as_actor())
    assert note(world, 3, case=make_case(world.queue, customer_ref="other")).pk
