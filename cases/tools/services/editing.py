"""Edit a call that waits for an approval: it ends, and what it should say is a new action."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from cases.memory.models import Case
from cases.memory.selectors import lock_case
from cases.tools.facts import change_of, effect_of
from cases.tools.gather import run_reads
from cases.tools.models import ToolCall
from cases.tools.registry import BeforeAfterRow, EffectText
from cases.tools.rules import arguments_digest, sensitive_part
from cases.tools.selectors import (
    find_call_of_request,
    find_replacement,
    get_call,
    get_tool,
    requester_of,
)
from cases.tools.services.claiming import lock_approval
from cases.tools.services.preparing import (
    Edit,
    Prepared,
    Proposal,
    StepContext,
    check_workable,
    prepare,
)
from cases.tools.services.proposing import enter_call
from cases.tools.services.settling import replace
from cases.tools.types import CallState, Json, Reads
from governance.access.rules import may
from governance.access.selectors import authority_of, require
from governance.access.types import Authority, Capability
from governance.approvals.models import ApprovalRequest
from governance.approvals.services import void_request
from governance.approvals.types import ApprovalState
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.crash import crash_point
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotPermittedError,
)
from orchestra.core.fields import uuid7
from orchestra.core.locking import lock_one

_MAX_REASON = 500
#: A preview asks for no reason yet.
_UNSAID = "…"


@dataclass(frozen=True, slots=True)
class EditDraft:
    """What a person changes of a call that waits.

    Attributes:
        arguments: All of them as they should be.
        arguments_bytes: The object as it was received; empty where there are no such bytes.
        digest: Digest of the action that the person saw and changes.
        reason: Why, for the requester and whoever votes.
        evidence: What shows it; None leaves what the call cites.
        customer_paragraph: What the customer will read; None leaves what it says.
        step: The step of the call, as the room above names it.
        request_key: Digest of the keyed request; the same one never edits twice.
    """

    arguments: Json
    digest: str
    reason: str
    arguments_bytes: bytes = b""
    evidence: tuple[str, ...] | None = None
    customer_paragraph: str | None = None
    step: StepContext = field(default_factory=StepContext)
    request_key: str = ""


def check_may_edit(*, authority: Authority, call: ToolCall) -> None:
    """Refuse whoever may neither vote on the queue nor propose there, and every AI.

    Raises:
        NotPermittedError: With the reason.
    """
    if not authority.actor.is_human:
        raise NotPermittedError(
            _("Only a person edits a call that waits. Cancel it and propose what you mean."),
            code="tool_call.edited_by_people_only",
        )
    if may(authority, Capability.APPROVAL_VOTE, call.case.queue_id):
        return
    require(authority=authority, capability=Capability.TOOL_PROPOSE, queue_id=call.case.queue_id)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edit would do, as its tool declares it; None for what it does not declare."""

    effect: EffectText | None
    before_after: tuple[BeforeAfterRow, ...] | None


def preview_edit(*, actor: Actor, now: datetime, call_id: UUID | str, draft: EditDraft) -> Preview:
    """Return what a call would do as edited; the tool's reads are asked, nothing is written.

    Raises:
        NotFoundError: There is no such call, or the actor may not see it.
        NotPermittedError: The actor may not edit it.
        InvalidInputError: The arguments do not fit, or nothing is changed.
    """
    authority = authority_of(actor)
    seen = get_call(authority=authority, call_id=call_id)
    check_may_edit(authority=authority, call=seen)
    asked = _prepare(actor, now, seen, dataclasses.replace(draft, reason=_UNSAID)).asked
    reads = run_reads(spec=asked.spec, arguments=asked.arguments, now=now)
    return Preview(
        effect=effect_of(spec=asked.spec, arguments=asked.arguments, reads=reads),
        before_after=change_of(spec=asked.spec, arguments=asked.arguments, reads=reads),
    )


def edit(*, actor: Actor, now: datetime, call_id: UUID | str, draft: EditDraft) -> ToolCall:
    """Replace a call that waits for an approval by one with other arguments.

    The call ends and its request is voided; the new call has the same requester and step, its
    own digest, decision and votes, and its editor votes on it as little as its requester does.
    The tool's reads are asked anew before the one transaction. Must not be called inside one.

    Raises:
        NotFoundError: There is no such call, or the actor may not see it.
        NotPermittedError: The actor may not edit it.
        InvalidInputError: The arguments do not fit, nothing is changed, or the reason is missing.
        ConflictError: Somebody edited or decided it meanwhile; nothing was changed.
    """
    authority = authority_of(actor)
    seen = get_call(authority=authority, call_id=call_id)
    check_may_edit(authority=authority, call=seen)
    made = find_call_of_request(request_key=draft.request_key)
    if made is not None:
        return made
    _check_stands(seen, draft.digest)
    prepared = _prepare(actor, now, seen, draft)
    spec = prepared.asked.spec
    reads = run_reads(spec=spec, arguments=prepared.asked.arguments, now=now)
    try:
        with one_act(durable=True):
            call = _replace(actor, now, seen, draft, prepared, reads)
            crash_point("before-edit-commit")
    except IntegrityError as error:
        raise ConflictError(
            _("Exactly this is asked for already in this case, so nothing was changed."),
            code="tool_call.asked_already",
        ) from error
    return call


