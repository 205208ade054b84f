"""Claim a due call for one attempt: decide again, use the approval, take the lease."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from cases.memory.models import Case
from cases.memory.selectors import lock_case
from cases.tools import entries
from cases.tools.arguments import read_exact
from cases.tools.gather import Asked, cite, fact_set, sources_of
from cases.tools.imported import find_unseen_change
from cases.tools.models import ToolAttempt, ToolCall, ToolDefinition
from cases.tools.rules import Action
from cases.tools.selectors import decided_facts, requester_of
from cases.tools.services.asking import OUTDATED, has_later_words
from cases.tools.services.entering import limit_keys, subject_of
from cases.tools.services.settling import EXECUTION, finish, move, record
from cases.tools.services.standing import tool_differences
from cases.tools.stored import stopped_now
from cases.tools.types import (
    AttemptOutcome,
    CallState,
    ConnectionKind,
    Effect,
    Json,
    Reads,
    ToolSpec,
)
from governance.access.selectors import authority_of
from governance.access.types import Authority
from governance.approvals.models import ApprovalRequest
from governance.approvals.selectors import lock_by_public_id
from governance.approvals.services import use_locked_grant, void_request
from governance.approvals.types import ApprovalState
from governance.ledger.services import one_act
from governance.policies.services import decide_again
from orchestra.core.clock import rfc3339
from orchestra.core.errors import ConflictError, NotPermittedError
from orchestra.core.prepared import Prepared

#: A busy connection is asked again after so many times the shortest back-off.
BUSY_PAUSES = 4


@dataclass(frozen=True, slots=True)
class Claim:
    """A call that this worker alone may send, until its lease runs out.

    Attributes:
        earlier_unknown: Whether an earlier attempt may have had its effect.
    """

    call: ToolCall
    spec: ToolSpec
    attempt: int
    earlier_unknown: bool


def needs_deciding(call: ToolCall, spec: ToolSpec) -> bool:
    """Return whether an attempt at a call is decided on again before it is claimed.

    A read without an approval is not. Nor is a write of which an earlier attempt may have had
    its effect: it has to be brought to an end, and what it changed is what the reads now show.
    """
    governed = spec.effect is Effect.WRITE or bool(call.approval_id_text)
    return governed and not may_have_happened(call)


def may_have_happened(call: ToolCall) -> bool:
    """Return whether an attempt at a call ended otherwise than surely without an effect."""
    if call.attempt == 0:
        return False
    made = ToolAttempt.objects.filter(call=call)
    return made.exclude(outcome__in=[AttemptOutcome.ERROR, AttemptOutcome.HELD]).exists()


def _stored(call_id: int) -> QuerySet[Any]:
    return ToolCall.objects.select_related("tool__connection", "decision").filter(pk=call_id)


_STORED: Prepared[ToolCall] = Prepared(_stored, locks=True)
_CLAIMED: Prepared[Any] = Prepared(
    lambda call_id: _stored(call_id).annotate(is_stopped=stopped_now()), locks=True
)


def claim_call(
    *, call: ToolCall, spec: ToolSpec, reads: Reads | None, now: datetime
) -> Claim | None:
    """Claim a due call in one transaction, or void it if it no longer holds.

    Args:
        call: The call as it was seen before the transaction.
        spec: What its tool declares.
        reads: What the fact reads answer now; None where nothing is decided again.
        now: The moment of the claim.

    Returns:
        The claim, or None where there is nothing to send.
    """
    with one_act(durable=True):
        case = lock_case(call.case.public_id)
        approval = lock_approval(call)
        # Asked in the statement that locks, after the case is held: what was stopped before
        # this moment is not claimed after it.
        [locked] = _CLAIMED.rows(call.pk)
        locked.case = case
        held = locked.is_stopped or locked.on_hold
        if held or locked.state != CallState.READY or _is_early(locked, now):
            return None
        happened = may_have_happened(locked)
        if not happened and is_changed_upstream(locked.tool, spec):
            # Held like a stop, not voided: it goes on once somebody has decided on the change.
            # It comes again later, so that many of them do not stand before what may run.
            put_off(call=locked, now=now)
            return None
        if reads is not None and not happened:
            differences = (
                _outdated(case, approval)
                or _differences(locked, case, spec, reads, now)
                or _use(locked, approval, now)
            )
            if differences:
                void_waiting(locked, approval, now, differences)
                return None
        elif not happened and (stopped := stopped_by(locked, authority_of(requester_of(locked)))):
            void_waiting(locked, approval, now, stopped)
            return None
        return _take(locked, spec, happened, now)


def is_changed_upstream(tool: ToolDefinition, spec: ToolSpec) -> bool:
    """Return whether a write waits for a person to look at what its upstream changed."""
    return spec.effect is Effect.WRITE and find_unseen_change(tool) is not None


def put_off(*, call: ToolCall, now: datetime) -> None:
    """Let a ready call come again later: it cannot be asked for, or is held, at the moment.

    Nothing was claimed and no attempt is used. Its clock goes on: an approval whose time passes
    meanwhile no longer holds.
    """
    wait = settings.ORCHESTRA["BACKOFF_SECONDS"] * BUSY_PAUSES
    # Compared and set on what was seen: whoever came first meanwhile has moved it.
    ToolCall.objects.filter(
        pk=call.pk, state=CallState.READY, attempt=call.attempt, due_at=call.due_at
    ).update(due_at=now + timedelta(seconds=wait))


def lease_seconds(call: ToolCall, spec: ToolSpec) -> float:
    """Return how long a claim holds: the setting, and the time-outs of what is called."""
    lease: float = settings.ORCHESTRA["LEASE_SECONDS"]
    if call.tool.connection.kind == ConnectionKind.HTTP:
        lease += spec.timeout_seconds * (1 + bool(spec.lookup) + bool(spec.confirm))
    return lease


def asked_again(call: ToolCall, spec: ToolSpec, authority: Authority) -> Asked:
    """Return the action of a stored call, to look for its facts again."""
    decided = decided_facts(call)
    return Asked(
        spec=spec,
        arguments=call.arguments,
        exact=read_exact(bytes(call.arguments_bytes)),
        authority=authority,
        confidence=call.confidence,
        margin=call.margin,
        off_plan=call.off_plan,
        cue_sheet=call.cue_sheet,
        pattern=str(decided.get("pattern", "")),
        stage=str(decided.get("stage", "")),
        evidence=tuple(call.evidence),
        cited=cite(case=call.case, evidence=call.evidence),
        call_id=str(call.public_id),
    )


def action_again(call: ToolCall, case: Case, spec: ToolSpec) -> Action:
    """Return the canonical action of a stored call, built from what would be sent."""
    policies: dict[str, list[Json]] = call.facts.get("policies", {})
    return Action(
        call=str(call.public_id),
        case=str(case.public_id),
        tool=call.tool.name,
        tool_digest=call.tool_digest,
        risk=spec.risk,
        arguments=call.arguments,
        requester=requester_of(call),
        policies={key: (held[0], held[1]) for key, held in policies.items()},
        step=call.step_id,
        cue_sheet=call.cue_sheet,
        cue_sheet_version=call.cue_sheet_version,
    )


def _is_early(call: ToolCall, now: datetime) -> bool:
    return call.due_at is not None and call.due_at > now


def lock_approval(call: ToolCall) -> ApprovalRequest | None:
    """Lock the approval of a call, whose case is locked; None where it has none."""
    if not call.approval_id_text:
        return None
    return lock_by_public_id(UUID(call.approval_id_text))


def stopped_by(call: ToolCall, authority: Authority) -> Sequence[str]:
    """Return what stops a call before it is decided on again; nothing where nothing does.

    A switch, or that the tool is not the version any more that the call was decided on.
    """
    differences = tool_differences(call)
    if differences:
        return differences
    if not call.tool.enabled:
        return ("The tool was switched off.",)
    if not authority.active:
        return ("Whoever asked for this may no longer act.",)
    return ()


def _outdated(case: Case, approval: ApprovalRequest | None) -> Sequence[str]:
    """Return what the customer's later words do to an approval: nobody voted on them."""
    if approval is None or not has_later_words(case=case, approval=approval):
        return ()
    return (OUTDATED,)


