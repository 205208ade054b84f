"""People, queues, agents and tokens, as rows."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count

from django.contrib.auth.models import Group
from guardian.shortcuts import assign_perm

from governance.access import rules
from governance.access.models import (
    AgentIdentity,
    AgentQueueGrant,
    ApiCredential,
    KindGroupGrant,
    Queue,
    RoleHolding,
    User,
)
from governance.access.tokens import hash_token, new_token
from governance.access.types import Authority, QueueGrant, Role
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.history import acting, save_as

FACTORY = system("factory")
MADE_AT = datetime(2026, 11, 1, tzinfo=UTC)
ALL_GRANTS = tuple(QueueGrant)
_numbers = count(1)


def make_queue(key: str = "", **fields: object) -> Queue:
    key = key or f"queue-{next(_numbers)}"
    queue = Queue(key=key, title=str(fields.pop("title", key.capitalize())), **fields)
    save_as(queue, actor=FACTORY)
    return queue


def make_person(
    username: str = "",
    *,
    roles: Iterable[Role] = (),
    grants: Mapping[Queue, Iterable[QueueGrant]] | None = None,
    **fields: object,
) -> User:
    """A person with roles, and grants of their own on queues."""
    user = User.objects.create(username=username or f"person-{next(_numbers)}", **fields)
    for role in roles:
        hold_role(user, role)
    for queue, held in (grants or {}).items():
        grant(user, queue, *held)
    return user


def hold_role(user: User, role: Role) -> None:
    """Give a role, whose new group holds every document as services make it."""
    group, is_new = Group.objects.get_or_create(name=role.value)
    with acting(FACTORY):
        if is_new and rules.CAPABILITIES[role] & rules.DOCUMENT_BOUND:
            for kind in sorted(rules.BOUND_KINDS):
                KindGroupGrant.objects.create(group=group, kind=kind, since_at=MADE_AT)
        RoleHolding.objects.create(user=user, group=group, since_at=MADE_AT)


def drop_roles(user: User) -> None:
    """Take every role without the act that does it."""
    with acting(FACTORY):
        user.role_holdings.all().delete()


def make_supervisor(queue: Queue, username: str = "", **fields: object) -> User:
    """A supervisor with every grant on a queue."""
    return make_person(username, roles=[Role.SUPERVISOR], grants={queue: ALL_GRANTS}, **fields)


def grant(holder: User | Group, queue: Queue, *grants: QueueGrant) -> None:
    with acting(FACTORY):
        for one in grants:
            assign_perm(one.value, holder, queue)


def make_agent(
    name: str = "",
    *,
    owner: User | None = None,
    queues: Iterable[Queue] = (),
    **fields: object,
) -> AgentIdentity:
    agent = AgentIdentity(
        name=name or f"agent-{next(_numbers)}",
        owner=owner or make_person(),
        created_at=MADE_AT,
        **fields,
    )
    save_as(agent, actor=FACTORY)
    for queue in queues:
        save_as(AgentQueueGrant(agent=agent, queue=queue), actor=FACTORY)
    return agent


def make_token(
    agent: AgentIdentity, *, expires_at: datetime = MADE_AT + timedelta(days=90)
) -> tuple[ApiCredential, str]:
    """A live token's row and its text."""
    prefix, text = new_token()
    credential = ApiCredential(
        agent=agent,
        prefix=prefix,
        token_hash=hash_token(text),
        created_at=MADE_AT,
        expires_at=expires_at,
    )
    save_as(credential, actor=FACTORY)
    return credential, text


def person_authority(
    *roles: Role,
    grants: Mapping[int, Iterable[QueueGrant]] | None = None,
    person_id: str = "00000000-0000-7000-8000-000000000001",
    active: bool = True,
) -> Authority:
    """What a person holds, without a row; every document that can be granted by name too."""
    return Authority(
        actor=Actor(kind=ActorKind.HUMAN, id=person_id, label="Ines Kaplan", pk=1),
        active=active,
        roles=frozenset(roles),
        queue_grants={queue: frozenset(held) for queue, held in (grants or {}).items()},
        every_kind=rules.BOUND_KINDS,
    )


def agent_authority(*, queues: Iterable[int] = ()) -> Authority:
    """What an AI agent holds, without a row."""
    return Authority(
        actor=Actor(
            kind=ActorKind.AGENT,
            id="00000000-0000-7000-8000-0000000000aa",
            label="Returns assistant",
            pk=1,
        ),
        active=True,
        roles=frozenset({Role.AI_AGENT}),
        queue_grants=dict.fromkeys(queues, frozenset({QueueGrant.READ, QueueGrant.WORK})),
    )
