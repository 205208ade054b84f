"""What becomes of handed-over steps once a handoff is given back or completed."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from cases.handoff.models import Handoff
from cases.journeys import entries
from cases.journeys.engine import is_complete
from cases.journeys.models import StepRun
from cases.journeys.runner import (
    CONDUCTOR,
    Running,
    advance,
    end_journey,
    ends_at,
    load,
    move_step,
    record,
)
from cases.journeys.selectors import facts_of, owners_for, state_of
from cases.journeys.services.conducting import conduct
from cases.journeys.types import DoesKind, JourneyState, StepState
from cases.tools.models import ToolCall
from cases.tools.types import CallState
from governance.access.selectors import authority_of
from governance.access.types import Authority
from orchestra.core.actors import Actor
from orchestra.core.locking import compare_and_set

_SIGNED = frozenset({StepState.DONE, StepState.SKIPPED})


def reopen_handed_over(*, handoff: Handoff, now: datetime, reason: str) -> None:
    """Open the steps again that a returned handoff took from a locked case, and go on.

    Only these; a step that a person finished stays as it is. What a journey had stopped at
    opens as well, since it would hand the case over again at once.

    Args:
        handoff: The returned handoff, its case locked.
        now: When.
        reason: Why it was given back.
    """
    for running in _journeys_of(handoff):
        if running.journey.state == JourneyState.HANDED_OFF:
            _resume(running, now, reason)
        for step in _own_steps(running, handoff):
            move_step(
                running=running,
                step=step,
                to=StepState.PENDING,
                now=now,
                reason=reason,
                changes={
                    "handoff": None,
                    "tool_call": None,
                    "ready_at": None,
                    "due_at": None,
                    "ended_at": None,
                    "ended_reason": "",
                },
            )
    conduct(case=handoff.case, now=now)


def close_handed_over(*, actor: Actor, handoff: Handoff, now: datetime) -> None:
    """Bring the steps that went with a completed handoff to their end, and their journeys.

    A tool's step is done where a call of its tools succeeded since; a sign-off is done by the
    person whose it is. The others are left out, and say so: nobody showed that they were done.
    A journey whose completion holds then is complete; any other stays handed off.

    Args:
        actor: Who completed it.
        handoff: The completed handoff, its case locked.
        now: When.
    """
    authority = authority_of(actor)
    for running in _journeys_of(handoff):
        for step in _own_steps(running, handoff):
            _close(running, step, handoff, authority, now)
        if running.journey.state == JourneyState.RUNNING:
            # The person has the case: whatever cannot go on is not handed over a second time.
            advance(running=running, now=now)
        elif running.journey.state == JourneyState.HANDED_OFF and _is_met(running):
            reason = running.spec.completion
            end_journey(running=running, state=JourneyState.COMPLETED, reason=reason, now=now)


def _journeys_of(handoff: Handoff) -> Iterator[Running]:
    rows = StepRun.objects.filter(handoff=handoff, journey__case=handoff.case)
    for pk in sorted(set(rows.values_list("journey_id", flat=True))):
        yield load(case=handoff.case, journey_pk=pk)


def _own_steps(running: Running, handoff: Handoff) -> list[StepRun]:
    return [step for step in running.steps if step.handoff_id == handoff.pk]


def _resume(running: Running, now: datetime, reason: str) -> None:
    compare_and_set(
        running.journey,
        expected={"state": JourneyState.HANDED_OFF},
        changes={
            "state": JourneyState.RUNNING,
            "ended_at": None,
            "ends_at": ends_at(spec=running.spec, since=now),
        },
        actor=CONDUCTOR,
    )
    record(
        running=running,
        kind=entries.JOURNEY_REOPENED,
        actor=CONDUCTOR,
        now=now,
        payload={"reason": reason},
    )


def _close(
    running: Running, step: StepRun, handoff: Handoff, authority: Authority, now: datetime
) -> None:
    shown = _find_shown(step, handoff)
    if shown is not None:
        move_step(
            running=running,
            step=step,
            to=StepState.DONE,
            now=now,
            actor=authority.actor,
            changes={"tool_call": shown},
            payload={"tool_call": str(shown.public_id)},
        )
    elif step.does == DoesKind.SIGN_OFF and step.owner in owners_for(authority):
        move_step(running=running, step=step, to=StepState.DONE, now=now, actor=authority.actor)
    elif step.state == StepState.HANDED_OFF and step.does != DoesKind.SIGN_OFF:
        move_step(
            running=running,
            step=step,
            to=StepState.SKIPPED,
            now=now,
            actor=authority.actor,
            reason=_("the handoff was completed without it"),
        )


def _find_shown(step: StepRun, handoff: Handoff) -> ToolCall | None:
    """Return the newest call since the offer that fulfils a step, or None."""
    rows = ToolCall.objects.filter(
        case=handoff.case,
        tool__name__in=step.tools,
        state=CallState.SUCCEEDED,
        settled_at__gte=handoff.offered_at,
    )
    return rows.order_by("-pk").first() if step.tools else None


def _is_met(running: Running) -> bool:
    facts = facts_of(case=running.case, spec=running.spec, steps=running.steps)
    now = state_of(journey=running.journey, steps=running.steps, facts=facts)
    signed = all(step.state in _SIGNED for step in running.steps if step.does == DoesKind.SIGN_OFF)
    return signed and is_complete(now, running.spec)
