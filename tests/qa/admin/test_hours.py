"""The page of business hours: looked at first, then set from a day on."""

from datetime import UTC, datetime

import pytest

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from qa.calendars.models import CalendarVersion
from tests.qa.admin.conftest import Browser

pytestmark = pytest.mark.django_db

PAGE = "/admin/hours/"
GIVEN = {
    "time_zone": "America/New_York",
    "since": "2026-10-01",
    "sunday": "00:00-24:00",
    "exceptional": "2031-12-25 Christmas",
}


def test_they_are_looked_at_then_set_and_shown(browser: Browser) -> None:
    client = browser(Role.QA_LEAD)
    assert "No business hours are set" in client.get(PAGE).content.decode()
    looked = client.post(f"{PAGE}set/", {**GIVEN, "look": "1"}).content.decode()
    assert "What you wrote comes to" in looked
    # The clocks go back on a Sunday in autumn.
    assert "clocks go back by 60 min" in looked
    assert "open 25.0 h instead of 24.0 h" in looked
    assert not CalendarVersion.objects.exists()
    assert client.post(f"{PAGE}set/", GIVEN).status_code == 302
    row = CalendarVersion.objects.get()
    assert row.since == datetime(2026, 10, 1, 4, tzinfo=UTC)
    page = client.get(PAGE).content.decode()
    assert "from 1 Oct 2026, 00:00, America/New_York" in page
    assert "Christmas" in page
    assert "Set the next version" in page
    reader = browser(Role.QA_ANALYST).get(PAGE).content.decode()
    assert "Set the next version" not in reader
    assert "Christmas" in reader


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sunday": "always"}, "write hours as 09:00-17:00"),
        ({"since": ""}, "Give the day from which the hours hold."),
        ({"time_zone": "Nowhere"}, "There is no such time zone"),
        ({"sunday": ""}, "no opening hours at all"),
    ],
)
@pytest.mark.parametrize("look", ["", "1"])
def test_what_cannot_be_used_is_said_and_kept(
    browser: Browser, changes: dict[str, str], told: str, look: str
) -> None:
    answer = browser(Role.QA_LEAD).post(f"{PAGE}set/", {**GIVEN, **changes, "look": look})
    assert answer.status_code == 422
    assert told in answer.content.decode().replace("&#x27;", "'")
    assert "2031-12-25 Christmas" in answer.content.decode()
    assert not CalendarVersion.objects.exists()


def test_a_version_that_is_not_later_is_refused_and_recorded(browser: Browser) -> None:
    client = browser(Role.QA_LEAD)
    client.post(f"{PAGE}set/", GIVEN)
    assert client.post(f"{PAGE}set/", GIVEN).status_code == 409
    assert CalendarVersion.objects.count() == 1
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1
