"""What the population needs of the rooms above, which are not known here; filled at start-up."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from orchestra.core.registry import Registry
from qa.population.models import SamplingUnit


class WrittenHandler(Protocol):
    """Told of units that were written or changed, in the same transaction."""

    def __call__(self, *, now: datetime, rows: Sequence[SamplingUnit]) -> None:
        """Take note of units as they are now."""


#: Told of what was written.
written: Registry[WrittenHandler] = Registry("handler of sampling units")
#: Who knows which units, by their keys, stand in a frame that was drawn from.
frozen: Registry[Callable[[Sequence[int]], frozenset[int]]] = Registry("source of frozen units")


def tell_written(*, now: datetime, rows: Sequence[SamplingUnit]) -> None:
    """Tell every handler of what was written, by name."""
    for name in written:
        written.get(name)(now=now, rows=rows)


def frozen_of(keys: Sequence[int]) -> frozenset[int]:
    """Return those of some units whose frame was drawn from; they change no more."""
    return frozenset[int]().union(*(frozen.get(name)(keys) for name in frozen))
