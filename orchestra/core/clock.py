"""The only caller of the system clock."""

import re
from datetime import UTC, datetime

from django.utils import timezone

#: A date and a time with its offset; ISO 8601 allows more than one reader understands.
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def now() -> datetime:
    """Return the current moment, aware, in UTC."""
    return timezone.now().astimezone(UTC)


def rfc3339(moment: datetime) -> str:
    """Return a moment as ``YYYY-MM-DDTHH:MM:SS.ffffffZ``.

    Args:
        moment: An aware datetime.

    Raises:
        ValueError: The datetime is naive.
    """
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no place in a record")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_rfc3339(text: str) -> datetime:
    """Return the aware UTC datetime that an RFC 3339 text names.

    Raises:
        ValueError: The text is no RFC 3339 time with an offset.
    """
    if _RFC3339.fullmatch(text) is None:
        raise ValueError("no RFC 3339 time with an offset")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC it lies outside the years 1 to 9999") from None
