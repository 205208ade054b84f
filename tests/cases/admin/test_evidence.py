"""A compliance officer asks for evidence, explains its gaps, and takes a file that verifies."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.admin import evidence_asking
from cases.memory.models import Case
from governance.evidence import preview, registry
from governance.evidence.models import EvidenceExport
from governance.evidence.services import run_export
from governance.evidence.types import ExportScope, Gap, ScopeKind
from governance.ledger.erasable import Reach
from governance.ledger.models import LedgerEntry
from governance.ledger.services import append_entry, erase_payloads
from governance.ledger.types import EntryDraft
from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.core.said import said
from tests.cases.admin.conftest import Browser
from tests.factories.evidence import UNOPENED, FakeControl, make_export, span_scope
from tests.factories.ledger import spared
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return

PAGE = "/admin/evidence/"
#: Twelve on PostgreSQL, where an act takes fewer.
MOST_QUERIES = 14 - spared()
SYSTEM = system("tests")


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


def test_gaps_are_told_before_asking_and_refuse_without_explanation(
    retail: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_return(retail)
    later = Gap("votes", said("Votes of %(count)d people", count=2), 1, 2, ("CR-091",))
    control = FakeControl(lines=(*FakeControl().lines, UNOPENED, later))
    monkeypatch.setattr(registry.controls, "_items", {control.code: control})
    officer, days = browser("compliance"), {"from": "2026-11-01", "to": "2026-11-30"}
    assert str(control.title) in officer.get(PAGE).content.decode()

    seen = officer.get(PAGE, {"prove": control.code, **days}).content.decode()
    for part in ("23 of 23", "44 of 46", "CR-091, CR-097", "2 gaps", "Votes of 2 people"):
        assert part in seen
    assert not EvidenceExport.objects.exists()

    asked = {"prove": control.code, **days, "leave_staff": "out"}
    refused = officer.post(
        f"{PAGE}request/", {**asked, "explain_opened": "Read aloud.", "explain_votes": " "}
    )
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "1 gap has no explanation." in text
    assert ">Read aloud.</textarea>" in text
    assert 'name="leave_staff" value="out" aria-describedby="group-staff" checked' in text
    assert 'name="leave_customer" value="out" aria-describedby="group-customer" >' in text
    assert "2 gaps have no explanation." in _ask(officer, **asked)
    assert not EvidenceExport.objects.exists()

    done = _ask(officer, **asked, explain_opened="Read aloud.", explain_votes="Only one here.")
    export = EvidenceExport.objects.get()
    assert (export.state, export.leave_out) == ("queued", ["staff"])
    assert "Read aloud." in done


def test_an_export_asked_for_elsewhere_waits_for_its_explanation(
    retail: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_return(retail)
    control = FakeControl(lines=(UNOPENED,))
    monkeypatch.setattr(registry.controls, "_items", {control.code: control})
    officer = browser("compliance")
    export = make_export(SYSTEM, span_scope(ScopeKind.CONTROL, control.code), now=clock.now())
    assert export.state == "explaining"
    assert "1 gap has no explanation" in officer.get(PAGE).content.decode()
    page = f"{PAGE}{export.public_id}/"
    assert "Why is it there?" in officer.get(page).content.decode()
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


def test_what_stays_out_is_counted_and_erased_is_no_gap(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    officer, case = browser("compliance"), Case.objects.get()
    seen = officer.get(PAGE, {"prove": "case", "case": case.label}).content.decode()
    counted = LedgerEntry.objects.filter(stream=case.stream).count()
    assert f"{counted} entries are in the scope" in seen
    assert "Erased on request" not in seen
    assert LedgerEntry.objects.filter(kind="ledger.read").latest("id").actor_kind == "human"
    told = {"reason": "asked", "reference": "E-1"}
    with transaction.atomic():
        erase_payloads(
            actor=SYSTEM,
            now=clock.now(),
            reach=Reach(streams=[case.stream]),
            told=told,
            subject=("case", str(case.public_id)),
        )
    seen = officer.get(PAGE, {"prove": "case", "case": case.label}).content.decode()
    assert "Erased on request; the entry still verifies" in seen
    assert "gap</span>" not in seen


def test_an_empty_period_and_an_altered_ledger_are_said(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    officer = browser("compliance")
    asked = {"prove": "span", "from": "2020-01-01", "to": "2020-01-02"}
    seen = officer.get(PAGE, asked).content.decode()
    assert "No change in this period. The export says so, and proves the period is covered" in seen
    assert "goes into this file" not in seen
    draft = EntryDraft(
        stream="system",
        kind="ledger.verified",
        payload={"ok": False, "problems": 1, "size": 1, "seconds": 0.1},
    )
    append_entry(actor=SYSTEM, now=clock.now(), draft=draft)
    assert "goes into this file" in officer.get(PAGE, asked).content.decode()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"prove": "case", "case": "C-999999"}, "There is no such case"),
        ({"prove": "nothing"}, "There is no such control."),
        ({"prove": "span", "from": "2026-11-02", "to": "2026-10-01"}, "ends before it begins"),
        ({"prove": "span", "from": "9999-12-31", "to": "9999-12-31"}, "Give both ends"),
    ],
)
def test_looking_at_what_makes_no_sense_is_answered(
    retail: World, browser: Browser, asked: dict[str, str], says: str
) -> None:
    waiting_return(retail)
    seen = browser("compliance").get(PAGE, asked)
    assert seen.status_code == 200
    assert says in seen.content.decode()


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


@pytest.mark.parametrize("who", ["compliance", "supervisor"])
def test_no_scope_asks_more_than_a_page_may(retail: World, browser: Browser, who: str) -> None:
    waiting_return(retail)
    officer, case = browser(who), Case.objects.get()
    counts = {}
    for scope in (*registry.controls, "ledger", "span", "case"):
        asked = {"prove": scope, "case": case.label}
        officer.get(PAGE, asked)
        with CaptureQueriesContext(connection) as captured:
            seen = officer.get(PAGE, asked)
        assert seen.context["found"] is not None, scope
        counts[scope] = len(captured)
    assert max(counts.values()) <= MOST_QUERIES, counts


def test_a_long_ledger_is_counted_up_to_a_bound_and_says_so(
    retail: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_return(retail)
    officer = browser("compliance")
    monkeypatch.setattr(preview, "COUNTED_AT_MOST", 3)
    monkeypatch.setattr(preview, "LOOKED_AT_MOST", 2)
    seen = officer.get(PAGE, {"prove": "ledger"}).content.decode()
    assert "More than 3 entries are in the scope." in seen
    assert "The counts below are of the first 2." in seen
    monkeypatch.setattr(preview, "COUNTED_AT_MOST", LedgerEntry.objects.count() + 10)
    assert "More than" not in officer.get(PAGE, {"prove": "ledger"}).content.decode()


def test_the_list_goes_on_beyond_its_first_page(
    retail: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_return(retail)
    monkeypatch.setattr(evidence_asking, "SHOWN", 2)
    made = [make_export(SYSTEM, ExportScope(ScopeKind.LEDGER), now=clock.now()) for _one in "123"]
    officer = browser("compliance")
    first = officer.get(PAGE).content.decode()
    assert f"?before={made[1].pk}" in first
    assert str(made[0].public_id) not in first
    older = officer.get(PAGE, {"before": made[1].pk}).content.decode()
    assert str(made[0].public_id) in older
    assert str(made[1].public_id) not in older
    assert "No older exports." in older
    for forged in ("x", "-1", "1e9", "9" * 40, "1;drop", "\u0663"):
        assert officer.get(PAGE, {"before": forged}).status_code == 404
