"""The figures of one person's votes, and the interval of a share."""

from datetime import timedelta

import pytest

from governance.approvals.quality import Quality, VoteTaken, summarise, wilson
from governance.approvals.types import VoteChoice


def vote(seconds: float | None, choice: VoteChoice = VoteChoice.APPROVE) -> VoteTaken:
    return VoteTaken(choice, None if seconds is None else timedelta(seconds=seconds))


def test_votes_are_summed_up() -> None:
    found = summarise([vote(4.9), vote(5), vote(61, VoteChoice.REJECT), vote(None)])
    low, high = wilson(hits=1, total=4)
    assert found == Quality(
        decided=4,
        timed=3,
        median_seconds=5.0,
        too_fast=1,
        rejected=1,
        reject_low=low,
        reject_high=high,
    )


def test_without_votes_nothing_is_known() -> None:
    found = summarise([])
    assert (found.decided, found.median_seconds) == (0, None)
    assert (found.reject_low, found.reject_high) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (0, 10, 0.0, 0.277533),
        (10, 10, 0.722467, 1.0),
        (1, 2, 0.094531, 0.905469),
        (16, 163, 0.061327, 0.153497),
        (500, 1000, 0.469070, 0.530930),
    ],
)
def test_the_interval_is_wilsons(hits: int, total: int, low: float, high: float) -> None:
    assert wilson(hits=hits, total=total) == pytest.approx((low, high), abs=1e-4)
