"""What the customer's later words do to approvals that are asked for or given."""

from datetime import datetime

from cases.memory.models import Case
from cases.tools.models import ToolCall
from cases.tools.services.asking import OUTDATED, has_later_words
from cases.tools.services.settling import EXECUTION, finish
from cases.tools.types import CallState
from governance.approvals.models import ApprovalRequest
from governance.approvals.services import void_request
from governance.approvals.types import ApprovalState
from orchestra.core.locking import lock

_WAITING = (CallState.AWAITING_APPROVAL, CallState.READY)


def void_outdated(*, case: Case, now: datetime) -> int:
    """Void the approvals of a locked case that do not show the customer's last words.

    For the transaction that records a customer's message; what is not voided by it is voided
    when its execution is claimed.

    Args:
        case: The case, locked.
        now: The moment of the act.

    Returns:
        How many calls were voided.
    """
    waiting = ToolCall.objects.filter(case=case, state__in=_WAITING, attempt=0)
    ids = waiting.exclude(approval_id_text="").values_list("approval_id_text", flat=True)
    requests = lock(ApprovalRequest.objects.filter(public_id__in=list(ids)))
    return sum(_void(case, request, now) for request in requests)


def _void(case: Case, request: ApprovalRequest, now: datetime) -> bool:
    if request.state not in (ApprovalState.PENDING, ApprovalState.GRANTED):
        return False
    if not has_later_words(case=case, approval=request):
        return False
    calls = lock(
        ToolCall.objects.select_related("tool__connection", "case__queue").filter(
            approval_id_text=str(request.public_id), state__in=_WAITING, attempt=0
        )
    )
    for call in calls:
        finish(call=call, to=CallState.VOIDED, actor=EXECUTION, now=now, reason=OUTDATED)
    void_request(actor=EXECUTION, now=now, request_pk=request.pk, reason=OUTDATED)
    return True
