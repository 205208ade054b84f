"""Keep the file of a piece of evidence, hand it out, and clear what no row names any more."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from cases.memory import entries, stored
from cases.memory.filetypes import FileType, file_errors, type_named, type_of
from cases.memory.models import Case, Evidence
from cases.memory.rules import evidence_errors, may_see_unmasked
from cases.memory.services.common import append, locked, refuse_bad_text, refuse_errors
from cases.memory.services.evidence import write_evidence
from cases.memory.types import CaseAct, EvidenceDraft, Trust
from governance.access.selectors import authority_of
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.canonical import sha256_hex
from orchestra.core.crash import crash_point
from orchestra.core.errors import ConflictError, NotFoundError, NotPermittedError
from orchestra.core.locking import lock

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file as it is sent, or handed out.

    Attributes:
        said_type: The media type its sender gives it; empty for none.
    """

    name: str
    content: bytes
    said_type: str = ""


def attach_file(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    draft: EvidenceDraft,
    file: FileContent,
    trust: Trust = Trust.CLAIMED,
) -> Evidence:
    """Attach a file, with what it proves; its content is stored under its digest first.

    The kind is told from the bytes, and a file that calls itself another is refused. The file
    is on disk before the act commits, so a row never names a file that is not there.

    Raises:
        InvalidInputError: The draft or the file is not acceptable; everything is named.
        NotPermittedError: The actor may not work the case.
        ConflictError: The case is closed.
    """
    most = settings.ORCHESTRA["EVIDENCE_FILE_BYTES"]
    refuse_bad_text(kind=draft.kind, title=draft.title, proves=draft.proves)
    digest = sha256_hex(file.content)
    whole = replace(draft, digest=digest)
    errors = file_errors(
        name=file.name, content=file.content, said_type=file.said_type, most=most
    ) + evidence_errors(whole)
    refuse_errors(_("The file cannot be attached."), errors)
    kind = type_of(file.content)
    assert kind is not None, "what has no kind was refused"  # noqa: S101  for the type checker
    whole = replace(whole, file_name=file.name, media_type=kind.media_type, size=len(file.content))
    try:
        with one_act():
            row = locked(actor=actor, case=case, capability=Capability.CASE_WORK, act=CaseAct.TALK)
            stored.write(row.public_id, digest, file.content)
            return write_evidence(actor=actor, now=now, case=row, draft=whole, trust=trust)
    except BaseException:
        _clear(case.public_id)
        raise


@one_act()
def open_file(
    *, actor: Actor, now: datetime, case: Case, evidence_id: UUID
) -> tuple[FileContent, FileType]:
    """Return the file of a piece of evidence, checked against its digest; opening is an entry.

    A file cannot be masked, so it is for those whose work needs a case's personal data.

    Raises:
        NotFoundError: The case has no such file, or it was erased.
        NotPermittedError: The actor sees the case masked only.
        ConflictError: What lies on disk is not what was attached.
    """
    row = locked(actor=actor, case=case, capability=Capability.CASE_READ)
    if not may_see_unmasked(authority_of(actor).roles):
        raise NotPermittedError(_("Your role sees personal data masked, and a file cannot be."))
    evidence = Evidence.objects.filter(case=row, public_id=evidence_id).first()
    kind = type_named(evidence.media_type) if evidence else None
    if evidence is None or kind is None or not evidence.has_file:
        raise NotFoundError(_("This case has no such file."), code="not_found.file")
    content = stored.read(row.public_id, evidence.digest)
    if content is None or sha256_hex(content) != evidence.digest:
        raise ConflictError(
            _("The file is not as it was attached, so it is not shown. Tell the operator."),
            code="conflict.file_altered",
            data={"evidence": str(evidence.public_id)},
        )
    append(
        actor=actor,
        now=now,
        case=row,
        kind=entries.EVIDENCE_OPENED,
        payload={"file": evidence.file_name, "digest": evidence.digest},
        subject=("evidence", str(evidence.public_id)),
    )
    return FileContent(evidence.file_name, content, kind.media_type), kind


def clear_after_commit(case_ids: Iterable[UUID]) -> None:
    """Remove the files of cases that no row names, once the open transaction commits."""
    transaction.on_commit(partial(_clear_now, list(case_ids)), robust=True)


def clear_files() -> int:
    """Remove what processes that died left on disk and no row names; return how many files."""
    return sum(_clear(case_id) for case_id in stored.cases_on_disk())


def _clear_now(case_ids: list[UUID]) -> None:
    crash_point("case-files-before-clearing")
    for case_id in case_ids:
        _clear(case_id)


def _clear(case_id: UUID) -> int:
    """Remove the files of a case that no row names.

    Whoever attaches one writes it under the lock of the case, so with the lock in hand every
    file that is meant to stay has its row.
    """
    if not _unnamed(case_id):
        return 0
    gone = 0
    with transaction.atomic():
        if not lock(Case.objects.filter(public_id=case_id)):
            return 0
        for name in _unnamed(case_id):
            try:
                stored.remove(case_id, name)
                gone += 1
            except OSError as error:
                log.warning("case_files.not_removed", error=type(error).__name__)
    return gone


def _unnamed(case_id: UUID) -> set[str]:
    names = stored.names_of(case_id)
    kept = Evidence.objects.filter(case__public_id=case_id, digest__in=names, size__gt=0)
    return names - set(kept.values_list("digest", flat=True)) if names else set()
