"""What moving a running journey to another version of its cue sheet would do; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from cases.journeys.rules import tools_of
from cases.journeys.types import CueSheetSpec, StepSpec, StepState

#: A step of these has a call under way, which belongs to the version it was proposed under.
_UNDER_WAY = frozenset({StepState.RUNNING, StepState.WAITING})


@dataclass(frozen=True, slots=True)
class MovePreview:
    """What becomes of every step.

    Attributes:
        kept: Steps that stay as they are, by key.
        again: Ready steps that are looked at again under the new conditions.
        added: Steps that only the new version has.
        gone: Steps that only the old one has; what was done stays on record.
        blocks: Steps that keep it from moving now, since a call of them is under way.
    """

    kept: tuple[str, ...]
    again: tuple[str, ...]
    added: tuple[str, ...]
    gone: tuple[str, ...]
    blocks: tuple[str, ...]


def preview_move(
    *, old: CueSheetSpec, new: CueSheetSpec, states: Mapping[str, StepState]
) -> MovePreview:
    """Return what moving a journey would do to its steps.

    Args:
        old: The plan it runs under.
        new: The plan it would run under.
        states: Key of each of its steps to where it stands.
    """
    before = {step.key: step for step in old.steps}
    after = {step.key: step for step in new.steps}
    shared = [key for key in states if key in after]
    return MovePreview(
        kept=tuple(key for key in shared if states[key] is not StepState.READY),
        again=tuple(key for key in shared if states[key] is StepState.READY),
        added=tuple(key for key in after if key not in states),
        gone=tuple(key for key in states if key not in after),
        blocks=tuple(
            key
            for key, state in states.items()
            if state in _UNDER_WAY and _differs(before.get(key), after.get(key))
        ),
    )


def _differs(before: StepSpec | None, after: StepSpec | None) -> bool:
    if before is None or after is None:
        return True
    return (before.does, tools_of(before)) != (after.does, tools_of(after))
