"""What the record says came from outside, fed to a run: words, proposals, votes, answers; pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from cases.handoff.types import HandoffState
from cases.journeys import entries as kinds
from cases.journeys import rerun_facts as facts
from cases.journeys.engine import ENGINE
from cases.journeys.rerun_moves import (
    BUSY,
    close_next,
    conduct,
    hand_over_ai,
    is_late,
    journeys_of,
    reopen,
    set_step,
    settle_call,
    to_specialist,
)
from cases.journeys.rerun_world import (
    Calling,
    Handing,
    Journeying,
    Lacking,
    Move,
    Parted,
    Stepping,
    World,
    place_of,
)
from cases.journeys.types import CueSheetSpec, JourneyState, StepNow, StepState
from cases.memory.types import CaseEntry
from cases.tools import entries as tools
from cases.tools.rules import STATE_AFTER
from cases.tools.types import CallState, Effect
from governance.policies.types import Outcome
from orchestra.core.actors import ActorKind
from orchestra.core.words import plain

Json = Any
Payload = Mapping[str, Json]
WAITS: Final = frozenset({Outcome.VERIFY, Outcome.APPROVE, Outcome.SPECIALIST})
#: Steps that a cancelled journey leaves behind.
_LEFT: Final = frozenset({StepState.PENDING, StepState.READY, StepState.HANDED_OFF})
_ENDS: Final[Mapping[str, CallState]] = {
    **{kind: state for state, kind in tools.KIND_OF.items() if state.is_terminal},
    tools.REFUSED: CallState.FAILED,
}


def _verified(world: World, entry: CaseEntry, payload: Payload) -> None:
    del entry
    world.facts["verification"] = payload["stands"]
    if not payload.get("tool_call"):
        world.trigger = conduct


def _withdrawn(world: World, entry: CaseEntry, payload: Payload) -> None:
    del entry, payload
    world.facts["verification"] = "none"


def _not_verified(world: World, entry: CaseEntry, payload: Payload) -> None:
    del payload
    if entry.subject_id in world.calls:
        world.calls[entry.subject_id].unverified = True


def _started(world: World, entry: CaseEntry, payload: Payload) -> None:
    spec = _plan(world, entry, payload)
    world.journeys[entry.subject_id] = Journeying(
        id=entry.subject_id,
        title=str(payload["title"]),
        cue=entry.cue,
        spec=spec,
        state=JourneyState.RUNNING,
        steps=_steps(spec),
        counts_from=entry.at,
    )
    world.trigger = conduct


def _plan(world: World, entry: CaseEntry, payload: Payload) -> CueSheetSpec:
    spec = world.plans.get(entry.cue)
    if spec is None:
        raise Lacking(f"version {payload['version']} of the cue sheet {payload['cue_sheet']}")
    if payload.get("engine", ENGINE) != ENGINE:
        raise Lacking(f"the engine {payload['engine']}")
    return spec


def _paused(world: World, entry: CaseEntry, payload: Payload) -> None:
    del payload
    journey = _journey(world, entry)
    journey.state, journey.paused_at = JourneyState.PAUSED, entry.at


def _resumed(world: World, entry: CaseEntry, payload: Payload) -> None:
    del payload
    journey = _journey(world, entry)
    stood = entry.at - (journey.paused_at or entry.at)
    journey.state, journey.paused_at = JourneyState.RUNNING, None
    journey.counts_from = journey.counts_from and journey.counts_from + stood
    for step in journey.steps.values():
        if step.ready_at is not None and step.now.state is StepState.READY:
            step.ready_at += stood
    world.trigger = conduct


def _cancelled(world: World, entry: CaseEntry, payload: Payload) -> None:
    del payload
    journey = _journey(world, entry)
    journey.state = JourneyState.CANCELLED
    for step in journey.steps.values():
        unproposed = step.now.state is StepState.RUNNING and not world.is_open(step)
        if step.now.state in _LEFT or unproposed:
            set_step(step, StepState.CANCELLED)
            step.handoff = None


def _timed_out(world: World, entry: CaseEntry, payload: Payload) -> None:
    """A journey over its whole time; the record's clock is the clock of the run."""
    journey = _journey(world, entry)
    whole, since = journey.spec.ends_after_minutes, journey.counts_from
    late = whole and since and (entry.at - since).total_seconds() >= whole * 60
    if not late or journey.state is not JourneyState.RUNNING:
        raise Parted(
            f"The record ends the journey “{journey.title}” for its time, which is not over when "
            "the case is run again."
        )
    _cancelled(world, entry, payload)


