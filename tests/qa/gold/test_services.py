"""Gold is agreed by a lead, given out unseen and fairly, and counted apart."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from governance.access.models import User
from governance.access.selectors import authority_of
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import ConflictError, InvalidInputError, NotFoundError, NotPermittedError
from qa.gold import services
from qa.gold.models import GoldItem
from qa.gold.selectors import find_gold
from qa.population.models import SamplingUnit
from qa.reviewing import selectors
from qa.reviewing.hands import candidates
from qa.reviewing.models import Review
from qa.reviewing.services import assign_drawn
from qa.reviewing.types import ReviewKind, ReviewState
from qa.sampling.models import SamplingPlanVersion
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.gold import agreed_of, draw_low, make_gold
from tests.factories.sampled import make_review, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def set_share(percent: int) -> None:
    version = SamplingPlanVersion.objects.get(plan__key="weekly", state="published")
    document = {**version.document}
    document["reviewing"] = {
        **document["reviewing"], "second_percent": 0, "gold_percent": percent,
    }  # fmt: skip
    SamplingPlanVersion.objects.filter(pk=version.pk).update(document=document)


def deal(count: int = 1) -> list[Review]:
    rows = draw_low([make_unit(started_at=NOW) for _ in range(count)])
    assign_drawn(now=NOW, rows=rows)
    services.seed_gold(now=NOW, rows=rows)
    return list(Review.objects.filter(kind=ReviewKind.GOLD).order_by("pk"))


def test_a_lead_marks_a_review_with_the_agreed_answers_and_it_keeps_its_own() -> None:
    item = make_gold()
    assert item.answers == agreed_of(item.review)
    assert item.review.answers == {}
    entry = LedgerEntry.objects.get(kind="quality_gold.marked")
    assert entry.subject_id == str(item.public_id)


@pytest.mark.parametrize("wrong", ["missing", "none of the question's"])
def test_an_answer_that_is_none_marks_nothing(wrong: str) -> None:
    item = make_gold()
    lead = make_person(roles=[Role.QA_LEAD])
    services.withdraw_gold(actor=lead.as_actor(), now=NOW, review_id=item.review.public_id)
    answers = agreed_of(item.review)
    key = next(iter(answers))
    answers[key] = "" if wrong == "missing" else "perhaps"
    with pytest.raises(InvalidInputError) as caught:
        services.mark_gold(
            actor=lead.as_actor(), now=NOW, review_id=item.review.public_id, answers=answers
        )
    assert f"answers.{key}" in [one.field for one in caught.value.errors]
    assert find_gold(item.review) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"drawn": None},
        {"kind": ReviewKind.GOLD},
        {"kind": ReviewKind.CALIBRATION},
        {"state": ReviewState.TAKEN},
        {"state": ReviewState.SKIPPED},
    ],
)
def test_only_an_ordinary_review_that_was_handed_in_can_be_gold(
    fields: Mapping[str, Any],
) -> None:
    (row,) = draw_low([make_unit()])
    review = make_review(row.unit, **{"drawn": row, "reviewer": make_person(), **fields})
    with pytest.raises(ConflictError):
        services.mark_gold(
            actor=make_person(roles=[Role.QA_LEAD]).as_actor(),
            now=NOW,
            review_id=review.public_id,
            answers=agreed_of(review),
        )
    assert not GoldItem.objects.exists()


def test_who_does_not_lead_or_worked_it_marks_nothing_and_twice_is_refused() -> None:
    item = make_gold()
    review = item.review
    given = {"now": NOW, "review_id": review.public_id, "answers": item.answers}
    lead = make_person(roles=[Role.QA_LEAD])
    with pytest.raises(ConflictError):
        services.mark_gold(actor=lead.as_actor(), **given)
    with pytest.raises(NotPermittedError):
        services.mark_gold(actor=make_person(roles=[Role.QA_ANALYST]).as_actor(), **given)
    services.withdraw_gold(actor=lead.as_actor(), now=NOW, review_id=review.public_id)
    with pytest.raises(NotFoundError):
        services.withdraw_gold(actor=lead.as_actor(), now=NOW, review_id=review.public_id)
    SamplingUnit.objects.filter(pk=review.unit_id).update(workers=[f"human:{lead.public_id}"])
    with pytest.raises(NotPermittedError):
        services.mark_gold(actor=lead.as_actor(), **given)


def test_gold_is_put_among_the_reviews_of_a_draw_and_looks_like_them() -> None:
    set_share(100)
    item = make_gold()
    anna = make_person(roles=[Role.QA_ANALYST])
    (gold,) = deal()
    first = Review.objects.get(kind=ReviewKind.FIRST, reviewer=anna)
    assert (gold.unit, gold.reviewer, gold.drawn) == (item.unit, anna, item.review.drawn)
    for field in ("scorecard", "blind", "assigned_at", "due_at", "state", "asked_why"):
        assert getattr(gold, field) == getattr(first, field)
    queue = list(selectors.list_open(authority=authority_of(anna.as_actor())))
    assert queue == sorted([first, gold], key=lambda one: one.drawn.number)  # type: ignore[union-attr]
    assert not selectors.list_others(review=gold).exists()
    assert gold not in selectors.list_others(review=item.review)
    assert LedgerEntry.objects.filter(kind="quality_gold.given").count() == 1


def test_nobody_is_given_what_they_reviewed_worked_or_marked_nor_whoever_leads() -> None:
    set_share(100)
    anna = make_person(roles=[Role.QA_ANALYST])
    make_gold(reviewer=anna)
    worked = make_gold()
    worked.unit.workers = [f"human:{anna.public_id}"]
    worked.unit.save()
    assert deal() == []
    Review.objects.filter(state=ReviewState.WAITING).delete()
    User.objects.filter(pk=anna.pk).update(is_active=False)
    make_person(roles=[Role.QA_LEAD])
    make_gold()
    rows = draw_low([make_unit(started_at=NOW)], weeks=1)
    assign_drawn(now=NOW, rows=rows)
    services.seed_gold(now=NOW, rows=rows)
    assert not Review.objects.filter(kind=ReviewKind.GOLD).exists()


def test_a_person_is_given_each_item_once_and_a_withdrawn_one_never() -> None:
    set_share(100)
    gone, item = make_gold(), make_gold()
    lead = make_person(roles=[Role.QA_LEAD])
    services.withdraw_gold(actor=lead.as_actor(), now=NOW, review_id=gone.review.public_id)
    User.objects.exclude(pk=make_person(roles=[Role.QA_ANALYST]).pk).update(is_active=False)
    assert [one.unit for one in deal(4)] == [item.unit]


def test_the_share_is_the_plans_and_the_seed_decides() -> None:
    set_share(0)
    for _ in range(3):
        make_gold()
    people = [make_person(roles=[Role.QA_ANALYST]) for _ in range(3)]
    assert deal() == []
    set_share(50)
    rows = draw_low([make_unit(started_at=NOW) for _ in range(12)], weeks=1)
    assign_drawn(now=NOW, rows=rows)

    def seeded() -> Sequence[tuple[int | None, int]]:
        services.seed_gold(now=NOW, rows=rows)
        gold = Review.objects.filter(kind=ReviewKind.GOLD)
        found = sorted(gold.values_list("reviewer_id", "unit_id"))
        gold.delete()
        return found

    once = seeded()
    assert 0 < len(once) <= 9
    assert once == seeded()
    assert {who for who, _unit in once} <= {one.pk for one in people}


def test_gold_takes_no_quota_and_no_place_in_the_progress_of_a_sample() -> None:
    item = make_gold()
    anna = make_person(roles=[Role.QA_ANALYST])
    period = item.review.drawn.period  # type: ignore[union-attr]
    (before,) = selectors.progress()
    make_review(item.unit, drawn=item.review.drawn, kind=ReviewKind.GOLD, reviewer=anna)
    assert selectors.progress() == [before]
    who = str(anna.public_id)
    assert candidates([who], period=period.pk)[who].given == 0
