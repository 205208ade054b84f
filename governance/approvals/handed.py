"""Whom a request was handed to, who is away, and who stands in for them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from governance.access.models import Delegation, User
from governance.access.selectors import list_eligible_voters
from governance.access.types import Authority
from governance.approvals.models import ApprovalRequest
from governance.approvals.selectors import (
    is_claimed,
    list_possible_voters,
    list_visible,
    standing_of,
)
from governance.approvals.standing_in import VOTE_COVERS
from governance.approvals.types import ApprovalState


@dataclass(frozen=True, slots=True)
class HandOver:
    """That one request is with one person for a time.

    Attributes:
        to_id: Public id of the person it was handed to.
        by_id: Public id of the person who handed it over.
    """

    to_id: str
    to_label: str
    by_id: str
    by_label: str
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Absence:
    """That a person lets another vote in their place for a time, so they are away.

    Attributes:
        person_id: Public id of who is away.
        stand_in_id: Public id of who stands in; never followed any further.
    """

    person_id: str
    person_label: str
    stand_in_id: str
    stand_in_label: str
    begins_at: datetime
    until_at: datetime


def hand_over_of(request: ApprovalRequest, now: datetime) -> HandOver | None:
    """Return whom a request is handed to at a moment, None where to nobody."""
    if request.state != ApprovalState.PENDING or not _is_handed(request, now):
        return None
    to, by, until_at = request.handed_to, request.handed_by, request.handed_until_at
    if to is None or by is None or until_at is None:
        return None
    return HandOver(
        to_id=str(to.public_id),
        to_label=to.label,
        by_id=str(by.public_id),
        by_label=by.label,
        until_at=until_at,
    )


def is_handed_to(request: ApprovalRequest, person_pk: int | None, now: datetime) -> bool:
    """Return whether a request is handed to a person at a moment."""
    return _is_handed(request, now) and request.handed_to_id == person_pk


def is_held(request: ApprovalRequest, now: datetime) -> bool:
    """Return whether somebody has a request, by a claim or because it was handed to them."""
    return is_claimed(request, now) or _is_handed(request, now)


def _is_handed(request: ApprovalRequest, now: datetime) -> bool:
    return request.handed_until_at is not None and request.handed_until_at > now


def list_absences(*, now: datetime, person_ids: Collection[str] | None = None) -> list[Absence]:
    """Return who is away at a moment and who stands in for them, in one query.

    Args:
        now: The moment.
        person_ids: Public ids of the people asked about; None for everybody.
    """
    rows = _in_force(now)
    if person_ids is not None:
        rows = rows.filter(giver_key__in=person_ids)
    return [_absence(row) for row in rows]


def stands_in_for(*, person_id: str, now: datetime) -> list[Absence]:
    """Return for whom a person votes in their place at a moment, in one query.

    What was handed to those people is for this person meanwhile. It goes no further: for
    whom those people stand in is not asked.

    Args:
        person_id: Public id.
        now: The moment.
    """
    return [_absence(row) for row in _in_force(now).filter(delegate__public_id=person_id)]


def list_handed_to(*, authority: Authority, now: datetime) -> QuerySet[ApprovalRequest]:
    """Return what waits for a person by name, the next to expire first.

    What was handed to them, and what was handed to those they stand in for.
    """
    away = _in_force(now).filter(delegate_id=authority.actor.pk).values("giver_id")
    return (
        list_visible(authority=authority)
        .filter(state=ApprovalState.PENDING, handed_until_at__gt=now)
        .filter(Q(handed_to_id=authority.actor.pk) | Q(handed_to_id__in=away))
        .order_by("deadline_at", "id")
    )


def list_possible_receivers(
    *, request: ApprovalRequest, authority: Authority, now: datetime
) -> list[tuple[User, Absence | None]]:
    """Return to whom a person may hand a request, by name, with who is away."""
    people = [
        person
        for person in list_possible_voters(request=request)
        if str(person.public_id) != authority.actor.id
    ]
    away = absences_by_person(now=now, person_ids=[str(one.public_id) for one in people])
    return [(person, away.get(str(person.public_id))) for person in people]


def absences_by_person(*, now: datetime, person_ids: Collection[str]) -> Mapping[str, Absence]:
    """Return the absence of each person who is away: the one that lasts longest."""
    found = sorted(list_absences(now=now, person_ids=person_ids), key=lambda one: one.until_at)
    return {one.person_id: one for one in found}


def list_voters_of_role(
    *, request: ApprovalRequest, role: str, now: datetime, barred_ids: Collection[str] = ()
) -> list[User]:
    """Return who holds a role, may vote on a request with it, and is not away."""
    standing = standing_of(request)
    barred = {*standing.barred, *standing.stand_ins, standing.requester_id, *barred_ids}
    people = list_eligible_voters(
        queue_id=request.queue_id,
        roles=[role],
        barred_ids=barred | {vote.voter_id for vote in standing.votes},
    )
    away = absences_by_person(now=now, person_ids=[str(one.public_id) for one in people])
    return [one for one in people if str(one.public_id) not in away]


def _in_force(now: datetime) -> QuerySet[Delegation]:
    return (
        Delegation.objects.select_related("giver", "delegate")
        .filter(covers__in=VOTE_COVERS, begins_at__lte=now, until_at__gt=now)
        .filter(Q(ended_at__isnull=True) | Q(ended_at__gt=now))
        .order_by("pk")
    )


def _absence(row: Delegation) -> Absence:
    return Absence(
        person_id=row.giver_key,
        person_label=row.giver.label,
        stand_in_id=str(row.delegate.public_id),
        stand_in_label=row.delegate.label,
        begins_at=row.begins_at,
        until_at=row.until_at if row.ended_at is None else min(row.until_at, row.ended_at),
    )
