"""What a number of reviews buys: the published sizes, and the two directions together."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.core.errors import InvalidInputError
from qa.sampling.planning import discovery_size, largest_share, margin_of, size_for_margin


def test_five_points_cost_what_is_published() -> None:
    assert size_for_margin(margin=0.05) == pytest.approx(384.15, abs=0.005)
    assert size_for_margin(margin=0.05, population=1200) == pytest.approx(291.2, abs=0.05)


@pytest.mark.parametrize(
    ("confidence", "share", "size"),
    [(0.95, 0.05, 59), (0.95, 0.02, 149), (0.95, 0.01, 299), (0.99, 0.01, 459), (0.90, 0.05, 45)],
)
def test_zero_failure_plans_are_the_published_ones(
    confidence: float, share: float, size: int
) -> None:
    assert discovery_size(confidence=confidence, share=share) == size


@pytest.mark.parametrize(("population", "size"), [(1200, 264), (200, 155)])
def test_in_a_lot_of_known_size_fewer_are_enough(population: int, size: int) -> None:
    assert discovery_size(confidence=0.95, share=0.01, population=population) == size


@given(st.floats(0.01, 0.3), st.integers(10, 100_000))
def test_the_size_for_a_margin_gives_no_wider_one(margin: float, population: int) -> None:
    size = math.ceil(size_for_margin(margin=margin, population=population))
    assert size <= population
    assert margin_of(reviews=size, population=population) <= margin + 1e-9


def test_reviewing_all_leaves_no_margin() -> None:
    assert margin_of(reviews=40, population=40) == 0.0


def test_none_failed_still_allows_about_three_in_n() -> None:
    assert largest_share(reviews=299) < 0.01 < largest_share(reviews=298)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: size_for_margin(margin=0),
        lambda: size_for_margin(margin=0.1, population=0),
        lambda: margin_of(reviews=0),
        lambda: margin_of(reviews=11, population=10),
        lambda: discovery_size(confidence=1, share=0.1),
        lambda: discovery_size(confidence=0.9, share=0.01, population=50),
        lambda: largest_share(reviews=0),
    ],
    ids=list("abcdefg"),
)
def test_what_has_no_answer_is_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(InvalidInputError):
        ask()
