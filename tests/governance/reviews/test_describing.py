"""Rows said in words: their reasons, and the places at which nothing differs."""

import pytest

from governance.reviews.describing import Row, describe_rows, list_unchanged, say_numbers
from governance.reviews.types import Change, Sign

PLACE = "Row %(number)d"


def test_a_row_brings_its_reason_and_the_one_before() -> None:
    before = [Row("a", "A.", "Old."), Row("b", "B.", "Gone."), ("c", "C.")]
    after = [Row("a", "A!", "New."), ("c", "C."), Row("d", "D.", "Because.")]
    assert list(describe_rows(before, after, PLACE)) == [
        Change(Sign.CHANGED, "Row 1", "A.", "A!", "New.", "Old."),
        Change(Sign.ADDED, "Row 3", after="D.", reason="Because."),
        Change(Sign.REMOVED, "Row 2", before="B.", reason_before="Gone."),
    ]


def test_what_is_the_same_is_named_by_its_places_in_the_new_text() -> None:
    before = [(key, key) for key in "abcdef"]
    after = [(key, key) for key in "abxdef"]
    every = [Change(Sign.ADDED, "Title", after="T"), *describe_rows([], after, PLACE)]
    differing = list(describe_rows(before, after, PLACE))
    assert [(one.sign, one.place) for one in differing] == [
        (Sign.ADDED, "Row 3"),
        (Sign.REMOVED, "Row 3"),
    ]
    assert list_unchanged(every, differing) == {"Row": [1, 2, 4, 5, 6]}


def test_a_removed_row_takes_no_place_of_the_new_text() -> None:
    before, after = [("a", "a"), ("b", "b")], [("b", "b")]
    differing = list(describe_rows(before, after, PLACE))
    assert list_unchanged(describe_rows([], after, PLACE), differing) == {"Row": [1]}


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([], ""),
        ([4], "4"),
        ([1, 2], "1 and 2"),
        ([1, 2, 3], "1 to 3"),
        ([*range(1, 10), 11, 12, 14, 15], "1 to 9, 11, 12, 14 and 15"),
        ([1, 3, 4, 5], "1 and 3 to 5"),
    ],
)
def test_numbers_in_words(numbers: list[int], words: str) -> None:
    assert say_numbers(numbers) == words
