"""Shares: the fair comparison, nothing of n, and cells that stay hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.core.errors import InvalidInputError
from qa.measurement.formulas.shares import (
    Share,
    newcombe,
    pooled_weights,
    rule_of_three,
    small_cells,
    standardise,
    standardised_quantile,
)


def test_newcombe_of_two_shares() -> None:
    # Newcombe (1998), method 10, 56/70 against 48/80.
    found = newcombe(Share(56, 70), Share(48, 80))
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    assert newcombe(Share(0, 0), Share(1, 2)) is None


def test_none_of_many_is_not_none_at_all() -> None:
    assert rule_of_three(total=100) == pytest.approx(0.03, abs=0.0001)
    assert rule_of_three(total=2) == 1.0
    with pytest.raises(InvalidInputError):
        rule_of_three(total=0)
    assert Share(0, 0).value is None
    assert Share(0, 0).interval() is None


def test_a_mix_that_changed_is_taken_out() -> None:
    # Both journeys went down, and the crude rate went up because the mix changed.
    before = {"easy": Share(80, 800), "hard": Share(80, 200)}
    after = {"easy": Share(16, 200), "hard": Share(288, 800)}
    weights = pooled_weights(
        {key: one.total for key, one in before.items()},
        {key: one.total for key, one in after.items()},
    )
    assert weights == {"easy": 0.5, "hard": 0.5}
    first, second = standardise(before, weights), standardise(after, weights)
    assert first is not None
    assert second is not None
    assert (first.value, second.value) == pytest.approx((0.25, 0.22))
    assert first.variance == pytest.approx(0.25 * 0.09 / 800 + 0.25 * 0.24 / 200)
    assert sum(one.hits for one in after.values()) > sum(one.hits for one in before.values())


def test_a_stratum_that_is_not_there_is_told() -> None:
    found = standardise({"easy": Share(1, 10)}, {"easy": 0.75, "hard": 0.25})
    assert found is not None
    assert (found.value, found.covered) == pytest.approx((0.1, 0.75))
    assert standardise({}, {"easy": 1.0}) is None
    sure = standardise({"easy": Share(0, 10)}, {"easy": 1.0})
    assert sure is not None
    assert sure.interval.high > 0.2


def test_a_standardised_quantile() -> None:
    curves = {"a": [(1.0, 0.5), (3.0, 1.0)], "b": [(2.0, 0.5), (9.0, 1.0)]}
    assert standardised_quantile(curves, {"a": 0.5, "b": 0.5}, share=0.5) == 2.0
    assert standardised_quantile(curves, {"a": 1.0, "b": 0.0}, share=0.9) == 3.0
    assert standardised_quantile({"a": [(1.0, 0.4)]}, {"a": 1.0}, share=0.5) is None
    assert standardised_quantile({}, {"a": 1.0}, share=0.5) is None


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        pytest.param({"a": 100, "b": 90}, set(), id="none is small"),
        pytest.param({"a": 100, "b": 12, "c": 60}, {"b", "c"}, id="one alone takes another"),
        pytest.param({"a": 100, "b": 20, "c": 25}, {"b", "c"}, id="two are enough"),
        pytest.param({"a": 100, "b": 5, "c": 6}, {"a", "b", "c"}, id="two too small"),
        pytest.param({"a": 12}, {"a"}, id="only one"),
        pytest.param({"a": 0, "b": 40}, set(), id="nothing says nothing"),
    ],
)
def test_small_cells(counts: dict[str, int], hidden: set[str]) -> None:
    assert small_cells(counts.items(), minimum=30) == hidden


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 200), max_size=8))
def test_what_is_hidden_cannot_be_had_by_subtraction(counts: dict[str, int]) -> None:
    hidden = small_cells(counts.items(), minimum=30)
    together = sum(counts[key] for key in hidden)
    shown = {key for key, count in counts.items() if count} - hidden
    assert all(counts[key] >= 30 for key in shown)
    if hidden and shown:
        assert len(hidden) >= 2
        assert together >= 30
