"""The journeys behind a count, narrowed by the address; and the ways to them by keyboard."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.journeys.models import Journey, StepRun
from orchestra.core import clock
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import open_case, waiting_return

LINK = "/admin/journeys/cases/"


def test_counts_lead_to_their_cases(retail: World, browser: Browser) -> None:
    case_id, _called = waiting_return(retail)
    client = browser("supervisor")
    text = client.get("/admin/journeys/").content.decode()
    link = "/admin/journeys/cases/?cue_sheet=return_items&amp;version=1&amp;cue="
    assert text.count("data-cue") > 1
    assert link in text
    assert 'data-key="m"' in text
    assert 'data-focus="v"' in text
    step = StepRun.objects.get(journey__case__public_id=case_id, state="waiting")
    shown = client.get(LINK, {"cue_sheet": "return_items", "cue": step.key, "which": "now"})
    journey = Journey.objects.get(case__public_id=case_id)
    assert f"/admin/cases/{case_id}/journeys/{journey.public_id}/" in shown.content.decode()
    assert "1 journey" in shown.content.decode()
    StepRun.objects.filter(pk=step.pk).update(due_at=clock.now())
    assert "overdue" in client.get(LINK, {"which": "overdue"}).content.decode()


def test_narrowing_by_queue_and_picking_a_version(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    client = browser("supervisor")
    text = client.get("/admin/journeys/", {"pick": "return_items:1", "queue": "returns"})
    assert "Return delivered items" in text.content.decode()
    assert client.get("/admin/journeys/", {"queue": "nowhere"}).status_code == 404
    assert client.get("/admin/journeys/", {"pick": "nothing:1"}).status_code == 404


def test_what_is_no_filter_is_said(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    answer = browser("supervisor").get(LINK, {"version": "x", "which": "lost"})
    assert answer.status_code == 422
    assert "which is one of" in answer.content.decode()
    for before in ("x", "9" * 40, "-1"):
        assert browser("supervisor").get(LINK, {"before": before}).status_code == 200


def test_the_number_of_queries_does_not_grow(retail: World, browser: Browser) -> None:
    client = browser("supervisor")
    client.get(LINK)
    counts = []
    for number in range(2):
        waiting_return(retail) if not number else open_case(retail, external_ref="again")
        with CaptureQueriesContext(connection) as seen:
            assert client.get(LINK).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
