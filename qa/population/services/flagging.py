"""Leave a unit out of the population with a reason, or take the flag back."""

from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotFoundError
from orchestra.core.locking import lock_one
from qa.population import entries, registry
from qa.population.models import SamplingUnit
from qa.population.services.marking import mark_days
from qa.population.types import Flag

MOST: int = 300


@one_act()
def leave_out(
    *, actor: Actor, now: datetime, subject: str, flag: Flag, reason: str
) -> SamplingUnit:
    """Flag a unit as one that does not count; it stays, and so does the reason.

    In a frame that was drawn from already the flag is a change that has to be explained.

    Raises:
        NotPermittedError: The actor may not.
        NotFoundError: There is no such unit.
        InvalidInputError: The reason is missing or too long.
        ConflictError: It is flagged so already.
    """
    row = _locked(actor, subject)
    text = _reason(reason)
    if row.left_out == flag:
        raise ConflictError(
            _("%(label)s is left out as %(flag)s already.") % {"label": row.label, "flag": flag},
            code="population.flagged",
        )
    return _write(actor, now, row, flag, text)


@one_act()
def take_back(*, actor: Actor, now: datetime, subject: str, reason: str) -> SamplingUnit:
    """Let a unit count again, whatever flagged it.

    Raises:
        NotPermittedError: The actor may not.
        NotFoundError: There is no such unit.
        InvalidInputError: The reason is missing or too long.
        ConflictError: It counts already.
    """
    row = _locked(actor, subject)
    text = _reason(reason)
    if not row.left_out:
        raise ConflictError(
            _("%(label)s is not left out.") % {"label": row.label}, code="population.not_flagged"
        )
    return _write(actor, now, row, None, text)


def _locked(actor: Actor, subject: str) -> SamplingUnit:
    require(authority=authority_of(actor), capability=Capability.SAMPLING_EDIT)
    try:
        return lock_one(SamplingUnit.objects.filter(subject=subject).select_related("case"))
    except ObjectDoesNotExist:
        raise NotFoundError(_("There is no such unit.")) from None


def _reason(reason: str) -> str:
    text = reason.strip()
    if not text or len(text) > MOST:
        message = _("Say why, in at most %(most)d characters.") % {"most": MOST}
        raise InvalidInputError(message, errors=[FieldError("reason", "length", message)])
    return text


def _write(
    actor: Actor, now: datetime, row: SamplingUnit, flag: Flag | None, reason: str
) -> SamplingUnit:
    was = row.left_out
    row.left_out, row.left_out_reason = flag or "", reason if flag else ""
    row.save(update_fields=["left_out", "left_out_reason"])
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=row.case.stream,
            kind=entries.LEFT_OUT if flag else entries.TAKEN_BACK,
            payload={"label": row.label, "flag": flag or "", "was": was, "reason": reason},
            subject_kind="sampling_unit",
            subject_id=row.subject,
        ),
    )
    mark_days(now=now, ended=[row.ended_at])
    registry.tell_written(now=now, rows=[row])
    return row
