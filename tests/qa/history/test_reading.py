"""What cannot be read is told by its line and stops nothing."""

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from orchestra.core.errors import InvalidInputError
from qa.history.types import Standing
from tests.factories.history import HEADER, LINES, read

GOOD = "A-1,2026-05-01T08:00:00Z,open,first,Ann,mail"


def test_events_stand_in_the_order_of_time_whatever_the_order_of_lines() -> None:
    lines = list(LINES[1:])
    Random(1).shuffle(lines)  # noqa: S311  an order, no secret
    found = read(HEADER, *lines)

    assert [one.group for one in found.cases["A-1"]] == ["first", "second", "first", "first"]
    assert found.events == len(lines)


def test_a_line_said_twice_counts_once() -> None:
    found = read(HEADER, GOOD, GOOD)
    assert (found.events, found.repeated, found.bad) == (1, 1, [])


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("A-1,yesterday,open,first,Ann,mail", "time"),
        ("A-1,2026-13-01T08:00:00Z,open,first,Ann,mail", "time"),
        ("A-1,0012-05-01T08:00:00Z,open,first,Ann,mail", "time_range"),
        ("A-1,2027-05-01T08:00:00Z,open,first,Ann,mail", "time_range"),
        ("A-1,2026-05-01T08:00:00Z,opened,first,Ann,mail", "status"),
        (",2026-05-01T08:00:00Z,open,first,Ann,mail", "case"),
        ("A-1,2026-05-01T08:00:00Z,open", "fields"),
        ("A-1,2026-05-01T08:00:00Z,open," + "x" * 201 + ",Ann,mail", "too_long"),
        ("A-\x001,2026-05-01T08:00:00Z,open,first,Ann,mail", "text"),
        ('A-1,"2026-05-01"T08:00:00Z,open,first,Ann,mail', "csv"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, code: str) -> None:
    found = read(HEADER, GOOD, line, GOOD.replace("08", "09"))

    assert [(one.line, one.code) for one in found.bad] == [(3, code)]
    assert found.events == 2


def test_the_nearest_status_is_offered() -> None:
    found = read(HEADER, GOOD.replace("open", "opne"))
    assert "did you mean open?" in found.bad[0].message


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("29.03.2026 01:30", datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),
        # The hour that is skipped, and the one that comes twice: the first of both.
        ("29.03.2026 02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("25.10.2026 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("25.10.2026 03:30", datetime(2026, 10, 25, 2, 30, tzinfo=UTC)),
    ],
)
def test_times_without_a_zone_are_of_the_mapping_s(said: str, at: datetime) -> None:
    found = read(
        HEADER,
        f"A-1,{said},open,first,Ann,mail",
        time={"format": "%d.%m.%Y %H:%M", "time_zone": "Europe/Berlin"},
    )
    assert found.cases["A-1"][0].at == at


def test_other_delimiters_and_quotes() -> None:
    lines = (HEADER.replace(",", ";"), 'A-1;2026-05-01T08:00:00Z;done;"first; team";Ann;mail')
    event = read(*lines, delimiter=";").cases["A-1"][0]
    assert (event.group, event.standing) == ("first; team", Standing.RESOLVED)


@pytest.mark.parametrize("lines", [(""), ("case,when,status,group,who,via")])
def test_a_file_without_the_columns_is_refused_whole(lines: Any) -> None:
    with pytest.raises(InvalidInputError):
        read(lines)
