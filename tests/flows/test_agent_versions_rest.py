"""An AI agent says what it runs as, and figures of handoffs are told apart by it."""

from datetime import timedelta

from cases.handoff.models import Handoff
from cases.handoff.watching import list_served
from governance.access.models import AgentIdentity, AgentVersion
from governance.access.selectors import authority_of
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.flows.conftest import World
from tests.flows.helpers import open_case
from tests.flows.test_people_over_rest import sign_in

PATH = "agent/version/"


def test_an_agent_says_its_own_version_and_no_other_ones(retail: World) -> None:
    said = retail.api.post(PATH, {"version": "2026-11-1", "note": "A shorter prompt."})
    assert said.status_code == 200
    assert said.json()["version"] == "2026-11-1"
    agent = AgentIdentity.objects.get(public_id=said.json()["agent"])
    again = retail.api.post(PATH, {"version": "2026-11-1"})
    assert again.json()["began_at"] == said.json()["began_at"]
    assert AgentVersion.objects.count() == 1
    unknown = {"version": "x", "agent": "019ab000-0000-7000-8000-000000000001"}
    assert retail.api.post(PATH, unknown).status_code == 404
    assert retail.api.post(PATH, {"version": " "}).status_code == 422
    entries = LedgerEntry.objects.filter(kind="agent.version_declared")
    assert list(entries.values_list("stream", flat=True)) == [f"agent:{agent.public_id}"]


def test_a_person_names_the_agent_and_owns_it(retail: World) -> None:
    agent = AgentIdentity.objects.select_related("owner").get(name="Store assistant")
    person = sign_in(retail, "specialist")
    unnamed = person.post(PATH, {"version": "2"})
    assert unnamed.status_code == 422
    assert [error["field"] for error in unnamed.json()["errors"]] == ["agent"]
    body = {"version": "2", "agent": str(agent.public_id)}
    assert person.post(PATH, body).status_code == 403
    AgentIdentity.objects.filter(pk=agent.pk).update(owner=retail.people["specialist"])
    assert person.post(PATH, body).status_code == 200


def test_handoffs_are_told_apart_by_what_the_agent_ran_as(retail: World) -> None:
    for number, label in enumerate(("1", "2")):
        retail.api.post(PATH, {"version": label})
        case = open_case(retail, external_ref=f"ran-{number}")
        body = {"to": {"queue": "care"}, "reason_code": "customer_request"}
        assert retail.api.post(f"cases/{case}/handoffs/", body).status_code == 201
    for found in Handoff.objects.all():
        taken = sign_in(retail, "specialist").post(f"handoffs/{found.public_id}/accept/", {})
        assert taken.status_code == 200, taken.content
    rows = list_served(
        authority=authority_of(retail.people["specialist"].as_actor()),
        since=clock.now() - timedelta(days=1),
    )
    assert [(row.sender, row.version, row.taken) for row in rows] == [
        ("Store assistant", "1", 1),
        ("Store assistant", "2", 1),
    ]
