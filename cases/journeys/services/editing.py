"""Edit a tool call that waits for an approval: the same step, another action."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cases.journeys.models import StepRun
from cases.journeys.services.proposing import context_of
from cases.tools import services as tools
from cases.tools.models import ToolCall
from cases.tools.selectors import get_call
from cases.tools.services.executing import Clock
from governance.access.selectors import authority_of
from orchestra.core import clock
from orchestra.core.actors import Actor

Json = Any


@dataclass(frozen=True, slots=True)
class EditRequest:
    """What a person wants a call that waits to say instead.

    Attributes:
        digest: Digest of the action that the person saw.
        reason: Why, for the requester and whoever votes.
        arguments_bytes: The arguments as received; empty where there are no such bytes.
        evidence: What shows it; None leaves what the call cites.
        customer_paragraph: What the customer will read; None leaves what it says.
        request_key: The caller's Idempotency-Key, for faces that keep one.
    """

    arguments: Json
    digest: str
    reason: str
    arguments_bytes: bytes = b""
    evidence: tuple[str, ...] | None = None
    customer_paragraph: str | None = None
    request_key: str = ""


def edit_tool_call(
    *, actor: Actor, call_id: UUID | str, request: EditRequest, read_clock: Clock = clock.now
) -> ToolCall:
    """Replace a call that waits for an approval by what a person makes of it.

    The new call belongs to the same step, and the journey goes on with its result. See
    ``cases.tools.services.edit``; must not be called inside a transaction.

    Returns:
        The call that replaces it, as its decision leaves it.

    Raises:
        NotFoundError: There is no such call, or the actor may not see it.
        NotPermittedError: The actor may not edit it.
        InvalidInputError: The arguments do not fit, nothing is changed, or the reason is missing.
        ConflictError: Somebody edited or decided it meanwhile; nothing was changed.
    """
    seen = get_call(authority=authority_of(actor), call_id=call_id)
    return tools.edit(
        actor=actor, now=read_clock(), call_id=seen.public_id, draft=_draft(seen, request)
    )


def preview_edit(
    *, actor: Actor, call_id: UUID | str, request: EditRequest, read_clock: Clock = clock.now
) -> tools.Preview:
    """Return what a call would do as edited; nothing is written. See ``edit_tool_call``.

    Raises:
        NotFoundError: There is no such call, or the actor may not see it.
        NotPermittedError: The actor may not edit it.
        InvalidInputError: The arguments do not fit, or nothing is changed.
    """
    seen = get_call(authority=authority_of(actor), call_id=call_id)
    return tools.preview_edit(
        actor=actor, now=read_clock(), call_id=seen.public_id, draft=_draft(seen, request)
    )


def _draft(seen: ToolCall, request: EditRequest) -> tools.EditDraft:
    return tools.EditDraft(
        arguments=request.arguments,
        arguments_bytes=request.arguments_bytes,
        digest=request.digest,
        reason=request.reason,
        evidence=request.evidence,
        customer_paragraph=request.customer_paragraph,
        step=_context_of(seen),
        request_key=request.request_key,
    )


def _context_of(call: ToolCall) -> tools.StepContext:
    if not call.step_id:
        return tools.StepContext(off_plan=call.off_plan)
    step = StepRun.objects.select_related("journey__version__cue_sheet").get(
        journey__case=call.case, public_id=call.step_id
    )
    return context_of(step)
