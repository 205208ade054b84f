"""In which order the effects of an abandoned journey are taken back, and with what; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.journeys.types import ReversalState

Json = Any


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


def reversal_arguments(
    schema: Mapping[str, Json], *, given: Mapping[str, Json], answered: Json
) -> dict[str, Json] | None:
    """Return what a reversing tool is called with, or None where that is not known.

    Nothing is invented: an argument has the name and value that the original call was given,
    or else that its system of record answered with.

    Args:
        schema: JSON Schema of the reversing tool's arguments.
        given: Arguments of the call that is to be taken back.
        answered: What that call answered.
    """
    known = {**(answered if isinstance(answered, Mapping) else {}), **given}
    named = schema.get("properties", {})
    if any(name not in known for name in schema.get("required", ())):
        return None
    return {name: known[name] for name in named if name in known}
