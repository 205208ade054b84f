"""Who can decide what waits: per queue the waiting, the eligible, and rules nobody can meet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from governance.access.models import Queue
from governance.access.rules import VOTING_ROLES, queues_where
from governance.access.selectors import authorities_of_people, readable_queue_ids, with_a_role
from governance.access.types import Authority, Capability
from governance.approvals.handed import list_absences
from governance.approvals.models import ApprovalRequest
from governance.approvals.selectors import real
from governance.approvals.types import ApprovalState
from governance.approvals.waits import Wait, can_give
from governance.policies.parsing import parse_policy
from governance.policies.selectors import list_published
from governance.policies.types import Obligations, Outcome, PolicyTable
from orchestra.core import bounded
from orchestra.core.bounded import BoundedCount

#: No more than this many decided requests are looked at, the newest first.
MOST = 20_000
#: Ends that people brought about; what expired or was voided waited for nobody's decision.
_DECIDED = (ApprovalState.GRANTED, ApprovalState.USED, ApprovalState.REJECTED)


@dataclass(frozen=True, slots=True)
class Load:
    """What waits in one queue.

    Attributes:
        waiting: How many requests, counted no further than ``bounded.COUNTED``.
        oldest_at: Since when the oldest request waits; None where none does.
    """

    queue: Queue
    waiting: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unmet:
    """One row in force that asks for an approval that nobody can give right now.

    Attributes:
        policy: Title of the policy.
        key: Key of the policy.
        rule: Id of the row, key of the limit; empty for the floor above a threshold.
        queues: Titles of the queues on which nobody can.
    """

    policy: str
    key: str
    rule: str
    obligations: Obligations
    queues: tuple[str, ...]


def list_queues(*, authority: Authority) -> list[Queue]:
    """Return the queues whose approvals an actor may read, by title."""
    return list(_queues(authority=authority))


def list_loads(*, authority: Authority) -> list[Load]:
    """Return what waits in each queue that an actor may read, by title, in one query.

    In each queue no more than ``bounded.COUNTED`` requests are counted.
    """
    mine = real(ApprovalRequest.objects.filter(state=ApprovalState.PENDING, queue=OuterRef("pk")))
    by_deadline = mine.order_by("deadline_at", "id").values("pk")
    queues = _queues(authority=authority).annotate(
        waiting=BoundedCount(by_deadline[: bounded.COUNTED]),
        oldest_at=Subquery(mine.order_by("created_at").values("created_at")[:1]),
    )
    return [Load(queue, queue.waiting, queue.oldest_at) for queue in queues]


def list_waits(*, authority: Authority, since: datetime) -> list[Wait]:
    """Return how long decided requests waited, the newest ``MOST`` of them, in one query.

    The hour is that of the time zone in force.

    Args:
        authority: Who looks; only queues they may read count.
        since: Only what was decided from here on.
    """
    seen = readable_queue_ids(authority, Capability.APPROVAL_READ)
    rows = real(ApprovalRequest.objects.filter(decided_at__gte=since, state__in=_DECIDED))
    if seen is not None:
        rows = rows.filter(queue_id__in=seen)
    found = rows.order_by("-decided_at").values_list("queue_id", "created_at", "decided_at")
    return [
        Wait(queue_id, timezone.localtime(asked).hour, _seconds(decided - asked))
        for queue_id, asked, decided in found[:MOST]
        if decided is not None
    ]


def list_eligible(*, now: datetime) -> Mapping[int, Sequence[frozenset[str]]]:
    """Return by queue the voting roles of each person who could vote there at a moment.

    People who let another vote in their place are away and do not count. Three queries.
    """
    away = {absence.person_id for absence in list_absences(now=now)}
    people = with_a_role(sorted(str(role) for role in VOTING_ROLES))
    here = [person for person in people if str(person.public_id) not in away]
    found: dict[int, list[frozenset[str]]] = {}
    for authority in authorities_of_people(here).values():
        roles = frozenset(str(role) for role in authority.roles & VOTING_ROLES)
        for queue_id in queues_where(authority, Capability.APPROVAL_VOTE) or ():
            found.setdefault(queue_id, []).append(roles)
    return found


def list_unmet(
    *,
    now: datetime,
    queues: Sequence[Queue] | None = None,
    eligible: Mapping[int, Sequence[frozenset[str]]] | None = None,
) -> list[Unmet]:
    """Return the rows in force whose approval nobody can give at a moment, by policy.

    A row is named once with every queue of its policy's scope where it cannot be met; a
    policy without a scope holds on every queue.

    Args:
        now: The moment.
        queues: The queues asked about, by title; None for all.
        eligible: What ``list_eligible`` found just now; None to find it.
    """
    asked_about = list(Queue.objects.order_by("title")) if queues is None else queues
    eligible = list_eligible(now=now) if eligible is None else eligible
    found = []
    for version in list_published():
        table = parse_policy(
            document=version.document, version=version.number, digest=version.digest
        )
        named = table.scope.queues
        scope = [one for one in asked_about if not named or one.key in named]
        for rule, asked in _asking(table):
            nobody = tuple(
                queue.title for queue in scope if not _is_met(asked, eligible.get(queue.pk, ()))
            )
            if nobody:
                found.append(Unmet(table.title, table.key, rule, asked, nobody))
    return found


def _queues(*, authority: Authority) -> QuerySet[Queue]:
    seen = readable_queue_ids(authority, Capability.APPROVAL_READ)
    queues = Queue.objects.order_by("title")
    return queues if seen is None else queues.filter(pk__in=seen)


def _asking(table: PolicyTable) -> Iterator[tuple[str, Obligations]]:
    """Yield what of a policy asks for an approval: the rows, the limits, the floor."""
    for rule in table.rules:
        if rule.outcome is Outcome.APPROVE and not rule.disabled:
            yield rule.id, rule.obligations
    for limit in table.limits:
        if limit.outcome is Outcome.APPROVE:
            yield limit.key, limit.obligations
    if table.thresholds:
        yield "", Obligations(votes=1)


def _is_met(asked: Obligations, people: Sequence[frozenset[str]]) -> bool:
    return can_give(
        people, roles=asked.roles, votes=asked.votes, distinct_roles=asked.distinct_roles
    )


def _seconds(span: timedelta) -> float:
    return max(0.0, span.total_seconds())
