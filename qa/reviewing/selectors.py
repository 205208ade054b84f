"""Reads of reviews, filtered by who looks: one's own, and all for who leads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from governance.access.rules import may
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from orchestra.core.errors import NotFoundError
from qa.reviewing.models import Review
from qa.reviewing.rules import DONE, OPEN
from qa.reviewing.types import ReviewKind, ReviewState


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reviews of one period are.

    Attributes:
        drawn: Reviews of what was drawn, second ones too.
        done: Those handed in.
        skipped: Those that could not be made.
        unassigned: Those that nobody was given.
        due_at: When the last open one is due; None where none is open.
    """

    period: str
    title: str
    starts_at: datetime
    drawn: int
    done: int
    skipped: int
    unassigned: int
    due_at: datetime | None


def get_review(*, authority: Authority, review_id: UUID | str) -> Review:
    """Return a review that one may see: one's own, or any where one leads quality.

    Raises:
        NotFoundError: There is none, or it is somebody else's.
    """
    found = list_reviews(authority=authority).filter(public_id=review_id).first()
    if found is None:
        raise NotFoundError(_("There is no such review, or you may not see it."))
    return found


def find_own(*, authority: Authority, review_id: UUID | str) -> Review | None:
    """Return a review that was given to oneself, or None."""
    mine = list_reviews(authority=authority).filter(given_to(authority))
    return mine.filter(public_id=review_id).first()


def given_to(authority: Authority) -> Q:
    """Return the condition that a review was given to who looks; nothing is given to no person.

    By the key that the indexes are of: by the public id, every review would be looked at.
    """
    if authority.actor.is_human and authority.actor.pk is not None:
        return Q(reviewer_id=authority.actor.pk)
    return Q(pk__in=[])


def list_reviews(*, authority: Authority) -> QuerySet[Review]:
    """Return the reviews that one may see, the earliest due first, then by the draw's numbers.

    One's own; all for who leads quality; those that ask for a stop for who may stop.
    """
    rows = Review.objects.select_related(
        "unit__case__queue", "scorecard__scorecard", "reviewer", "drawn__period__version__plan"
    ).order_by("due_at", "drawn__number", "pk")
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    if queues is not None:
        rows = rows.filter(unit__case__queue_id__in=queues)
    if may(authority, Capability.QUALITY_LEAD):
        return rows
    seen = given_to(authority)
    if may(authority, Capability.STOP_USE):
        # Who is asked for a stop reads what it is asked for.
        seen |= Q(stop_asked_at__isnull=False)
    return rows.filter(seen)


def list_open(*, authority: Authority) -> QuerySet[Review]:
    """Return what one has still to review, the earliest due first."""
    mine = list_reviews(authority=authority).filter(given_to(authority))
    return mine.filter(state__in=[str(one) for one in OPEN])


def list_unassigned(*, authority: Authority) -> QuerySet[Review]:
    """Return the open reviews that nobody was given; none for who does not lead."""
    return list_reviews(authority=authority).filter(
        reviewer=None, state__in=[str(one) for one in OPEN]
    )


def find_next(*, authority: Authority, after: Review | None = None) -> Review | None:
    """Return the next review to do, the earliest due first, or None."""
    rows = list_open(authority=authority)
    return (rows.exclude(pk=after.pk) if after is not None else rows).first()


def progress(*, most: int = 8) -> list[Progress]:
    """Return how far the periods are that have reviews, the newest first: one query."""
    counted: dict[str, Any] = {
        "drawn_count": Count("pk"),
        "done_count": Count("pk", filter=Q(state__in=[str(one) for one in DONE])),
        "skipped_count": Count("pk", filter=Q(state=ReviewState.SKIPPED)),
        "nobody": Count("pk", filter=Q(reviewer=None, state=ReviewState.WAITING)),
        "last_due": Max("due_at", filter=Q(state__in=[str(one) for one in OPEN])),
    }
    rows: Any = (
        Review.objects.filter(drawn__isnull=False)
        .exclude(kind=ReviewKind.GOLD)
        .values(
            "drawn__period__public_id",
            "drawn__period__version__plan__title",
            "drawn__period__starts_at",
        )
        .annotate(**counted)
        .order_by("-drawn__period__starts_at", "drawn__period__version__plan__title")
    )
    return [
        Progress(
            period=str(row["drawn__period__public_id"]),
            title=row["drawn__period__version__plan__title"],
            starts_at=row["drawn__period__starts_at"],
            drawn=row["drawn_count"],
            done=row["done_count"],
            skipped=row["skipped_count"],
            unassigned=row["nobody"],
            due_at=row["last_due"],
        )
        for row in rows[:most]
    ]


def list_others(*, review: Review) -> QuerySet[Review]:
    """Return the other reviews of the same unit that were handed in, for after one's own.

    Gold reviews are none of them and have none, so that nothing tells them apart.
    """
    if review.kind == ReviewKind.GOLD:
        return Review.objects.none()
    rows = Review.objects.filter(unit=review.unit, state__in=[str(one) for one in DONE])
    rows = rows.exclude(pk=review.pk).exclude(kind__in=[ReviewKind.CALIBRATION, ReviewKind.GOLD])
    return rows.select_related("reviewer", "scorecard__scorecard").order_by("submitted_at")
