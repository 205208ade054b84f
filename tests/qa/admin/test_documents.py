"""The lists and pages of scorecards, sampling plans and metric definitions."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from governance.access.types import Role
from governance.reviews.models import ChangeRequest
from qa.measurement.services import retire_metric
from qa.sampling.services import publish_plan
from qa.scorecards.services import publish_scorecard
from tests.factories.access import FACTORY
from tests.factories.quality import card, plan, shipped
from tests.qa.admin.conftest import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

PAGES = {
    "scorecard": ("/admin/scorecards/", "conversations", "scorecards"),
    "sampling_plan": ("/admin/sampling-plans/", "weekly", "sampling_plans"),
    "metric_definition": ("/admin/metric-definitions/", "recontact_rate", "metric_definitions"),
}
#: Session, person, roles, grants and counts of the frame, then documents and versions; a page
#: asks for its open changes besides.
LIST_QUERIES = 5
PAGE_QUERIES = 7
every_kind = pytest.mark.parametrize(("address", "key", "folder"), PAGES.values(), ids=PAGES)


def text_of(client: Client, address: str, **query: Any) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


@every_kind
def test_every_document_is_listed_and_has_a_page(
    browser: Browser, address: str, key: str, folder: str
) -> None:
    del key
    client = browser(Role.QA_ANALYST)
    listed = text_of(client, address)
    for document in shipped(folder):
        assert document["title"] in listed
        assert f'href="{address}{document["key"]}/"' in listed
        assert document["title"] in text_of(client, f"{address}{document['key']}/")


@every_kind
@pytest.mark.parametrize("role", [Role.HUMAN_AGENT, Role.SPECIALIST])
def test_who_may_not_read_finds_nothing(
    browser: Browser, role: Role, address: str, key: str, folder: str
) -> None:
    del folder
    client = browser(role)
    assert client.get(address).status_code == 404
    assert client.get(f"{address}{key}/").status_code == 404


@every_kind
def test_what_there_is_not_is_not_found(
    browser: Browser, address: str, key: str, folder: str
) -> None:
    del folder
    client = browser(Role.QA_LEAD)
    assert client.get(f"{address}nothing/").status_code == 404
    assert client.get(f"{address}{key}/", {"version": "9"}).status_code == 404


@every_kind
def test_pages_ask_as_often_however_many_there_are(
    browser: Browser,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
    address: str,
    key: str,
    folder: str,
) -> None:
    del folder
    client = browser(Role.QA_LEAD)
    # What waits beside the sidebar's lines is counted now, and not again for a while.
    client.get("/admin/findings/")
    for turn in range(2):
        with django_assert_num_queries(LIST_QUERIES):
            client.get(address)
        with django_assert_num_queries(PAGE_QUERIES):
            client.get(f"{address}{key}/")
        if not turn:
            for number in range(3):
                publish_scorecard(actor=FACTORY, now=now, document=card(title=f"Calls {number}"))
                publish_plan(actor=FACTORY, now=now, document=plan(key=f"plan_{number}"))


def test_a_scorecard_shows_what_is_asked_and_what_it_earns(browser: Browser) -> None:
    page = text_of(browser(Role.QA_ANALYST), "/admin/scorecards/conversations/")
    assert "edition 1" in page
    assert "65 % of all points" in page
    assert "Only if “Something was changed for the customer” is yes" in page
    assert "From 80 %, and no failed critical question." in page
    assert page.count(">critical<") == 3


def test_a_plan_of_picked_work_says_that_it_shows_no_rate(browser: Browser) -> None:
    client = browser(Role.QA_LEAD)
    directed = text_of(client, "/admin/sampling-plans/directed/")
    assert "Directed reviews never enter an estimate." in directed
    assert "Risk of what was done is not low" in directed
    weekly = text_of(client, "/admin/sampling-plans/weekly/")
    assert "Directed reviews" not in weekly
    assert "An estimate for the whole population, with its interval." in weekly
    assert 'href="/admin/scorecards/conversations/"' in weekly


def test_a_definition_shows_what_it_counts_and_its_target(browser: Browser) -> None:
    page = text_of(browser(Role.SUPERVISOR), "/admin/metric-definitions/recontact_rate/")
    for words in ("7 days after the resolution.", "At most 10 %", "lower is better"):
        assert words in page
    without = text_of(browser(Role.SUPERVISOR), "/admin/metric-definitions/escalation_rate/")
    assert "No target set." in without


def test_an_older_version_is_shown_as_it_was_and_can_be_gone_back_to(
    browser: Browser, now: datetime
) -> None:
    later = now + timedelta(days=1)
    document = next(one for one in shipped("scorecards") if one["key"] == "handoffs")
    new = {**document, "purpose": "Could the next person go on?"}
    publish_scorecard(actor=FACTORY, now=later, document=new)
    client = browser(Role.QA_LEAD)
    present = text_of(client, "/admin/scorecards/handoffs/")
    assert "version 2 in force" in present
    assert "Could the next person go on?" in present
    old = text_of(client, "/admin/scorecards/handoffs/", version=1)
    assert "This is version 1 as it was." in old
    assert "Propose to go back to version 1" in old


def test_a_definition_out_of_force_stays_readable(browser: Browser, now: datetime) -> None:
    retire_metric(actor=FACTORY, now=now, key="recontact_rate")
    client = browser(Role.QA_LEAD)
    assert "no version in force" in text_of(client, "/admin/metric-definitions/")
    page = text_of(client, "/admin/metric-definitions/recontact_rate/")
    assert "version 1, not in force" in page


@every_kind
def test_a_change_is_proposed_on_the_page_and_leads_back_to_it(
    browser: Browser, address: str, key: str, folder: str
) -> None:
    client = browser(Role.QA_LEAD)
    kind = folder.removesuffix("s")
    given = {"kind": kind, "key": key, "title": "Say it better", "summary": "Unclear."}
    answer = client.post("/admin/change-requests/open/", given, follow=True)
    change = ChangeRequest.objects.get()
    assert (change.kind, change.document_key) == (kind, key)
    assert f'href="{address}{key}/"' in answer.content.decode()
    assert "Say it better" in text_of(client, f"{address}{key}/")
    assert "Open a change request" not in text_of(browser(Role.SUPERVISOR), f"{address}{key}/")


@every_kind
def test_a_document_and_its_version_lead_to_their_histories(
    browser: Browser, address: str, key: str, folder: str
) -> None:
    del folder
    client = browser(Role.QA_ANALYST)
    shown = text_of(client, f"{address}{key}/")
    links = re.findall(r'href="(/admin/history/[^"]+)"', shown)
    assert len(links) == 2
    for link in links:
        assert "created" in text_of(client, link)
        assert browser(Role.HUMAN_AGENT).get(link).status_code == 404
