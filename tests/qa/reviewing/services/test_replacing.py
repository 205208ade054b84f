"""A skipped review of a drawn unit lets the next in line be drawn, where the plan replaces."""

from datetime import timedelta

import pytest

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from qa.reviewing.models import Review
from qa.reviewing.services import ask_review, skip_review
from qa.reviewing.types import ReviewKind, ReviewState
from qa.sampling.models import DrawnUnit, SamplePeriod
from qa.sampling.types import PeriodState
from tests.factories.access import make_person
from tests.factories.drawing import MONDAY, WEEK, draw_at, ended, run_plan, weekly

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
NOW = MONDAY + WEEK + timedelta(hours=8)


@pytest.fixture
def period() -> SamplePeriod:
    """A drawn one, 10 of 20, of which the plan lets one be replaced; two people review."""
    for _number in range(2):
        make_person(roles=[Role.QA_ANALYST])
    found = run_plan(weekly())
    ended(20)
    draw_at()
    found.refresh_from_db()
    return found


def reviews(kind: ReviewKind = ReviewKind.FIRST) -> list[Review]:
    rows = Review.objects.filter(kind=kind, drawn__isnull=False)
    return list(rows.select_related("reviewer", "drawn", "unit").order_by("pk"))


def skip(review: Review, reason: str = "text_erased") -> Review:
    assert review.reviewer is not None
    actor = review.reviewer.as_actor()
    return skip_review(
        actor=actor, now=NOW, review_id=review.public_id, reason=reason, words="My brother's."
    )


def replaced(period: SamplePeriod) -> int:
    return period.drawn.exclude(lost_for="").count()


def test_the_next_in_line_is_drawn_and_its_review_given_out(period: SamplePeriod) -> None:
    before = reviews()
    done = skip(before[0])
    assert done.state == ReviewState.SKIPPED
    drawn = DrawnUnit.objects.get(reviews=before[0])
    assert drawn.period_id == period.pk
    assert (drawn.lost_for, drawn.lost_at) == ("text_erased", NOW)
    new = [one for one in reviews() if one not in before]
    assert [one.drawn and one.drawn.replaces_id for one in new] == [drawn.pk]
    assert (new[0].state, new[0].reviewer is not None) == (ReviewState.WAITING, True)
    kinds = [one.kind for one in LedgerEntry.objects.order_by("pk")]
    assert kinds.count("quality_review.skipped") == kinds.count("sample.replaced") == 1


def test_a_reason_the_plan_does_not_replace_for_leaves_it_skipped(period: SamplePeriod) -> None:
    done = skip(reviews()[0], "language")
    assert (done.state, done.skipped_for) == (ReviewState.SKIPPED, "language")
    assert (replaced(period), len(reviews())) == (0, 10)


def test_beyond_what_the_plan_replaces_it_stays_skipped(period: SamplePeriod) -> None:
    first, second = reviews()[:2]
    skip(first)
    skip(second, "unreadable")
    second.refresh_from_db()
    assert (second.state, replaced(period), len(reviews())) == (ReviewState.SKIPPED, 1, 11)
    assert LedgerEntry.objects.filter(kind="quality_review.skipped").count() == 2


def test_nothing_is_drawn_while_the_period_is_held(period: SamplePeriod) -> None:
    SamplePeriod.objects.update(state=PeriodState.HELD)
    assert skip(reviews()[0]).state == ReviewState.SKIPPED
    assert (replaced(period), len(reviews())) == (0, 10)


def test_a_second_review_and_one_that_was_asked_for_replace_nothing(period: SamplePeriod) -> None:
    first = reviews()[0]
    Review.objects.filter(pk=first.pk).update(kind=ReviewKind.CALIBRATION)
    first.refresh_from_db()
    skip(first)
    asked = ask_review(
        actor=make_person(roles=[Role.QA_LEAD]).as_actor(),
        now=NOW,
        unit_id=reviews()[1].unit.public_id,
        reason="A complaint.",
    )
    assert skip(asked).state == ReviewState.SKIPPED
    assert (replaced(period), period.drawn.count()) == (0, 10)
