"""All authority that stands now, in a fixed number of queries."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

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

#: What every row of a grant says of itself.
_ROW = ("pk", "since_at", "given_by", "until_at", "reason")


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
    holders = shapes.holders_by_role(roles)
    grants = [
        *roles,
        *_person_queues(people, queues),
        *_role_queues(queues, holders),
        *works,
        *_tokens(agents, now),
        *_documents(people, holders),
    ]
    delegations = Delegation.objects.select_related("giver", "delegate").filter(
        ended_at__isnull=True, begins_at__lte=now, until_at__gt=now
    )
    active = {one.pk for one in agents.values() if one.is_active}
    return Holdings(
        grants=shapes.in_order(grants),
        people={
            str(one.public_id): shapes.person_of(one, active=one.is_active)
            for one in people.values()
        },
        agents=shapes.agents_with(agents.values(), works, active=active),
        queues={str(one.public_id): one.title for one in queues.values()},
        delegations=tuple(as_delegation(one) for one in delegations),
    )


def _stands(grant: HeldGrant, row: Sequence[Any]) -> HeldGrant:
    """Return a grant with what its row says of itself: the values of ``_ROW``."""
    pk, since, by, until, reason = row
    given = Given(at=since, by=by)
    return replace(grant, ref=str(pk), given=given, until_at=until, reason=reason)


def _roles(people: Mapping[int, User]) -> Iterator[HeldGrant]:
    rows = RoleHolding.objects.filter(live(), group__name__in=shapes.PEOPLE_ROLES)
    for user_pk, name, *row in rows.values_list("user_id", "group__name", *_ROW):
        yield _stands(shapes.role_grant(people[user_pk], name), row)


def _person_queues(people: Mapping[int, User], queues: Mapping[int, Queue]) -> Iterator[HeldGrant]:
    names = ("user_id", "content_object_id", "permission__codename", *_ROW)
    for user_pk, queue_pk, code, *row in QueueUserGrant.objects.filter(live()).values_list(*names):
        yield _stands(shapes.queue_grant(people[user_pk], queues[queue_pk], code), row)


def _role_queues(
    queues: Mapping[int, Queue], holders: Mapping[str, frozenset[str]]
) -> Iterator[HeldGrant]:
    names = ("group__name", "content_object_id", "permission__codename", *_ROW)
    for name, queue_pk, code, *row in QueueGroupGrant.objects.filter(live()).values_list(*names):
        held = holders.get(name, frozenset())
        yield _stands(shapes.role_queue_grant(name, queues[queue_pk], code, holders=held), row)


def _agent_queues(
    agents: Mapping[int, AgentIdentity], queues: Mapping[int, Queue]
) -> Iterator[HeldGrant]:
    rows = AgentQueueGrant.objects.filter(live()).values_list("agent_id", "queue_id", *_ROW)
    for agent_pk, queue_pk, *row in rows:
        yield _stands(shapes.agent_grant(agents[agent_pk], queues[queue_pk]), row)


def _tokens(agents: Mapping[int, AgentIdentity], now: datetime) -> Iterator[HeldGrant]:
    for token in ApiCredential.objects.filter(revoked_at__isnull=True, expires_at__gt=now):
        yield shapes.token_grant(token, agents[token.agent_id])


def _documents(
    people: Mapping[int, User], holders: Mapping[str, frozenset[str]]
) -> Iterator[HeldGrant]:
    """Yield the changing of documents that people and roles hold, by name and of every kind."""
    for user_pk, kind, *row in KindUserGrant.objects.filter(live()).values_list(
        "user_id", "kind", *_ROW
    ):
        yield _stands(shapes.document_grant(shapes.person_holder(people[user_pk]), kind), row)
    for name, kind, *row in KindGroupGrant.objects.filter(live()).values_list(
        "group__name", "kind", *_ROW
    ):
        yield _stands(shapes.document_grant(shapes.role_holder(name, holders), kind), row)
    one = ("content_object__key", "content_object__title")
    for kind in document_grants:
        grants = document_grants.get(kind)
        own = grants.by_person.objects.filter(live()).values_list("user_id", *one, *_ROW)
        for user_pk, key, title, *row in own:
            grant = shapes.document_grant(
                shapes.person_holder(people[user_pk]), kind, key=key, title=title
            )
            yield _stands(grant, row)
        shared = grants.by_role.objects.filter(live()).values_list("group__name", *one, *_ROW)
        for name, key, title, *row in shared:
            grant = shapes.document_grant(
                shapes.role_holder(name, holders), kind, key=key, title=title
            )
            yield _stands(grant, row)
