"""How approvals were decided in a span of time: shares, times, slices; pure.

Every figure is a count of votes that can be listed, or rests on one. A share of few is no rate,
and is told as a count.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from governance.approvals.quality import wilson
from governance.approvals.types import VoteChoice

#: Faster than this, no page of evidence was read.
#: Source: the approval quality page, "share under three seconds"; the start page warns at five.
HASTY = timedelta(seconds=3)
#: Below this a share is told as a count: the 95 % interval of half of twenty is 43 points wide.
FEW = 20
#: Upper ends of the bars of the time to decide, in seconds; the last bar is open.
BAR_ENDS = (3, 10, 30, 60, 120, 300, 900, 3600)


class Measure(StrEnum):
    """What a number on the page counts; names the list of its rows."""

    DECIDED = "decided"
    TIMED = "timed"
    HASTY = "hasty"
    UNOPENED = "unopened"
    UNSEEN = "unseen"
    REJECTED = "rejected"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote as the figures see it.

    Attributes:
        request_id: Public id of the request.
        by: Public id of the voter; no figure here is summed by it. Who oversaw what, a person, is
            in the report of human oversight, for readers of the ledger.
        likeness: What cases like this one have in common; empty where it is not known.
        took: From first opening the page to the vote; None where it was cast without.
        saw_all: Whether all of the evidence had been on the voter's screen before.
        is_reversed: Whether what ran after it was undone later.
    """

    request_id: str
    by: str
    queue: str
    risk: str
    choice: VoteChoice
    at: datetime
    likeness: str = ""
    took: timedelta | None = None
    saw_all: bool = False
    is_reversed: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many, with the 95 % interval of the rate behind it.

    Attributes:
        low: Lower end, 0 to 1.
        high: Upper end, 0 to 1.
    """

    hits: int
    total: int
    low: float
    high: float

    @property
    def is_rate(self) -> bool:
        """Whether there are enough to speak of a rate."""
        return self.total >= FEW

    @property
    def rate(self) -> float:
        """The share itself, 0 to 1; 0 of none."""
        return self.hits / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Bar:
    """How many votes took a time within bounds.

    Attributes:
        above: Lower bound in seconds, included.
        below: Upper bound in seconds, excluded; None for no bound.
    """

    above: int
    below: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Times:
    """How long deciding took, of the votes cast from the page.

    Attributes:
        median: In seconds; None where no vote has a time.
        ninth: The time that nine of ten votes stay within, in seconds; None likewise.
    """

    count: int
    median: float | None
    ninth: float | None
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """All shares and times of some votes."""

    decided: int
    times: Times
    hasty: Share
    unopened: Share
    unseen: Share
    rejected: Share
    reversed_later: Share


_IS: Mapping[Measure, Callable[[Vote], bool]] = MappingProxyType(
    {
        Measure.DECIDED: lambda _vote: True,
        Measure.TIMED: lambda vote: vote.took is not None,
        Measure.HASTY: lambda vote: vote.took is not None and vote.took < HASTY,
        Measure.UNOPENED: lambda vote: vote.took is None,
        Measure.UNSEEN: lambda vote: vote.took is not None and not vote.saw_all,
        Measure.REJECTED: lambda vote: vote.choice is VoteChoice.REJECT,
        Measure.REVERSED: lambda vote: vote.is_reversed,
    }
)


def select(votes: Iterable[Vote], measure: Measure) -> list[Vote]:
    """Return the votes that a number counts, in the order given."""
    return [vote for vote in votes if _IS[measure](vote)]


def summarise_votes(votes: Sequence[Vote]) -> Figures:
    """Return the figures of some votes."""
    counts = {measure: len(select(votes, measure)) for measure in Measure}
    timed = counts[Measure.TIMED]
    approved = len(votes) - counts[Measure.REJECTED]
    return Figures(
        decided=len(votes),
        times=time_of(votes),
        hasty=share(hits=counts[Measure.HASTY], total=timed),
        unopened=share(hits=counts[Measure.UNOPENED], total=len(votes)),
        unseen=share(hits=counts[Measure.UNSEEN], total=timed),
        rejected=share(hits=counts[Measure.REJECTED], total=len(votes)),
        reversed_later=share(hits=counts[Measure.REVERSED], total=approved),
    )


def share(*, hits: int, total: int) -> Share:
    """Return a share with its interval."""
    low, high = wilson(hits=hits, total=total)
    return Share(hits, total, low, high)


def time_of(votes: Iterable[Vote]) -> Times:
    """Return how long deciding took."""
    seconds = sorted(vote.took.total_seconds() for vote in votes if vote.took is not None)
    bounds = zip((0, *BAR_ENDS), (*BAR_ENDS, None), strict=True)
    return Times(
        count=len(seconds),
        median=quantile(seconds, 0.5),
        ninth=quantile(seconds, 0.9),
        bars=tuple(
            Bar(
                above,
                below,
                sum(above <= one and (below is None or one < below) for one in seconds),
            )
            for above, below in bounds
        ),
    )


def quantile(ordered: Sequence[float], at: float) -> float | None:
    """Return a quantile of values in ascending order, or None of none.

    Between two values it is interpolated in a straight line.

    Args:
        ordered: The values, ascending.
        at: Which, 0 to 1.

    Source:
        Hyndman and Fan (1996), Sample quantiles in statistical packages, definition 7.
    """
    if not ordered:
        return None
    place = at * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def slice_by(votes: Iterable[Vote], key: Callable[[Vote], str]) -> dict[str, list[Vote]]:
    """Return votes apart by what a function says of each, in the order of first meeting."""
    found: dict[str, list[Vote]] = {}
    for vote in votes:
        found.setdefault(key(vote), []).append(vote)
    return found


def week_of(at: datetime) -> str:
    """Return the ISO week of a moment in its own time zone, such as ``2026-W48``."""
    year, week, _day = at.isocalendar()
    return f"{year}-W{week:02d}"
