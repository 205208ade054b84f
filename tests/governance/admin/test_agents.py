"""One AI agent as a page: what is shown, and every act on it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from governance.access.models import AgentIdentity, AgentVersion, ApiCredential, Queue, User
from governance.access.types import Budget, Role
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.factories.access import make_agent, make_person, make_queue, make_token
from tests.governance.admin.test_changes import sign_in, text_of

pytestmark = pytest.mark.django_db
QUERIES = 10


@pytest.fixture
def returns(db: None) -> Queue:
    del db
    return make_queue("returns", title="Returns")


@pytest.fixture
def petra(db: None) -> User:
    del db
    return make_person("petra", roles=[Role.ADMINISTRATOR], first_name="Petra")


@pytest.fixture
def agent(returns: Queue) -> AgentIdentity:
    owner = make_person("nils", first_name="Nils", last_name="Berg")
    return make_agent("Returns assistant", owner=owner, queues=[returns])


def link(agent: AgentIdentity) -> str:
    return f"/admin/agents/{agent.public_id}/"


def post(person: User, agent: AgentIdentity, act: str, **data: Any) -> str:
    answer = sign_in(person).post(f"{link(agent)}acts/{act}/", data, follow=True)
    return " ".join(answer.content.decode().split())


def live_token(agent: AgentIdentity, days: int = 60) -> ApiCredential:
    return make_token(agent, expires_at=clock.now() + timedelta(days=days))[0]


def test_it_says_whose_it_is_and_what_it_carries(petra: User, agent: AgentIdentity) -> None:
    live_token(agent)
    live_token(agent, days=3)
    page = text_of(sign_in(petra), link(agent))
    for words in (
        "Nils Berg",
        "Returns",
        "all that AI agents may",
        "every tool",
        "never used",
        "ends soon",
        "no bound",
        "It has no end of its own",
    ):
        assert words in page
    assert page.count("ends soon") == 1


def test_who_only_reads_changes_nothing(agent: AgentIdentity) -> None:
    token = live_token(agent)
    reader = make_person("reader", roles=[Role.COMPLIANCE_OFFICER])
    client = sign_in(reader)
    page = text_of(client, link(agent))
    for words in ("Stop it", "Issue a token", "Rotate", "New owner"):
        assert words not in page
    for path in (f"{link(agent)}acts/stop/", f"/admin/agents/tokens/{token.public_id}/rotate/"):
        assert client.post(path, {"reason": "x"}).status_code == 404
    agent.refresh_from_db()
    assert agent.is_active
    assert sign_in(make_person(roles=[Role.HUMAN_AGENT])).get(link(agent)).status_code == 404


def test_bounds_are_set_and_shown(petra: User, agent: AgentIdentity) -> None:
    day = (clock.now() + timedelta(days=30)).date().isoformat()
    fields = {"calls_per_hour": "60", "calls_per_day": "", "writes_per_day": "5", "ends_on": day}
    page = post(petra, agent, "limit", reason="Trial.", **fields)
    assert "Returns assistant: Set." in page
    agent.refresh_from_db()
    assert agent.budget() == Budget(calls_per_hour=60, writes_per_day=5)
    assert agent.ends_at is not None
    assert agent.ends_at.date().isoformat() == day
    assert "of 60" in page
    assert "No token is accepted after" in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"calls_per_hour": "-1"}, "Give a whole number"),
        ({"calls_per_hour": "many"}, "Give a whole number"),
        ({"ends_on": "tomorrow"}, "Give a day"),
        ({"ends_on": "2001-01-01"}, "The end has to lie in the future."),
        ({"reason": " "}, "Say why"),
    ],
)
def test_what_is_wrong_is_said(
    petra: User, agent: AgentIdentity, fields: dict[str, str], said: str
) -> None:
    assert said in post(petra, agent, "limit", **{"reason": "x", **fields})
    agent.refresh_from_db()
    assert (agent.budget(), agent.ends_at) == (Budget(), None)


def test_an_owner_does_not_loosen_their_own(petra: User) -> None:
    own = make_agent("Own", owner=petra, calls_per_hour=5)
    assert "another administrator loosens" in text_of(sign_in(petra), link(own))
    assert "You own this agent." in post(petra, own, "limit", calls_per_hour="6", reason="x")
    own.refresh_from_db()
    assert own.calls_per_hour == 5
    refused = LedgerEntry.objects.get(kind="act.refused")
    assert refused.actor_id == str(petra.public_id)
    assert "New owner" not in text_of(sign_in(petra), link(own))
    other = make_person("heir")
    assert "You own this agent." in post(
        petra, own, "transfer", owner=str(other.public_id), reason="x"
    )


def test_another_owner(petra: User, agent: AgentIdentity) -> None:
    heir = make_person("heir", first_name="Ida", last_name="Holm")
    page = post(petra, agent, "transfer", owner=str(heir.public_id), reason="Team moved.")
    assert "It has another owner." in page
    assert "Ida Holm" in page
    nobody = sign_in(petra).post(f"{link(agent)}acts/transfer/", {"owner": "nobody", "reason": "x"})
    assert nobody.status_code == 404


def test_stopped_by_one_and_started_by_another(petra: User, agent: AgentIdentity) -> None:
    token = live_token(agent)
    page = post(petra, agent, "stop", reason="It loops.")
    assert "Petra stopped it on" in page
    assert "It loops." in page
    assert "do not start it again" in page
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert "You stopped it." in post(petra, agent, "start", reason="x")
    second = make_person("second", roles=[Role.ADMINISTRATOR])
    assert "Started. It needs a new token." in post(second, agent, "start", reason="Mended.")
    agent.refresh_from_db()
    assert agent.is_active


def test_a_token_that_carries_less(petra: User, agent: AgentIdentity) -> None:
    client = sign_in(petra)
    path = f"{link(agent)}token/"
    shown = client.post(path, {"scope": "read", "tools": ["get_order"], "days": "30"})
    assert "Copy this token now" in shown.content.decode()
    page = text_of(client, link(agent))
    assert "read only · get_order" in page
    count = ApiCredential.objects.count()
    for wrong in ({"scope": "god"}, {"days": "0"}, {"days": "9999"}):
        assert "alert is-danger" in client.post(path, wrong, follow=True).content.decode()
    assert ApiCredential.objects.count() == count


def test_a_token_is_rotated_and_shown_once(petra: User, agent: AgentIdentity) -> None:
    old = live_token(agent)
    client = sign_in(petra)
    path = f"/admin/agents/tokens/{old.public_id}/rotate/"
    wrong = client.post(path, {"overlap": "9999"}, follow=True).content.decode()
    assert "at most seven days" in wrong
    shown = client.post(path, {"overlap": "24"})
    assert "no-store" in shown.headers["Cache-Control"]
    new = ApiCredential.objects.get(replaces=old)
    assert f"orc_{new.prefix}_" in shown.content.decode()
    old.refresh_from_db()
    assert old.expires_at < clock.now() + timedelta(days=1, minutes=1)
    again = client.post(path, {"overlap": "24"}, follow=True).content.decode()
    assert "was replaced already" in again


def test_what_is_not_there_is_not_found(petra: User, agent: AgentIdentity, client: Client) -> None:
    del client
    nowhere = "/admin/agents/00000000-0000-7000-8000-00000000dead/"
    assert sign_in(petra).get(nowhere).status_code == 404
    assert sign_in(petra).post(f"{link(agent)}acts/promote/").status_code == 404


def test_the_queries_do_not_grow_with_tokens(
    petra: User, agent: AgentIdentity, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = sign_in(petra)
    for _round in range(2):
        for _each in range(3):
            live_token(agent)
        with django_assert_num_queries(QUERIES):
            client.get(link(agent))


def test_its_owner_notes_the_version_it_runs_as() -> None:
    owner = make_person("oda", roles=[Role.ADMINISTRATOR])
    agent = make_agent("Returns bot")
    client = sign_in(owner)
    page = f"/admin/agents/{agent.public_id}/"
    assert "no version was said yet" in client.get(page).content.decode()
    answer = client.post(f"{page}version/", {"label": "2026-11-1", "note": "Shorter."}, follow=True)
    text = " ".join(answer.content.decode().split())
    assert "<b>2026-11-1</b>" in text
    assert ": Shorter." in text
    refused = client.post(f"{page}version/", {"label": ""}, follow=True).content.decode()
    assert "alert is-danger" in refused
    assert AgentVersion.objects.count() == 1
    stranger = sign_in(make_person("maren", roles=[Role.SUPERVISOR]))
    assert "Note the version" not in stranger.get(page).content.decode()
    stranger.post(f"{page}version/", {"label": "mine"})
    assert AgentVersion.objects.count() == 1
