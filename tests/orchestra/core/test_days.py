"""Days are read as they are typed, and lie between two midnights of the reader's zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from orchestra.core.days import begin_of, end_of, read_day


@pytest.mark.parametrize("text", ["", "2026-13-45", "2026-02-30", "yesterday", "20261101x"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_day(text) is None


def test_a_day_is_as_long_as_the_reader_lives_it() -> None:
    day = read_day("2026-11-01")
    assert day == date(2026, 11, 1)
    with timezone.override(ZoneInfo("America/New_York")):
        # The clocks go back that night, so the day has 25 hours.
        assert begin_of(day) == datetime(2026, 11, 1, 4, tzinfo=UTC)
        assert end_of(day) == datetime(2026, 11, 2, 5, tzinfo=UTC)


def test_the_last_day_there_is_has_no_end() -> None:
    with pytest.raises(OverflowError):
        end_of(date.max)
