"""Finish a review: what was decided, and what was left open, goes into the ledger."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access_reviews import entries
from governance.access_reviews.holdings import read_holdings
from governance.access_reviews.models import AccessReview
from governance.access_reviews.selectors import count_by_state, list_items
from governance.access_reviews.services.common import lock_open, record, require_reviewer
from governance.access_reviews.types import ItemState, ReviewState
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError
from orchestra.core.locking import compare_and_set


@one_act()
def finish_review(
    *, actor: Actor, now: datetime, review_id: UUID, left_open: int = 0
) -> AccessReview:
    """Finish a review; grants that nobody decided about are written down as open.

    Args:
        actor: Who finishes it; needs ``access.review``.
        now: The moment of the act.
        review_id: Public id of the review.
        left_open: How many undecided grants the actor accepts to leave; has to be right.

    Raises:
        NotPermittedError: The actor may not review access.
        NotFoundError: There is no such review.
        ConflictError: It is finished, or another number is undecided.
    """
    require_reviewer(actor)
    review = lock_open(review_id)
    items = list(list_items(review.public_id))
    keys = {one.key for one in read_holdings(now=now).grants}
    undecided = [item for item in items if item.state == ItemState.OPEN]
    still = [item for item in undecided if item.key in keys]
    if len(still) != left_open:
        raise ConflictError(
            _("%(count)d grants are undecided. Decide them, or finish and leave these open.")
            % {"count": len(still)},
            code="access_review.undecided",
            data={"open": len(still)},
        )
    compare_and_set(
        review,
        expected={"state": ReviewState.OPEN},
        changes={
            "state": ReviewState.FINISHED,
            "finished_by": actor.label,
            "finished_at": now,
        },
        actor=actor,
    )
    counts = count_by_state(items)
    record(
        actor=actor,
        now=now,
        review=review,
        kind=entries.FINISHED,
        payload={
            "confirmed": counts[ItemState.CONFIRMED],
            "revoked": counts[ItemState.REVOKED],
            "open": len(still),
            "gone": len(undecided) - len(still),
            "left_open": [{"holder": item.holder_label, "key": item.key} for item in still],
        },
    )
    return review
