"""The tools an agent is told of: its own, in a fixed order, honestly described; what it costs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator

from cases.tools.models import ToolDefinition
from governance.access.agents import READ_ONLY
from governance.access.types import Scope
from orchestra.mcp import catalogue, protocol
from orchestra.mcp.own import OWN
from tests.factories.ledger import spared
from tests.flows.conftest import World
from tests.flows.helpers import RETURN
from tests.flows.mcp import STATELESS, ask, call, done, result, send
from tests.flows.test_mcp import RETURNS, known_case, proposal
from tests.flows.test_mcp_refusals import rescope

#: The token, what it may do, the tools.
LIST = 3
#: A write that waits for a person: as over REST, without the rows of its key; but the tool is
#: looked up before anything is read from the arguments, and what was proposed before for it,
#: and whether a stop stands.
PROPOSE = 40
#: Its repeat: nothing is written.
REPEAT = 9
#: The token, what it may do, the call.
TASK = 3


def listed(world: World, **params: Any) -> dict[str, Any]:
    return result(ask(world, "tools/list", **params))


def by_name(world: World) -> dict[str, dict[str, Any]]:
    return {tool["name"]: tool for tool in listed(world)["tools"]}


def test_the_order_is_fixed_and_the_answer_is_kept_for_its_caller_alone(retail: World) -> None:
    first = listed(retail)
    names = [tool["name"] for tool in first["tools"]]
    own = [tool.name for tool in OWN]
    registered = sorted(ToolDefinition.objects.values_list("name", flat=True))
    assert names == own + registered
    assert (first["ttlMs"], first["cacheScope"]) == (60_000, "private")
    assert "nextCursor" not in first
    assert listed(retail) == first


def test_pages_follow_each_other(retail: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [tool["name"] for tool in listed(retail)["tools"]]
    monkeypatch.setattr(catalogue, "PAGE_SIZE", 5)
    found: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = listed(retail, **more)
        assert len(page["tools"]) <= 5
        found += [tool["name"] for tool in page["tools"]]
        if "nextCursor" not in page:
            break
        more = {"cursor": page["nextCursor"]}
    assert found == whole


def test_a_page_goes_on_where_a_tool_was_switched_off(
    retail: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "PAGE_SIZE", len(OWN) + 3)
    first = listed(retail)
    last = first["tools"][-1]["name"]
    whole = sorted(ToolDefinition.objects.values_list("name", flat=True))
    ToolDefinition.objects.filter(name=last).update(enabled=False)
    second = [tool["name"] for tool in listed(retail, cursor=first["nextCursor"])["tools"]]
    assert second[0] == whole[whole.index(last) + 1]


def test_what_a_token_does_not_carry_is_not_told(retail: World) -> None:
    rescope(retail, Scope(tools=frozenset({"get_order_details"})))
    assert list(by_name(retail))[len(OWN) :] == ["get_order_details"]
    rescope(retail, Scope(capabilities=READ_ONLY))
    reading = by_name(retail)
    assert all(tool["annotations"]["readOnlyHint"] for tool in reading.values())
    assert set(reading) == {tool.name for tool in OWN if not tool.act}


def test_what_is_switched_off_is_not_told(retail: World) -> None:
    ToolDefinition.objects.filter(name=RETURNS).update(enabled=False)
    assert RETURNS not in by_name(retail)


def test_no_registered_tool_passes_for_one_of_ours(retail: World) -> None:
    ToolDefinition.objects.filter(name="calculate").update(name="orchestra_open_case")
    ToolDefinition.objects.filter(name="get_order_details").update(name="orchestra_new")
    names = [tool["name"] for tool in listed(retail)["tools"]]
    assert names.count("orchestra_open_case") == 1
    assert "orchestra_new" not in names
    answer = ask(retail, "tools/call", name="orchestra_new", arguments={})
    assert answer.json()["error"]["code"] == -32602


def test_hints_say_what_the_registered_tool_says(retail: World) -> None:
    tools = by_name(retail)
    for tool in ToolDefinition.objects.all():
        hints = tools[tool.name]["annotations"]
        assert hints["readOnlyHint"] is (tool.effect == "read")
        assert hints["destructiveHint"] is (tool.effect == "write")
        assert ("changes the system of record" in tools[tool.name]["description"]) is (
            tool.effect == "write"
        )
    for own in OWN:
        hints = tools[own.name]["annotations"]
        assert (hints["readOnlyHint"], hints["destructiveHint"]) == (not own.act, False)


def test_a_governed_tool_takes_its_own_arguments_as_a_whole(retail: World) -> None:
    case = known_case(retail)
    tool = by_name(retail)[RETURNS]
    schema = tool["inputSchema"]
    assert schema["required"] == ["case_id", "arguments"]
    takes = Draft202012Validator(schema).is_valid
    wanted = proposal(retail, case)
    assert takes(wanted)
    assert not takes({**wanted, "arguments": {**RETURN, "force": True}})
    assert not takes({**wanted, "arguments": {}})
    assert not takes({**wanted, "approved": True})


def test_every_answer_fits_the_schema_of_its_tool(retail: World) -> None:
    tools = by_name(retail)
    for tool in tools.values():
        Draft202012Validator.check_schema(tool["inputSchema"])
        Draft202012Validator.check_schema(tool["outputSchema"])
        assert tool["inputSchema"]["type"] == tool["outputSchema"]["type"] == "object"

    def check(name: str, **arguments: Any) -> dict[str, Any]:
        found = call(retail, name, **arguments)
        Draft202012Validator(tools[name]["outputSchema"]).validate(found["structuredContent"])
        said: dict[str, Any] = found["structuredContent"]
        return said

    wanted = proposal(retail, known_case(retail))
    case = wanted["case_id"]
    assert check(RETURNS, **{**wanted, "evidence": []})["outcome"] == "denied"
    waiting = check(RETURNS, **wanted)
    assert waiting["outcome"] == "pending_approval"
    assert check(RETURNS, case_id=case)["outcome"] == "refused"
    order = {"order_id": "#W2378156"}
    assert check("get_order_details", case_id=case, arguments=order)["outcome"] == "succeeded"
    for name in ("orchestra_call_status", "orchestra_cancel_call"):
        check(name, tool_call_id=waiting["tool_call_id"])
        assert check(name, tool_call_id="none")["error"]["code"] == "invalid_input"
    for name in ("orchestra_read_case", "orchestra_read_timeline", "orchestra_next_step"):
        check(name, case_id=case)
        assert check(name, case_id="none")["error"]["code"] == "invalid_input"


def test_the_server_says_what_it_is(retail: World) -> None:
    found = result(ask(retail, "server/discover"))
    assert found["supportedVersions"] == ["2026-07-28", "2025-11-25"]
    assert found["capabilities"] == {
        "tools": {},
        "resources": {},
        "prompts": {},
        "extensions": {protocol.TASKS: {}},
    }
    assert found["_meta"][protocol.SERVER_KEY]["name"] == "orchestra"
    assert (found["cacheScope"], found["ttlMs"] > 0) == ("private", True)
    assert "Open or find the case first" in found["instructions"]


def test_every_line_of_a_request_carries_the_callers_trace(
    retail: World, caplog: pytest.LogCaptureFixture
) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {
        "MCP-Protocol-Version": STATELESS,
        "Mcp-Method": "tools/list",
        "traceparent": f"00-{trace}-b7ad6b7169203331-01",
    }
    meta = {protocol.VERSION_KEY: STATELESS, protocol.CAPABILITIES_KEY: {}}
    message = {"jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": {"_meta": meta}}
    with caplog.at_level(logging.INFO):
        send(retail, message, headers=headers)
        send(retail, message, headers={**headers, "traceparent": "none"})
    first, second = [
        record.msg for record in caplog.records if record.name == "orchestra.mcp.views"
    ]
    assert (first["event"], first["trace_id"]) == ("mcp.answered", trace)
    assert "trace_id" not in second


@contextmanager
def counting() -> Iterator[list[int]]:
    seen: list[int] = []
    with CaptureQueriesContext(connection) as captured:
        yield seen
    # Transactions here are savepoints of the test's own.
    seen.append(sum("SAVEPOINT" not in query["sql"] for query in captured))


@pytest.mark.parametrize("others", [0, 4])
def test_what_a_list_and_a_call_ask_the_database(retail: World, others: int) -> None:
    call(retail, RETURNS, **proposal(retail, known_case(retail)))
    for number in range(others):
        case = done(
            retail, "orchestra_open_case", channel="chat", text="Hi.", external_ref=f"o-{number}"
        )
        done(retail, "orchestra_add_message", case_id=case["id"], speaker="customer", text="x")
    wanted = proposal(retail, known_case(retail))
    with counting() as listing:
        listed(retail)
    with counting() as proposing:
        first = call(retail, RETURNS, **wanted)["structuredContent"]
    assert first["outcome"] == "pending_approval"
    with counting() as repeating:
        call(retail, RETURNS, **wanted)
    with counting() as polling:
        result(
            ask(
                retail,
                "tasks/get",
                capabilities={"extensions": {protocol.TASKS: {}}},
                taskId=first["tool_call_id"],
            )
        )
    seen = [*listing, *proposing, *repeating, *polling]
    assert seen == [LIST, PROPOSE - spared(acts=2), REPEAT, TASK]
