"""Let the next in line take the place of what a skipped review was drawn for."""

from datetime import datetime
from uuid import UUID

import structlog

from governance.ledger.services import one_part
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, InvalidInputError
from orchestra.core.locking import lock, take_turn
from qa.reviewing.models import Review
from qa.reviewing.services.assigning import TURN
from qa.reviewing.types import ReviewKind
from qa.sampling.models import SamplePeriod
from qa.sampling.services import replace_unit
from qa.sampling.types import ReplacedFor

log = structlog.get_logger(__name__)


def hold_place(review_id: UUID | str) -> None:
    """Lock the period a review was drawn in, and the turn of those who give out reviews.

    A draw locks in this order too, the review last; so neither waits for the other for ever.
    """
    places = Review.objects.filter(public_id=review_id, drawn__isnull=False)
    lock(SamplePeriod.objects.filter(pk__in=list(places.values_list("drawn__period", flat=True))))
    take_turn(TURN)


def replace_skipped(*, actor: Actor, now: datetime, review: Review, reason: ReplacedFor) -> None:
    """Draw what takes the place of a skipped review's unit, where the plan lets it be replaced.

    Only the first review of a drawn unit stands for it. Where the plan does not replace for the
    reason, its bound is reached, or the period gives no number now, the review stays skipped
    and its unit counts as one that gave no answer.

    Args:
        actor: Whose review it was.
        now: The moment of the skipping, UTC.
        review: With ``drawn__period`` at hand.
        reason: Why it was skipped.
    """
    drawn = review.drawn
    if drawn is None or review.kind != ReviewKind.FIRST:
        return
    try:
        with one_part():
            replace_unit(
                actor=actor,
                now=now,
                drawn_id=drawn.pk,
                period_id=drawn.period.public_id,
                reason=reason,
            )
    except (ConflictError, InvalidInputError) as error:
        log.info("review.not_replaced", review=str(review.public_id), code=error.error_code)
