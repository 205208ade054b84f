"""Set how long a class of record is kept."""

from datetime import datetime

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import authority_of, require
from governance.access.services.guard import require_proof, require_reason
from governance.access.types import Capability, StepUpProof
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.privacy.services.common import TURN
from governance.retention import registry, rules
from governance.retention.entries import RETENTION_CHANGED
from governance.retention.models import RetentionPeriod
from governance.retention.selectors import days_of
from governance.retention.types import RecordClass
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotFoundError
from orchestra.core.history import save_as
from orchestra.core.locking import take_turn


def set_period(
    *,
    actor: Actor,
    now: datetime,
    code: str,
    days: int | None,
    seen: int | None,
    reason: str,
    proof: StepUpProof | None,
) -> RetentionPeriod:
    """Set how long a class of record is kept; the next run goes by it, a running one does not.

    Args:
        actor: A compliance officer.
        now: The moment of the act.
        code: The class.
        days: Whole days; None where what was typed is no whole number.
        seen: The period the person saw and changes; None where it does not matter.
        reason: Why.
        proof: That the person proved who they are.

    Raises:
        NotPermittedError: The actor may not, or gave no fresh proof.
        NotFoundError: There is no such class.
        InvalidInputError: The period is shorter than the class has to be kept, or no reason.
        ConflictError: Somebody else changed the period since it was seen.
    """
    require(authority=authority_of(actor), capability=Capability.PRIVACY_MANAGE)
    require_proof(proof, now)
    kept = registry.classes.find(code)
    if kept is None:
        raise NotFoundError(_("There is no such class of record. Nothing was changed."))
    check_text(reason, "reason")
    why, wanted = require_reason(reason), _allowed(kept, days)
    with one_act():
        take_turn(TURN)
        stood = days_of(code)
        if seen is not None and seen != stood:
            raise ConflictError(
                _("The period was changed to %(days)d days since you looked. Look again.")
                % {"days": stood},
                code="retention.moved_on",
            )
        row = RetentionPeriod.objects.filter(code=code).first() or RetentionPeriod(code=code)
        row.days, row.reason, row.set_at = wanted, why, now
        row.set_by = User.objects.get(public_id=actor.id)
        save_as(row, actor=actor, reason=why)
        draft = EntryDraft(
            stream=SYSTEM_STREAM,
            kind=RETENTION_CHANGED,
            payload={
                "class": code,
                "title": str(kept.title),
                "from_days": stood,
                "to_days": wanted,
                "reason": why,
            },
            subject_kind="retention_class",
            subject_id=code,
        )
        append_entry(actor=actor, now=now, draft=draft)
    return row


def _allowed(kept: RecordClass, days: int | None) -> int:
    if days is not None and rules.is_allowed(days=days, least=kept.least_days):
        return days
    message = _("Give whole days, from %(least)d to %(most)d. %(basis)s") % {
        "least": kept.least_days,
        "most": rules.MOST_DAYS,
        "basis": kept.basis,
    }
    raise InvalidInputError(
        _("Nothing was changed."),
        code="retention.invalid",
        errors=[FieldError("days", "range", message)],
    )
