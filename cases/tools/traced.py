"""What the spans of a tool call say: ids and codes, by the names of OpenTelemetry where it has one.

Source: semantic conventions for generative AI, ``execute_tool``; our own stand under
``orchestra.``.
"""

from contextlib import AbstractContextManager
from datetime import datetime

from cases.tools.models import ToolCall
from governance.approvals.models import ApprovalRequest
from orchestra.core import tracing
from orchestra.core.actors import ActorKind
from orchestra.core.tracing import Span, Value


def attributes_of(call: ToolCall) -> dict[str, Value]:
    """Return what every span of a call says."""
    found: dict[str, Value] = {
        "gen_ai.tool.name": call.tool.name,
        "gen_ai.tool.call.id": str(call.public_id),
        "orchestra.case.id": str(call.case.public_id),
        "orchestra.requester.kind": str(call.requester_kind),
    }
    if call.requester_kind == ActorKind.AGENT:
        found["gen_ai.agent.id"] = call.requester_id
    return found


def execution(call: ToolCall) -> AbstractContextManager[Span]:
    """Return the span of one attempt, which goes on from the proposal of its call."""
    if not tracing.is_on():
        return tracing.span("execute_tool")
    attributes = {
        **attributes_of(call),
        "gen_ai.operation.name": "execute_tool",
        "orchestra.attempt": call.attempt,
    }
    return tracing.span(f"execute_tool {call.tool.name}", attributes, parent=call.traceparent)


def approval_wait(call: ToolCall, request: ApprovalRequest, now: datetime) -> None:
    """Record how long a call waited for an approval, and how that ended."""
    if not tracing.is_on():
        return
    tracing.record(
        "approval_wait",
        begun_at=request.created_at,
        ended_at=now,
        parent=call.traceparent,
        attributes={
            **attributes_of(call),
            "orchestra.approval.id": str(request.public_id),
            "orchestra.approval.state": str(request.state),
        },
    )
