"""Record that somebody opened the page of a request, and that its evidence was on screen."""

from datetime import datetime
from uuid import UUID

from governance.access.types import Authority
from governance.approvals import entries
from governance.approvals.models import ApprovalRequest
from governance.approvals.selectors import may_see
from governance.approvals.services.locked import check_state, lock_visible, not_found, record
from governance.approvals.types import ApprovalState
from governance.ledger.selectors import list_entries
from governance.ledger.services import one_act
from orchestra.core.actors import Actor


def record_opened(*, authority: Authority, now: datetime, request: ApprovalRequest) -> None:
    """Record that an actor opened a request; time to decide is counted from here.

    Nothing of the request changes and nothing is decided: what was shown went by the same
    authority, so nothing is locked, and whoever opens a page holds up nobody who votes.

    Args:
        authority: What who looked held when the request was read for them.
        now: When.
        request: The request as it was read.

    Raises:
        NotFoundError: The actor may not know of it.
    """
    if not may_see(authority, request):
        raise not_found()
    with one_act():
        record(
            request,
            actor=authority.actor,
            now=now,
            kind=entries.OPENED,
            payload={"view_digest": request.view_digest},
        )


def record_evidence_seen(*, actor: Actor, now: datetime, request_id: UUID) -> bool:
    """Record, once for each person, that all evidence of a waiting request was on their screen.

    It says what was shown, not what was read, and no vote waits for it.

    Returns:
        Whether it is new.

    Raises:
        NotFoundError: There is no such request, or the actor may not know of it.
        ConflictError: It has ended.
    """
    with one_act():
        request, authority = lock_visible(actor=actor, public_id=request_id)
        check_state(request, ApprovalState.PENDING)
        told = list_entries().filter(
            kind=entries.EVIDENCE_SEEN,
            subject_id=str(request.public_id),
            actor_id=authority.actor.id,
        )
        if told.exists():
            return False
        record(
            request,
            actor=authority.actor,
            now=now,
            kind=entries.EVIDENCE_SEEN,
            payload={"view_digest": request.view_digest},
        )
    return True
