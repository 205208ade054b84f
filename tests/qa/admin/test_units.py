"""Asking for a review from the case and from a finding, and what of a case can be reviewed."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.access.types import Role
from qa.findings import services
from qa.reviewing.models import Review
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.cases import make_case
from tests.factories.checked import make_talk
from tests.factories.sampled import make_unit
from tests.qa.admin.conftest import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_the_case_leads_to_what_can_be_reviewed_for_who_reviews(browser: Browser) -> None:
    unit = make_unit()
    case, page = f"/admin/cases/{unit.case.public_id}/", f"/admin/reviews/of/{unit.case.public_id}/"
    lead, officer = browser(Role.QA_LEAD), browser(Role.COMPLIANCE_OFFICER)
    assert f'href="{page}"' in lead.get(case).content.decode()
    assert f'href="{page}"' not in officer.get(case).content.decode()
    assert officer.get(page).status_code == 404


def test_a_review_is_asked_for_with_a_reason_and_one_comes_back(browser: Browser) -> None:
    reviewer, unit, other = make_person(roles=[Role.QA_ANALYST]), make_unit(), make_unit()
    client, page = browser(Role.QA_LEAD), f"/admin/reviews/of/{unit.case.public_id}/"
    text = client.get(page).content.decode()
    assert f"1 thing of {unit.case.label} can be reviewed" in text
    link = f"/admin/reviews/ask/{unit.public_id}/"
    assert f'action="{link}"' in text
    assert str(other.public_id) not in text
    answer = client.post(link, {"reason": " ", "back": page})
    assert (answer["Location"], Review.objects.count()) == (page, 0)
    answer = client.post(link, {"reason": "A complaint.", "back": page})
    review = Review.objects.get()
    assert (answer["Location"], review.reviewer, review.drawn) == (page, reviewer, None)


def test_a_case_of_which_nothing_ended_says_so(browser: Browser) -> None:
    text = browser(Role.QA_LEAD).get(f"/admin/reviews/of/{make_case().public_id}/")
    assert "once it ended" in text.content.decode()
    assert browser(Role.QA_LEAD).get("/admin/reviews/of/nothing/").status_code == 404


def test_the_queries_do_not_grow_with_what_ended(browser: Browser) -> None:
    unit, client = make_unit(), browser(Role.QA_LEAD)
    page = f"/admin/reviews/of/{unit.case.public_id}/"
    before = queries(client, page)
    for _more in range(4):
        make_unit(case=unit.case)
    assert queries(client, page) == before


def test_a_finding_asks_for_a_review_of_its_contact(browser: Browser) -> None:
    unit = make_talk("customer: Hi", "ai: I am an AI assistant. I have cancelled your order now.")
    services.run_next(now=NOW)
    link = f'action="/admin/reviews/ask/{unit.public_id}/"'
    assert link in browser(Role.QA_ANALYST).get("/admin/findings/").content.decode()
    assert link not in browser(Role.COMPLIANCE_OFFICER).get("/admin/findings/").content.decode()
