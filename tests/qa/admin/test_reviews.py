"""The queue of reviews: what is mine, how far periods are, what nobody has, and asking for one."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from governance.access.models import User
from governance.access.types import Role
from qa.reviewing.models import Review
from qa.reviewing.services import assign_drawn
from qa.reviewing.types import ReviewState
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.sampled import draw_units, make_period, make_review, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
LIST_QUERIES = 6


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def waiting(reviewer: User | None, **fields: object) -> Review:
    return make_review(
        make_unit(),
        state=ReviewState.WAITING,
        reviewer=reviewer,
        taken_at=None,
        submitted_at=None,
        **fields,
    )


def test_mine_are_listed_and_how_far_the_period_is() -> None:
    analyst = make_person(roles=[Role.QA_ANALYST])
    rows = draw_units(make_period(), {"low": [make_unit() for _ in range(4)]}, {"low": 4})
    assign_drawn(now=NOW, rows=rows)
    Review.objects.exclude(kind="first").delete()
    first = Review.objects.order_by("pk")[0]
    Review.objects.filter(pk=first.pk).update(state=ReviewState.SUBMITTED, submitted_at=NOW)
    text = signed_in(analyst).get("/admin/reviews/").content.decode()
    assert "3 reviews wait for you" in text
    assert "1 of 4 done" in text
    assert "Weekly quality" in text


def test_a_lead_sees_what_nobody_has_with_why_and_gives_it() -> None:
    lead, analyst = make_person(roles=[Role.QA_LEAD]), make_person(roles=[Role.QA_ANALYST])
    review = waiting(None, unassigned_for="quotas_used")
    mine = signed_in(lead)
    assert "used up their quota" in mine.get("/admin/reviews/").content.decode().replace("\n", "")
    assert "used up" not in signed_in(analyst).get("/admin/reviews/").content.decode()
    mine.post(f"/admin/reviews/{review.public_id}/give/", {"person": str(analyst.public_id)})
    review.refresh_from_db()
    assert review.reviewer == analyst
    mine.post(f"/admin/reviews/{review.public_id}/give/", {"person": "nobody"})
    review.refresh_from_db()
    assert review.reviewer == analyst


def test_a_review_is_asked_for_with_a_reason_only() -> None:
    make_person(roles=[Role.QA_ANALYST])
    lead, unit = signed_in(make_person(roles=[Role.QA_LEAD])), make_unit()
    lead.post(f"/admin/reviews/ask/{unit.public_id}/", {"reason": " "})
    assert not Review.objects.exists()
    answer = lead.post(
        f"/admin/reviews/ask/{unit.public_id}/",
        {"reason": "A complaint.", "back": "//elsewhere.example"},
    )
    assert answer["Location"] == "/admin/reviews/"
    assert Review.objects.get().asked_why == "A complaint."


def test_more_reviews_cost_no_more_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    analyst = make_person(roles=[Role.QA_ANALYST])
    client = signed_in(analyst)
    client.get("/admin/reviews/")
    for count in (1, 8):
        for _more in range(count):
            waiting(analyst)
        with django_assert_num_queries(LIST_QUERIES):
            client.get("/admin/reviews/")


@pytest.mark.parametrize("role", [Role.HUMAN_AGENT, Role.POLICY_OWNER])
def test_who_does_not_review_finds_nothing(role: Role) -> None:
    assert signed_in(make_person(roles=[role])).get("/admin/reviews/").status_code == 404
