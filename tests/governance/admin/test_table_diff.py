"""What an edit changed: pieces make up the new text, and what is gone comes from the old."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.admin.table_diff import (
    Sign,
    gone_words,
    moved_names,
    places_of_gone,
    runs_of_alike,
    word_pieces,
)

WORDS = st.lists(st.sampled_from(["when", "amount", "is", "$500.00", "$1,000.00", ",", "and", "."]))
SENTENCES = st.one_of(WORDS.map(" ".join), st.text(max_size=40))
NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True)


@given(SENTENCES, SENTENCES)
def test_the_pieces_make_up_both_texts(before: str, after: str) -> None:
    pieces = word_pieces(before, after)
    assert "".join(each.text for each in pieces if each.sign is not Sign.GONE) == after
    if before == after:
        assert all(each.sign is Sign.SAME for each in pieces)
    old = "".join(each.text for each in pieces if each.sign is not Sign.ADDED)
    # A blank between two changes belongs to both sides of one change.
    assert old.replace(" ", "") == before.replace(" ", "") or len(old) <= len(before)


def test_neighbouring_changes_are_one() -> None:
    pieces = word_pieces("asks for 1 vote by a lead.", "asks for 2 votes by a lead.")
    assert [(each.sign.value, each.text) for each in pieces] == [
        ("same", "asks for "),
        ("gone", "1 vote"),
        ("added", "2 votes"),
        ("same", " by a lead."),
    ]
    assert gone_words(pieces) == ["1 vote"]


def test_amounts_are_words() -> None:
    pieces = word_pieces("above $1,000.00, deny", "above $1,500.00, deny")
    assert [each.text for each in pieces if each.sign is Sign.ADDED] == ["$1,500.00"]


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
