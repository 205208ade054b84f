"""A hostile client at the door: every answer is clear, nothing changes, nothing breaks."""

import json
from base64 import b64encode
from typing import Any

import pytest
from django.test import Client

from cases.memory.models import Case
from governance.access import services as access
from governance.access.models import AgentIdentity
from governance.access.types import Role
from orchestra.core import clock
from orchestra.mcp import protocol
from tests.factories.access import make_person
from tests.flows.conftest import World
from tests.flows.mcp import HANDSHAKE, STATELESS, ask, error, footprint, meta_of, send

VERSION = {"MCP-Protocol-Version": STATELESS}
OLDER = {"MCP-Protocol-Version": HANDSHAKE}
LIST = {"jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": {"_meta": meta_of()}}
LISTING = {**VERSION, "Mcp-Method": "tools/list"}
OPEN = {"channel": "chat", "text": "hello"}


def opening(**changes: Any) -> bytes:
    """Return a body that would open a case."""
    message = {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "tools/call",
        "params": {"name": "orchestra_open_case", "arguments": OPEN, "_meta": meta_of()},
        **changes,
    }
    return json.dumps(message).encode()


OPENING = {**VERSION, "Mcp-Method": "tools/call", "Mcp-Name": "orchestra_open_case"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"\xff\xfe{}", -32700),
        (b"[" * 200_000, -32700),
        (b'{"a":' * 20_000, -32700),
        (b'{"jsonrpc": "2.0", "id": NaN, "method": "tools/list"}', -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "id": 2, "method": "tools/list"}', -32700),
        (opening().replace(b'"hello"', b'"a", "text": "b"'), -32700),
        (opening().replace(b'"hello"', b"Infinity"), -32700),
        (opening().replace(b'"hello"', b'"a\\u0000"'), -32700),
        (opening().replace(b'"hello"', b'"\\udc00"'), -32700),
        (opening().replace(b'"hello"', b"[" * 70 + b"]" * 70), -32700),
        (opening() + opening(), -32700),
        (b"[" + opening() + b"]", -32600),
        (b"[]", -32600),
        (b"null", -32600),
        (b'"text"', -32600),
        (opening(jsonrpc="1.0"), -32600),
        (opening(id=None), -32600),
        (opening(id=[1]), -32600),
        (opening(id="x" * 300), -32600),
        (opening(method=["tools/call"]), -32600),
        (opening(result={}), -32600),
        (opening(params=[1, 2]), -32602),
        (opening(params={"name": "orchestra_open_case", "arguments": OPEN}), -32602),
        (b"1" * 5_000, -32700),
    ],
)
def test_a_body_that_is_no_request(retail: World, body: bytes, code: int) -> None:
    before = footprint()
    error(send(retail, None, raw=body or b" ", headers=OPENING), 400, code)
    assert (footprint(), Case.objects.count()) == (before, 0)


def test_a_huge_body(retail: World) -> None:
    padded = opening()[:-1] + b" " * (2 * 2**20) + b"}"
    error(send(retail, None, raw=padded, headers=OPENING), 413, -32600)
    assert Case.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "delete", "put", "patch", "head", "options"])
def test_only_post_is_answered(retail: World, method: str) -> None:
    answer = getattr(retail.api.client, method)(
        "/mcp", headers={"Authorization": f"Bearer {retail.api.token}", **LISTING}
    )
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:8001", "http://127.0.0.1:8000.evil.example"],
)
def test_a_page_of_another_site(retail: World, origin: str) -> None:
    before = footprint()
    error(send(retail, None, raw=opening(), headers={**OPENING, "Origin": origin}), 403, -32600)
    assert (footprint(), Case.objects.count()) == (before, 0)


def test_a_page_of_our_own(retail: World, settings: Any) -> None:
    origin = settings.ORCHESTRA["PUBLIC_URL"]
    assert send(retail, LIST, headers={**LISTING, "Origin": origin}).status_code == 200


