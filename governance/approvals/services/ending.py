"""End requests that nobody decided, or that no longer hold."""

from datetime import datetime

import structlog
from django.db import DatabaseError
from django.db.models import Q
from django.utils.translation import gettext as _

from governance.approvals.models import ApprovalRequest
from governance.approvals.services.locked import APPROVALS, check_state, end_request, lock_request
from governance.approvals.services.timing import NOBODY_HOLDS
from governance.approvals.types import ApprovalState
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import OrchestraError

log = structlog.get_logger(__name__)

REASON_LENGTH = 500


def void_request(*, actor: Actor, now: datetime, request_pk: int, reason: str) -> ApprovalRequest:
    """End a pending or granted request that no longer holds.

    Its subject's handler is called like after every other end, so a caller that ends the
    subject itself does that first.

    Args:
        actor: Who ends it.
        now: The moment of the act.
        request_pk: Primary key of the request.
        reason: Why, for both sides.

    Raises:
        NotFoundError: There is no such request.
        ConflictError: It has ended already.
    """
    with one_act():
        request = lock_request(pk=request_pk)
        check_state(request, ApprovalState.PENDING, ApprovalState.GRANTED)
        void_locked(request, actor=actor, now=now, reason=reason)
    return request


def void_locked(request: ApprovalRequest, *, actor: Actor, now: datetime, reason: str) -> None:
    """End a pending or granted request like ``void_request``, where it is locked already."""
    _end(request, actor, now, ApprovalState.VOIDED, reason)


def expire_due(*, now: datetime, batch: int) -> int:
    """End what is past its time: undecided past the deadline, granted but never run.

    Each in a transaction of its own and always by the system. One that cannot be ended is
    logged and tried again by the next sweep; it does not hold up the others.

    Args:
        now: The moment of the sweep.
        batch: How many at most.

    Returns:
        How many were ended.
    """
    due = list(
        ApprovalRequest.objects.filter(_is_due(now))
        .order_by("deadline_at", "pk")
        .values_list("pk", flat=True)[:batch]
    )
    return sum(_expire(pk, now) for pk in due)


def _is_due(now: datetime) -> Q:
    return Q(state=ApprovalState.PENDING, deadline_at__lte=now) | Q(
        state=ApprovalState.GRANTED, execute_by_at__lte=now
    )


def _expire(pk: int, now: datetime) -> bool:
    try:
        with one_act():
            request = lock_request(pk=pk)
            # A vote or an execution may have been faster than this sweep.
            if not ApprovalRequest.objects.filter(_is_due(now), pk=pk).exists():
                return False
            _end(request, APPROVALS, now, ApprovalState.EXPIRED, _expiry_reason(request))
    except (OrchestraError, DatabaseError, LookupError) as error:
        log.warning("approvals.expire_failed", request=pk, error=type(error).__name__)
        return False
    return True


def _expiry_reason(request: ApprovalRequest) -> str:
    if request.state == ApprovalState.GRANTED:
        return _("It was approved, but not run in time. It has to be asked again.")
    return _("Nobody decided in time. Nothing ran.")


def _end(
    request: ApprovalRequest, actor: Actor, now: datetime, state: ApprovalState, reason: str
) -> None:
    end_request(
        request,
        actor=actor,
        now=now,
        state=state,
        changes={
            "ended_reason": reason[:REASON_LENGTH],
            "decided_at": request.decided_at or now,
            **NOBODY_HOLDS,
        },
        payload={"reason": reason, "was": str(request.state)},
    )
