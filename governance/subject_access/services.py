"""Acts of subject access: ask, put together, hand out, delete."""

import hashlib
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import authority_of, require
from governance.access.services.guard import require_proof
from governance.access.types import Capability, StepUpProof
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.privacy.selectors import find_subject, get_subject, no_subject
from governance.privacy.services.common import TURN, read_texts
from governance.privacy.types import Subject, SubjectKind
from governance.subject_access import entries, stored
from governance.subject_access.gathering import gather
from governance.subject_access.models import SubjectExport
from governance.subject_access.types import ExportState
from governance.subject_access.writing import write_zip
from orchestra.core import clock
from orchestra.core.actors import Actor, system
from orchestra.core.crash import crash_point
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import ConflictError, NotFoundError, OrchestraError
from orchestra.core.locking import compare_and_set, lock, take_turn

Json = Any
Clock = Callable[[], datetime]
log = structlog.get_logger(__name__)

SUBJECT_TASK: Final = "governance.subject_access.build"
BUILDER: Final = system("subject access")
_BATCH: Final = 500
_WITHOUT_FILE: Final = (ExportState.DELETED, ExportState.FAILED)


def list_exports() -> QuerySet[SubjectExport]:
    """Return the exports, newest first."""
    return SubjectExport.objects.select_related("asked_by").order_by("-id")


def get_export(export_id: UUID) -> SubjectExport:
    """Return one export.

    Raises:
        NotFoundError: There is none with this public id.
    """
    found = list_exports().filter(public_id=export_id).first()
    if found is None:
        raise NotFoundError(_("There is no such export."))
    return found


def request_export(
    *, actor: Actor, now: datetime, text: str, reference: str, proof: StepUpProof | None
) -> SubjectExport:
    """Ask for everything held about a person; a worker puts it together.

    Args:
        actor: A compliance officer.
        now: When, UTC.
        text: A customer's reference or a case's label.
        reference: The request it answers, such as a ticket.
        proof: That the officer proved who they are.

    Raises:
        NotPermittedError: The actor may not, or gave no fresh proof.
        NotFoundError: There is no such customer or case.
        InvalidInputError: No reference is given.
    """
    require(authority=authority_of(actor), capability=Capability.PRIVACY_MANAGE)
    require_proof(proof, now)
    texts = read_texts(reference=(reference, 200))
    subject = find_subject(text)
    if subject is None:
        raise no_subject()
    with one_act():
        export = SubjectExport.objects.create(
            subject_kind=subject.kind,
            subject_id=subject.id,
            label=subject.label,
            asked_by=User.objects.get(public_id=actor.id),
            asked_at=now,
            **texts,
        )
        _append(actor, now, export, entries.ASKED)
        enqueue(SUBJECT_TASK, export.pk)
    return export


def build_export(*, export_pk: int, read_clock: Clock = clock.now) -> ExportState:
    """Put an export together; again is harmless, and the last to end is the one that counts.

    In the turn of erasures, so that nothing is read that is erased before the file is on record.

    Args:
        export_pk: Internal key.
        read_clock: Tells the time.
    """
    try:
        with one_act(durable=True):
            take_turn(TURN)
            export = lock(SubjectExport.objects.filter(pk=export_pk))[0]
            if export.state == ExportState.QUEUED:
                _build(export, read_clock())
    except (OrchestraError, OSError, ValueError) as error:
        log.warning("subject_access.failed", export=export_pk, error=type(error).__name__)
        _fail(export_pk, read_clock(), str(error))
    return ExportState(SubjectExport.objects.values_list("state", flat=True).get(pk=export_pk))


def build_due() -> int:
    """Ring for the exports whose message was lost."""
    keys = list(SubjectExport.objects.filter(state=ExportState.QUEUED).values_list("pk", flat=True))
    for pk in keys:
        enqueue(SUBJECT_TASK, pk)
    return len(keys)