def _prepare(actor: Actor, now: datetime, seen: ToolCall, draft: EditDraft) -> Prepared:
    """Check everything at once: the new arguments, the reason, and that something changes."""
    errors = _reason_errors(draft.reason)
    if _changes_nothing(seen, draft.arguments):
        message = _("It says the same as before. Change something, or leave it as it is.")
        errors.append(FieldError("arguments", "unchanged", message))
    requester = requester_of(seen)
    proposal = Proposal(
        case=seen.case,
        tool=get_tool(name=seen.tool.name),
        arguments=draft.arguments,
        arguments_bytes=draft.arguments_bytes,
        confidence=seen.confidence,
        margin=seen.margin,
        rationale=seen.rationale,
        evidence=tuple(seen.evidence) if draft.evidence is None else draft.evidence,
        customer_paragraph=seen.customer_paragraph
        if draft.customer_paragraph is None
        else draft.customer_paragraph,
        step=draft.step,
        request_key=draft.request_key,
        edit=Edit(parent=seen, editor=actor, reason=draft.reason.strip()),
    )
    try:
        prepared = prepare(authority_of(requester), now, proposal)
    except InvalidInputError as error:
        raise InvalidInputError(
            error.message, code=error.error_code, errors=[*error.errors, *errors]
        ) from error
    if errors:
        raise InvalidInputError(errors[0].message, errors=errors)
    return prepared


def _reason_errors(reason: str) -> list[FieldError]:
    check_text(reason, "reason")
    if not reason.strip():
        message = _("Say why you change it; the reason is kept and shown to whoever votes.")
        return [FieldError("reason", "required", message)]
    if len(reason.strip()) > _MAX_REASON:
        return [FieldError("reason", "too_long", f"has over {_MAX_REASON} characters")]
    return []


def _changes_nothing(seen: ToolCall, arguments: Json) -> bool:
    if not isinstance(arguments, Mapping):
        return False
    try:
        return arguments_digest(arguments) == seen.arguments_digest
    except InvalidInputError:
        return False


def _replace(
    actor: Actor,
    now: datetime,
    seen: ToolCall,
    draft: EditDraft,
    prepared: Prepared,
    reads: Reads,
) -> ToolCall:
    case = lock_case(seen.case.public_id)
    approval = lock_approval(seen)
    parent = lock_one(
        ToolCall.objects.select_related("tool__connection", "decision").filter(pk=seen.pk)
    )
    parent.case = case
    _check_stands(parent, draft.digest)
    _check_pending(parent, approval, now)
    _check_usable(case, prepared)
    public_id = uuid7()
    reason = _("Edited by %(who)s.") % {"who": actor.label}
    replace(
        call=parent,
        actor=actor,
        now=now,
        reason=reason,
        payload={
            "reason": draft.reason.strip(),
            "replaced_by": str(public_id),
            "action_digest": parent.action_digest,
            "arguments": parent.arguments,
            "arguments_now": prepared.asked.arguments,
            **sensitive_part(prepared.asked.spec),
        },
    )
    if approval is not None:
        void_request(actor=actor, now=now, request_pk=approval.pk, reason=reason)
    return enter_call(public_id=public_id, now=now, case=case, prepared=prepared, reads=reads)


def _check_stands(call: ToolCall, digest: str) -> None:
    if call.state == CallState.AWAITING_APPROVAL and call.action_digest == digest:
        return
    raise _moved_on(call)


def _check_pending(call: ToolCall, approval: ApprovalRequest | None, now: datetime) -> None:
    if approval is None or approval.state != ApprovalState.PENDING:
        raise _moved_on(call)
    if now >= approval.deadline_at:
        raise ConflictError(
            _("Its deadline has passed, so nothing was changed and nothing ran."),
            code="approval.expired",
            data={"state": str(approval.state)},
        )


def _check_usable(case: Case, prepared: Prepared) -> None:
    check_workable(case, prepared.proposal.tool)
    if not authority_of(prepared.asked.authority.actor).active:
        raise ConflictError(
            _("Whoever asked for this may no longer act, so it could not run. Reject it instead."),
            code="tool_call.requester_stopped",
        )


def _moved_on(call: ToolCall) -> ConflictError:
    instead = find_replacement(call)
    return ConflictError(
        _("Somebody edited or decided it meanwhile, so nothing was changed. Look again."),
        code="tool_call.edited_or_decided",
        data={
            "state": str(call.state),
            "replaced_by": str(instead.public_id) if instead else None,
            "digest": call.action_digest,
        },
    )
