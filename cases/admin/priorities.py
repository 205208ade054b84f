"""The order of work: the table of priorities in words, a change of it, and one case's place."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.case_parts import link_of, refusal_of
from cases.intake import selectors, services
from cases.intake.models import PriorityTableVersion
from cases.intake.priorities import (
    DEGREE_WORDS,
    FIRST,
    KEY_OF_TABLE,
    LAST,
    name_of,
    write_table,
)
from cases.intake.types import Degree
from cases.memory import selectors as memory
from governance.access.types import Capability
from governance.admin.changes import describe_opening
from governance.admin.tracked import Tracked, tracked_records
from governance.admin.visit import Visit, attempt, page
from governance.ledger.refusals import Refusal
from governance.reviews import services as reviews
from governance.reviews.models import ChangeRequest

_DEGREES = {str(int(degree)): degree for degree in Degree}

tracked_records.register(
    "priority_table_version", Tracked(PriorityTableVersion, Capability.CUE_SHEET_READ)
)


def describe_table(visit: Visit, *, changes: Sequence[ChangeRequest]) -> dict[str, Any]:
    """Return the table of priorities in force, in words, and whether this person may change it.

    Args:
        visit: Who looks.
        changes: Its open change requests.
    """
    table = selectors.table_in_force()
    return {
        "version": table.version,
        "titles": [DEGREE_WORDS[degree] for degree in Degree],
        "rows": [
            {
                "title": DEGREE_WORDS[impact],
                "cells": [
                    {
                        "name": _name(impact, urgency),
                        "urgency": DEGREE_WORDS[urgency],
                        "priority": table.cells[impact, urgency],
                    }
                    for urgency in Degree
                ],
            }
            for impact in Degree
        ],
        "choices": range(FIRST, LAST + 1),
        "opening": describe_opening(
            visit, kind=selectors.TABLE_KIND, key=KEY_OF_TABLE, changes=changes
        ),
        "change_link": reverse("admin:intake_priorities"),
    }


def _name(impact: Degree, urgency: Degree) -> str:
    return f"{name_of(impact)}-{name_of(urgency)}"


@page("intake/priorities/", name="intake_priorities", methods=("POST",))
def change_table(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Open a change request with another table; nothing is in force before its review."""
    document = write_table(selectors.table_in_force())
    document["table"] = {
        name_of(impact): {
            name_of(urgency): _number(request.POST.get(_name(impact, urgency), ""))
            for urgency in Degree
        }
        for impact in Degree
    }
    made: list[ChangeRequest] = []
    error = attempt(
        request,
        lambda: made.append(
            reviews.open_change(
                actor=visit.actor,
                now=visit.now,
                kind=selectors.TABLE_KIND,
                document_key=KEY_OF_TABLE,
                title=_("Another order of work"),
                summary=request.POST.get("summary", ""),
                document=document,
            )
        ),
        refusal=lambda error: Refusal(
            act="priority_table.change", code=error.error_code, message=error.message
        ),
    )
    if error is not None or not made:
        return HttpResponseRedirect(reverse("admin:intake") + "#priorities")
    messages.success(request, _("A change request is open; submit it once it says what you mean."))
    return HttpResponseRedirect(reverse("admin:change", args=[made[0].public_id]))


def _number(text: str) -> int | str:
    """Return a whole number, or the text as it came, which the check then names."""
    return int(text) if text.isdecimal() and len(text) == 1 else text


@page("cases/<str:case_id>/priority/", name="case_priority", methods=("POST",))
def set_priority(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Set impact and urgency of a case; the priority follows from the table."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    error = attempt(
        request,
        lambda: services.set_priority(
            actor=visit.actor,
            now=visit.now,
            case=case,
            impact=_DEGREES.get(request.POST.get("impact", "")),
            urgency=_DEGREES.get(request.POST.get("urgency", "")),
        ),
        refusal=refusal_of(case, "case.set_priority"),
    )
    if error is None:
        messages.success(request, _("Set. The priority follows from the table."))
    return HttpResponseRedirect(link_of(case) + "#intake")
