"""What an actor holds, and who may vote."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from governance.access import rules
from governance.access.agents import is_outside_scope
from governance.access.bearers import agent_authority, as_uuids, by_credential, find_bearer
from governance.access.holding import FACTOR, KIND, QUEUE, ROLE, live, live_rows
from governance.access.models import (
    AgentIdentity,
    ApiCredential,
    Queue,
    QueueGroupGrant,
    QueueUserGrant,
    RoleHolding,
    User,
)
from governance.access.types import Authority, Capability, QueueGrant, Role
from orchestra.core.actors import Actor, ActorKind
from orchestra.core.errors import NotFoundError, NotPermittedError
from orchestra.core.prepared import Prepared

_ROLE_NAMES = frozenset(Role)


def authority_of(actor: Actor) -> Authority:
    """Return all that decides what an actor may do: two queries for a person, one for an agent.

    An unknown person or agent has an authority that carries nothing.
    """
    if actor.kind is ActorKind.SYSTEM:
        return Authority(actor=actor, active=True, roles=frozenset())
    if actor.kind is ActorKind.AGENT:
        return agent_authority(actor)
    found = authorities_of([actor.id])
    return found.get(actor.id) or Authority(actor=actor, active=False, roles=frozenset())


def authorities_of(person_ids: Collection[str]) -> Mapping[str, Authority]:
    """Return what each of several people holds, in two queries whatever their number.

    Args:
        person_ids: Public ids; unknown ones are left out of the answer.
    """
    wanted = as_uuids(person_ids)
    return authorities_of_people(_PEOPLE.rows(wanted) if wanted else [])


_PEOPLE: Prepared[User] = Prepared(lambda wanted: User.objects.filter(public_id__in=wanted))


def authorities_of_people(people: Collection[User]) -> Mapping[str, Authority]:
    """Return what people hold whose rows were read just now, by public id, in one query.

    Args:
        people: As they stand in the database, such as who is signed in to a request.
    """
    held = _held_by([person.pk for person in people])
    return {str(person.public_id): _as_authority(person, held[person.pk]) for person in people}


def authority_of_person(person: User) -> Authority:
    """Return what a person holds whose row was read just now, in one query."""
    return authorities_of_people([person])[str(person.public_id)]


@dataclass(slots=True)
class _Held:
    roles: set[Role] = field(default_factory=set)
    queues: dict[int, set[QueueGrant]] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    documents: dict[str, set[str]] = field(default_factory=dict)
    has_factor: bool = False

    def take_in(self, what: str, number: int, code: str) -> None:
        """Take in one row of ``live_rows``."""
        if what == ROLE:
            # The role of AI agents is theirs alone: a person in that group gains nothing.
            if code in _ROLE_NAMES and code != Role.AI_AGENT:
                self.roles.add(Role(code))
        elif what == QUEUE:
            self.queues.setdefault(number, set()).add(QueueGrant(code))
        elif what == KIND:
            self.kinds.add(code)
        elif what == FACTOR:
            self.has_factor = True
        else:
            self.documents.setdefault(what, set()).add(code)


def _held_by(person_pks: Collection[int]) -> Mapping[int, _Held]:
    """Return what several people hold at this moment, in one query."""
    held: dict[int, _Held] = {pk: _Held() for pk in person_pks}
    for pk, what, number, code in live_rows(person_pks):
        held[pk].take_in(what, number, code)
    return held


def _as_authority(person: User, held: _Held) -> Authority:
    return Authority(
        actor=person.as_actor(),
        active=person.is_active,
        roles=frozenset(held.roles),
        queue_grants={queue: frozenset(grants) for queue, grants in held.queues.items()},
        every_kind=frozenset(held.kinds),
        documents={kind: frozenset(keys) for kind, keys in held.documents.items()},
        withheld=_withheld(held),
    )


def _withheld(held: _Held) -> frozenset[Capability]:
    """Return what a person's roles carry and the lack of a second factor keeps closed."""
    # Where nobody is asked for one, nobody lacks one.
    if held.has_factor or not settings.ORCHESTRA["REQUIRE_SECOND_FACTOR"]:
        return frozenset()
    asked = {Capability(one) for one in settings.ORCHESTRA["SECOND_FACTOR_FOR"]}
    return rules.capabilities_of(held.roles) & asked


def is_live(actor: Actor) -> bool:
    """Return whether an AI agent, and the token it came with, still act.

    The answer of ``authority_of(actor).active`` without what the agent holds.
    """
    ids, via = as_uuids([actor.id]), as_uuids([actor.via])
    if not ids or len(via) != bool(actor.via):
        return False
    return bool(_LIVE.rows(*ids, *via))


def _live_agents(agent_id: UUID, *via: UUID) -> "QuerySet[AgentIdentity, int]":
    agents = AgentIdentity.objects.filter(
        Q(acts_for=None) | Q(acts_for__is_active=True), public_id=agent_id, is_active=True
    )
    return by_credential(agents, *via).values_list("pk", flat=True)


_LIVE: Prepared[int] = Prepared(_live_agents)


def require(*, authority: Authority, capability: Capability, queue_id: int | None = None) -> None:
    """Refuse an actor who may not do this here.

    Raises:
        NotPermittedError: With the capability and, where one is named, the queue.
    """
    if rules.may(authority, capability, queue_id):
        return
    data = {"capability": str(capability)}
    queue = Queue.objects.filter(pk=queue_id).first() if queue_id is not None else None
    if queue is not None:
        data["queue"] = queue.key
    if not authority.active:
        raise NotPermittedError(
            _("Your access is disabled. Ask an administrator."), code="access.disabled", data=data
        )
    if capability in authority.withheld:
        raise NotPermittedError(
            _(rules.NEEDS_FACTOR), code="access.second_factor_required", data=data
        )
    if is_outside_scope(authority.scope, capability=capability):
        raise NotPermittedError(
            _("This token does not carry %(capability)s. Ask the agent's owner for another.")
            % {"capability": capability},
            code="access.scope",
            data=data,
        )
    if capability in rules.capabilities_of(authority.roles):
        message = _(
            "You may not do this in %(queue)s. Ask an administrator to grant you the queue "
            "under Access."
        ) % {"queue": _("the queue %(key)s") % {"key": queue.key} if queue else _("any queue")}
    else:
        message = _("Your role does not allow this. Ask an administrator.")
    raise NotPermittedError(message, data=data)


