"""People who vote and say what a case is about at once, for plays without one at the screen."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from cases.intake.selectors import latest_classification
from cases.journeys import services as journeys
from cases.memory.models import Case
from governance.access import selectors as access
from governance.access.models import User
from governance.access.rules import may
from governance.access.types import Capability, StepUpProof
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


def settle_need(case_id: str) -> None:
    """Say that a case is about what intake took it for, as a person who works its queue.

    Args:
        case_id: Public id of a case that waits for a person's word.

    Raises:
        LookupError: Nobody may say it.
    """
    case = Case.objects.get(public_id=case_id)
    read = latest_classification(case=case)
    for user in User.objects.filter(is_active=True).order_by("pk"):
        authority = access.authority_of(user.as_actor())
        takes = may(authority, Capability.HANDOFF_ACCEPT, case.queue_id)
        if read is not None and takes and may(authority, Capability.CASE_WORK, case.queue_id):
            journeys.settle_intent(
                actor=authority.actor,
                now=clock.now(),
                case=case,
                classification_id=str(read.public_id),
                intent=read.intent,
            )
            return
    raise LookupError(f"nobody may say what {case.label} is about")


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
