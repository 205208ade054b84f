"""A token and what its agent holds by it are read together, in one query."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access.bearers import agent_authority, as_uuids, find_bearer
from governance.access.models import AgentQueueGrant
from governance.access.selectors import authority_of
from orchestra.core.history import acting
from tests.factories.access import FACTORY, make_agent, make_person, make_queue, make_token

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize("queues", [0, 1, 3])
def test_a_bearer_holds_what_is_read_of_its_agent_by_that_token(
    queues: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    agent = make_agent(queues=[make_queue() for _ in range(queues)], acts_for=make_person())
    credential, token = make_token(agent)
    with django_assert_num_queries(1):
        found = find_bearer(token=token, now=NOW)
    assert found is not None
    shown, authority = found
    assert shown == credential
    assert authority == authority_of(authority.actor)
    assert authority.actor.via == str(credential.public_id)
    assert len(authority.queue_grants) == queues


def test_a_grant_that_ended_carries_nothing() -> None:
    agent = make_agent(queues=[make_queue(), make_queue()])
    _credential, token = make_token(agent)
    grant = AgentQueueGrant.objects.filter(agent=agent).first()
    assert grant is not None
    with acting(FACTORY):
        grant.since_at = datetime.now(UTC) - timedelta(minutes=2)
        grant.until_at = datetime.now(UTC) - timedelta(minutes=1)
        grant.save()
    found = find_bearer(token=token, now=NOW)
    assert found is not None
    assert grant.queue_id not in found[1].queue_grants
    assert len(found[1].queue_grants) == 1


@pytest.mark.parametrize("change", ["revoked", "expired", "stopped", "person", "over"])
def test_a_token_that_no_longer_stands_finds_nothing(change: str) -> None:
    agent = make_agent(acts_for=make_person())
    assert agent.acts_for is not None
    credential, token = make_token(agent)
    assert find_bearer(token=token, now=NOW) is not None
    with acting(FACTORY):
        if change == "revoked":
            credential.revoked_at = NOW
            credential.save()
        elif change == "stopped":
            agent.is_active = False
            agent.save()
        elif change == "person":
            agent.acts_for.is_active = False
            agent.acts_for.save()
        elif change == "over":
            agent.ends_at = NOW
            agent.save()
    now = credential.expires_at if change == "expired" else NOW
    assert find_bearer(token=token, now=now) is None


def test_another_tokens_text_finds_nothing() -> None:
    _credential, token = make_token(make_agent())
    assert find_bearer(token=token[:-1] + ("a" if token[-1] != "a" else "b"), now=NOW) is None
    assert find_bearer(token="orc_unknown", now=NOW) is None


def test_ids_that_are_none_are_left_out() -> None:
    agent = make_agent()
    assert as_uuids([str(agent.public_id), "no id", ""]) == [agent.public_id]
    unknown = agent_authority(make_agent().as_actor())
    assert unknown.active
