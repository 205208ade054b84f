"""What every act on a review begins and ends with: the row under lock, and the entry."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft, Json
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotFoundError
from orchestra.core.locking import lock
from qa.reviewing.models import Review
from qa.reviewing.rules import OPEN

LONGEST_REASON = 500


def locked(review_id: UUID | str) -> Review:
    """Lock a review and return it with its unit, case, scorecard and reviewer.

    Raises:
        NotFoundError: There is none.
    """
    rows = lock(
        Review.objects.select_related(
            "unit__case", "scorecard__scorecard", "reviewer", "drawn__period__version__plan"
        ).filter(public_id=review_id)
    )
    if not rows:
        raise not_found()
    return rows[0]


def not_found() -> NotFoundError:
    """Return the one answer for reviews that are absent and those that may not be seen."""
    return NotFoundError(_("There is no such review, or you may not see it."))


def require_own(actor: Actor, review: Review) -> None:
    """Refuse whoever the review was not given to.

    Raises:
        NotFoundError: It is somebody else's, or nobody's.
    """
    if review.reviewer is None or str(review.reviewer.public_id) != actor.id:
        raise not_found()


def require_open(review: Review) -> None:
    """Refuse to change what was handed in or skipped.

    Raises:
        ConflictError: Code ``review.ended``.
    """
    if review.state not in OPEN:
        raise ConflictError(
            _("This review was handed in or skipped already. Nothing was changed."),
            code="review.ended",
        )


def checked_reason(reason: str, *, field: str = "reason", most: int = LONGEST_REASON) -> str:
    """Return a reason without the space around it.

    Raises:
        InvalidInputError: There is none, or it is too long.
    """
    check_text(reason, field)
    said = reason.strip()
    if not said:
        message = _("Say why; the reason is kept.")
        raise InvalidInputError(message, errors=[FieldError(field, "required", message)])
    if len(said) > most:
        message = _("Keep it within %(most)d characters.") % {"most": most}
        raise InvalidInputError(message, errors=[FieldError(field, "length", message)])
    return said


def record(
    *,
    actor: Actor,
    now: datetime,
    review: Review,
    kind: str,
    payload: Mapping[str, Json] | None = None,
) -> None:
    """Append one entry of a review to the review's own stream."""
    ledger.append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=f"quality_review:{review.public_id}",
            kind=kind,
            payload={"label": review.unit.label, **(payload or {})},
            subject_kind="quality_review",
            subject_id=str(review.public_id),
        ),
    )
