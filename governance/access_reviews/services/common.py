"""What every act of an access review begins with: who may, the rows, and the entry."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.access_reviews.models import AccessReview
from governance.access_reviews.types import ReviewState
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft, Json
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, NotFoundError
from orchestra.core.locking import lock


def require_reviewer(actor: Actor) -> None:
    """Refuse whoever may not review access.

    Raises:
        NotPermittedError: The actor lacks the capability.
    """
    require(authority=authority_of(actor), capability=Capability.ACCESS_REVIEW)


def lock_open(review_id: UUID) -> AccessReview:
    """Lock a review and return it, as long as it is open.

    Raises:
        NotFoundError: There is none.
        ConflictError: It is finished.
    """
    rows = lock(AccessReview.objects.filter(public_id=review_id))
    if not rows:
        raise NotFoundError(_("There is no such access review."))
    if rows[0].state != ReviewState.OPEN:
        raise ConflictError(
            _("This review is finished; nothing is decided in it any more."),
            code="access_review.finished",
        )
    return rows[0]


def record(
    *,
    actor: Actor,
    now: datetime,
    review: AccessReview,
    kind: str,
    payload: Mapping[str, Json],
) -> None:
    """Append one entry of a review to the review's own stream."""
    ledger.append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=f"access_review:{review.public_id}",
            kind=kind,
            payload={"title": review.title, **payload},
            subject_kind="access_review",
            subject_id=str(review.public_id),
        ),
    )
