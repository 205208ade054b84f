"""Say why a frame changed after it was drawn from; a second person agrees."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.selectors import find_last
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotPermittedError,
)
from orchestra.core.locking import compare_and_set
from qa.population.entries import LEFT_OUT, TAKEN_BACK
from qa.sampling import entries
from qa.sampling.models import SamplePeriod
from qa.sampling.services.recording import record
from qa.sampling.services.redrawing import locked
from qa.sampling.types import Explanation, PeriodState

MOST = 500


@one_act()
def explain(
    *, actor: Actor, now: datetime, period_id: UUID | str, explanation: Explanation, reason: str
) -> SamplePeriod:
    """Say what happened to the frame of a held period, and what is to become of it.

    Nothing changes before a second person agrees; explaining anew takes the place of before.

    Args:
        actor: A person who leads quality.
        now: When, UTC.
        period_id: Public id of the period.
        explanation: Keep the frame as it was closed, or cancel the draw.
        reason: What happened, in 1 to 500 characters.

    Raises:
        NotPermittedError: The actor does not lead quality.
        NotFoundError: There is no such period.
        InvalidInputError: The reason is missing or too long.
        ConflictError: The period is not held, or has no draw that could be kept.
    """
    require(authority=authority_of(actor), capability=Capability.QUALITY_LEAD)
    text = reason.strip()
    if not text or len(text) > MOST:
        message = _("Say what happened, in at most %(most)d characters.") % {"most": MOST}
        raise InvalidInputError(message, errors=[FieldError("reason", "length", message)])
    period = _held(period_id)
    if explanation is Explanation.KEEP and not _can_keep(period):
        raise ConflictError(
            _("The stored frame or the seed itself differs, so nothing can be kept; cancel it."),
            code="sampling.cannot_keep",
        )
    compare_and_set(
        period,
        expected={"state": PeriodState.HELD},
        changes={
            "explanation": explanation,
            "explained_by": User.objects.get(public_id=actor.id),
            "explained_at": now,
            "explained_reason": text,
            "agreed_by": None,
            "agreed_at": None,
        },
        actor=actor,
    )
    record(
        actor=actor, now=now, period=period, kind=entries.EXPLAINED,
        explanation=str(explanation), reason=text,
    )  # fmt: skip
    return period


@one_act()
def agree(*, actor: Actor, now: datetime, period_id: UUID | str) -> SamplePeriod:
    """Agree with what another person said of a held period, and so end the hold.

    Raises:
        NotPermittedError: The actor does not lead quality, explained it, or set one of the flags.
        NotFoundError: There is no such period.
        ConflictError: The period is not held, or nobody explained it yet.
    """
    require(authority=authority_of(actor), capability=Capability.QUALITY_LEAD)
    period = _held(period_id)
    if not period.explanation or period.explained_by is None:
        raise ConflictError(_("Nobody has said yet what happened."), code="sampling.not_explained")
    if actor.id in {str(period.explained_by.public_id), *flagged_by(period)}:
        raise NotPermittedError(
            _("A second person agrees: neither who explained it nor who set a flag."),
            code="sampling.second_person",
        )
    keeps = period.explanation == Explanation.KEEP
    told = dict(period.redrawn)
    if keeps:
        told["kept"] = [*told.get("kept", []), *(one["unit"] for one in told["missing"])]
    compare_and_set(
        period,
        expected={"state": PeriodState.HELD},
        changes={
            "state": PeriodState.DRAWN if keeps else PeriodState.CANCELLED,
            "agreed_by": User.objects.get(public_id=actor.id),
            "agreed_at": now,
            "redrawn": told,
        },
        actor=actor,
    )
    kind = entries.RELEASED if keeps else entries.CANCELLED
    record(actor=actor, now=now, period=period, kind=kind, reason=period.explained_reason)
    return period


def flagged_by(period: SamplePeriod) -> set[str]:
    """Return who flagged what left a period's frame, by public id."""
    found = set()
    for one in period.redrawn.get("missing", []):
        entry = find_last(subject_id=one["unit"], of_kinds=(LEFT_OUT, TAKEN_BACK))
        if entry is not None:
            found.add(entry.actor_id)
    return found


def _held(period_id: UUID | str) -> SamplePeriod:
    period = locked(period_id)
    if period.state != PeriodState.HELD:
        raise ConflictError(_("This period is not held."), code="sampling.not_held")
    return period


def _can_keep(period: SamplePeriod) -> bool:
    """Return whether all that differs is what was flagged after the draw."""
    told = period.redrawn
    return bool(
        period.drawn_at
        and told.get("missing")
        and told["frame_size"] + len(told["missing"]) == period.frame_size
    )
