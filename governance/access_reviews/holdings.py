"""All authority that stands now, in a fixed number of queries."""

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime

from governance.access.models import (
    AgentIdentity,
    AgentQueueGrant,
    ApiCredential,
    Delegation,
    Queue,
    QueueGroupGrant,
    QueueUserGrant,
    RoleHolding,
    User,
)
from governance.access.selectors import as_delegation
from governance.access.types import Role
from governance.access_reviews.types import AgentHeld, GrantKind, HeldGrant, Holdings, PersonHeld

#: Roles that people hold; the role of AI agents is theirs alone.
PEOPLE_ROLES = [role.value for role in Role if role is not Role.AI_AGENT]


def read_holdings(*, now: datetime) -> Holdings:
    """Return every grant that stands, with the people, agents and queues it speaks of.

    Args:
        now: Decides which tokens and delegations are live.
    """
    people = {person.pk: person for person in User.objects.all()}
    queues = {queue.pk: queue for queue in Queue.objects.all()}
    agents = {one.pk: one for one in AgentIdentity.objects.select_related("owner", "acts_for")}
    roles = list(_roles(people))
    works = list(_agent_queues(agents, queues))
    grants = [
        *roles,
        *_person_queues(people, queues),
        *_role_queues(queues, holders_by_role(roles)),
        *works,
        *_tokens(agents, now),
    ]
    delegations = Delegation.objects.select_related("giver", "delegate").filter(
        ended_at__isnull=True, begins_at__lte=now, until_at__gt=now
    )
    active = {one.pk for one in agents.values() if one.is_active}
    return Holdings(
        grants=in_order(grants),
        people={
            str(one.public_id): person_of(one, active=one.is_active) for one in people.values()
        },
        agents=agents_with(agents.values(), works, active=active),
        queues={str(one.public_id): one.title for one in queues.values()},
        delegations=tuple(as_delegation(one) for one in delegations),
    )


def in_order(grants: Iterable[HeldGrant]) -> tuple[HeldGrant, ...]:
    """Return grants as lists show them: people first, then roles, then AI agents, by name."""
    return tuple(sorted(grants, key=_order))


def _order(one: HeldGrant) -> tuple[int, str, str, int, str, str]:
    kinds = ("human", "role", "agent")
    return (
        kinds.index(one.holder_kind),
        one.holder_label,
        one.holder_id,
        list(GrantKind).index(one.kind),
        one.place_title,
        one.code,
    )


def person_of(user: User, *, active: bool) -> PersonHeld:
    """Return a person as the rules on duties look at them."""
    return PersonHeld(
        id=str(user.public_id), label=user.label, active=active, is_superuser=user.is_superuser
    )


def role_grant(user: User, role: str, *, ref: object) -> HeldGrant:
    """Return that a person holds a role."""
    return HeldGrant(
        kind=GrantKind.ROLE,
        key=f"role:{user.public_id}:{role}",
        ref=str(ref),
        holder_id=str(user.public_id),
        holder_kind="human",
        holder_label=user.label,
        code=role,
        subject_ids=frozenset({str(user.public_id)}),
    )


def queue_grant(user: User, queue: Queue, code: str, *, ref: object) -> HeldGrant:
    """Return what a person holds on a queue."""
    return HeldGrant(
        kind=GrantKind.PERSON_QUEUE,
        key=f"queue:{user.public_id}:{queue.public_id}:{code}",
        ref=str(ref),
        holder_id=str(user.public_id),
        holder_kind="human",
        holder_label=user.label,
        code=code,
        place_id=str(queue.public_id),
        place_title=queue.title,
        subject_ids=frozenset({str(user.public_id)}),
    )


def role_queue_grant(
    role: str, queue: Queue, code: str, *, ref: object, holders: frozenset[str]
) -> HeldGrant:
    """Return what everybody with a role holds on a queue."""
    return HeldGrant(
        kind=GrantKind.ROLE_QUEUE,
        key=f"role_queue:{role}:{queue.public_id}:{code}",
        ref=str(ref),
        holder_id=role,
        holder_kind="role",
        holder_label=role,
        code=code,
        place_id=str(queue.public_id),
        place_title=queue.title,
        subject_ids=holders,
    )


