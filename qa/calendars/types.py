"""Business calendars as values."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from orchestra.core.errors import InvalidInputError

#: Minutes of a day; an opening that ends so ends at midnight.
DAY_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """Hours of one day, on the clock of the wall.

    Attributes:
        begin: Minute of the day, 0 to 1439.
        end: Minute of the day, more than ``begin``, up to 1440.
    """

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Exceptional:
    """A date with hours of its own; a holiday has none."""

    on: date
    openings: tuple[Opening, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """One version of a centre's hours.

    Attributes:
        time_zone: IANA name; days and hours are those of its wall clock.
        week: Seven tuples, Monday first.
        exceptional: Holidays and days with other hours, at most one for a date.
    """

    time_zone: str
    week: tuple[tuple[Opening, ...], ...]
    exceptional: tuple[Exceptional, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, UTC, half open: the end does not belong to it."""

    begin: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.end - self.begin).total_seconds()


@dataclass(frozen=True, slots=True)
class Change:
    """From when on which version of a calendar holds.

    Attributes:
        since: UTC.
    """

    since: datetime
    calendar: Calendar


class NeverOpenError(InvalidInputError):
    """A calendar has no hours, so no time passes on its clock and nothing can be measured."""

    code = "calendar.never_open"
