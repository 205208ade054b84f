"""Intervals of shares: the published values, and libraries as oracles over random counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from orchestra.core.errors import InvalidInputError
from qa.estimates.proportions import (
    clean_reviews_needed,
    difference,
    exact,
    upper_bound,
    wilson,
)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"), [(81, 263, 0.2553, 0.3662), (0, 20, 0.0, 0.1611)]
)
def test_wilson_as_newcombe_printed_it(hits: int, total: int, low: float, high: float) -> None:
    found = wilson(hits=hits, total=total)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"), [(81, 263, 0.2527, 0.3676), (0, 20, 0.0, 0.1684)]
)
def test_exact_as_newcombe_printed_it(hits: int, total: int, low: float, high: float) -> None:
    found = exact(hits=hits, total=total)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


counts = st.integers(1, 400).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@given(counts, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_wilson_equals_the_library(count: tuple[int, int], confidence: float) -> None:
    found = wilson(hits=count[0], total=count[1], confidence=confidence)
    low, high = proportion_confint(*count, alpha=1 - confidence, method="wilson")
    assert (found.low, found.high) == pytest.approx((max(0, low), min(1, high)), abs=1e-9)


@given(counts, st.sampled_from([0.9, 0.95, 0.99]))
def test_exact_equals_the_library(count: tuple[int, int], confidence: float) -> None:
    found = exact(hits=count[0], total=count[1], confidence=confidence)
    low, high = proportion_confint(*count, alpha=1 - confidence, method="beta")
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-7)


@given(counts)
def test_the_one_sided_bound_equals_the_library(count: tuple[int, int]) -> None:
    hits, total = count
    wanted = 1.0 if hits == total else stats.beta.ppf(0.95, hits + 1, total - hits)
    assert upper_bound(hits=hits, total=total) == pytest.approx(wanted, abs=1e-7)


@pytest.mark.parametrize(("errors", "needed"), [(0, 149), (1, 236), (2, 313), (3, 386)])
def test_clean_reviews_before_autonomy_is_raised(errors: int, needed: int) -> None:
    assert clean_reviews_needed(share=0.02, errors=errors) == needed


def test_the_difference_of_two_shares_as_newcombe_printed_it() -> None:
    # Newcombe 1998, method 10: 56/70 and 48/80 give .0524 to .3339.
    found = difference(hits=56, total=70, other_hits=48, other_total=80)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


@pytest.mark.parametrize(("hits", "total"), [(1, 0), (2, 1), (-1, 5)])
def test_no_share_of_nothing(hits: int, total: int) -> None:
    for interval in (wilson, exact, upper_bound):
        with pytest.raises(InvalidInputError):
            interval(hits=hits, total=total)
