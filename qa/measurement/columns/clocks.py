"""How much time passes between moments, over whole columns; pure."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.calendars.rules import open_spans
from qa.calendars.types import Change
from qa.measurement.columns.codes import moment, told

#: Seconds between pairs of moments, on one clock; 0 where the second is not later.
Clock = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float64]]
_SECOND = 1_000_000


def calendar_lengths(begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the seconds between moments."""
    seconds: NDArray[np.float64] = np.maximum(0, end - begin) / _SECOND
    return seconds


def business_lengths(changes: Sequence[Change]) -> Clock:
    """Return a clock that runs while the centre is open; see ``open_seconds_over``.

    Every opening of the stretch is laid out once; what passed up to a moment is then read off,
    and a length is the difference of two readings.

    Args:
        changes: Versions of the calendar, in order; the first holds for all time before it too.
    """

    def measure(begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.float64]:
        if not len(begin):
            return np.zeros(0)
        edges = _edges(changes, int(begin.min()), int(max(begin.max(), end.max())))
        passed = np.append(0, np.cumsum(edges[:, 1] - edges[:, 0]))

        def reading(at: NDArray[np.int64]) -> Any:
            place = np.searchsorted(edges[:, 0], at, side="right")
            last = edges[np.maximum(place - 1, 0), 1] if len(edges) else at
            return passed[place] - np.where(place > 0, np.maximum(0, last - at), 0)

        return np.where(end > begin, reading(end) - reading(begin), 0) / _SECOND

    return measure


def _edges(changes: Sequence[Change], begin: int, end: int) -> NDArray[np.int64]:
    """Return every opening between two moments as begin and end, over all versions."""
    spans = []
    for number, change in enumerate(changes):
        first = begin if number == 0 else max(begin, moment(change.since))
        following = changes[number + 1].since if number + 1 < len(changes) else None
        last = min(end, moment(following))
        if last > first:
            found = open_spans(calendar=change.calendar, begin=told(first), end=told(last))
            spans += [(moment(one.begin), moment(one.end)) for one in found]
    return np.array(spans, dtype=np.int64).reshape(-1, 2)