def _moved(world: World, entry: CaseEntry, payload: Payload) -> None:
    journey = _journey(world, entry)
    journey.spec, journey.cue = _plan(world, entry, payload), entry.cue
    journey.counts_from = journey.paused_at or entry.at
    fresh = _steps(journey.spec)
    for key, step in journey.steps.items():
        if step.now.state is StepState.READY:
            set_step(step, StepState.PENDING)
        if key in fresh:
            step.spec = fresh[key].spec
        elif step.now.state is StepState.PENDING:
            set_step(step, StepState.CANCELLED)
    left = [key for key in journey.steps if key not in fresh]
    journey.steps = {
        **{key: journey.steps.get(key, step) for key, step in fresh.items()},
        **{key: journey.steps[key] for key in left},
    }
    world.trigger = conduct


def _journey(world: World, entry: CaseEntry) -> Journeying:
    found = world.journeys.get(entry.subject_id)
    if found is None:
        raise Parted("The record goes on with a journey that the run never began.")
    return found


def _steps(spec: CueSheetSpec) -> dict[str, Stepping]:
    return {
        step.key: Stepping(spec=step, now=StepNow(step.key, StepState.PENDING))
        for step in spec.steps
    }


def _decided(world: World, entry: CaseEntry, payload: Payload) -> None:
    if "previous" in payload:
        return
    call = world.calls.get(entry.subject_id)
    if call is None:
        world.decisions[entry.subject_id] = payload["decision"]
    elif call.state is CallState.AWAITING_VERIFICATION:
        call.decision = payload["decision"]
        call.state = STATE_AFTER[Outcome(payload["outcome"])]


def _proposed(world: World, entry: CaseEntry, payload: Payload) -> None:
    tool = world.tools.get(entry.schema)
    if tool is None:
        raise Lacking(f"the text of the tool {payload['tool']} as it ran")
    outcome = Outcome(payload["outcome"])
    place = _place(world, payload)
    call = Calling(
        id=entry.subject_id,
        tool=tool,
        title=str(payload["title"]),
        rationale=str(payload["rationale"]),
        arguments=payload["arguments"],
        decision=world.decisions.get(entry.subject_id, ""),
        place=(place[0].id, place[1].spec.key) if place else None,
        state=STATE_AFTER[outcome],
    )
    world.calls[call.id] = call
    if payload["off_plan"] and "edited_from" not in payload:
        world.due.append(Move(kinds.STEP_OFF_PLAN))
    if place is None:
        return
    step = place[1]
    if _is_free(world, step, str(payload.get("edited_from", ""))):
        set_step(step, StepState.WAITING if outcome in WAITS else StepState.RUNNING)
        step.call = call.id
    elif tool.effect is not Effect.READ:
        raise Parted(
            f"The record has {call.title} take the step “{step.spec.title}”, which is "
            f"{step.now.state} when the case is run again."
        )


def _place(world: World, payload: Payload) -> tuple[Journeying, Stepping] | None:
    step_id, key = payload.get("step_id"), payload["step"]
    if not step_id and not key:
        return None
    found = [
        (journey, step)
        for journey, step in world.steps()
        if (step.id == step_id if step_id else step.spec.key == key)
    ]
    ready = [one for one in found if one[1].now.state is StepState.READY]
    if not found:
        raise Parted(f"The record names a step “{key}” that no journey of the run has.")
    return (ready or found)[0]


def _is_free(world: World, step: Stepping, parent: str) -> bool:
    if parent and step.call == parent:
        return step.now.state in BUSY
    if step.now.state is StepState.RUNNING:
        return not world.is_open(step)
    return step.now.state is StepState.READY


def _ended(world: World, entry: CaseEntry, payload: Payload) -> None:
    call = _call(world, entry)
    call.state, call.reason = _ENDS[entry.kind], str(payload["reason"])
    call.refused = entry.kind == tools.REFUSED
    call.result, call.ended_at = payload.get("result"), entry.at
    if call.state is CallState.HANDED_OFF:
        world.trigger = lambda now: to_specialist(now, call)
    else:
        world.trigger = lambda now: settle_call(now, call)


def _edited(world: World, entry: CaseEntry, payload: Payload) -> None:
    del payload
    _call(world, entry).state = CallState.CANCELLED


def _call(world: World, entry: CaseEntry) -> Calling:
    found = world.calls.get(entry.subject_id)
    if found is None:
        raise Parted("The record ends a tool call that was never proposed.")
    return found


def _granted(world: World, entry: CaseEntry, payload: Payload) -> None:
    del entry
    for _journey, step in world.steps():
        if step.call == payload["subject"]["id"] and step.now.state is StepState.WAITING:
            set_step(step, StepState.RUNNING)


