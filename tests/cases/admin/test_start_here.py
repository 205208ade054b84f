"""Start here as its people see it: what is missing, the choice, the way on."""

from typing import Any

from cases.readiness.models import GuidedPath
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from tests.cases.admin.conftest import Browser
from tests.factories.access import make_person
from tests.flows.conftest import World

PAGE = "/admin/start-here/"


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_the_page_names_what_is_missing_and_where_to_mend_it(
    retail: World, browser: Browser
) -> None:
    del retail
    page = text(browser("operator").get(PAGE, {"journey": "return_items"}))
    assert "things stand between you and the first real case" in page
    assert "It never answered. Propose it once on a trial case" in page
    assert "Not drilled in the last 90 days" in page
    assert '<a class="btn is-s" href="/admin/stops/">Open the stops</a>' in page
    assert "return_delivered_order_items" not in page


def test_a_journey_is_chosen_and_left_on_the_page(retail: World, browser: Browser) -> None:
    del retail
    client = browser("operator")
    assert "Make it the first journey" in text(client.get(PAGE, {"journey": "cancel_order"}))
    answer = client.post(f"{PAGE}choose/", {"journey": "cancel_order"}, follow=True)
    assert "no other journey comes into force before this one is ready" in text(answer)
    answer = client.post(f"{PAGE}expand/", follow=True)
    assert "Not yet:" in text(answer)
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1
    answer = client.post(f"{PAGE}leave/", {"reason": ""}, follow=True)
    assert "Say why" in text(answer)
    client.post(f"{PAGE}leave/", {"reason": "The season is over."}, follow=True)
    assert GuidedPath.objects.get().end == "left"


def test_who_sets_nothing_up_reads_and_has_no_button(retail: World, browser: Browser) -> None:
    del retail
    page = text(browser("agent").get(PAGE, {"journey": "cancel_order"}))
    assert "You may read this." in page
    assert 'action="/admin/start-here/' not in page


def test_unknown_journeys_and_acts_are_not_found(retail: World, browser: Browser) -> None:
    del retail
    client = browser("operator")
    assert client.get(PAGE, {"journey": "fly"}).status_code == 404
    assert client.post(f"{PAGE}jump/").status_code == 404


def test_without_a_cue_sheet_the_page_says_where_to_begin(db: None, client: Any) -> None:
    del db
    person = make_person("petra", roles=[Role.ADMINISTRATOR])
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    page = text(client.get(PAGE))
    assert "Begin with one journey" in page
    assert "No cue sheet is in force." in page


def test_the_same_is_read_over_rest(retail: World) -> None:
    found = retail.api.get("cue-sheets/return_items/readiness/").json()
    assert found["total"] == len(found["checks"])
    assert found["passed"] == sum(one["passed"] for one in found["checks"])
    assert found["may_expand"] is False
    assert retail.api.get("cue-sheets/fly/readiness/").status_code == 404
