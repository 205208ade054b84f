"""What an edit changed: rows that moved, and rows that were taken away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.admin.table_diff import (
    moved_names,
    places_of_gone,
    runs_of_alike,
)

NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True)


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [("abc", "abc", ""), ("abc", "cab", "c"), ("abcd", "axbcd", ""), ("ab", "", "")],
)
def test_as_few_names_as_explain_it_have_moved(before: str, after: str, moved: str) -> None:
    assert moved_names(before, after) == frozenset(moved)


@given(NAMES, st.sets(st.sampled_from("abcdefgh")))
def test_rows_taken_away_go_back_where_they_stood(before: list[str], taken: set[str]) -> None:
    after = [name for name in before if name not in taken]
    places = places_of_gone(before, after)
    back: list[str] = []
    for at in range(len(after) + 1):
        back += [before[index] for index in places.get(at, [])]
        back += after[at : at + 1]
    assert back == before


def test_runs_end_where_the_value_does() -> None:
    assert list(runs_of_alike([True, True, False, True])) == [(0, 2), (2, 3), (3, 4)]
    assert list(runs_of_alike([])) == []