def _differences(
    call: ToolCall, case: Case, spec: ToolSpec, reads: Reads, now: datetime
) -> Sequence[str]:
    """Return why a call may not run as it was decided; nothing where it may."""
    requester = requester_of(call)
    authority = authority_of(requester)
    stopped = stopped_by(call, authority)
    if stopped:
        return stopped
    if action_again(call, case, spec).digest != call.action_digest:
        return ("What is stored is not what was decided.",)
    again = decide_again(
        actor=EXECUTION,
        now=now,
        subject=subject_of(call_id=str(call.public_id), case=case),
        facts=fact_set(asked=asked_again(call, spec, authority), case=case, reads=reads, now=now),
        keys=limit_keys(actor=requester, case=case),
        sources=sources_of(reads),
        previous=call.decision,
    )
    return () if again.same else (again.differences or ("The decision is another one now.",))


def _use(call: ToolCall, approval: ApprovalRequest | None, now: datetime) -> Sequence[str]:
    """Use the grant of an approval for this execution, once; say why where it does not hold."""
    if approval is None or approval.state == ApprovalState.USED:
        # It was used for an earlier attempt that surely had no effect.
        return ()
    try:
        use_locked_grant(
            actor=EXECUTION, now=now, request=approval, action_digest=call.action_digest
        )
    except (ConflictError, NotPermittedError) as error:
        return (error.message,)
    return ()


