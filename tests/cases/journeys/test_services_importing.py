"""Drafts of cue sheets from procedures: opened once, in force never."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cases.journeys.models import CueSheetVersion
from governance.reviews.models import ChangeRequest

pytestmark = pytest.mark.django_db
FILE = Path(__file__).with_name("procedures.json")


def run(*arguments: str) -> dict[str, object]:
    out = StringIO()
    call_command("cue_sheets", "import", *arguments, "--json", stdout=out)
    return dict(json.loads(out.getvalue()))


def test_a_dry_run_opens_nothing() -> None:
    sheets = run(str(FILE), "--dry-run")["sheets"]
    assert isinstance(sheets, list)
    assert len(sheets) == 55
    assert ChangeRequest.objects.count() == 0


def test_each_becomes_a_draft_that_names_what_is_missing_and_only_once() -> None:
    first, second = run(str(FILE))["sheets"], run(str(FILE))["sheets"]
    assert isinstance(first, list)
    assert isinstance(second, list)
    assert [one["new"] for one in first] == [True] * 55
    assert [one["new"] for one in second] == [False] * 55
    assert ChangeRequest.objects.filter(kind="cue_sheet", state="draft").count() == 55
    assert CueSheetVersion.objects.filter(state="published").count() == 0
    change = ChangeRequest.objects.get(document_key="recover_username")
    assert "steps[0].does.tool: tool missing: pull_up_account" in change.summary


def test_a_file_that_cannot_be_read_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("flow,procedure,action\nA,B,\n")
    with pytest.raises(CommandError, match="line 2: write action"):
        call_command("cue_sheets", "import", str(file))
    assert ChangeRequest.objects.count() == 0
