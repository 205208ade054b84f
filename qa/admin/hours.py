"""The hours of the centre: the version in force, those before, and setting the next."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core.errors import FieldError, InvalidInputError
from qa.calendars.models import CalendarVersion
from qa.calendars.parsing import DAYS, as_lines, as_text, parse_calendar
from qa.calendars.previewing import clock_days, open_hours_of_week
from qa.calendars.rules import find_faults
from qa.calendars.selectors import list_changes
from qa.calendars.services import set_calendar
from qa.calendars.types import Calendar, Change

_DAY_NAMES: Final = {
    "monday": _lazy("Monday"),
    "tuesday": _lazy("Tuesday"),
    "wednesday": _lazy("Wednesday"),
    "thursday": _lazy("Thursday"),
    "friday": _lazy("Friday"),
    "saturday": _lazy("Saturday"),
    "sunday": _lazy("Sunday"),
}
_SHOWN: Final = 20


@page("hours/", name="business_hours", capability=Capability.METRIC_READ)
def business_hours(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the hours in force with their holidays and clock changes, and the versions before."""
    return _show(request, visit)


@page("hours/set/", name="business_hours_set", capability=Capability.METRIC_EDIT, methods=("POST",))
def business_hours_set(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Set the hours from a day on, or look first at what they come to."""
    given = request.POST
    if given.get("look"):
        return _look(request, visit, given)
    error = attempt(
        request,
        lambda: set_calendar(
            actor=visit.actor,
            now=visit.now,
            since=_since(given),
            calendar=parse_calendar(given),
        ),
        refusal=as_refusal("business_calendar.set"),
    )
    if error is not None:
        return _show(request, visit, given=given, status=error.status)
    messages.success(request, _("Set. Time that was measured before stays measured as it was."))
    return HttpResponseRedirect(reverse("admin:business_hours"))


def _look(request: HttpRequest, visit: Visit, given: Mapping[str, str]) -> HttpResponse:
    try:
        since = _since(given)
        calendar = _usable(given)
    except InvalidInputError as error:
        messages.error(request, error.in_full)
        return _show(request, visit, given=given, status=error.status)
    return _show(request, visit, given=given, looked=_calendar(calendar, since.date()))


def _usable(given: Mapping[str, str]) -> Calendar:
    calendar = parse_calendar(given)
    if faults := find_faults(calendar):
        raise InvalidInputError(_("The hours cannot be used; correct them."), errors=faults)
    return calendar


def _show(
    request: HttpRequest,
    visit: Visit,
    *,
    given: Mapping[str, str] | None = None,
    looked: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = list(CalendarVersion.objects.all())
    changes = list_changes()
    present = _in_force(changes, visit.now)
    return render(
        request,
        "qa/hours.html",
        {
            "title": _("Business hours"),
            "crumbs": [Crumb(_("Measure")), Crumb(_("Business hours"))],
            "present": _calendar(present, visit.now.date()) if present else None,
            "looked": looked,
            "versions": [
                {
                    "row": row,
                    # On the wall of the centre, not of the reader.
                    "begins": f"{row.since.astimezone(ZoneInfo(row.time_zone)):%-d %b %Y, %H:%M}",
                    "is_coming": row.since > visit.now,
                }
                for row in reversed(rows[-_SHOWN:])
            ],
            "form": _form(given, present, visit.now) if visit.may(Capability.METRIC_EDIT) else None,
        },
        status=status,
    )


def _in_force(changes: tuple[Change, ...], now: datetime) -> Calendar | None:
    begun = [one.calendar for one in changes if one.since <= now]
    if begun:
        return begun[-1]
    return changes[0].calendar if changes else None


def _calendar(calendar: Calendar, today: date) -> dict[str, Any]:
    """Return hours as the page shows them, with holidays and clock changes to come."""
    monday = today - timedelta(days=today.weekday())
    return {
        "time_zone": calendar.time_zone,
        "days": [
            {"name": _DAY_NAMES[day], "hours": as_text(openings)}
            for day, openings in zip(DAYS, calendar.week, strict=True)
        ],
        "week_hours": f"{open_hours_of_week(calendar, monday=monday):.1f}",
        "holidays": [
            {"on": one.on, "name": one.name, "hours": as_text(one.openings)}
            for one in sorted(calendar.exceptional, key=lambda each: each.on)
            if one.on >= today
        ][:_SHOWN],
        "clocks": [
            {
                "on": one.on,
                "is_on": one.shift_minutes > 0,
                "minutes": abs(one.shift_minutes),
                "open": f"{one.open_hours:.1f}",
                "usual": f"{one.usual_hours:.1f}",
                "differs": one.open_hours != one.usual_hours,
            }
            for one in clock_days(calendar, begin=today)
        ],
    }


def _form(
    given: Mapping[str, str] | None, present: Calendar | None, now: datetime
) -> dict[str, Any]:
    zone = present.time_zone if present else "UTC"
    week = present.week if present else ((),) * 7
    kept = given or {
        "time_zone": zone,
        "since": (now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)).isoformat(),
        "exceptional": as_lines(present.exceptional) if present else "",
        **{day: as_text(openings) for day, openings in zip(DAYS, week, strict=True)},
    }
    return {
        "time_zone": kept.get("time_zone", ""),
        "since": kept.get("since", ""),
        "exceptional": kept.get("exceptional", ""),
        "days": [{"key": day, "name": _DAY_NAMES[day], "value": kept.get(day, "")} for day in DAYS],
    }


def _since(given: Mapping[str, str]) -> datetime:
    """Return the midnight of the zone at which the hours begin.

    Raises:
        InvalidInputError: There is no such day or zone.
    """
    zone = given.get("time_zone", "").strip()
    try:
        day = date.fromisoformat(given.get("since", ""))
    except ValueError:
        message = _("Give the day from which the hours hold.")
        raise InvalidInputError(message, errors=[FieldError("since", "date", message)]) from None
    if zone not in available_timezones():
        message = _("There is no such time zone; use a name such as Europe/Berlin.")
        raise InvalidInputError(message, errors=[FieldError("time_zone", "unknown", message)])
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone))
