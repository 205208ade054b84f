"""Everything held about one person, in a file: theirs, no one else's, on record, for a time."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from cases.memory.models import Case
from cases.memory.types import Speaker
from governance.access.models import User
from governance.access.types import Role, StepUpProof
from governance.ledger.models import LedgerEntry
from governance.policies.models import DecisionRecord
from governance.privacy.registry import holders
from governance.privacy.selectors import find_subject
from governance.retention.services import run_whole
from governance.retention.services.running import KEEPER
from governance.subject_access import services, stored
from governance.subject_access.models import SubjectExport
from governance.subject_access.types import ExportState
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    OrchestraError,
)
from tests.conftest import NOW
from tests.factories.access import make_person, make_queue
from tests.factories.approvals import add_vote, make_row
from tests.factories.cases import make_case, make_customer, make_message
from tests.governance.admin.test_changes import sign_in
from tests.governance.retention.scene import append
from tests.killing import kill_at

pytestmark = pytest.mark.django_db(transaction=True)
PROOF = StepUpProof(at=NOW, method="test")
PATH = "/admin/subject-exports/"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.EVIDENCE_DIR = tmp_path / "exports"


@pytest.fixture
def ilse() -> User:
    person = make_person(
        "ilse", roles=[Role.COMPLIANCE_OFFICER], first_name="Ilse", last_name="Brandt"
    )
    person.set_password("a long enough secret")
    person.save()
    return person


@pytest.fixture
def case(ilse: User) -> Case:
    """Mia's case; a member of staff wrote of her brother in it, and another customer has one."""
    del ilse
    mia = make_customer(
        "mia_garcia_7", contact_points=[{"kind": "email", "value": "mia@example.com"}]
    )
    made = make_case(customer=mia, opened_at=NOW - timedelta(days=3))
    make_message(made, "I am Mia. My card is 5555 5555 5555 4444.")
    make_message(made, "Her brother is otto@example.org.", speaker=Speaker.HUMAN)
    append("message.added", made.stream, NOW, text="Ilse Brandt wrote to mia@example.com.")
    other = make_case(customer=make_customer("noah_brown_1", name="Noah Brown"))
    make_message(other, "I am Noah, noah@example.net.")
    append("message.added", other.stream, NOW, text="noah@example.net")
    return made


def ask(person: User, text: str, **changed: Any) -> SubjectExport:
    given = {"reference": "DSR-7", "proof": PROOF, **changed}
    return services.request_export(actor=person.as_actor(), now=NOW, text=text, **given)


def build(export: SubjectExport) -> dict[str, str]:
    assert services.build_export(export_pk=export.pk, read_clock=lambda: NOW) == "done"
    export.refresh_from_db()
    with zipfile.ZipFile(stored.file_path(export.public_id)) as pack:
        return {name: pack.read(name).decode() for name in pack.namelist()}


def kinds() -> list[str]:
    rows = LedgerEntry.objects.filter(kind__startswith="subject_export.").order_by("id")
    return [kind.removeprefix("subject_export.") for kind in rows.values_list("kind", flat=True)]


def test_the_file_holds_what_is_theirs_and_nobody_elses(ilse: User, case: Case) -> None:
    files = build(ask(ilse, "mia_garcia_7"))
    whole = "\n".join(files.values())
    for own in ("mia@example.com", "mia_garcia_7", "5555 5555 5555 4444", case.subject):
        assert own in whole, own
    for others in ("otto@example.org", "noah", "Noah", "Ilse", "Brandt"):
        assert others not in whole, others
    assert "a compliance officer wrote to mia@example.com." in whole
    messages = json.loads(files["data/messages.json"])["records"]
    assert [row["speaker"] for row in messages] == ["customer", "human"]
    assert "What is held about you" in files["index.html"]
    assert "Who received data about you" in files["index.html"]