def void_waiting(
    call: ToolCall, approval: ApprovalRequest | None, now: datetime, differences: Sequence[str]
) -> None:
    """End a locked call, and its approval, because it no longer holds; both sides read why."""
    reason = " ".join(differences)
    # The call ends first, so that the approval's end finds nothing left to do.
    finish(
        call=call,
        to=CallState.VOIDED,
        actor=EXECUTION,
        now=now,
        reason=reason,
        payload={"differences": list(differences)},
    )
    if approval is not None:
        approval.refresh_from_db(fields=["state"])
        if approval.state in (ApprovalState.PENDING, ApprovalState.GRANTED):
            void_request(actor=EXECUTION, now=now, request_pk=approval.pk, reason=reason)


def _take(call: ToolCall, spec: ToolSpec, happened: bool, now: datetime) -> Claim:  # noqa: FBT001  internal
    number = call.attempt + 1
    until = now + timedelta(seconds=lease_seconds(call, spec))
    move(
        call=call,
        to=CallState.EXECUTING,
        actor=EXECUTION,
        changes={"attempt": number, "lease_until_at": until},
    )
    ToolAttempt.objects.create(call=call, number=number, started_at=now)
    record(
        call=call,
        kind=entries.EXECUTION_CLAIMED,
        actor=EXECUTION,
        now=now,
        payload={
            "attempt": number,
            "lease_until": rfc3339(until),
            "effect_key": call.effect_key,
            "action_digest": call.action_digest,
        },
    )
    return Claim(call=call, spec=spec, attempt=number, earlier_unknown=happened)


def lock_call(*, call_id: int, case_id: UUID | None = None) -> ToolCall:
    """Lock the case of a call, then the call, inside the running transaction.

    Args:
        call_id: Internal key of the call.
        case_id: Public id of its case, where the caller knows it.
    """
    case = lock_case(case_id or _case_id_of(call_id))
    (call,) = _STORED.rows(call_id)
    call.case = case
    return call


def _case_id_of(call_id: int) -> UUID:
    return ToolCall.objects.values_list("case__public_id", flat=True).get(pk=call_id)
