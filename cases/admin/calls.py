"""The tool calls of a case as its page places them: asked, decided, attempted, ended."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from cases.admin import reads
from cases.admin.masking import masked
from cases.admin.outcomes import describe_outcome
from cases.admin.upstream import waiting_words
from cases.memory.models import Case
from cases.tools import selectors as tools
from cases.tools.models import ToolAttempt, ToolCall
from cases.tools.rules import sensitive_part
from cases.tools.types import Effect
from governance.access.types import Capability
from governance.admin.in_ledger import in_ledger
from governance.admin.visit import Visit
from governance.policies.replay import RecordError, read_record
from orchestra.core.redaction import mask_value


def describe_calls(
    *,
    case: Case,
    visit: Visit,
    unmasked: bool = False,
    asked: Iterable[ToolCall] | None = None,
    attempts: Iterable[ToolAttempt] | None = None,
) -> list[dict[str, Any]]:
    """Return every call of a case in the order proposed: three queries whatever their number.

    Args:
        case: The case.
        visit: Who looks.
        unmasked: Whether personal data is shown as recorded.
        asked: The calls of the case, where the page has them already.
        attempts: The attempts at them, likewise.
    """
    tried = reads.by_call(reads.list_attempts(case=case) if attempts is None else attempts)
    reads_decisions = visit.may(Capability.DECISION_READ)
    described = [
        {
            **_describe(call, tried.get(call.pk, []), with_decision_link=reads_decisions),
            "ledger_link": in_ledger(visit, subject=call.public_id),
        }
        for call in (tools.list_calls(case=case) if asked is None else asked)
    ]
    return described if unmasked else [_as_masked(call) for call in described]


def _as_masked(call: dict[str, Any]) -> dict[str, Any]:
    # Arguments and answers have keys that say what is personal; the rest is text.
    hidden = mask_value({key: call[key] for key in ("arguments", "sensitive") if key in call})
    return {
        **masked(call),
        "arguments": hidden["arguments"],
        "result": mask_value(call["result"]),
    }


def _describe(
    call: ToolCall, attempts: list[ToolAttempt], *, with_decision_link: bool
) -> dict[str, Any]:
    return {
        "id": str(call.public_id),
        "title": call.effect_text or call.tool.title,
        "tool": call.tool.name,
        "tool_title": call.tool.title,
        "risk": call.tool.risk,
        "writes": call.tool.effect == Effect.WRITE,
        "state": "refused" if call.refused else call.state,
        "requester_id": call.requester_id,
        "requester_kind": call.requester_kind,
        "requester_label": call.requester_label,
        "created_at": call.created_at,
        "settled_at": call.settled_at,
        "rationale": call.rationale,
        "off_plan": call.off_plan,
        "amount_minor": call.amount_minor,
        "currency": call.currency,
        "arguments": call.arguments,
        **sensitive_part(tools.spec_of_call(call)),
        "result": call.result,
        "outcome": describe_outcome(call, held=waiting_words(call)),
        "decision": _decision(call),
        "decision_link": reverse("admin:decision", args=[call.decision.public_id])
        if with_decision_link
        else "",
        "approval_link": reverse("admin:approval", args=[call.approval_id_text])
        if call.approval_id_text
        else "",
        "attempts": [
            {
                "number": attempt.number,
                "outcome": attempt.outcome,
                "started_at": attempt.started_at,
                "ended_at": attempt.ended_at,
                "detail": attempt.detail,
            }
            for attempt in attempts
        ],
    }


def _decision(call: ToolCall) -> dict[str, Any]:
    try:
        value = read_record(bytes(call.decision.body)).value
    except RecordError:
        return {"outcome": call.decision.outcome, "reasons": []}
    return {"outcome": call.decision.outcome, "reasons": value.get("reasons", [])}