def test_decisions_are_told_with_their_reasons_and_the_peoples_part(ilse: User, case: Case) -> None:
    for number, reason in ((1, "The amount is over 100.00 USD."), (2, "Low risk.")):
        DecisionRecord.objects.create(
            subject_kind="tool_call",
            subject_id=f"subject-{number}",
            stream=case.stream,
            outcome="approve" if number == 1 else "allow",
            at=NOW,
            body=json.dumps({"reasons": [reason]}).encode(),
            digest="d" * 64,
        )
    request = make_row(make_queue(), 1, case_public_id=str(case.public_id))
    add_vote(request, ilse, "supervisor")
    files = build(ask(ilse, case.label))
    first, second = json.loads(files["data/decisions_about_you.json"])
    assert (first["outcome"], first["case"]) == ("approve", case.label)
    assert first["reasons"] == ["The amount is over 100.00 USD."]
    assert [said.startswith("supervisor: approve") for said in first["people"]] == [True]
    assert (second["reasons"], second["people"]) == (["Low risk."], [])
    assert "The amount is over 100.00 USD." in files["index.html"]
    assert files["index.html"].count("No person voted on it.") == 1
    assert "Brandt" not in "".join(files.values())


def test_every_holder_that_holds_something_is_in_the_file(ilse: User, case: Case) -> None:
    files = build(ask(ilse, case.label))
    subject = find_subject("mia_garcia_7")
    assert subject is not None
    holding = {code for code in holders if any(True for _ in holders.get(code).collect(subject))}
    assert {"messages", "cases", "customers", "ledger"} <= holding
    assert {f"data/{code}.json" for code in holding} <= set(files)


def test_asking_building_and_taking_are_entries(ilse: User, case: Case) -> None:
    export = ask(ilse, case.label)
    build(export)
    found, path = services.open_file(actor=ilse.as_actor(), now=NOW, export_id=export.public_id)
    assert (found.downloads, path.stat().st_mode & 0o077) == (1, 0)
    assert kinds() == ["asked", "built", "downloaded"]
    assert services.build_export(export_pk=export.pk) is ExportState.DONE
    assert kinds() == ["asked", "built", "downloaded"]


def test_the_file_goes_after_its_time_and_with_an_erasure(ilse: User, case: Case) -> None:
    first, second = ask(ilse, case.label), ask(ilse, case.label)
    build(first)
    run_whole(actor=KEEPER, now=NOW + timedelta(days=13), read_clock=lambda: NOW)
    assert stored.file_path(first.public_id).is_file()
    run_whole(actor=KEEPER, now=NOW + timedelta(days=15), read_clock=lambda: NOW)
    assert not stored.file_path(first.public_id).exists()
    build(second)
    subject = find_subject("mia_garcia_7")
    assert subject is not None
    holder = holders.get("subject_files")
    assert (holder.count(subject), holder.erase(subject, NOW), holder.count(subject)) == (1, 1, 0)
    assert not stored.file_path(second.public_id).exists()
    with pytest.raises(ConflictError):
        services.open_file(actor=ilse.as_actor(), now=NOW, export_id=second.public_id)


DELETE = """
from governance.subject_access.services import delete_files
from orchestra.core.actors import system
from tests.conftest import NOW
delete_files(actor=system("erasure"), now=NOW, keys=[{pk}], because="erasure")
"""


def test_a_rollback_keeps_the_file(ilse: User, case: Case) -> None:
    export = ask(ilse, case.label)
    build(export)
    with transaction.atomic():
        given = {"keys": [export.pk], "because": "erasure"}
        assert services.delete_files(actor=ilse.as_actor(), now=NOW, **given) == 1
        transaction.set_rollback(True)
    assert services.clear_leftovers() == 0
    found, path = services.open_file(actor=ilse.as_actor(), now=NOW, export_id=export.public_id)
    assert path.stat().st_size == found.file_bytes


