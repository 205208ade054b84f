"""Whether weeks together say that a target is not kept; pure.

Each week is placed against the target by its own 95 % interval: how many standard errors it
lies on the wrong side. For a share that is Wilson's limits around the target, a p-chart whose
centre is the target and whose limits move with the number of cases. One week alone never
signals, however far out it lies.

Sources: Western Electric, Statistical Quality Control Handbook (1956), rules 2 to 4 on one
side; E. S. Page (1954) for the cumulative sum, with the usual k = 0.5 and h = 5, and each week
held to three standard errors so that one week cannot fill it; E. B. Wilson (1927).
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from qa.sampling.planning import z_of
from qa.targets.types import Breach, Sign, TargetSpec, Week

_SLACK: Final = 0.5
_FULL: Final = 5.0
_MOST: Final = 3.0
#: So many weeks in a row on the right side end an alert.
_KEPT_WEEKS: Final = 2
#: Rule to (at least so many, of the last so many, beyond so many standard errors).
_RUNS: Final = {
    Sign.TWO_OF_THREE: (2, 3, 2.0),
    Sign.FOUR_OF_FIVE: (4, 5, 1.0),
    Sign.EIGHT_IN_A_ROW: (8, 8, 0.0),
}


def distance(week: Week, target: TargetSpec) -> float | None:
    """Return how many standard errors a week lies on the wrong side; less than 0 is right.

    Returns:
        None where its interval has no end on the side of the target.
    """
    apart = week.value - target.value
    end = week.low if apart > 0 else week.high
    if apart == 0:
        return 0.0
    if end is None or end == week.value:
        return None
    error = abs(week.value - end) / z_of(0.95)
    worse = apart if target.at_most else -apart
    return worse / error


def find_breach(weeks: Sequence[Week], target: TargetSpec) -> Breach | None:
    """Return the first rule by which the last weeks say that a target is not kept.

    Args:
        weeks: Oldest first; weeks of which nothing is known are not among them.
        target: What they are held against.
    """
    placed = _placed(weeks, target)
    for sign, (least, among, beyond) in _RUNS.items():
        last = placed[-among:]
        if len(last) < among or last[-1][1] <= 0:
            continue
        if sum(far > beyond for _week, far in last) >= least:
            return Breach(sign, tuple(week for week, _far in last))
    return _cumulative(placed)


def is_kept_again(weeks: Sequence[Week], target: TargetSpec) -> bool:
    """Return whether the last weeks are on the right side, and no rule speaks any more."""
    last = _placed(weeks, target)[-_KEPT_WEEKS:]
    return (
        len(last) == _KEPT_WEEKS
        and all(far <= 0 for _week, far in last)
        and find_breach(weeks, target) is None
    )


def _placed(weeks: Sequence[Week], target: TargetSpec) -> list[tuple[Week, float]]:
    found = [(week, distance(week, target)) for week in weeks]
    return [(week, far) for week, far in found if far is not None]


def _cumulative(placed: Sequence[tuple[Week, float]]) -> Breach | None:
    sums = list(
        accumulate(
            (min(_MOST, far) for _week, far in placed),
            lambda total, far: max(0.0, total + far - _SLACK),
            initial=0.0,
        )
    )
    if sums[-1] <= _FULL:
        return None
    begun = max(place for place, total in enumerate(sums) if total == 0)
    return Breach(Sign.CUMULATIVE, tuple(week for week, _far in placed[begun:]))
