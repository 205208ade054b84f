"""Packs are built in turns, survive kill -9, verify, are handed out and deleted."""

import json
import zipfile
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from governance.evidence import selectors, stored
from governance.evidence.models import EvidenceExport, ExportedStream
from governance.evidence.services import (
    cancel_export,
    delete_files,
    forget_files,
    open_file,
    run_due_exports,
    run_export,
)
from governance.evidence.types import ExportScope, ScopeKind
from governance.ledger.models import LedgerEntry
from orchestra.core import turns
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError
from tests.factories.evidence import FakeControl, case_scope, make_export, span_scope
from tests.factories.ledger import AT, make_entries, make_entry
from tests.governance.evidence.packs import verify
from tests.killing import kill_at

pytestmark = pytest.mark.django_db(transaction=True)
LATER = AT + timedelta(days=3)


def clock_at() -> Any:
    return lambda: LATER


def build(export: EvidenceExport, **more: Any) -> EvidenceExport:
    run_export(export_pk=export.pk, read_clock=clock_at(), **more)
    export.refresh_from_db()
    return export


def test_a_case_is_built_verified_and_recorded(officer: Actor) -> None:
    make_entries(7)
    export = build(make_export(officer), chunk=2)
    assert (export.state, export.problem) == ("done", "")
    assert "FAILED" not in export.verifier_said
    assert export.counts["chosen"] == export.done == export.total == 2
    assert (export.counts["whole"], export.checkpoint_size) == (1, 8)
    path = selectors.find_file(export)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not stored.work_folder(export.public_id).exists()
    built = LedgerEntry.objects.get(kind="evidence.built")
    assert built.subject_id == str(export.public_id)
    assert list(ExportedStream.objects.values_list("stream", "entries")) == [("case:c-1", 2)]


def test_a_second_export_continues_the_first_and_both_are_the_same_for_the_same(
    officer: Actor,
) -> None:
    make_entries(5)
    build(make_export(officer))
    make_entries(4)
    second = build(make_export(officer))
    assert "the ledger continues 1 earlier checkpoint " in second.verifier_said


@pytest.mark.parametrize("kind", [ScopeKind.SPAN, ScopeKind.CONTROL, ScopeKind.LEDGER])
def test_a_period_is_covered(officer: Actor, control: FakeControl, kind: ScopeKind) -> None:
    make_entries(7)
    key = control.code if kind is ScopeKind.CONTROL else ""
    export = make_export(officer, span_scope(kind, key), explanations={})
    if kind is ScopeKind.CONTROL:
        EvidenceExport.objects.update(state="queued")
    export = build(export)
    assert export.state == "done", export.problem
    if kind is not ScopeKind.LEDGER:
        assert "the period is covered" in export.verifier_said


def test_an_empty_period_is_proved_to_be_covered(officer: Actor) -> None:
    make_entries(3)
    scope = ExportScope(
        ScopeKind.SPAN, since=AT + timedelta(hours=1), until=AT + timedelta(hours=2)
    )
    export = build(make_export(officer, scope))
    assert export.state == "done", export.problem
    assert export.counts.get("chosen", 0) == 0
    with zipfile.ZipFile(selectors.find_file(export)) as pack:
        assert b"No change in this period" in pack.read("gaps.txt")


def test_a_turn_gives_way_and_the_next_goes_on(
    officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_entries(9)
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.0)
    export = build(make_export(officer, span_scope()), chunk=4)
    assert (export.state, export.done, export.lease_until_at) == ("running", 4, None)
    assert run_due_exports(now=LATER) == 1
    for _turn in range(9):
        export = build(export, chunk=4)
    assert export.state == "done"


def test_a_damaged_working_file_begins_again(
    officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_entries(9)
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.0)
    export = build(make_export(officer, span_scope()), chunk=4)
    (stored.work_folder(export.public_id) / "entries.jsonl").write_bytes(b"")
    monkeypatch.setattr(turns, "TURN_SECONDS", 20.0)
    export = build(export, chunk=4)
    assert (export.state, export.done) == ("done", 10)


def test_an_export_called_off_leaves_nothing(
    officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_entries(9)
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.0)
    export = build(make_export(officer, span_scope()), chunk=4)
    cancel_export(actor=officer, now=LATER, export_id=export.public_id)
    export = build(export)
    assert export.state == "cancelled"
    assert not stored.file_path(export.public_id).exists()
    assert not stored.work_folder(export.public_id).exists()


def test_handing_out_is_an_entry_and_age_ends_it(officer: Actor) -> None:
    make_entries(3)
    export = build(make_export(officer))
    found, path = open_file(actor=officer, now=LATER, export_id=export.public_id)
    assert (found.downloads, path.is_file()) == (1, True)
    assert LedgerEntry.objects.filter(kind="evidence.downloaded").count() == 1
    assert delete_files(actor=officer, now=LATER, keys=[export.pk]) == 1
    with pytest.raises(ConflictError):
        open_file(actor=officer, now=LATER, export_id=export.public_id)
    assert not path.exists()


def test_erasure_removes_what_holds_the_stream(officer: Actor) -> None:
    make_entries(6)
    holding = build(make_export(officer))
    other = build(make_export(officer, case_scope("c-2")))
    path = selectors.find_file(holding)
    assert forget_files(actor=officer, now=LATER, stream="case:c-1") == 1
    holding.refresh_from_db()
    assert (holding.state, holding.deleted_because) == ("deleted", "erasure")
    assert not path.exists()
    assert selectors.find_file(other).exists()


def test_what_a_supervisor_may_not_see_stays_a_commitment(supervisor: Actor) -> None:
    make_entries(6)
    make_entry(stream="system")
    export = build(make_export(supervisor, span_scope()))
    assert export.state == "done", export.problem
    assert export.counts["withheld_not_permitted"] == 6


KILLED = """
from governance.evidence.services import run_export
run_export(export_pk={pk}, chunk=3)
"""


@pytest.mark.processes
@pytest.mark.parametrize(
    "point", ["evidence-after-files:2", "evidence-after-step:2", "evidence-before-verify",
              "evidence-after-rename"]
)  # fmt: skip
def test_kill_9_loses_nothing_and_the_next_worker_finishes(
    officer: Actor, point: str, settings: Any
) -> None:
    make_entries(11)
    export = make_export(officer, span_scope())
    kill_at(point, KILLED.format(pk=export.pk), ORCHESTRA_EVIDENCE_DIR=str(settings.EVIDENCE_DIR))
    export.refresh_from_db()
    assert export.state == "running"
    export = build(export, chunk=3)
    assert (export.state, export.done) == ("done", 12), export.problem
    assert LedgerEntry.objects.filter(kind="evidence.built").count() == 1


def test_the_command_writes_a_pack(tmp_path: Path) -> None:
    make_entries(5)
    out, file = StringIO(), tmp_path / "case.zip"
    call_command("ledger", "export", "--case", "c-1", "--output", str(file), "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["entries"], told["file"]) == (2, "case.zip")
    code, said = verify(file)
    assert code == 0, said
