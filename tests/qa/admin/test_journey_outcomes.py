"""One journey on one page: outcomes, targets of its own, quality and readiness."""

import pytest
from pytest_django import DjangoAssertNumQueries

from cases.journeys.models import CueSheet
from governance.access.types import Role
from orchestra.core import clock
from orchestra.core.history import save_as
from qa.targets.services import publish_target
from tests.factories.access import FACTORY
from tests.factories.measured import make_cells
from tests.factories.targets import make_alert, target
from tests.qa.admin.conftest import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

PAGE = "/admin/journey-outcomes/returns/"


@pytest.fixture
def sheet(db: None) -> CueSheet:
    del db
    made = CueSheet(key="returns", title="Return delivered items")
    save_as(made, actor=FACTORY, reason="Made.")
    return made


def test_before_anything_is_computed_nothing_is_shown(browser: Browser, sheet: CueSheet) -> None:
    text = browser(Role.QA_LEAD).get(PAGE).content.decode()
    assert sheet.title in text
    assert text.count("Fewer than 30: not shown.") == 6
    assert "checks pass" in text


def test_the_six_of_one_journey_with_its_own_target_and_alert(
    browser: Browser, sheet: CueSheet, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_cells(now=clock.now())
    version = publish_target(
        actor=FACTORY,
        now=clock.now(),
        document=target(metric="transfer_rate", journey=sheet.key, at_most=2),
    )
    make_alert(version, clock.now())
    client = browser(Role.QA_LEAD)
    text = client.get(PAGE).content.decode()
    # Four weeks of forty-five contacts each, five of them transferred.
    assert "11.1 % <small>95 %: 7.3 to 16.5" in text
    assert "Target at most 2 %: missed" in text
    assert "Few come back: at most 2 %" in text
    assert "Fewer than 30 reviews of it: not shown." in text
    listed = client.get("/admin/journey-outcomes/").content.decode()
    assert "1 target not kept" in listed
    assert client.get("/admin/journey-outcomes/nothing/").status_code == 404
    with django_assert_num_queries(QUERIES):
        client.get(PAGE)


#: Session, person and frame, definitions, cells, targets, alerts, quality and readiness.
QUERIES = 7
