"""What an actor holds, read from rows; whose token it is; who may vote."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from pytest_django import DjangoAssertNumQueries

from governance.access import selectors
from governance.access.models import ApiCredential, Queue, User
from governance.access.types import Capability, QueueGrant, Role
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.errors import NotFoundError, NotPermittedError
from orchestra.core.history import acting, save_as
from tests.factories.access import (
    FACTORY,
    grant,
    make_agent,
    make_person,
    make_queue,
    make_supervisor,
    make_token,
)

pytestmark = pytest.mark.django_db

UNKNOWN = "00000000-0000-7000-8000-00000000dead"


def test_a_person_holds_roles_and_grants_of_their_own_and_of_their_roles(returns: Queue) -> None:
    other = make_queue()
    person = make_person(roles=[Role.SUPERVISOR, Role.QA_LEAD])
    grant(person, returns, QueueGrant.VOTE)
    grant(Group.objects.get(name="supervisor"), returns, QueueGrant.READ)
    grant(Group.objects.get(name="supervisor"), other, QueueGrant.WORK)
    found = selectors.authority_of(person.as_actor())
    assert found.active
    assert found.roles == {Role.SUPERVISOR, Role.QA_LEAD}
    assert found.queue_grants == {
        returns.pk: {QueueGrant.VOTE, QueueGrant.READ},
        other.pk: {QueueGrant.WORK},
    }
    assert (found.owner, found.acts_for) == (None, None)


@pytest.mark.parametrize("size", [0, 1, 6])
def test_a_person_costs_two_queries_whatever_they_hold(
    size: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    queues = [make_queue() for _ in range(size)]
    person = make_person(
        roles=list(Role)[1 : size + 1], grants={queue: list(QueueGrant) for queue in queues}
    )
    for group in Group.objects.all():
        for queue in queues:
            grant(group, queue, QueueGrant.READ)
    with django_assert_num_queries(2):
        found = selectors.authority_of(person.as_actor())
    assert len(found.queue_grants) == size


@pytest.mark.parametrize("size", [0, 1, 6])
def test_an_agent_costs_one_query_whatever_it_holds(
    size: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    agent = make_agent(queues=[make_queue() for _ in range(size)], acts_for=make_person())
    with django_assert_num_queries(1):
        found = selectors.authority_of(agent.as_actor())
    assert len(found.queue_grants) == size


def test_several_people_cost_two_queries(
    returns: Queue, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ids = [str(make_supervisor(returns).public_id) for _ in range(5)]
    with django_assert_num_queries(2):
        found = selectors.authorities_of([*ids, UNKNOWN, "no uuid"])
    assert set(found) == set(ids)
    assert {each.actor.id for each in found.values()} == set(ids)


def test_an_agent_names_its_owner_and_whom_it_acts_for(returns: Queue) -> None:
    owner, behind = make_person(), make_person()
    agent = make_agent(owner=owner, acts_for=behind, queues=[returns])
    found = selectors.authority_of(agent.as_actor())
    assert found.active
    assert found.roles == {Role.AI_AGENT}
    assert found.queue_grants == {returns.pk: {QueueGrant.READ, QueueGrant.WORK}}
    assert (found.owner, found.acts_for) == (owner.as_actor(), behind.as_actor())


def test_a_disabled_person_holds_nothing(returns: Queue) -> None:
    person = make_supervisor(returns, is_active=False)
    found = selectors.authority_of(person.as_actor())
    assert not found.active
    with pytest.raises(NotPermittedError) as refused:
        selectors.require(authority=found, capability=Capability.CASE_READ, queue_id=returns.pk)
    assert refused.value.error_code == "access.disabled"
    assert selectors.readable_queue_ids(found, Capability.CASE_READ) == frozenset()


@pytest.mark.parametrize("what", ["agent", "person"])
def test_a_disabled_agent_or_one_who_acts_for_a_disabled_person_holds_nothing(
    returns: Queue, what: str
) -> None:
    behind = make_person(is_active=what != "person")
    agent = make_agent(acts_for=behind, queues=[returns], is_active=what != "agent")
    assert not selectors.authority_of(agent.as_actor()).active
    assert not selectors.is_live(agent.as_actor())


def test_an_agent_is_live_until_its_token_is_revoked(returns: Queue) -> None:
    agent = make_agent(acts_for=make_person(), queues=[returns])
    credential, _text = make_token(agent)
    actor = replace(agent.as_actor(), via=str(credential.public_id))
    assert selectors.is_live(actor)
    assert selectors.is_live(make_agent().as_actor())
    ApiCredential.objects.update(revoked_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert not selectors.is_live(actor)
    assert not selectors.is_live(replace(actor, id="no uuid"))


@pytest.mark.parametrize("kind", [ActorKind.HUMAN, ActorKind.AGENT])
@pytest.mark.parametrize("actor_id", [UNKNOWN, "no uuid", ""])
def test_nobody_holds_nothing(kind: ActorKind, actor_id: str) -> None:
    stranger = Actor(kind=kind, id=actor_id, label="Stranger", pk=1)
    assert not selectors.authority_of(stranger).active


def test_a_superuser_is_nobody_special(returns: Queue) -> None:
    boss = make_person(is_superuser=True, is_staff=True)
    found = selectors.authority_of(boss.as_actor())
    for capability in Capability:
        with pytest.raises(NotPermittedError):
            selectors.require(authority=found, capability=capability, queue_id=returns.pk)


def test_a_person_in_the_group_of_agents_gains_nothing(returns: Queue) -> None:
    person = make_person(roles=[Role.AI_AGENT], grants={returns: list(QueueGrant)})
    assert selectors.authority_of(person.as_actor()).roles == frozenset()


def test_a_group_that_is_no_role_gives_grants_but_no_capability(returns: Queue) -> None:
    team = Group.objects.create(name="night shift")
    grant(team, returns, *QueueGrant)
    person = make_person()
    person.groups.add(team)
    found = selectors.authority_of(person.as_actor())
    assert found.roles == frozenset()
    assert found.queue_grants == {returns.pk: frozenset(QueueGrant)}


def test_require_passes_or_names_what_is_missing(returns: Queue) -> None:
    other = make_queue()
    authority = selectors.authority_of(make_supervisor(returns).as_actor())
    selectors.require(authority=authority, capability=Capability.CASE_WORK, queue_id=returns.pk)
    with pytest.raises(NotPermittedError) as refused:
        selectors.require(authority=authority, capability=Capability.CASE_WORK, queue_id=other.pk)
    assert refused.value.data == {"capability": "case.work", "queue": other.key}
    assert f"the queue {other.key}" in refused.value.message
    with pytest.raises(NotPermittedError) as refused:
        selectors.require(authority=authority, capability=Capability.ACCESS_MANAGE)
    assert refused.value.data == {"capability": "access.manage"}


def test_readable_queues(returns: Queue) -> None:
    make_queue()
    supervisor = selectors.authority_of(make_supervisor(returns).as_actor())
    officer = selectors.authority_of(make_person(roles=[Role.COMPLIANCE_OFFICER]).as_actor())
    machine = selectors.authority_of(system("sweep"))
    assert selectors.readable_queue_ids(supervisor, Capability.CASE_READ) == {returns.pk}
    assert selectors.readable_queue_ids(officer, Capability.CASE_READ) is None
    assert selectors.readable_queue_ids(machine, Capability.CASE_READ) is None
    assert selectors.readable_queue_ids(machine, Capability.APPROVAL_VOTE) == frozenset()


def test_a_deleted_queue_takes_its_grants_along(returns: Queue) -> None:
    person = make_supervisor(returns)
    with acting(FACTORY):
        returns.delete()
    assert selectors.authority_of(person.as_actor()).queue_grants == {}


class TestEligibleVoters:
    def list(self, queue: Queue, roles: tuple[str, ...] = (), *barred: User) -> list[str]:
        found = selectors.list_eligible_voters(
            queue_id=queue.pk, roles=roles, barred_ids=[str(one.public_id) for one in barred]
        )
        return [person.username for person in found]

    def test_only_active_people_with_role_and_grant(self, returns: Queue) -> None:
        make_supervisor(returns, "anna")
        make_supervisor(returns, "off", is_active=False)
        make_supervisor(make_queue(), "elsewhere")
        make_person("agent", roles=[Role.HUMAN_AGENT], grants={returns: [QueueGrant.VOTE]})
        make_person("reader", roles=[Role.SUPERVISOR], grants={returns: [QueueGrant.READ]})
        make_person("boss", is_superuser=True)
        team = make_person("team", roles=[Role.SPECIALIST])
        grant(team.groups.get(), returns, QueueGrant.VOTE)
        assert self.list(returns) == ["anna", "team"]

    def test_roles_narrow_and_the_barred_are_left_out(self, returns: Queue) -> None:
        anna = make_supervisor(returns, "anna")
        make_supervisor(returns, "bela")
        make_person("cora", roles=[Role.SPECIALIST], grants={returns: [QueueGrant.VOTE]})
        assert self.list(returns, ("supervisor",)) == ["anna", "bela"]
        assert self.list(returns, (), anna) == ["bela", "cora"]
        assert self.list(returns, ("human_agent",)) == []

    def test_in_one_query(
        self, returns: Queue, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(4):
            make_supervisor(returns)
        with django_assert_num_queries(1):
            assert len(self.list(returns)) == 4


class TestTokens:
    def test_a_live_token_names_its_agent(
        self, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        agent = make_agent()
        credential, text = make_token(agent)
        with django_assert_num_queries(1):
            assert selectors.find_agent_by_token(token=text, now=now) == agent
        assert text not in str(credential.__dict__)

    def test_it_ends_at_its_expiry(self, now: datetime) -> None:
        _row, text = make_token(make_agent(), expires_at=now)
        assert selectors.find_agent_by_token(token=text, now=now) is None
        earlier = now - timedelta(microseconds=1)
        assert selectors.find_agent_by_token(token=text, now=earlier) is not None

    def test_a_revoked_one_is_dead_at_once(self, now: datetime) -> None:
        row, text = make_token(make_agent())
        row.revoked_at = now
        save_as(row, actor=FACTORY)
        assert selectors.find_agent_by_token(token=text, now=now) is None

    def test_a_disabled_agent_has_none(self, now: datetime) -> None:
        _row, text = make_token(make_agent(is_active=False))
        assert selectors.find_agent_by_token(token=text, now=now) is None
        _row, text = make_token(make_agent(acts_for=make_person(is_active=False)))
        assert selectors.find_agent_by_token(token=text, now=now) is None

    def test_the_secret_counts_not_the_prefix(self, now: datetime) -> None:
        _row, text = make_token(make_agent())
        wrong = text[:-1] + ("a" if text[-1] != "a" else "b")
        assert selectors.find_agent_by_token(token=wrong, now=now) is None

    def test_one_token_does_not_open_another_agent(self, now: datetime) -> None:
        first, text = make_token(make_agent())
        second, _text = make_token(make_agent())
        swapped = text.replace(first.prefix, second.prefix, 1)
        assert selectors.find_agent_by_token(token=swapped, now=now) is None

    @pytest.mark.parametrize("text", ["", "orc_", "x" * 5000, "orc_aaaaaaaa_" + "b" * 43])
    def test_nonsense_is_nobody(self, now: datetime, text: str) -> None:
        assert selectors.find_agent_by_token(token=text, now=now) is None


def test_what_is_not_there_is_not_found(returns: Queue) -> None:
    assert selectors.get_queue("returns") == returns
    with pytest.raises(NotFoundError):
        selectors.get_queue("nothing")
    with pytest.raises(NotFoundError):
        selectors.get_agent(returns.public_id)
    with pytest.raises(NotFoundError):
        selectors.get_credential("orc_aaaaaaaa")