@pytest.mark.processes
def test_what_a_kill_after_the_commit_leaves_is_swept(
    ilse: User, case: Case, settings: Any
) -> None:
    export = ask(ilse, case.label)
    build(export)
    path = stored.file_path(export.public_id)
    path.with_suffix(".part").write_text("half")
    (path.parent / "notes.txt").write_text("somebody's")
    where = str(settings.EVIDENCE_DIR)
    kill_at(
        "subject-export-before-clearing",
        DELETE.format(pk=export.pk),
        ORCHESTRA_EVIDENCE_DIR=where,
    )
    export.refresh_from_db()
    assert (export.state, path.is_file()) == ("deleted", True)
    assert (services.clear_leftovers(), services.clear_leftovers()) == (1, 0)
    assert [one.name for one in path.parent.iterdir()] == ["notes.txt"]


def test_a_file_that_cannot_be_removed_is_tried_again(
    ilse: User, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> bool:
        raise OSError("Read-only file system")

    export = ask(ilse, case.label)
    build(export)
    given: dict[str, Any] = {"keys": [export.pk], "because": "age"}
    with monkeypatch.context() as patched:
        patched.setattr(stored, "remove", refuse)
        assert services.delete_files(actor=ilse.as_actor(), now=NOW, **given) == 1
        assert services.clear_leftovers() == 0
    path = stored.file_path(export.public_id)
    assert (path.is_file(), services.clear_leftovers(), path.exists()) == (True, 1, False)


@pytest.mark.parametrize(
    ("text", "changed", "error"),
    [
        ("nobody", {}, NotFoundError),
        ("C-999999999", {}, NotFoundError),
        ("x" * 5000, {}, NotFoundError),
        ("mia_garcia_7", {"reference": " "}, InvalidInputError),
        ("mia_garcia_7", {"proof": None}, NotPermittedError),
    ],
)
def test_what_is_refused_leaves_nothing(
    ilse: User, case: Case, text: str, changed: dict[str, Any], error: type[OrchestraError]
) -> None:
    del case
    with pytest.raises(error):
        ask(ilse, text, **changed)
    assert (SubjectExport.objects.count(), kinds()) == (0, [])


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SUPERVISOR, Role.QA_LEAD])
def test_nobody_else_asks_or_takes(ilse: User, case: Case, role: Role) -> None:
    person = make_person("otto", roles=[role])
    with pytest.raises(NotPermittedError):
        ask(person, case.label)
    export = ask(ilse, case.label)
    build(export)
    with pytest.raises(NotPermittedError):
        services.open_file(actor=person.as_actor(), now=NOW, export_id=export.public_id)


def test_a_disk_that_is_full_is_told_and_nothing_is_half_there(
    ilse: User, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError("No space left on device")

    export = ask(ilse, case.label)
    monkeypatch.setattr(stored, "write", full)
    assert services.build_export(export_pk=export.pk, read_clock=lambda: NOW) == "failed"
    export.refresh_from_db()
    assert (export.problem, kinds()) == ("No space left on device", ["asked", "failed"])


def test_the_page_asks_who_they_are_and_hands_the_file_out(ilse: User, case: Case) -> None:
    client: Client = sign_in(ilse)
    posted = {"subject": case.label, "reference": "DSR-7"}
    assert client.post(PATH, posted)["Location"] == f"{PATH}step-up/"
    assert SubjectExport.objects.count() == 0
    client.post(f"{PATH}step-up/", {"password": "a long enough secret"})
    export = SubjectExport.objects.get()
    assert b"being put together" in client.get(PATH).content
    services.build_export(export_pk=export.pk)
    assert b"ready" in client.get(PATH).content
    answer: Any = client.get(f"{PATH}{export.public_id}/file/")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as pack:
        assert "index.html" in pack.namelist()
    assert kinds()[-1] == "downloaded"
    refused = client.post(PATH, {"subject": "nobody", "reference": "DSR-8"})
    assert refused.status_code == 422
    assert b'value="DSR-8"' in refused.content
    Path(stored.file_path(export.public_id)).unlink()
    gone = client.get(f"{PATH}{export.public_id}/file/", follow=True)
    assert b"There is no file" in gone.content
