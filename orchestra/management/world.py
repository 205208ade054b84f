"""The demonstration's people, grants and agent; used by the demonstration and the player."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Exists, OuterRef

from governance.access import services as access
from governance.access.models import AgentIdentity, Queue, QueueUserGrant, User
from governance.access.types import QueueGrant, Role
from orchestra.core.actors import Actor, system

PASSWORD = "orchestra"  # noqa: S105  printed by the demonstration; production has no such people
POLICY_OWNER = "policy"
AGENT_NAME = "Store assistant"
BUILDER = system("demonstration")
REASON = "Set up with the demonstration"
ALL_GRANTS = (QueueGrant.READ, QueueGrant.WORK, QueueGrant.VOTE)
WORKS = (QueueGrant.READ, QueueGrant.WORK)


@dataclass(frozen=True, slots=True)
class Person:
    """One demonstration login."""

    username: str
    first_name: str
    last_name: str
    role: Role
    grants: Sequence[QueueGrant]
    queues: tuple[str, ...] = ()


PEOPLE = (
    Person("supervisor", "Maren", "Osei", Role.SUPERVISOR, ALL_GRANTS),
    Person("colleague", "Dario", "Conti", Role.SUPERVISOR, ALL_GRANTS),
    Person("relief", "Joris", "Blom", Role.SUPERVISOR, ALL_GRANTS),
    Person("specialist", "Nadia", "Ferreira", Role.SPECIALIST, ALL_GRANTS),
    Person("agent", "Lena", "Fischer", Role.HUMAN_AGENT, WORKS),
    Person("compliance", "Ilse", "Brandt", Role.COMPLIANCE_OFFICER, ()),
    Person(POLICY_OWNER, "Tomasz", "Wieland", Role.POLICY_OWNER, ()),
    Person("analyst", "Amara", "Diallo", Role.QA_ANALYST, ()),
    Person("lead", "Ines", "Kaplan", Role.QA_LEAD, ()),
    Person("operator", "Petra", "Novak", Role.ADMINISTRATOR, ()),
)
TIME_ZONE = "America/New_York"


def ensure_people(*, now: datetime) -> Mapping[str, User]:
    """Make the demonstration's logins, one a role, and return them by username."""
    access.ensure_roles(actor=BUILDER, now=now)
    queues = list(Queue.objects.all())
    # A password is slow to encode and to check on purpose; here they are all the same one.
    encoded = cache(lambda: make_password(PASSWORD))
    is_right = cache(lambda stored: check_password(PASSWORD, stored))
    found: dict[str, User] = {}
    for person in PEOPLE:
        user, made = User.objects.get_or_create(
            username=person.username,
            defaults={
                "first_name": person.first_name,
                "last_name": person.last_name,
                "email": f"{person.username}@example.com",
                "is_staff": True,
                "time_zone": TIME_ZONE,
            },
        )
        if not user.password or not is_right(user.password):
            user.password = encoded()
            user.save(update_fields=["password"])
        if made:
            _equip(now, user, person, queues)
        found[person.username] = user
    return found


def _equip(now: datetime, user: User, person: Person, queues: Sequence[Queue]) -> None:
    access.give_role(actor=BUILDER, now=now, user=user, role=person.role, reason=REASON)
    for queue in queues:
        for grant in person.grants:
            access.grant_queue(
                actor=BUILDER, now=now, user=user, queue=queue, grant=grant, reason=REASON
            )


def open_queues(*, now: datetime, people: Mapping[str, User], agent: AgentIdentity) -> None:
    """Give the queues that nobody was given yet to the demonstration's people and agent."""
    for queue in Queue.objects.filter(
        ~Exists(QueueUserGrant.objects.filter(content_object=OuterRef("pk")))
    ):
        for person in PEOPLE:
            for grant in person.grants:
                access.grant_queue(
                    actor=BUILDER,
                    now=now,
                    user=people[person.username],
                    queue=queue,
                    grant=grant,
                    reason=REASON,
                )
        access.grant_agent_queue(actor=BUILDER, now=now, agent=agent, queue=queue, reason=REASON)


def ensure_agent(*, now: datetime, owner: User) -> AgentIdentity:
    """Make the demonstration's AI agent on every queue, once."""
    agent = AgentIdentity.objects.filter(name=AGENT_NAME).first()
    if agent is not None:
        return agent
    return access.create_agent(
        actor=BUILDER,
        now=now,
        name=AGENT_NAME,
        owner=owner,
        queues=list(Queue.objects.all()),
        reason=REASON,
    )


def fresh_token(*, now: datetime, agent: AgentIdentity) -> str:
    """Revoke the agent's tokens and return a new one that lasts a day."""
    for credential in agent.credentials.filter(revoked_at=None):
        access.revoke_token(actor=BUILDER, now=now, credential=credential)
    issued = access.issue_token(
        actor=BUILDER, now=now, agent=agent, expires_at=now + timedelta(days=1)
    )
    return issued.secret


def as_actors(users: Mapping[str, User]) -> Mapping[str, Actor]:
    """Return the people as actors, by username."""
    return {name: user.as_actor() for name, user in users.items()}
