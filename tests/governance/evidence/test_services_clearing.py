"""Files go once the rows that end them are committed, and a killed process leaves none for long."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaitingError
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from governance.evidence import selectors, stored, working
from governance.evidence.models import EvidenceExport
from governance.evidence.services import (
    cancel_export,
    clear_leftovers,
    delete_files,
    forget_files,
    run_export,
)
from orchestra.core import turns
from orchestra.core.actors import Actor
from tests.factories.evidence import make_export, span_scope
from tests.factories.ledger import AT, make_entries
from tests.killing import kill_at

pytestmark = pytest.mark.django_db(transaction=True)
LATER = AT + timedelta(days=3)
FORGET = """
from datetime import timedelta
from governance.evidence.services import forget_files
from orchestra.core.actors import system
from tests.factories.ledger import AT
forget_files(actor=system("erasure"), now=AT + timedelta(days=3), stream="case:c-1")
"""


def build(export: EvidenceExport, **more: Any) -> EvidenceExport:
    run_export(export_pk=export.pk, read_clock=lambda: LATER, **more)
    export.refresh_from_db()
    return export


@pytest.fixture
def finished(officer: Actor) -> EvidenceExport:
    make_entries(6)
    return build(make_export(officer))


@pytest.fixture
def half_built(officer: Actor, monkeypatch: pytest.MonkeyPatch) -> EvidenceExport:
    make_entries(9)
    with monkeypatch.context() as patched:
        patched.setattr(turns, "TURN_SECONDS", 0.0)
        return build(make_export(officer, span_scope()), chunk=4)


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"lock"}


@pytest.mark.parametrize(
    "end",
    [
        lambda actor, _export: forget_files(actor=actor, now=LATER, stream="case:c-1"),
        lambda actor, export: delete_files(actor=actor, now=LATER, keys=[export.pk]),
    ],
    ids=["erasure", "age"],
)
def test_a_rollback_keeps_the_file(
    officer: Actor, finished: EvidenceExport, end: Callable[[Actor, EvidenceExport], int]
) -> None:
    with transaction.atomic():
        assert end(officer, finished) == 1
        transaction.set_rollback(True)
    finished.refresh_from_db()
    assert finished.state == "done"
    assert selectors.find_file(finished).stat().st_size == finished.file_bytes
    assert clear_leftovers() == 0
    assert selectors.find_file(finished).is_file()


@pytest.mark.parametrize(
    "end",
    [
        lambda actor, _export: forget_files(actor=actor, now=LATER, stream="case:c-1"),
        lambda actor, export: cancel_export(actor=actor, now=LATER, export_id=export.public_id),
    ],
    ids=["erasure", "cancel"],
)
def test_a_rollback_keeps_the_work(
    officer: Actor, half_built: EvidenceExport, end: Callable[[Actor, EvidenceExport], object]
) -> None:
    before = working.digest_of(stored.work_folder(half_built.public_id) / "entries.jsonl")
    with transaction.atomic():
        end(officer, half_built)
        transaction.set_rollback(True)
    folder = stored.work_folder(half_built.public_id)
    assert working.digest_of(folder / "entries.jsonl") == before
    assert clear_leftovers() == 0
    export = build(half_built)
    assert (export.state, export.done) == ("done", 10), export.problem


def test_an_erasure_empties_what_is_being_built_before_it_returns(
    officer: Actor, half_built: EvidenceExport
) -> None:
    folder = stored.work_folder(half_built.public_id)
    assert "payloads.jsonl" in left_in(folder)
    assert forget_files(actor=officer, now=LATER, stream="case:c-1") == 1
    assert left_in(folder) == set()
    export = build(half_built)
    assert (export.state, export.done) == ("done", 10), export.problem


@pytest.mark.processes
def test_what_a_kill_after_the_commit_leaves_is_swept(
    finished: EvidenceExport, settings: Any
) -> None:
    path = selectors.find_file(finished)
    kill_at("evidence-before-clearing", FORGET, ORCHESTRA_EVIDENCE_DIR=str(settings.EVIDENCE_DIR))
    finished.refresh_from_db()
    assert (finished.state, path.is_file()) == ("deleted", True)
    assert (clear_leftovers(), path.exists(), clear_leftovers()) == (1, False, 0)


@pytest.mark.processes
def test_what_a_kill_leaves_of_a_building_is_swept_or_met_by_no_worker(
    half_built: EvidenceExport, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stored.work_folder(half_built.public_id)
    kill_at("evidence-before-clearing", FORGET, ORCHESTRA_EVIDENCE_DIR=str(settings.EVIDENCE_DIR))
    half_built.refresh_from_db()
    assert (half_built.state, half_built.marks) == ("queued", {})
    assert "payloads.jsonl" in left_in(folder)
    (folder / "manifest.json").write_text("of before")
    with monkeypatch.context() as patched:
        patched.setattr(turns, "TURN_SECONDS", 0.0)
        export = build(half_built, chunk=4)
    assert (export.done, "manifest.json" in left_in(folder)) == (4, False)
    EvidenceExport.objects.filter(pk=export.pk).update(state="queued", marks={})
    assert (clear_leftovers(), left_in(folder), clear_leftovers()) == (1, set(), 0)


def test_a_sweep_passes_by_what_a_worker_is_in_and_what_is_not_ours(
    half_built: EvidenceExport,
) -> None:
    folder = stored.work_folder(half_built.public_id)
    other = stored.root() / "notes.zip"
    other.write_text("somebody's")
    EvidenceExport.objects.filter(pk=half_built.pk).update(state="queued", marks={})
    with working.held_alone(folder) as alone:
        assert (alone, clear_leftovers()) == (True, 0)
        assert "payloads.jsonl" in left_in(folder)
    assert (clear_leftovers(), other.read_text()) == (1, "somebody's")


@pytest.mark.parametrize("state", ["cancelled", "failed", "deleted"])
def test_a_sweep_removes_file_and_work_of_what_has_ended(
    finished: EvidenceExport, state: str
) -> None:
    stored.work_folder(finished.public_id).mkdir()
    EvidenceExport.objects.filter(pk=finished.pk).update(state=state)
    assert (clear_leftovers(), clear_leftovers()) == (1, 0)
    assert not stored.is_on_disk(finished.public_id)


def test_a_sweep_removes_the_work_of_what_is_done_and_keeps_its_file(
    finished: EvidenceExport,
) -> None:
    stored.work_folder(finished.public_id).mkdir()
    assert (clear_leftovers(), clear_leftovers()) == (1, 0)
    assert selectors.find_file(finished).is_file()


def test_an_erasure_waits_for_the_worker_that_is_in_the_folder(
    officer: Actor, half_built: EvidenceExport
) -> None:
    folder = stored.work_folder(half_built.public_id)

    def forget() -> int:
        try:
            return forget_files(actor=officer, now=LATER, stream="case:c-1")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with working.held_alone(folder) as alone:
            assert alone
            forgetting = pool.submit(forget)
            with pytest.raises(StillWaitingError):
                forgetting.result(timeout=1)
            assert "payloads.jsonl" in left_in(folder)
        assert forgetting.result(timeout=30) == 1
    assert left_in(folder) == set()


def test_a_file_that_cannot_be_removed_is_tried_again_and_stops_nobody(
    officer: Actor, finished: EvidenceExport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> bool:
        raise OSError("Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr(stored, "remove_file", refuse)
        assert forget_files(actor=officer, now=LATER, stream="case:c-1") == 1
        assert clear_leftovers() == 0
    assert stored.file_path(finished.public_id).is_file()
    assert (clear_leftovers(), stored.is_on_disk(finished.public_id)) == (1, False)
