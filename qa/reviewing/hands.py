"""Who had a hand in a unit, so that nobody judges their own work, and who may judge by role."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import Count, Q

from governance.access.models import AgentIdentity
from governance.access.rules import may
from governance.access.selectors import authorities_of, with_a_role
from governance.access.types import Authority, Capability
from governance.approvals.models import ApprovalVote
from orchestra.core.actors import ActorKind
from qa.population.models import SamplingUnit
from qa.reviewing.models import Review
from qa.reviewing.rules import OPEN
from qa.reviewing.types import Candidate, ReviewKind, ReviewState


def split_worker(worker: str) -> tuple[str, str]:
    """Return kind and id of somebody named as ``kind:id``; a bare id is an agent's."""
    kind, found, name = worker.partition(":")
    return (kind, name) if found else (ActorKind.AGENT, worker)


def agents_of(unit: SamplingUnit) -> frozenset[str]:
    """Return the public ids of the AI agents that worked a unit."""
    named = [*unit.workers, *([unit.agent] if unit.agent else [])]
    pairs = [split_worker(each) for each in named]
    return frozenset(name for kind, name in pairs if kind == ActorKind.AGENT and _is_id(name))


def people_of(unit: SamplingUnit) -> frozenset[str]:
    """Return the public ids of the people who worked a unit."""
    pairs = [split_worker(each) for each in unit.workers]
    return frozenset(name for kind, name in pairs if kind == ActorKind.HUMAN)


def owners_of(agents: Collection[str]) -> Mapping[str, str]:
    """Return the public id of the owner of each of some AI agents: one query."""
    rows = AgentIdentity.objects.filter(public_id__in=list(agents))
    pairs = rows.values_list("public_id", "owner__public_id")
    return {str(agent): str(owner) for agent, owner in pairs}


def hands_in(units: Sequence[SamplingUnit]) -> Mapping[int, frozenset[str]]:
    """Return who may not judge each of some units (by primary key): two queries.

    Those are the people who worked it, who voted on an approval of its case, and the owners of
    the AI agents that worked it.

    Args:
        units: Each with its ``case`` at hand.
    """
    agents = {unit.pk: agents_of(unit) for unit in units}
    owners = owners_of(frozenset[str]().union(*agents.values()))
    cases = {str(unit.case.public_id) for unit in units}
    voters: dict[str, set[str]] = {}
    votes = ApprovalVote.objects.filter(request__case_public_id__in=cases)
    for case, voter in votes.values_list("request__case_public_id", "voter__public_id"):
        voters.setdefault(case, set()).add(str(voter))
    return {
        unit.pk: people_of(unit)
        | {owners[agent] for agent in agents[unit.pk] if agent in owners}
        | voters.get(str(unit.case.public_id), set())
        for unit in units
    }


def who_may_review(roles: Iterable[str]) -> Mapping[str, Authority]:
    """Return everybody who holds one of the roles and may review, by public id: three queries."""
    people = with_a_role([str(role) for role in roles])
    ids = [str(one) for one in people.values_list("public_id", flat=True)]
    return {
        person: authority
        for person, authority in authorities_of(ids).items()
        if may(authority, Capability.QUALITY_REVIEW)
    }


def may_read_case(authority: Authority, unit: SamplingUnit) -> bool:
    """Return whether somebody may read the case that a unit belongs to."""
    return may(authority, Capability.CASE_READ, unit.case.queue_id)


def candidates(people: Collection[str], *, period: int | None) -> dict[str, Candidate]:
    """Return how much each of some people (public ids) has to review: one query.

    Args:
        people: Public ids.
        period: Primary key of the period whose reviews count towards the quota; None for none.
    """
    # Gold takes nobody's quota: it belongs to no sample.
    of_period = Q(drawn__period_id=period) & ~Q(kind=ReviewKind.GOLD)
    rows = (
        Review.objects.filter(reviewer__public_id__in=list(people))
        .exclude(state=ReviewState.SKIPPED)
        .values("reviewer__public_id")
        .annotate(
            waiting=Count("pk", filter=Q(state__in=[str(one) for one in OPEN])),
            given=Count("pk", filter=of_period) if period else Count("pk"),
        )
    )
    found = {
        str(row["reviewer__public_id"]): (row["waiting"], row["given"] if period else 0)
        for row in rows
    }
    return {one: Candidate(one, *found.get(one, (0, 0))) for one in people}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
