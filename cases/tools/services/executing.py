"""Carry out due calls: read, claim, send, write the outcome."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import DatabaseError

from cases.tools.gather import run_reads
from cases.tools.models import ToolCall
from cases.tools.selectors import due_call, spec_of_call, state_of
from cases.tools.services.claiming import claim_call, needs_deciding, put_off
from cases.tools.services.outcome import write_outcome
from cases.tools.services.sending import send
from cases.tools.services.stopping import not_stopped, put_back_if_stopped
from cases.tools.traced import execution
from cases.tools.types import BUSY, CallState
from governance.liveness.services import share_breakers
from orchestra.core import clock
from orchestra.core.crash import crash_point
from orchestra.core.errors import OrchestraError

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]

#: A call that is due for less than this is left to the worker its own message reaches: whoever
#: else came for it would read the same facts, wait for the same case, and find it claimed.
DOORBELL_TIME: Final = timedelta(seconds=5)


def execute_call(*, call_id: int, read_clock: Clock = clock.now) -> CallState:
    """Make one attempt at a call that is ready and due; harmless for any other.

    Two transactions with the call to the system of record between them; must not be called
    inside one. Two workers on one call cost a read, never an effect. Under a stop nothing is
    read, claimed or sent; the call stays ready.

    Args:
        call_id: Internal key of the call.
        read_clock: Tells the time, which passes between claim and answer.

    Returns:
        Where the call stands afterwards.
    """
    try:
        return _execute(call_id, read_clock)
    finally:
        share_breakers(read_clock=read_clock)


def _execute(call_id: int, read_clock: Clock) -> CallState:
    crash_point("after-take-before-claim")
    call = due_call(call_id)
    now = read_clock()
    if call.state != CallState.READY or (call.due_at is not None and call.due_at > now):
        return CallState(call.state)
    if call.is_stopped or call.on_hold:
        return CallState.READY
    spec = spec_of_call(call)
    reads = None
    if needs_deciding(call, spec):
        reads = run_reads(spec=spec, arguments=call.arguments, now=now)
        if BUSY in reads.errors.values():
            put_off(call=call, now=read_clock())
            return CallState.READY
    claim = claim_call(call=call, spec=spec, reads=reads, now=read_clock())
    if claim is None:
        return state_of(call_id)
    crash_point("after-claim-before-send")
    if put_back_if_stopped(claim=claim, now=read_clock()):
        return CallState.READY
    with execution(claim.call) as told:
        report = send(call=claim.call, spec=spec)
        state = write_outcome(claim=claim, report=report, now=read_clock())
        told.set_attribute("orchestra.call.state", str(state))
    crash_point("after-commit-before-ack")
    return state


def execute_due(*, now: datetime, batch: int = 50, read_clock: Clock = clock.now) -> int:
    """Make one attempt at each call that is ready and due, oldest first.

    Args:
        now: What counts as due.
        batch: How many at most.
        read_clock: Tells the time.

    Returns:
        How many were looked at.
    """
    due = list(
        ToolCall.objects.filter(
            not_stopped(), state=CallState.READY, on_hold=False, due_at__lte=now
        )
        .order_by("due_at", "pk")
        .values_list("pk", flat=True)[:batch]
    )
    for call_id in due:
        try:
            execute_call(call_id=call_id, read_clock=read_clock)
        except (OrchestraError, DatabaseError, LookupError) as error:
            # One that cannot be carried out must not hold up the others.
            log.warning("tools.execution_failed", call=call_id, error=type(error).__name__)
    return len(due)
