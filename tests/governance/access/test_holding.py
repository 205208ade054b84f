"""What has ended carries nothing from that moment on, though no worker ever runs."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access import selectors
from governance.access.holding import ROLE, live_rows
from governance.access.models import (
    AgentQueueGrant,
    KindGroupGrant,
    KindUserGrant,
    Queue,
    QueueGroupGrant,
    QueueUserGrant,
    RoleHolding,
    User,
)
from governance.access.types import QueueGrant, Role
from governance.admin import reads
from orchestra.core.together import answer
from tests.factories.access import (
    grant,
    make_agent,
    make_person,
    make_queue,
    make_supervisor,
)

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


def over(rows: object) -> None:
    """Let grants have ended, by the clock of the database."""
    rows.update(since_at=LONG_AGO, until_at=BEFORE)  # type: ignore[attr-defined]


def later(rows: object) -> None:
    """Let grants end in a century."""
    rows.update(until_at=BEFORE + timedelta(days=36_500))  # type: ignore[attr-defined]


@pytest.fixture
def voter(returns: Queue) -> User:
    return make_supervisor(returns, "voter")


def voters(queue: Queue) -> list[User]:
    return selectors.list_eligible_voters(queue_id=queue.pk, roles=(), barred_ids=())


def test_an_ended_role_carries_nothing_for_any_reader(returns: Queue, voter: User) -> None:
    team = make_person("team", roles=[Role.SUPERVISOR])
    grant(team.groups.get(), returns, QueueGrant.VOTE)
    later(RoleHolding.objects)
    assert selectors.authority_of(team.as_actor()).queue_grants == {returns.pk: {QueueGrant.VOTE}}
    assert voters(returns) == [team, voter]
    over(RoleHolding.objects)
    authorities = selectors.authorities_of([str(one.public_id) for one in (voter, team)])
    assert [one.roles for one in authorities.values()] == [frozenset(), frozenset()]
    # What the role held goes with it; what the person holds of their own stays, and is idle.
    assert selectors.authority_of(team.as_actor()).queue_grants == {}
    assert voters(returns) == []
    assert list(selectors.with_a_role(["supervisor"])) == []
    assert [person.roles_held for person in reads.list_people()] == [[], []]  # type: ignore[attr-defined]
    assert (
        answer(reads.reading_voted_queues(roles=["supervisor"], grant=QueueGrant.VOTE))
        == frozenset()
    )


def test_an_ended_grant_of_a_person_carries_nothing(returns: Queue, voter: User) -> None:
    later(QueueUserGrant.objects)
    assert voters(returns) == [voter]
    over(QueueUserGrant.objects)
    authority = selectors.authority_of(voter.as_actor())
    assert (authority.roles, authority.queue_grants) == ({Role.SUPERVISOR}, {})
    assert voters(returns) == []
    assert reads.grants_of_person(voter) == {}
    assert [person.own_grants for person in reads.list_people()] == [[]]  # type: ignore[attr-defined]


def test_an_ended_grant_of_a_role_carries_nothing(returns: Queue) -> None:
    team = make_person("team", roles=[Role.SUPERVISOR])
    grant(team.groups.get(), returns, QueueGrant.VOTE)
    over(QueueGroupGrant.objects)
    assert selectors.authority_of(team.as_actor()).queue_grants == {}
    assert voters(returns) == []
    assert reads.grants_of_role(Role.SUPERVISOR) == {}
    assert list(reads.list_role_grants()) == []


def test_an_ended_grant_of_an_agent_carries_nothing(returns: Queue) -> None:
    care = make_queue("care")
    agent = make_agent(queues=[returns, care])
    over(AgentQueueGrant.objects.filter(queue=returns))
    later(AgentQueueGrant.objects.filter(queue=care))
    assert selectors.authority_of(agent.as_actor()).queue_grants.keys() == {care.pk}
    assert [one.queue for one in reads.list_agents()[0].queue_grants] == [care]  # type: ignore[attr-defined]


def test_the_grant_of_every_document_ends_too() -> None:
    owner = make_person(roles=[Role.POLICY_OWNER])
    assert selectors.authority_of(owner.as_actor()).every_kind == {"policy", "cue_sheet"}
    over(KindGroupGrant.objects)
    KindUserGrant.objects.bulk_create([KindUserGrant(user=owner, kind="policy")])
    assert selectors.authority_of(owner.as_actor()).every_kind == {"policy"}
    over(KindUserGrant.objects)
    assert selectors.authority_of(owner.as_actor()).every_kind == frozenset()


def test_two_queries_for_people_whatever_their_number_and_one_for_an_agent(
    returns: Queue, voter: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = [make_supervisor(returns) for _ in range(4)]
    agent = make_agent(queues=[returns, make_queue()]).as_actor()
    with django_assert_num_queries(2):
        selectors.authorities_of([str(one.public_id) for one in (voter, *people)])
    with django_assert_num_queries(2):
        selectors.authority_of(voter.as_actor())
    with django_assert_num_queries(1):
        selectors.authority_of(agent)


def test_a_row_of_a_group_is_a_held_role() -> None:
    person = make_person(roles=[Role.SUPERVISOR])
    [held] = RoleHolding.objects.all()
    assert (held.user, held.group) == (person, person.groups.get())
    assert selectors.authority_of(person.as_actor()).roles == {Role.SUPERVISOR}


def test_each_of_several_people_is_told_what_is_theirs(returns: Queue) -> None:
    supervisor, nobody = make_supervisor(returns, "one"), make_person("nobody")
    agent = make_person("two", roles=[Role.HUMAN_AGENT])
    for asked in ([supervisor, nobody, agent], [agent, supervisor, nobody], [nobody], []):
        rows = live_rows([person.pk for person in asked])
        roles = {(pk, code) for pk, what, _number, code in rows if what == ROLE}
        wanted = {(supervisor.pk, "supervisor"), (agent.pk, "human_agent")}
        assert roles == {(pk, code) for pk, code in wanted if pk in {one.pk for one in asked}}
