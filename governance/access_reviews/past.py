"""Who could do what at a past moment, from version history and the ledger."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

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
    ApiCredential,
    Delegation,
    Queue,
    RoleHolding,
    User,
)
from governance.access_reviews import shapes as held
from governance.access_reviews import versions
from governance.access_reviews.rewind import Change, rewind
from governance.access_reviews.types import Given, HeldGrant, Holdings
from governance.access_reviews.versions import Names, Stood
from governance.ledger.entries import ACTOR_LABEL
from governance.ledger.selectors import list_entries, payload_of
from orchestra.core.together import read_together

Grants = Iterator[tuple[HeldGrant, Given]]


@dataclass(frozen=True, slots=True)
class PastRows:
    """What the authority of a moment is made out from: rows of today, histories, the ledger.

    Attributes:
        changes: The entries that tell of roles given and taken and of access, oldest first.
        histories: The versions of every grant up to the moment.
        called: What permissions, roles and documents are called.
        roles: Person, name and end of every role held now.
        tokens: The tokens that were there and not over.
        delegations: What was handed over and not over.
    """

    people: QuerySet[User]
    queues: QuerySet[Queue]
    agents: QuerySet[AgentIdentity]
    changes: QuerySet[Any]
    histories: QuerySet[Any, Any]
    called: QuerySet[Any, Any]
    roles: QuerySet[RoleHolding, tuple[int, str, datetime | None]]
    tokens: QuerySet[ApiCredential]
    delegations: QuerySet[Delegation]

    def lists(self) -> "list[QuerySet[Any, Any]]":
        """Return every part, to be read with others."""
        return [getattr(self, one.name) for one in fields(self)]


def rows_at(at: datetime) -> PastRows:
    """Return what ``past_of`` makes the authority of a moment out from, yet to be read."""
    kinds = (ROLE_GIVEN, ROLE_TAKEN, GRANT_ENDED, PERSON_DISABLED, PERSON_ENABLED)
    roles = RoleHolding.objects.filter(group__name__in=held.PEOPLE_ROLES)
    delegations = Delegation.objects.select_related("giver", "delegate")
    return PastRows(
        people=User.objects.all(),
        queues=Queue.objects.all(),
        agents=AgentIdentity.objects.select_related("owner", "acts_for"),
        changes=list_entries().filter(kind__in=kinds).order_by("id"),
        histories=versions.histories(at),
        called=versions.called(),
        roles=roles.values_list("user_id", "group__name", "until_at"),
        tokens=ApiCredential.objects.filter(created_at__lte=at, expires_at__gt=at),
        delegations=delegations.filter(begins_at__lte=at, until_at__gt=at),
    )


def read_past(*, at: datetime) -> tuple[Holdings, Mapping[str, Given]]:
    """Return all authority that stood at a moment, and who gave each grant when, by its key.

    Names are those of today. What a role carried is read from the rules that run now: the
    record of that is the release that ran then. One statement.

    Args:
        at: The moment, not after now.
    """
    rows = rows_at(at)
    read_together(*rows.lists())
    return past_of(rows, at=at)


def past_of(rows: PastRows, *, at: datetime) -> tuple[Holdings, Mapping[str, Given]]:
    """Return what ``read_past`` does, of rows that were read with others."""
    people = {person.pk: person for person in rows.people}
    queues = {queue.pk: queue for queue in rows.queues}
    agents = {one.pk: one for one in rows.agents}
    changes = _changes(rows.changes)
    stood, names = versions.stood_of(rows.histories, at=at), versions.names_of(rows.called)
    roles = list(_roles(people, rows.roles, changes, at))
    holders = held.holders_by_role(grant for grant, _given in roles)
    works = list(_agent_queues(agents, queues, stood))
    found = [
        *roles,
        *_person_queues(people, queues, stood, names),
        *_role_queues(queues, holders, stood, names),
        *works,
        *_tokens(agents, rows.tokens, at),
        *_documents(people, holders, stood, names),
    ]
    disabled = _disabled(people, changes, at)
    delegations = [
        as_delegation(one) for one in rows.delegations if one.ended_at is None or one.ended_at > at
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
            active=stood.agents,
        ),
        queues={str(one.public_id): one.title for one in queues.values()},
        delegations=tuple(delegations),
    )
    return holdings, {grant.key: given for grant, given in found}


def _roles(
    people: Mapping[int, User],
    rows: Iterable[tuple[int, str, datetime | None]],
    changes: "_Changes",
    at: datetime,
) -> Grants:
    by_id = {str(one.public_id): one for one in people.values()}
    present = {(str(people[user].public_id), name): until for user, name, until in rows}
    # A role whose time was over by then was not held, though its row may still be there.
    over = {key for key, until in present.items() if until is not None and until <= at}
    past = rewind(now_held=present, changes=changes.of_roles, at=at)
    for (person, role), given in past.items():
        known = by_id.get(person)
        if known is None or known.date_joined > at or (person, role) in over:
            continue
        if role in held.PEOPLE_ROLES:
            yield held.role_grant(known, role), given


@dataclass(slots=True)
class _Changes:
    """What the ledger says was given to and taken from each person, oldest first.

    Attributes:
        of_roles: By person and role.
        of_access: Whether they were let in at all, by person and the empty text.
    """

    of_roles: dict[tuple[str, str], list[Change]] = field(default_factory=dict)
    of_access: dict[tuple[str, str], list[Change]] = field(default_factory=dict)


def _changes(entries: Iterable[Any]) -> _Changes:
    """Return all changes of what people hold and of whether they are let in."""
    changes = _Changes()
    for entry in entries:
        payload = payload_of(entry=entry)
        if payload is None:
            continue
        change = Change(
            at=_ended_at(payload) if entry.kind == GRANT_ENDED else entry.at,
            by=str(payload.get(ACTOR_LABEL, "")),
            # Being disabled is what is held here, and being enabled ends it.
            is_given=entry.kind in {ROLE_GIVEN, PERSON_DISABLED},
        )
        is_access = entry.kind in {PERSON_DISABLED, PERSON_ENABLED}
        found = changes.of_access if is_access else changes.of_roles
        key = (entry.subject_id, "" if is_access else str(payload.get("role", "")))
        found.setdefault(key, []).append(change)
    return changes


def _ended_at(payload: Mapping[str, Any]) -> datetime:
    """Return when a grant's time was over: before the sweep that wrote it down."""
    return datetime.fromisoformat(str(payload["until_at"]))


