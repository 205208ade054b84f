"""Acknowledge an alert, and close one, with a note."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import authority_of, require
from governance.access.types import Authority, Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotPermittedError
from orchestra.core.locking import compare_and_set, lock_one
from qa.targets import entries
from qa.targets.models import OutcomeAlert
from qa.targets.rules import may_answer
from qa.targets.selectors import get_alert, spec_of
from qa.targets.services.watching import record
from qa.targets.types import AlertState, Ending

_LONGEST: Final = 2000


@one_act()
def acknowledge_alert(
    *, actor: Actor, now: datetime, alert_id: UUID | str, note: str
) -> OutcomeAlert:
    """Say that an alert is seen and what is done about it.

    Args:
        actor: A person who holds the role that owns the target, or edits metrics.
        now: When, UTC.
        alert_id: Public id.
        note: What is done about it.

    Raises:
        NotPermittedError: The actor does not answer for the target.
        NotFoundError: There is no such alert.
        ConflictError: It was acknowledged or closed before.
        InvalidInputError: There is no note.
    """
    alert = _held(actor, alert_id)
    said = _checked(note)
    if alert.state != AlertState.OPEN:
        raise ConflictError(
            _("This alert was answered already. Nothing was changed."),
            code="conflict.outcome_alert",
        )
    compare_and_set(
        alert,
        expected={"state": AlertState.OPEN},
        changes={
            "state": AlertState.ACKNOWLEDGED,
            "acknowledged_at": now,
            "acknowledged_by": User.objects.get(public_id=actor.id),
            "note": said,
        },
        actor=actor,
    )
    record(actor=actor, now=now, alert=alert, kind=entries.ACKNOWLEDGED, payload={"note": said})
    return alert


@one_act()
def close_alert(*, actor: Actor, now: datetime, alert_id: UUID | str, note: str) -> OutcomeAlert:
    """Close an alert before the numbers do, with a reason; a newer week may open another.

    Raises:
        NotPermittedError: The actor does not answer for the target.
        NotFoundError: There is no such alert.
        ConflictError: It is closed.
        InvalidInputError: There is no note.
    """
    alert = _held(actor, alert_id)
    said = _checked(note)
    if alert.state == AlertState.CLOSED:
        raise ConflictError(
            _("This alert is closed. Nothing was changed."), code="conflict.outcome_alert"
        )
    compare_and_set(
        alert,
        expected={"state": alert.state},
        changes={
            "state": AlertState.CLOSED,
            "closed_at": now,
            "closed_by": User.objects.get(public_id=actor.id),
            "ending": Ending.BY_PERSON,
            "closing_note": said,
        },
        actor=actor,
    )
    payload = {"note": said, "ending": str(Ending.BY_PERSON)}
    record(actor=actor, now=now, alert=alert, kind=entries.CLOSED, payload=payload)
    return alert


def _held(actor: Actor, alert_id: UUID | str) -> OutcomeAlert:
    authority: Authority = authority_of(actor)
    require(authority=authority, capability=Capability.METRIC_READ)
    found = get_alert(alert_id)
    owner = spec_of(found.version).owner
    if not may_answer(authority=authority, owner=owner):
        raise NotPermittedError(
            _("Only who answers for this target may do this."), code="outcome_alert.owner"
        )
    locked: OutcomeAlert = lock_one(
        OutcomeAlert.objects.select_related("target", "version").filter(pk=found.pk)
    )
    return locked


def _checked(note: str) -> str:
    said = note.strip()
    message = ""
    if not said:
        message = _("Say what is done about it.")
    elif len(said) > _LONGEST:
        message = _("Keep it under %(count)d characters.") % {"count": _LONGEST}
    if message:
        raise InvalidInputError(message, errors=[FieldError("note", "required", message)])
    return said
