"""Propose a tool call: validate, attach, read, decide, and commit the intent."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from cases.memory.models import Case
from cases.memory.selectors import lock_case
from cases.memory.types import CaseStatus
from cases.tools import entries
from cases.tools.arguments import check_arguments, check_same, read_exact
from cases.tools.facts import effect_of
from cases.tools.gather import Asked, Cited, run_reads
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.rules import Action, arguments_digest
from cases.tools.selectors import find_repeated, spec_of
from cases.tools.services.asking import Decided, amounts_of
from cases.tools.services.citing import find_cited, record_citations
from cases.tools.services.entering import Verdict, decide, enter_new, stored_facts
from cases.tools.services.settling import SUBJECT
from cases.tools.types import CallState, Json, Reads
from governance.access.selectors import require
from governance.access.types import Authority, Capability
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.policies.services.deciding import policies_digest
from governance.policies.types import Decision
from orchestra.core.actors import Actor
from orchestra.core.canonical import canonical_bytes, sha256_hex
from orchestra.core.crash import crash_point
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError
from orchestra.core.fields import uuid7

_WORKABLE = frozenset({CaseStatus.OPEN, CaseStatus.HANDED_OFF})
_MAX_RATIONALE = 4000


@dataclass(frozen=True, slots=True)
class StepContext:
    """The step a proposal fulfils; all empty for a call outside of any plan.

    Attributes:
        step_id: Public id of the running step.
        cue_sheet: Key of the cue sheet; ``version`` and ``digest`` are of the version in force.
        title: The step's title.
        off_plan: Whether a plan runs, and this call matches no ready step of it.
    """

    step_id: str = ""
    step_key: str = ""
    title: str = ""
    cue_sheet: str = ""
    cue_sheet_title: str = ""
    version: int | None = None
    digest: str = ""
    pattern: str = ""
    stage: str = ""
    off_plan: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed use of a tool.

    Attributes:
        tool: With its connection.
        arguments: The JSON object read from ``arguments_bytes``.
        arguments_bytes: The object as it was received; empty where there are no such bytes.
        confidence: 0 to 1, of an AI that says it; None where it does not.
        evidence: Public ids of messages and pieces of evidence of the same case.
        customer_paragraph: What the customer will read.
        request_key: Digest of the keyed request that proposes; the same one never makes a
            second call, whatever became of the first.
    """

    case: Case
    tool: ToolDefinition
    arguments: Json
    arguments_bytes: bytes = b""
    confidence: float | None = None
    margin: float | None = None
    rationale: str = ""
    evidence: tuple[str, ...] = ()
    customer_paragraph: str = ""
    step: StepContext = field(default_factory=StepContext)
    request_key: str = ""


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
        ConflictError: The case is not open, or the tool is switched off or retired.
    """
    case, tool = proposal.case, proposal.tool
    require(authority=authority, capability=Capability.TOOL_PROPOSE, queue_id=case.queue_id)
    prepared = _prepare(authority, now, proposal)
    attached = prepared.find_open()
    if attached is not None:
        return attached
    _check_workable(case, tool)
    reads = run_reads(spec=prepared.asked.spec, arguments=prepared.asked.arguments, now=now)
    try:
        with one_act(durable=True):
            call = _commit_intent(now, prepared, reads)
            crash_point("before-intent-commit")
    except IntegrityError:
        # Two identical proposals at once: the constraint let one through, this one attaches.
        attached = prepared.find_open()
        if attached is None:
            raise
        return attached
    return call


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A proposal that was checked, with what is stored of it."""

    proposal: Proposal
    asked: Asked
    body: bytes
    digest: str

    def find_open(self) -> ToolCall | None:
        """Return the call that this proposal repeats: of the same request, or still open."""
        return find_repeated(
            request_key=self.proposal.request_key,
            case_id=self.proposal.case.pk,
            tool_id=self.proposal.tool.pk,
            arguments_digest=self.digest,
            requester_id=self.asked.authority.actor.id,
        )


