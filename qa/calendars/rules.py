"""Business time: how much of a stretch of time a centre was open; pure.

An hour that the clock skips in spring is not there and one that it repeats in autumn is there
twice, so every opening is laid on the UTC line before anything is measured.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from orchestra.core.errors import FieldError, InvalidInputError
from qa.calendars.types import (
    DAY_MINUTES,
    Calendar,
    Change,
    Exceptional,
    NeverOpenError,
    Opening,
    Span,
)

_WEEK = 7
#: A weekly hour comes again within so many days even where holidays follow each other.
_LOOKS_AHEAD = 400


def find_faults(calendar: Calendar) -> tuple[FieldError, ...]:
    """Return everything that is wrong with a calendar; empty where it can be used."""
    return tuple(_find_faults(calendar))


def open_spans(*, calendar: Calendar, begin: datetime, end: datetime) -> Iterator[Span]:
    """Yield when the centre is open within a stretch, in order, never touching each other.

    Args:
        calendar: Whose hours.
        begin: With a zone.
        end: With a zone; nothing is yielded where it is not after ``begin``.

    Raises:
        NeverOpenError: The calendar has no hours at all.
    """
    _refuse_never_open(calendar)
    if end <= begin:
        return
    begin, end = begin.astimezone(UTC), end.astimezone(UTC)
    waiting: Span | None = None
    for whole in _days(calendar, begin, end):
        span = Span(max(whole.begin, begin), min(whole.end, end))
        if span.end <= span.begin:
            continue
        if waiting is not None and span.begin <= waiting.end:
            waiting = Span(waiting.begin, max(waiting.end, span.end))
            continue
        if waiting is not None:
            yield waiting
        waiting = span
    if waiting is not None:
        yield waiting


def open_seconds(*, calendar: Calendar, begin: datetime, end: datetime) -> float:
    """Return for how many seconds of a stretch the centre was open; never negative.

    Where ``end`` is not after ``begin`` it is 0. It adds up: a stretch cut in two is the sum of
    both parts.

    Raises:
        NeverOpenError: The calendar has no hours at all.
    """
    return sum(span.seconds for span in open_spans(calendar=calendar, begin=begin, end=end))


def open_seconds_over(*, changes: Sequence[Change], begin: datetime, end: datetime) -> float:
    """Return the open seconds of a stretch over which the calendar changed.

    Args:
        changes: In order of ``since``; the first holds for all time before it too.
        begin: With a zone.
        end: With a zone.

    Raises:
        InvalidInputError: There is no calendar, or they are not in order.
        NeverOpenError: A calendar that holds in the stretch has no hours at all.
    """
    if not changes:
        raise InvalidInputError("Business time needs a calendar.", code="calendar.none")
    starts = [change.since for change in changes]
    if starts != sorted(starts):
        raise InvalidInputError("The versions of a calendar must be in order of time.")
    total = 0.0
    for number, change in enumerate(changes):
        first = begin if number == 0 else max(begin, change.since)
        last = end if number + 1 == len(changes) else min(end, starts[number + 1])
        if last > first:
            total += open_seconds(calendar=change.calendar, begin=first, end=last)
    return total


def next_opening(*, calendar: Calendar, at: datetime) -> datetime:
    """Return the first moment not before ``at`` at which the centre is open, UTC.

    Raises:
        NeverOpenError: The calendar has no hours, or none within 400 days.
    """
    until = at + timedelta(days=_LOOKS_AHEAD)
    for span in open_spans(calendar=calendar, begin=at, end=until):
        return span.begin
    raise NeverOpenError("The calendar has no opening within 400 days.")


def _find_faults(calendar: Calendar) -> Iterator[FieldError]:
    try:
        ZoneInfo(calendar.time_zone)
    except (KeyError, ValueError, OSError):
        message = f"there is no time zone {calendar.time_zone!r}; use a name such as Europe/Berlin"
        yield FieldError("time_zone", "unknown", message)
    if len(calendar.week) != _WEEK:
        yield FieldError("week", "length", "a week has seven days, Monday first")
    for number, openings in enumerate(calendar.week):
        yield from _faults_of_day(f"week[{number}]", openings)
    for number, exceptional in enumerate(calendar.exceptional):
        yield from _faults_of_day(f"exceptional[{number}]", exceptional.openings)
    dates = [exceptional.on for exceptional in calendar.exceptional]
    for on in sorted({one for one in dates if dates.count(one) > 1}):
        yield FieldError("exceptional", "twice", f"{on.isoformat()} stands there more than once")
    if not any(calendar.week):
        yield FieldError("week", "never_open", "the calendar has no opening hours at all")


def _faults_of_day(path: str, openings: tuple[Opening, ...]) -> Iterator[FieldError]:
    before = 0
    for number, opening in enumerate(openings):
        if not 0 <= opening.begin < opening.end <= DAY_MINUTES:
            message = "an opening begins before it ends, both within 00:00 to 24:00"
            yield FieldError(f"{path}[{number}]", "range", message)
        elif opening.begin < before:
            message = "openings of a day are in order and do not overlap"
            yield FieldError(f"{path}[{number}]", "order", message)
        before = max(before, opening.end)


def _refuse_never_open(calendar: Calendar) -> None:
    if not any(calendar.week) and not any(one.openings for one in calendar.exceptional):
        raise NeverOpenError(
            "The calendar has no opening hours, so business time cannot be measured on it."
        )


def _days(calendar: Calendar, begin: datetime, end: datetime) -> Iterator[Span]:
    zone = ZoneInfo(calendar.time_zone)
    # One day more on each side: an opening up to midnight can end on the next day's clock.
    on = begin.astimezone(zone).date() - timedelta(days=1)
    last = end.astimezone(zone).date() + timedelta(days=1)
    while on <= last:
        yield from _spans_of_day(calendar, on)
        on += timedelta(days=1)


@lru_cache(maxsize=20_000)
def _spans_of_day(calendar: Calendar, on: date) -> tuple[Span, ...]:
    zone = ZoneInfo(calendar.time_zone)
    spans = (
        Span(_moment(zone, on, one.begin, late=False), _moment(zone, on, one.end, late=True))
        for one in _openings(calendar, on)
    )
    return tuple(span for span in spans if span.begin < span.end)


@lru_cache(maxsize=200)
def _by_date(exceptional: tuple[Exceptional, ...]) -> dict[date, tuple[Opening, ...]]:
    return {one.on: one.openings for one in exceptional}


def _openings(calendar: Calendar, on: date) -> tuple[Opening, ...]:
    found = _by_date(calendar.exceptional).get(on)
    return calendar.week[on.weekday()] if found is None else found


def _moment(zone: ZoneInfo, on: date, minute: int, *, late: bool) -> datetime:
    """Return a minute of a day's wall clock on the UTC line.

    A minute that comes twice is the second one where ``late``; one that the clock skips is the
    moment of the change.
    """
    midnight = datetime(on.year, on.month, on.day)  # noqa: DTZ001  the wall clock of the zone
    wall = midnight + timedelta(minutes=minute)
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first > second:
        return _change_between(zone, second, first)
    return second if late else first


def _change_between(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Return the second at which the zone's offset changes, after ``low``, up to ``high``."""
    before = low.astimezone(zone).utcoffset()
    seconds = int((high - low).total_seconds())
    left, right = 0, seconds
    while left < right:
        middle = (left + right) // 2
        if (low + timedelta(seconds=middle)).astimezone(zone).utcoffset() == before:
            left = middle + 1
        else:
            right = middle
    return low + timedelta(seconds=left)
