"""From the description of a store to a governed call of it, over real HTTP on loopback."""

import json
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from cases.packs.services import BUILTIN
from cases.tools import registry
from cases.tools.adapters.http import HttpAdapter
from cases.tools.adapters.retail.dataset import load_database
from cases.tools.adapters.retail.journal import JournaledStore
from cases.tools.adapters.retail.service import RetailServer
from cases.tools.governed import TOOL_KIND
from cases.tools.imported import find_unseen_change
from cases.tools.importing.openapi import read_openapi
from cases.tools.models import Connection, ToolCall, ToolDefinition
from cases.tools.selectors import DOCUMENT_KIND
from cases.tools.services import Came, import_tools
from cases.tools.types import CallState
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from governance.reviews import services as reviews
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents
from orchestra.core.actors import Actor, system
from orchestra.core.breaker import Breaker
from orchestra.core.errors import ConflictError, InvalidInputError
from orchestra.core.history import save_as
from tests.cases.tools.conftest import NOW, World
from tests.factories.access import make_person
from tests.factories.reviews import ballot_of

OPERATOR = system("command")
WANTED = ("get_order_details", "cancel_pending_order")
ORDER, OTHER = [
    order["order_id"]
    for order in load_database()["orders"].values()
    if order["status"] == "pending"
][:2]


def description(**changes: Any) -> dict[str, Any]:
    """The store as an OpenAPI description: one path for each of its operations."""
    listed = yaml.safe_load((BUILTIN / "retail" / "tools.yaml").read_text())
    answer = {"type": "object", "required": ["order_id", "status"]}
    paths = {
        tool["operation"]["path"]: {
            "post": {
                "operationId": tool["name"],
                "summary": tool["title"],
                "description": tool["description"],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": tool["arguments"]}},
                },
                "responses": {"200": {"content": {"application/json": {"schema": answer}}}},
                **changes,
            }
        }
        for tool in listed
        if tool["name"] in WANTED
    }
    return {"openapi": "3.1.0", "info": {"title": "Retail store", "version": "1"}, "paths": paths}


@pytest.fixture
def shop(db: None) -> Connection:
    del db
    row = Connection(key="shop", title="Shop", kind="http", base_url="http://127.0.0.1:8999")
    save_as(row, actor=OPERATOR)
    if DOCUMENT_KIND not in documents:
        documents.register(DOCUMENT_KIND, TOOL_KIND)
    return row


@pytest.fixture
def served() -> Iterator[tuple[str, JournaledStore]]:
    Breaker.forget_all()
    store = JournaledStore(None)
    server = RetailServer(host="127.0.0.1", port=0, store=store)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.address, store
    server.stop()
    store.close()
    thread.join(timeout=5)


