"""Sharing out: the published survey, whole numbers that add up, minima and whole strata."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.core.errors import InvalidInputError
from qa.sampling.allocating import Stratum, allocate, neyman, proportional

#: The TV survey of the specification.
TV = [
    Stratum("a", 1550, 5, 9),
    Stratum("b", 620, 15, 9),
    Stratum("c", 930, 10, 16),
]


def test_the_tv_survey_with_cost() -> None:
    found = neyman(TV, 58)
    assert [round(found[name], 2) for name in "abc"] == [18.71, 22.45, 16.84]


def test_the_tv_survey_without_cost() -> None:
    found = neyman([Stratum(one.name, one.size, one.spread) for one in TV], 58)
    assert [round(found[name], 2) for name in "abc"] == [17.06, 20.47, 20.47]


def test_proportional_is_by_size_alone() -> None:
    found = proportional(TV, 31)
    assert [round(found[name], 2) for name in "abc"] == [15.5, 6.2, 9.3]


def test_without_any_spread_the_size_alone_speaks() -> None:
    flat = [Stratum("a", 10, 0.0), Stratum("b", 30, 0.0)]
    assert neyman(flat, 8) == {"a": 2.0, "b": 6.0}


strata_lists = st.lists(
    st.builds(
        Stratum,
        name=st.text("abcdefgh", min_size=1, max_size=3),
        size=st.integers(0, 500),
        spread=st.floats(0, 50),
        take_all=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.name,
)


@given(strata_lists, st.integers(0, 600), st.integers(0, 5), st.booleans())
def test_shares_are_whole_fit_and_add_up(
    strata: list[Stratum], total: int, minimum: int, by_spread: bool
) -> None:
    found = allocate(strata, total=total, minimum=minimum, by_spread=by_spread)
    least = 0
    for one in strata:
        assert 0 <= found[one.name] <= one.size
        if one.take_all:
            assert found[one.name] == one.size
        floor = one.size if one.take_all else min(minimum, one.size)
        assert found[one.name] >= floor
        least += floor
    everything = sum(one.size for one in strata)
    assert sum(found.values()) == min(everything, max(total, least))


def test_a_stratum_smaller_than_its_share_is_taken_whole_and_the_rest_goes_on() -> None:
    found = allocate(
        [Stratum("small", 3, 100), Stratum("a", 500, 1), Stratum("b", 500, 1)],
        total=43,
        by_spread=True,
    )
    assert found == {"small": 3, "a": 20, "b": 20}


def test_a_single_unit_counts_for_the_minimum() -> None:
    found = allocate([Stratum("one", 1), Stratum("many", 999)], total=50, by_spread=False)
    assert found == {"one": 1, "many": 49}


@pytest.mark.parametrize(
    "strata",
    [[Stratum("a", 1), Stratum("a", 2)], [Stratum("a", -1)], [Stratum("a", 1, -1.0)]],
    ids=["twice", "negative size", "negative spread"],
)
def test_what_makes_no_sense_is_refused(strata: list[Stratum]) -> None:
    with pytest.raises(InvalidInputError):
        allocate(strata, total=1, by_spread=True)
