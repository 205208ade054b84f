"""All authority that stands now, in one trip."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from governance.access.delegated import as_delegation
from governance.access.holding import live
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
from governance.access_reviews import shapes
from governance.access_reviews.types import (
    Given,
    HeldGrant,
    Holdings,
)
from orchestra.core.together import Reading, all_of, answer, read

#: What every row of a grant says of itself.
_ROW = ("pk", "since_at", "given_by", "until_at", "reason")
#: The document that a grant by name is about.
_ONE = ("content_object__key", "content_object__title")

Row = tuple[Any, ...]


def read_holdings(*, now: datetime) -> Holdings:
    """Return every grant that stands, with the people, agents and queues it speaks of.

    Args:
        now: Decides which tokens and delegations are live.
    """
    return answer(reading_holdings(now=now))


def reading_holdings(*, now: datetime) -> Reading[Holdings]:
    """Come to every grant that stands, as ``read_holdings`` returns it: one trip."""
    found = yield from all_of({name: read(rows) for name, rows in _queries(now).items()})
    people = {person.pk: person for person in found["people"]}
    queues = {queue.pk: queue for queue in found["queues"]}
    agents = {one.pk: one for one in found["agents"]}
    roles = list(_roles(found["roles"], people))
    works = list(_agent_queues(found["agent_queues"], agents, queues))
    holders = shapes.holders_by_role(roles)
    grants = [
        *roles,
        *_person_queues(found["person_queues"], people, queues),
        *_role_queues(found["role_queues"], queues, holders),
        *works,
        *(shapes.token_grant(token, agents[token.agent_id]) for token in found["tokens"]),
        *_documents(found, people, holders),
    ]
    active = {one.pk for one in agents.values() if one.is_active}
    return Holdings(
        grants=shapes.in_order(grants),
        people={
            str(one.public_id): shapes.person_of(one, active=one.is_active)
            for one in people.values()
        },
        agents=shapes.agents_with(agents.values(), works, active=active),
        queues={str(one.public_id): one.title for one in queues.values()},
        delegations=tuple(as_delegation(one) for one in found["delegations"]),
    )


def _queries(now: datetime) -> dict[str, QuerySet[Any, Any]]:
    """Return what is asked, by the names it is known by here."""
    of_role = RoleHolding.objects.filter(live(), group__name__in=shapes.PEOPLE_ROLES)
    of_queue = ("content_object_id", "permission__codename", *_ROW)
    queries: dict[str, QuerySet[Any, Any]] = {
        "people": User.objects.all(),
        "queues": Queue.objects.all(),
        "agents": AgentIdentity.objects.select_related("owner", "acts_for"),
        "roles": of_role.values_list("user_id", "group__name", *_ROW),
        "person_queues": _live(QueueUserGrant, "user_id", *of_queue),
        "role_queues": _live(QueueGroupGrant, "group__name", *of_queue),
        "agent_queues": _live(AgentQueueGrant, "agent_id", "queue_id", *_ROW),
        "tokens": ApiCredential.objects.filter(revoked_at__isnull=True, expires_at__gt=now),
        "person_kinds": _live(KindUserGrant, "user_id", "kind", *_ROW),
        "role_kinds": _live(KindGroupGrant, "group__name", "kind", *_ROW),
        "delegations": Delegation.objects.select_related("giver", "delegate").filter(
            ended_at__isnull=True, begins_at__lte=now, until_at__gt=now
        ),
    }
    for kind in document_grants:
        grants = document_grants.get(kind)
        queries[f"person:{kind}"] = _live(grants.by_person, "user_id", *_ONE, *_ROW)
        queries[f"role:{kind}"] = _live(grants.by_role, "group__name", *_ONE, *_ROW)
    return queries


def _live(model: Any, *names: str) -> QuerySet[Any, Any]:
    rows: QuerySet[Any, Any] = model.objects.filter(live()).values_list(*names)
    return rows


def _stands(grant: HeldGrant, row: Sequence[Any]) -> HeldGrant:
    """Return a grant with what its row says of itself: the values of ``_ROW``."""
    pk, since, by, until, reason = row
    given = Given(at=since, by=by)
    return replace(grant, ref=str(pk), given=given, until_at=until, reason=reason)


def _roles(rows: Iterable[Row], people: Mapping[int, User]) -> Iterator[HeldGrant]:
    for user_pk, name, *row in rows:
        yield _stands(shapes.role_grant(people[user_pk], name), row)


def _person_queues(
    rows: Iterable[Row], people: Mapping[int, User], queues: Mapping[int, Queue]
) -> Iterator[HeldGrant]:
    for user_pk, queue_pk, code, *row in rows:
        yield _stands(shapes.queue_grant(people[user_pk], queues[queue_pk], code), row)


def _role_queues(
    rows: Iterable[Row], queues: Mapping[int, Queue], holders: Mapping[str, frozenset[str]]
) -> Iterator[HeldGrant]:
    for name, queue_pk, code, *row in rows:
        held = holders.get(name, frozenset())
        yield _stands(shapes.role_queue_grant(name, queues[queue_pk], code, holders=held), row)


def _agent_queues(
    rows: Iterable[Row], agents: Mapping[int, AgentIdentity], queues: Mapping[int, Queue]
) -> Iterator[HeldGrant]:
    for agent_pk, queue_pk, *row in rows:
        yield _stands(shapes.agent_grant(agents[agent_pk], queues[queue_pk]), row)


def _documents(
    found: Mapping[str, Iterable[Row]],
    people: Mapping[int, User],
    holders: Mapping[str, frozenset[str]],
) -> Iterator[HeldGrant]:
    """Yield the changing of documents that people and roles hold, by name and of every kind."""
    for user_pk, kind, *row in found["person_kinds"]:
        yield _stands(shapes.document_grant(shapes.person_holder(people[user_pk]), kind), row)
    for name, kind, *row in found["role_kinds"]:
        yield _stands(shapes.document_grant(shapes.role_holder(name, holders), kind), row)
    for kind in document_grants:
        for user_pk, key, title, *row in found[f"person:{kind}"]:
            grant = shapes.document_grant(
                shapes.person_holder(people[user_pk]), kind, key=key, title=title
            )
            yield _stands(grant, row)
        for name, key, title, *row in found[f"role:{kind}"]:
            grant = shapes.document_grant(
                shapes.role_holder(name, holders), kind, key=key, title=title
            )
            yield _stands(grant, row)
