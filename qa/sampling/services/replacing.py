"""Let the next in line take the place of what nobody can review."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotFoundError
from orchestra.core.locking import lock_one
from qa.sampling import entries
from qa.sampling.models import DrawnUnit, FrameUnit, SamplePeriod
from qa.sampling.selectors import spec_of
from qa.sampling.services.drawing import tell
from qa.sampling.services.recording import record
from qa.sampling.types import PeriodState, PlanSpec, ReplacedFor


@one_act()
def replace_unit(
    *, actor: Actor, now: datetime, drawn_id: int, period_id: UUID | str, reason: ReplacedFor
) -> DrawnUnit | None:
    """Report a drawn unit as one that cannot be reviewed; the next number takes its place.

    The original stays in the sample, as one that gave no answer. Nobody chooses who comes next.

    Args:
        actor: Who reports it, and would have reviewed it or leads those who do.
        now: When, UTC.
        drawn_id: Key of the drawn unit.
        period_id: Public id of its period.
        reason: One of those that the plan allows.

    Returns:
        What takes its place; None where the stratum holds nothing more.

    Raises:
        NotPermittedError: The actor does not review.
        NotFoundError: There is no such drawn unit.
        InvalidInputError: The plan does not allow the reason.
        ConflictError: It was reported already, the period gives no number, or the plan's bound
            is reached.
    """
    require(authority=authority_of(actor), capability=Capability.QUALITY_REVIEW)
    period, row = _locked(period_id, drawn_id)
    plan = spec_of(period.version)
    _check(plan, period, row, reason)
    row.lost_for, row.lost_at = reason, now
    row.save(update_fields=["lost_for", "lost_at"])
    written = _take_next(period, row, now)
    record(
        actor=actor,
        now=now,
        period=period,
        kind=entries.REPLACED,
        lost=row.unit.label,
        reason=str(reason),
        next=written.unit.label if written else _("nobody"),
    )
    return written


def _locked(period_id: UUID | str, drawn_id: int) -> tuple[SamplePeriod, DrawnUnit]:
    try:
        wanted = period_id if isinstance(period_id, UUID) else UUID(period_id)
        rows = SamplePeriod.objects.filter(public_id=wanted).select_related("version__plan")
        period = lock_one(rows)
        row = lock_one(DrawnUnit.objects.filter(period=period, pk=drawn_id).select_related("unit"))
    except (ValueError, ObjectDoesNotExist):
        raise NotFoundError(_("There is no such drawn unit.")) from None
    return period, row


def _check(plan: PlanSpec, period: SamplePeriod, row: DrawnUnit, reason: ReplacedFor) -> None:
    if reason not in plan.replacements.reasons:
        message = _("The plan replaces nothing for this reason; skip the review instead.")
        raise InvalidInputError(message, errors=[FieldError("reason", "not_allowed", message)])
    if period.state != PeriodState.DRAWN:
        raise ConflictError(
            _("This period is not drawn, or it is held."), code="sampling.not_drawn"
        )
    if row.lost_for:
        raise ConflictError(
            _("%(label)s was reported already.") % {"label": row.unit.label},
            code="sampling.replaced",
        )
    lost = Counter(period.drawn.values_list("lost_for", flat=True))
    original = sum(one["drawn"] for one in period.shares)
    most = original * plan.replacements.at_most_percent // 100
    if sum(lost.values()) - lost[""] >= most:
        raise ConflictError(
            _(
                "The plan lets at most %(most)d of this sample be replaced, and as many were; "
                "leave the review undone, or change the plan."
            )
            % {"most": most},
            code="sampling.too_many_replaced",
        )


def _take_next(period: SamplePeriod, row: DrawnUnit, now: datetime) -> DrawnUnit | None:
    line = FrameUnit.objects.filter(period=period, stratum=row.stratum)
    chosen = line.exclude(unit__draws__period=period).order_by("number", "pk").first()
    if chosen is None:
        return None
    last = period.drawn.filter(stratum=row.stratum).order_by("-place").first()
    written = DrawnUnit.objects.create(
        period=period,
        unit_id=chosen.unit_id,
        stratum=row.stratum,
        place=last.place + 1 if last else 1,
        number=chosen.number,
        size_of_stratum=row.size_of_stratum,
        drawn_of_stratum=row.drawn_of_stratum,
        replaces=row,
    )
    return tell([written], now=now)[0]
