"""Record that somebody opened a request to decide it, and the personal data of its case."""

from datetime import datetime

from cases.memory.models import Case
from cases.memory.services import record_read
from governance.access.types import Authority
from governance.approvals.models import ApprovalRequest
from governance.approvals.services import record_opened
from governance.approvals.types import ApprovalState
from governance.ledger.services import one_act


@one_act()
def record_request_opened(
    *, authority: Authority, now: datetime, request: ApprovalRequest, unmasked: Case | None
) -> None:
    """Record what a page of a request showed, as one act: both entries, or none.

    Args:
        authority: What who looked held when both were read for them.
        now: When.
        request: The request; opening it is recorded while it waits.
        unmasked: Its case, where its personal data is shown as recorded; None where masked.

    Raises:
        NotFoundError: The actor may not know of either.
    """
    if request.state == ApprovalState.PENDING:
        record_opened(authority=authority, now=now, request=request)
    if unmasked is not None:
        record_read(authority=authority, now=now, case=unmasked, unmasked=True)
