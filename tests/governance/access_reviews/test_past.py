"""Authority at a past moment, against the acts that made and took it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access import services as access
from governance.access.models import (
    AgentIdentity,
    AgentQueueGrant,
    Queue,
    QueueGroupGrant,
    QueueUserGrant,
    User,
)
from governance.access.types import QueueGrant, Role
from governance.access_reviews.holdings import read_holdings
from governance.access_reviews.past import read_past
from governance.access_reviews.rules import voters_by_queue
from orchestra.core import clock
from tests.factories.access import grant, make_agent, make_person, make_token

pytestmark = pytest.mark.django_db
PAST_QUERIES = 1


def move_back(days: int) -> None:
    """Let all that was recorded so far have happened some days earlier."""
    models: list[Any] = [QueueUserGrant, QueueGroupGrant, AgentQueueGrant, AgentIdentity]
    for model in models:
        for row in model.history.all():
            row.history_date -= timedelta(days=days)
            row.save()
    User.objects.update(date_joined=clock.now() - timedelta(days=400))


def keys(at: datetime) -> set[str]:
    return {one.key for one in read_past(at=at)[0].grants}


def test_now_it_is_what_stands(people: dict[str, User]) -> None:
    del people
    move_back(1)
    now = clock.now()
    present = read_holdings(now=now)
    past, given = read_past(at=now)
    assert [one.key for one in past.grants] == [one.key for one in present.grants]
    assert past.people == present.people
    assert past.agents == present.agents
    assert set(given) == {one.key for one in past.grants}


def test_a_role_taken_since_was_held_then(people: dict[str, User]) -> None:
    move_back(1)
    jonas, now = people["jonas"], clock.now()
    access.take_role(actor=people["petra"].as_actor(), now=now, user=jonas, role=Role.SPECIALIST)
    key = f"role:{jonas.public_id}:specialist"
    assert key in keys(now - timedelta(hours=1))
    assert key not in keys(now)
    assert key not in keys(now - timedelta(days=101))
    given = read_past(at=now - timedelta(hours=1))[1][key]
    assert given.by == "petra"


def test_who_could_vote_then_is_asked_of_the_same_rule(
    people: dict[str, User], returns: Queue
) -> None:
    move_back(2)
    access.revoke_queue(
        actor=people["petra"].as_actor(),
        now=clock.now(),
        user=people["maren"],
        queue=returns,
        grant=QueueGrant.VOTE,
    )
    voters = voters_by_queue(read_past(at=clock.now() - timedelta(days=1))[0])
    assert str(people["maren"].public_id) in voters[str(returns.public_id)]
    voters = voters_by_queue(read_past(at=clock.now())[0])
    assert str(people["maren"].public_id) not in voters[str(returns.public_id)]


def test_before_anything_was_granted_nothing_stood(people: dict[str, User]) -> None:
    del people
    past, _given = read_past(at=clock.now() - timedelta(days=500))
    assert past.grants == ()
    assert past.people == {}
    assert not any(agent.active for agent in past.agents)


def test_a_token_and_an_agent_stood_until_they_went(people: dict[str, User]) -> None:
    move_back(1)
    agent, now = AgentIdentity.objects.get(), clock.now()
    access.disable_agent(actor=people["petra"].as_actor(), now=now, agent=agent)
    before, after = (read_past(at=moment)[0] for moment in (now - timedelta(hours=1), clock.now()))
    assert [one.active for one in before.agents] == [True]
    assert [one.active for one in after.agents] == [False]
    assert any(one.key.startswith("token:") for one in before.grants)
    assert not any(one.key.startswith("token:") for one in after.grants)


@pytest.mark.parametrize("more", [0, 20])
def test_it_asks_as_often_for_more_grants(
    people: dict[str, User],
    returns: Queue,
    more: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _number in range(more):
        person = make_person(roles=[Role.SUPERVISOR])
        grant(person, returns, QueueGrant.VOTE)
        make_token(make_agent(owner=people["jonas"], queues=[returns]))
    with django_assert_num_queries(PAST_QUERIES):
        read_past(at=clock.now())
