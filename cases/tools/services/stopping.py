"""What a stop does to calls: none is proposed, claimed or sent; what waits goes on waiting."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.tools import entries
from cases.tools.models import ToolAttempt
from cases.tools.services.claiming import Claim, lock_call
from cases.tools.services.settling import EXECUTION, move, record
from cases.tools.stored import stopped_now
from cases.tools.types import AttemptOutcome, CallState
from governance.access.types import Authority
from governance.ledger.services import one_act
from governance.switches.models import Stop
from governance.switches.selectors import find_stop
from governance.switches.types import StopScope, Touched
from orchestra.core.clock import rfc3339
from orchestra.core.errors import ConflictError


def check_not_stopped(*, authority: Authority, tool: str, cue_sheet: str) -> None:
    """Refuse a proposal on which a stop stands, before anything is read or decided.

    Raises:
        ConflictError: Code ``stop.agent``, ``stop.tool``, ``stop.cue_sheet`` or
            ``stop.everything``, with who stopped it and why.
    """
    stop = find_stop(Touched(agent=authority.actor.id, tool=tool, cue_sheet=cue_sheet))
    if stop is not None:
        raise refused_by(stop)


def refused_by(stop: Stop) -> ConflictError:
    """Return the refusal of what a stop stands on."""
    said = {
        StopScope.EVERYTHING: _("Everything is stopped"),
        StopScope.AGENT: _("The AI agent %(label)s is stopped"),
        StopScope.TOOL: _("The tool %(label)s is stopped"),
        StopScope.CUE_SHEET: _("The cue sheet %(label)s is stopped"),
    }[StopScope(stop.scope)] % {"label": stop.label}
    return ConflictError(
        _(
            "%(what)s by %(who)s: %(reason)s. Nothing was decided. Ask again once the stop is "
            "lifted, or hand the case to a person."
        )
        % {"what": said, "who": stop.by_label, "reason": stop.reason.rstrip(".")},
        code=f"stop.{stop.scope}",
        data={
            "stop": str(stop.public_id),
            "scope": str(stop.scope),
            "key": stop.key,
            "since": rfc3339(stop.at),
        },
    )


def not_stopped() -> Q:
    """Return the condition on calls that no stop stands on them now."""
    return ~Q(stopped_now())


def put_back_if_stopped(*, claim: Claim, now: datetime) -> bool:
    """Put a claimed call back, unsent, if a stop came between its claim and its sending.

    It is ready again as it was before the claim, whatever its number of attempts.

    Args:
        claim: What this worker holds; nothing was sent under it.
        now: The moment of the act.

    Returns:
        Whether it was put back, or had been taken over meanwhile.
    """
    call = claim.call
    touched = Touched(agent=call.requester_id, tool=call.tool.name, cue_sheet=call.cue_sheet)
    stop = find_stop(touched)
    if stop is None:
        return False
    with one_act(durable=True):
        locked = lock_call(call_id=call.pk, case_id=call.case.public_id)
        if locked.state != CallState.EXECUTING or locked.attempt != claim.attempt:
            return True
        reason = _("Stopped before it was sent, by %(number)s: %(why)s") % {
            "number": stop.number,
            "why": stop.reason,
        }
        ToolAttempt.objects.filter(call=locked, number=claim.attempt).update(
            outcome=AttemptOutcome.ERROR, detail=reason[:500], ended_at=now
        )
        record(
            call=locked,
            kind=entries.ATTEMPT_FAILED,
            actor=EXECUTION,
            now=now,
            payload={"attempt": claim.attempt, "code": "stop.in_force", "reason": reason},
        )
        move(call=locked, to=CallState.READY, actor=EXECUTION, changes={"due_at": now})
    return True
