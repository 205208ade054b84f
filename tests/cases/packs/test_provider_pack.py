"""The provider pack: whole, loaded once, and the same elsewhere."""

from pathlib import Path

import pytest

from cases.packs.selectors import present_items
from cases.packs.services import BUILTIN, check_pack, export_pack, load_pack
from cases.packs.types import ChangeKind, ItemKind
from cases.tools.adapters.provider.store import OPERATIONS
from cases.tools.parsing import parse_tool
from orchestra.core import clock
from orchestra.management.scripted import load_scripts
from orchestra.management.world import BUILDER

FOLDER = BUILTIN / "provider"


@pytest.mark.django_db
def test_it_has_three_cue_sheets_of_each_pattern_and_a_script_for_each() -> None:
    sheets = {item.key: item.document for item in check_pack(folder=FOLDER).of(ItemKind.CUE_SHEET)}
    patterns = [document["pattern"] for document in sheets.values()]
    assert {one: patterns.count(one) for one in sorted(set(patterns))} == {
        "ai_first": 3,
        "human_first": 3,
        "parallel": 3,
    }
    assert [script.key for script in load_scripts()] == sorted(sheets)


@pytest.mark.django_db
def test_every_operation_is_a_tool_with_an_honest_risk() -> None:
    tools = {
        item.key: parse_tool(document=item.document)
        for item in check_pack(folder=FOLDER).of(ItemKind.TOOL)
    }
    assert set(tools) == set(OPERATIONS)
    writes = {name for name, one in OPERATIONS.items() if one.writes}
    assert {name for name, spec in tools.items() if spec.effect == "write"} == writes
    assert {name: str(tools[name].risk) for name in sorted(writes)} == {
        "add_contact_note": "medium",
        "book_appointment": "medium",
        "cancel_appointment": "medium",
        "change_phone": "medium",
        "credit_invoice_line": "high",
        "freeze_account": "critical",
        "grant_goodwill": "high",
        "register_complaint": "medium",
        "restore_invoice_line": "high",
        "unfreeze_account": "critical",
    }


@pytest.mark.django_db
def test_a_second_load_changes_nothing_and_stands_beside_the_retail_pack() -> None:
    now = clock.now()
    load_pack(actor=BUILDER, now=now, folder=BUILTIN / "retail", publish_first=True)
    load_pack(actor=BUILDER, now=now, folder=FOLDER, publish_first=True)
    before = present_items()
    for name in ("retail", "provider"):
        again = load_pack(actor=BUILDER, now=now, folder=BUILTIN / name)
        assert again.count(ChangeKind.SAME) == len(again.changes)
    assert present_items() == before


@pytest.mark.django_db
def test_what_is_exported_is_in_the_same_bytes_a_pack_that_changes_nothing(tmp_path: Path) -> None:
    now = clock.now()
    load_pack(actor=BUILDER, now=now, folder=FOLDER, publish_first=True)
    files = export_pack(name="elsewhere")
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    again = load_pack(actor=BUILDER, now=now, folder=tmp_path)
    assert again.count(ChangeKind.SAME) == len(again.changes)
    assert export_pack(name="elsewhere") == files
