"""The official client against a live server: both revisions, with and without tasks."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, EmptyResult

from tests.flows.helpers import RETURN, WORDS
from tests.flows.mcp import HANDSHAKE, STATELESS
from tests.flows.mcp_live import (
    CancelTask,
    GetTask,
    Live,
    TaskMade,
    TaskNow,
    TaskParams,
    Tasks,
    live,
)

RETURNS = "return_delivered_order_items"
MOVES = "modify_user_address"
MOVED = {
    "user_id": "yusuf_rossi_9620",
    "address1": "7 New Road",
    "address2": "",
    "city": "Philadelphia",
    "state": "PA",
    "country": "USA",
    "zip": "19122",
}
YUSUF = {"first_name": "Yusuf", "last_name": "Rossi", "zip": "19122"}

pytestmark = pytest.mark.processes


@pytest.fixture(autouse=True)
def _own_checkpoint_file() -> None:
    """Nothing to keep apart: the server has a folder of its own."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("mcp")) as found:
        yield found


def said(result: CallToolResult) -> dict[str, Any]:
    """Return what a tool says: structured, and the same as text."""
    [content] = result.content
    found: dict[str, Any] = result.structured_content
    assert json.loads(content.text) == found  # type: ignore[union-attr]
    return found


async def done(client: Client, name: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(name, arguments)
    assert result.is_error is False, result
    return said(result)


async def proposal(client: Client) -> dict[str, Any]:
    """Open a case, find the customer and get the yes; return what then asks for the return."""
    case = (await done(client, "orchestra_open_case", channel="chat", text=WORDS))["id"]
    found = await done(
        client,
        "find_user_id_by_name_zip",
        case_id=case,
        arguments=YUSUF,
        confidence=0.99,
        margin=0.9,
    )
    assert found["outcome"] == "succeeded"
    evidence = [
        (await done(client, "orchestra_add_message", case_id=case, speaker=who, text=text))["id"]
        for who, text in (("ai", "Three items for $1,285.12?"), ("customer", "Yes, please."))
    ]
    return {
        "case_id": case,
        "arguments": RETURN,
        "confidence": 0.99,
        "margin": 0.9,
        "evidence": evidence,
    }


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_both_revisions_give_cue_sheets_as_prompts(site: Live, mode: str) -> None:
    async def act(client: Client) -> None:
        assert client.server_capabilities is not None
        assert client.server_capabilities.prompts is not None
        prompts = (await client.list_prompts()).prompts
        assert [one.name for one in prompts] == sorted(one.name for one in prompts)
        [followed] = (await client.get_prompt("return_items")).messages
        assert followed.role == "user"
        assert "## Execute" in followed.content.text
        with pytest.raises(MCPError, match="no such prompt"):
            await client.get_prompt("launch_rocket")

    site.run(act, mode=mode)


@pytest.mark.parametrize(("mode", "revision"), [("auto", STATELESS), ("legacy", HANDSHAKE)])
def test_both_revisions_list_the_tools_and_call_them(site: Live, mode: str, revision: str) -> None:
    async def act(client: Client) -> None:
        assert client.protocol_version == revision
        assert client.server_info is not None
        assert client.server_info.name == "orchestra"
        assert "outcome" in (client.instructions or "")
        listed = await client.list_tools()
        names = [tool.name for tool in listed.tools]
        assert names[0] == "orchestra_open_case"
        assert RETURNS in names
        assert names == [tool.name for tool in (await client.list_tools()).tools]
        case = (await done(client, "orchestra_open_case", channel="chat", text=WORDS))["id"]
        denied = await client.call_tool(RETURNS, {"case_id": case, "arguments": RETURN})
        assert (denied.is_error, said(denied)["outcome"]) == (True, "denied")
        wrong = await client.call_tool(RETURNS, {"case_id": case})
        assert wrong.is_error is True
        assert said(wrong)["error"]["errors"][0]["field"] == "arguments"
        with pytest.raises(MCPError, match="no tool launch_rocket"):
            await client.call_tool("launch_rocket", {})
        articles = (await client.list_resources()).resources
        assert [one.name for one in articles] == sorted(one.name for one in articles)
        (text,) = (await client.read_resource(articles[0].uri)).contents
        assert text.text.startswith(f"# {articles[0].title}\n")
        (template,) = (await client.list_resource_templates()).resource_templates
        timeline = template.uri_template.replace("{case_id}", case)
        (told,) = (await client.read_resource(timeline)).contents
        assert json.loads(told.text)[0]["kind"] == "case.opened"
        with pytest.raises(MCPError, match="no such resource"):
            await client.read_resource("orchestra://articles/none")

    site.run(act, mode=mode)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_without_tasks_a_repeat_attaches_and_collects_the_outcome(site: Live, mode: str) -> None:
    async def act(client: Client) -> None:
        wanted = await proposal(client)
        first = said(await client.call_tool(RETURNS, wanted))
        assert first["outcome"] == "pending_approval"
        again = said(await client.call_tool(RETURNS, wanted))
        assert (again["tool_call_id"], again["is_repeat"]) == (first["tool_call_id"], True)
        site.vote(first["approval_id"], "reject")
        over = await client.call_tool(RETURNS, wanted)
        assert (over.is_error, said(over)["outcome"]) == (True, "rejected")
        assert said(over)["tool_call_id"] == first["tool_call_id"]

    site.run(act, mode=mode)


def test_an_approval_is_waited_for_as_a_task_until_it_was_carried_out(site: Live) -> None:
    async def approve(made: TaskMade) -> None:
        assert made.poll_interval_ms == 5000
        for approval_id in site.waiting():
            site.vote(approval_id, "approve")

    tasks = Tasks(approve)

    async def act(client: Client) -> None:
        # So unsure of it that a person decides; and no test after this one meets its effect.
        wanted = {**await proposal(client), "arguments": MOVED, "confidence": 0.5}
        result = await client.call_tool(MOVES, wanted)
        assert (result.is_error, said(result)["outcome"]) == (False, "succeeded")
        assert said(result)["result"]["address"]["address1"] == MOVED["address1"]
        assert said(result)["tool_call_id"] == tasks.seen[0]
        stored = said(await client.call_tool(MOVES, wanted))
        assert (stored["outcome"], stored["is_repeat"]) == ("succeeded", True)
        assert len(tasks.seen) == 1

    site.run(act, extensions=[tasks])


def test_a_task_that_a_person_rejects_is_completed_with_an_error(site: Live) -> None:
    async def reject(made: TaskMade) -> None:
        del made
        for approval_id in site.waiting():
            site.vote(approval_id, "reject")

    async def act(client: Client) -> None:
        result = await client.call_tool(RETURNS, await proposal(client))
        assert (result.is_error, said(result)["outcome"]) == (True, "rejected")

    site.run(act, extensions=[Tasks(reject)])


def test_a_task_is_cancelled_by_its_own_agent_alone(site: Live) -> None:
    made: list[TaskMade] = []

    async def unasked(task: TaskMade) -> None:
        raise AssertionError(task)

    async def begin(client: Client) -> None:
        found = await client.session.call_tool(RETURNS, await proposal(client), allow_claimed=True)
        assert isinstance(found, TaskMade)
        made.append(found)

    async def meddle(client: Client) -> None:
        params = TaskParams(task_id=made[0].task_id)
        for request in (GetTask(params=params), CancelTask(params=params)):
            with pytest.raises(MCPError, match="no such task"):
                await client.session.send_request(request, TaskNow)

    async def cancel(client: Client) -> None:
        params = TaskParams(task_id=made[0].task_id)
        before = await client.session.send_request(GetTask(params=params), TaskNow)
        assert before.status == "working"
        await client.session.send_request(CancelTask(params=params), EmptyResult)
        after = await client.session.send_request(GetTask(params=params), TaskNow)
        assert after.status == "cancelled"

    site.run(begin, extensions=[Tasks(unasked)])
    site.run(meddle, who="other", extensions=[Tasks(unasked)])
    site.run(cancel, extensions=[Tasks(unasked)])


def test_a_call_that_waits_is_answered_once_it_is_decided(site: Live) -> None:
    async def act(client: Client) -> None:
        first = said(await client.call_tool(RETURNS, await proposal(client)))
        named = {"tool_call_id": first["tool_call_id"], "wait_seconds": 25}
        status, _vote = await asyncio.gather(
            done(client, "orchestra_call_status", **named),
            asyncio.to_thread(site.vote, first["approval_id"], "reject"),
        )
        assert status["outcome"] == "rejected"

    site.run(act)


def test_a_wrong_token_is_told_to_the_client(site: Live) -> None:
    async def act(client: Client) -> None:
        raise AssertionError(client)

    for mode in ("auto", "legacy"):
        with pytest.raises(ExceptionGroup) as caught:
            site.run(act, token="orc_abcdefgh_" + "x" * 43, mode=mode)
        assert caught.group_contains(MCPError, match="unknown, expired or revoked")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_colleague_is_asked_and_the_answer_is_waited_for(site: Live, mode: str) -> None:
    async def act(client: Client) -> None:
        case = (await done(client, "orchestra_open_case", channel="chat", text=WORDS))["id"]
        wanted = {"case_id": case, "to": {"queue": "care"}, "question": "Is it covered?"}
        asked = await done(client, "orchestra_ask_colleague", **wanted)
        address = f"/api/v1/cases/{case}/consults/{asked['id']}/answer/"
        waiting = asyncio.create_task(
            done(client, "orchestra_read_questions", case_id=case, wait_seconds=20)
        )
        key = {"Idempotency-Key": asked["id"]}
        answer = await asyncio.to_thread(
            site.supervisor.post, address, json={"answer": "Yes."}, headers=key
        )
        assert answer.status_code == 200, answer.text
        over = await waiting
        assert [one["answer"] for one in over["questions"]] == ["Yes."]
        told = {"to": "The carrier", "told": "They write.", "reason_code": "outside.they_know"}
        found = await done(client, "orchestra_refer_outside", case_id=case, **told)
        assert found["status"] == "open"

    site.run(act, mode=mode)


class TestPlain:
    """What the client never sends, over the same HTTP."""

    def test_other_methods(self, site: Live) -> None:
        with site.plain() as client:
            for method in ("GET", "DELETE", "PUT", "PATCH", "OPTIONS", "HEAD"):
                answer = client.request(method, "/mcp")
                assert (answer.status_code, answer.headers["Allow"]) == (405, "POST"), method

    def test_a_header_that_is_sent_twice(self, site: Live) -> None:
        meta = {
            "io.modelcontextprotocol/protocolVersion": STATELESS,
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}}
        once = [("MCP-Protocol-Version", STATELESS), ("Mcp-Method", "tools/list")]
        with site.plain() as client:
            token = [("Authorization", client.headers["Authorization"])]
            fine = client.post("/mcp", json=body, headers=token + once)
            assert fine.status_code == 200, fine.text
            for more in (("Mcp-Method", "tools/call"), ("MCP-Protocol-Version", HANDSHAKE)):
                for headers in ([*once, more], [more, *once]):
                    answer = client.post("/mcp", json=body, headers=token + headers)
                    assert answer.status_code == 400, (headers, answer.text)
                    assert answer.json()["error"]["code"] == -32020

    def test_a_body_that_is_too_large_or_ends_early(self, site: Live) -> None:
        with site.plain() as client:
            large = client.post(
                "/mcp", content=b" " * (3 * 2**20), headers={"Content-Type": "application/json"}
            )
            assert large.status_code == 413, large.text
        # The rest of that body was never read, so its connection is gone with it.
        with site.plain() as client:
            short = client.post(
                "/mcp", content=b'{"jsonrpc"', headers={"Content-Type": "application/json"}
            )
            assert (short.status_code, short.json()["error"]["code"]) == (400, -32700)
        assert httpx.get(f"{site.base}/healthz").status_code == 200
