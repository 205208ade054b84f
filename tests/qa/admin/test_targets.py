"""The pages of targets and of alerts, and the same over REST."""

from typing import Any

import pytest

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from qa.targets.models import OutcomeAlert
from qa.targets.services import publish_target
from tests.factories.access import FACTORY
from tests.factories.targets import make_alert, target
from tests.qa.admin.conftest import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

DRIVER = {
    "by": "channel",
    "key": "email",
    "effect": "value",
    "points": 3.1,
    "low": 1.2,
    "high": 5.0,
    "change": 4.0,
}


@pytest.fixture
def alert() -> OutcomeAlert:
    version = publish_target(actor=FACTORY, now=clock.now(), document=target(owner="supervisor"))
    return make_alert(version, clock.now(), driver=DRIVER)


def test_a_target_its_alert_and_the_list_say_it_in_words(
    browser: Browser, alert: OutcomeAlert
) -> None:
    client = browser(Role.QA_ANALYST)
    page = client.get("/admin/targets/returns_end/").content.decode()
    assert "Who comes back was not helped." in page
    assert "Few come back" in client.get("/admin/targets/").content.decode()
    listed = client.get("/admin/outcome-alerts/").content.decode()
    assert "1 target is not kept" in listed
    assert "Channel email: its own value changed, which moved the whole by +3.1 points" in listed
    one = client.get(f"/admin/outcome-alerts/{alert.public_id}/").content.decode()
    assert "w 37, 7 Sep" in one
    assert "At most 10 %, all journeys: two of the last three weeks" in one
    # Whoever does not answer for it reads it.
    assert "<textarea" not in one


def test_it_is_acknowledged_and_closed_with_a_note(browser: Browser, alert: OutcomeAlert) -> None:
    client = browser(Role.SUPERVISOR)
    page = f"/admin/outcome-alerts/{alert.public_id}/"
    assert client.post(f"{page}acknowledge/", {"note": ""}).status_code == 422
    assert client.post(f"{page}acknowledge/", {"note": "More people."}).status_code == 302
    refused = client.post(f"{page}acknowledge/", {"note": "Again, kept."})
    assert refused.status_code == 409
    assert "Again, kept." in refused.content.decode()
    assert LedgerEntry.objects.filter(kind="act.refused").exists()
    assert client.post(f"{page}close/", {"note": "Over."}).status_code == 302
    alert.refresh_from_db()
    assert (alert.state, alert.note, alert.closing_note) == ("closed", "More people.", "Over.")
    text = client.get(page).content.decode()
    assert "closed by a person" in text


def test_over_rest_it_is_listed_by_state_and_acknowledged(
    browser: Browser, alert: OutcomeAlert
) -> None:
    client = browser(Role.SUPERVISOR)
    (row,) = client.get("/api/v1/outcome-alerts/?state=open").json()["results"]
    assert (row["target"], row["owner"], row["driver"]) == ("returns_end", "supervisor", DRIVER)
    assert client.get("/api/v1/outcome-alerts/?state=closed").json()["results"] == []
    assert client.get("/api/v1/outcome-alerts/?state=hot").status_code == 422
    answer: Any = client.post(
        f"/api/v1/outcome-alerts/{alert.public_id}/acknowledge/",
        {"note": "More people."},
        content_type="application/json",
        headers={"Idempotency-Key": "k1"},
    )
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["acknowledged_by"]) == (
        "acknowledged",
        answer.wsgi_request.user.label,
    )
