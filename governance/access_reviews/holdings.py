"""All authority that stands now, in a fixed number of queries."""

from collections.abc import Iterable, Iterator, Mapping
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

_PEOPLE_ROLES = [role.value for role in Role if role is not Role.AI_AGENT]


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
        *_role_queues(queues, _holders_by_role(roles)),
        *works,
        *_tokens(agents, now),
    ]
    return Holdings(
        grants=tuple(sorted(grants, key=_order)),
        people={
            str(one.public_id): PersonHeld(
                id=str(one.public_id),
                label=one.label,
                active=one.is_active,
                is_superuser=one.is_superuser,
            )
            for one in people.values()
        },
        agents=tuple(_agents(agents.values(), works)),
        queues={str(one.public_id): one.title for one in queues.values()},
        delegations=tuple(
            as_delegation(one)
            for one in Delegation.objects.select_related("giver", "delegate").filter(
                ended_at__isnull=True, begins_at__lte=now, until_at__gt=now
            )
        ),
    )


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


def _roles(people: Mapping[int, User]) -> Iterator[HeldGrant]:
    rows = RoleHolding.objects.filter(group__name__in=_PEOPLE_ROLES)
    for pk, user_pk, name in rows.values_list("pk", "user_id", "group__name"):
        person = people[user_pk]
        yield HeldGrant(
            kind=GrantKind.ROLE,
            key=f"role:{person.public_id}:{name}",
            ref=str(pk),
            holder_id=str(person.public_id),
            holder_kind="human",
            holder_label=person.label,
            code=name,
            subject_ids=frozenset({str(person.public_id)}),
        )


def _holders_by_role(roles: Iterable[HeldGrant]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in roles:
        found.setdefault(one.code, set()).add(one.holder_id)
    return {role: frozenset(people) for role, people in found.items()}


def _person_queues(people: Mapping[int, User], queues: Mapping[int, Queue]) -> Iterator[HeldGrant]:
    rows = QueueUserGrant.objects.values_list(
        "pk", "user_id", "content_object_id", "permission__codename"
    )
    for pk, user_pk, queue_pk, code in rows:
        person, queue = people[user_pk], queues[queue_pk]
        yield HeldGrant(
            kind=GrantKind.PERSON_QUEUE,
            key=f"queue:{person.public_id}:{queue.public_id}:{code}",
            ref=str(pk),
            holder_id=str(person.public_id),
            holder_kind="human",
            holder_label=person.label,
            code=code,
            place_id=str(queue.public_id),
            place_title=queue.title,
            subject_ids=frozenset({str(person.public_id)}),
        )


def _role_queues(
    queues: Mapping[int, Queue], holders: Mapping[str, frozenset[str]]
) -> Iterator[HeldGrant]:
    rows = QueueGroupGrant.objects.values_list(
        "pk", "group__name", "content_object_id", "permission__codename"
    )
    for pk, name, queue_pk, code in rows:
        queue = queues[queue_pk]
        yield HeldGrant(
            kind=GrantKind.ROLE_QUEUE,
            key=f"role_queue:{name}:{queue.public_id}:{code}",
            ref=str(pk),
            holder_id=name,
            holder_kind="role",
            holder_label=name,
            code=code,
            place_id=str(queue.public_id),
            place_title=queue.title,
            subject_ids=holders.get(name, frozenset()),
        )


def _agent_queues(
    agents: Mapping[int, AgentIdentity], queues: Mapping[int, Queue]
) -> Iterator[HeldGrant]:
    rows = AgentQueueGrant.objects.values_list("pk", "agent_id", "queue_id")
    for pk, agent_pk, queue_pk in rows:
        agent, queue = agents[agent_pk], queues[queue_pk]
        yield HeldGrant(
            kind=GrantKind.AGENT_QUEUE,
            key=f"agent:{agent.public_id}:{queue.public_id}",
            ref=str(pk),
            holder_id=str(agent.public_id),
            holder_kind="agent",
            holder_label=agent.name,
            code=Role.AI_AGENT.value,
            place_id=str(queue.public_id),
            place_title=queue.title,
            subject_ids=_answering(agent),
        )


def _tokens(agents: Mapping[int, AgentIdentity], now: datetime) -> Iterator[HeldGrant]:
    rows = ApiCredential.objects.filter(revoked_at__isnull=True, expires_at__gt=now)
    for token in rows:
        agent = agents[token.agent_id]
        yield HeldGrant(
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


def _answering(agent: AgentIdentity) -> frozenset[str]:
    people = [agent.owner, agent.acts_for]
    return frozenset(str(one.public_id) for one in people if one is not None)


def _agents(agents: Iterable[AgentIdentity], works: Iterable[HeldGrant]) -> Iterator[AgentHeld]:
    queues: dict[str, set[str]] = {}
    for one in works:
        queues.setdefault(one.holder_id, set()).add(one.place_id)
    for agent in agents:
        held = str(agent.public_id)
        yield AgentHeld(
            id=held,
            name=agent.name,
            active=agent.is_active,
            answering_ids=_answering(agent),
            queue_ids=frozenset(queues.get(held, ())),
        )
