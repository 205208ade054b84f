"""End a journey for good: what waits is cancelled, and what was changed is taken back."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.journeys.models import StepRun
from cases.journeys.runner import Running, record
from cases.journeys.selectors import unproposed
from cases.journeys.services.reversing import begin_reversals
from cases.journeys.types import JourneyState, StepState
from cases.tools.models import ToolCall
from cases.tools.services import cancel_call
from cases.tools.types import CallState
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError
from orchestra.core.locking import compare_and_set

#: Calls of these have not begun, and can be held or taken back.
WAITING_CALLS = frozenset(
    {CallState.AWAITING_VERIFICATION, CallState.AWAITING_APPROVAL, CallState.READY}
)
#: Steps that an abandoned journey leaves behind; one with a call ends as that call does.
_LEFT = (StepState.PENDING, StepState.READY, StepState.HANDED_OFF)


def abandon(
    *, running: Running, actor: Actor, now: datetime, reason: str, kind: str, take_back: bool = True
) -> None:
    """End a locked journey for good, in the running transaction.

    Args:
        running: The journey, with its case locked.
        actor: Who ends it: a person, or the conductor once its time is over.
        now: When.
        reason: Why, in words.
        kind: Kind of the entry that says so.
        take_back: Whether what it changed is taken back, the last change first.

    Raises:
        ConflictError: A call of it is under way or of unknown outcome.
    """
    calls = calls_of(running)
    _check_settled(calls)
    compare_and_set(
        running.journey,
        expected={"state": running.journey.state},
        changes={"state": JourneyState.CANCELLED, "ended_at": now, "paused_at": None},
        actor=actor,
    )
    StepRun.objects.filter(journey=running.journey, state__in=_LEFT).update(
        state=StepState.CANCELLED, ended_at=now, ended_reason=reason, handoff=None
    )
    left = StepRun.objects.filter(unproposed(), journey=running.journey).values_list(
        "pk", flat=True
    )
    StepRun.objects.filter(pk__in=list(left)).update(
        state=StepState.CANCELLED, ended_at=now, ended_reason=reason
    )
    record(
        running=running,
        kind=kind,
        actor=actor,
        now=now,
        payload={"reason": reason, "takes_back": take_back},
    )
    for call in calls.filter(state__in=WAITING_CALLS).order_by("pk"):
        cancel_call(actor=actor, now=now, call_id=call.public_id, reason=reason)
    if take_back:
        begin_reversals(running=running, calls=calls, now=now)


def calls_of(running: Running) -> QuerySet[ToolCall]:
    """Return the calls that were made for steps of a journey."""
    steps = [str(step.public_id) for step in running.steps]
    return ToolCall.objects.filter(case=running.case, step_id__in=steps)


def is_settled(running: Running) -> bool:
    """Tell whether no call of a journey is under way or of unknown outcome."""
    return _under_way(calls_of(running)) is None


def _check_settled(calls: QuerySet[ToolCall]) -> None:
    under_way = _under_way(calls)
    if under_way is None:
        return
    unknown = under_way.state == CallState.UNKNOWN
    message = (
        _("Nobody knows yet whether a call of it had its effect; settle that first.")
        if unknown
        else _("A call of it is being carried out; wait a moment and try again.")
    )
    raise ConflictError(
        message,
        code="conflict.call_under_way",
        data={"tool_call": str(under_way.public_id), "state": str(under_way.state)},
    )


def _under_way(calls: QuerySet[ToolCall]) -> ToolCall | None:
    return calls.filter(state__in=[CallState.EXECUTING, CallState.UNKNOWN]).first()
