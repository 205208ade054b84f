"""Record that somebody opened the page of a request."""

from datetime import datetime
from uuid import UUID

from governance.approvals import entries
from governance.approvals.models import ApprovalRequest
from governance.approvals.services.locked import lock_visible, record
from governance.ledger.services import one_act
from orchestra.core.actors import Actor


def record_opened(*, actor: Actor, now: datetime, request_id: UUID) -> ApprovalRequest:
    """Record that an actor opened a request; time to decide is counted from here.

    Raises:
        NotFoundError: There is no such request, or the actor may not know of it.
    """
    with one_act():
        request, authority = lock_visible(actor=actor, public_id=request_id)
        record(
            request,
            actor=authority.actor,
            now=now,
            kind=entries.OPENED,
            payload={"view_digest": request.view_digest},
        )
    return request
