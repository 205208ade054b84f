"""Decide on an action, and bring its call to where the decision sends it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from cases.memory.models import Case
from cases.tools import registry
from cases.tools.gather import Asked, fact_set, sources_of
from cases.tools.models import ToolCall
from cases.tools.registry import HandOver
from cases.tools.rules import STATE_AFTER
from cases.tools.services.asking import Decided, ask_approval
from cases.tools.services.settling import REASON_LENGTH, SUBJECT, finish, hand_over, move
from cases.tools.types import CallState, Reads
from governance.access.types import Role
from governance.approvals.models import ApprovalRequest
from governance.policies.models import DecisionRecord
from governance.policies.services import decide_and_record
from governance.policies.types import Decision, FactSet, LimitKeys, Subject
from orchestra.core import tracing
from orchestra.core.actors import Actor
from orchestra.core.crash import crash_point
from orchestra.core.dispatch import enqueue

EXECUTE_TASK = "cases.tools.execute"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision on a call, its record, the facts it saw and the policies in force."""

    decision: Decision
    record: DecisionRecord
    facts: FactSet
    policy_set: str


def subject_of(*, call_id: str, case: Case) -> Subject:
    """Return what policies decide on."""
    return Subject(kind=SUBJECT, id=call_id, stream=case.stream)


def limit_keys(*, actor: Actor, case: Case) -> LimitKeys:
    """Return for whom the limits of a call count."""
    return LimitKeys(
        customer=str(case.customer.public_id) if case.customer else "",
        agent=actor.id if actor.is_agent else "",
        queue=case.queue.key,
    )


def decide(*, actor: Actor, now: datetime, asked: Asked, case: Case, reads: Reads) -> Verdict:
    """Decide on an action and record the decision, in the running transaction.

    Args:
        actor: Whose act it is; limits count for whoever asks.
        now: When.
        asked: The action and who asks for it.
        case: Its case, locked.
        reads: What the tool's reads answered.
    """
    facts = fact_set(asked=asked, case=case, reads=reads, now=now)
    with tracing.span("decide") as told:
        recorded = decide_and_record(
            actor=actor,
            now=now,
            subject=subject_of(call_id=asked.call_id, case=case),
            facts=facts,
            keys=limit_keys(actor=asked.authority.actor, case=case),
            sources=sources_of(reads),
        )
        told.set_attribute("gen_ai.tool.call.id", asked.call_id)
        told.set_attribute("orchestra.decision.outcome", str(recorded.decision.outcome))
    return Verdict(recorded.decision, recorded.record, facts, recorded.policy_set)


def stored_facts(verdict: Verdict, reads: Reads) -> dict[str, Any]:
    """Return the facts as a call keeps them, with the policy versions of its action."""
    facts = verdict.facts
    return {
        "policies": {key: list(held) for key, held in verdict.decision.policies.items()},
        "values": dict(facts.values),
        "unknown": sorted(facts.unknown),
        "sources": sources_of(reads),
    }


@dataclass(frozen=True, slots=True)
class _Landing:
    """Where a decision sends a call, what is written beside the state, and who is asked."""

    to: CallState
    reason: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    asked: ApprovalRequest | None = None


def enter_new(*, actor: Actor, now: datetime, call: ToolCall, case: Case, decided: Decided) -> None:
    """Store a call that was just decided, where its decision sends it.

    The rooms above are told of it before the decision takes effect.
    """
    landing = _land(actor, now, call, case, decided)
    if not landing.to.is_terminal:
        call.state = landing.to
        call.state_reason = landing.reason[:REASON_LENGTH]
        for name, value in landing.changes.items():
            setattr(call, name, value)
    call.save(force_insert=True)
    call.asked = landing.asked
    for name in registry.proposed:
        registry.proposed.get(name)(call, now)
    if landing.to.is_terminal:
        _end(actor, now, call, decided, landing)
    elif landing.to is CallState.READY:
        ring(call)


def enter(*, actor: Actor, now: datetime, call: ToolCall, case: Case, decided: Decided) -> None:
    """Bring a stored call to where its decision sends it, in the running transaction."""
    landing = _land(actor, now, call, case, decided)
    if landing.to.is_terminal:
        _end(actor, now, call, decided, landing)
        return
    move(call=call, to=landing.to, actor=actor, reason=landing.reason, changes=landing.changes)
    if landing.to is CallState.READY:
        ring(call)


def _land(actor: Actor, now: datetime, call: ToolCall, case: Case, decided: Decided) -> _Landing:
    decision = decided.decision
    to = STATE_AFTER[decision.outcome]
    reason = " ".join(decision.reasons)
    if to is CallState.READY:
        return _Landing(to, "", {"due_at": now})
    if to is CallState.AWAITING_APPROVAL:
        request = ask_approval(actor=actor, now=now, call=call, case=case, decided=decided)
        return _Landing(to, reason, {"approval_id_text": str(request.public_id)}, request)
    if to is CallState.AWAITING_VERIFICATION:
        minutes = (
            decision.obligations.deadline_minutes or settings.ORCHESTRA["APPROVAL_DEADLINE_MINUTES"]
        )
        return _Landing(to, reason, {"due_at": now + timedelta(minutes=minutes)})
    return _Landing(to, reason)


def _end(actor: Actor, now: datetime, call: ToolCall, decided: Decided, landing: _Landing) -> None:
    finish(
        call=call,
        to=landing.to,
        actor=actor,
        now=now,
        reason=landing.reason,
        payload={"rules": list(decided.decision.rule_ids)},
    )
    if landing.to is CallState.HANDED_OFF:
        hand_over(call=call, now=now, over=_to_specialist(decided.decision, landing.reason))


def ring(call: ToolCall) -> None:
    """Ring for a worker once the transaction has committed."""
    transaction.on_commit(lambda: crash_point("after-commit-before-doorbell"))
    enqueue(EXECUTE_TASK, call.pk)


def _to_specialist(decision: Decision, reason: str) -> HandOver:
    roles = decision.obligations.roles
    return HandOver(
        queue="",
        role=roles[0] if roles else str(Role.SPECIALIST),
        reason_code="policy.specialist",
        reason=reason,
    )
