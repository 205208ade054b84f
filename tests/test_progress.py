"""How far a heavy proof has come is kept, and nothing else is written over it."""

import json
from pathlib import Path

import pytest
from django.db import connection

from tests import progress as progress_module
from tests import prove
from tests.progress import Progress


@pytest.fixture
def chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(progress_module, "CHUNKS", tmp_path)
    for name in ("SECONDS", "AGAIN", "PART"):
        monkeypatch.delenv(f"ORCHESTRA_PROOF_{name}", raising=False)
    return tmp_path


def test_a_proof_goes_on_where_its_last_piece_ended(
    chunks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Progress("p", target=4, unit="runs")
    assert first.next_chunk() == 1
    first.finish(1, count=2, facts={"met": 2})

    again = Progress("p", target=4, unit="runs")
    assert (again.done, again.next_chunk(), again.is_complete) == (2, 2, False)
    again.finish(2, count=2, facts={"met": 1})
    assert (again.next_chunk(), again.is_complete) == (None, True)
    assert (again.totals["count"], again.totals["met"]) == (4, 3)
    [file] = chunks.iterdir()
    assert file.name == f"p-{connection.vendor}.json"
    report = json.loads(file.read_text())
    assert (report["target"], report["done"], report["totals"]["met"]) == (4, 4, 3)

    monkeypatch.setenv("ORCHESTRA_PROOF_AGAIN", "1")
    assert Progress("p", target=4, unit="runs").done == 0


def test_parts_side_by_side_keep_reports_of_their_own(
    chunks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part, wanted in (("1/2", [1, 3]), ("2/2", [2, 4])):
        monkeypatch.setenv("ORCHESTRA_PROOF_PART", part)
        found = Progress("p", target=4, unit="runs")
        taken = []
        while (number := found.next_chunk()) is not None:
            taken.append(number)
            found.finish(number, count=1, facts={})
        assert taken == wanted
    assert len(list(chunks.iterdir())) == 2


def test_no_report_of_a_proof_lies_where_its_chunks_do() -> None:
    """On SQLite both would be named after the proof and the database."""
    assert progress_module.CHUNKS.parent == prove.RESULTS
