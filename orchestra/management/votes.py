"""Supervisors who vote at once, for plays without a person at the screen."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from governance.access import selectors as access
from governance.access.models import User
from governance.access.types import StepUpProof
from governance.approvals import selectors as approvals
from governance.approvals import services
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState, Ballot, InboxFilter, VoteChoice
from orchestra.core import clock

REASON = "The customer said yes, and the order shows it."


def approve_all(call: Mapping[str, Any]) -> None:
    """Cast the votes that a waiting tool call needs, as people who may.

    Args:
        call: A tool call as the API shows it, with its approval.
    """
    request = _request_of(call)
    voters = access.list_eligible_voters(
        queue_id=request.queue_id, roles=request.roles, barred_ids=list(request.barred)
    )
    for voter in voters:
        if request.state != ApprovalState.PENDING:
            return
        request = _approve(voter, request)


def approve_as(voter: User, call: Mapping[str, Any]) -> None:
    """Cast one person's vote on a waiting tool call, if it still waits.

    Args:
        voter: Who votes.
        call: A tool call as the API shows it, with its approval.
    """
    request = _request_of(call)
    if request.state == ApprovalState.PENDING:
        _approve(voter, request)


def approve_oldest(voter: User) -> bool:
    """Cast one person's vote on what waits longest for it and nobody has claimed.

    Returns:
        Whether there was any such request.
    """
    now = clock.now()
    authority = access.authority_of(voter.as_actor())
    inbox = approvals.list_inbox(authority=authority, now=now, only=InboxFilter.MAY_DECIDE)
    request = next((row for row in inbox if not approvals.is_claimed(row, now)), None)
    if request is not None:
        _approve(voter, request)
    return request is not None


def count_waiting() -> int:
    """Return how many requests wait for votes."""
    return ApprovalRequest.objects.filter(state=ApprovalState.PENDING).count()


def _request_of(call: Mapping[str, Any]) -> ApprovalRequest:
    request = approvals.find_by_public_id(UUID(str(call["approval"]["id"])))
    if request is None:
        raise LookupError(f"there is no approval {call['approval']['id']}")
    return request


def _approve(voter: User, request: ApprovalRequest) -> ApprovalRequest:
    now = clock.now()
    return services.cast_vote(
        actor=voter.as_actor(),
        now=now,
        request_id=request.public_id,
        ballot=Ballot(
            choice=VoteChoice.APPROVE,
            action_digest=request.action_digest,
            view_digest=request.view_digest,
            reason=REASON,
            proof=StepUpProof(at=now, method="test"),
        ),
    )