@pytest.mark.parametrize("token", ["", "orc_abcdefgh_" + "x" * 43, "x", "a b", "ünï"])
@pytest.mark.usefixtures("retail")
def test_without_a_token_that_counts(token: str) -> None:
    before = footprint()
    headers = {**OPENING, **({"Authorization": f"Bearer {token}"} if token else {})}
    answer = Client().post("/mcp", opening(), content_type="application/json", headers=headers)
    error(answer, 401, -32010)
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert (footprint(), Case.objects.count()) == (before, 0)


def test_a_session_of_a_person_counts_for_nothing(retail: World) -> None:
    client = Client()
    client.force_login(
        retail.people["supervisor"], backend="django.contrib.auth.backends.ModelBackend"
    )
    answer = client.post("/mcp", opening(), content_type="application/json", headers=OPENING)
    error(answer, 401, -32010)
    assert Case.objects.count() == 0


@pytest.mark.parametrize("name", ["access_token", "token", "anything"])
def test_a_token_in_the_address(retail: World, name: str) -> None:
    for headers in (OPENING, {**OPENING, "Authorization": f"Bearer {retail.api.token}"}):
        answer = Client().post(
            f"/mcp?{name}={retail.api.token}",
            opening(),
            content_type="application/json",
            headers=headers,
        )
        found = error(answer, 400, -32600)
        assert retail.api.token not in json.dumps(found)
    assert Case.objects.count() == 0


def test_a_token_is_looked_up_anew_each_time(retail: World) -> None:
    agent = AgentIdentity.objects.get(credentials__prefix=retail.api.token.split("_")[1])
    assert ask(retail, "tools/list").status_code == 200
    access.stop_agent(
        actor=make_person(roles=[Role.ADMINISTRATOR]).as_actor(),
        now=clock.now(),
        agent=agent,
        reason="Loops.",
    )
    error(ask(retail, "tools/list"), 401, -32010)


@pytest.mark.parametrize(
    ("content_type", "accept", "status"),
    [
        ("text/plain", "*/*", 415),
        ("application/x-www-form-urlencoded", "*/*", 415),
        ("multipart/form-data; boundary=x", "*/*", 415),
        ("application/json-rpc", "*/*", 415),
        ("application/json", "text/html", 406),
        ("application/json", "text/event-stream", 406),
    ],
)
def test_another_kind_of_body(retail: World, content_type: str, accept: str, status: int) -> None:
    answer = retail.api.client.post(
        "/mcp",
        opening(),
        content_type=content_type,
        headers={**OPENING, "Authorization": f"Bearer {retail.api.token}", "Accept": accept},
    )
    error(answer, status, -32600)
    assert Case.objects.count() == 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        VERSION,
        {**VERSION, "Mcp-Method": "tools/call"},
        {**OPENING, "Mcp-Method": "tools/list"},
        {**OPENING, "Mcp-Name": "orchestra_read_case"},
        {**OPENING, "Mcp-Name": "=?base64?b3JjaGVzdHJhX3JlYWRfY2FzZQ==?="},
        {**OPENING, "Mcp-Name": "orchestra_open_case, orchestra_open_case"},
        {**OPENING, "MCP-Protocol-Version": HANDSHAKE},
        {**OPENING, "MCP-Protocol-Version": f"{STATELESS}, {STATELESS}"},
    ],
    ids=str,
)
def test_headers_that_lie(retail: World, headers: dict[str, str]) -> None:
    before = footprint()
    error(send(retail, None, raw=opening(), headers=headers), 400, -32020)
    assert (footprint(), Case.objects.count()) == (before, 0)


