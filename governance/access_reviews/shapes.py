"""How people, grants and agents look to a review, whether they stand now or stood once."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from governance.access.models import AgentIdentity, ApiCredential, Queue, User
from governance.access.types import Role
from governance.access_reviews.types import AgentHeld, Given, GrantKind, HeldGrant, PersonHeld

#: Roles that people hold; the role of AI agents is theirs alone.
PEOPLE_ROLES = [role.value for role in Role if role is not Role.AI_AGENT]


@dataclass(frozen=True, slots=True)
class DocumentHolder:
    """Who may change documents: a person, or everybody with a role.

    Attributes:
        people: Public ids of the people it is about.
    """

    id: str
    kind: str
    label: str
    people: frozenset[str]


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


def role_grant(user: User, role: str) -> HeldGrant:
    """Return that a person holds a role."""
    return HeldGrant(
        kind=GrantKind.ROLE,
        key=f"role:{user.public_id}:{role}",
        holder_id=str(user.public_id),
        holder_kind="human",
        holder_label=user.label,
        code=role,
        subject_ids=frozenset({str(user.public_id)}),
    )


def queue_grant(user: User, queue: Queue, code: str) -> HeldGrant:
    """Return what a person holds on a queue."""
    return HeldGrant(
        kind=GrantKind.PERSON_QUEUE,
        key=f"queue:{user.public_id}:{queue.public_id}:{code}",
        holder_id=str(user.public_id),
        holder_kind="human",
        holder_label=user.label,
        code=code,
        place_id=str(queue.public_id),
        place_title=queue.title,
        subject_ids=frozenset({str(user.public_id)}),
    )


def role_queue_grant(role: str, queue: Queue, code: str, *, holders: frozenset[str]) -> HeldGrant:
    """Return what everybody with a role holds on a queue."""
    return HeldGrant(
        kind=GrantKind.ROLE_QUEUE,
        key=f"role_queue:{role}:{queue.public_id}:{code}",
        holder_id=role,
        holder_kind="role",
        holder_label=role,
        code=code,
        place_id=str(queue.public_id),
        place_title=queue.title,
        subject_ids=holders,
    )


def agent_grant(agent: AgentIdentity, queue: Queue) -> HeldGrant:
    """Return that an AI agent works a queue."""
    return HeldGrant(
        kind=GrantKind.AGENT_QUEUE,
        key=f"agent:{agent.public_id}:{queue.public_id}",
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
        given=Given(at=token.created_at),
        until_at=token.expires_at,
    )


def person_holder(user: User) -> DocumentHolder:
    """Return a person as the holder of a grant on documents."""
    held = str(user.public_id)
    return DocumentHolder(id=held, kind="human", label=user.label, people=frozenset({held}))


def role_holder(role: str, holders: Mapping[str, frozenset[str]]) -> DocumentHolder:
    """Return a role as the holder of a grant on documents."""
    return DocumentHolder(id=role, kind="role", label=role, people=holders.get(role, frozenset()))


def document_grant(
    holder: DocumentHolder, kind: str, *, key: str = "", title: str = ""
) -> HeldGrant:
    """Return that a person or a role may change one document, or every one of a kind."""
    return HeldGrant(
        kind=GrantKind.DOCUMENT if key else GrantKind.EVERY_DOCUMENT,
        key=f"document:{kind}:{key or '*'}:{holder.id}",
        holder_id=holder.id,
        holder_kind=holder.kind,
        holder_label=holder.label,
        code=kind,
        place_id=key,
        place_title=title,
        subject_ids=holder.people,
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
