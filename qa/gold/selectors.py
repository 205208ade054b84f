"""Gold items, and how far reviewers answer as was agreed."""

from collections import defaultdict
from datetime import datetime, timedelta

from qa.gold.models import GoldItem
from qa.gold.rules import agreement
from qa.gold.types import GoldAgreement
from qa.reviewing.models import Review
from qa.reviewing.rules import DONE
from qa.reviewing.types import ReviewKind
from qa.scorecards.selectors import spec_of

LOOKS_BACK = timedelta(days=365)


def find_gold(review: Review) -> GoldItem | None:
    """Return the standing gold item of the unit and scorecard of a review, or None."""
    rows = GoldItem.objects.filter(
        unit=review.unit_id, scorecard=review.scorecard_id, withdrawn_at=None
    )
    return rows.select_related("marked_by").first()


def read_agreement(*, now: datetime) -> list[GoldAgreement]:
    """Return how often each reviewer gave the agreed answers within a year: two queries.

    What was withdrawn does not count: nobody agrees on its answers any more.
    """
    standing = {
        (one.unit_id, one.scorecard_id): one.answers
        for one in GoldItem.objects.filter(withdrawn_at=None)
    }
    rows = (
        Review.objects.filter(
            kind=ReviewKind.GOLD,
            state__in=[str(one) for one in DONE],
            submitted_at__gte=now - LOOKS_BACK,
            reviewer__isnull=False,
        )
        .select_related("reviewer", "scorecard__scorecard")
        .order_by("reviewer__username", "submitted_at", "pk")
    )
    same: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    texts: dict[tuple[str, str], str] = {}
    titles: dict[str, str] = {}
    for row in rows:
        agreed = standing.get((row.unit_id, row.scorecard_id))
        if agreed is None or row.reviewer is None:
            continue
        card = row.scorecard.scorecard
        titles[card.key] = card.title
        for question in spec_of(row.scorecard).questions:
            if question.key in agreed and question.key in row.answers:
                texts[card.key, question.key] = question.text
                place = (row.reviewer.label, card.key, question.key)
                same[place].append(row.answers[question.key]["value"] == agreed[question.key])
    return [
        agreement(person=person, scorecard=titles[card], text=texts[card, key], same=found)
        for (person, card, key), found in same.items()
    ]
