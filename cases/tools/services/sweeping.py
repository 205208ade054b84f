"""Find what a lost message or a dead worker left behind."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import DatabaseError

from cases.memory.types import VerificationLevel
from cases.tools.models import ToolCall
from cases.tools.selectors import call_by_pk, decided_facts, spec_of_call
from cases.tools.services.claiming import Claim, lock_call, may_have_happened
from cases.tools.services.entering import ring
from cases.tools.services.executing import Clock, execute_due
from cases.tools.services.outcome import settle_trouble, write_outcome
from cases.tools.services.reaffirming import reaffirm_pending
from cases.tools.services.resuming import resume_call
from cases.tools.services.sending import Report, confirm, look_up
from cases.tools.services.settling import EXECUTION, finish
from cases.tools.types import CallState
from governance.approvals.services import expire_due
from governance.ledger.services import one_act
from orchestra.core import clock
from orchestra.core.crash import crash_point
from orchestra.core.errors import OrchestraError, UpstreamError

log = structlog.get_logger(__name__)

BATCH = 100
SWEEP_TASK = "cases.tools.sweep"


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep found: counts by what was done."""

    approvals_expired: int
    leases_expired: int
    verifications_expired: int
    resumed: int
    reaffirmed: int
    executed: int


def sweep(*, now: datetime, batch: int = BATCH, read_clock: Clock = clock.now) -> Swept:
    """Expire approvals and leases, resume and reaffirm what waits, make attempts that are due.

    Safe to run at any time and twice at once. Must not be called inside a transaction.

    Args:
        now: The moment of the sweep.
        batch: How many of each kind at most.
        read_clock: Tells the time to the attempts.
    """
    return Swept(
        approvals_expired=expire_due(now=now, batch=batch),
        leases_expired=_each(_past_lease(now, batch), lambda pk: _expire_lease(pk, now)),
        verifications_expired=_each(_unverified(now, batch), lambda pk: _expire_wait(pk, now)),
        resumed=_each(_verified_since(batch), lambda pk: resume_call(call_id=pk, now=now)),
        reaffirmed=reaffirm_pending(now=now, batch=batch).decided,
        executed=execute_due(now=now, batch=batch, read_clock=read_clock),
    )


def _each(keys: list[int], act: Callable[[int], bool]) -> int:
    """Do one act on each, so that one that fails does not hold up the others."""
    done = 0
    for pk in keys:
        try:
            done += act(pk)
        except (OrchestraError, DatabaseError, LookupError) as error:
            log.warning("tools.sweep_failed", call=pk, error=type(error).__name__)
    return done


def _past_lease(now: datetime, batch: int) -> list[int]:
    rows = ToolCall.objects.filter(state=CallState.EXECUTING, lease_until_at__lte=now)
    return list(rows.order_by("lease_until_at", "pk").values_list("pk", flat=True)[:batch])


def _unverified(now: datetime, batch: int) -> list[int]:
    rows = ToolCall.objects.filter(state=CallState.AWAITING_VERIFICATION, due_at__lte=now)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:batch])


def _verified_since(batch: int) -> list[int]:
    """Return the waiting calls whose customer is more surely known than when they were decided."""
    rows = ToolCall.objects.select_related("case").filter(state=CallState.AWAITING_VERIFICATION)
    return [
        call.pk
        for call in rows.order_by("pk")[:batch]
        if VerificationLevel(call.case.verification).strength
        > VerificationLevel(decided_facts(call).get("verification", "none")).strength
    ]


def _expire_lease(call_id: int, now: datetime) -> bool:
    """Take over a call whose worker is gone: ask for its effect, repeat it, or call it unknown."""
    seen = call_by_pk(call_id)
    spec = spec_of_call(seen)
    found = look_up(call=seen, spec=spec)
    earlier = may_have_happened(seen)
    if found is not None:
        claim = Claim(call=seen, spec=spec, attempt=seen.attempt, earlier_unknown=earlier)
        report = confirm(call=seen, spec=spec, answer=found, looked_up=True)
        crash_point("during-lease-takeover")
        write_outcome(claim=claim, report=report, now=now)
        return True
    with one_act(durable=True):
        call = lock_call(call_id=call_id)
        lease = call.lease_until_at
        if call.state != CallState.EXECUTING or lease is None or lease > now:
            return False
        claim = Claim(call=call, spec=spec, attempt=call.attempt, earlier_unknown=earlier)
        gone = UpstreamError(
            "The worker that made this attempt is gone; what it did is not known.",
            may_retry=False,
            effect_unknown=True,
            code="execution.lease_expired",
        )
        settle_trouble(call=call, claim=claim, trouble=gone, report=Report(), now=now)
        if call.state == CallState.READY:
            ring(call)
        crash_point("during-lease-takeover")
    return True


def _expire_wait(call_id: int, now: datetime) -> bool:
    with one_act(durable=True):
        call = lock_call(call_id=call_id)
        if call.state != CallState.AWAITING_VERIFICATION or call.due_at is None:
            return False
        if call.due_at > now:
            return False
        reason = "The customer was not verified in time. Nothing ran."
        finish(call=call, to=CallState.EXPIRED, actor=EXECUTION, now=now, reason=reason)
    return True
