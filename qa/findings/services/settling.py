"""Say what a finding is, and take it back; people only, and not of their own work."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Authority, Capability
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotPermittedError,
)
from orchestra.core.locking import compare_and_set, lock_one
from qa.findings.entries import REOPENED, SETTLED
from qa.findings.models import Finding
from qa.findings.selectors import get_finding
from qa.findings.types import FindingState
from qa.population.services import mark_days

#: Longest reason, in characters.
MOST: int = 500


def settle_finding(
    *, actor: Actor, now: datetime, finding_id: UUID, state: FindingState, reason: str = ""
) -> Finding:
    """Confirm a finding, or say that it is not so and why.

    A reason has at most ``MOST`` characters, and is needed to refute.

    Raises:
        NotFoundError: There is no such finding, or the person may not see its case.
        NotPermittedError: The person does not review, or it is about their own work.
        InvalidInputError: No reason, one that is too long, or a state that settles nothing.
        ConflictError: Somebody settled it before.
    """
    authority = _reviewer(actor)
    said = _checked(state, reason.strip())
    found = get_finding(authority=authority, finding_id=finding_id)
    _refuse_own_work(found, actor)
    with one_act():
        row = lock_one(Finding.objects.filter(pk=found.pk))
        if row.state != FindingState.UNSEEN:
            raise ConflictError(_("Somebody looked at this finding before you. Reload the page."))
        compare_and_set(
            row,
            expected={"state": FindingState.UNSEEN},
            changes={
                "state": state,
                "settled_by_id": actor.pk,
                "settled_at": now,
                "settled_reason": said,
            },
            actor=actor,
            reason=said,
        )
        mark_days(now=now, ended=[found.unit.ended_at])
        _append(found, actor, now, SETTLED, {"state": str(state), "reason": said})
    return row


def reopen_finding(*, actor: Actor, now: datetime, finding_id: UUID) -> Finding:
    """Take back what was said of a finding; it waits again. Its entry stays in the ledger.

    Raises:
        NotFoundError: There is no such finding, or the person may not see its case.
        NotPermittedError: Somebody else settled it, and the person does not lead quality.
        ConflictError: Nobody has settled it.
    """
    authority = _reviewer(actor)
    found = get_finding(authority=authority, finding_id=finding_id)
    with one_act():
        row = lock_one(Finding.objects.filter(pk=found.pk))
        if row.state == FindingState.UNSEEN:
            raise ConflictError(_("Nobody has looked at this finding yet."))
        if row.settled_by_id != actor.pk:
            require(authority=authority, capability=Capability.QUALITY_LEAD)
        before = str(row.state)
        compare_and_set(
            row,
            expected={"state": row.state},
            changes={
                "state": FindingState.UNSEEN,
                "settled_by_id": None,
                "settled_at": None,
                "settled_reason": "",
            },
            actor=actor,
        )
        mark_days(now=now, ended=[found.unit.ended_at])
        _append(found, actor, now, REOPENED, {"was": before})
    return row


def _reviewer(actor: Actor) -> Authority:
    authority = authority_of(actor)
    require(authority=authority, capability=Capability.QUALITY_REVIEW)
    return authority


def _checked(state: FindingState, said: str) -> str:
    if state is FindingState.UNSEEN:
        message = _("A finding is confirmed or refuted.")
        raise InvalidInputError(message, errors=[FieldError("state", "invalid", message)])
    if state is FindingState.REFUTED and not said:
        message = _("Say why it is not so; the check is judged by it.")
        raise InvalidInputError(message, errors=[FieldError("reason", "blank", message)])
    if len(said) > MOST:
        message = _("Keep the reason to %(most)d characters.") % {"most": MOST}
        raise InvalidInputError(message, errors=[FieldError("reason", "max_length", message)])
    return said


def _refuse_own_work(found: Finding, actor: Actor) -> None:
    if f"{actor.kind}:{actor.id}" in found.unit.workers:
        raise NotPermittedError(_("You worked on this case. Somebody else looks at its findings."))


def _append(
    found: Finding, actor: Actor, now: datetime, kind: str, payload: dict[str, str]
) -> None:
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=found.unit.case.stream,
            kind=kind,
            subject_kind="finding",
            subject_id=str(found.public_id),
            payload={"check": found.check_row.series, "harm": found.harm, **payload},
        ),
    )
