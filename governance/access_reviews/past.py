"""Who could do what at a past moment, from version history and the ledger."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission

from governance.access.entries import ROLE_GIVEN, ROLE_TAKEN
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
from governance.access_reviews import holdings as held
from governance.access_reviews.rewind import Change, replay, rewind
from governance.access_reviews.types import Given, HeldGrant, Holdings
from governance.ledger.entries import ACTOR_LABEL
from governance.ledger.selectors import list_entries, payload_of

Grants = Iterator[tuple[HeldGrant, Given]]


def read_past(*, at: datetime) -> tuple[Holdings, Mapping[str, Given]]:
    """Return all authority that stood at a moment, and who gave each grant when, by its key.

    Names are those of today. What a role carried is read from the rules that run now: the
    record of that is the release that ran then.

    Args:
        at: The moment, not after now.
    """
    people = {person.pk: person for person in User.objects.all()}
    queues = {queue.pk: queue for queue in Queue.objects.all()}
    agents = {one.pk: one for one in AgentIdentity.objects.select_related("owner", "acts_for")}
    roles = list(_roles(people, at))
    holders = held.holders_by_role(grant for grant, _given in roles)
    works = list(_agent_queues(agents, queues, at))
    found = [
        *roles,
        *_person_queues(people, queues, at),
        *_role_queues(queues, holders, at),
        *works,
        *_tokens(agents, at),
    ]
    delegations = [
        as_delegation(one)
        for one in Delegation.objects.select_related("giver", "delegate").filter(
            begins_at__lte=at, until_at__gt=at
        )
        if one.ended_at is None or one.ended_at > at
    ]
    holdings = Holdings(
        grants=held.in_order(grant for grant, _given in found),
        people={
            str(one.public_id): held.person_of(one, active=one.is_active)
            for one in people.values()
            if one.date_joined <= at
        },
        agents=held.agents_with(
            agents.values(),
            (grant for grant, _given in works),
            active=_active_agents(at),
        ),
        queues={str(one.public_id): one.title for one in queues.values()},
        delegations=tuple(delegations),
    )
    return holdings, {grant.key: given for grant, given in found}


def _roles(people: Mapping[int, User], at: datetime) -> Grants:
    by_id = {str(one.public_id): one for one in people.values()}
    rows = RoleHolding.objects.filter(group__name__in=held.PEOPLE_ROLES)
    now_held = {
        (str(people[user].public_id), name)
        for user, name in rows.values_list("user_id", "group__name")
    }
    changes: dict[tuple[str, str], list[Change]] = {}
    for entry in list_entries().filter(kind__in=(ROLE_GIVEN, ROLE_TAKEN)).order_by("id"):
        payload = payload_of(entry=entry)
        if payload is not None and entry.subject_id in by_id:
            by = str(payload.get(ACTOR_LABEL, ""))
            change = Change(at=entry.at, by=by, is_given=entry.kind == ROLE_GIVEN)
            key = (entry.subject_id, str(payload.get("role", "")))
            changes.setdefault(key, []).append(change)
    for (person, role), given in rewind(now_held=now_held, changes=changes, at=at).items():
        if role in held.PEOPLE_ROLES and by_id[person].date_joined <= at:
            yield held.role_grant(by_id[person], role, ref=""), given


def _versions(model: Any, fields: tuple[str, ...], at: datetime) -> Iterator[tuple[Any, Given]]:
    """Yield the values of each row that stood at a moment, and who gave it when."""
    rows = model.history.filter(history_date__lte=at).order_by("history_date", "history_id")
    ends = ("until_at",) if hasattr(model, "until_at") else ()
    changes: dict[int, list[Change]] = {}
    values: dict[int, Any] = {}
    names = ("id", "history_date", "history_type", "actor_label", *fields, *ends)
    for pk, moment, sign, by, *rest in rows.values_list(*names):
        until = rest.pop() if ends else None
        values[pk] = rest
        change = Change(at=moment, by=by, is_given=sign != "-", until_at=until)
        changes.setdefault(pk, []).append(change)
    for pk, past in changes.items():
        given = replay(past, at=at)
        if given is not None:
            yield values[pk], given


def _person_queues(people: Mapping[int, User], queues: Mapping[int, Queue], at: datetime) -> Grants:
    codes = _codes()
    fields = ("user_id", "content_object_id", "permission_id")
    for (user, queue, permission), given in _versions(QueueUserGrant, fields, at):
        if user in people and queue in queues:
            yield held.queue_grant(people[user], queues[queue], codes[permission], ref=""), given


def _role_queues(
    queues: Mapping[int, Queue], holders: Mapping[str, frozenset[str]], at: datetime
) -> Grants:
    codes, groups = _codes(), dict(Group.objects.values_list("pk", "name"))
    fields = ("group_id", "content_object_id", "permission_id")
    for (group, queue, permission), given in _versions(QueueGroupGrant, fields, at):
        if group in groups and queue in queues:
            role = groups[group]
            people = holders.get(role, frozenset())
            grant = held.role_queue_grant(
                role, queues[queue], codes[permission], ref="", holders=people
            )
            yield grant, given


def _agent_queues(
    agents: Mapping[int, AgentIdentity], queues: Mapping[int, Queue], at: datetime
) -> Grants:
    for (agent, queue), given in _versions(AgentQueueGrant, ("agent_id", "queue_id"), at):
        if agent in agents and queue in queues:
            yield held.agent_grant(agents[agent], queues[queue], ref=""), given


def _tokens(agents: Mapping[int, AgentIdentity], at: datetime) -> Grants:
    rows = ApiCredential.objects.filter(created_at__lte=at, expires_at__gt=at)
    for token in rows:
        if token.revoked_at is None or token.revoked_at > at:
            yield held.token_grant(token, agents[token.agent_id]), Given(at=token.created_at)


def _active_agents(at: datetime) -> frozenset[int]:
    rows = AgentIdentity.history.filter(history_date__lte=at)
    states = dict(rows.order_by("history_date", "history_id").values_list("id", "is_active"))
    return frozenset(pk for pk, active in states.items() if active)


def _codes() -> dict[int, str]:
    return dict(
        Permission.objects.filter(content_type__app_label="governance").values_list(
            "pk", "codename"
        )
    )
