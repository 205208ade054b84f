"""A compliance officer asks for evidence, explains its gaps, and takes a file that verifies."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.memory.models import Case
from governance.evidence import registry
from governance.evidence.models import EvidenceExport
from governance.evidence.services import run_export
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.cases.admin.conftest import Browser
from tests.factories.evidence import UNOPENED, FakeControl
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return

PAGE = "/admin/evidence/"


def _ask(client: Client, **posted: str) -> str:
    answer = client.post(f"{PAGE}request/", posted, follow=True)
    return str(answer.content.decode())


def _build() -> EvidenceExport:
    export = EvidenceExport.objects.latest("pk")
    while export.state in {"queued", "running"}:
        run_export(export_pk=export.pk, read_clock=clock.now)
        export.refresh_from_db()
    return export


@pytest.mark.django_db(transaction=True)
def test_a_case_becomes_a_file_that_verifies_without_us(
    retail: World, browser: Browser, tmp_path: Path
) -> None:
    waiting_return(retail)
    officer, case = browser("compliance"), Case.objects.get()
    assert f'value="{case.label}"' in officer.get(f"{PAGE}?case={case.label}").content.decode()

    text = _ask(officer, prove="case", case=case.label, leave_customer="out")

    assert f"Case {case.label}" in text
    assert "data-poll" in text
    export = _build()
    assert (export.state, export.problem) == ("done", "")
    page = officer.get(f"{PAGE}{export.public_id}/").content.decode()
    assert "Customer names, e-mail, addresses" in page
    assert "data-poll" not in page
    file = officer.get(f"{PAGE}{export.public_id}/file/")
    packed = zipfile.ZipFile(io.BytesIO(b"".join(file.streaming_content)))
    packed.extractall(tmp_path / "pack")
    found = subprocess.run(
        [sys.executable, "-I", "-S", "verifier.py", "."],
        cwd=tmp_path / "pack",
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout
    kinds = set(LedgerEntry.objects.values_list("kind", flat=True))
    assert {"evidence.requested", "evidence.built", "evidence.downloaded"} <= kinds
    assert case.label in officer.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("posted", "says"),
    [
        ({"prove": "case", "case": "C-999999"}, "There is no such case"),
        ({"prove": "case", "case": "x" * 5000}, "There is no such case"),
        ({"prove": "span", "from": "", "to": "2026-11-01"}, "Give both ends of the span."),
        ({"prove": "span", "from": "2026-11-02", "to": "2026-10-01"}, "ends before it begins"),
        ({"prove": "span", "from": "2026-13-45", "to": "2026-10-01"}, "Give both ends"),
        ({"prove": "nothing"}, "There is no such control."),
        ({}, "There is no such control."),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_typed_is_lost(
    retail: World, browser: Browser, posted: dict[str, str], says: str
) -> None:
    waiting_return(retail)
    text = _ask(browser("compliance"), **posted)
    assert says in text, text[text.index("<main") :][:1500]
    if posted.get("prove") in {"case", "span"}:
        assert f'value="{posted["prove"]}" checked' in text
    assert not EvidenceExport.objects.exists()


def test_a_gap_waits_for_its_explanation(
    retail: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_return(retail)
    control = FakeControl(lines=(UNOPENED,))
    monkeypatch.setattr(registry.controls, "_items", {control.code: control})
    officer = browser("compliance")
    assert str(control.title) in officer.get(PAGE).content.decode()
    text = _ask(officer, prove=control.code, **{"from": "2026-11-01", "to": "2026-11-30"})
    assert "Why is it there?" in text
    export = EvidenceExport.objects.get()
    assert export.state == "explaining"
    page = f"{PAGE}{export.public_id}/"
    empty = officer.post(
        f"{page}explain/", {"code": UNOPENED.code, "explanation": " "}, follow=True
    )
    assert "1 to 2,000 characters" in empty.content.decode()
    done = officer.post(
        f"{page}explain/", {"code": UNOPENED.code, "explanation": "Read aloud."}, follow=True
    )
    assert "Read aloud." in done.content.decode()
    export.refresh_from_db()
    assert export.state == "queued"
    cancelled = officer.post(f"{page}cancel/", follow=True).content.decode()
    assert "cancelled" in cancelled
    assert "ended already" in officer.post(f"{page}cancel/", follow=True).content.decode()
    assert "There is no file" in officer.get(f"{page}file/", follow=True).content.decode()


def test_a_supervisor_exports_what_they_may_read_and_sees_only_that(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    case = Case.objects.get()
    assert f"Case {case.label}" in _ask(browser("supervisor"), prove="case", case=case.label)
    mine = EvidenceExport.objects.get()
    assert browser("relief").get(f"{PAGE}{mine.public_id}/").status_code == 404
    assert browser("compliance").get(f"{PAGE}{mine.public_id}/progress/").status_code == 200


def test_the_list_asks_no_more_with_more_exports(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    officer, case = browser("compliance"), Case.objects.get()
    _ask(officer, prove="case", case=case.label)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            officer.get(PAGE)
        return len(captured)

    before = count()
    for _number in range(3):
        _ask(officer, prove="case", case=case.label)
    assert count() == before
