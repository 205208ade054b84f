"""Files of a case: kept under their digest, handed out checked, gone with an erasure."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from cases.memory import services, stored
from cases.memory.holders import HOLDERS
from cases.memory.models import Case, Evidence
from cases.memory.services import FileContent
from cases.memory.subjects import subject_of_case
from cases.memory.types import EvidenceDraft
from governance.access.types import Role
from orchestra.core.canonical import sha256_hex
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.access import make_person
from tests.factories.cases import kinds_of, last_payload, make_case, memory_rows

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16
DIGEST = sha256_hex(PNG)
DRAFT = EvidenceDraft(kind="photo", title="The lamp", proves="It is broken")
ATTACHMENTS = next(one for one in HOLDERS if one.code == "attachments")


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.EVIDENCE_DIR = tmp_path


def attach(centre: Any, now: datetime, case: Case, **file: Any) -> Evidence:
    content = FileContent(**{"name": "lamp.png", "content": PNG, **file})
    actor = centre.agent.as_actor()
    return services.attach_file(actor=actor, now=now, case=case, draft=DRAFT, file=content)


def on_disk(case: Case) -> set[str]:
    return stored.names_of(case.public_id)


def test_a_file_lies_under_its_digest_and_the_entry_names_it(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    found = attach(centre, now, case)
    assert (found.digest, found.media_type, found.size) == (DIGEST, "image/png", len(PNG))
    assert found.trust == "claimed"
    assert stored.read(case.public_id, DIGEST) == PNG
    assert on_disk(case) == {DIGEST}
    assert kinds_of(case.stream) == ["evidence.attached"]
    told = last_payload(case.stream)
    assert (told["file"], told["digest"], told["size"]) == ("lamp.png", DIGEST, len(PNG))


def test_the_same_file_again_is_a_second_row_of_one_file(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    attach(centre, now, case)
    attach(centre, now, case, name="again.png")
    assert (Evidence.objects.count(), on_disk(case)) == (2, {DIGEST})


@pytest.mark.parametrize(
    "file",
    [
        {"content": b""},
        {"content": b"PK\x03\x04" + b"0" * 40},
        {"name": "lamp.pdf"},
        {"name": "../lamp.png"},
        {"said_type": "text/plain"},
    ],
    ids=["empty", "zip", "lie", "path", "said"],
)
def test_a_refused_file_leaves_nothing(centre: Any, now: datetime, file: dict[str, Any]) -> None:
    case, before = make_case(centre.queue), None
    before = memory_rows()
    with pytest.raises(InvalidInputError) as refused:
        attach(centre, now, case, **file)
    assert {found.field for found in refused.value.errors} == {"file"}
    assert memory_rows() == before
    assert on_disk(case) == set()


def test_a_file_larger_than_the_setting_is_refused(
    centre: Any, now: datetime, settings: Any
) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "EVIDENCE_FILE_BYTES": 10}
    with pytest.raises(InvalidInputError, match="larger than"):
        attach(centre, now, make_case(centre.queue))


def test_a_stranger_and_a_closed_case_leave_nothing(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    file = FileContent("lamp.png", PNG)
    with pytest.raises(NotFoundError):
        services.attach_file(
            actor=centre.stranger.as_actor(), now=now, case=case, draft=DRAFT, file=file
        )
    Case.objects.filter(pk=case.pk).update(status="closed")
    with pytest.raises(ConflictError):
        attach(centre, now, case)
    assert on_disk(case) == set()


def test_what_is_rolled_back_leaves_no_file_for_long(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    attach(centre, now, case, name="kept.png")
    with transaction.atomic():
        attach(centre, now, case, content=b"other words", name="a.txt")
        transaction.set_rollback(True)
    assert len(on_disk(case)) == 2
    assert (services.clear_files(), on_disk(case), services.clear_files()) == (1, {DIGEST}, 0)


def test_what_belongs_to_no_case_of_ours_is_left(now: datetime, db: None) -> None:  # noqa: ARG001  the database
    stored.write(uuid4(), "whose", b"not ours")
    assert services.clear_files() == 0


def test_opening_is_an_entry(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    found = attach(centre, now, case)
    file, kind = services.open_file(
        actor=centre.person.as_actor(), now=now, case=case, evidence_id=found.public_id
    )
    assert (file.content, file.name, kind.inline) == (PNG, "lamp.png", True)
    assert kinds_of(case.stream)[-1] == "evidence.opened"


@pytest.mark.parametrize("left", [b"something else", None], ids=["altered", "gone"])
def test_an_altered_file_is_not_handed_out(centre: Any, now: datetime, left: bytes | None) -> None:
    case = make_case(centre.queue)
    found = attach(centre, now, case)
    path = stored.path_of(case.public_id, DIGEST)
    path.unlink() if left is None else path.write_bytes(left)
    with pytest.raises(ConflictError) as refused:
        services.open_file(
            actor=centre.person.as_actor(), now=now, case=case, evidence_id=found.public_id
        )
    assert refused.value.error_code == "conflict.file_altered"


def test_a_file_of_another_case_is_not_found(centre: Any, now: datetime) -> None:
    found = attach(centre, now, make_case(centre.queue))
    with pytest.raises(NotFoundError):
        services.open_file(
            actor=centre.person.as_actor(),
            now=now,
            case=make_case(centre.queue),
            evidence_id=found.public_id,
        )


def test_who_sees_a_case_masked_opens_no_file(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    found = attach(centre, now, case)
    analyst = make_person("yuri", roles=[Role.QA_ANALYST])
    with pytest.raises(NotPermittedError):
        services.open_file(
            actor=analyst.as_actor(), now=now, case=case, evidence_id=found.public_id
        )


def test_an_export_of_a_subject_carries_the_file(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    attach(centre, now, case)
    (record,) = ATTACHMENTS.collect(subject_of_case(case))
    assert record.values["file_name"] == "lamp.png"
    assert record.values["content"] == "iVBORw0KGgoAAAAAAAAAAAAAAAAAAAAA"


def test_erasing_removes_the_file_once_it_commits_and_of_that_case_alone(
    centre: Any, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    case, other = make_case(centre.queue), make_case(centre.queue)
    attach(centre, now, case)
    attach(centre, now, other)
    with django_capture_on_commit_callbacks(execute=True):
        assert ATTACHMENTS.erase(subject_of_case(case), now) == 1
        assert on_disk(case) == {DIGEST}
    assert (on_disk(case), on_disk(other)) == (set(), {DIGEST})
    row = Evidence.objects.get(case=case)
    assert (row.file_name, row.title, row.digest) == ("", "", "")
    with pytest.raises(NotFoundError):
        services.open_file(
            actor=centre.person.as_actor(), now=now, case=case, evidence_id=row.public_id
        )
