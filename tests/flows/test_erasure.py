"""An erasure leaves every proof valid, and no plaintext: rows, files, cache, exports on disk."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from cases.memory.models import Case
from cases.reconciliation.services import reconcile
from governance import tasks
from governance.access.models import Queue
from governance.access.types import StepUpProof
from governance.evidence import stored
from governance.ledger import selectors as ledger
from governance.ledger.envelope import hash_leaf
from governance.ledger.models import LedgerEntry
from governance.ledger.services import sequence, verify
from governance.ledger.tree import verify_inclusion
from governance.privacy import services
from governance.privacy.models import Erasure
from governance.privacy.types import ErasureBasis
from orchestra.core import clock
from tests.flows import erasing
from tests.flows.authority_scene import GONE
from tests.flows.authority_table import TABLE
from tests.flows.authority_visitor import CONVERTER, Visitor
from tests.flows.conftest import World
from tests.governance.evidence import packs

pytestmark = pytest.mark.django_db(transaction=True)
IS_PROOF = os.environ.get("ORCHESTRA_PROOF") == "erasure"


def erase(retail: World, text: str) -> Erasure:
    now = clock.now()
    proof = StepUpProof(at=now, method="test")
    erasure = services.ask_erasure(
        actor=retail.people["compliance"].as_actor(),
        now=now,
        text=text,
        basis=ErasureBasis.CONSENT_WITHDRAWN,
        reference="DSR 7",
    )
    operator = retail.people["operator"].as_actor()
    services.confirm_erasure(actor=operator, now=now, erasure_id=erasure.public_id, proof=proof)
    tasks.erase(erasure.pk)
    erasure.refresh_from_db()
    assert (erasure.state, erasure.problem) == ("done", "")
    return erasure


@pytest.fixture
def lived(retail: World, settings: Any, tmp_path: Path) -> dict[str, Any]:
    settings.EVIDENCE_DIR = tmp_path / "exports"
    return erasing.live(retail)


def test_no_plaintext_is_left_and_every_proof_holds(
    retail: World, lived: dict[str, Any], tmp_path: Path
) -> None:
    case = Case.objects.get(public_id=lived["case_id"])
    texts = [erasing.CANARY.encode(), *(one.encode() for one in erasing.KNOWN)]
    told = erasing.in_columns(texts[:1])
    assert len(told) > 15, told
    export = erasing.export(retail, lived["case_id"])
    handed_out = tmp_path / "auditor.zip"
    shutil.copy(stored.file_path(export.public_id), handed_out)
    own = LedgerEntry.objects.filter(stream=case.stream).order_by("id")
    leaves = list(own.values_list("leaf_index", "leaf_bytes"))

    erasure = erase(retail, case.label)
    services.compact(whole=IS_PROOF)

    assert erasing.in_columns(texts) == []
    if IS_PROOF or connection.vendor == "sqlite":
        assert erasing.in_files(texts) == []
    assert not erasing.in_dump(texts)
    assert not erasing.in_cache(texts)
    # A folder may stand; no file of anybody does.
    assert not [one for one in stored.root().rglob("*") if one.is_file()]
    export.refresh_from_db()
    assert (export.state, export.deleted_because) == ("deleted", "erasure")
    assert erasure.erased["export_files"] == 1
    _proofs_hold(leaves, handed_out)


def _proofs_hold(leaves: list[tuple[int | None, Any]], handed_out: Path) -> None:
    sequence(now=clock.now())
    report = verify(now=clock.now())
    assert report.ok, report.problems
    signed = ledger.latest_checkpoint()
    assert signed is not None
    placed = [(index, bytes(leaf)) for index, leaf in leaves if index is not None]
    assert len(placed) > 20
    for index, leaf in placed:
        proof = ledger.inclusion_proof(index=index, size=signed.size)
        assert verify_inclusion(
            index=index,
            size=signed.size,
            leaf_hash=hash_leaf(leaf),
            proof=proof.hashes,
            root=proof.root,
        )
    code, said = packs.verify(handed_out)
    assert (code, "FAILED" in said) == (0, False), said


def test_every_page_of_what_was_erased_still_answers(retail: World, lived: dict[str, Any]) -> None:
    case = Case.objects.get(public_id=lived["case_id"])
    visitors = [Visitor(letter, Queue.objects.get(key=lived["queue"])) for letter in "VC"]
    paths = [
        "/" + CONVERTER.sub(lambda found: str(lived.get(found.group(1), GONE)), route)
        for route, row in TABLE.items()
        if row.get and "<" in route
    ]
    asked = [path for path in paths if GONE not in path]
    assert len(asked) > 12, asked
    before = {path: [one.client.get(path).status_code for one in visitors] for path in asked}
    erase(retail, case.label)
    after = {path: [one.client.get(path) for one in visitors] for path in asked}
    wrong = {
        path: [answer.status_code for answer in answers]
        for path, answers in after.items()
        if [answer.status_code for answer in answers] != before[path]
    }
    assert wrong == {}
    bodies = [answer for answers in after.values() for answer in answers]
    for answer in bodies:
        body = b"".join(answer) if answer.streaming else answer.content
        assert erasing.CANARY.encode() not in body, answer.request["PATH_INFO"]


def test_nothing_differs_between_rows_and_ledger_after_an_erasure(
    retail: World, lived: dict[str, Any]
) -> None:
    before = reconcile(now=clock.now(), whole=True, ask=0)
    erase(retail, Case.objects.get(public_id=lived["case_id"]).label)
    after = reconcile(now=clock.now(), whole=True, ask=0)
    assert (before.found, after.found) == (0, 0)
