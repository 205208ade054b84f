"""Reviews of what was drawn are given out fairly, and never to who had a hand in it."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from qa.population.models import SamplingUnit
from qa.reviewing.models import Review
from qa.reviewing.services import assign_drawn
from qa.reviewing.types import ReviewKind, Unassigned
from qa.sampling.models import DrawnUnit, SamplePeriod, SamplingPlanVersion
from qa.sampling.registry import tell_drawn
from tests.conftest import NOW
from tests.factories.access import make_agent, make_person
from tests.factories.approvals import add_vote, make_row
from tests.factories.sampled import draw_units, make_period, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def analysts(count: int) -> list[User]:
    return [make_person(roles=[Role.QA_ANALYST]) for _ in range(count)]


def drawn(units: list[SamplingUnit]) -> list[DrawnUnit]:
    return draw_units(make_period(), {"low": units}, {"low": len(units)})


def firsts() -> list[Review]:
    return list(Review.objects.filter(kind=ReviewKind.FIRST).select_related("reviewer"))


def test_every_drawn_unit_has_one_review_and_the_work_is_shared_evenly() -> None:
    people = analysts(3)
    rows = drawn([make_unit() for _ in range(12)])
    tell_drawn(now=NOW, rows=rows)
    assert len(firsts()) == 12
    # Second reviews fall where the seed says, and count as work as well.
    counts = Counter(Review.objects.values_list("reviewer", flat=True))
    assert set(counts) == {one.pk for one in people}
    assert max(counts.values()) - min(counts.values()) <= 1
    review = firsts()[0]
    assert review.scorecard.scorecard.key == "conversations"
    assert (review.due_at - review.assigned_at, review.blind) == (timedelta(hours=120), True)
    entry = LedgerEntry.objects.get(kind="quality_review.assigned")
    assert entry.subject_id == str(SamplePeriod.objects.get().public_id)


def test_who_has_more_open_reviews_is_given_fewer() -> None:
    busy, free = analysts(2)
    first = drawn([make_unit() for _ in range(2)])
    assign_drawn(now=NOW, rows=first)
    Review.objects.update(reviewer=busy)
    Review.objects.filter(kind=ReviewKind.SECOND).delete()
    later = make_period(starts_at=NOW)
    assign_drawn(now=NOW, rows=draw_units(later, {"low": [make_unit()]}, {"low": 1}))
    assert Review.objects.get(drawn__period=later, kind=ReviewKind.FIRST).reviewer == free


@pytest.mark.parametrize("hand", ["worked", "voted", "owns"])
def test_nobody_reviews_what_they_had_a_hand_in(hand: str) -> None:
    person = analysts(1)[0]
    unit = make_unit()
    if hand == "worked":
        unit.workers = [f"human:{person.public_id}"]
    elif hand == "owns":
        unit.workers = [f"agent:{make_agent(owner=person).public_id}"]
    else:
        request = make_row(unit.case.queue, 1, case_public_id=str(unit.case.public_id))
        add_vote(request, person)
    unit.save()
    assign_drawn(now=NOW, rows=drawn([unit]))
    review = firsts()[0]
    assert (review.reviewer, review.unassigned_for) == (None, Unassigned.ALL_HAD_A_HAND)


def test_where_nobody_holds_the_role_it_waits_and_says_why() -> None:
    make_person(roles=[Role.SUPERVISOR])
    assign_drawn(now=NOW, rows=drawn([make_unit()]))
    assert firsts()[0].unassigned_for == Unassigned.NOBODY_HOLDS_ROLE


def test_a_quota_is_kept_over_the_draws_of_a_period() -> None:
    version = SamplingPlanVersion.objects.get(plan__key="weekly", state="published")
    document = {**version.document, "quotas": {"per_reviewer_at_most": 2}}
    document["reviewing"] = {**document["reviewing"], "second_percent": 0}
    SamplingPlanVersion.objects.filter(pk=version.pk).update(document=document)
    analysts(1)
    rows = drawn([make_unit() for _ in range(3)])
    assign_drawn(now=NOW, rows=rows[:1])
    assign_drawn(now=NOW, rows=rows[1:])
    reasons = Counter(one.unassigned_for for one in firsts())
    assert reasons == {"": 2, Unassigned.QUOTAS_USED: 1}


def test_a_second_review_goes_to_somebody_else_and_again_is_the_same() -> None:
    version = SamplingPlanVersion.objects.get(plan__key="weekly", state="published")
    document = {**version.document}
    document["reviewing"] = {**document["reviewing"], "second_percent": 100}
    SamplingPlanVersion.objects.filter(pk=version.pk).update(document=document)
    analysts(3)
    rows = drawn([make_unit() for _ in range(6)])

    def given() -> list[tuple[int, str, int | None]]:
        values = Review.objects.values_list("unit_id", "kind", "reviewer_id")
        return sorted(values, key=str)

    assign_drawn(now=NOW, rows=rows)
    once = given()
    assert len(once) == 12
    for row in rows:
        assert len({who for unit, _kind, who in once if unit == row.unit_id}) == 2
    Review.objects.all().delete()
    assign_drawn(now=NOW, rows=rows)
    assert given() == once


def test_more_units_cost_no_more_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    analysts(3)
    rows = drawn([make_unit() for _ in range(2)])
    more = draw_units(
        make_period(starts_at=NOW), {"low": [make_unit() for _ in range(20)]}, {"low": 20}
    )
    # PostgreSQL is asked for the turn, and writes an entry with its payload and head at once.
    wanted = 14 if connection.vendor == "postgresql" else 15
    with django_assert_num_queries(wanted):
        assign_drawn(now=NOW, rows=rows)
    with django_assert_num_queries(wanted):
        assign_drawn(now=NOW, rows=more)
