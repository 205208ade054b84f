"""What a plan would do on a written or a past case, before it is in force; pure.

The engine itself moves the journey; only how each step ends is supposed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from cases.journeys.engine import settle
from cases.journeys.types import (
    Command,
    CommandKind,
    CueSheetSpec,
    JourneyNow,
    JourneyState,
    StepNow,
    StepState,
)

Json = Any
#: How a step may be supposed to end.
ENDS: Final = (StepState.DONE, StepState.REFUSED, StepState.FAILED)
_BUSY: Final = frozenset({StepState.READY, StepState.RUNNING})


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that happened: a command of the engine, or the supposed end of a step.

    Attributes:
        what: A ``CommandKind`` or a ``StepState``.
        step: Key of the step; empty for the whole journey.
    """

    what: str
    step: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Played:
    """How a supposed journey went.

    Attributes:
        state: How it ended; running where a step was supposed to stay open.
        waits: Steps that stayed open.
        reached: Steps that became ready, in their order.
    """

    state: JourneyState
    moves: tuple[Move, ...]
    waits: tuple[str, ...]
    reached: tuple[str, ...]


def play(
    spec: CueSheetSpec, *, facts: Mapping[str, Json], ends: Mapping[str, StepState | None]
) -> Played:
    """Run a plan to its end as far as the supposed ends lead.

    Args:
        spec: A plan without findings.
        facts: What is known of the case.
        ends: Key of a step to how it ends; None for one that stays open. A step that is not
            named is done.
    """
    now = JourneyNow(
        state=JourneyState.RUNNING,
        steps={step.key: StepNow(step.key, StepState.PENDING) for step in spec.steps},
        facts=facts,
    )
    moves: list[Move] = []
    now = _settled(now, spec, moves)
    while now.state is JourneyState.RUNNING:
        key = next((key for key in now.steps if _may_end(now.steps[key], ends)), None)
        if key is None:
            break
        to = ends.get(key, StepState.DONE)
        assert to is not None  # noqa: S101  _may_end left out those that stay open
        moves.append(Move(str(to), key))
        tries = now.steps[key].tries + (to is not StepState.DONE)
        step = replace(now.steps[key], state=to, tries=tries)
        now = _settled(replace(now, steps={**now.steps, key: step}), spec, moves)
    ready = {CommandKind.MAKE_READY, CommandKind.REOPEN_STEP}
    return Played(
        state=now.state,
        moves=tuple(moves),
        waits=tuple(key for key, step in now.steps.items() if step.state in _BUSY),
        reached=tuple(dict.fromkeys(move.step for move in moves if move.what in ready)),
    )


def _may_end(step: StepNow, ends: Mapping[str, StepState | None]) -> bool:
    return step.state in _BUSY and ends.get(step.key, StepState.DONE) is not None


def _settled(now: JourneyNow, spec: CueSheetSpec, moves: list[Move]) -> JourneyNow:
    settled, commands = settle(now, spec)
    moves.extend(_move(command) for command in commands)
    return settled


def _move(command: Command) -> Move:
    return Move(str(command.kind), command.step, command.reason)


def ends_of(states: Mapping[str, StepState]) -> dict[str, StepState | None]:
    """Return how the steps of a past journey ended; what never ended stays open."""
    return {key: state if state in ENDS else None for key, state in states.items()}
