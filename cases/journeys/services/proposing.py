"""Propose a tool call on a case: find its step, have it decided, carry short reads out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cases.intake import services as intake
from cases.journeys.models import StepRun
from cases.journeys.runner import check_moving
from cases.journeys.selectors import get_step, may_fulfil
from cases.journeys.services.steps import fulfil_checks, require_skilled
from cases.journeys.types import StepState
from cases.memory.models import Case
from cases.tools import services as tools
from cases.tools.models import ToolCall
from cases.tools.selectors import call_by_pk, find_call_of_request, get_tool, spec_of
from cases.tools.services.executing import Clock
from cases.tools.types import CallState, Effect
from governance.access.selectors import authority_of, require
from governance.access.types import Authority, Capability
from orchestra.core import clock
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotFoundError

Json = Any


@dataclass(frozen=True, slots=True)
class ProposalRequest:
    """What a caller proposes.

    Attributes:
        arguments_bytes: The arguments as received; empty where there are no such bytes.
        step: Id or key of the step it fulfils; None leaves it to the journey.
        request_key: The caller's Idempotency-Key, for faces that keep one.
        keep: Called with the call in the act that stores it, to keep what is answered.
    """

    tool: str
    arguments: Json
    arguments_bytes: bytes = b""
    step: str | None = None
    confidence: float | None = None
    margin: float | None = None
    rationale: str = ""
    evidence: tuple[str, ...] = ()
    customer_paragraph: str = ""
    request_key: str = ""
    keep: Callable[[ToolCall], None] | None = None


def propose_tool_call(
    *,
    actor: Actor,
    case: Case,
    request: ProposalRequest,
    authority: Authority | None = None,
    read_clock: Clock = clock.now,
) -> ToolCall:
    """Propose a tool call and return it as it stands.

    The step is the named one, or the one that is ready for this tool. A write without one is
    off plan; a read needs none. A read that is allowed is carried out at once. Must not be
    called inside a transaction.

    Args:
        actor: Who proposes.
        case: The case.
        request: What is proposed.
        authority: What the actor holds, where the caller has read it for the same request; a
            stop and the budget are asked afresh in any case.
        read_clock: Tells the time.

    Raises:
        InvalidInputError: The tool, its arguments, the step or the evidence is not acceptable.
        NotPermittedError: The actor may not propose on this case.
        ConflictError: The case or the step stands where this cannot be done, or the need of the
            case still waits for a word (``conflict.intent_unconfirmed``).
    """
    now = read_clock()
    authority = authority or authority_of(actor)
    require(authority=authority, capability=Capability.TOOL_PROPOSE, queue_id=case.queue_id)
    made = find_call_of_request(request_key=request.request_key)
    if made is not None:
        return made
    tool = get_tool(name=request.tool)
    writes = tool.effect == Effect.WRITE
    if writes and spec_of(tool).hands_off is None:
        intake.refuse_held(actor=actor, case=case)
    waiting = fulfil_checks(
        authority=authority, now=now, case=case, tool=tool.name, evidence=request.evidence
    )
    step = _step_of(authority, case, request, waiting)
    context = tools.StepContext(off_plan=writes) if step is None else context_of(step)
    call = tools.propose(
        authority=authority,
        now=now,
        proposal=tools.Proposal(
            case=case,
            tool=tool,
            arguments=request.arguments,
            arguments_bytes=request.arguments_bytes,
            confidence=request.confidence,
            margin=request.margin,
            rationale=request.rationale,
            evidence=request.evidence,
            customer_paragraph=request.customer_paragraph,
            step=context,
            request_key=request.request_key,
            keep=request.keep,
        ),
    )
    if call.state == CallState.READY and not writes:
        tools.execute_call(call_id=call.pk, read_clock=read_clock)
        call = call_by_pk(call.pk)
    return call


def cancel_tool_call(
    *, actor: Actor, now: datetime, call_id: UUID | str, reason: str = ""
) -> ToolCall:
    """Take a call back that has not begun; see ``cases.tools.services.cancel_call``."""
    return tools.cancel_call(actor=actor, now=now, call_id=call_id, reason=reason)


def context_of(step: StepRun) -> tools.StepContext:
    """Return a step as the tools name it in decision, approval and ledger."""
    version = step.journey.version
    return tools.StepContext(
        step_id=str(step.public_id),
        step_key=step.key,
        title=step.title,
        cue_sheet=version.cue_sheet.key,
        cue_sheet_title=version.cue_sheet.title,
        version=version.number,
        digest=version.digest,
        pattern=version.pattern,
        stage=step.stage,
    )


def _step_of(
    authority: Authority, case: Case, request: ProposalRequest, waiting: Sequence[StepRun]
) -> StepRun | None:
    if request.step:
        return _named_step(authority, case, request)
    ready = [
        step
        for step in waiting
        if step.state == StepState.READY
        and request.tool in step.tools
        and may_fulfil(authority=authority, step=step)
    ]
    if ready:
        require_skilled(authority, ready[0])
    return ready[0] if ready else None


def _named_step(authority: Authority, case: Case, request: ProposalRequest) -> StepRun:
    try:
        step = get_step(case=case, step=request.step or "")
    except NotFoundError as error:
        message = _("This case has no step %(step)s.") % {"step": request.step}
        raise InvalidInputError(message, errors=[FieldError("step", "unknown", message)]) from error
    if request.tool not in step.tools or not may_fulfil(authority=authority, step=step):
        message = _("The step %(step)s is not done by this tool, or not by you.") % {
            "step": step.key
        }
        raise InvalidInputError(message, errors=[FieldError("step", "not_fitting", message)])
    require_skilled(authority, step)
    check_moving(step.journey)
    if step.state != StepState.READY:
        raise ConflictError(
            _("The step %(step)s is %(state)s, not ready.")
            % {"step": step.key, "state": step.state},
            code="conflict.step_not_ready",
            data={"state": step.state},
        )
    return step
