"""States, votes and the standing of an approval request, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ApprovalState(StrEnum):
    """Where an approval request stands; all but pending and granted are final."""

    PENDING = "pending"
    GRANTED = "granted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    VOIDED = "voided"
    USED = "used"


class VoteChoice(StrEnum):
    """What a voter says."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class CastVote:
    """One vote already cast."""

    voter_id: str
    choice: VoteChoice
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """All of a request that the voting rules look at.

    Attributes:
        barred: Public id of a person to the sentence that says why they may not vote.
    """

    state: ApprovalState
    queue_id: int
    action_digest: str
    view_digest: str
    votes_needed: int
    roles: frozenset[str]
    distinct_roles: bool
    step_up: bool
    barred: dict[str, str]
    deadline_at: datetime
    execute_by_at: datetime | None
    votes: tuple[CastVote, ...] = ()
