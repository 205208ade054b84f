"""Who could do what at a past moment, from version history and the ledger."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission

from governance.access.delegated import as_delegation
from governance.access.entries import (
    GRANT_ENDED,
    PERSON_DISABLED,
    PERSON_ENABLED,
    ROLE_GIVEN,
    ROLE_TAKEN,
)
from governance.access.models import (
    AgentIdentity,
    AgentQueueGrant,
    ApiCredential,
    Delegation,
    KindGroupGrant,
    KindUserGrant,
    Queue,
    QueueGroupGrant,
    QueueUserGrant,
    RoleHolding,
    User,
)
from governance.access.registry import document_grants
from governance.access_reviews import shapes as held
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
        *_documents(people, holders, at),
    ]
    disabled = _disabled(people, at)
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
            str(one.public_id): held.person_of(one, active=str(one.public_id) not in disabled)
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
    present = {
        (str(people[user].public_id), name): until
        for user, name, until in rows.values_list("user_id", "group__name", "until_at")
    }
    # A role whose time was over by then was not held, though its row may still be there.
    over = {key for key, until in present.items() if until is not None and until <= at}
    changes = _changes(ROLE_GIVEN, ROLE_TAKEN, GRANT_ENDED)
    for (person, role), given in rewind(now_held=present, changes=changes, at=at).items():
        known = by_id.get(person)
        if known is None or known.date_joined > at or (person, role) in over:
            continue
        if role in held.PEOPLE_ROLES:
            yield held.role_grant(known, role), given


def _changes(given: str, *taken: str) -> dict[tuple[str, str], list[Change]]:
    """Return what the ledger says was given to and taken from each person, oldest first."""
    changes: dict[tuple[str, str], list[Change]] = {}
    for entry in list_entries().filter(kind__in=(given, *taken)).order_by("id"):
        payload = payload_of(entry=entry)
        if payload is not None:
            change = Change(
                at=_ended_at(payload) if entry.kind == GRANT_ENDED else entry.at,
                by=str(payload.get(ACTOR_LABEL, "")),
                is_given=entry.kind == given,
            )
            key = (entry.subject_id, str(payload.get("role", "")))
            changes.setdefault(key, []).append(change)
    return changes


def _ended_at(payload: Mapping[str, Any]) -> datetime:
    """Return when a grant's time was over: before the sweep that wrote it down."""
    return datetime.fromisoformat(str(payload["until_at"]))


def _disabled(people: Mapping[int, User], at: datetime) -> frozenset[str]:
    """Return the public ids of the people whose access was disabled at a moment."""
    now_held = {(str(one.public_id), "") for one in people.values() if not one.is_active}
    changes = _changes(PERSON_DISABLED, PERSON_ENABLED)
    return frozenset(person for person, _role in rewind(now_held=now_held, changes=changes, at=at))


def _versions(model: Any, fields: tuple[str, ...], at: datetime) -> Iterator[tuple[Any, Given]]:
    """Yield the values of each row that stood at a moment, and who gave it when."""
    rows = model.history.filter(history_date__lte=at).order_by("history_date", "history_id")
    changes: dict[int, list[Change]] = {}
    values: dict[int, Any] = {}
    names = ("id", "history_date", "history_type", "actor_label", "until_at", *fields)
    for pk, moment, sign, by, until, *rest in rows.values_list(*names):
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
            yield held.queue_grant(people[user], queues[queue], codes[permission]), given


def _role_queues(
    queues: Mapping[int, Queue], holders: Mapping[str, frozenset[str]], at: datetime
) -> Grants:
    codes, groups = _codes(), dict(Group.objects.values_list("pk", "name"))
    fields = ("group_id", "content_object_id", "permission_id")
    for (group, queue, permission), given in _versions(QueueGroupGrant, fields, at):
        if group in groups and queue in queues:
            role = groups[group]
            people = holders.get(role, frozenset())
            grant = held.role_queue_grant(role, queues[queue], codes[permission], holders=people)
            yield grant, given


def _agent_queues(
    agents: Mapping[int, AgentIdentity], queues: Mapping[int, Queue], at: datetime
) -> Grants:
    for (agent, queue), given in _versions(AgentQueueGrant, ("agent_id", "queue_id"), at):
        if agent in agents and queue in queues:
            yield held.agent_grant(agents[agent], queues[queue]), given


def _tokens(agents: Mapping[int, AgentIdentity], at: datetime) -> Grants:
    rows = ApiCredential.objects.filter(created_at__lte=at, expires_at__gt=at)
    for token in rows:
        if token.revoked_at is None or token.revoked_at > at:
            yield held.token_grant(token, agents[token.agent_id]), Given(at=token.created_at)


def _documents(
    people: Mapping[int, User], holders: Mapping[str, frozenset[str]], at: datetime
) -> Grants:
    groups = dict(Group.objects.values_list("pk", "name"))
    for (user, kind), given in _versions(KindUserGrant, ("user_id", "kind"), at):
        if user in people:
            yield held.document_grant(held.person_holder(people[user]), kind), given
    for (group, kind), given in _versions(KindGroupGrant, ("group_id", "kind"), at):
        if group in groups:
            yield held.document_grant(held.role_holder(groups[group], holders), kind), given
    for kind in document_grants:
        grants = document_grants.get(kind)
        named = {pk: (key, title) for pk, key, title in _named(grants.documents)}
        own = _versions(grants.by_person, ("user_id", "content_object_id"), at)
        shared = _versions(grants.by_role, ("group_id", "content_object_id"), at)
        found = [
            *((held.person_holder(people[who]), one, given) for (who, one), given in own),
            *((held.role_holder(groups[who], holders), one, given) for (who, one), given in shared),
        ]
        for holder, document, given in found:
            if document in named:
                key, title = named[document]
                yield held.document_grant(holder, kind, key=key, title=title), given


def _named(documents: Any) -> Any:
    return documents.objects.values_list("pk", "key", "title")


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
