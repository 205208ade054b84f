"""Set the hours of the centre."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from orchestra.core.locking import take_turn
from qa.calendars import entries
from qa.calendars.models import CalendarVersion
from qa.calendars.rules import find_faults
from qa.calendars.types import Calendar, Opening

_TURN: Final = "business_calendar"


@one_act()
def set_calendar(
    *, actor: Actor, now: datetime, since: datetime, calendar: Calendar
) -> CalendarVersion:
    """Set the hours that hold from a moment on; the first hold for all time before too.

    Time that was measured on the hours before stays measured on them.

    Args:
        actor: A person who may edit metrics, or a part of the system.
        now: When, UTC.
        since: From when on, after the version before began.
        calendar: The hours.

    Raises:
        InvalidInputError: The hours have faults; all of them are named.
        ConflictError: A version began at that moment or later already.
        NotPermittedError: The actor is an AI agent, or may not edit metrics.
    """
    if actor.is_human:
        require(authority=authority_of(actor), capability=Capability.METRIC_EDIT)
    elif actor.is_agent:
        raise NotPermittedError(_("An AI agent does not set the hours of the centre."))
    faults = find_faults(calendar)
    if faults:
        raise InvalidInputError(
            _("The business hours cannot be used; correct what is named."),
            code="calendar.invalid",
            errors=faults,
        )
    take_turn(_TURN)
    last = CalendarVersion.objects.last()
    if last is not None and since <= last.since:
        raise ConflictError(
            _("Version %(number)d of the hours began at that moment or later; choose a later one.")
            % {"number": last.number},
            code="conflict.calendar",
        )
    row = CalendarVersion.objects.create(
        number=1 if last is None else last.number + 1,
        since=since,
        time_zone=calendar.time_zone,
        week=[_pairs(day) for day in calendar.week],
        exceptional=[
            {"on": one.on.isoformat(), "openings": _pairs(one.openings), "name": one.name}
            for one in calendar.exceptional
        ],
        set_by=actor.label,
        set_at=now,
    )
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=entries.SET,
            payload={
                "number": row.number,
                "since": since.isoformat(),
                "time_zone": row.time_zone,
                "week": row.week,
                "exceptional": row.exceptional,
            },
            subject_kind="business_calendar",
            subject_id=str(row.number),
        ),
    )
    return row


def _pairs(openings: tuple[Opening, ...]) -> list[list[int]]:
    return [[one.begin, one.end] for one in openings]
