"""What a reader may see of calls, and how documents are read."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.tools import selectors
from cases.tools.asked import count_use, describe_calls, list_edited, list_undone
from cases.tools.models import ToolCall
from cases.tools.services.settling import finish
from cases.tools.types import CallState, Effect
from governance.access.selectors import authority_of
from governance.ledger.services import one_act
from orchestra.core.actors import Actor, system
from orchestra.core.errors import InvalidInputError, NotFoundError
from orchestra.core.history import save_as
from tests.cases.tools.conftest import World
from tests.factories.access import make_agent, make_person, make_queue
from tests.factories.tools import FACTORY, make_case


def test_a_call_is_seen_by_whoever_may_read_its_case(world: World) -> None:
    call = world.propose()

    for reader in (world.agent, world.supervisor.as_actor(), system("player")):
        for name in (call.public_id, str(call.public_id)):
            found = selectors.get_call(authority=authority_of(reader), call_id=name)
            assert found == call


def test_what_may_not_be_seen_is_not_there(world: World) -> None:
    call = world.propose()
    elsewhere = make_agent("", owner=world.owner, queues=[make_queue()])

    def look(reader: Actor, name: str) -> None:
        with pytest.raises(NotFoundError) as caught:
            selectors.get_call(authority=authority_of(reader), call_id=name)
        assert caught.value.error_code == "not_found.tool_call"

    look(elsewhere.as_actor(), str(call.public_id))
    look(make_person("").as_actor(), str(call.public_id))
    look(world.agent, str(uuid.uuid4()))
    look(world.agent, "no id")


def test_lists_are_of_one_case_in_order(world: World) -> None:
    calls = [world.propose(arguments={"order_id": "#W1", "amount": n}) for n in range(3)]
    world.propose(case=make_case(world.queue))

    assert list(selectors.list_calls(case=world.case)) == calls
    assert list(selectors.list_calls_of(case_public_id=world.case.public_id)) == calls


def test_a_list_of_calls_is_one_query(world: World) -> None:
    for number in range(3):
        world.propose(arguments={"order_id": "#W1", "amount": number})

    with CaptureQueriesContext(connection) as queries:
        for call in selectors.list_calls(case=world.case):
            assert (call.tool.connection.key, call.decision.outcome) == ("store", "allow")
            assert call.case.queue == world.queue

    assert len(queries) == 1


def test_attempts_in_order(world: World) -> None:
    call = world.propose()
    world.execute(call)

    assert [attempt.number for attempt in selectors.list_attempts(call=call)] == [1]


def test_the_requester_as_an_actor(world: World) -> None:
    call = world.propose()

    assert selectors.requester_of(call).as_payload() == world.agent.as_payload()


def test_tools_by_name_and_those_switched_off(world: World) -> None:
    tool = selectors.get_tool(name="note_order")
    tool.enabled = False
    save_as(tool, actor=FACTORY)
    del world

    assert "note_order" not in {row.name for row in selectors.list_tools()}
    assert set(selectors.tools_by_name({"get_order", "nothing"})) == {"get_order"}
    assert selectors.tools_by_name(set()) == {}
    with pytest.raises(InvalidInputError) as caught:
        selectors.get_tool(name="nothing")
    assert caught.value.error_code == "tool.unknown"


def test_a_document_is_parsed_once_for_its_digest(world: World) -> None:
    tool = selectors.get_tool(name="get_order")
    del world

    assert selectors.spec_of(tool) is selectors.spec_of(selectors.get_tool(name="get_order"))
    assert selectors.spec_of(tool).effect is Effect.READ


def test_what_calls_asked_for_is_said_as_far_as_the_reader_may_know(world: World) -> None:
    call = world.propose()
    ids = [str(call.public_id), "no id", str(uuid.uuid4())]

    reader = authority_of(world.supervisor.as_actor())
    [(found_id, told)] = describe_calls(reader, ids).items()
    assert found_id == str(call.public_id)
    assert (told.case, told.case_id) == (call.case.label, str(call.case.public_id))
    assert told.thing == call.arguments["order_id"]
    assert told.words == (call.effect_text or call.tool.title)

    stranger = authority_of(make_person("").as_actor())
    [less] = describe_calls(stranger, ids).values()
    assert (less.case, less.case_id, less.thing, less.customer) == (call.case.label, "", "", "")
    assert less.words == call.tool.title


def test_what_calls_asked_for_takes_one_query(world: World) -> None:
    reader = authority_of(world.supervisor.as_actor())
    ids = [str(world.propose().public_id)]
    with CaptureQueriesContext(connection) as captured:
        describe_calls(reader, ids)
    assert len(captured) == 1


def test_which_calls_were_undone_since_a_moment(world: World) -> None:
    call = world.propose()
    world.execute(call)
    world.clock.tick(60)
    began = world.clock()
    assert list_undone(began) == set()
    call.refresh_from_db()
    with one_act():
        finish(call=call, to=CallState.COMPENSATED, actor=FACTORY, now=began, reason="Taken back.")
    assert list_undone(began) == {str(call.public_id)}
    assert list_undone(began + timedelta(seconds=1)) == set()


def test_which_calls_were_edited_since_a_moment(world: World) -> None:
    call, instead = world.propose(), world.propose(arguments={"order_id": "#W2"})
    assert list_edited(instead.created_at) == {}
    ToolCall.objects.filter(pk=instead.pk).update(edited_from=call, edited_by_id="ines")
    assert list_edited(instead.created_at) == {str(call.public_id): "ines"}
    assert list_edited(instead.created_at + timedelta(seconds=1)) == {}


def test_what_an_agent_used_of_its_budget(world: World) -> None:
    world.propose()
    world.clock.tick(3_000)
    world.propose("get_order", {"order_id": "#W1"})
    used = count_use(world.agent.id, world.clock())
    assert used == {"calls_per_hour": 2, "calls_per_day": 2, "writes_per_day": 1}
    world.clock.tick(2_000)
    assert count_use(world.agent.id, world.clock())["calls_per_hour"] == 1
    nobody = count_use("00000000-0000-7000-8000-0000000000ff", world.clock())
    assert set(nobody.values()) == {0}


def test_what_an_agent_used_is_counted_off_an_index_of_who_asked(world: World) -> None:
    world.propose()
    with CaptureQueriesContext(connection) as captured:
        count_use(world.agent.id, world.clock())
    [asked] = captured.captured_queries
    with connection.cursor() as cursor:
        plan_of = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
        if connection.vendor == "postgresql":
            # On a small table any plan is cheap: what is asked is whether an index can serve.
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(plan_of + asked["sql"])
        plan = " ".join(str(row) for row in cursor.fetchall())
    assert "tool_call_asked" in plan, plan


class TestOwnCalls:
    def test_a_requester_finds_its_call_by_either_id(self, world: World) -> None:
        call = world.propose("refund_order", {"order_id": "#W1", "amount": 900})
        assert call.state == CallState.AWAITING_APPROVAL
        authority = authority_of(world.agent)
        for named in ({"call_id": call.public_id}, {"approval_id": call.approval_id_text}):
            assert selectors.get_own_call(authority=authority, **named) == call

    @pytest.mark.parametrize("named", [{}, {"call_id": "none"}, {"approval_id": "none"}])
    def test_what_is_named_wrong_or_not_at_all_is_not_there(
        self, world: World, named: dict[str, str]
    ) -> None:
        world.propose()  # It waits for nobody: no approval's id is no name for it.
        with pytest.raises(NotFoundError):
            selectors.get_own_call(authority=authority_of(world.agent), **named)

    def test_whoever_may_read_the_case_does_not_find_it_as_theirs(self, world: World) -> None:
        call = world.propose("refund_order", {"order_id": "#W1", "amount": 900})
        other = make_agent("", owner=world.owner, queues=[world.queue])
        for reader in (other.as_actor(), world.supervisor.as_actor()):
            for named in ({"call_id": call.public_id}, {"approval_id": call.approval_id_text}):
                with pytest.raises(NotFoundError):
                    selectors.get_own_call(authority=authority_of(reader), **named)


def test_alike_is_the_same_on_the_same_grounds_whatever_became_of_it(world: World) -> None:
    first = world.propose(arguments={"order_id": "#W1", "amount": 1})
    world.propose(arguments={"order_id": "#W1", "amount": 2})
    named = {
        "case_id": world.case.pk,
        "tool_id": first.tool_id,
        "arguments_digest": first.arguments_digest,
        "requester_id": world.agent.id,
    }
    ToolCall.objects.filter(pk=first.pk).update(state=CallState.FAILED)
    assert selectors.find_alike(**named, evidence=[]) == first
    assert selectors.find_alike(**named, evidence=["another"]) is None
    for other in ({"case_id": 0}, {"tool_id": 0}, {"requester_id": "x"}, {"arguments_digest": "x"}):
        assert selectors.find_alike(**{**named, **other}, evidence=[]) is None
