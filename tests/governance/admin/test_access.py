import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access.models import AgentIdentity, ApiCredential
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from tests.factories.access import make_person
from tests.flows.conftest import World
from tests.governance.admin.conftest import Browser

PAGE_QUERIES = 8


def test_access_names_people_roles_and_queues_and_leads_to_what_roles_carry(
    retail: World, browser: Browser
) -> None:
    del retail
    text = browser("compliance").get("/admin/access/").content.decode()
    for part in ("Maren Osei", "Compliance officer", "read, vote, work", "/admin/access/matrix/"):
        assert part in text, part
    assert "password" not in text.split("<main")[1].lower()


def test_access_leads_to_what_is_handed_over(retail: World, browser: Browser) -> None:
    del retail
    client = browser("operator")
    text = client.get("/admin/access/").content.decode()
    assert '<a class="btn" href="/admin/access/handing-over/">Handing over</a>' in text
    assert client.get("/admin/access/handing-over/").status_code == 200


@pytest.mark.parametrize("more", [0, 3])
def test_access_asks_as_often_for_more_people(
    retail: World, browser: Browser, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    del retail
    client = browser("operator")
    client.get("/admin/access/")
    for number in range(more):
        make_person(f"p{number}", roles=[Role.SUPERVISOR])
    with django_assert_num_queries(PAGE_QUERIES):
        client.get("/admin/access/")


def test_a_token_is_shown_once_and_revoked_for_good(retail: World, browser: Browser) -> None:
    del retail
    agent = AgentIdentity.objects.get()
    client = browser("operator")
    issued = client.post(f"/admin/agents/{agent.public_id}/token/")
    assert "no-store" in issued.headers["Cache-Control"]
    token = ApiCredential.objects.latest("pk")
    text = issued.content.decode()
    assert f"orc_{token.prefix}" in text
    assert token.token_hash not in text

    listed = client.get("/admin/agents/").content.decode()
    assert f"orc_{token.prefix}_…" in listed
    assert text.split('class="code">')[1].split("<")[0] not in listed

    revoke = f"/admin/agents/tokens/{token.public_id}/revoke/"
    assert b"It stopped working at once." in client.post(revoke, follow=True).content
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert "revoked" in client.get("/admin/agents/").content.decode()
    assert client.post("/admin/agents/tokens/" + "0" * 8 + revoke[29:]).status_code == 404


def test_who_may_only_read_access_changes_nothing(retail: World, browser: Browser) -> None:
    del retail
    agent = AgentIdentity.objects.get()
    before = ApiCredential.objects.count()
    client = browser("supervisor")
    text = client.get("/admin/agents/").content.decode()
    assert "Store assistant" in text
    assert "Issue a token" not in text
    assert client.post(f"/admin/agents/{agent.public_id}/token/").status_code == 404
    assert ApiCredential.objects.count() == before


def test_a_disabled_agent_gets_no_token_and_the_refusal_is_told(
    retail: World, browser: Browser
) -> None:
    del retail
    AgentIdentity.objects.update(is_active=False)
    agent = AgentIdentity.objects.get()
    before = ApiCredential.objects.count()
    answer = browser("operator").post(f"/admin/agents/{agent.public_id}/token/", follow=True)
    assert b"alert is-danger" in answer.content
    assert ApiCredential.objects.count() == before
    assert (
        not LedgerEntry.objects.filter(kind="token.issued", stream=f"agent:{agent.public_id}")
        .filter(actor_kind="human")
        .exists()
    )