def require_on(*, authority: Authority, capability: Capability, kind: str, key: str) -> None:
    """Refuse an actor who may not do this to one document.

    Args:
        authority: What the actor holds.
        capability: What is asked.
        kind: The kind of document.
        key: The document's key.

    Raises:
        NotPermittedError: The role does not carry it, or it is not granted on this document.
    """
    require(authority=authority, capability=capability)
    if not rules.may_on(authority, capability, kind, key):
        raise NotPermittedError(
            _(
                "Your role may do this only to the documents granted to you by name, and this "
                "is none of them. Ask an administrator to grant it to you under Access."
            ),
            code="access.not_your_document",
            data={"capability": str(capability), "kind": kind, "key": key},
        )


def require_tool(*, authority: Authority, tool: str) -> None:
    """Refuse an AI agent whose token does not carry a tool.

    Raises:
        NotPermittedError: Code ``access.scope``, with the tool.
    """
    if is_outside_scope(authority.scope, tool=tool):
        raise NotPermittedError(
            _("This token may not propose %(tool)s. Ask the agent's owner for another.")
            % {"tool": tool},
            code="access.scope",
            data={"capability": str(Capability.TOOL_PROPOSE), "tool": tool},
        )


def readable_queue_ids(authority: Authority, capability: Capability) -> frozenset[int] | None:
    """Return the queues on which an actor holds a queue-bound capability, None for all.

    Args:
        authority: What the actor holds.
        capability: One that holds on a queue, such as ``CASE_READ``.
    """
    return rules.queues_where(authority, capability)


def queue_keys_where(*, authority: Authority, capability: Capability) -> frozenset[str] | None:
    """Return the keys of the queues on which an actor holds a capability, None for all."""
    ids = rules.queues_where(authority, capability)
    if ids is None:
        return None
    return frozenset(Queue.objects.filter(pk__in=ids).values_list("key", flat=True))


def list_eligible_voters(
    *, queue_id: int, roles: Collection[str], barred_ids: Collection[str]
) -> list[User]:
    """Return the active people who may vote on a queue's approvals, by name.

    Args:
        queue_id: Primary key of the queue.
        roles: Roles asked for; empty for any role that votes.
        barred_ids: Public ids of people who may not vote on this one.
    """
    voting = {str(role) for role in rules.VOTING_ROLES}
    names = voting & {str(role) for role in roles} if roles else voting
    grant = {"permission__codename": QueueGrant.VOTE.value, "content_object_id": queue_id}
    granted_people = QueueUserGrant.objects.filter(live(), **grant).values("user_id")
    granted_groups = QueueGroupGrant.objects.filter(live(), **grant).values("group_id")
    through_role = RoleHolding.objects.filter(live(), group_id__in=granted_groups)
    return list(
        with_a_role(names)
        .filter(Q(pk__in=granted_people) | Q(pk__in=through_role.values("user_id")))
        .exclude(public_id__in=as_uuids(barred_ids))
    )


def with_a_role(names: Collection[str]) -> QuerySet[User]:
    """Return the active people who hold at least one of the roles now, by name."""
    holding = RoleHolding.objects.filter(live(), group__name__in=names)
    return User.objects.filter(is_active=True, pk__in=holding.values("user_id")).order_by(
        "last_name", "first_name", "username"
    )


def find_agent_by_token(*, token: str, now: datetime) -> AgentIdentity | None:
    """Return the active agent whose live token this is, or None."""
    credential = find_live_credential(token=token, now=now)
    return credential.agent if credential is not None else None


def find_live_credential(*, token: str, now: datetime) -> ApiCredential | None:
    """Return the live credential that a token text is of, with its active agent, or None."""
    found = find_bearer(token=token, now=now)
    return found[0] if found is not None else None


def get_queue(key: str) -> Queue:
    """Return the queue with a key.

    Raises:
        NotFoundError: There is none.
    """
    try:
        return Queue.objects.get(key=key)
    except Queue.DoesNotExist:
        raise NotFoundError(
            _("There is no queue %(key)s; there are %(known)s.")
            % {"key": key, "known": ", ".join(Queue.objects.values_list("key", flat=True))},
            data={"key": key},
        ) from None


def get_agent(agent_id: UUID) -> AgentIdentity:
    """Return the AI agent with a public id.

    Raises:
        NotFoundError: There is none.
    """
    try:
        return AgentIdentity.objects.select_related("owner", "acts_for").get(public_id=agent_id)
    except AgentIdentity.DoesNotExist:
        raise NotFoundError(_("There is no such AI agent.")) from None


def get_credential(prefix: str) -> ApiCredential:
    """Return the token with a prefix.

    Args:
        prefix: The eight characters after ``orc_``; with or without it.

    Raises:
        NotFoundError: There is none.
    """
    short = prefix.removeprefix("orc_")
    try:
        return ApiCredential.objects.select_related("agent").get(prefix=short)
    except ApiCredential.DoesNotExist:
        raise NotFoundError(
            _("There is no token %(prefix)s.") % {"prefix": short}, data={"prefix": short}
        ) from None
