"""Shares, times and slices of votes, from plain values."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from governance.approvals.figures import (
    FEW,
    Measure,
    Vote,
    quantile,
    select,
    share,
    slice_by,
    summarise_votes,
    time_of,
    week_of,
)
from governance.approvals.types import VoteChoice

AT = datetime(2026, 11, 19, 19, 0, tzinfo=UTC)


def vote(seconds: float | None = 40, **changes: Any) -> Vote:
    fields: dict[str, Any] = {
        "request_id": "r",
        "by": "ines",
        "queue": "returns",
        "risk": "high",
        "choice": VoteChoice.APPROVE,
        "at": AT,
        "took": None if seconds is None else timedelta(seconds=seconds),
    }
    return Vote(**{**fields, **changes})


def test_every_share_counts_what_its_list_holds() -> None:
    votes = [
        vote(2.999),
        vote(3, saw_all=True),
        vote(None),
        vote(60, choice=VoteChoice.REJECT, saw_all=True),
        vote(600, is_reversed=True),
    ]
    found = summarise_votes(votes)
    assert (found.decided, found.times.count) == (5, 4)
    assert (found.hasty.hits, found.hasty.total) == (1, 4)
    assert (found.unopened.hits, found.unopened.total) == (1, 5)
    assert (found.unseen.hits, found.unseen.total) == (2, 4)
    assert (found.rejected.hits, found.rejected.total) == (1, 5)
    assert (found.reversed_later.hits, found.reversed_later.total) == (1, 4)
    counts = {measure: len(select(votes, measure)) for measure in Measure}
    assert counts == {
        Measure.DECIDED: 5,
        Measure.TIMED: 4,
        Measure.HASTY: 1,
        Measure.UNOPENED: 1,
        Measure.UNSEEN: 2,
        Measure.REJECTED: 1,
        Measure.REVERSED: 1,
    }


def test_of_nothing_nothing_is_known() -> None:
    found = summarise_votes([])
    assert (found.times.median, found.times.ninth) == (None, None)
    assert (found.rejected.low, found.rejected.high, found.rejected.rate) == (0.0, 1.0, 0.0)


@pytest.mark.parametrize(("total", "is_rate"), [(FEW - 1, False), (FEW, True)])
def test_few_are_no_rate(total: int, is_rate: bool) -> None:
    assert share(hits=3, total=total).is_rate is is_rate


@pytest.mark.parametrize(
    ("values", "at", "expected"),
    [
        # The example of Hyndman and Fan's definition 7 as R's quantile() gives it for 1 to 10.
        (range(1, 11), 0.5, 5.5),
        (range(1, 11), 0.9, 9.1),
        (range(1, 11), 0.25, 3.25),
        ([7.0], 0.9, 7.0),
        ([1.0, 2.0], 1.0, 2.0),
        ([1.0, 2.0], 0.0, 1.0),
    ],
)
def test_a_quantile_lies_on_the_line_between_two_values(
    values: Any, at: float, expected: float
) -> None:
    assert quantile(list(values), at) == pytest.approx(expected)


def test_no_value_has_no_quantile() -> None:
    assert quantile([], 0.5) is None


def test_every_time_falls_into_one_bar() -> None:
    seconds = [0, 2.9, 3, 9.9, 59, 60, 119, 300, 899, 3599, 3600, 90_000]
    found = time_of([vote(one) for one in seconds] + [vote(None)])
    assert found.count == len(seconds) == sum(bar.count for bar in found.bars)
    assert [bar.count for bar in found.bars] == [2, 2, 0, 1, 2, 0, 2, 1, 2]
    assert (found.bars[0].above, found.bars[0].below, found.bars[-1].below) == (0, 3, None)


def test_votes_are_told_apart_without_losing_one() -> None:
    votes = [vote(risk="low"), vote(risk="high"), vote(risk="low")]
    found = slice_by(votes, lambda one: one.risk)
    assert {key: len(part) for key, part in found.items()} == {"low": 2, "high": 1}


@pytest.mark.parametrize(
    ("day", "expected"),
    [((2026, 11, 19), "2026-W47"), ((2027, 1, 3), "2026-W53"), ((2024, 12, 30), "2025-W01")],
)
def test_a_week_is_that_of_the_iso_calendar(day: tuple[int, int, int], expected: str) -> None:
    assert week_of(datetime(*day, tzinfo=UTC)) == expected
