"""Hours and holidays as people write them, line by line; pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from orchestra.core.errors import FieldError, InvalidInputError
from qa.calendars.types import DAY_MINUTES, Calendar, Exceptional, Opening

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN: Final = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_LINE: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})((?:[\s,]*\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2})*)\s*(.*)"
)
_MOST: Final = 500


def parse_calendar(given: Mapping[str, str]) -> Calendar:
    """Return the calendar that a form states.

    Args:
        given: ``time_zone``; for each day its hours, such as ``09:00-12:00, 13:00-17:00`` or
            nothing; ``exceptional``, a line for each date, such as ``2026-12-24 09:00-12:00
            Christmas Eve``, without hours for a day that is closed.

    Raises:
        InvalidInputError: With every line that cannot be read.
    """
    errors: list[FieldError] = []
    week = tuple(_day(given.get(day, ""), day, errors) for day in DAYS)
    lines = [line.strip() for line in given.get("exceptional", "").splitlines()]
    exceptional = [
        found
        for number, line in enumerate(lines[:_MOST], start=1)
        if line and (found := _exceptional(line, number, errors))
    ]
    if errors:
        raise InvalidInputError(
            "The hours cannot be read; correct what is named.",
            code="calendar.unreadable",
            errors=errors,
        )
    return Calendar(given.get("time_zone", "").strip(), week, tuple(exceptional))


def as_text(openings: Sequence[Opening]) -> str:
    """Return hours as they are written, ``09:00-12:00, 13:00-17:00``; empty for none."""
    return ", ".join(f"{_clock(one.begin)}-{_clock(one.end)}" for one in openings)


def as_lines(exceptional: Sequence[Exceptional]) -> str:
    """Return dates with hours of their own as they are written, one a line."""
    lines = (
        " ".join(part for part in (one.on.isoformat(), as_text(one.openings), one.name) if part)
        for one in sorted(exceptional, key=lambda each: each.on)
    )
    return "\n".join(lines)


def _day(text: str, path: str, errors: list[FieldError]) -> tuple[Opening, ...]:
    return _openings(text, path, errors) if text.strip() else ()


def _openings(text: str, path: str, errors: list[FieldError]) -> tuple[Opening, ...]:
    found = []
    for part in text.split(","):
        match = _SPAN.fullmatch(part.strip())
        if match is None:
            message = f"cannot be read: {part.strip()[:40]!r}; write hours as 09:00-17:00"
            errors.append(FieldError(path, "hours", message))
            continue
        begin, end = (int(match[at]) * 60 + int(match[at + 1]) for at in (1, 3))
        is_clock = int(match[2]) < 60 and int(match[4]) < 60  # noqa: PLR2004  minutes of an hour
        if not is_clock or end > DAY_MINUTES:
            errors.append(FieldError(path, "hours", "no clock shows that; it ends at 24:00"))
            continue
        found.append(Opening(begin, end))
    return tuple(found)


def _exceptional(line: str, number: int, errors: list[FieldError]) -> Exceptional | None:
    path = f"exceptional, line {number}"
    match = _LINE.fullmatch(line)
    try:
        on = date.fromisoformat(match[1] if match else "")
    except ValueError:
        errors.append(FieldError(path, "date", "begins with a date such as 2026-12-25"))
        return None
    spans, name = (match[2].strip(" ,"), match[3].strip()) if match else ("", "")
    openings = _openings(spans, path, errors) if spans else ()
    return Exceptional(on, openings, name[:100])


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
