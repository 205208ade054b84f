"""Where cases are now, and which cue is missed."""

from cases.journeys.models import Journey, StepRun
from orchestra.core import clock
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return

LINK = "/admin/journeys/"


def test_one_version_with_its_graph_missed_cues_and_all_cue_sheets(
    retail: World, browser: Browser
) -> None:
    case_id, _called = waiting_return(retail)
    client = browser("supervisor")
    text = client.get(LINK).content.decode()
    assert "Return delivered items: no case is overdue" in text
    assert text.count('aria-current="true"') == 1
    journey = Journey.objects.get(case__public_id=case_id)
    StepRun.objects.filter(journey=journey, state="waiting").update(due_at=clock.now())
    text = client.get(LINK, {"sheet": "return_items", "version": 1}).content.decode()
    assert "Return delivered items: 1 case overdue" in text
    assert f"/admin/cases/{case_id}/journeys/{journey.public_id}/" in text
    assert "1 missed" in text
    assert "is-hot" in text
    assert "1 of 1" in text


def test_a_version_without_cases_says_so(retail: World, browser: Browser) -> None:
    del retail
    client = browser("supervisor")
    text = client.get(LINK, {"sheet": "return_items"}).content.decode()
    assert "No case of this version yet." in text
    assert client.get(LINK, {"sheet": "nothing"}).status_code == 404
    assert client.get(LINK, {"sheet": "return_items", "version": "9"}).status_code == 404
