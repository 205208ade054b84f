"""Carries out the engine's commands on the rows of a locked case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.journeys import entries
from cases.journeys.engine import apply, plan
from cases.journeys.models import Journey, StepRun
from cases.journeys.rules import AI_OWNER
from cases.journeys.selectors import facts_of, spec_of, state_of, step_spec
from cases.journeys.skilled import note_skills
from cases.journeys.types import (
    HELD_JOURNEYS,
    Command,
    CommandKind,
    CueSheetSpec,
    JourneyState,
    StepState,
)
from cases.memory.models import Case
from cases.tools.models import ToolCall
from governance.ledger.services import append_entry
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import ConflictError
from orchestra.core.locking import compare_and_set, lock
from orchestra.core.prepared import Prepared

Json = Any

#: The part of the system that conducts journeys.
CONDUCTOR = system("journey")
PROPOSE_TASK = "cases.journeys.propose"
_REASON_LENGTH = 500


@dataclass(slots=True)
class Running:
    """A locked journey with its steps, and what conducting it asks for.

    Attributes:
        wish: The command that hands the journey over, once there is one.
    """

    case: Case
    journey: Journey
    spec: CueSheetSpec
    steps: list[StepRun]
    wish: Command | None = None
    _by_key: dict[str, StepRun] = field(default_factory=dict)

    def step(self, key: str) -> StepRun:
        """Return the step with a key."""
        if not self._by_key:
            self._by_key = {step.key: step for step in self.steps}
        return self._by_key[key]


def _journeys() -> QuerySet[Journey]:
    return Journey.objects.select_related("version__cue_sheet").defer("version__document")


def load(*, case: Case, journey_pk: int) -> Running:
    """Lock a journey of a locked case and return it with its steps.

    Raises:
        RuntimeError: No transaction is open.
    """
    [journey] = lock(_journeys().filter(pk=journey_pk))
    return _with_steps(case, journey)


_STEP = Prepared(
    lambda case_id, step_id: (
        StepRun.objects.select_related("journey__version__cue_sheet")
        .defer("journey__version__document")
        .filter(journey__case_id=case_id, public_id=step_id)
    ),
    locks=True,
)


def load_step(*, case: Case, step_id: str) -> Running | None:
    """Lock one step of a locked case, with its journey around it and no other step.

    Args:
        case: The locked case, which keeps the journey from moving.
        step_id: Public id of the step.

    Returns:
        None where the case has no such step.
    """
    found = _STEP.rows(case.pk, UUID(step_id))
    if not found:
        return None
    journey = found[0].journey
    return Running(case=case, journey=journey, spec=spec_of(journey.version), steps=found)


def _with_steps(case: Case, journey: Journey) -> Running:
    steps = list(StepRun.objects.filter(journey=journey).order_by("position"))
    return Running(case=case, journey=journey, spec=spec_of(journey.version), steps=steps)


_RUNNING = Prepared(
    lambda case_id: _journeys().filter(case_id=case_id, state=JourneyState.RUNNING), locks=True
)
_STEPS = Prepared(
    lambda journeys: StepRun.objects.filter(journey_id__in=journeys).order_by(
        "journey_id", "position"
    )
)


def load_running(*, case: Case) -> list[Running]:
    """Lock the running journeys of a locked case, oldest first."""
    journeys = _RUNNING.rows(case.pk)
    if not journeys:
        return []
    running = {
        one.pk: Running(case=case, journey=one, spec=spec_of(one.version), steps=[])
        for one in journeys
    }
    for step in _STEPS.rows([one.pk for one in journeys]):
        step.journey = running[step.journey_id].journey
        running[step.journey_id].steps.append(step)
    return list(running.values())


def advance(*, running: Running, now: datetime) -> None:
    """Carry out what is due in a journey until nothing is left.

    A journey that has to go to a person is marked; whoever conducts the case hands it over.
    """
    facts = facts_of(case=running.case, spec=running.spec, steps=running.steps)
    state = state_of(journey=running.journey, steps=running.steps, facts=facts)
    while commands := plan(state, running.spec):
        for command in commands:
            _carry_out(running, command, now)
            state = apply(state, command)


def _carry_out(running: Running, command: Command, now: datetime) -> None:
    if command.kind is CommandKind.COMPLETE_JOURNEY:
        end_journey(running=running, state=JourneyState.COMPLETED, reason=command.reason, now=now)
    elif command.kind is CommandKind.HAND_OFF:
        running.wish = command
        hand_over(running=running, reason=command.reason, now=now)
    elif command.kind is CommandKind.PROPOSE:
        move_step(running=running, step=running.step(command.step), to=StepState.RUNNING, now=now)
        enqueue(PROPOSE_TASK, running.step(command.step).pk)
    elif command.kind is CommandKind.SKIP:
        move_step(
            running=running,
            step=running.step(command.step),
            to=StepState.SKIPPED,
            now=now,
            reason=command.reason,
        )
    else:
        move_step(running=running, step=running.step(command.step), to=StepState.READY, now=now)


def hand_over(*, running: Running, reason: str, now: datetime) -> None:
    """Hand a journey's open steps of the AI over and end it as handed off."""
    for step in running.steps:
        if step.state in {StepState.PENDING, StepState.READY}:
            move_step(running=running, step=step, to=StepState.HANDED_OFF, now=now, reason=reason)
    end_journey(running=running, state=JourneyState.HANDED_OFF, reason=reason, now=now)


