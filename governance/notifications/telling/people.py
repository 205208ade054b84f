"""Who may do something, and who stands in for whom, as people to tell."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from governance.access import rules as access
from governance.access.delegated import list_given_by
from governance.access.delegation import delegates_for
from governance.access.models import AgentIdentity, User
from governance.access.selectors import authorities_of
from governance.access.types import Authority, Capability
from governance.notifications.kept import once
from governance.notifications.types import Told, Why
from orchestra.core.actors import ActorKind


def who_may(
    capability: Capability, *, queue_id: int | None = None, roles: Collection[str] = ()
) -> dict[str, Authority]:
    """Return what each active person who may do something holds, by public id.

    Args:
        capability: What.
        queue_id: On which queue, for what holds on a queue.
        roles: Roles asked for; empty for any that carries it.
    """
    carrying = {str(role) for role, held in access.CAPABILITIES.items() if capability in held}
    names = carrying & set(roles) if roles else carrying
    people = User.objects.filter(is_active=True, groups__name__in=sorted(names))
    ids = [str(one) for one in people.order_by("pk").distinct().values_list("public_id", flat=True)]
    return {
        person: authority
        for person, authority in authorities_of(ids).items()
        if access.may(authority, capability, queue_id)
    }


def with_stand_ins(
    able: Collection[str], *, why: Why, capability: Capability, now: datetime
) -> list[Told]:
    """Return the people who may do something, each naming whom they stand in for.

    A delegation widens nothing: whoever stands in may do it on their own account, so they are
    among those asked already. What it adds is how loudly they are told.

    Args:
        able: Public ids of everybody who may.
        why: Why they are told.
        capability: What is to be done.
        now: The moment.
    """
    people = sorted(able)
    handed_over = once(("given", *people), lambda: list_given_by(people))
    given = delegates_for(handed_over, capability=capability, at=now)
    return [
        Told(
            person_id=person,
            why=Why.STANDS_IN if absent else why,
            instead_of=tuple(sorted(absent)),
        )
        for person in people
        for absent in [[giver for giver, delegates in given.items() if person in delegates]]
    ]


def only(told: Iterable[Told], *, besides: str) -> tuple[Told, ...]:
    """Return each person once, at their first reason, without who did it themselves."""
    first: dict[str, Told] = {}
    for one in told:
        if one.person_id and one.person_id != besides:
            first.setdefault(one.person_id, one)
    return tuple(first.values())


def owner_of(agent_id: str) -> str:
    """Return the public id of who owns an AI agent; empty where there is none such."""
    try:
        wanted = UUID(agent_id)
    except ValueError:
        return ""
    owners = AgentIdentity.objects.filter(public_id=wanted)
    found = owners.values_list("owner__public_id", flat=True).first()
    return str(found or "")


def whose_request(kind: str, requester_id: str) -> Told:
    """Return the person behind a request: who asked, or who owns the AI agent that did."""
    if kind == ActorKind.HUMAN:
        return Told(requester_id, Why.ASKED)
    is_agent = kind == ActorKind.AGENT
    owner = once(("owner", requester_id), lambda: owner_of(requester_id)) if is_agent else ""
    return Told(owner, Why.OWNS_AGENT)
