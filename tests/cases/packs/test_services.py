"""Loading a pack: all or nothing, and the same again changes nothing."""

import json
import shutil
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cases.journeys.models import CueSheetVersion
from cases.packs.services import (
    BUILTIN,
    diff_pack,
    export_pack,
    load_builtin,
    load_pack,
)
from cases.packs.types import ChangeKind, ItemKind
from cases.tools.models import Connection, ToolDefinition
from cases.tools.services import publish_tool, retire_tool
from governance.access.models import Queue
from governance.ledger.models import LedgerEntry
from governance.policies.models import PolicyVersion
from governance.policies.services import retire_policy
from governance.reviews.models import ChangeRequest
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from orchestra.core.history import save_as

BUILDER = system("test")
pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUILTIN / "retail", tmp_path / "retail"))


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_first_load_puts_everything_into_force(now: datetime) -> None:
    report = load_builtin(actor=BUILDER, now=now, name="retail")
    assert report.count(ChangeKind.ADD) == len(report.changes)
    assert ToolDefinition.objects.count() == 16
    assert PolicyVersion.objects.filter(state="published").count() == 10
    assert CueSheetVersion.objects.filter(state="published").count() == 8
    assert Queue.objects.get(is_default=True).key == "care"
    kinds = list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds.count("tool.published") == 16
    assert kinds.count("policy.published") == 10
    assert kinds.count("cue_sheet.published") == 8
    assert kinds[-1] == "pack.loaded"


def test_the_same_again_changes_nothing(now: datetime) -> None:
    load_builtin(actor=BUILDER, now=now, name="retail")
    before = LedgerEntry.objects.count()
    report = load_builtin(actor=BUILDER, now=now, name="retail")
    assert report.count(ChangeKind.SAME) == len(report.changes)
    assert LedgerEntry.objects.count() == before


def test_governed_items_need_the_word_to_be_published(now: datetime) -> None:
    with pytest.raises(ConflictError) as caught:
        load_pack(actor=BUILDER, now=now, folder=BUILTIN / "retail")
    assert caught.value.error_code == "pack.needs_publish_first"
    assert not Queue.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_what_is_in_force_is_never_replaced_by_loading(now: datetime, folder: Path) -> None:
    load_builtin(actor=BUILDER, now=now, name="retail")
    change(folder, "tools.yaml", "risk: high", "risk: low")
    change(folder, "policies/returns.yaml", "above: 50000", "above: 90000")
    change(folder, "cue_sheets/return_items.yaml", "due_in_minutes: 60", "due_in_minutes: 90")
    change(folder, "queues.yaml", "title: Returns", "title: Returns desk")
    change(folder, "articles/returns.md", "Promise no day", "Name no day")
    report = load_pack(actor=BUILDER, now=now, folder=folder, publish_first=True)
    changed = {
        (one.kind, one.key): (one.change, one.fields)
        for one in report.changes
        if one.change is not ChangeKind.SAME
    }
    assert changed == {
        (ItemKind.QUEUE, "returns"): (ChangeKind.CHANGE, ("title",)),
        (ItemKind.TOOL, "cancel_pending_order"): (ChangeKind.REVIEW, ("risk",)),
        (ItemKind.POLICY, "retail_returns"): (
            ChangeKind.REVIEW,
            ("rules[3].when[0].above",),
        ),
        (ItemKind.CUE_SHEET, "return_items"): (
            ChangeKind.REVIEW,
            ("steps[3].due_in_minutes",),
        ),
        (ItemKind.ARTICLE, "returns"): (ChangeKind.REVIEW, ("body",)),
    }
    assert Queue.objects.get(key="returns").title == "Returns desk"
    assert ToolDefinition.objects.get(name="cancel_pending_order").risk == "high"
    assert CueSheetVersion.objects.get(cue_sheet__key="return_items").state == "published"
    proposed = ChangeRequest.objects.order_by("pk")
    assert [(one.kind, one.document_key, one.base_number) for one in proposed] == [
        ("tool", "cancel_pending_order", 1),
        ("policy", "retail_returns", 1),
        ("cue_sheet", "return_items", 1),
        ("article", "returns", 1),
    ]
    again = load_pack(actor=BUILDER, now=now, folder=folder, publish_first=True)
    assert again.count(ChangeKind.REVIEW) == 4
    assert proposed.count() == 4
    # Who lowers the risk of a tool asks for the votes of the higher one.
    tool = proposed.get(kind="tool")
    assert (tool.state, tool.risk, tool.document["risk"]) == ("submitted", "high", "low")


def test_what_was_taken_out_of_force_comes_back_by_review_alone(
    now: datetime, folder: Path
) -> None:
    load_pack(actor=BUILDER, now=now, folder=folder, publish_first=True)
    retire_policy(actor=BUILDER, now=now, policy_key="retail_returns")
    report = load_pack(actor=BUILDER, now=now, folder=folder, publish_first=True)
    other = [one for one in report.changes if one.change is not ChangeKind.SAME]
    assert [(one.key, one.change) for one in other] == [("retail_returns", ChangeKind.REVIEW)]
    assert not PolicyVersion.objects.filter(policy__key="retail_returns", state="published")
    proposed = ChangeRequest.objects.get()
    # Nobody here may give the votes it asks for, so it waits as a draft that says so.
    assert (proposed.document_key, proposed.state) == ("retail_returns", "draft")


def test_an_error_anywhere_loads_nothing(now: datetime, folder: Path) -> None:
    change(folder, "policies/returns.yaml", "outcome: deny", "outcome: perhaps")
    with pytest.raises(InvalidInputError) as caught:
        load_pack(actor=BUILDER, now=now, folder=folder, publish_first=True)
    assert caught.value.errors[0].field.startswith("policies/returns.yaml:")
    assert not Queue.objects.exists()


