"""Gold on the pages: a lead marks it, who is given it sees nothing of it."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from governance.access.types import Role
from orchestra.core import clock
from qa.gold.models import GoldItem
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewKind, ReviewState
from tests.factories.access import make_person
from tests.factories.gold import agreed_of
from tests.factories.sampled import draw_units, make_period, make_review, make_unit
from tests.qa.admin.conftest import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def reviewed() -> Review:
    (row,) = draw_units(make_period(), {"low": [make_unit()]}, {"low": 1})
    return make_review(row.unit, drawn=row, reviewer=make_person())


def link(review: Review) -> str:
    return f"/admin/reviews/{review.public_id}/"


def test_a_lead_marks_and_withdraws_on_the_page(browser: Browser) -> None:
    review, lead = reviewed(), browser(Role.QA_LEAD)
    assert "Mark as gold" in lead.get(link(review)).content.decode()
    wrong = lead.post(f"{link(review)}gold/", {}, follow=True)
    assert "needs its agreed answer" in wrong.content.decode()
    assert not GoldItem.objects.exists()
    answers = {f"agreed.{key}": value for key, value in agreed_of(review).items()}
    page = lead.post(f"{link(review)}gold/", answers, follow=True).content.decode()
    assert "marked this with the agreed answers" in page
    assert GoldItem.objects.get().answers == agreed_of(review)
    page = lead.post(f"{link(review)}gold/withdraw/", follow=True).content.decode()
    assert "Mark as gold" in page
    assert browser(Role.QA_ANALYST).post(f"{link(review)}gold/", answers).status_code == 404


@pytest.mark.parametrize("state", [ReviewState.WAITING, ReviewState.SUBMITTED])
def test_nothing_on_the_page_tells_gold_apart(state: ReviewState) -> None:
    source = reviewed()
    anna = make_person(roles=[Role.QA_ANALYST])
    client = Client()
    client.force_login(anna, backend="django.contrib.auth.backends.ModelBackend")
    pages = []
    for kind in (ReviewKind.GOLD, ReviewKind.FIRST):
        if kind is ReviewKind.FIRST:
            source.delete()
        review = make_review(
            source.unit,
            drawn=source.drawn,
            kind=kind,
            reviewer=anna,
            state=state,
            due_at=clock.now() + timedelta(days=3),
        )
        page = client.get(link(review)).content.decode()
        pages.append(without_ids(page, review))
        assert "gold" not in page.lower()
        review.delete()
    assert pages[0] == pages[1]


def test_nothing_in_the_queue_or_on_the_start_page_tells_gold_apart() -> None:
    source = reviewed()
    anna = make_person(roles=[Role.QA_ANALYST])
    client = Client()
    client.force_login(anna, backend="django.contrib.auth.backends.ModelBackend")
    for state in (ReviewState.WAITING, ReviewState.SUBMITTED):
        pages = []
        for kind in (ReviewKind.GOLD, ReviewKind.FIRST):
            review = make_review(
                source.unit,
                drawn=source.drawn,
                kind=kind,
                reviewer=anna,
                state=state,
                due_at=clock.now() + timedelta(days=3),
            )
            for address in ("/admin/reviews/", "/admin/quality/"):
                page = without_ids(client.get(address).content.decode(), review)
                assert "gold" not in page.lower()
                pages.append(mine_of(page))
            review.delete()
        assert pages[:2] == pages[2:]


def mine_of(page: str) -> str:
    """Return a page without how far the periods are, in which an ordinary review more counts."""
    return re.sub(r"<h2>How far each period is</h2>.*?</section>", "", page, flags=re.DOTALL)


def without_ids(page: str, review: Review) -> str:
    found = page.replace(str(review.public_id), "")
    found = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", found)
    return re.sub(r'nonce="[^"]+"|content="[^"]{64}"|data-now="[^"]+"', "", found)


def test_only_a_lead_sees_the_agreement(browser: Browser) -> None:
    review = reviewed()
    answers = {f"agreed.{key}": value for key, value in agreed_of(review).items()}
    lead = browser(Role.QA_LEAD)
    assert "No gold item was reviewed yet" in lead.get("/admin/calibrations/").content.decode()
    lead.post(f"{link(review)}gold/", answers)
    anna = make_person(roles=[Role.QA_ANALYST])
    key, value = next(iter(agreed_of(review).items()))
    make_review(
        review.unit,
        drawn=review.drawn,
        kind=ReviewKind.GOLD,
        reviewer=anna,
        at=clock.now() - timedelta(days=1),
        answers={key: {"value": value, "quotes": [], "comment": ""}},
    )
    page = lead.get("/admin/calibrations/").content.decode()
    assert anna.label in page
    assert "not yet" in page
    assert "Agreement with gold" not in (
        browser(Role.QA_ANALYST).get("/admin/calibrations/").content.decode()
    )
