"""The only caller of the system clock."""

from datetime import UTC, datetime

from django.utils import timezone


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
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs an offset")
    return moment.astimezone(UTC)
