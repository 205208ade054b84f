"""Access reviews, the lines of one, and how often the rules on duties refused."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.rules import CAPABILITIES
from governance.access.selectors import with_a_role
from governance.access.types import Capability
from governance.access_reviews.models import AccessReview, AccessReviewItem
from governance.access_reviews.types import ItemFacts, ItemState, ReviewState
from governance.ledger.entries import ACT_REFUSED
from governance.ledger.selectors import list_entries, payload_of
from orchestra.core.errors import NotFoundError
from orchestra.core.together import Reading, answer, read

#: How many refusals are read at most; beyond that the counts are a floor and say so.
MOST_REFUSALS = 2_000
REFUSED_WITHIN = timedelta(days=92)


def list_reviews() -> QuerySet[AccessReview]:
    """Return every review, newest first, with how many lines it has and how many are decided."""
    decided = Count("items", filter=~Q(items__state=ItemState.OPEN.value))
    return AccessReview.objects.annotate(line_count=Count("items"), decided_count=decided)


def get_review(review_id: UUID) -> AccessReview:
    """Return a review with its reviewers by name.

    Raises:
        NotFoundError: There is none.
    """
    return answer(reading_review(review_id))


def reading_review(review_id: UUID) -> Reading[AccessReview]:
    """Come to a review with its reviewers by name.

    Raises:
        NotFoundError: There is none.
    """
    people = User.objects.order_by("last_name", "first_name", "username")
    rows = AccessReview.objects.prefetch_related(Prefetch("reviewers", people))
    found = yield from read(rows.filter(public_id=review_id))
    if not found:
        raise NotFoundError(_("There is no such access review."))
    return found[0]


def list_open() -> QuerySet[AccessReview]:
    """Return the review that is open, if one is."""
    return list_reviews().filter(state=ReviewState.OPEN.value)


def find_open() -> AccessReview | None:
    """Return the review that is open, or None."""
    return list_open().first()


def last_finished() -> AccessReview | None:
    """Return the review that was finished last, or None."""
    done = AccessReview.objects.filter(state=ReviewState.FINISHED.value)
    return done.order_by("-finished_at", "-pk").first()


def list_items(review_id: UUID) -> QuerySet[AccessReviewItem]:
    """Return the lines of a review in the order they were frozen in: by holder.

    Args:
        review_id: Public id of the review.
    """
    return AccessReviewItem.objects.filter(review__public_id=review_id).order_by("pk")


def facts_of(item: AccessReviewItem) -> ItemFacts:
    """Return what the filters look at."""
    return ItemFacts(
        state=ItemState(item.state),
        has_conflict=bool(item.conflicts),
        is_unused=item.is_unused,
        is_agents=item.holder_kind == "agent",
        is_changed=item.is_changed,
    )


def list_possible_reviewers() -> QuerySet[User]:
    """Return the active people who may review access, by name."""
    roles = [str(role) for role, held in CAPABILITIES.items() if Capability.ACCESS_REVIEW in held]
    return with_a_role(roles)


def count_refusals(*, now: datetime) -> tuple[Mapping[str, int], bool]:
    """Return how often acts were refused in the last 92 days, by code, and whether that is all.

    Reads at most ``MOST_REFUSALS`` entries, the newest.
    """
    return answer(reading_refusals(now=now))


def reading_refusals(*, now: datetime) -> Reading[tuple[Mapping[str, int], bool]]:
    """Come to how often acts were refused, as ``count_refusals`` returns it."""
    entries = list_entries().filter(kind=ACT_REFUSED, at__gte=now - REFUSED_WITHIN)
    found = yield from read(entries[: MOST_REFUSALS + 1])
    payloads = (payload_of(entry=entry) for entry in found[:MOST_REFUSALS])
    codes = Counter(str(payload.get("code", "")) for payload in payloads if payload is not None)
    return codes, len(found) <= MOST_REFUSALS


def count_by_state(items: Iterable[AccessReviewItem]) -> Mapping[ItemState, int]:
    """Return how many lines are open, confirmed and revoked."""
    counts = Counter(ItemState(item.state) for item in items)
    return {state: counts[state] for state in ItemState}
