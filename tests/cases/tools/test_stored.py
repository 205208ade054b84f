"""The prepared queries of tools and calls read what stands at the moment they are asked."""

from cases.tools import stored
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.types import CallState
from tests.cases.tools.conftest import World


def test_a_call_is_read_as_it_stands(world: World) -> None:
    call = world.propose()
    assert stored.CALL.first(call.pk) == call
    assert stored.CALL_BY_ID.first(call.public_id) == call
    queues = [call.case.queue_id]
    assert stored.CALL_OF_QUEUES.first(call.public_id, queues) == call
    assert stored.CALL_OF_QUEUES.first(call.public_id, [queues[0] + 1]) is None
    assert stored.STATE.rows(call.pk) == [CallState.READY]
    ToolCall.objects.filter(pk=call.pk).update(state=CallState.CANCELLED)
    assert stored.STATE.rows(call.pk) == [CallState.CANCELLED]
    due = stored.DUE_CALL.first(call.pk)
    assert due.is_stopped is False
    assert due.tool.get_deferred_fields() == {"document"}


def test_a_repeat_is_found_while_its_call_is_open(world: World) -> None:
    call = world.propose()
    same = (call.arguments_digest, call.case_id, call.tool_id, call.requester_id)
    ToolCall.objects.filter(pk=call.pk).update(request_key="of this request")
    found = [("of this request", call.pk)]
    assert stored.REPEATED.rows(*same) == found
    assert stored.REPEATED_OR_OF_REQUEST.rows(*same, "another") == found
    ToolCall.objects.filter(pk=call.pk).update(state=CallState.REJECTED)
    assert stored.REPEATED.rows(*same) == []
    assert stored.REPEATED_OR_OF_REQUEST.rows(*same, "of this request") == found
    assert stored.OF_REQUEST.rows("of this request") == [call.pk]


def test_a_tool_comes_with_its_connection_and_without_its_document(world: World) -> None:
    world.propose()
    name = ToolDefinition.objects.values_list("name", flat=True)[0]
    [tool] = stored.TOOLS.rows([name])
    assert tool.name == name
    assert tool.get_deferred_fields() == {"document"}
    assert "connection" in tool._state.fields_cache
