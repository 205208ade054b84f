"""Whole days of the reader, as the moments between which they lie."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_date


def read_day(text: str) -> date | None:
    """Return the day of a ``YYYY-MM-DD`` text; None for any other text and for no real day."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def begin_of(day: date) -> datetime:
    """Return the midnight a day begins with in the zone of the reader."""
    return timezone.make_aware(datetime.combine(day, time()))


def end_of(day: date) -> datetime:
    """Return the midnight a day ends with in the zone of the reader.

    Raises:
        OverflowError: It is the last day there is.
    """
    return begin_of(day + timedelta(days=1))
