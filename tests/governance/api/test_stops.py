"""Stops over REST: by people, read by everybody they stop."""

import json
from typing import Any

import pytest
from django.test import Client

from governance.access.types import Role
from governance.switches.models import Stop
from tests.factories.access import make_agent, make_person

pytestmark = pytest.mark.django_db
PATH = "/api/v1/stops/"


def sign_in(role: Role) -> Client:
    client = Client()
    client.force_login(
        make_person(roles=[role]), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def post(client: Client, path: str, request_key: str, /, **body: Any) -> Any:
    return client.post(
        path,
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": request_key},
    )


def test_an_agent_is_stopped_listed_and_lifted() -> None:
    agent = make_agent("Returns bot")
    client = sign_in(Role.SUPERVISOR)
    made = post(client, PATH, "1", scope="agent", key="Returns bot", reason="It refunds twice.")
    assert made.status_code == 201
    told = made.json()
    assert (told["key"], told["scope"]) == (str(agent.public_id), "agent")
    again = post(client, PATH, "2", scope="agent", key="Returns bot", reason="It refunds twice.")
    assert (again.status_code, again.json()["code"]) == (409, "stop.stands")
    assert [one["id"] for one in client.get(PATH).json()["results"]] == [told["id"]]

    done = post(client, f"{PATH}{told['id']}/lift/", "3", reason="Corrected.")

    assert done.json()["lift_reason"] == "Corrected."
    assert client.get(PATH).json()["results"] == []
    lifted = client.get(PATH, {"state": "lifted"}).json()["results"]
    assert [one["id"] for one in lifted] == [told["id"]]


def test_everything_waits_for_a_second_person_or_is_kept() -> None:
    first, second = sign_in(Role.SUPERVISOR), sign_in(Role.COMPLIANCE_OFFICER)
    stop_id = post(first, PATH, "1", scope="everything", reason="An attack.").json()["id"]
    asked = post(first, f"{PATH}{stop_id}/lift/", "2", reason="Over.")
    assert asked.json()["lifted_at"] is None
    refused = post(first, f"{PATH}{stop_id}/lift/", "3", reason="Over.")
    assert (refused.status_code, refused.json()["code"]) == (403, "stop.two_people")
    assert post(second, f"{PATH}{stop_id}/keep/", "4").json()["lift_asked_by"] == ""
    assert Stop.objects.get().lifted_at is None


def test_who_may_not_stop_changes_nothing() -> None:
    answer = post(sign_in(Role.HUMAN_AGENT), PATH, "1", scope="everything", reason="Lunch.")
    assert answer.status_code == 403
    assert not Stop.objects.exists()
