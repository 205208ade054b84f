"""Release a review to who did the work, and their taking note of it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, NotPermittedError
from orchestra.core.locking import compare_and_set, lock
from qa.disputes.models import Judged
from qa.disputes.rules import ANSWER_WITHIN
from qa.reviewing import entries
from qa.reviewing.hands import agents_of, owners_of, people_of
from qa.reviewing.models import Review
from qa.reviewing.services.common import locked, not_found, record
from qa.reviewing.types import ReviewKind, ReviewState


@one_act()
def release_review(*, actor: Actor, now: datetime, review_id: UUID | str) -> Review:
    """Show a first review to those whose work it judges: people, and owners of AI agents.

    Raises:
        NotPermittedError: The actor does not lead quality, or is judged by it.
        NotFoundError: There is no such review.
        ConflictError: It is no first review, was not handed in, or was released already.
    """
    require(authority=authority_of(actor), capability=Capability.QUALITY_LEAD)
    review = locked(review_id)
    if review.kind != ReviewKind.FIRST or review.state != ReviewState.SUBMITTED:
        raise ConflictError(
            _("Only a first review that was handed in is released, and once."),
            code="review.not_released",
        )
    judged = _judged_by(review)
    if actor.id in judged:
        raise NotPermittedError(
            _("This is about your own work, or an AI you own. Another lead releases it."),
            code="review.own_work",
        )
    until = now + ANSWER_WITHIN
    compare_and_set(
        review,
        expected={"state": ReviewState.SUBMITTED},
        changes={
            "state": ReviewState.RELEASED,
            "released_at": now,
            "answer_by_at": until,
        },
        actor=actor,
    )
    people = User.objects.filter(public_id__in=list(judged))
    Judged.objects.bulk_create(
        Judged(review=review, person=person, as_owner=judged[str(person.public_id)])
        for person in people
    )
    record(
        actor=actor,
        now=now,
        review=review,
        kind=entries.RELEASED,
        payload={"people": sorted(judged), "answer_by_at": until.isoformat()},
    )
    return review


@one_act()
def acknowledge_review(*, actor: Actor, now: datetime, review_id: UUID | str) -> Judged:
    """Take note of a review of one's work; again changes nothing.

    Raises:
        NotFoundError: It was not released to the actor.
    """
    judged = locked_judged(actor, review_id)
    if judged.acknowledged_at is None:
        compare_and_set(
            judged,
            expected={"acknowledged_at": None},
            changes={"acknowledged_at": now},
            actor=actor,
        )
        record(actor=actor, now=now, review=judged.review, kind=entries.ACKNOWLEDGED)
    return judged


def locked_judged(actor: Actor, review_id: UUID | str) -> Judged:
    """Lock that a released review is of the actor's work, and return it with the review.

    Raises:
        NotFoundError: It was not released to the actor.
        NotPermittedError: Who worked it may not answer any more.
    """
    rows = lock(
        Judged.objects.select_related("review__unit__case", "review__scorecard__scorecard").filter(
            review__public_id=review_id, person__public_id=actor.id
        )
    )
    if not rows:
        raise not_found()
    if not rows[0].as_owner:
        require(authority=authority_of(actor), capability=Capability.QUALITY_ANSWER)
    return rows[0]


def _judged_by(review: Review) -> Mapping[str, bool]:
    """Return the public ids of those a review judges, and whether only as an owner."""
    owners = owners_of(agents_of(review.unit)).values()
    return {**dict.fromkeys(owners, True), **dict.fromkeys(people_of(review.unit), False)}
