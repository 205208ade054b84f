"""What sampling needs of the rooms above, which are not known here; filled at start-up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from orchestra.core.registry import Registry
from orchestra.core.together import Reading, all_of, answer
from qa.sampling.models import DrawnUnit


class DrawnHandler(Protocol):
    """Told of what was drawn, in the transaction that drew it; what it raises undoes the draw."""

    def __call__(self, *, now: datetime, rows: Sequence[DrawnUnit]) -> None:
        """Take note of drawn units, such as by assigning their reviews.

        Args:
            now: When, UTC.
            rows: Just written, by stratum and place; each with ``period`` (and of that
                ``version``) and ``unit`` (and of that ``case``) at hand. A row with
                ``replaces`` takes the place of one that could not be reviewed.
        """


@dataclass(frozen=True, slots=True)
class Result:
    """What the first submitted review of a drawn unit gave.

    Attributes:
        score: 1 where it passed, 0 where not.
        judged: What automatic checks said of the same unit, 0 to 1; None where they did not.
        seconds: People's time it took.
    """

    score: float
    judged: float | None
    seconds: int


#: Told of each draw.
drawn: Registry[DrawnHandler] = Registry("handler of drawn units")
#: Who knows what reviews gave: drawn units, by their keys, to their results.
results: Registry[Callable[[Sequence[int]], Reading[Mapping[int, Result]]]] = Registry(
    "source of results"
)
#: Who knows the keys of the scorecards in force.
scorecard_keys: Registry[Callable[[], frozenset[str]]] = Registry("source of scorecard keys")


def tell_drawn(*, now: datetime, rows: Sequence[DrawnUnit]) -> None:
    """Tell every handler of what was drawn, by name."""
    for name in drawn:
        drawn.get(name)(now=now, rows=rows)


def results_of(keys: Sequence[int]) -> Mapping[int, Result]:
    """Return what reviews gave, for those of the drawn units that have one submitted."""
    return answer(reading_results(keys))


def reading_results(keys: Sequence[int]) -> Reading[Mapping[int, Result]]:
    """Come to what reviews gave, as ``results_of`` returns it."""
    told = yield from all_of({name: results.get(name)(keys) for name in results})
    return {unit: result for one in told.values() for unit, result in one.items()}


def present_scorecards() -> frozenset[str]:
    """Return the keys of every scorecard in force."""
    return frozenset[str]().union(*(scorecard_keys.get(name)() for name in scorecard_keys))
