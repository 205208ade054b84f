"""Propose a tool call: validate, attach, read, decide, and commit the intent."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from cases.memory.locks import refuse_gated
from cases.memory.models import Case
from cases.memory.selectors import lock_case
from cases.tools import entries
from cases.tools.facts import effect_of
from cases.tools.gather import Asked, run_reads
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.rules import Action, sensitive_part
from cases.tools.selectors import spec_of_call
from cases.tools.services.asking import Decided, amounts_of
from cases.tools.services.budgeting import check_budget, check_limits
from cases.tools.services.citing import record_citations
from cases.tools.services.entering import Verdict, decide, enter_new, stored_facts
from cases.tools.services.preparing import (
    Edit,
    Prepared,
    Proposal,
    StepContext,
    check_workable,
    prepare,
)
from cases.tools.services.settling import SUBJECT
from cases.tools.services.stopping import check_not_stopped
from cases.tools.traced import attributes_of
from cases.tools.types import BUSY, CallState, Json, Reads
from governance.access.selectors import require, require_tool
from governance.access.types import Authority, Capability
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.policies.services.deciding import policies_digest
from governance.policies.types import Decision
from orchestra.core import tracing
from orchestra.core.actors import Actor
from orchestra.core.canonical import sha256_hex
from orchestra.core.crash import crash_point
from orchestra.core.errors import UpstreamError
from orchestra.core.fields import uuid7


def propose(*, authority: Authority, now: datetime, proposal: Proposal) -> ToolCall:
    """Propose a tool call and return it as its decision leaves it.

    An identical proposal of the same requester attaches to the call that is still open. The
    tool's fact reads are asked before the one transaction opens, which decides, records and
    commits the intent. Must not be called inside a transaction.

    Args:
        authority: What the requester holds, read just before.
        now: When.
        proposal: What is proposed.

    Raises:
        InvalidInputError: The arguments or the proposal are not acceptable.
        NotPermittedError: The actor may not propose on this case.
        ConflictError: The case is not open, the tool is retired or was changed at its upstream,
            or a stop stands on it.
        UpstreamError: Its facts cannot be asked for at the moment; the same again later may.
    """
    with tracing.span(f"propose_tool {proposal.tool.name}") as told:
        call = _propose(authority=authority, now=now, proposal=proposal)
        if tracing.is_on():
            for name, value in attributes_of(call).items():
                told.set_attribute(name, value)
            told.set_attribute("orchestra.call.state", str(call.state))
        return call


def _propose(*, authority: Authority, now: datetime, proposal: Proposal) -> ToolCall:
    case, tool = proposal.case, proposal.tool
    require(authority=authority, capability=Capability.TOOL_PROPOSE, queue_id=case.queue_id)
    require_tool(authority=authority, tool=tool.name)
    prepared = prepare(authority, now, proposal)
    attached = prepared.find_open()
    if attached is not None:
        return attached
    check_workable(case, tool)
    check_not_stopped(authority=authority, tool=tool.name, cue_sheet=proposal.step.cue_sheet)
    reads = run_reads(spec=prepared.asked.spec, arguments=prepared.asked.arguments, now=now)
    refuse_busy(reads)
    try:
        with one_act(durable=True):
            call = _commit_intent(now, prepared, reads)
            if proposal.keep is not None:
                proposal.keep(call)
            crash_point("before-intent-commit")
    except IntegrityError:
        # Two identical proposals at once: the constraint let one through, this one attaches.
        attached = prepared.find_open()
        if attached is None:
            raise
        return attached
    return call


def refuse_busy(reads: Reads) -> None:
    """Refuse to decide without facts that only wait for a free place at their connection.

    Raises:
        UpstreamError: Nothing was decided; the same may be asked again.
    """
    if BUSY in reads.errors.values():
        raise UpstreamError(
            _(
                "The system that the facts are read from has as many calls as it allows; "
                "nothing was decided. Ask again in a moment."
            ),
            may_retry=True,
            code=BUSY,
        )


def _commit_intent(now: datetime, prepared: Prepared, reads: Reads) -> ToolCall:
    case = lock_case(prepared.proposal.case.public_id)
    check_workable(case, prepared.proposal.tool)
    asked = prepared.asked
    refuse_gated(actor=asked.authority.actor, case=case)
    check_budget(authority=asked.authority, now=now, effect=asked.spec.effect)
    check_limits(
        authority=asked.authority,
        now=now,
        case=case,
        tool=prepared.proposal.tool,
        spec=asked.spec,
    )
    return enter_call(public_id=uuid7(), now=now, case=case, prepared=prepared, reads=reads)


def enter_call(
    *, public_id: UUID, now: datetime, case: Case, prepared: Prepared, reads: Reads
) -> ToolCall:
    """Decide on a prepared proposal and store its call, in the running transaction.

    Args:
        public_id: Public id that the call is to have.
        now: When.
        case: The case, locked.
        prepared: What is proposed, checked.
        reads: What the tool's reads answered before the transaction.
    """
    proposal, tool = prepared.proposal, prepared.proposal.tool
    edit = proposal.edit
    actor = edit.editor if edit else prepared.asked.authority.actor
    asked = replace(prepared.asked, call_id=str(public_id))
    verdict = decide(actor=actor, now=now, asked=asked, case=case, reads=reads)
    action = action_of(
        call_id=str(public_id),
        case=case,
        tool=tool,
        asked=asked,
        step=proposal.step,
        decision=verdict.decision,
    )
    call = _build(public_id, now, case, prepared, verdict, action, reads)
    _record_proposal(actor, now, call, proposal, verdict.decision)
    decided = Decided(
        asked=asked,
        action=action,
        decision=verdict.decision,
        facts=verdict.facts,
        reads=reads,
        step_title=proposal.step.title,
        cue_sheet_title=proposal.step.cue_sheet_title,
    )
    enter_new(actor=actor, now=now, call=call, case=case, decided=decided)
    record_citations(actor=actor, now=now, call=call, cited=asked.cited)
    return call


def action_of(
    *,
    call_id: str,
    case: Case,
    tool: ToolDefinition,
    asked: Asked,
    step: StepContext,
    decision: Decision,
) -> Action:
    """Return the canonical action of a call under a decision."""
    return Action(
        call=call_id,
        case=str(case.public_id),
        tool=tool.name,
        tool_digest=tool.digest,
        risk=asked.spec.risk,
        arguments=asked.arguments,
        requester=asked.authority.actor,
        policies=decision.policies,
        step=step.step_id,
        cue_sheet=step.cue_sheet,
        cue_sheet_version=step.version,
    )


def _build(
    public_id: UUID,
    now: datetime,
    case: Case,
    prepared: Prepared,
    verdict: Verdict,
    action: Action,
    reads: Reads,
) -> ToolCall:
    proposal, asked = prepared.proposal, prepared.asked
    effect = effect_of(spec=asked.spec, arguments=asked.arguments, reads=reads)
    amount, currency = amounts_of(verdict.facts)
    requester = asked.authority.actor
    return ToolCall(
        public_id=public_id,
        case=case,
        tool=proposal.tool,
        tool_digest=proposal.tool.digest,
        decision=verdict.record,
        decided_under=verdict.policy_set,
        step_id=proposal.step.step_id,
        step_key=proposal.step.step_key,
        cue_sheet=proposal.step.cue_sheet,
        cue_sheet_version=proposal.step.version,
        off_plan=proposal.step.off_plan,
        arguments=proposal.arguments,
        arguments_bytes=prepared.body,
        arguments_digest=prepared.digest,
        action_digest=action.digest,
        effect_key=action.effect_key,
        request_key=proposal.request_key or None,
        requester_kind=requester.kind,
        requester_id=requester.id,
        requester_label=requester.label,
        confidence=proposal.confidence,
        margin=proposal.margin,
        rationale=proposal.rationale,
        evidence=list(asked.evidence),
        customer_paragraph=proposal.customer_paragraph,
        facts=stored_facts(verdict, reads),
        effect_text=effect.sentence[:500] if effect else "",
        amount_minor=amount,
        currency=currency,
        state=CallState.PROPOSED,
        created_at=now,
        traceparent=tracing.current(),
        **(_edited(proposal.edit) if proposal.edit else {}),
    )


def _edited(edit: Edit) -> dict[str, Any]:
    parent = edit.parent
    return {
        "edited_from": parent,
        "edited_by_id": edit.editor.id,
        "edited_by_label": edit.editor.label,
        "edit_reason": edit.reason,
        "proposed_digest": parent.proposed_digest or parent.arguments_digest,
    }


def _record_proposal(
    actor: Actor, now: datetime, call: ToolCall, proposal: Proposal, decision: Decision
) -> None:
    spec = spec_of_call(call)
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=call.case.stream,
            kind=entries.PROPOSED,
            payload={
                "tool": call.tool.name,
                "title": call.tool.title,
                "arguments": call.arguments,
                **sensitive_part(spec),
                "arguments_sha256": sha256_hex(bytes(call.arguments_bytes)),
                "action_digest": call.action_digest,
                "requester": {
                    "id": call.requester_id,
                    "kind": str(call.requester_kind),
                    "label": call.requester_label,
                },
                "confidence": call.confidence,
                "margin": call.margin,
                "rationale": call.rationale,
                "evidence": call.evidence,
                "effect": call.effect_text or call.tool.title,
                "step": call.step_key,
                "step_id": call.step_id,
                "off_plan": call.off_plan,
                "outcome": str(decision.outcome),
                "reasons": list(decision.reasons),
                "rules": list(decision.rule_ids),
                **(_edit_payload(proposal.edit) if proposal.edit else {}),
            },
            subject_kind=SUBJECT,
            subject_id=str(call.public_id),
            policy=policies_digest(decision.policies),
            cue=proposal.step.digest,
            schema=call.tool_digest,
        ),
    )


def _edit_payload(edit: Edit) -> dict[str, Json]:
    return {
        "edited_from": str(edit.parent.public_id),
        "edited_by": edit.editor.as_payload(),
        "edit_reason": edit.reason,
    }
