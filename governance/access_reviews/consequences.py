"""What follows when a grant goes: claims, votes, and who is left; read before it is revoked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Q

from governance.access_reviews.rules import (
    is_last_manager,
    queues_left_without,
    queues_touched,
    voters_by_queue,
)
from governance.access_reviews.types import GrantKind, HeldGrant, Holdings
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.types import ApprovalState, VoteChoice


@dataclass(frozen=True, slots=True)
class Consequence:
    """What would follow at once.

    Attributes:
        claims: Approvals held just now by whoever could then not vote on them.
        waiting: Votes of theirs on approvals that still wait for others.
        granted: Approvals that rest on a vote of theirs and wait for execution.
        left: Title of each queue with fewer voters then, to how many are left.
        nobody: Titles of the queues with nobody left who can vote; it is refused for these.
        is_last_manager: Whether nobody would be left who manages access; refused as well.
        other_tokens: For a token, how many others of its agent stay live.
    """

    claims: int = 0
    waiting: int = 0
    granted: int = 0
    left: Mapping[str, int] = field(default_factory=dict)
    nobody: tuple[str, ...] = ()
    is_last_manager: bool = False
    other_tokens: int = 0


def read_consequence(*, holdings: Holdings, grant: HeldGrant, now: datetime) -> Consequence:
    """Return what would follow if a grant were revoked now; three queries at most.

    Args:
        holdings: All that stands.
        grant: The grant in question.
        now: Decides which claims still hold.
    """
    lost = _lost(holdings, grant.key)
    other = [one for one in holdings.grants if one.kind is GrantKind.TOKEN]
    found = Consequence(
        left={title: len(who) for title, who in queues_touched(holdings, grant.key).items()},
        nobody=queues_left_without(holdings, grant.key),
        is_last_manager=is_last_manager(holdings, grant.key),
        other_tokens=sum(
            one.holder_id == grant.holder_id and one.key != grant.key for one in other
        ),
    )
    if not lost:
        return found
    claims = ApprovalRequest.objects.filter(
        _any(lost, queue="queue__public_id", person="claimed_by__public_id"),
        state=ApprovalState.PENDING,
        claimed_until_at__gt=now,
    )
    votes = ApprovalVote.objects.filter(
        _any(lost, queue="request__queue__public_id", person="voter__public_id"),
        choice=VoteChoice.APPROVE,
    )
    granted = votes.filter(request__state=ApprovalState.GRANTED)
    return replace(
        found,
        claims=claims.count(),
        waiting=votes.filter(request__state=ApprovalState.PENDING).count(),
        granted=granted.values("request_id").distinct().count(),
    )


def _lost(holdings: Holdings, key: str) -> dict[str, frozenset[str]]:
    """Return who could no longer vote, by public id of the queue."""
    before = voters_by_queue(holdings)
    after = voters_by_queue(holdings, without=[key])
    return {queue: who - after[queue] for queue, who in before.items() if who != after[queue]}


def _any(lost: Mapping[str, frozenset[str]], *, queue: str, person: str) -> Q:
    found = Q(pk__in=[])
    for place, people in lost.items():
        found |= Q(**{queue: place, f"{person}__in": sorted(people)})
    return found
