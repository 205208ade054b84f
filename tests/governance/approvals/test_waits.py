"""Quantiles against their definition, hours, and who can give an approval together."""

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.approvals.waits import (
    MEDIAN,
    P90,
    Spread,
    Wait,
    by_hour,
    by_queue,
    can_give,
    quantile,
    spread,
)

SHARES = st.fractions(min_value=Fraction(1, 100), max_value=1, max_denominator=100)
ROLES = ("supervisor", "specialist", "compliance_officer")


@given(values=st.lists(st.integers(0, 50), min_size=1), share=SHARES)
def test_a_quantile_is_the_smallest_value_that_reaches_its_share(
    values: list[int], share: Fraction
) -> None:
    reaching = [one for one in values if sum(each <= one for each in values) >= share * len(values)]
    assert quantile(values, share) == min(reaching)


@pytest.mark.parametrize(
    ("values", "median", "p90"),
    [
        ([7], 7, 7),
        ([1, 2], 1, 2),
        ([3, 1, 2], 2, 3),
        (range(1, 11), 5, 9),
        (range(1, 12), 6, 10),
        ([5] * 4, 5, 5),
    ],
)
def test_quantiles_by_hand(values: list[float], median: float, p90: float) -> None:
    assert (quantile(values, MEDIAN), quantile(values, P90)) == (median, p90)


def test_nothing_has_no_quantile() -> None:
    assert quantile([], MEDIAN) is None
    assert spread([]) == Spread(0, None, None)


def test_waits_by_hour_and_by_queue() -> None:
    waits = [Wait(1, 9, 60), Wait(1, 9, 120), Wait(2, 23, 30)]
    hours = by_hour(waits)
    assert len(hours) == 24
    assert hours[9] == Spread(2, 60, 120)
    assert hours[23] == Spread(1, 30, 30)
    assert sum(each.count for each in hours) == 3
    assert by_queue(waits) == {1: Spread(2, 60, 120), 2: Spread(1, 30, 30)}


@pytest.mark.parametrize(
    ("people", "roles", "votes", "distinct", "expected"),
    [
        ([], (), 1, False, False),
        ([["supervisor"]], (), 0, False, True),
        ([["supervisor"]], ("specialist",), 1, False, False),
        ([["supervisor"]], (), 2, False, False),
        ([["supervisor"], ["supervisor"]], (), 2, False, True),
        ([["supervisor"], ["supervisor"]], (), 2, True, False),
        ([["supervisor", "specialist"], ["supervisor"]], (), 2, True, True),
        ([["supervisor", "specialist"]], (), 2, True, False),
    ],
)
def test_who_can_give_an_approval(
    people: list[list[str]], roles: tuple[str, ...], votes: int, distinct: bool, expected: bool
) -> None:
    assert can_give(people, roles=roles, votes=votes, distinct_roles=distinct) is expected


@given(
    people=st.lists(st.sets(st.sampled_from(ROLES)), max_size=4),
    roles=st.sets(st.sampled_from(ROLES)),
    votes=st.integers(1, 3),
)
def test_distinct_roles_as_trying_everybody_in_every_order(
    people: list[set[str]], roles: set[str], votes: int
) -> None:
    able = [held & roles if roles else held for held in people]
    tried = any(
        all(role in held for role, held in zip(chosen, order, strict=False))
        for chosen in permutations(ROLES, votes)
        for order in permutations(able, votes)
    )
    assert can_give(people, roles=roles, votes=votes, distinct_roles=True) is tried
