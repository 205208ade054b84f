"""What the engine does in a run, as the conductor would carry it out; pure.

The order of the moves is that of the conductor, since it is the order of the record.
"""

from dataclasses import replace
from datetime import datetime

from cases.handoff.types import HandoffState
from cases.journeys import entries
from cases.journeys.engine import apply, is_complete
from cases.journeys.rerun_world import Calling, Handing, Journeying, Move, Stepping, World
from cases.journeys.rules import AI_OWNER
from cases.journeys.types import (
    NO_STEP_LEFT,
    STEP_NEEDS_PERSON,
    Command,
    CommandKind,
    DoesKind,
    JourneyNow,
    JourneyState,
    StepState,
)
from cases.tools import paths
from cases.tools.types import CallState
from governance.access.types import Role

HANDOFF_OFFERED = "handoff.offered"
BUSY = frozenset({StepState.READY, StepState.RUNNING, StepState.WAITING})
_OPEN = frozenset({StepState.PENDING, StepState.READY})
_UNMET = frozenset({StepState.REFUSED, StepState.FAILED})
_WITH_PEOPLE = frozenset({HandoffState.OFFERED, HandoffState.ACCEPTED})
_SIGNED = frozenset({StepState.DONE, StepState.SKIPPED})


def set_step(step: Stepping, to: StepState) -> None:
    """Bring a step to a state; refusals and failures count as tries."""
    tries = step.now.tries + (to in _UNMET)
    step.now = replace(step.now, state=to, tries=tries)
    if to is StepState.PENDING:
        step.call, step.handoff, step.ready_at = "", None, None


def move_step(
    world: World, journey: Journeying, step: Stepping, to: StepState, reason: str | None = ""
) -> None:
    """Bring a step to a state, and expect the entry that says so, where there is one."""
    set_step(step, to)
    kind = entries.KIND_OF.get(to)
    if kind is not None:
        facts = {"tries": step.now.tries}
        world.due.append(Move(kind, journey.id, step.spec.key, reason, facts))


def end_journey(world: World, journey: Journeying, to: JourneyState, reason: str | None) -> None:
    """End a journey, and expect its entry."""
    journey.state = to
    completed = to is JourneyState.COMPLETED
    kind = entries.JOURNEY_COMPLETED if completed else entries.JOURNEY_HANDED_OFF
    world.due.append(Move(kind, journey.id, "", reason))


def conduct(world: World) -> None:
    """Bring every running journey on; one that cannot go on takes the case to a person."""
    journeys = world.running()
    for journey in journeys:
        advance(world, journey)
    wish = next((one for one in journeys if one.wish is not None), None)
    if wish is None or wish.wish is None:
        return
    role = wish.spec.sign_off_role or str(Role.HUMAN_AGENT)
    offer(
        world,
        code=STEP_NEEDS_PERSON if wish.wish.step else NO_STEP_LEFT,
        facts={"queue_key": wish.spec.queue, "role": role} if wish.spec.queue else {"role": role},
        note=f"{wish.title}: {wish.wish.reason}.",
    )
    for journey in journeys:
        journey.wish = None


def advance(world: World, journey: Journeying) -> None:
    """Carry out what is due in a journey until nothing is left."""
    facts = world.known(journey)
    while commands := world.rules(_now(journey, facts), journey.spec):
        for command in commands:
            _carry_out(world, journey, command)


def _now(journey: Journeying, facts: dict[str, object]) -> JourneyNow:
    steps = {key: step.now for key, step in journey.steps.items()}
    return JourneyNow(state=journey.state, steps=steps, facts=facts)


def _carry_out(world: World, journey: Journeying, command: Command) -> None:
    if command.kind is CommandKind.COMPLETE_JOURNEY:
        end_journey(world, journey, JourneyState.COMPLETED, command.reason)
    elif command.kind is CommandKind.HAND_OFF:
        journey.wish = command
        for step in journey.steps.values():
            if step.now.state in _OPEN:
                move_step(world, journey, step, StepState.HANDED_OFF, command.reason)
        end_journey(world, journey, JourneyState.HANDED_OFF, command.reason)
    else:
        step = journey.steps[command.step]
        to = apply(_now(journey, {}), command).steps[command.step].state
        skipped = to is StepState.SKIPPED
        move_step(world, journey, step, to, command.reason if skipped else "")


