"""What becomes of a step when its call moves; called by the tools in their transaction."""

from datetime import datetime

from django.utils.translation import gettext as _

from cases.handoff.rules import reason_of
from cases.journeys.models import StepRun
from cases.journeys.runner import (
    CONDUCTOR,
    Running,
    check_moving,
    load_running,
    load_step,
    move_step,
    record_off_plan,
)
from cases.journeys.services.conducting import Over, conduct, hand_to_person
from cases.journeys.services.reversing import reversal_settled
from cases.journeys.services.verifying import verify_by_call
from cases.journeys.types import StepState
from cases.tools.models import ToolCall
from cases.tools.registry import HandOver
from cases.tools.services import approval_decided as bring_call_on
from cases.tools.traced import approval_wait
from cases.tools.types import CallState, Effect
from governance.approvals.models import ApprovalRequest
from governance.policies.types import Outcome, RiskLevel
from orchestra.core import words
from orchestra.core.errors import ConflictError

_WAITS = frozenset({Outcome.VERIFY, Outcome.APPROVE, Outcome.SPECIALIST})
_BUSY = frozenset({StepState.READY, StepState.RUNNING, StepState.WAITING})


def call_proposed(call: ToolCall, now: datetime) -> None:
    """Put a proposed call into its step, before the decision takes effect.

    A call that a person edited takes the place of the one before it in the same step, so that
    one effect ends the step, once.

    Raises:
        ConflictError: Another call took the step in the meantime.
    """
    if call.off_plan and call.edited_from_id is None:
        record_off_plan(call=call, now=now)
    running = _running_of(call)
    if running is None:
        return
    step = _own_step(running, call)
    check_moving(running.journey)
    if not _is_free(step, call):
        if call.tool.effect == Effect.READ:
            return
        raise ConflictError(
            _("Another call took the step %(step)s just now; look again.") % {"step": step.key},
            code="conflict.step_taken",
            data={"step": step.key, "state": step.state},
        )
    waits = call.decision.outcome in _WAITS
    move_step(
        running=running,
        step=step,
        to=StepState.WAITING if waits else StepState.RUNNING,
        now=now,
        changes={"tool_call": call},
    )


def _is_free(step: StepRun, call: ToolCall) -> bool:
    if call.edited_from_id is not None and step.tool_call_id == call.edited_from_id:
        return step.state in _BUSY
    if step.state == StepState.RUNNING:
        before = step.tool_call
        return before is None or CallState(before.state).is_terminal
    return step.state == StepState.READY


def call_settled(call: ToolCall, now: datetime) -> None:
    """Bring the step of an ended call to its end, verify the customer, and go on.

    Called with the case locked, in the transaction that ends the call.
    """
    verified = call.state == CallState.SUCCEEDED and verify_by_call(call=call, now=now)
    journeys = load_running(case=call.case)
    running = _among(journeys, call) or _running_of(call)
    if running is not None:
        step = _own_step(running, call)
        if step.tool_call_id == call.pk and step.state in _BUSY:
            to, reason = _end_of(call, verified=verified)
            move_step(running=running, step=step, to=to, now=now, reason=reason)
    conduct(case=call.case, now=now, journeys=journeys)
    if call.off_plan:
        reversal_settled(call=call, now=now)


def _among(journeys: list[Running], call: ToolCall) -> Running | None:
    """Return the running journey that has the call's step; one that has ended is not among them."""
    for running in journeys:
        if any(str(step.public_id) == call.step_id for step in running.steps):
            return running
    return None


def _end_of(call: ToolCall, *, verified: bool | None) -> tuple[StepState, str]:
    if call.state == CallState.SUCCEEDED:
        if verified is None:
            return StepState.REFUSED, "The tool found another customer than the case's."
        return StepState.DONE, ""
    if call.state == CallState.FAILED and not call.refused:
        return StepState.FAILED, call.state_reason
    return StepState.REFUSED, call.state_reason or f"The call was {call.state}."


def call_handed_off(call: ToolCall, over: HandOver, now: datetime) -> None:
    """Hand the case over because policy or a succeeded tool wants a person."""
    running = _running_of(call)
    if running is not None and call.state == CallState.HANDED_OFF:
        step = _own_step(running, call)
        if step.state in _BUSY:
            move_step(
                running=running, step=step, to=StepState.HANDED_OFF, now=now, reason=over.reason
            )
    if call.off_plan:
        reversal_settled(call=call, now=now)
    hand_to_person(
        actor=CONDUCTOR,
        now=now,
        case=call.case,
        over=Over(
            reason_code=reason_of(over.reason_code),
            queue=over.queue,
            role=over.role,
            note=over.reason or words.plain(over.reason_code),
            risk=str(call.tool.risk),
            gates=call.state == CallState.HANDED_OFF and call.tool.risk == RiskLevel.CRITICAL,
        ),
    )


def approval_decided(request: ApprovalRequest, now: datetime) -> None:
    """Bring the call of a decided approval on, and its step out of the wait."""
    call = bring_call_on(request, now)
    approval_wait(call, request, now)
    if call.state == CallState.READY:
        _stop_waiting(call)


def _stop_waiting(call: ToolCall) -> None:
    StepRun.objects.filter(tool_call=call, state=StepState.WAITING).update(state=StepState.RUNNING)


def _running_of(call: ToolCall) -> Running | None:
    """Return a call's step, locked, in its journey; None for a call outside of any plan."""
    return load_step(case=call.case, step_id=call.step_id) if call.step_id else None


def _own_step(running: Running, call: ToolCall) -> StepRun:
    return next(step for step in running.steps if str(step.public_id) == call.step_id)
