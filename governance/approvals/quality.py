"""How one person's approvals went: figures from plain values; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from statistics import median

from governance.approvals.types import VoteChoice

#: Faster than this, nobody has read the page.
#: Source: the supervisor's start page, "share under 5 seconds".
TOO_FAST = timedelta(seconds=5)
#: Quantile of the normal distribution for an interval that holds in 95 of 100.
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class VoteTaken:
    """One vote a person cast.

    Attributes:
        took: From the first opening of the page to the vote; None where it was cast without
            opening the page.
    """

    choice: VoteChoice
    took: timedelta | None


@dataclass(frozen=True, slots=True)
class Quality:
    """What a person's votes say about how they decide.

    Attributes:
        timed: How many votes have a time.
        median_seconds: None where no vote has a time.
        reject_low: Lower end of the 95 % interval of the share of rejections, 0 to 1.
        reject_high: Upper end of it.
    """

    decided: int
    timed: int
    median_seconds: float | None
    too_fast: int
    rejected: int
    reject_low: float
    reject_high: float


def summarise(votes: Sequence[VoteTaken]) -> Quality:
    """Return the figures of a person's votes in a span of time."""
    times = [vote.took for vote in votes if vote.took is not None]
    rejected = sum(vote.choice is VoteChoice.REJECT for vote in votes)
    low, high = wilson(hits=rejected, total=len(votes))
    return Quality(
        decided=len(votes),
        timed=len(times),
        median_seconds=median(took.total_seconds() for took in times) if times else None,
        too_fast=sum(took < TOO_FAST for took in times),
        rejected=rejected,
        reject_low=low,
        reject_high=high,
    )


def wilson(*, hits: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson's score method.

    Args:
        hits: How many of the total, at least 0.
        total: How many there are; nothing is known of a share of none, so 0 gives 0 to 1.

    Source:
        Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    if not total:
        return 0.0, 1.0
    share, square = hits / total, _Z * _Z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = _Z * sqrt(share * (1 - share) / total + square / (4 * total * total))
    half /= 1 + square / total
    return max(0.0, middle - half), min(1.0, middle + half)
