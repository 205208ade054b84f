"""Write down what an attempt brought, by compare-and-set on its number."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from cases.tools import entries
from cases.tools.arguments import check_answer
from cases.tools.models import ToolAttempt, ToolCall
from cases.tools.rules import Trouble, after_trouble, backoff_seconds
from cases.tools.services.claiming import Claim, lock_call
from cases.tools.services.sending import Report
from cases.tools.services.settling import EXECUTION, finish, for_record, move, record
from cases.tools.types import BUSY, AdapterAnswer, AttemptOutcome, CallState
from governance.ledger.services import one_act
from orchestra.core.crash import crash_point
from orchestra.core.errors import UpstreamError

DETAIL_LENGTH = 500
_NOT_SHOWN = "The system says it is done, but {tool} does not show it."


def write_outcome(*, claim: Claim, report: Report, now: datetime) -> CallState:
    """Settle a claimed attempt in one transaction and return where the call stands.

    A worker whose lease was taken over changes nothing; what it brought is kept as evidence.
    """
    with one_act(durable=True):
        call = lock_call(call_id=claim.call.pk, case_id=claim.call.case.public_id)
        if call.state != CallState.EXECUTING or call.attempt != claim.attempt:
            _keep_stale(call, claim, report, now)
        elif report.answer is None or report.trouble is not None:
            trouble = report.trouble or _lost()
            settle_trouble(call=call, claim=claim, trouble=trouble, report=report, now=now)
        elif (misfit := _misfit(claim, report, report.answer)) is not None:
            _settle_misfit(call, report.answer, misfit, now)
        else:
            _settle_answer(call, report, report.answer, now)
        crash_point("after-reply-before-outcome-commit")
    return CallState(call.state)


def settle_trouble(
    *, call: ToolCall, claim: Claim, trouble: UpstreamError, report: Report, now: datetime
) -> None:
    """Bring a locked call on after an attempt without an answer, in the running transaction."""
    outcome = AttemptOutcome.UNKNOWN if trouble.effect_unknown else AttemptOutcome.ERROR
    held = trouble.error_code == BUSY and report.answer is None
    if held:
        outcome = AttemptOutcome.HELD
    _close_attempt(call, outcome, trouble.message, now, report.answer)
    to = after_trouble(
        spec=claim.spec,
        trouble=Trouble(
            attempt=_counted(call),
            may_retry=trouble.may_retry,
            effect_unknown=trouble.effect_unknown,
            earlier_unknown=claim.earlier_unknown,
            held=held,
        ),
    )
    facts = {"attempt": claim.attempt, "code": trouble.error_code, "reason": trouble.message}
    record(call=call, kind=entries.ATTEMPT_FAILED, actor=EXECUTION, now=now, payload=facts)
    if to is CallState.READY:
        wait = backoff_seconds(
            attempt=claim.attempt,
            base_seconds=settings.ORCHESTRA["BACKOFF_SECONDS"],
            fraction=random.random(),  # noqa: S311  spreads retries, hides nothing
        )
        move(
            call=call,
            to=to,
            actor=EXECUTION,
            reason=trouble.message,
            changes={"due_at": now + timedelta(seconds=wait)},
        )
    else:
        finish(call=call, to=to, actor=EXECUTION, now=now, reason=trouble.message, payload=facts)


def _counted(call: ToolCall) -> int:
    """Return how many attempts at a call count; what was held back at the door does not."""
    return ToolAttempt.objects.filter(call=call).exclude(outcome=AttemptOutcome.HELD).count()


def _misfit(claim: Claim, report: Report, answer: AdapterAnswer) -> UpstreamError | None:
    """Return what is wrong with an answer that is not as declared; a shown effect outweighs it."""
    if not answer.ok or report.confirmed is not None:
        return None
    try:
        check_answer(spec=claim.spec, value=answer.value)
    except UpstreamError as error:
        return error
    return None


def _settle_misfit(
    call: ToolCall, answer: AdapterAnswer, misfit: UpstreamError, now: datetime
) -> None:
    """End a call whose answer cannot be relied on; the same request would bring the same.

    Of a write, a person finds out what was done; the bytes are kept with the attempt.
    """
    unknown = misfit.effect_unknown
    outcome = AttemptOutcome.UNKNOWN if unknown else AttemptOutcome.ERROR
    _close_attempt(call, outcome, misfit.message, now, answer)
    facts = {"attempt": call.attempt, "code": misfit.error_code, "reason": misfit.message}
    record(call=call, kind=entries.ATTEMPT_FAILED, actor=EXECUTION, now=now, payload=facts)
    to = CallState.UNKNOWN if unknown else CallState.FAILED
    _end(call, to, misfit.message, {}, facts, now)


def _settle_answer(call: ToolCall, report: Report, answer: AdapterAnswer, now: datetime) -> None:
    changes: dict[str, Any] = {
        "result": answer.value,
        "result_bytes": answer.body,
        "confirmed": report.confirmed,
    }
    payload: dict[str, Any] = {
        "attempt": call.attempt,
        "result": for_record(answer.value),
        "looked_up": report.looked_up,
        "confirmed": report.confirmed,
        "confirmed_by": report.confirmed_by,
    }
    if not answer.ok:
        _close_attempt(call, AttemptOutcome.REFUSED, str(answer.value), now, answer)
        _end(call, CallState.FAILED, str(answer.value), {**changes, "refused": True}, payload, now)
        return
    _close_attempt(call, AttemptOutcome.ANSWERED, "", now, answer)
    if report.confirmed is False:
        reason = _NOT_SHOWN.format(tool=report.confirmed_by)
        _end(call, CallState.FAILED, reason, changes, payload, now)
        return
    if report.confirmed:
        record(call=call, kind=entries.CONFIRMED, actor=EXECUTION, now=now, payload=payload)
    _end(call, CallState.SUCCEEDED, "", changes, payload, now)


def _end(
    call: ToolCall,
    to: CallState,
    reason: str,
    changes: Mapping[str, Any],
    payload: Mapping[str, Any],
    now: datetime,
) -> None:
    finish(
        call=call, to=to, actor=EXECUTION, now=now, reason=reason, changes=changes, payload=payload
    )


def _keep_stale(call: ToolCall, claim: Claim, report: Report, now: datetime) -> None:
    said = report.trouble.message if report.trouble else str(report.answer and report.answer.value)
    ToolAttempt.objects.filter(call=call, number=claim.attempt).update(
        outcome=AttemptOutcome.STALE,
        detail=f"late: {said}"[:DETAIL_LENGTH],
        body=report.answer.body if report.answer else None,
        ended_at=now,
    )
    record(
        call=call,
        kind=entries.STALE_RESULT,
        actor=EXECUTION,
        now=now,
        payload={
            "attempt": claim.attempt,
            "stands": str(call.state),
            "result": for_record(report.answer.value) if report.answer else None,
            "reason": report.trouble.message if report.trouble else "",
        },
    )


def _close_attempt(
    call: ToolCall,
    outcome: AttemptOutcome,
    detail: str,
    now: datetime,
    answer: AdapterAnswer | None,
) -> None:
    ToolAttempt.objects.filter(call=call, number=call.attempt).update(
        outcome=outcome,
        detail=detail[:DETAIL_LENGTH],
        body=answer.body if answer else None,
        ended_at=now,
    )


def _lost() -> UpstreamError:
    return UpstreamError("No answer came.", may_retry=False, effect_unknown=True)