def hand_over_ai(*, running: Running, reason: str, now: datetime) -> None:
    """Hand over what the AI would have done; what people own goes on.

    A journey whose people still have something to do keeps running, and one whose need is
    met completes; any other ends as handed off. The case is handed over already, so nothing
    is left to wish for.
    """
    for step in running.steps:
        if step.owner == AI_OWNER and step.state in {StepState.PENDING, StepState.READY}:
            move_step(running=running, step=step, to=StepState.HANDED_OFF, now=now, reason=reason)
    advance(running=running, now=now)
    running.wish = None


def move_step(
    *,
    running: Running,
    step: StepRun,
    to: StepState,
    now: datetime,
    actor: Actor = CONDUCTOR,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
    payload: Mapping[str, Json] | None = None,
) -> None:
    """Bring a step to another state if it still stands as loaded, with its entry.

    Raises:
        ConflictError: Another writer was faster; nothing was changed.
    """
    written: dict[str, Any] = {"state": to, **(changes or {})}
    if to is StepState.READY:
        cue = step_spec(step=step, spec=running.spec)
        due, grace = cue.due_in_minutes, cue.grace_minutes
        due_at = now + timedelta(minutes=due) if due else None
        written["ready_at"], written["due_at"] = now, due_at
        written["escalates_at"] = due_at + timedelta(minutes=grace) if due_at and grace else None
        written["ended_at"] = None
    if to.is_final:
        written["ended_at"] = now
        written["ended_reason"] = reason[:_REASON_LENGTH]
    if to in {StepState.REFUSED, StepState.FAILED}:
        written["tries"] = step.tries + 1
    compare_and_set(step, expected={"state": step.state}, changes=written, actor=actor)
    kind = entries.KIND_OF.get(to)
    if kind is not None:
        record(
            running=running,
            kind=kind,
            actor=actor,
            now=now,
            payload={"reason": reason, "tries": step.tries, **(payload or {})},
            step=step,
        )


def ends_at(*, spec: CueSheetSpec, since: datetime) -> datetime | None:
    """Return when a journey whose time counts from a moment is over; None where it has none."""
    whole = spec.ends_after_minutes
    return since + timedelta(minutes=whole) if whole else None


def end_journey(*, running: Running, state: JourneyState, reason: str, now: datetime) -> None:
    """End a journey, with its entry."""
    compare_and_set(
        running.journey,
        expected={"state": running.journey.state},
        changes={"state": state, "ended_at": now},
        actor=CONDUCTOR,
    )
    kind = (
        entries.JOURNEY_COMPLETED if state is JourneyState.COMPLETED else entries.JOURNEY_HANDED_OFF
    )
    record(running=running, kind=kind, actor=CONDUCTOR, now=now, payload={"reason": reason})


def record(
    *,
    running: Running,
    kind: str,
    actor: Actor,
    now: datetime,
    payload: Mapping[str, Json],
    step: StepRun | None = None,
) -> None:
    """Append one entry about a journey or one of its steps to the stream of its case."""
    version = running.journey.version
    about: dict[str, Json] = {"title": version.cue_sheet.title}
    if step is not None:
        about = {"title": step.title, "step": step.key, "owner": step.owner, "stage": step.stage}
    subject = running.journey if step is None else step
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=running.case.stream,
            kind=kind,
            payload={
                "cue_sheet": version.cue_sheet.key,
                "version": version.number,
                "journey": str(running.journey.public_id),
                **about,
                **payload,
            },
            subject_kind="journey" if step is None else "step",
            subject_id=str(subject.public_id),
            cue=version.digest,
        ),
    )


def check_moving(journey: Journey) -> None:
    """Make sure that a step of a journey may begin.

    Raises:
        ConflictError: The journey is paused or was cancelled.
    """
    if journey.state not in HELD_JOURNEYS:
        return
    paused = journey.state == JourneyState.PAUSED
    raise ConflictError(
        _("This journey is paused; a person lets it go on.")
        if paused
        else _("This journey was cancelled."),
        code="conflict.journey_held",
        data={"state": str(journey.state)},
    )


def record_off_plan(*, call: ToolCall, now: datetime) -> None:
    """Append that a call matches no ready step."""
    actor = Actor(
        kind=ActorKind(call.requester_kind), id=call.requester_id, label=call.requester_label
    )
    record_about_call(call=call, kind=entries.STEP_OFF_PLAN, now=now, actor=actor, payload={})


def record_about_call(
    *,
    call: ToolCall,
    kind: str,
    now: datetime,
    payload: Mapping[str, Json],
    actor: Actor = CONDUCTOR,
) -> None:
    """Append one entry about a call to the stream of its case."""
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=call.case.stream,
            kind=kind,
            payload={"tool": call.tool.title or call.tool.name, **payload},
            subject_kind="tool_call",
            subject_id=str(call.public_id),
            schema=call.tool_digest,
        ),
    )


def create_steps(
    *, journey: Journey, spec: CueSheetSpec, but: frozenset[str] = frozenset()
) -> Sequence[StepRun]:
    """Write the steps of a journey that begins; ``but`` names those it has already."""
    steps = StepRun.objects.bulk_create(
        StepRun(
            journey=journey,
            position=position,
            key=step.key,
            title=step.title,
            stage=step.stage,
            owner=step.owner,
            does=step.does,
            tools=[tool for tool in (step.target, *step.any_of) if step.does == "tool"],
            optional=step.optional,
        )
        for position, step in enumerate(spec.steps)
        if step.key not in but
    )
    if any(step.skills for step in spec.steps):
        note_skills(journey=journey, spec=spec, steps=steps)
    return steps
