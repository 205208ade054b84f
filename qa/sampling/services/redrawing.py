"""Draw a period again and compare; where it does not come out the same, hold its numbers."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, NotFoundError
from orchestra.core.locking import compare_and_set, lock_one
from qa.sampling import entries
from qa.sampling.models import SamplePeriod
from qa.sampling.proofs import frame_now, proof_of
from qa.sampling.redraw import differences, draw_again, frame_digest
from qa.sampling.services.recording import record
from qa.sampling.types import PeriodState, PlanKind

_STANDS = (PeriodState.DRAWN, PeriodState.HELD)


@one_act()
def redraw_period(*, actor: Actor, now: datetime, period_id: UUID | str) -> bool:
    """Draw a period again from the frame as it is now, and keep what came out.

    Where anything differs the period is held: reviewing goes on, no number is given.

    Args:
        actor: Who asks.
        now: When, UTC.
        period_id: Public id of the period.

    Returns:
        Whether the same units came out, in the same order.

    Raises:
        NotPermittedError: The actor may not read samples.
        NotFoundError: There is no such period.
        ConflictError: It is not drawn yet, was cancelled, or was picked and not drawn.
    """
    require(authority=authority_of(actor), capability=Capability.SAMPLING_READ)
    period = locked(period_id)
    if period.version.kind == PlanKind.TARGETED:
        raise ConflictError(
            _("What a targeted plan picks is not drawn by chance, and so not drawn again."),
            code="sampling.targeted",
        )
    if period.state not in _STANDS or period.drawn_at is None:
        raise ConflictError(
            _("There is no draw to repeat: this period is not drawn, or was cancelled."),
            code="sampling.not_drawn",
        )
    frame, missing = frame_now(period)
    proof = proof_of(period)
    found = differences(frame, proof)
    again = draw_again(frame, proof["sizes"], period.seed, proof["plan"], period.version.number)
    drawn = {unit for units in proof["drawn"].values() for unit in units}
    others = {unit for units in again.values() for unit in units}
    told = {
        "same": not found,
        "differences": found,
        "frame_size": len(frame),
        "frame_digest": frame_digest(frame),
        "missing": [asdict(one) for one in missing],
        "differ": len(drawn - others),
        "kept": period.redrawn.get("kept", []),
    }
    held = {"state": PeriodState.HELD, "held_reason": _REASON, "explanation": ""} if found else {}
    compare_and_set(
        period,
        expected={"state": period.state},
        changes={"redrawn": told, "redrawn_at": now, "redrawn_by": actor.label, **held},
        actor=actor,
    )
    record(
        actor=actor, now=now, period=period, kind=entries.REDRAWN,
        outcome="the same" if not found else "not the same", digest=told["frame_digest"],
        size=len(frame), missing=[one.unit for one in missing],
    )  # fmt: skip
    if found:
        record(actor=actor, now=now, period=period, kind=entries.HELD, reason=_REASON)
    return not found


_REASON = "The frame is not the one that was drawn from."


def locked(period_id: UUID | str) -> SamplePeriod:
    """Return a period, locked.

    Raises:
        NotFoundError: There is no such period.
    """
    try:
        wanted = period_id if isinstance(period_id, UUID) else UUID(period_id)
        rows = SamplePeriod.objects.filter(public_id=wanted).select_related("version__plan")
        return lock_one(rows)
    except (ValueError, ObjectDoesNotExist):
        raise NotFoundError(_("There is no such sample.")) from None
