"""The MCP endpoint as a client on plain HTTP sees it."""

import json
from typing import Any

from cases.tools.models import ToolCall
from governance.ledger.models import LedgerEntry
from orchestra.mcp import protocol
from tests.flows.conftest import World

HANDSHAKE = "2025-11-25"
STATELESS = "2026-07-28"
WITH_TASKS = {"extensions": {protocol.TASKS: {}}}


def meta_of(capabilities: Any = None, **more: Any) -> dict[str, Any]:
    return {
        protocol.VERSION_KEY: STATELESS,
        protocol.CAPABILITIES_KEY: {} if capabilities is None else capabilities,
        **more,
    }


def send(
    world: World, message: Any, *, headers: dict[str, str] | None = None, raw: bytes = b""
) -> Any:
    """Send a body with no headers but the token's and those given."""
    return world.api.client.post(
        "/mcp",
        raw or json.dumps(message),
        content_type="application/json",
        headers={"Authorization": f"Bearer {world.api.token}", **(headers or {})},
    )


def ask(world: World, method: str, *, capabilities: Any = None, **params: Any) -> Any:
    """Send a request of the stateless revision as a client does that keeps to it."""
    named = protocol.NAMED_BY.get(method)
    message = {
        "jsonrpc": "2.0",
        "id": 7,
        "method": method,
        "params": {**params, "_meta": meta_of(capabilities)},
    }
    headers = {"MCP-Protocol-Version": STATELESS, "Mcp-Method": method}
    if named and isinstance(params.get(named), str):
        headers["Mcp-Name"] = params[named]
    return send(world, message, headers=headers)


def result(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["jsonrpc"], body["id"]) == ("2.0", 7)
    found: dict[str, Any] = body["result"]
    return found


def error(answer: Any, status: int, code: int) -> dict[str, Any]:
    assert answer.status_code == status, (answer.status_code, answer.content)
    body = answer.json()
    assert body["error"]["code"] == code, body
    assert body["error"]["message"]
    assert "result" not in body
    found: dict[str, Any] = body["error"]
    return found


def call(world: World, name: str, *, capabilities: Any = None, **arguments: Any) -> dict[str, Any]:
    """Call a tool and return its result."""
    return result(
        ask(world, "tools/call", capabilities=capabilities, name=name, arguments=arguments)
    )


def done(world: World, name: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool that does what it is asked, and return what it says."""
    found = call(world, name, **arguments)
    assert found["isError"] is False, found
    assert json.loads(found["content"][0]["text"]) == found["structuredContent"]
    said: dict[str, Any] = found["structuredContent"]
    return said


def footprint() -> tuple[int, int]:
    """Return how many calls and entries there are, to show that nothing changed."""
    return ToolCall.objects.count(), LedgerEntry.objects.count()
