"""The day as of which the pages of outcomes tell their numbers."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest
from django.utils.dateparse import parse_date

from governance.admin.visit import Visit
from orchestra.core.errors import InvalidInputError
from qa.measurement.known import list_known
from qa.measurement.moments import parse_past
from qa.measurement.showing import Shown, list_shown


@dataclass(frozen=True, slots=True)
class Known:
    """The numbers of a page, and as of when they are.

    Attributes:
        asked: What was typed.
        at: The past moment; None where the numbers are those of now.
        day: The day whose end the moment is; None where a moment was asked for.
        wrong: Why what was typed is answered with the numbers of now; empty where it is not.
        last: The last day that is over, which may be asked for.
    """

    shown: list[Shown]
    asked: str
    at: datetime | None
    day: datetime | None
    wrong: str
    last: str


def read_known(request: HttpRequest, visit: Visit) -> Known:
    """Return the numbers as of the day that a page was asked for; those of now without one."""
    asked = request.GET.get("as_of", "").strip()
    last = (visit.now.astimezone(UTC) - timedelta(days=1)).date().isoformat()
    try:
        at = parse_past(asked, now=visit.now) if asked else None
        shown = list_known(now=visit.now, at=at)
    except InvalidInputError as refused:
        return Known(list_shown(now=visit.now), asked, None, None, refused.message, last)
    day = at - timedelta(days=1) if at and parse_date(asked) else None
    return Known(shown, asked, at, day, "", last)
