"""Take back what a cancelled journey changed: the last change first, each by a decided call."""

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.journeys import entries
from cases.journeys.models import Reversal
from cases.journeys.reversing import EffectDone, ReversalNow, in_reverse, next_reversal
from cases.journeys.runner import CONDUCTOR, Running, load, record
from cases.journeys.types import ReversalState
from cases.memory.models import Case
from cases.memory.rules import is_uuid
from cases.memory.selectors import lock_case
from cases.tools import services as tools
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.selectors import find_call_of_request, spec_of, spec_of_call
from cases.tools.types import CallState, Effect, ToolSpec
from cases.tools.undoing import reversal_arguments
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    OrchestraError,
)
from orchestra.core.locking import compare_and_set

log = structlog.get_logger(__name__)

REVERSE_TASK = "cases.journeys.reverse"
_LONGEST = 500


def begin_reversals(*, running: Running, calls: QuerySet[ToolCall], now: datetime) -> None:
    """Note every change of a journey that is to be taken back, in the running transaction."""
    made = {
        call.pk: call
        for call in calls.filter(state=CallState.SUCCEEDED, tool__effect=Effect.WRITE)
        .select_related("tool")
        .order_by("pk")
    }
    effects = [EffectDone(call.pk, call.settled_at or call.created_at) for call in made.values()]
    for position, effect in enumerate(in_reverse(effects)):
        call = made[effect.id]
        tool = spec_of_call(call).reversed_by
        row = Reversal.objects.create(
            journey=running.journey,
            call=call,
            position=position,
            tool=tool,
            state=ReversalState.PENDING if tool else ReversalState.BY_PERSON,
            reason="" if tool else _no_tool(call),
        )
        record(
            running=running,
            kind=entries.REVERSAL_NEEDED,
            actor=CONDUCTOR,
            now=now,
            payload={
                "effect": _effect(call),
                "tool_call": str(call.public_id),
                "reversal": str(row.public_id),
                "tool": tool,
                "reason": row.reason,
            },
        )
    _ring(running.journey.pk)


def propose_reversal(*, journey_pk: int, now: datetime) -> ToolCall | None:
    """Propose the next reversal of a cancelled journey, as the system.

    It meets the same decision as everybody's proposal, outside of any plan. One that cannot be
    proposed is left to a person, who is told why. Must not be called inside a transaction.

    Returns:
        The call, or None where nothing may begin now.
    """
    rows = list(
        Reversal.objects.filter(journey_id=journey_pk)
        .select_related("call__tool", "journey__case__queue", "journey__case__customer")
        .order_by("position")
    )
    due = next_reversal([ReversalNow(row.position, ReversalState(row.state)) for row in rows])
    if due is None:
        return None
    row = rows[due.position]
    tool = ToolDefinition.objects.filter(name=row.tool, retired_at=None).first()
    if tool is None:
        _leave_to_person(row, now, _("There is no tool %(name)s any more.") % {"name": row.tool})
        return None
    arguments = _arguments(row.call, spec_of(tool))
    if arguments is None:
        why = _("What %(tool)s asks for is not known from the record.") % {"tool": tool.title}
        _leave_to_person(row, now, why)
        return None
    key = f"reversal:{row.public_id}"
    try:
        call = find_call_of_request(request_key=key) or tools.propose(
            authority=authority_of(CONDUCTOR),
            now=now,
            proposal=tools.Proposal(
                case=row.journey.case,
                tool=tool,
                arguments=arguments,
                rationale=_("Takes back: %(effect)s") % {"effect": _effect(row.call)},
                step=tools.StepContext(off_plan=True),
                request_key=key,
            ),
        )
    except (ConflictError, InvalidInputError, NotPermittedError) as error:
        _leave_to_person(row, now, error.message)
        return None
    _follow(row, call, now)
    return call


def _arguments(call: ToolCall, reversing: ToolSpec) -> dict[str, Any] | None:
    """Return what takes a call back, as the version of its tool said that it ran under."""
    return reversal_arguments(
        reversing.arguments,
        given=call.arguments,
        answered=call.result,
        mapping=spec_of_call(call).reversed_with,
        facts=(call.facts or {}).get("values", {}),
    )


def reversal_settled(*, call: ToolCall, now: datetime) -> None:
    """Say what became of a reversal whose call has ended; called with the case locked."""
    row = (
        Reversal.objects.filter(tool_call=call, state=ReversalState.PROPOSED)
        .select_related("call__tool")
        .first()
    )
    if row is not None:
        _settle(row, call, now, load(case=call.case, journey_pk=row.journey_id))