def test_a_revision_that_is_not_spoken(retail: World) -> None:
    old = {**meta_of(), protocol.VERSION_KEY: "2024-11-05"}
    message = {**LIST, "params": {"_meta": old}}
    headers = {**LISTING, "MCP-Protocol-Version": "2024-11-05"}
    found = error(send(retail, message, headers=headers), 400, -32022)
    assert found["data"] == {"supported": [STATELESS, HANDSHAKE], "requested": "2024-11-05"}
    bare = {**LIST, "params": {}}
    error(send(retail, bare, headers={"MCP-Protocol-Version": "2025-03-26"}), 400, -32022)


@pytest.mark.parametrize(
    "method",
    [
        "resources/subscribe",
        "completion/complete",
        "logging/setLevel",
        "subscriptions/listen",
        "initialize",
        "ping",
        "tools/List",
        "tools/call\u200b",
        "__class__",
        "x" * 10_000,
    ],
)
def test_a_method_there_is_none_of(retail: World, method: str) -> None:
    headers = {**VERSION}
    if method.isascii():
        headers["Mcp-Method"] = method
        error(send(retail, {**LIST, "method": method}, headers=headers), 404, -32601)
    else:
        error(send(retail, {**LIST, "method": method}, headers=headers), 400, -32020)


def test_an_unknown_method_of_the_other_revision_is_no_lost_session(retail: World) -> None:
    message = {"jsonrpc": "2.0", "id": 7, "method": "resources/subscribe"}
    found = error(send(retail, message, headers={"MCP-Protocol-Version": HANDSHAKE}), 200, -32601)
    assert "Nothing is pushed here" in found["message"]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"name": 7},
        {"name": ""},
        {"name": "launch_rocket"},
        {"name": "\u043erchestra_open_case"},
        {"name": "orchestra_open_case\u200b"},
        {"name": "ORCHESTRA_OPEN_CASE"},
        {"name": "orchestra_"},
        {"name": "x" * 10_000},
        {"name": "orchestra_open_case", "arguments": []},
        {"name": "orchestra_open_case", "arguments": "x"},
        {"name": "orchestra_open_case", "arguments": None},
    ],
    ids=lambda params: str(params)[:60],
)
def test_a_tool_there_is_none_of(retail: World, params: dict[str, Any]) -> None:
    before = footprint()
    name = params.get("name")
    headers = {**VERSION, "Mcp-Method": "tools/call"}
    if isinstance(name, str) and name:
        headers["Mcp-Name"] = f"=?base64?{b64encode(name.encode()).decode()}?="
    message = {**LIST, "method": "tools/call", "params": {**params, "_meta": meta_of()}}
    answer = send(retail, message, headers=headers)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["code"] in {-32602, -32020}
    assert (footprint(), Case.objects.count()) == (before, 0)


def test_a_flood_of_notifications_changes_nothing(retail: World) -> None:
    before = footprint()
    for number in range(100):
        message = {
            "jsonrpc": "2.0",
            "method": ("notifications/cancelled", "tools/call", "nonsense")[number % 3],
            "params": {"requestId": number, "name": "orchestra_open_case", "arguments": OPEN},
        }
        answer = send(retail, message, headers=VERSION if number % 2 else OLDER)
        assert (answer.status_code, answer.content) == (202, b"")
    assert (footprint(), Case.objects.count()) == (before, 0)
    error(send(retail, {"jsonrpc": "2.0", "method": "x"}), 400, -32020)


def test_members_the_protocol_does_not_know_change_nothing(retail: World) -> None:
    message = {**LIST, "mood": "sad", "params": {**LIST["params"], "limit": 1, "as": "admin"}}  # type: ignore[dict-item]
    plain = send(retail, LIST, headers=LISTING).json()
    assert send(retail, message, headers=LISTING).json() == plain


@pytest.mark.parametrize("cursor", ["", "x", "MDAwMA", "MTA=\n", "é", 7, [], "OXg=", "MA==" * 50])
def test_a_cursor_that_is_none(retail: World, cursor: Any) -> None:
    error(ask(retail, "tools/list", cursor=cursor), 400, -32602)
