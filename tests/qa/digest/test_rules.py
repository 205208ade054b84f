"""When the mail of a week is due, by the clock on the reader's wall."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from qa.digest.rules import due_week

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("at", "is_computed", "week"),
    [
        # Monday 23 November: seven o'clock in Berlin is six in UTC.
        (datetime(2026, 11, 23, 5, 59, tzinfo=UTC), True, None),
        (datetime(2026, 11, 23, 6, 0, tzinfo=UTC), True, WEEK),
        (datetime(2026, 11, 23, 6, 0, tzinfo=UTC), False, None),
        (datetime(2026, 11, 23, 11, 0, tzinfo=UTC), False, WEEK),
        (datetime(2026, 11, 26, 5, 59, tzinfo=UTC), True, WEEK),
        (datetime(2026, 11, 26, 6, 0, tzinfo=UTC), True, None),
        # Sunday night in UTC is Monday in Berlin already, but not seven.
        (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), True, None),
    ],
)
def test_it_is_due_from_monday_morning_for_three_days(
    at: datetime, is_computed: bool, week: date | None
) -> None:
    assert due_week(now=at, zone=BERLIN, is_computed=is_computed) == week
