"""Skills over REST: read by who reads access, noted by who manages it."""

import json
from typing import Any

import pytest
from django.test import Client

from governance.access.types import Role
from governance.skills.models import SkillHolding
from tests.factories.access import make_person
from tests.factories.skills import make_skill

pytestmark = pytest.mark.django_db
PATH = "/api/v1/skills/"


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


def test_a_skill_is_read_given_and_taken() -> None:
    make_skill("spanish")
    lena = make_person("lena")
    client = sign_in(Role.ADMINISTRATOR)
    [listed] = client.get(PATH).json()["results"]
    assert listed == {"key": "spanish", "title": "Spanish", "kind": "language", "from_risk": ""}
    assert client.get(f"{PATH}spanish/").json() == listed
    given = {"person": str(lena.public_id), "reason": "Passed the test."}
    for request_key, changed in (("1", True), ("2", False)):
        answer = post(client, f"{PATH}spanish/holders/", request_key, **given)
        assert (answer.status_code, answer.json()) == (200, {"changed": changed})
    [holder] = client.get(f"{PATH}spanish/holders/").json()["results"]
    assert (holder["person"], holder["name"]) == (str(lena.public_id), lena.label)
    take = f"{PATH}spanish/holders/{lena.public_id}/take/"
    assert post(client, take, "3", reason="Out of practice.").json() == {"changed": True}
    assert client.get(f"{PATH}spanish/holders/").json()["results"] == []


def test_what_is_not_there_is_not_found() -> None:
    make_skill("spanish")
    client = sign_in(Role.ADMINISTRATOR)
    assert client.get(f"{PATH}zulu/").json()["code"] == "not_found.skill"
    nobody = {"person": "01890000-0000-7000-8000-000000000000", "reason": "Passed the test."}
    assert post(client, f"{PATH}spanish/holders/", "1", **nobody).status_code == 404


def test_who_does_not_manage_access_changes_nothing() -> None:
    make_skill("spanish")
    lena = make_person("lena")
    given = {"person": str(lena.public_id), "reason": "Passed the test."}
    supervisor = sign_in(Role.SUPERVISOR)
    assert supervisor.get(f"{PATH}spanish/holders/").status_code == 200
    assert post(supervisor, f"{PATH}spanish/holders/", "1", **given).status_code == 403
    assert sign_in(Role.HUMAN_AGENT).get(PATH).status_code == 403
    assert not SkillHolding.objects.exists()