def agent_grant(agent: AgentIdentity, queue: Queue, *, ref: object) -> HeldGrant:
    """Return that an AI agent works a queue."""
    return HeldGrant(
        kind=GrantKind.AGENT_QUEUE,
        key=f"agent:{agent.public_id}:{queue.public_id}",
        ref=str(ref),
        holder_id=str(agent.public_id),
        holder_kind="agent",
        holder_label=agent.name,
        code=Role.AI_AGENT.value,
        place_id=str(queue.public_id),
        place_title=queue.title,
        subject_ids=_answering(agent),
    )


def token_grant(token: ApiCredential, agent: AgentIdentity) -> HeldGrant:
    """Return that whoever holds a token speaks for an AI agent."""
    return HeldGrant(
        kind=GrantKind.TOKEN,
        key=f"token:{token.public_id}",
        ref=str(token.pk),
        holder_id=str(agent.public_id),
        holder_kind="agent",
        holder_label=agent.name,
        code=token.prefix,
        subject_ids=_answering(agent),
        until_at=token.expires_at,
    )


def holders_by_role(roles: Iterable[HeldGrant]) -> Mapping[str, frozenset[str]]:
    """Return the public ids of who holds each role."""
    found: dict[str, set[str]] = {}
    for one in roles:
        found.setdefault(one.code, set()).add(one.holder_id)
    return {role: frozenset(people) for role, people in found.items()}


def agents_with(
    agents: Iterable[AgentIdentity], works: Iterable[HeldGrant], *, active: Container[int]
) -> tuple[AgentHeld, ...]:
    """Return AI agents with the queues they work.

    Args:
        agents: Every agent, with the people who answer for it.
        works: The queues they work.
        active: Internal keys of those that are active.
    """
    queues: dict[str, set[str]] = {}
    for one in works:
        queues.setdefault(one.holder_id, set()).add(one.place_id)
    return tuple(
        AgentHeld(
            id=str(agent.public_id),
            name=agent.name,
            active=agent.pk in active,
            answering_ids=_answering(agent),
            queue_ids=frozenset(queues.get(str(agent.public_id), ())),
        )
        for agent in agents
    )


def _answering(agent: AgentIdentity) -> frozenset[str]:
    people = [agent.owner, agent.acts_for]
    return frozenset(str(one.public_id) for one in people if one is not None)


def _roles(people: Mapping[int, User]) -> Iterator[HeldGrant]:
    rows = RoleHolding.objects.filter(group__name__in=PEOPLE_ROLES)
    for pk, user_pk, name in rows.values_list("pk", "user_id", "group__name"):
        yield role_grant(people[user_pk], name, ref=pk)


def _person_queues(people: Mapping[int, User], queues: Mapping[int, Queue]) -> Iterator[HeldGrant]:
    rows = QueueUserGrant.objects.values_list(
        "pk", "user_id", "content_object_id", "permission__codename"
    )
    for pk, user_pk, queue_pk, code in rows:
        yield queue_grant(people[user_pk], queues[queue_pk], code, ref=pk)


def _role_queues(
    queues: Mapping[int, Queue], holders: Mapping[str, frozenset[str]]
) -> Iterator[HeldGrant]:
    rows = QueueGroupGrant.objects.values_list(
        "pk", "group__name", "content_object_id", "permission__codename"
    )
    for pk, name, queue_pk, code in rows:
        held = holders.get(name, frozenset())
        yield role_queue_grant(name, queues[queue_pk], code, ref=pk, holders=held)


def _agent_queues(
    agents: Mapping[int, AgentIdentity], queues: Mapping[int, Queue]
) -> Iterator[HeldGrant]:
    for pk, agent_pk, queue_pk in AgentQueueGrant.objects.values_list("pk", "agent_id", "queue_id"):
        yield agent_grant(agents[agent_pk], queues[queue_pk], ref=pk)


def _tokens(agents: Mapping[int, AgentIdentity], now: datetime) -> Iterator[HeldGrant]:
    for token in ApiCredential.objects.filter(revoked_at__isnull=True, expires_at__gt=now):
        yield token_grant(token, agents[token.agent_id])
