"""Journeys over all cases by REST, and moving one to the version in force after a preview."""

from cases.journeys import services
from cases.journeys.models import CueSheetVersion, Journey
from orchestra.core import clock
from orchestra.core.actors import system
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return
from tests.flows.test_people_over_rest import sign_in


def test_journeys_are_listed_and_narrowed(retail: World) -> None:
    case_id, _called = waiting_return(retail)
    [row] = retail.api.get("journeys/").json()["results"]
    assert (row["case"], row["cue_sheet"], row["version"], row["state"]) == (
        case_id,
        "return_items",
        1,
        "running",
    )
    assert retail.api.get("journeys/", state="paused").json()["results"] == []
    assert len(retail.api.get("journeys/", which="now", queue="returns").json()["results"]) == 1
    wrong = retail.api.get("journeys/", state="asleep", version="x")
    assert wrong.status_code == 422
    assert [error["field"] for error in wrong.json()["errors"]] == ["state", "version"]


def test_a_person_moves_one_after_its_preview_and_an_agent_does_not(retail: World) -> None:
    case_id, _called = waiting_return(retail)
    journey = Journey.objects.get()
    path = f"cases/{case_id}/journeys/{journey.public_id}/move/"
    assert retail.api.get(path).json()["is_same"] is True
    version = CueSheetVersion.objects.get(cue_sheet__key="return_items", state="published")
    services.publish_cue_sheet(
        actor=system("test"),
        now=clock.now(),
        document={**version.document, "recontact_window_hours": 99},
    )
    preview = retail.api.get(path).json()
    assert (preview["from_version"], preview["to_version"], preview["is_same"]) == (1, 2, False)
    assert preview["blocks"] == preview["gone"] == preview["added"] == []
    body = {"reason": "It is newer.", "digest": preview["digest"]}
    refused = retail.api.post(path, body)
    assert refused.status_code == 403
    journey.refresh_from_db()
    assert journey.version_id == version.pk
    person = sign_in(retail, "supervisor")
    assert person.post(path, {**body, "digest": "0"}).status_code == 409
    moved = person.post(path, body)
    assert moved.status_code == 200
    assert moved.json()["journey"]["version"] == 2
    journey.refresh_from_db()
    assert journey.version.number == 2
