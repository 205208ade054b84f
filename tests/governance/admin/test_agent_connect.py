"""Connecting an AI agent: made with its bounds and token at once, or nothing of it."""

from typing import Any

import pytest
from django.test import Client

from governance.access.models import AgentIdentity, ApiCredential, Queue, User
from governance.access.types import Budget, Role
from governance.ledger.models import LedgerEntry
from tests.factories.access import make_agent, make_person, make_queue
from tests.governance.admin.test_changes import sign_in

pytestmark = pytest.mark.django_db
LINK = "/admin/agents/connect/"
REASON = "Takes returns by chat."


@pytest.fixture
def petra(db: None) -> User:
    del db
    make_queue("care", title="Care", is_default=True)
    make_queue("returns", title="Returns")
    return make_person("petra", roles=[Role.ADMINISTRATOR], first_name="Petra")


@pytest.fixture
def client(petra: User) -> Client:
    return sign_in(petra)


@pytest.fixture
def nils() -> User:
    return make_person("nils", first_name="Nils", last_name="Berg")


def fields(person: User, **more: Any) -> dict[str, Any]:
    return {
        "name": "Returns bot",
        "owner": str(person.public_id),
        "queues": ["care", "returns"],
        "reason": REASON,
        **more,
    }


def test_the_form_offers_people_queues_and_bounds(client: Client, nils: User) -> None:
    disabled = make_person("gone", first_name="Gone", is_active=False)
    page = client.get(LINK).content.decode()
    assert str(nils.public_id) in page
    assert str(disabled.public_id) not in page
    assert 'value="care" checked' in page
    assert 'value="returns">' in page
    assert "New contacts arrive in Care" in page
    assert LINK in client.get("/admin/agents/").content.decode()


def test_it_is_made_with_bounds_and_a_token_shown_once(client: Client, nils: User) -> None:
    shown = client.post(LINK, fields(nils, calls_per_hour="60", writes_per_day="5"))
    agent = AgentIdentity.objects.get()
    assert (agent.name, agent.owner) == ("Returns bot", nils)
    assert agent.budget() == Budget(calls_per_hour=60, writes_per_day=5)
    assert set(agent.queues.values_list("key", flat=True)) == {"care", "returns"}
    token = ApiCredential.objects.get()
    page = shown.content.decode()
    assert f"orc_{token.prefix.removeprefix('orc_')}_" in page
    assert f"/admin/agents/{agent.public_id}/first-calls/" in page
    assert "no-store" in shown.headers["Cache-Control"]
    kinds = list(
        LedgerEntry.objects.filter(stream=f"agent:{agent.public_id}").values_list("kind", flat=True)
    )
    assert kinds == ["agent.created", "agent.limited", "token.issued"]


def test_without_bounds_none_are_recorded(client: Client, nils: User) -> None:
    client.post(LINK, fields(nils))
    assert AgentIdentity.objects.get().budget() == Budget()
    assert not LedgerEntry.objects.filter(kind="agent.limited").exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "Name the agent."),
        ({"name": "n" * 201}, "Use at most 200 characters."),
        ({"name": "Taken"}, "Another agent has this name."),
        ({"owner": "nobody"}, "Choose who answers for it."),
        ({"owner": "00000000-0000-7000-8000-00000000dead"}, "Choose who answers for it."),
        ({"reason": ""}, "Say why"),
        ({"calls_per_hour": "many"}, "Give a whole number"),
        # Found after the agent was made, in the same act.
        ({"calls_per_hour": "9999999"}, "Give a number from 0 to"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(
    client: Client, nils: User, wrong: dict[str, str], said: str
) -> None:
    make_agent("Taken", owner=nils)
    entries = LedgerEntry.objects.count()
    answer = client.post(LINK, fields(nils, **wrong))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert wrong.get("reason", REASON) in page
    assert 'value="returns" checked' in page
    assert list(AgentIdentity.objects.values_list("name", flat=True)) == ["Taken"]
    assert not ApiCredential.objects.exists()
    assert LedgerEntry.objects.count() == entries


def test_nobody_connects_their_own_where_another_could(client: Client, petra: User) -> None:
    make_person("second", roles=[Role.ADMINISTRATOR])
    answer = client.post(LINK, fields(petra))
    assert answer.status_code == 422
    assert "This AI agent is yours" in answer.content.decode()
    assert not AgentIdentity.objects.exists()
    refused = LedgerEntry.objects.get(kind="act.refused")
    assert refused.actor_id == str(petra.public_id)


def test_who_does_not_manage_access_does_not_find_it(petra: User, nils: User) -> None:
    del petra
    reader = sign_in(make_person(roles=[Role.COMPLIANCE_OFFICER]))
    assert reader.get(LINK).status_code == 404
    assert reader.post(LINK, fields(nils)).status_code == 404
    assert LINK not in reader.get("/admin/agents/").content.decode()
    assert not AgentIdentity.objects.exists()
    assert Queue.objects.count() == 2