def test_an_address_reaches_the_connection(now: datetime) -> None:
    load_builtin(
        actor=BUILDER, now=now, name="retail", overrides={"store.base_url": "http://127.0.0.1:8999"}
    )
    store = Connection.objects.get(key="store")
    assert (store.kind, store.base_url, store.settings) == ("http", "http://127.0.0.1:8999", {})
    [changed] = [
        one for one in diff_pack(folder=BUILTIN / "retail") if one.change is not ChangeKind.SAME
    ]
    assert (changed.kind, changed.change) == (ItemKind.CONNECTION, ChangeKind.CHANGE)


def test_only_those_who_may_load_packs_load_them(now: datetime) -> None:
    stranger = Actor(ActorKind.HUMAN, "00000000-0000-7000-8000-000000000000", "Stranger")
    with pytest.raises(NotPermittedError):
        load_builtin(actor=stranger, now=now, name="retail")
    assert not Queue.objects.exists()


def test_what_is_exported_changes_nothing_when_loaded(now: datetime, tmp_path: Path) -> None:
    load_builtin(actor=BUILDER, now=now, name="retail")
    files = export_pack(name="retail")
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    report = load_pack(actor=BUILDER, now=now, folder=tmp_path)
    assert report.count(ChangeKind.SAME) == len(report.changes)
    assert export_pack(name="retail") == files


def test_a_retired_tool_is_neither_exported_nor_brought_back_unreviewed(
    now: datetime, folder: Path
) -> None:
    load_builtin(actor=BUILDER, now=now, name="retail")
    document = {**ToolDefinition.objects.get(name="calculate").document, "name": "count_up"}
    publish_tool(actor=BUILDER, now=now, document=document)
    assert "count_up" in export_pack(name="retail")["tools.yaml"]
    retire_tool(actor=BUILDER, now=now, name="count_up")
    assert "count_up" not in export_pack(name="retail")["tools.yaml"]
    with (folder / "tools.yaml").open("a") as file:
        file.write(f"\n- {json.dumps(document)}\n")
    change(folder, "policies/lookups.yaml", "- calculate", "- calculate\n    - count_up")
    report = load_pack(actor=BUILDER, now=now, folder=folder, publish_first=True)
    proposed = {one.key for one in report.changes if one.change is ChangeKind.REVIEW}
    assert proposed == {"count_up", "retail_lookups"}
    assert ToolDefinition.objects.get(name="count_up").retired_at == now


def test_the_command_says_what_it_did_in_one_line(folder: Path, tmp_path: Path) -> None:
    def run(*args: str) -> str:
        out = StringIO()
        call_command("pack", *args, stdout=out)
        return out.getvalue().strip()

    assert run("check", str(folder)) == "pack=retail version=1 items=61 errors=0"
    loaded = run("load", str(folder), "--publish-first")
    assert loaded == "pack=retail version=1 same=0 add=61 change=0 review=0"
    assert run("diff", str(folder)) == "same=61 add=0 change=0 review=0"
    out = tmp_path / "out"
    assert run("export", str(out), "--name", "retail").startswith(f"path={out} files=")
    assert run("diff", str(out), "--json").startswith('{"ok": true, "same": 61')
    change(folder, "queues.yaml", "- key: orders", "- kee: orders")
    with pytest.raises(CommandError) as caught:
        run("check", str(folder))
    assert "queues.yaml:1" in str(caught.value)


def test_connections_and_tools_with_every_field_come_back_byte_for_byte(
    now: datetime, tmp_path: Path
) -> None:
    load_builtin(actor=BUILDER, now=now, name="retail")
    settings = {
        "auth": {
            "type": "oauth2",
            "secret": "file:/run/crm",
            "client_id": "orchestra",
            "token_url": "https://login.example/token",
        },
        "allowed_hosts": ["crm.example"],
        "private_networks": ["10.20.0.0/16"],
        "connect_seconds": 2.5,
        "total_seconds": 20,
        "max_concurrent": 4,
        "health": "/health",
    }
    crm = Connection(key="crm", title="CRM", kind="http", base_url="https://crm.example")
    crm.settings = settings
    save_as(crm, actor=BUILDER)
    save_as(
        Connection(key="helper", title="Helper", kind="mcp", base_url="https://mcp.example/mcp"),
        actor=BUILDER,
    )
    tool = ToolDefinition.objects.get(name="get_order_details")
    document = {
        **tool.document,
        "output": {"type": "object", "required": ["status"]},
        "limits": [{"calls": 10, "per": "agent", "window_minutes": 60}],
        "sensitive": ["$.order_id"],
        "operation": {
            "method": "GET",
            "path": "/orders/{order_id}",
            "parameters": {"order_id": {"in": "path", "name": "order_id"}},
        },
        "upstream": {
            "source": "openapi",
            "name": "getOrder",
            "digest": "a" * 64,
            "says": {"deprecated": True},
        },
    }
    publish_tool(actor=BUILDER, now=now, document=document, with_surroundings=False)
    files = export_pack(name="retail")
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    assert {one.change for one in diff_pack(folder=tmp_path)} == {ChangeKind.SAME}
    load_pack(actor=BUILDER, now=now, folder=tmp_path)
    assert export_pack(name="retail") == files
    Connection.objects.filter(key="crm").update(settings={}, base_url="https://other.example")
    changed = [one for one in diff_pack(folder=tmp_path) if one.change is not ChangeKind.SAME]
    assert [(one.key, str(one.change)) for one in changed] == [("crm", "change")]
    load_pack(actor=BUILDER, now=now, folder=tmp_path)
    assert export_pack(name="retail") == files
