"""In which order the effects of an abandoned journey are taken back; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.journeys.types import ReversalState


@dataclass(frozen=True, slots=True)
class EffectDone:
    """One change that a journey made.

    Attributes:
        id: Names it; later ones have higher ids.
        at: When its success was recorded.
    """

    id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ReversalNow:
    """Where taking one effect back stands."""

    position: int
    state: ReversalState


def in_reverse(effects: Sequence[EffectDone]) -> tuple[EffectDone, ...]:
    """Return the effects in the order they are taken back: the last first, each once."""
    once = {effect.id: effect for effect in effects}
    return tuple(sorted(once.values(), key=lambda one: (one.at, one.id), reverse=True))


def next_reversal(reversals: Sequence[ReversalNow]) -> ReversalNow | None:
    """Return the one that may begin now: none while an earlier one is open.

    Args:
        reversals: All of a journey, in any order.
    """
    for one in sorted(reversals, key=lambda each: each.position):
        if not one.state.is_final:
            return one if one.state is ReversalState.PENDING else None
    return None
