"""A past moment as people write it; pure."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import gettext as _

from orchestra.core.errors import InvalidInputError


def parse_as_of(text: str) -> datetime:
    """Return the moment that a text names, UTC; of a day, its end.

    Raises:
        InvalidInputError: It is neither a day nor a moment with a zone.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        pass
    else:
        return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        message = _("as_of is a day or a moment with its zone, such as 2026-10-31.")
        raise InvalidInputError(message, code="as_of.invalid")
    return at.astimezone(UTC)
