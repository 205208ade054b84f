"""What every act on a case does first and last: lock, check, append."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.memory.locks import lock_case, not_found, refuse_gated
from cases.memory.models import Case, Interaction
from cases.memory.rules import is_possible
from cases.memory.types import CaseAct, CaseStatus
from governance.access.rules import may
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.entries import STREAM_SEALED
from governance.ledger.services import append_entry, seal_stream
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError


def locked(*, actor: Actor, case: Case, capability: Capability, act: CaseAct | None = None) -> Case:
    """Lock a case and return it, once the actor may do this to it as it stands.

    Args:
        actor: Who acts.
        case: The case as the caller knows it; its state may be old.
        capability: What the actor must be able to do on the case's queue.
        act: What is to be done to the case; None where any state will do.

    Raises:
        NotFoundError: The actor may not see the case.
        NotPermittedError: The actor sees it but may not do this.
        ConflictError: The case stands where this cannot be done.
    """
    authority = authority_of(actor)
    row = lock_case(case.public_id)
    if not may(authority, Capability.CASE_READ, row.queue_id):
        raise not_found()
    require(authority=authority, capability=capability, queue_id=row.queue_id)
    refuse_gated(actor=actor, case=row)
    if act is not None and row.status == CaseStatus.MERGED:
        raise ConflictError(
            _("%(case)s was merged into C-%(other)d; work there, or take the merge back.")
            % {"case": row.label, "other": row.merged_into_id},
            code="conflict.case_merged",
            data={"case": str(row.public_id), "act": str(act)},
        )
    if act is not None and not is_possible(act=act, status=CaseStatus(row.status)):
        raise ConflictError(
            _("%(case)s is %(status)s; this cannot be done to it now.")
            % {"case": row.label, "status": row.get_status_display().lower()},
            code="conflict.case_state",
            data={"case": str(row.public_id), "status": row.status, "act": str(act)},
        )
    return row


def refuse_errors(message: str, errors: list[FieldError]) -> None:
    """Refuse an input when something is wrong with it, with all findings at once.

    Raises:
        InvalidInputError: There is at least one finding.
    """
    if errors:
        raise InvalidInputError(message if len(errors) > 1 else errors[0].message, errors=errors)


def refuse_bad_text(**texts: str) -> None:
    """Refuse U+0000 and halves of surrogate pairs, naming the field.

    Raises:
        InvalidInputError: A text holds such a character.
    """
    for field, text in texts.items():
        check_text(text, field)


def require_reason(reason: str, *, field: str = "reason", most: int = 500) -> str:
    """Return a reason without surrounding space.

    Raises:
        InvalidInputError: It is empty or too long.
    """
    refuse_bad_text(**{field: reason})
    reason = reason.strip()
    if not reason or len(reason) > most:
        message = _("%(field)s is needed, in at most %(most)d characters.") % {
            "field": field,
            "most": most,
        }
        raise InvalidInputError(message, errors=[FieldError(field, "length", message)])
    return reason


def append(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    kind: str,
    payload: Mapping[str, Any],
    subject: tuple[str, str] | None = None,
) -> None:
    """Append one entry to the stream of a case.

    Args:
        actor: Who acted.
        now: When, in UTC.
        case: The locked case.
        kind: Registered ledger kind.
        payload: Labels and text unmasked; masking happens on display.
        subject: Kind and public id of what the entry is about; the case itself by default.
    """
    subject_kind, subject_id = subject or ("case", str(case.public_id))
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=case.stream,
            kind=kind,
            payload=payload,
            subject_kind=subject_kind,
            subject_id=subject_id,
        ),
    )


def seal(*, actor: Actor, now: datetime, case: Case) -> None:
    """Append the seal of a case's stream, last of what its act writes so far."""
    seal_stream(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=case.stream,
            kind=STREAM_SEALED,
            payload={"case": case.label},
            subject_kind="case",
            subject_id=str(case.public_id),
        ),
    )


def end_contacts(*, case: Case, now: datetime) -> int:
    """End what contacts of a locked case go on, and return how many; the act's entry tells of it.

    Args:
        case: The locked case.
        now: When the act that ends them happens.
    """
    return Interaction.objects.filter(case=case, ended_at=None).update(ended_at=now)
