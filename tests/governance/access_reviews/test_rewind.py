"""What stood at a moment, by a table of what was given and taken when."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.access_reviews.rewind import Change, replay, rewind
from governance.access_reviews.types import Given

START = datetime(2026, 11, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def given(number: int, by: str = "sam", until: int | None = None) -> Change:
    return Change(day(number), by, is_given=True, until_at=None if until is None else day(until))


def taken(number: int) -> Change:
    return Change(day(number), "sam", is_given=False)


@pytest.mark.parametrize(
    ("is_held", "changes", "at", "expected"),
    [
        (True, [], 5, Given()),
        (False, [], 5, None),
        (True, [given(3)], 5, Given(day(3), "sam")),
        (True, [given(3)], 3, Given(day(3), "sam")),
        (True, [given(3)], 2, None),
        (False, [given(3), taken(7)], 5, Given(day(3), "sam")),
        (False, [given(3), taken(7)], 8, None),
        (False, [given(3), taken(7)], 7, None),
        (False, [taken(7)], 5, Given()),
        (True, [given(1), taken(2), given(6, "eva")], 4, None),
        (True, [given(1), taken(2), given(6, "eva")], 6, Given(day(6), "eva")),
    ],
)
def test_a_role_is_rewound_from_today(
    is_held: bool, changes: list[Change], at: int, expected: Given | None
) -> None:
    found = rewind(now_held={"key"} if is_held else set(), changes={"key": changes}, at=day(at))
    assert found == ({} if expected is None else {"key": expected})


@pytest.mark.parametrize(
    ("changes", "at", "expected"),
    [
        ([], 5, None),
        ([given(3)], 2, None),
        ([given(3)], 3, Given(day(3), "sam")),
        ([given(3), taken(7)], 6, Given(day(3), "sam")),
        ([given(3), taken(7)], 7, None),
        ([given(3), given(4, "eva")], 6, Given(day(3), "sam")),
        ([given(3, until=6)], 5, Given(day(3), "sam")),
        ([given(3, until=6)], 6, None),
        ([given(3, until=6), given(5, until=9)], 7, Given(day(3), "sam")),
    ],
)
def test_a_grant_is_replayed_from_its_versions(
    changes: list[Change], at: int, expected: Given | None
) -> None:
    assert replay(changes, at=day(at)) == expected
