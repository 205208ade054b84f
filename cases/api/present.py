"""Turns rows into the shapes of the API, each with a bounded number of queries."""

from typing import Any
from uuid import UUID

from django.http import Http404

from cases.api.outputs import CaseDetailOut, ToolCallOut
from cases.intake import selectors as intake
from cases.journeys import selectors as journeys
from cases.memory.models import Case
from cases.tools import selectors as tools
from cases.tools.models import ToolCall
from cases.tools.rejections import alternatives
from cases.tools.types import CallState
from governance.approvals import selectors as approvals
from governance.approvals.types import RejectReason
from governance.policies import selectors as policies


def case_detail(case: Case) -> dict[str, Any]:
    """Return a case with its intake, journeys and steps."""
    found = journeys.list_journeys(case=case)
    steps = journeys.steps_by_journey(case=case)
    case.intake = intake.latest_classification(case=case)  # type: ignore[attr-defined]
    return dict(CaseDetailOut(_Detail(case, found), context={"steps": steps}).data)


class _Detail:
    """A case and what is shown beside it, as one source for the serializer."""

    def __init__(self, case: Case, journeys_found: list[Any]) -> None:
        self._case = case
        self.journeys = journeys_found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._case, name)


def call_detail(call: ToolCall) -> dict[str, Any]:
    """Return a tool call with its decision, approval and attempts: two further queries.

    One more where it was rejected or edited.
    """
    record = policies.record_as_value(call.decision)
    context = {
        "decision": {
            "id": str(call.decision.public_id),
            "outcome": call.decision.outcome,
            "reasons": record.get("reasons", []),
            "rules": [f"{policy}:{rule}" for policy, _, rule, _ in record.get("fired", [])],
            "policies": {key: number for key, (number, _) in record.get("policies", {}).items()},
        },
        "approval": _approval(call),
        "rejection": _rejection(call),
        **_edits(call),
        "attempts": tools.list_attempts(call=call) if call.attempt else (),
    }
    return dict(ToolCallOut(call, context=context).data)


def _approval(call: ToolCall) -> dict[str, Any] | None:
    if not call.approval_id_text:
        return None
    found = call.asked or approvals.find_outline(UUID(call.approval_id_text))
    if found is None:
        raise Http404
    return {
        "id": found.public_id,
        "label": found.label,
        "state": found.state,
        "deadline_at": found.deadline_at,
        "reason": found.ended_reason,
    }


def _rejection(call: ToolCall) -> dict[str, Any] | None:
    if call.state != CallState.REJECTED or not call.approval_id_text:
        return None
    found = approvals.find_rejection(UUID(call.approval_id_text))
    if found is None:
        return None
    return {
        "by": found.voter,
        "at": found.at,
        "code": found.code or RejectReason.OTHER,
        "reason": found.reason,
        "may_instead": alternatives(found.code),
    }


def _edits(call: ToolCall) -> dict[str, Any]:
    """Return what an edit made of a call, and what it was made from."""
    instead = tools.find_replacement(call) if call.state == CallState.CANCELLED else None
    edited = instead or (call if call.edited_from_id is not None else None)
    if edited is None:
        return {}
    return {
        "edited_by": {
            "by": edited.edited_by_label,
            "at": edited.created_at,
            "reason": edited.edit_reason,
        },
        "edited_from": call.edited_from,
        "replaced_by": instead,
    }
