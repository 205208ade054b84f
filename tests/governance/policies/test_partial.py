"""Rows are left aside and everything else keeps its place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.policies.partial import is_of_a_row, readable_part

DOCUMENT: dict[str, Any] = {"title": "T", "rules": ["a", "b", "c"], "limits": ["d"]}


def test_rows_that_cannot_be_read_are_left_aside() -> None:
    part = readable_part(DOCUMENT, ["rules[1].when[0].fact", "title", "rules"])
    assert part.document == {"title": "T", "rules": ["a", "c"], "limits": ["d"]}
    assert not part.is_whole
    assert part.has_rows
    assert part.place("rules[1].then") == "rules[2].then"
    assert part.place("limits[0]") == "limits[0]"
    assert part.place("thresholds.USD") == "thresholds.USD"


def test_what_is_of_no_row_leaves_none_aside() -> None:
    part = readable_part({"rules": 5}, ["rules", "title", ""])
    assert part.document == {"rules": 5}
    assert part.is_whole
    assert not part.has_rows


@given(st.integers(0, 6), st.sets(st.integers(0, 8)))
def test_every_row_that_is_left_finds_its_place_again(count: int, aside: set[int]) -> None:
    rows = [f"r{number}" for number in range(count)]
    part = readable_part({"rules": rows}, [f"rules[{number}]" for number in aside])
    back = [part.place(f"rules[{at}]") for at in range(len(part.document["rules"]))]
    assert back == [f"rules[{rows.index(row)}]" for row in part.document["rules"]]
    assert len(back) == count - len(aside & set(range(count)))


@pytest.mark.parametrize(
    ("path", "answer"),
    [("rules[3]", True), ("limits[0].key", True), ("invariants[0]", False), ("rules", False)],
)
def test_the_table_as_a_whole_is_no_row(path: str, answer: bool) -> None:
    assert is_of_a_row(path) is answer
