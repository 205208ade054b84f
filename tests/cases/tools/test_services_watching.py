"""What changes where tools were imported from is noticed without anybody importing again."""

import json
from typing import Any

import pytest

from cases.tools.imported import find_unseen_change
from cases.tools.importing.mcp_tools import read_mcp_tools
from cases.tools.importing.openapi import read_openapi
from cases.tools.models import Connection, ToolDefinition
from cases.tools.services import import_tools, watch_upstreams
from cases.tools.services.watching import Watched
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from governance.reviews.models import ChangeRequest
from orchestra.core import outbound
from orchestra.core.actors import system
from orchestra.core.history import save_as
from tests.cases.tools.conftest import NOW
from tests.factories.tools import make_tool

pytestmark = pytest.mark.django_db

ADDRESS = "https://shop.example/openapi.json"
NOTHING = Watched(read=0, failed=0, changed=0)


def describe(*names: str, **changes: Any) -> dict[str, Any]:
    answers = {"200": {"description": "done"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {
            f"/{name}": {"post": {"operationId": name, "responses": answers, **changes}}
            for name in names
        },
    }


class Upstream:
    """The other side, answering what it is told to; counts what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.status, self.body, self.asked = 200, b"", [""][:0]
        monkeypatch.setattr(outbound, "send", self.send)

    def offer(self, document: Any) -> None:
        self.body = json.dumps(document).encode()

    def send(self, request: outbound.OutboundRequest) -> outbound.OutboundAnswer:
        self.asked.append(f"{request.method} {request.url}")
        return outbound.OutboundAnswer(status=self.status, headers={}, body=self.body)


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Upstream:
    return Upstream(monkeypatch)


@pytest.fixture
def shop() -> Connection:
    row = Connection(key="shop", title="Shop", kind="http", base_url="https://shop.example/api")
    save_as(row, actor=system("test"))
    return row


def in_force(shop: Connection, document: Any, *, origin: str, **options: Any) -> list[str]:
    """Import what a description offers and put it in force as it is; the names."""
    manifest = read_openapi(document=document, connection=shop.key, **options)
    import_tools(
        actor=system("command"), now=NOW, manifest=manifest, connection=shop.key, origin=origin
    )
    ChangeRequest.objects.update(state="published")
    for drafted in manifest.tools.values():
        make_tool(drafted)
    return sorted(manifest.tools)


def test_a_change_upstream_is_noticed_and_held_as_by_a_new_import(
    shop: Connection, upstream: Upstream
) -> None:
    in_force(shop, describe("cancelOrder", "findOrder"), origin=ADDRESS, prefix="shop_")
    # A newly offered operation is for a person to ask for.
    upstream.offer(describe("cancelOrder", "dropTables", description="Asks for more than before."))

    assert watch_upstreams(now=NOW) == Watched(read=1, failed=0, changed=1)

    assert upstream.asked == [f"GET {ADDRESS}"]
    change = find_unseen_change(ToolDefinition.objects.get(name="shop_cancel_order"))
    assert change is not None
    assert change.document["description"] != "Asks for more than before."
    assert find_unseen_change(ToolDefinition.objects.get(name="shop_find_order")) is None
    assert ChangeRequest.objects.filter(state="draft").count() == 1
    entry = LedgerEntry.objects.filter(kind="tool.imported").order_by("-pk")[0]
    assert (entry.actor_kind, entry.actor_id) == ("system", "upstream-watch")
    payload = payload_of(entry=entry)
    assert payload is not None
    assert payload["origin"] == ADDRESS

    # Known now: looked at again, and nothing is written.
    before = LedgerEntry.objects.count()
    assert watch_upstreams(now=NOW) == Watched(read=1, failed=0, changed=0)
    assert LedgerEntry.objects.count() == before


def test_the_same_upstream_writes_nothing(shop: Connection, upstream: Upstream) -> None:
    in_force(shop, describe("cancelOrder"), origin=ADDRESS)
    upstream.offer(describe("cancelOrder"))
    before = LedgerEntry.objects.count(), ChangeRequest.objects.count()

    assert watch_upstreams(now=NOW) == Watched(read=1, failed=0, changed=0)

    assert (LedgerEntry.objects.count(), ChangeRequest.objects.count()) == before


def test_what_came_from_a_file_is_not_asked_for(shop: Connection, upstream: Upstream) -> None:
    in_force(shop, describe("cancelOrder"), origin="openapi.json")

    assert watch_upstreams(now=NOW) == NOTHING
    assert upstream.asked == []


@pytest.mark.parametrize(
    ("status", "body"),
    [(503, b""), (302, b""), (200, b"<html>"), (200, json.dumps(describe()).encode())],
)
def test_an_upstream_that_cannot_be_read_changes_nothing_and_holds_up_no_other(
    shop: Connection, upstream: Upstream, status: int, body: bytes
) -> None:
    in_force(shop, describe("cancelOrder"), origin=ADDRESS)
    upstream.status, upstream.body = status, body
    before = LedgerEntry.objects.count(), ChangeRequest.objects.count()

    found = watch_upstreams(now=NOW)

    assert (found.failed + found.read, found.changed) == (1, 0)
    assert (LedgerEntry.objects.count(), ChangeRequest.objects.count()) == before


def test_an_mcp_server_is_asked_over_its_own_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed = [{"name": "cancel", "inputSchema": {"type": "object"}}]
    manifest = read_mcp_tools(listed=listed, title="Shop", connection="tools")
    server = Connection(key="tools", title="Tools", kind="mcp", base_url="https://shop.example/mcp")
    save_as(server, actor=system("test"))
    import_tools(
        actor=system("command"),
        now=NOW,
        manifest=manifest,
        connection="tools",
        origin=server.base_url,
    )
    ChangeRequest.objects.update(state="published")
    make_tool(manifest.tools["cancel"])
    asked: list[str] = []

    def list_tools(spec: Any, *, url: str) -> tuple[str, list[Any]]:
        asked.append(f"{spec.key} {url}")
        return "Shop", [{**listed[0], "description": "Another."}]

    monkeypatch.setattr("cases.tools.services.watching.read_tools", list_tools)

    assert watch_upstreams(now=NOW) == Watched(read=1, failed=0, changed=1)
    assert asked == ["tools https://shop.example/mcp"]
    assert find_unseen_change(ToolDefinition.objects.get(name="cancel")) is not None
