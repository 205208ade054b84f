"""The journeys behind a count: narrowed by cue sheet, version, cue, state and queue."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from cases.admin import reads
from cases.admin.masking import masked
from cases.journeys.listing import (
    AT,
    LATE,
    MISSED,
    REACHED,
    JourneyFilters,
    find_places,
    list_journeys_over_cases,
)
from cases.journeys.models import Journey, StepRun
from cases.journeys.sums import day_begins
from cases.journeys.types import JourneyState
from governance.access.types import Capability
from governance.admin import reads as governed
from governance.admin.visit import Crumb, Visit, page, render
from orchestra.core import words
from orchestra.core.errors import InvalidInputError

_SHOWN: Final = 50
#: Counts and the lists behind them go back so far.
DAYS: Final = 14
_NAMES: Final = ("cue_sheet", "version", "state", "queue", "cue", "which")
_LONGEST: Final = 100
_WHICH: Final = {
    AT: _lazy("at the cue now"),
    REACHED: _lazy("came to the cue"),
    MISSED: _lazy("missed its deadline"),
    LATE: _lazy("overdue now"),
}


def list_link(**asked: str | int) -> str:
    """Return the address of the journeys that some filters leave."""
    return f"{reverse('admin:journey_list')}?{urlencode({k: v for k, v in asked.items() if v})}"


@page("journeys/cases/", name="journey_list", capability=Capability.CASE_READ)
def journey_list(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the journeys that the address asks for, newest first, a page at a time."""
    asked = {name: request.GET.get(name, "")[:_LONGEST] for name in _NAMES}
    before = request.GET.get("before", "")
    error, found = "", []
    try:
        rows = list_journeys_over_cases(
            authority=visit.authority,
            filters=JourneyFilters(**asked, since=day_begins(visit.now - timedelta(days=DAYS))),
            now=visit.now,
        )
        if before.isascii() and before.isdigit() and len(before) < len(str(2**63)):
            rows = rows.filter(pk__lt=int(before))
        found = list(rows.select_related("case__customer")[: _SHOWN + 1])
    except InvalidInputError as refused:
        error = " ".join(one.message for one in refused.errors)
    shown = found[:_SHOWN]
    places = find_places(journeys=shown)
    return render(
        request,
        "cases/journey_list.html",
        {
            "title": _headline(len(shown), has_more=len(found) > _SHOWN),
            "crumbs": [
                Crumb(_("Measure")),
                Crumb(_("Journeys"), reverse("admin:journeys")),
                Crumb(_("Cases")),
            ],
            "error": error,
            "asked": asked,
            "rows": [_row(one, places.get(one.pk, []), visit.now) for one in shown],
            "next": list_link(**asked, before=shown[-1].pk) if len(found) > _SHOWN else "",
            "days": DAYS,
            "now": visit.now,
            **_choices(asked),
        },
        status=422 if error else 200,
    )


def _headline(count: int, *, has_more: bool) -> str:
    if has_more:
        return _("The newest %(count)d journeys") % {"count": count}
    if not count:
        return _("No journey is so")
    return ngettext("%(count)d journey", "%(count)d journeys", count) % {"count": count}


def _choices(asked: Mapping[str, str]) -> dict[str, Any]:
    """Return what each filter may be; the cue and the version come from the counts."""
    return {
        "sheets": [(one.key, one.title) for one in reads.list_cue_sheets()],
        "states": [(str(one), words.plain(str(one))) for one in JourneyState],
        "queues": [(one.key, one.title) for one in governed.list_all_queues()],
        "whiches": [(code, str(text)) for code, text in _WHICH.items()],
        "is_narrowed": any(asked.values()),
    }


def _row(journey: Journey, places: list[StepRun], now: datetime) -> dict[str, Any]:
    case = journey.case
    due = min((step.due_at for step in places if step.due_at is not None), default=None)
    return {
        "who": masked(case.who) or case.label,
        "case": case.label,
        "link": reverse("admin:journey", args=[case.public_id, journey.public_id]),
        "case_link": reverse("admin:case", args=[case.public_id]),
        "title": journey.version.cue_sheet.title,
        "version": journey.version.number,
        "queue": case.queue.title,
        "state": journey.state,
        "started_at": journey.started_at,
        "at": ", ".join(step.title for step in places),
        "due_at": due,
        "is_late": due is not None and due <= now,
    }
