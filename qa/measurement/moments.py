"""A past moment as people write it; pure."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.utils.translation import gettext as _

from orchestra.core.errors import InvalidInputError

#: Nothing was recorded before; also what keeps weeks before a moment within the calendar.
_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)


def parse_past(text: str, *, now: datetime) -> datetime:
    """Return the past moment that a text names, UTC; of a day, its end.

    Raises:
        InvalidInputError: It names none, or one that is not over.
    """
    at = parse_as_of(text)
    if at > now:
        message = _("Choose a day that is over; without one, the page tells what is known now.")
        raise InvalidInputError(message, code="as_of.later")
    return at


def parse_as_of(text: str) -> datetime:
    """Return the moment that a text names, UTC; of a day, its end.

    Raises:
        InvalidInputError: It is neither a day nor a moment with a zone, or too long ago.
    """
    try:
        at = _read(text)
    except (ValueError, OverflowError):
        at = None
    if at is None:
        message = _("Give a day, or a moment with its zone, such as 2026-10-31.")
        raise InvalidInputError(message, code="as_of.invalid")
    if at < _FIRST:
        message = _("Nothing was recorded before %(year)d; choose a later day.") % {
            "year": _FIRST.year
        }
        raise InvalidInputError(message, code="as_of.too_early")
    return at


def _read(text: str) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        at = datetime.fromisoformat(text)
        return None if at.tzinfo is None else at.astimezone(UTC)
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)
