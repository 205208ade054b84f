"""Hours and holidays as people write them, and back."""

from datetime import date

import pytest

from orchestra.core.errors import InvalidInputError
from qa.calendars.parsing import as_lines, as_text, parse_calendar
from qa.calendars.types import Exceptional, Opening

GIVEN = {
    "time_zone": " Europe/Berlin ",
    "monday": "09:00-12:00, 13:00 - 24:00",
    "exceptional": "2026-12-24 09:00-12:00 Christmas Eve\n\n2026-12-26 2nd day\n2026-12-31",
}


def test_hours_read_as_written_and_write_as_read() -> None:
    found = parse_calendar(GIVEN)
    assert found.time_zone == "Europe/Berlin"
    assert found.week[0] == (Opening(540, 720), Opening(780, 1440))
    assert found.week[1:] == ((),) * 6
    assert found.exceptional == (
        Exceptional(date(2026, 12, 24), (Opening(540, 720),), "Christmas Eve"),
        Exceptional(date(2026, 12, 26), (), "2nd day"),
        Exceptional(date(2026, 12, 31)),
    )
    again = {
        **GIVEN,
        "monday": as_text(found.week[0]),
        "exceptional": as_lines(found.exceptional),
    }
    assert parse_calendar(again) == found


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"monday": "nine to five"}, "monday"),
        ({"monday": "09:75-10:00"}, "monday"),
        ({"monday": "09:00-24:01"}, "monday"),
        ({"exceptional": "Christmas"}, "exceptional, line 1"),
        ({"exceptional": "2026-12-25 X\n2026-02-30"}, "exceptional, line 2"),
        ({"exceptional": "2026-12-24 9:00-25:00"}, "exceptional, line 1"),
    ],
)
def test_every_line_that_cannot_be_read_is_named(changes: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_calendar({**GIVEN, **changes})
    assert [one.field for one in caught.value.errors] == [field]
