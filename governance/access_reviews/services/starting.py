"""Start a review: the list of all grants is frozen, with what is known about each."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.rules import may
from governance.access.selectors import authorities_of
from governance.access.types import Capability
from governance.access_reviews import entries
from governance.access_reviews.duties import by_grant, list_conflicts
from governance.access_reviews.holdings import read_holdings
from governance.access_reviews.models import AccessReview, AccessReviewItem
from governance.access_reviews.recorded import read_given, read_used
from governance.access_reviews.rules import check_start, is_unused
from governance.access_reviews.selectors import find_open, last_finished
from governance.access_reviews.services.common import lock_open, record, require_reviewer
from governance.access_reviews.types import Conflict, Given, HeldGrant, Used
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from orchestra.core.locking import take_turn


@one_act()
def start_review(
    *, actor: Actor, now: datetime, title: str, due_at: datetime, reviewer_ids: Sequence[UUID]
) -> AccessReview:
    """Start a review and freeze its list: one line for each grant that stands.

    Args:
        actor: Who starts it; needs ``access.review``.
        now: The moment that is frozen.
        title: Its name.
        due_at: When it is to be done.
        reviewer_ids: Public ids of the people who decide; none decides about themselves.

    Raises:
        NotPermittedError: The actor may not review access.
        InvalidInputError: Title, time or reviewers are not as they should be; all at once.
        ConflictError: Another review is open.
    """
    take_turn("access_review.start")
    require_reviewer(actor)
    reviewers = _reviewers(reviewer_ids)
    errors = check_start(
        title=title,
        due_at=due_at,
        now=now,
        reviewers=len(reviewers),
        ineligible=_ineligible(reviewers),
    )
    if errors:
        message = _("The review was not started; see the errors.")
        raise InvalidInputError(message, code="access_review.invalid", errors=list(errors))
    if find_open() is not None:
        raise ConflictError(
            _("Another access review is open. Finish it first."), code="access_review.open"
        )
    review = AccessReview.objects.create(
        title=title.strip(), started_by=actor.label, started_at=now, due_at=due_at
    )
    review.reviewers.set(reviewers)
    count = _freeze(review, now)
    record(
        actor=actor,
        now=now,
        review=review,
        kind=entries.STARTED,
        payload={
            "count": count,
            "due_at": rfc3339(due_at),
            "reviewers": [person.label for person in reviewers],
        },
    )
    return review


@one_act()
def name_reviewer(
    *, actor: Actor, now: datetime, review_id: UUID, reviewer_id: UUID
) -> AccessReview:
    """Name one more reviewer of an open review; one who is named already changes nothing.

    Raises:
        NotPermittedError: The actor may not review access, or names themselves.
        InvalidInputError: The person may not review access.
        NotFoundError: There is no such review.
        ConflictError: It is finished.
    """
    require_reviewer(actor)
    review = lock_open(review_id)
    if actor.id == str(reviewer_id):
        raise NotPermittedError(
            _("Nobody names themselves. Ask another compliance officer."),
            code="access_review.own_naming",
        )
    people = _reviewers([reviewer_id])
    errors = check_start(
        title=review.title,
        due_at=review.due_at,
        now=min(now, review.started_at),
        reviewers=len(people),
        ineligible=_ineligible(people),
    )
    if errors:
        message = _("No reviewer was named.")
        raise InvalidInputError(message, code="access_review.invalid", errors=list(errors))
    if not review.reviewers.filter(pk=people[0].pk).exists():
        review.reviewers.add(people[0])
        record(
            actor=actor,
            now=now,
            review=review,
            kind=entries.REVIEWER_NAMED,
            payload={"reviewer": people[0].label},
        )
    return review


def _reviewers(ids: Sequence[UUID]) -> "QuerySet[User]":
    return User.objects.filter(public_id__in=ids).order_by("pk")


def _ineligible(people: "QuerySet[User]") -> list[str]:
    held = authorities_of([str(person.public_id) for person in people])
    return [
        person.label
        for person in people
        if not may(held[str(person.public_id)], Capability.ACCESS_REVIEW)
    ]


def _freeze(review: AccessReview, now: datetime) -> int:
    holdings = read_holdings(now=now)
    given, used = read_given(holdings.grants), read_used(holdings.grants)
    conflicts = by_grant(list_conflicts(holdings))
    before = _marks_before()
    items = [
        _item(
            review,
            one,
            given=given[one.key],
            used=used[one.key],
            conflicts=conflicts.get(one.key, ()),
            is_changed=before is not None and before.get(one.key) != one.mark,
        )
        for one in holdings.grants
    ]
    AccessReviewItem.objects.bulk_create(items)
    return len(items)


def _marks_before() -> Mapping[str, str] | None:
    """Return the grants that stood at the last review, by key; None where there was none."""
    last = last_finished()
    if last is None:
        return None
    return dict(AccessReviewItem.objects.filter(review=last).values_list("key", "mark"))


def _item(
    review: AccessReview,
    one: HeldGrant,
    *,
    given: Given,
    used: Used,
    conflicts: Sequence[Conflict],
    is_changed: bool,
) -> AccessReviewItem:
    return AccessReviewItem(
        review=review,
        kind=one.kind.value,
        key=one.key,
        mark=one.mark,
        holder_kind=one.holder_kind,
        holder_id=one.holder_id,
        holder_label=one.holder_label,
        code=one.code,
        place_id=one.place_id,
        place_title=one.place_title,
        subject_ids=sorted(one.subject_ids),
        given_at=given.at,
        given_by=given.by,
        used_how=used.how,
        used_at=used.at,
        until_at=one.until_at,
        reason=one.reason,
        conflicts=[_plain(conflict) for conflict in conflicts],
        is_unused=is_unused(given=given, used=used, at=review.started_at),
        is_changed=is_changed,
    )


def _plain(conflict: Conflict) -> dict[str, object]:
    kept = asdict(conflict)
    return {
        "kind": conflict.kind.value,
        "places": list(kept["places"]),
        "others": list(kept["others"]),
    }
