"""The reason and the end that a person writes when they give something, read from a form."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from orchestra.core.errors import FieldError, InvalidInputError


@dataclass(frozen=True, slots=True)
class Written:
    """What was written; the service judges it.

    Attributes:
        reason: Why; empty where nothing was written.
        until_at: When it is to end by itself; None for no end.
    """

    reason: str = ""
    until_at: datetime | None = None


def read_terms(request: HttpRequest) -> Written:
    """Return what was written into the fields ``reason`` and ``until_at``.

    Raises:
        InvalidInputError: The end is written and is no moment.
    """
    text = request.POST.get("until_at", "").strip()
    return Written(
        reason=request.POST.get("reason", "").strip(),
        until_at=_moment(text) if text else None,
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = _("Write the end as a date and a time.")
        errors = [FieldError("until_at", "invalid", message)]
        raise InvalidInputError(_("Nothing was given."), errors=errors) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_current_timezone())
