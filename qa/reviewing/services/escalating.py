"""Ask for a stop after a review in which a critical question failed."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError
from orchestra.core.locking import compare_and_set
from qa.reviewing import entries
from qa.reviewing.models import Review
from qa.reviewing.rules import DONE
from qa.reviewing.services.common import checked_reason, locked, record, require_own
from qa.scorecards.selectors import spec_of


@one_act()
def ask_stop(*, actor: Actor, now: datetime, review_id: UUID | str, reason: str) -> Review:
    """Ask those who may stop an agent, a tool or a cue sheet to look at once.

    Nothing is stopped by this: who may stop reads the review and decides.

    Args:
        actor: Who made the review.
        now: The moment of the act.
        review_id: Public id.
        reason: What may happen again; kept with the review, and read by who may stop.

    Raises:
        NotPermittedError: The actor may not review any more.
        NotFoundError: There is no such review of one's own.
        ConflictError: It was not handed in, no critical question failed, or it was asked already.
        InvalidInputError: No reason is given.
    """
    require(authority=authority_of(actor), capability=Capability.QUALITY_REVIEW)
    review = locked(review_id)
    require_own(actor, review)
    if review.state not in DONE or not review.failed:
        raise ConflictError(
            _("Only after a review with a failed critical question a stop is asked for."),
            code="review.nothing_critical",
        )
    if review.stop_asked_at is not None:
        raise ConflictError(
            _("A stop was asked for already. Nothing was changed."), code="review.stop_asked"
        )
    said = checked_reason(reason)
    compare_and_set(
        review,
        expected={"stop_asked_at": None},
        changes={"stop_asked_at": now, "stop_asked_why": said},
        actor=actor,
    )
    texts = {one.key: one.text for one in spec_of(review.scorecard).questions}
    record(
        actor=actor,
        now=now,
        review=review,
        kind=entries.STOP_ASKED,
        payload={
            "reason": said,
            "failed": [texts.get(key, key) for key in review.failed],
            "agent": review.unit.agent,
            "case": str(review.unit.case.public_id),
        },
    )
    return review
