"""What a journey does next: state and cue sheet to commands; pure.

``plan`` answers every move that is due in the state it is given. Whoever runs the journey
applies them and asks again until nothing is left; ``apply`` says what a command does to the
state, so that the runner and the tests agree on it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from cases.journeys.rules import fallback_sources
from cases.journeys.types import (
    Command,
    CommandKind,
    CueSheetSpec,
    DoesKind,
    JourneyNow,
    JourneyState,
    Otherwise,
    StepNow,
    StepSpec,
    StepState,
    When,
)

#: Names these rules in the record; another number means that older journeys moved otherwise.
ENGINE: Final = "journeys/1"
#: Beyond so many tries a step goes to a person: a journey must not run in circles.
MAX_TRIES = 5

_MET = frozenset({StepState.DONE, StepState.SKIPPED})
_UNMET = frozenset({StepState.REFUSED, StepState.FAILED})
_ACTIVE = frozenset({StepState.READY, StepState.RUNNING, StepState.WAITING})


def plan(now: JourneyNow, spec: CueSheetSpec) -> tuple[Command, ...]:
    """Return the moves that are due, in the order of the steps.

    At most one command names a step, and none stands beside one that ends the journey. At
    the fixpoint the answer is empty.

    Args:
        now: The journey as it stands; it has a step for every one of the cue sheet.
        spec: The cue sheet it runs under.
    """
    if now.state is not JourneyState.RUNNING:
        return ()
    sources = fallback_sources(spec=spec)
    moves = tuple(
        command
        for step in spec.steps
        for command in _step_moves(step, now, spec, sources.get(step.key, ()))
    )
    hand_off = next((move for move in moves if move.kind is CommandKind.HAND_OFF), None)
    if hand_off is not None:
        return (hand_off,)
    return moves or _ending(now, spec)


def apply(now: JourneyNow, command: Command) -> JourneyNow:
    """Return the journey as it stands after a command was carried out."""
    if command.kind is CommandKind.COMPLETE_JOURNEY:
        return replace(now, state=JourneyState.COMPLETED)
    if command.kind is CommandKind.HAND_OFF:
        steps = {key: _handed_over(step) for key, step in now.steps.items()}
        return replace(now, state=JourneyState.HANDED_OFF, steps=steps)
    step = now.steps[command.step]
    target = {
        CommandKind.MAKE_READY: StepState.READY,
        CommandKind.REOPEN_STEP: StepState.READY,
        CommandKind.SKIP: StepState.SKIPPED,
        CommandKind.PROPOSE: StepState.RUNNING,
    }[command.kind]
    return replace(now, steps={**now.steps, command.step: replace(step, state=target)})


def _handed_over(step: StepNow) -> StepNow:
    if step.state in {StepState.PENDING, StepState.READY}:
        return replace(step, state=StepState.HANDED_OFF)
    return step


def settle(now: JourneyNow, spec: CueSheetSpec) -> tuple[JourneyNow, tuple[Command, ...]]:
    """Apply what is due until nothing is left.

    Returns:
        The journey at its fixpoint and every command that led there, in order.
    """
    done: list[Command] = []
    while moves := plan(now, spec):
        for command in moves:
            now = apply(now, command)
        done.extend(moves)
    return now, tuple(done)


def is_complete(now: JourneyNow, spec: CueSheetSpec) -> bool:
    """Tell whether the verifiable completion holds."""
    done = {key for key, step in now.steps.items() if step.state is StepState.DONE}
    every = all(key in done for key in spec.all_done)
    any_one = not spec.any_done or any(key in done for key in spec.any_done)
    return every and any_one


def holds(condition: When, now: JourneyNow) -> bool:
    """Tell whether a condition holds; a fact that is not there has the value null."""
    value = now.facts.get(condition.fact)
    if condition.operator == "in":
        return value in condition.value
    return (value == condition.value) is (condition.operator == "is")


def _step_moves(
    step: StepSpec, now: JourneyNow, spec: CueSheetSpec, sources: tuple[str, ...]
) -> Iterator[Command]:
    state = now.steps[step.key].state
    if state is StepState.PENDING:
        yield from _pending_moves(step, now, spec, sources)
    elif state in _UNMET:
        yield from _unmet_moves(step, now.steps[step.key])
    elif state is StepState.READY and _is_bound(step, now):
        yield Command(CommandKind.PROPOSE, step.key, "every argument is bound to a known fact")


def _pending_moves(
    step: StepSpec, now: JourneyNow, spec: CueSheetSpec, sources: tuple[str, ...]
) -> Iterator[Command]:
    if sources and not _called_upon(now, sources):
        if all(now.steps[key].state in _MET for key in sources):
            yield Command(CommandKind.SKIP, step.key, "the step before it succeeded")
        return
    if not all(_is_satisfied(key, now, spec) or key in sources for key in step.after):
        return
    if all(holds(condition, now) for condition in step.when):
        yield Command(CommandKind.MAKE_READY, step.key)
    else:
        yield Command(CommandKind.SKIP, step.key, "its condition does not hold")


def _called_upon(now: JourneyNow, sources: tuple[str, ...]) -> bool:
    return any(now.steps[key].state in _UNMET for key in sources)


def _is_satisfied(key: str, now: JourneyNow, spec: CueSheetSpec) -> bool:
    """Tell whether a step counts as met: itself, or through its fallback."""
    state = now.steps[key].state
    if state in _UNMET:
        otherwise = next(step.otherwise for step in spec.steps if step.key == key)
        return otherwise in now.steps and _is_satisfied(otherwise, now, spec)
    return state in _MET


def _unmet_moves(step: StepSpec, now: StepNow) -> Iterator[Command]:
    said = "refused" if now.state is StepState.REFUSED else "failed"
    if step.otherwise == Otherwise.SKIP:
        yield Command(CommandKind.SKIP, step.key, f"it was {said} and may be left out")
    elif step.otherwise == Otherwise.HAND_OFF:
        yield Command(CommandKind.HAND_OFF, step.key, f"the step {said}")
    elif step.otherwise == Otherwise.RETRY:
        if now.tries < (step.tries or MAX_TRIES):
            yield Command(
                CommandKind.REOPEN_STEP, step.key, f"the step {said}; it may be tried again"
            )
        else:
            yield Command(CommandKind.HAND_OFF, step.key, f"the step {said} {now.tries} times")


def _is_bound(step: StepSpec, now: JourneyNow) -> bool:
    return (
        step.does is DoesKind.TOOL
        and bool(step.bind)
        and all(now.facts.get(fact) is not None for fact in step.bind.values())
    )


def _ending(now: JourneyNow, spec: CueSheetSpec) -> tuple[Command, ...]:
    """Return how a journey ends in which no step can move by itself."""
    if _is_over(now, spec) and is_complete(now, spec):
        leftovers = tuple(
            Command(CommandKind.SKIP, step.key, "the need is met without it")
            for step in spec.steps
            if step.optional and now.steps[step.key].state in {StepState.PENDING, StepState.READY}
        )
        return leftovers or (Command(CommandKind.COMPLETE_JOURNEY, "", spec.completion),)
    needed = {step.key for step in spec.steps if not step.optional}
    needed.update(spec.all_done, spec.any_done)
    if any(now.steps[key].state in _ACTIVE for key in needed):
        return ()
    if any(now.steps[key].state in _ACTIVE - {StepState.READY} for key in now.steps):
        return ()
    return (Command(CommandKind.HAND_OFF, "", "no step is left that could meet the need"),)


def _is_over(now: JourneyNow, spec: CueSheetSpec) -> bool:
    """Tell whether every required step is final and no optional one is under way."""
    for step in spec.steps:
        state = now.steps[step.key].state
        if step.optional and state in {StepState.PENDING, StepState.READY}:
            continue
        if not state.is_final:
            return False
    return True