def _step_done(world: World, entry: CaseEntry, payload: Payload) -> None:
    """A step that somebody finished: the owner of a ready one, or who completed a handoff."""
    journey, step = place_of(world, entry)
    by_hand = entry.actor_kind != ActorKind.SYSTEM
    if by_hand and journey in world.closing and step.handoff is not None:
        set_step(step, StepState.DONE if entry.kind == kinds.STEP_DONE else StepState.SKIPPED)
        step.call = str(payload.get("tool_call", "")) or step.call
        return
    is_ready = step.now.state is StepState.READY and journey.state is JourneyState.RUNNING
    if not by_hand or not is_ready or entry.kind != kinds.STEP_DONE:
        raise Parted(
            f"The record finishes the step “{step.spec.title}”, which is {step.now.state} when "
            "the case is run again."
        )
    set_step(step, StepState.DONE)
    world.trigger = conduct


def _step_failed(world: World, entry: CaseEntry, payload: Payload) -> None:
    """A step over its deadline; the record's clock is the clock of the run."""
    del payload
    _journey, step = place_of(world, entry)
    if not is_late(step, entry.at):
        raise Parted(
            f"The record fails the step “{step.spec.title}”, which has no reason to fail when "
            "the case is run again."
        )
    set_step(step, StepState.FAILED)
    world.trigger = conduct


def _offered(world: World, entry: CaseEntry, payload: Payload) -> None:
    ended = world.handoff(str(payload["ends"])) if payload["ends"] else None
    if ended is not None:
        ended.state = HandoffState.COMPLETED
    handoff = Handing(HandoffState.OFFERED, entry.subject_id)
    world.handoffs.append(handoff)
    said, code = str(payload["reason"]), str(payload["reason_code"])
    reason = code if said == plain(code) else said
    world.trigger = lambda now: hand_over_ai(now, handoff, reason)


def _accepted(world: World, entry: CaseEntry, payload: Payload) -> None:
    del payload
    _handoff(world, entry).state = HandoffState.ACCEPTED


def _returned(world: World, entry: CaseEntry, payload: Payload) -> None:
    handoff, reason = _handoff(world, entry), str(payload["reason"])
    handoff.state = HandoffState.RETURNED
    world.trigger = lambda now: reopen(now, handoff, reason)


def _completed(world: World, entry: CaseEntry, payload: Payload) -> None:
    del payload
    handoff = _handoff(world, entry)
    handoff.state = HandoffState.COMPLETED
    world.closing = journeys_of(world, handoff)
    if world.closing:
        world.trigger = close_next


def _handoff(world: World, entry: CaseEntry) -> Handing:
    found = world.handoff(entry.subject_id)
    if found is None:
        raise Parted("The record goes on with a handoff that the run never offered.")
    return found


def note_ready(step: Stepping, entry: CaseEntry) -> None:
    """Keep since when a step is ready, which its deadline counts from."""
    step.ready_at = entry.at
    step.now = replace(step.now, due_at=None)


#: Inputs by their kind; the first group comes in the middle of other acts and ends none.
WITHIN: Final[Mapping[str, Callable[[World, CaseEntry, Payload], None]]] = {
    "customer.bound": facts.bound,
    "verification.withdrawn": _withdrawn,
    kinds.VERIFICATION_REFUSED: _not_verified,
    "decision.recorded": _decided,
}
INPUTS: Final[Mapping[str, Callable[[World, CaseEntry, Payload], None]]] = {
    "case.opened": facts.opened,
    "case.classified": facts.classified,
    "case.intent_confirmed": facts.intent_confirmed,
    "case.priority_set": facts.priority_set,
    "case.flag_cleared": facts.flag_cleared,
    "verification.recorded": _verified,
    kinds.JOURNEY_STARTED: _started,
    kinds.JOURNEY_PAUSED: _paused,
    kinds.JOURNEY_RESUMED: _resumed,
    kinds.JOURNEY_CANCELLED: _cancelled,
    kinds.JOURNEY_TIMED_OUT: _timed_out,
    kinds.JOURNEY_MOVED: _moved,
    tools.PROPOSED: _proposed,
    tools.EDITED: _edited,
    "approval.granted": _granted,
    "handoff.offered": _offered,
    "handoff.accepted": _accepted,
    "handoff.returned": _returned,
    "handoff.completed": _completed,
    kinds.STEP_DONE: _step_done,
    kinds.STEP_SKIPPED: _step_done,
    kinds.STEP_FAILED: _step_failed,
    **dict.fromkeys(_ENDS, _ended),
}