def _prepare(authority: Authority, now: datetime, proposal: Proposal) -> _Prepared:
    spec = spec_of(proposal.tool)
    body = proposal.arguments_bytes
    if body:
        check_same(data=body, arguments=proposal.arguments)
    else:
        body = canonical_bytes(proposal.arguments)
    exact = read_exact(body)
    check_arguments(spec=spec, arguments=proposal.arguments, exact=exact)
    cited = _check_proposal(authority, now, proposal)
    step = proposal.step
    asked = Asked(
        spec=spec,
        arguments=proposal.arguments,
        exact=exact,
        authority=authority,
        confidence=proposal.confidence,
        margin=proposal.margin,
        off_plan=step.off_plan,
        cue_sheet=step.cue_sheet,
        pattern=step.pattern,
        stage=step.stage,
        evidence=tuple(dict.fromkeys(proposal.evidence)),
        cited=cited,
    )
    return _Prepared(proposal, asked, body, arguments_digest(proposal.arguments))


def _check_proposal(authority: Authority, now: datetime, proposal: Proposal) -> Cited:
    errors: list[FieldError] = []
    for name, value in (("confidence", proposal.confidence), ("margin", proposal.margin)):
        if value is not None and not 0 <= value <= 1:
            errors.append(FieldError(name, "range", "must be a number from 0 to 1"))
    if len(proposal.rationale) > _MAX_RATIONALE:
        errors.append(FieldError("rationale", "too_long", f"has over {_MAX_RATIONALE} characters"))
    if len(proposal.customer_paragraph) > _MAX_RATIONALE:
        errors.append(
            FieldError("customer_paragraph", "too_long", f"has over {_MAX_RATIONALE} characters")
        )
    cited, unknown = find_cited(
        authority=authority, now=now, case=proposal.case, evidence=proposal.evidence
    )
    errors += unknown
    if errors:
        raise InvalidInputError(
            "; ".join(f"{error.field} {error.message}" for error in errors), errors=errors
        )
    return cited


def _check_workable(case: Case, tool: ToolDefinition) -> None:
    if case.status not in _WORKABLE:
        raise ConflictError(
            _("This case is %(status)s; reopen it first.") % {"status": case.status},
            code="conflict.case_not_open",
        )
    if tool.retired_at is not None:
        raise ConflictError(
            _("%(tool)s was taken out of force; nothing was decided. Ask for the list of tools.")
            % {"tool": tool.name},
            code="tool.retired",
        )
    if not tool.enabled:
        raise ConflictError(
            _("%(tool)s is switched off; nothing was decided.") % {"tool": tool.name},
            code="tool.switched_off",
        )


def _commit_intent(now: datetime, prepared: _Prepared, reads: Reads) -> ToolCall:
    proposal, tool = prepared.proposal, prepared.proposal.tool
    actor = prepared.asked.authority.actor
    case = lock_case(proposal.case.public_id)
    _check_workable(case, tool)
    public_id = uuid7()
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
    prepared: _Prepared,
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
    )


def _record_proposal(
    actor: Actor, now: datetime, call: ToolCall, proposal: Proposal, decision: Decision
) -> None:
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
                "arguments_sha256": sha256_hex(bytes(call.arguments_bytes)),
                "action_digest": call.action_digest,
                "requester": actor.as_payload(),
                "confidence": call.confidence,
                "margin": call.margin,
                "rationale": call.rationale,
                "evidence": call.evidence,
                "effect": call.effect_text or call.tool.title,
                "step": call.step_key,
                "off_plan": call.off_plan,
                "outcome": str(decision.outcome),
                "reasons": list(decision.reasons),
                "rules": list(decision.rule_ids),
            },
            subject_kind=SUBJECT,
            subject_id=str(call.public_id),
            policy=policies_digest(decision.policies),
            cue=proposal.step.digest,
            schema=call.tool_digest,
        ),
    )
