"""Giving and taking authority: rows, history and one ledger entry each."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from guardian.shortcuts import get_perms

from governance.access import services
from governance.access.models import (
    AgentIdentity,
    AgentQueueGrant,
    ApiCredential,
    Queue,
    QueueGroupGrant,
    QueueUserGrant,
    User,
)
from governance.access.selectors import authority_of, find_agent_by_token
from governance.access.types import QueueGrant, Role
from governance.ledger.models import EntryPayload, LedgerEntry
from orchestra.core.actors import Actor, system
from orchestra.core.errors import InvalidInputError, NotPermittedError
from tests.factories.access import make_agent, make_person, make_queue, make_token

pytestmark = pytest.mark.django_db


def entries() -> list[tuple[str, str, str]]:
    """Stream kind, entry kind and actor id of every entry, oldest first."""
    return [
        (entry.stream.split(":")[0], entry.kind, entry.actor_id)
        for entry in LedgerEntry.objects.order_by("id")
    ]


def payload() -> dict[str, object]:
    body = EntryPayload.objects.order_by("-entry_id")[0].body
    found: dict[str, object] = json.loads(bytes(body))
    found.pop("actor_label")
    found.pop("recorded_from")
    return found


class TestAgents:
    def test_create(self, administrator: User, returns: Queue, now: datetime) -> None:
        actor, owner = administrator.as_actor(), make_person(first_name="Nils", last_name="Berg")
        agent = services.create_agent(
            actor=actor,
            now=now,
            name="Returns assistant",
            owner=owner,
            queues=[returns],
            reason="returns",
        )
        assert list(agent.queues.all()) == [returns]
        assert entries() == [("agent", "agent.created", actor.id)]
        assert payload() == {
            "agent": "Returns assistant",
            "owner": "Nils Berg",
            "acts_for": None,
            "queues": ["returns"],
            "reason": "returns",
        }
        history = AgentIdentity.history.get()  # type: ignore[attr-defined]
        assert (history.history_type, history.actor_id) == ("+", actor.id)
        assert AgentQueueGrant.history.get().actor_id == actor.id  # type: ignore[attr-defined]

    def test_create_names_every_fault_at_once(self, returns: Queue, now: datetime) -> None:
        make_agent("Twin")
        gone = make_person(is_active=False)
        before = AgentIdentity.objects.count()
        with pytest.raises(InvalidInputError) as refused:
            services.create_agent(
                actor=system("t"), now=now, name="Twin", owner=gone, acts_for=gone, queues=[returns]
            )
        assert [(one.field, one.code) for one in refused.value.errors] == [
            ("name", "taken"),
            ("owner", "disabled"),
            ("acts_for", "disabled"),
            ("reason", "required"),
        ]
        assert AgentIdentity.objects.count() == before
        assert entries() == []

    def test_disable_kills_its_tokens_at_once(self, administrator: User, now: datetime) -> None:
        agent = make_agent()
        _row, text = make_token(agent)
        make_token(agent, expires_at=now - timedelta(days=1))
        services.disable_agent(actor=administrator.as_actor(), now=now, agent=agent)
        assert find_agent_by_token(token=text, now=now) is None
        assert not authority_of(agent.as_actor()).active
        assert [kind for _stream, kind, _actor in entries()] == ["token.revoked", "agent.disabled"]
        services.disable_agent(actor=administrator.as_actor(), now=now, agent=agent)
        assert len(entries()) == 2

    def test_queues_come_and_go_once(
        self, administrator: User, returns: Queue, now: datetime
    ) -> None:
        agent, actor = make_agent(), administrator.as_actor()
        act = {"actor": actor, "now": now, "agent": agent, "queue": returns, "reason": "pilot"}
        assert services.grant_agent_queue(**act) is True
        assert services.grant_agent_queue(**act) is False
        assert authority_of(agent.as_actor()).queue_grants.keys() == {returns.pk}
        assert services.revoke_agent_queue(**act) is True
        assert services.revoke_agent_queue(**act) is False
        assert authority_of(agent.as_actor()).queue_grants == {}
        assert [kind for _stream, kind, _actor in entries()] == [
            "agent.granted",
            "agent.grant_revoked",
        ]
        rows = AgentQueueGrant.history.order_by("history_id")  # type: ignore[attr-defined]
        assert [(row.history_type, row.actor_id) for row in rows] == [
            ("+", actor.id),
            ("-", actor.id),
        ]


class TestTokens:
    def test_issue(self, administrator: User, now: datetime) -> None:
        agent = make_agent("Returns assistant")
        issued = services.issue_token(
            actor=administrator.as_actor(),
            now=now,
            agent=agent,
            expires_at=now + timedelta(days=90),
        )
        assert find_agent_by_token(token=issued.secret, now=now) == agent
        assert issued.secret.startswith(f"orc_{issued.credential.prefix}_")
        assert entries() == [("agent", "token.issued", str(administrator.public_id))]
        secret = issued.secret[-43:]
        stored = [
            *ApiCredential.objects.values_list(),
            *ApiCredential.history.values_list(),  # type: ignore[attr-defined]
            payload(),
            repr(issued),
        ]
        assert secret not in str(stored)
        assert issued.credential.token_hash not in str(
            [payload(), *ApiCredential.history.values_list()]  # type: ignore[attr-defined]
        )

    @pytest.mark.parametrize("days", [-1, 0, 367])
    def test_a_life_out_of_bounds_is_refused(self, now: datetime, days: int) -> None:
        with pytest.raises(InvalidInputError) as refused:
            services.issue_token(
                actor=system("t"),
                now=now,
                agent=make_agent(),
                expires_at=now + timedelta(days=days),
            )
        assert [one.field for one in refused.value.errors] == ["expires_at"]
        assert not ApiCredential.objects.exists()
        assert entries() == []

    def test_a_disabled_agent_gets_none(self, now: datetime) -> None:
        with pytest.raises(InvalidInputError):
            services.issue_token(
                actor=system("t"),
                now=now,
                agent=make_agent(is_active=False),
                expires_at=now + timedelta(days=1),
            )

    def test_revoke_once(self, administrator: User, now: datetime) -> None:
        row, text = make_token(make_agent())
        for moment in (now, now + timedelta(minutes=5)):
            found = services.revoke_token(
                actor=administrator.as_actor(), now=moment, credential=row
            )
            assert found.revoked_at == now
        assert find_agent_by_token(token=text, now=now) is None
        assert entries() == [("agent", "token.revoked", str(administrator.public_id))]
        assert ApiCredential.history.latest().actor_id == str(  # type: ignore[attr-defined]
            administrator.public_id
        )


class TestPeople:
    def test_the_nine_groups(self, now: datetime) -> None:
        services.ensure_roles(actor=system("setup"), now=now)
        services.ensure_roles(actor=system("setup"), now=now)
        assert {group.name for group in Group.objects.all()} == {str(role) for role in Role}

    def test_a_role_comes_and_goes_once(self, administrator: User, now: datetime) -> None:
        person = make_person(first_name="Ines", last_name="Kaplan")
        act = {
            "actor": administrator.as_actor(),
            "now": now,
            "user": person,
            "role": Role.SUPERVISOR,
            "reason": "leads the team",
        }
        assert services.give_role(**act) is True
        assert services.give_role(**act) is False
        assert authority_of(person.as_actor()).roles == {Role.SUPERVISOR}
        assert payload() == {
            "holder": "Ines Kaplan",
            "what": "the role supervisor",
            "person": "Ines Kaplan",
            "role": "supervisor",
            "reason": "leads the team",
            "until_at": None,
        }
        assert services.take_role(**act) is True
        assert services.take_role(**act) is False
        assert authority_of(person.as_actor()).roles == frozenset()
        assert [kind for _stream, kind, _actor in entries()] == [
            # A new role of this kind holds every policy and cue sheet.
            "document.granted",
            "document.granted",
            "role.given",
            "role.taken",
        ]

    def test_a_person_is_no_ai_agent(self, now: datetime) -> None:
        with pytest.raises(InvalidInputError):
            services.give_role(
                actor=system("t"), now=now, user=make_person(), role=Role.AI_AGENT, reason="a test"
            )

    def test_a_sign_in_is_recorded(self, now: datetime) -> None:
        person = make_person()
        services.record_sign_in(now=now, user=person)
        assert entries() == [("user", "user.signed_in", str(person.public_id))]


class TestGrants:
    def test_a_persons_grant(self, administrator: User, returns: Queue, now: datetime) -> None:
        person, actor = make_person(roles=[Role.SUPERVISOR]), administrator.as_actor()
        act = {
            "actor": actor,
            "now": now,
            "user": person,
            "queue": returns,
            "grant": QueueGrant.VOTE,
            "reason": "votes on returns",
        }
        assert services.grant_queue(**act) is True
        assert services.grant_queue(**act) is False
        assert get_perms(person, returns) == ["vote_queue"]
        assert services.revoke_queue(**act) is True
        assert services.revoke_queue(**act) is False
        assert not QueueUserGrant.objects.exists()
        assert entries() == [
            ("user", "queue.granted", actor.id),
            ("user", "queue.revoked", actor.id),
        ]
        rows = QueueUserGrant.history.order_by("history_id")  # type: ignore[attr-defined]
        assert [(row.history_type, row.actor_label) for row in rows] == [
            ("+", "petra"),
            ("-", "petra"),
        ]

    def test_a_roles_grant(self, administrator: User, returns: Queue, now: datetime) -> None:
        person = make_person(roles=[Role.SUPERVISOR])
        act = {
            "actor": administrator.as_actor(),
            "now": now,
            "role": Role.SUPERVISOR,
            "queue": returns,
            "grant": QueueGrant.WORK,
            "reason": "works returns",
        }
        assert services.grant_role_queue(**act) is True
        assert services.grant_role_queue(**act) is False
        assert authority_of(person.as_actor()).queue_grants == {returns.pk: {QueueGrant.WORK}}
        assert services.revoke_role_queue(**act) is True
        assert services.revoke_role_queue(**act) is False
        assert not QueueGroupGrant.objects.exists()
        assert [stream for stream, _kind, _actor in entries()] == ["system", "system"]


ACTS: list[Callable[[Actor, datetime], object]] = [
    lambda a, n: services.create_agent(actor=a, now=n, name="X", owner=make_person(), queues=[]),
    lambda a, n: services.disable_agent(actor=a, now=n, agent=make_agent()),
    lambda a, n: services.grant_agent_queue(
        actor=a, now=n, agent=make_agent(), queue=make_queue(), reason="x"
    ),
    lambda a, n: services.revoke_agent_queue(
        actor=a, now=n, agent=make_agent(), queue=make_queue()
    ),
    lambda a, n: services.issue_token(
        actor=a, now=n, agent=make_agent(), expires_at=n + timedelta(days=1)
    ),
    lambda a, n: services.revoke_token(actor=a, now=n, credential=make_token(make_agent())[0]),
    lambda a, n: services.ensure_roles(actor=a, now=n),
    lambda a, n: services.give_role(
        actor=a, now=n, user=make_person(), role=Role.SUPERVISOR, reason="x"
    ),
    lambda a, n: services.take_role(actor=a, now=n, user=make_person(), role=Role.SUPERVISOR),
    lambda a, n: services.grant_queue(
        actor=a, now=n, user=make_person(), queue=make_queue(), grant=QueueGrant.VOTE, reason="x"
    ),
    lambda a, n: services.revoke_queue(
        actor=a, now=n, user=make_person(), queue=make_queue(), grant=QueueGrant.VOTE
    ),
    lambda a, n: services.grant_role_queue(
        actor=a, now=n, role=Role.SUPERVISOR, queue=make_queue(), grant=QueueGrant.VOTE, reason="x"
    ),
    lambda a, n: services.revoke_role_queue(
        actor=a, now=n, role=Role.SUPERVISOR, queue=make_queue(), grant=QueueGrant.VOTE
    ),
]


@pytest.mark.parametrize("act", range(len(ACTS)))
@pytest.mark.parametrize("who", ["supervisor", "superuser", "agent", "disabled"])
def test_only_who_manages_access_may_change_it(act: int, who: str, now: datetime) -> None:
    actors = {
        "supervisor": lambda: make_person(roles=[Role.SUPERVISOR]).as_actor(),
        "superuser": lambda: make_person(is_superuser=True).as_actor(),
        "agent": lambda: make_agent().as_actor(),
        "disabled": lambda: make_person(roles=[Role.ADMINISTRATOR], is_active=False).as_actor(),
    }
    with pytest.raises(NotPermittedError):
        ACTS[act](actors[who](), now)
    assert entries() == []


@pytest.mark.parametrize("act", ["role", "grant"])
def test_nobody_gives_authority_to_themselves(
    administrator: User, returns: Queue, now: datetime, act: str
) -> None:
    actor = administrator.as_actor()
    acts: dict[str, Callable[[], bool]] = {
        "role": lambda: services.give_role(
            actor=actor, now=now, user=administrator, role=Role.SUPERVISOR, reason="x"
        ),
        "grant": lambda: services.grant_queue(
            actor=actor,
            now=now,
            user=administrator,
            queue=returns,
            grant=QueueGrant.VOTE,
            reason="x",
        ),
    }
    with pytest.raises(NotPermittedError) as refused:
        acts[act]()
    assert refused.value.error_code == "access.own_authority"
    assert authority_of(actor).roles == {Role.ADMINISTRATOR}
    assert authority_of(actor).queue_grants == {}
    assert entries() == []