def _disabled(people: Mapping[int, User], changes: _Changes, at: datetime) -> frozenset[str]:
    """Return the public ids of the people whose access was disabled at a moment."""
    now_held = {(str(one.public_id), "") for one in people.values() if not one.is_active}
    past = rewind(now_held=now_held, changes=changes.of_access, at=at)
    return frozenset(person for person, _role in past)


def _person_queues(
    people: Mapping[int, User], queues: Mapping[int, Queue], stood: Stood, names: Names
) -> Grants:
    for one in stood.grants.get(versions.PERSON_QUEUE, ()):
        if one.who in people and one.place in queues:
            grant = held.queue_grant(people[one.who], queues[one.place], names.codes[one.code])
            yield grant, one.given


def _role_queues(
    queues: Mapping[int, Queue],
    holders: Mapping[str, frozenset[str]],
    stood: Stood,
    names: Names,
) -> Grants:
    for one in stood.grants.get(versions.ROLE_QUEUE, ()):
        if one.who in names.groups and one.place in queues:
            role, code = names.groups[one.who], names.codes[one.code]
            people = holders.get(role, frozenset())
            grant = held.role_queue_grant(role, queues[one.place], code, holders=people)
            yield grant, one.given


def _agent_queues(
    agents: Mapping[int, AgentIdentity], queues: Mapping[int, Queue], stood: Stood
) -> Grants:
    for one in stood.grants.get(versions.AGENT_QUEUE, ()):
        if one.who in agents and one.place in queues:
            yield held.agent_grant(agents[one.who], queues[one.place]), one.given


def _tokens(
    agents: Mapping[int, AgentIdentity], tokens: Iterable[ApiCredential], at: datetime
) -> Grants:
    for token in tokens:
        if token.revoked_at is None or token.revoked_at > at:
            yield held.token_grant(token, agents[token.agent_id]), Given(at=token.created_at)


def _documents(
    people: Mapping[int, User],
    holders: Mapping[str, frozenset[str]],
    stood: Stood,
    names: Names,
) -> Grants:
    for one in stood.grants.get(versions.PERSON_KIND, ()):
        if one.who in people:
            yield held.document_grant(held.person_holder(people[one.who]), one.kind), one.given
    for one in stood.grants.get(versions.ROLE_KIND, ()):
        if one.who in names.groups:
            holder = held.role_holder(names.groups[one.who], holders)
            yield held.document_grant(holder, one.kind), one.given
    for kind, named in names.documents.items():
        own = stood.grants.get(versions.by_person(kind), ())
        shared = stood.grants.get(versions.by_role(kind), ())
        found = [
            *((held.person_holder(people[one.who]), one) for one in own),
            *((held.role_holder(names.groups[one.who], holders), one) for one in shared),
        ]
        for holder, one in found:
            if one.place in named:
                key, title = named[one.place]
                yield held.document_grant(holder, kind, key=key, title=title), one.given