def run(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("tools", "import", *arguments, "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def carry(change: ChangeRequest, document: dict[str, Any], author: Any) -> None:
    """What people do with a draft: settle it, hand it in, vote, publish."""
    change = reviews.save_draft(
        actor=author,
        now=NOW,
        change_id=change.public_id,
        document=document,
        seen_digest=change.digest,
    )
    change = reviews.submit(actor=author, now=NOW, change_id=change.public_id)
    for role in (Role.COMPLIANCE_OFFICER, Role.QA_LEAD):
        if change.state == "submitted":
            change = reviews.approve(
                actor=make_person(roles=[role]).as_actor(),
                now=NOW,
                change_id=change.public_id,
                ballot=ballot_of(change, at=NOW),
            )
    publisher = make_person(roles=[Role.POLICY_OWNER]).as_actor()
    reviews.publish(actor=publisher, now=NOW, change_id=change.public_id)


def test_import_review_publish_and_a_governed_call(
    world: World, shop: Connection, served: tuple[str, JournaledStore], tmp_path: Path
) -> None:
    address, store = served
    shop.base_url = address
    save_as(shop, actor=OPERATOR)
    registry.adapters.register("http", HttpAdapter())
    path = tmp_path / "store.json"
    path.write_text(json.dumps(description()))

    report = run("--openapi", str(path), "--connection", "shop")

    assert (report["new"], report["gone"]) == (2, [])
    assert not ToolDefinition.objects.filter(connection=shop).exists()
    drafts = {one.document_key: one for one in ChangeRequest.objects.all()}
    assert {
        name: (d.document["effect"], d.document["risk"]) for name, d in drafts.items()
    } == dict.fromkeys(WANTED, ("write", "high"))

    author = make_person(roles=[Role.ADMINISTRATOR]).as_actor()
    read, write = (dict(drafts[name].document) for name in WANTED)
    carry(drafts[WANTED[0]], {**read, "effect": "read", "risk": "low"}, author)
    order = {"tool": WANTED[0], "arguments": {"order_id": "$.order_id"}}
    settled = {
        **write,
        "honours_idempotency_key": True,
        "reads": {"order": order},
        "facts": {"order_status": "$order.status"},
        "confirm": {"tool": WANTED[0], "expect": {"$.status": "cancelled"}},
    }
    carry(drafts[WANTED[1]], settled, author)

    arguments = {"order_id": ORDER, "reason": "no longer needed"}
    call = world.propose("cancel_pending_order", arguments)
    assert call.state == CallState.AWAITING_APPROVAL
    assert call.facts["values"]["order_status"] == "pending"
    world.approve(call)
    assert world.execute(call) is CallState.SUCCEEDED
    assert (call.confirmed, call.result["status"]) == (True, "cancelled")
    shown = store.call(operation=WANTED[0], arguments={"order_id": ORDER}, key=None)
    assert shown["status"] == "cancelled"

    check_again(path, report, settled, write)
    check_unseen(world, author, store)


def check_again(
    path: Path, report: dict[str, Any], settled: dict[str, Any], write: dict[str, Any]
) -> None:
    """The same again is nothing; another text upstream is a change that is shown."""
    again = run("--openapi", str(path), "--connection", "shop")
    assert (again["same"], again["new"], again["digest"]) == (2, 0, report["digest"])

    later = description(description="Asks for more than before.")
    path.write_text(json.dumps(later))
    changed = run("--openapi", str(path), "--connection", "shop")
    assert changed["changed"] == 2
    change = ChangeRequest.objects.get(document_key=WANTED[1], state="draft")
    # What people decided stands; what stands upstream is as it is there now.
    assert (change.document["risk"], change.document["confirm"]) == ("high", settled["confirm"])
    assert change.document["upstream"] != write["upstream"]
    assert "Imported from" in {one[0] for one in changed["tools"][0]["differences"]}


def check_unseen(world: World, author: Actor, store: JournaledStore) -> None:
    """Until somebody has decided on what changed upstream, reads go on and writes do not."""
    order, cancel = (ToolDefinition.objects.get(name=name) for name in WANTED)
    change = find_unseen_change(cancel)
    assert change is not None
    assert find_unseen_change(order) is not None
    before = LedgerEntry.objects.count()
    with pytest.raises(ConflictError, match=f"decides on {change.label} first") as refused:
        world.propose(cancel.name, {"order_id": OTHER, "reason": "no longer needed"})
    assert refused.value.error_code == "tool.changed_upstream"
    assert LedgerEntry.objects.count() == before
    read = world.propose(order.name, {"order_id": OTHER})
    assert world.execute(read) is CallState.SUCCEEDED

    ChangeRequest.objects.filter(pk=change.pk).update(author_id=author.id)
    reviews.withdraw(actor=author, now=NOW, change_id=change.public_id)
    assert find_unseen_change(cancel) is None
    call = world.propose(cancel.name, {"order_id": OTHER, "reason": "no longer needed"})
    world.approve(call)
    # It changed again while the call waited to be run: held, and run once that is decided on.
    ChangeRequest.objects.filter(pk=change.pk).update(state="draft")
    due_at = ToolCall.objects.get(pk=call.pk).due_at
    assert world.execute(call) is CallState.READY
    assert order_state(store) == "pending"
    # It stands behind what may run, and uses no attempt by waiting.
    put_off = ToolCall.objects.get(pk=call.pk)
    assert (put_off.due_at > due_at, put_off.attempt) == (True, 0)
    ToolCall.objects.filter(pk=call.pk).update(due_at=due_at)
    ChangeRequest.objects.filter(pk=change.pk).update(state="withdrawn")
    assert world.execute(call) is CallState.SUCCEEDED
    assert order_state(store) == "cancelled"


def order_state(store: JournaledStore) -> str:
    return str(store.call(operation=WANTED[0], arguments={"order_id": OTHER}, key=None)["status"])


def imported(shop: Connection, document: dict[str, Any], **options: Any) -> Any:
    manifest = read_openapi(document=document, connection=shop.key, **options)
    return import_tools(actor=OPERATOR, now=NOW, manifest=manifest, connection=shop.key)


def test_the_same_again_changes_nothing(shop: Connection) -> None:
    first = imported(shop, description())
    before = LedgerEntry.objects.count()

    again = imported(shop, description())

    assert [tool.came for tool in first.tools] == [Came.NEW] * 2
    assert [tool.came for tool in again.tools] == [Came.WAITING] * 2
    assert [tool.change for tool in again.tools] == [tool.change for tool in first.tools]
    assert (ChangeRequest.objects.count(), LedgerEntry.objects.count()) == (2, before)
    entry = LedgerEntry.objects.get(kind="tool.imported")
    payload = payload_of(entry=entry)
    assert (payload["count"], payload["digest"]) == (2, first.digest)


def test_what_was_withdrawn_is_not_opened_again(shop: Connection) -> None:
    imported(shop, description())
    author = make_person(roles=[Role.ADMINISTRATOR]).as_actor()
    for change in ChangeRequest.objects.all():
        ChangeRequest.objects.filter(pk=change.pk).update(author_id=author.id)
        reviews.withdraw(actor=author, now=NOW, change_id=change.public_id)

    assert [tool.came for tool in imported(shop, description()).tools] == [Came.ANSWERED] * 2


@pytest.mark.usefixtures("world")
def test_a_name_that_is_taken_stops_all_of_it(shop: Connection) -> None:
    document = description()
    document["paths"]["/x"] = {"post": {"operationId": "refund_order"}}

    with pytest.raises(InvalidInputError) as caught:
        imported(shop, document)

    assert [(error.field, error.code) for error in caught.value.errors] == [
        ("refund_order", "taken")
    ]
    assert ChangeRequest.objects.count() == 0
    assert imported(shop, document, prefix="shop_").tools[0].came is Came.NEW


def test_another_kind_of_connection_and_none(shop: Connection) -> None:
    shop.kind = "mcp"
    save_as(shop, actor=OPERATOR)
    with pytest.raises(InvalidInputError, match="another kind"):
        imported(shop, description())
    manifest = read_openapi(document=description(), connection="none")
    with pytest.raises(InvalidInputError, match="no connection none"):
        import_tools(actor=OPERATOR, now=NOW, manifest=manifest, connection="none")


def test_the_command_names_every_error_and_imports_nothing(
    shop: Connection, tmp_path: Path
) -> None:
    document = description()
    document["paths"]["/a"] = {"post": {"requestBody": {"content": {"text/csv": {}}}}}
    path = tmp_path / "store.yaml"
    path.write_text(yaml.safe_dump(document))

    with pytest.raises(CommandError, match="POST /a: post_a: its body is not JSON"):
        call_command("tools", "import", "--openapi", str(path), "--connection", shop.key)

    assert ChangeRequest.objects.count() == 0
    out = StringIO()
    call_command(
        *("tools", "import", "--openapi", str(path), "--connection", shop.key),
        *("--only", WANTED[0]),
        stdout=out,
        stderr=StringIO(),
    )
    assert "new=1 changed=0 same=0 waiting=0 answered=0 gone=0" in out.getvalue()


def test_an_mcp_address_is_the_connections_own(shop: Connection) -> None:
    shop.kind = "mcp"
    save_as(shop, actor=OPERATOR)

    with pytest.raises(CommandError, match="calls would go there"):
        call_command(
            *("tools", "import", "--mcp", "http://127.0.0.1:8998/", "--connection", "shop"),
            stderr=StringIO(),
        )
