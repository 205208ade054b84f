"""Take back a call that has not begun."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cases.memory.selectors import lock_case
from cases.tools.models import ToolCall
from cases.tools.selectors import get_call
from cases.tools.services.claiming import lock_call
from cases.tools.services.settling import finish
from cases.tools.types import CallState
from governance.access.selectors import authority_of, require
from governance.access.types import Authority, Capability
from governance.approvals.models import ApprovalRequest
from governance.approvals.services import void_request
from governance.approvals.types import ApprovalState
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, NotPermittedError
from orchestra.core.locking import lock

_WAITING = frozenset(
    {CallState.AWAITING_VERIFICATION, CallState.AWAITING_APPROVAL, CallState.READY}
)


def cancel_call(*, actor: Actor, now: datetime, call_id: UUID | str, reason: str = "") -> ToolCall:
    """Cancel a call that waits; whoever asked for it may, and people who work the queue.

    Raises:
        NotFoundError: There is no such call, or the actor may not see it.
        NotPermittedError: It is another's, and the actor is no person who works the queue.
        ConflictError: It was begun or has ended; it is not taken back by this.
    """
    authority = authority_of(actor)
    seen = get_call(authority=authority, call_id=call_id)
    _check_may_cancel(authority, seen)
    said = reason.strip() or _("taken back")
    with one_act():
        lock_case(seen.case.public_id)
        approvals = _lock_approval(seen)
        call = lock_call(call_id=seen.pk, case_id=seen.case.public_id)
        if call.state not in _WAITING or call.attempt > 0:
            raise ConflictError(
                _("This call is %(state)s and can no longer be cancelled.") % {"state": call.state},
                code="conflict.state_moved_on",
                data={"state": str(call.state)},
            )
        finish(call=call, to=CallState.CANCELLED, actor=actor, now=now, reason=said)
        for approval in approvals:
            if approval.state in (ApprovalState.PENDING, ApprovalState.GRANTED):
                void_request(actor=actor, now=now, request_pk=approval.pk, reason=said)
    return call


def _check_may_cancel(authority: Authority, call: ToolCall) -> None:
    if authority.actor.id == call.requester_id:
        return
    if authority.actor.is_agent:
        raise NotPermittedError(_("Another asked for this call; only they or a person cancel it."))
    require(authority=authority, capability=Capability.CASE_WORK, queue_id=call.case.queue_id)


def _lock_approval(call: ToolCall) -> list[ApprovalRequest]:
    if not call.approval_id_text:
        return []
    return lock(ApprovalRequest.objects.filter(public_id=call.approval_id_text))
