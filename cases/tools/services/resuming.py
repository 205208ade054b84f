"""Decide again on calls that waited for the customer to be verified."""

from datetime import datetime

from cases.memory.models import Case
from cases.tools.gather import run_reads
from cases.tools.models import ToolCall
from cases.tools.selectors import call_by_pk, requester_of, spec_of_call
from cases.tools.services.asking import Decided, amounts_of
from cases.tools.services.claiming import asked_again, lock_call, stopped_by
from cases.tools.services.entering import decide, enter, stored_facts
from cases.tools.services.preparing import StepContext
from cases.tools.services.proposing import action_of
from cases.tools.services.settling import EXECUTION, finish
from cases.tools.types import CallState
from governance.access.selectors import authority_of
from governance.ledger.services import one_act
from governance.policies.types import Outcome
from orchestra.core.locking import compare_and_set


def resume_verified(*, case: Case, now: datetime) -> int:
    """Decide again on every call of a case that waits for a verification.

    Called once a verification was recorded and committed; must not be called inside a
    transaction, since the tools' reads are asked again.

    Returns:
        How many left the wait.
    """
    waiting = ToolCall.objects.filter(case=case, state=CallState.AWAITING_VERIFICATION)
    keys = list(waiting.order_by("pk").values_list("pk", flat=True))
    return sum(resume_call(call_id=pk, now=now) for pk in keys)


def resume_call(*, call_id: int, now: datetime) -> bool:
    """Decide again on one call that waits for a verification; return whether it left the wait."""
    seen = call_by_pk(call_id)
    if seen.state != CallState.AWAITING_VERIFICATION:
        return False
    spec = spec_of_call(seen)
    reads = run_reads(spec=spec, arguments=seen.arguments, now=now)
    with one_act(durable=True):
        call = lock_call(call_id=call_id)
        if call.state != CallState.AWAITING_VERIFICATION:
            return False
        requester = requester_of(call)
        authority = authority_of(requester)
        if stopped := stopped_by(call, authority):
            reason = " ".join(stopped)
            finish(call=call, to=CallState.VOIDED, actor=EXECUTION, now=now, reason=reason)
            return True
        asked = asked_again(call, spec, authority)
        verdict = decide(actor=requester, now=now, asked=asked, case=call.case, reads=reads)
        step = StepContext(
            step_id=call.step_id, cue_sheet=call.cue_sheet, version=call.cue_sheet_version
        )
        action = action_of(
            call_id=str(call.public_id),
            case=call.case,
            tool=call.tool,
            asked=asked,
            step=step,
            decision=verdict.decision,
        )
        amount, currency = amounts_of(verdict.facts)
        compare_and_set(
            call,
            expected={"state": CallState.AWAITING_VERIFICATION},
            changes={
                "decision": verdict.record,
                "decided_under": verdict.policy_set,
                "action_digest": action.digest,
                "effect_key": action.effect_key,
                "facts": stored_facts(verdict, reads),
                "amount_minor": amount,
                "currency": currency,
            },
            actor=requester,
        )
        if verdict.decision.outcome is Outcome.VERIFY:
            return False
        decided = Decided(
            asked=asked,
            action=action,
            decision=verdict.decision,
            facts=verdict.facts,
            reads=reads,
            step_title=call.step_key,
        )
        enter(actor=requester, now=now, call=call, case=call.case, decided=decided)
    return True