def open_file(*, actor: Actor, now: datetime, export_id: UUID) -> tuple[SubjectExport, Path]:
    """Return the file of an export to be handed out; that it was is an entry.

    Raises:
        NotPermittedError: The actor may not.
        NotFoundError: There is no such export.
        ConflictError: It is not put together, or its file was deleted.
    """
    require(authority=authority_of(actor), capability=Capability.PRIVACY_MANAGE)
    with one_act():
        rows = lock(SubjectExport.objects.filter(public_id=export_id))
        if not rows:
            raise NotFoundError(_("There is no such export."))
        export, path = rows[0], stored.file_path(export_id)
        if export.state != ExportState.DONE or not path.is_file():
            raise ConflictError(
                _("There is no file: it is not put together yet, or was deleted."),
                code="subject_access.no_file",
            )
        changes = {"downloads": export.downloads + 1}
        compare_and_set(export, expected={"state": ExportState.DONE}, changes=changes, actor=actor)
        _append(actor, now, export, entries.DOWNLOADED, file_sha256=export.file_sha256)
    return export, path


def delete_files(*, actor: Actor, now: datetime, keys: Collection[int], because: str) -> int:
    """Delete files with an entry each; return how many there still were.

    The files go right after the open transaction commits; where it is rolled back, they stay.
    """
    with one_act():
        rows = lock(SubjectExport.objects.filter(pk__in=keys, state=ExportState.DONE))
        for export in rows:
            changes = {"state": ExportState.DELETED}
            compare_and_set(
                export, expected={"state": ExportState.DONE}, changes=changes, actor=actor
            )
            _append(actor, now, export, entries.DELETED, because=because)
            transaction.on_commit(partial(_clear_now, export.public_id), robust=True)
    return len(rows)


def clear_leftovers() -> int:
    """Remove the files that a process left which died after the commit that ended them.

    Returns:
        How many were removed; what could not be is logged, and tried again at the next round.
    """
    ids = sorted(set(stored.ids_on_disk()))
    removed = 0
    for first in range(0, len(ids), _BATCH):
        rows = SubjectExport.objects.filter(public_id__in=ids[first : first + _BATCH])
        ended = rows.filter(state__in=_WITHOUT_FILE).values_list("public_id", flat=True)
        removed += sum(_clear(public_id) for public_id in ended)
    return removed


def _clear_now(public_id: UUID) -> None:
    crash_point("subject-export-before-clearing")
    _clear(public_id)


def _clear(public_id: UUID) -> bool:
    try:
        return stored.remove(public_id)
    except OSError as error:
        log.warning("subject_access.not_removed", export=public_id, error=type(error).__name__)
        return False


def _build(export: SubjectExport, now: datetime) -> None:
    told = gather(subject=_subject(export), now=now)
    data = write_zip(told)
    stored.write(export.public_id, data)
    records = sum(len(one.records) for one in told.held)
    changes = {
        "state": ExportState.DONE,
        "built_at": now,
        "records": records,
        "file_bytes": len(data),
        "file_sha256": hashlib.sha256(data).hexdigest(),
    }
    compare_and_set(export, expected={"state": ExportState.QUEUED}, changes=changes, actor=BUILDER)
    more = {"records": records, "file_sha256": export.file_sha256}
    _append(BUILDER, now, export, entries.BUILT, **more)


def _subject(export: SubjectExport) -> Subject:
    """Return whose data it is now: cases may have been added since it was asked for."""
    found = get_subject(SubjectKind(export.subject_kind), export.subject_id)
    if found is None:
        raise no_subject()
    return found


def _fail(pk: int, now: datetime, problem: str) -> None:
    with one_act(durable=True):
        export = lock(SubjectExport.objects.filter(pk=pk))[0]
        if export.state != ExportState.QUEUED:
            return
        changes = {"state": ExportState.FAILED, "problem": problem[:500]}
        compare_and_set(
            export, expected={"state": ExportState.QUEUED}, changes=changes, actor=BUILDER
        )
        _append(BUILDER, now, export, entries.FAILED, problem=problem[:500])


def _append(actor: Actor, now: datetime, export: SubjectExport, kind: str, **more: Json) -> None:
    draft = EntryDraft(
        stream=SYSTEM_STREAM,
        kind=kind,
        payload={"label": export.label, "reference": export.reference, **more},
        subject_kind="subject_export",
        subject_id=str(export.public_id),
    )
    append_entry(actor=actor, now=now, draft=draft)