def offer(world: World, *, code: str, facts: dict[str, str], note: str) -> None:
    """Offer the case to people, where none have it, and hand over what the AI would do."""
    latest = world.handoffs[-1] if world.handoffs else None
    if latest is None or latest.state not in _WITH_PEOPLE:
        latest = Handing(HandoffState.OFFERED)
        world.handoffs.append(latest)
        expected = {"reason_code": code, **facts}
        world.due.append(Move(HANDOFF_OFFERED, reason=note or None, facts=expected))
    hand_over_ai(world, latest, note or code)


def hand_over_ai(world: World, handoff: Handing, reason: str) -> None:
    """Hand over what the AI would have done; what people own goes on."""
    for journey in world.running():
        for step in journey.steps.values():
            if step.spec.owner == AI_OWNER and step.now.state in _OPEN:
                move_step(world, journey, step, StepState.HANDED_OFF, reason)
        advance(world, journey)
        journey.wish = None
    for journey, step in world.steps():
        stopped = step.now.state in _UNMET and journey.state is JourneyState.HANDED_OFF
        if (step.now.state is StepState.HANDED_OFF or stopped) and step.handoff is None:
            step.handoff = handoff


def settle_call(world: World, call: Calling) -> None:
    """Bring the step of an ended call to its end, and go on."""
    found = world.step_of_call(call)
    if found is not None:
        journey, step = found
        if step.call == call.id and step.now.state in BUSY:
            to, reason = _end_of(call)
            move_step(world, journey, step, to, reason)
    conduct(world)
    hands_off = call.tool.hands_off if call.state is CallState.SUCCEEDED else None
    if hands_off:
        role, queue = str(hands_off.get("role") or ""), str(hands_off.get("queue") or "")
        facts = {"role": role, "queue_key": queue} if queue else {"role": role}
        note = call.rationale or call.title
        offer(world, code=str(hands_off["reason_code"]), facts=facts, note=note)


def _end_of(call: Calling) -> tuple[StepState, str | None]:
    if call.state is CallState.SUCCEEDED:
        if _found_another(call):
            return StepState.REFUSED, "The tool found another customer than the case's."
        return StepState.DONE, ""
    if call.state is CallState.FAILED and not call.refused:
        return StepState.FAILED, call.reason
    return StepState.REFUSED, call.reason or f"The call was {call.state}."


def _found_another(call: Calling) -> bool:
    """Whether a verifying tool found nobody, or another customer than the case's."""
    verifies = call.tool.verifies
    if verifies is None:
        return False
    found = paths.resolve(str(verifies["customer"]), root=call.result, reads={})
    return call.unverified or not isinstance(found, str) or not found


def to_specialist(world: World, call: Calling) -> None:
    """Hand the case over because policy wants a person for a call."""
    found = world.step_of_call(call)
    if found is not None and found[1].now.state in BUSY:
        move_step(world, *found, StepState.HANDED_OFF, call.reason)
    offer(world, code="policy.specialist", facts={}, note=call.reason)


def reopen(world: World, handoff: Handing, reason: str) -> None:
    """Open what a returned handoff took, and go on."""
    for journey in journeys_of(world, handoff):
        if journey.state is JourneyState.HANDED_OFF:
            journey.state = JourneyState.RUNNING
            world.due.append(Move(entries.JOURNEY_REOPENED, journey.id, "", reason))
        for step in journey.steps.values():
            if step.handoff is handoff:
                move_step(world, journey, step, StepState.PENDING, reason)
    conduct(world)


def journeys_of(world: World, handoff: Handing) -> list[Journeying]:
    """Return the journeys of which a handoff took steps, oldest first."""
    return [
        journey
        for journey in world.journeys.values()
        if any(step.handoff is handoff for step in journey.steps.values())
    ]


def close_next(world: World) -> None:
    """Bring the next journey on whose handed-over steps a person has brought to their end."""
    journey = world.closing.pop(0)
    if world.closing:
        world.trigger = close_next
    if journey.state is JourneyState.RUNNING:
        advance(world, journey)
        journey.wish = None
    elif journey.state is JourneyState.HANDED_OFF and _is_met(world, journey):
        end_journey(world, journey, JourneyState.COMPLETED, journey.spec.completion)


def _is_met(world: World, journey: Journeying) -> bool:
    signed = all(
        step.now.state in _SIGNED
        for step in journey.steps.values()
        if step.spec.does is DoesKind.SIGN_OFF
    )
    return signed and is_complete(_now(journey, world.known(journey)), journey.spec)


def is_late(step: Stepping, at: datetime) -> bool:
    """Whether a ready step was over its deadline at a moment."""
    due = step.spec.due_in_minutes
    if due is None or step.ready_at is None or step.now.state is not StepState.READY:
        return False
    return (at - step.ready_at).total_seconds() >= due * 60
