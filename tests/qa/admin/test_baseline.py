"""The pages of imported logs: from a number to its cases to every event."""

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access.types import Role
from qa.history.models import PastLogCase
from tests.factories.history import make_past_log
from tests.qa.admin.conftest import Browser

pytestmark = pytest.mark.django_db
#: Session, person, roles, grants and counts of the frame, then the log, and its rows.
LIST, PAGE, CASES = 4, 4, 5


def test_from_a_number_to_its_cases_to_every_event(
    browser: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = browser(Role.QA_LEAD)
    make_past_log()
    # What waits in the sidebar is counted every 30 seconds, and so not within what follows.
    client.get("/admin/baseline/")
    with django_assert_num_queries(LIST):
        listed = client.get("/admin/baseline/").content.decode()
    assert 'href="/admin/baseline/desk/"' in listed
    with django_assert_num_queries(PAGE):
        page = client.get("/admin/baseline/desk/").content.decode()
    assert "kind=transferred" in page
    assert "1 of 3" in page
    with django_assert_num_queries(CASES):
        cases = client.get("/admin/baseline/desk/cases/", {"kind": "transferred"}).content.decode()
    assert "A-1" in cases
    assert "B-1" not in cases
    events = client.get("/admin/baseline/desk/case/A-1/").content.decode()
    assert "second" in events


def test_the_list_of_cases_goes_on_where_it_ended(browser: Browser) -> None:
    log = make_past_log()
    last = log.rows.latest("pk")
    PastLogCase.objects.bulk_create(
        PastLogCase(
            **{
                field.attname: getattr(last, field.attname)
                for field in PastLogCase._meta.concrete_fields
                if field.name not in {"id", "ref"}
            },
            ref=f"D-{number}",
        )
        for number in range(60)
    )
    client = browser(Role.QA_ANALYST)
    first = client.get("/admin/baseline/desk/cases/")
    second = client.get(f"/admin/baseline/desk/cases/?{first.context['older']}")
    refs = [row["case"].ref for page in (first, second) for row in page.context["rows"]]
    assert len(refs) == len(set(refs)) == 63
    assert second.context["older"] == ""


@pytest.mark.parametrize(
    "address",
    ["nothing/", "nothing/cases/", "desk/case/nothing/", "desk/cases/?after=soon~x"],
)
def test_what_there_is_not_is_not_found(browser: Browser, address: str) -> None:
    make_past_log()
    assert browser(Role.QA_LEAD).get(f"/admin/baseline/{address}").status_code == 404


def test_nobody_else_sees_it(browser: Browser) -> None:
    make_past_log()
    assert browser(Role.HUMAN_AGENT).get("/admin/baseline/desk/").status_code == 404


def test_without_a_log_it_says_how_to_bring_one_in(browser: Browser) -> None:
    assert "import_history" in browser(Role.QA_LEAD).get("/admin/baseline/").content.decode()
