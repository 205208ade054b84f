"""What becomes of a call once people have decided on it; registered with the approvals."""

from datetime import datetime
from uuid import UUID

from cases.memory.selectors import lock_case
from cases.tools.models import ToolCall
from cases.tools.services.entering import ring
from cases.tools.services.settling import EXECUTION, finish, move
from cases.tools.types import CallState
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState
from orchestra.core.prepared import Prepared

_ENDS = {
    ApprovalState.REJECTED: CallState.REJECTED,
    ApprovalState.EXPIRED: CallState.EXPIRED,
    ApprovalState.VOIDED: CallState.VOIDED,
}
_REJECTED = "An approver rejected it."


def lock_for_approval(case_public_id: str) -> None:
    """Lock the case of an approval before the approval itself."""
    lock_case(case_public_id)


_DECIDED = Prepared(
    lambda call_id: ToolCall.objects.select_related(
        "tool__connection", "case__queue", "decision"
    ).filter(public_id=call_id),
    locks=True,
)


def approval_decided(request: ApprovalRequest, now: datetime) -> ToolCall:
    """Bring the call of an approval on, in the approval's transaction.

    A grant makes it ready; any other end ends it. A call that has ended already, because its
    end is what voided the approval, is left as it is.

    Returns:
        The locked call as it stands afterwards.
    """
    [call] = _DECIDED.rows(UUID(request.subject_id))
    state = ApprovalState(request.state)
    if state is ApprovalState.GRANTED and call.state == CallState.AWAITING_APPROVAL:
        move(call=call, to=CallState.READY, actor=EXECUTION, changes={"due_at": now})
        ring(call)
        return call
    waits = call.state == CallState.AWAITING_APPROVAL or (
        call.state == CallState.READY and call.attempt == 0
    )
    if state in _ENDS and waits:
        finish(
            call=call,
            to=_ENDS[state],
            actor=EXECUTION,
            now=now,
            reason=_reason(request, state),
            payload={"approval": request.label},
        )
    return call


def _reason(request: ApprovalRequest, state: ApprovalState) -> str:
    if request.ended_reason:
        return request.ended_reason
    return _REJECTED if state is ApprovalState.REJECTED else f"The approval was {state}."