@one_act()
def finish_reversal(
    *, actor: Actor, now: datetime, case: Case, reversal_id: UUID | str, done: bool, reason: str
) -> Reversal:
    """Say, as a person, that an effect was taken back by hand or that it stays.

    Raises:
        NotFoundError: The case has no such reversal.
        NotPermittedError: The actor is no person who works the case.
        InvalidInputError: There is no reason.
        ConflictError: It is not a person's to do.
    """
    said = reason.strip()
    check_text(said, "reason")
    if not said or len(said) > _LONGEST:
        message = _("Say what was done, in at most %(count)d characters.") % {"count": _LONGEST}
        raise InvalidInputError(message, errors=[FieldError("reason", "required", message)])
    locked = lock_case(case.public_id)
    require(
        authority=authority_of(actor), capability=Capability.CASE_WORK, queue_id=locked.queue_id
    )
    if not actor.is_human:
        raise NotPermittedError(_("Only a person says what was taken back by hand."))
    rows = Reversal.objects.filter(journey__case=locked).select_related("call__tool")
    row = rows.filter(public_id=reversal_id).first() if is_uuid(str(reversal_id)) else None
    if row is None:
        raise NotFoundError(_("This case has no such reversal."), code="not_found.reversal")
    if row.state != ReversalState.BY_PERSON:
        raise ConflictError(
            _("This is not left to a person."),
            code="conflict.reversal_state",
            data={"state": str(row.state)},
        )
    running = load(case=locked, journey_pk=row.journey_id)
    _end(
        row,
        to=ReversalState.DONE if done else ReversalState.LEFT,
        reason=said,
        now=now,
        actor=actor,
        running=running,
    )
    return row


def reverse_due(*, now: datetime, batch: int = 100) -> int:
    """Propose the reversals that a lost message left behind; return how many were proposed."""
    waiting = Reversal.objects.filter(state=ReversalState.PENDING)
    journeys = waiting.order_by("journey_id").values_list("journey_id", flat=True).distinct()
    proposed = 0
    for pk in list(journeys[:batch]):
        try:
            proposed += propose_reversal(journey_pk=pk, now=now) is not None
        except (OrchestraError, DatabaseError) as error:
            # One journey must not keep the others from their turn; the next sweep tries again.
            log.warning("journeys.reversal_failed", journey=pk, error=type(error).__name__)
    return proposed


def _follow(row: Reversal, call: ToolCall, now: datetime) -> None:
    """Tie a reversal to its call; one that ended meanwhile is settled at once."""
    with one_act():
        case = lock_case(row.journey.case.public_id)
        fresh = ToolCall.objects.select_related("tool").get(pk=call.pk)
        fresh.case = case
        compare_and_set(
            row,
            expected={"state": ReversalState.PENDING},
            changes={"state": ReversalState.PROPOSED, "tool_call": fresh},
            actor=CONDUCTOR,
        )
        if CallState(fresh.state).is_terminal:
            _settle(row, fresh, now, load(case=case, journey_pk=row.journey_id))


def _settle(row: Reversal, call: ToolCall, now: datetime, running: Running) -> None:
    if call.state == CallState.SUCCEEDED:
        _end(row, to=ReversalState.DONE, reason="", now=now, actor=CONDUCTOR, running=running)
        return
    became = call.get_state_display().lower()
    why = _("The call that was to take it back is %(state)s. %(why)s") % {
        "state": became,
        "why": call.state_reason,
    }
    _end(
        row,
        to=ReversalState.BY_PERSON,
        reason=why.strip(),
        now=now,
        actor=CONDUCTOR,
        running=running,
    )


def _leave_to_person(row: Reversal, now: datetime, reason: str) -> None:
    with one_act():
        case = lock_case(row.journey.case.public_id)
        running = load(case=case, journey_pk=row.journey_id)
        _end(
            row,
            to=ReversalState.BY_PERSON,
            reason=reason,
            now=now,
            actor=CONDUCTOR,
            running=running,
        )


def _end(
    row: Reversal,
    *,
    to: ReversalState,
    reason: str,
    now: datetime,
    actor: Actor,
    running: Running,
) -> None:
    compare_and_set(
        row,
        expected={"state": row.state},
        changes={
            "state": to,
            "reason": reason[:_LONGEST],
            "ended_at": now if to.is_final else None,
        },
        actor=actor,
    )
    record(
        running=running,
        kind=entries.REVERSAL_ENDED,
        actor=actor,
        now=now,
        payload={
            "effect": _effect(row.call),
            "tool_call": str(row.call.public_id),
            "reversal": str(row.public_id),
            "outcome": str(to),
            "reason": reason,
        },
    )
    if to.is_final:
        _ring(running.journey.pk)


def _ring(journey_pk: int) -> None:
    if Reversal.objects.filter(journey_id=journey_pk, state=ReversalState.PENDING).exists():
        enqueue(REVERSE_TASK, journey_pk)


def _effect(call: ToolCall) -> str:
    return call.effect_text or call.tool.title or call.tool.name


def _no_tool(call: ToolCall) -> str:
    return _("No tool takes back “%(tool)s”; a person looks whether it can be undone.") % {
        "tool": call.tool.title or call.tool.name
    }
