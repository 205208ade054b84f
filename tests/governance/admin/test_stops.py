"""Stops as a page: what stands, who may lift it, and what is said where it holds something up."""

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.switches.models import Stop
from tests.factories.access import make_agent, make_person
from tests.governance.admin.test_changes import sign_in

pytestmark = pytest.mark.django_db
STOPS = "/admin/stops/"


@pytest.fixture
def maren(db: None) -> User:
    del db
    return make_person("maren", roles=[Role.SUPERVISOR], first_name="Maren")


@pytest.fixture
def oda(db: None) -> User:
    del db
    return make_person("oda", roles=[Role.ADMINISTRATOR], first_name="Oda")


def post(client: Client, path: str, **typed: str) -> tuple[int, str]:
    answer = client.post(path, typed, follow=True)
    return answer.status_code, " ".join(answer.content.decode().split())


def test_a_supervisor_stops_an_agent_and_lifts_it_again(maren: User) -> None:
    agent = make_agent("Returns bot")
    client = sign_in(maren)
    assert "Nothing is stopped" in client.get(STOPS).content.decode()
    what = f"agent:{agent.public_id}"
    status, text = post(client, f"{STOPS}begin/", what=what, reason="It refunds twice.")
    assert status == 200
    assert "Nothing new of it begins from now on." in text
    assert "1 stop is in force" in text
    assert f'value="{what}"' not in text
    assert "The AI agent Returns bot is stopped" in client.get("/admin/").content.decode()
    row = Stop.objects.get()

    _, text = post(client, f"{STOPS}{row.public_id}/lift/", reason="Corrected.")

    assert "What waited goes on within seconds" in text
    assert "Nothing is stopped" in text
    assert "is stopped" not in client.get("/admin/").content.decode()


def test_everything_needs_two_to_start_again(maren: User, oda: User) -> None:
    first, second = sign_in(maren), sign_in(oda)
    post(first, f"{STOPS}begin/", what="everything:", reason="We are attacked.")
    lift = f"{STOPS}{Stop.objects.get().public_id}/lift/"
    _, text = post(first, lift, reason="Over.")
    assert "Everything stays stopped until another person agrees." in text
    assert "You asked for it, so another person agrees." in text
    _, text = post(first, lift, reason="Over.")
    assert "You asked for this, so another person agrees." in text
    refused = LedgerEntry.objects.get(kind="act.refused")
    assert refused.actor_id == str(maren.public_id)
    assert "Agree and lift" in second.get(STOPS).content.decode()
    _, text = post(second, lift, reason="I agree.")
    assert "Nothing is stopped" in text


@pytest.mark.parametrize(
    ("what", "reason", "said"),
    [
        ("nonsense:x", "Why not.", "Choose what to stop."),
        ("agent:Nobody", "Why not.", "There is no AI agent of this id or name."),
        ("everything:", " ", "Say why; the reason is kept in the ledger."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    maren: User, what: str, reason: str, said: str
) -> None:
    status, text = post(sign_in(maren), f"{STOPS}begin/", what=what, reason=reason)
    assert status == 422
    assert said in text
    assert f'value="{reason}"' in text or not reason.strip()
    assert not Stop.objects.exists()


def test_who_may_not_stop_reads_who_may(maren: User) -> None:
    post(sign_in(maren), f"{STOPS}begin/", what="everything:", reason="We are attacked.")
    agent = sign_in(make_person("joris", roles=[Role.HUMAN_AGENT]))
    text = " ".join(agent.get(STOPS).content.decode().split())
    assert "We are attacked." in text
    assert "Stop it now" not in text
    assert "A supervisor, a compliance officer or an administrator lifts it." in text
    assert agent.post(f"{STOPS}begin/", {"what": "everything:", "reason": "x"}).status_code == 404
    assert Stop.objects.count() == 1
