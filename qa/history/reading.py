"""The lines of an event log to the events of its cases; pure.

What cannot be read is told by its line and stops nothing: whether the rest is taken is asked
of whoever imports. Times without a zone are of the zone that the mapping names; in the hour
that a clock shows twice, of the first.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from sys import intern
from typing import Final
from zoneinfo import ZoneInfo

from governance.policies.reading import nearest
from orchestra.core.errors import FieldError, InvalidInputError
from qa.history.types import BadLine, Column, LoggedEvent, LogMapping, ReadLog, Standing

#: A log with more lines than this is cut in parts by whoever has it.
MOST_EVENTS: Final = 5_000_000
#: Lines that cannot be read beyond so many are counted under the last one's message.
MOST_BAD: Final = 1000
_LONGEST: Final = 200
#: An event cannot lie before there were event logs; years mistyped as 0012 are found by it.
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)


class _UnreadableError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def read_log(*, lines: Iterable[str], mapping: LogMapping, now: datetime) -> ReadLog:
    """Read a log.

    Args:
        lines: Of the file, in order, the header first.
        mapping: How they are read.
        now: Events after it are refused, UTC.

    Returns:
        What was read, bad lines named by number.

    Raises:
        InvalidInputError: The file is empty, has no CSV header, or lacks a column of the mapping.
    """
    reader = csv.reader(lines, delimiter=mapping.delimiter, strict=True)
    places = _places(_header(reader), mapping)
    found, seen = ReadLog(), set[int]()
    for number, row in _rows(reader, found):
        try:
            event = _event(number, row, places, mapping, now)
        except _UnreadableError as error:
            _note(found, BadLine(number, error.code, error.message))
            continue
        # A digest of the line is enough: two different lines do not share one by chance.
        line = hash(tuple(row))
        if line in seen:
            found.repeated += 1
            continue
        seen.add(line)
        found.cases.setdefault(event.case, []).append(event)
    for events in found.cases.values():
        events.sort(key=lambda one: (one.at, one.line))
    return found


def _header(reader: "Iterator[list[str]]") -> list[str]:
    try:
        header = next(reader)
    except (StopIteration, csv.Error) as error:
        raise InvalidInputError(
            "The file has no line of column names; nothing was read.", code="history.empty"
        ) from error
    return [name.strip().removeprefix("\ufeff") for name in header]


def _places(header: list[str], mapping: LogMapping) -> Mapping[Column, int]:
    errors = [
        FieldError(
            f"columns.{column}", "unknown_column", f"no column {name}{nearest(name, header)}"
        )
        for column, name in mapping.columns.items()
        if name not in header
    ]
    if errors:
        raise InvalidInputError(
            "The file lacks columns that the mapping names; nothing was read.",
            code="history.columns",
            errors=errors,
        )
    return {column: header.index(name) for column, name in mapping.columns.items()}


def _rows(reader: "Iterator[list[str]]", found: ReadLog) -> Iterator[tuple[int, list[str]]]:
    count = 0
    while True:
        number = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            _note(found, BadLine(number, "csv", f"is no line of CSV: {error}"))
            continue
        if row:
            count += 1
            if count > MOST_EVENTS:
                raise InvalidInputError(
                    f"The file has more than {MOST_EVENTS:,} lines; cut it into parts.",
                    code="history.too_many",
                )
            yield number, row


def _event(
    number: int,
    row: list[str],
    places: Mapping[Column, int],
    mapping: LogMapping,
    now: datetime,
) -> LoggedEvent:
    if len(row) <= max(places.values()):
        raise _UnreadableError("fields", f"has {len(row)} fields, fewer than its columns")
    said = {column: row[place].strip() for column, place in places.items()}
    for column, text in said.items():
        if len(text) > _LONGEST:
            raise _UnreadableError("too_long", f"{column}: has more than {_LONGEST} characters")
        if "\x00" in text:
            raise _UnreadableError("text", f"{column}: has a character no text may have")
    if not said[Column.CASE]:
        raise _UnreadableError("case", "names no case")
    return LoggedEvent(
        line=number,
        case=said[Column.CASE],
        at=_time(said[Column.TIME], mapping, now),
        standing=_standing(said[Column.STATUS], mapping),
        status=intern(said[Column.STATUS]),
        activity=intern(said.get(Column.ACTIVITY, "")),
        group=intern(said.get(Column.GROUP, "")),
        resource=intern(said.get(Column.RESOURCE, "")),
        channel=intern(said.get(Column.CHANNEL, "")),
    )


def _time(text: str, mapping: LogMapping, now: datetime) -> datetime:
    try:
        if mapping.time_format == "iso":
            at = datetime.fromisoformat(text)
        else:
            at = datetime.strptime(text, mapping.time_format)  # noqa: DTZ007  its zone comes next
        if at.tzinfo is None:
            at = at.replace(tzinfo=ZoneInfo(mapping.time_zone))
        at = at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        wanted = "ISO 8601" if mapping.time_format == "iso" else mapping.time_format
        raise _UnreadableError("time", f"{text!r} is no time as {wanted} writes it") from error
    if not _EARLIEST <= at <= now:
        raise _UnreadableError("time_range", f"{text!r} lies before 1970 or in the future")
    return at


def _standing(text: str, mapping: LogMapping) -> Standing:
    found = mapping.statuses.get(text)
    if found is None:
        hint = nearest(text, mapping.statuses)
        raise _UnreadableError("status", f"the mapping does not name the status {text!r}{hint}")
    return found


def _note(found: ReadLog, line: BadLine) -> None:
    found.bad.append(line)
