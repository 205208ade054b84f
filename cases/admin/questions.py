"""Questions to colleagues that nobody answered yet: those asked of the reader, those they asked."""

from itertools import chain
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.admin.case_parts import link_of
from cases.admin.masking import masked
from cases.handoff.consults import consults_of, list_open
from cases.handoff.models import OpenQuestion
from cases.handoff.types import Asked, Consult
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, page, render

PAGE_SIZE: Final = 50


@page("questions/", name="questions", capability=Capability.CASE_READ)
def questions(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what waits for the reader's word and what they wait for, the oldest first."""
    parts = [_part(request, visit, asked) for asked in Asked]
    told = consults_of(questions=chain.from_iterable(part["rows"] for part in parts))
    for part in parts:
        part["rows"] = masked([_row(one, told) for one in part["rows"]])
    return render(
        request,
        "cases/questions.html",
        {
            "title": _("Questions"),
            "crumbs": [Crumb(_("Work")), Crumb(_("Questions"))],
            "headline": _headline(parts[0]),
            "parts": parts,
        },
    )


def _part(request: HttpRequest, visit: Visit, asked: Asked) -> dict[str, Any]:
    """Return one side's page by key: ``?of_me=<key>`` begins after that question."""
    rows = list_open(authority=visit.authority, asked=asked)
    after = request.GET.get(asked, "")
    if after.isdecimal() and len(after) < len(str(2**63)):
        rows = rows.filter(pk__gt=int(after))
    found = list(rows[: PAGE_SIZE + 1])
    shown, has_more = found[:PAGE_SIZE], len(found) > PAGE_SIZE
    here = reverse("admin:questions")
    return {
        "rows": shown,
        "has_more": has_more,
        "of_me": asked == Asked.OF_ME,
        "title": _("Others wait for your word") if asked == Asked.OF_ME else _("You asked"),
        "more_link": f"{here}?{asked}={shown[-1].pk}" if has_more else "",
        "first_link": here if after else "",
    }


def _row(found: OpenQuestion, told: dict[str, Consult]) -> dict[str, Any]:
    case, consult = found.case, told.get(str(found.public_id))
    return {
        "case_label": case.label,
        "case_queue": case.queue.title,
        "who": case.who,
        "link": f"{link_of(case)}#consult-{found.public_id}",
        "asked_at": found.asked_at,
        "consult": consult,
    }


def _headline(part: dict[str, Any]) -> str:
    count = len(part["rows"])
    if not count:
        return _("Nobody waits for your word")
    if part["has_more"]:
        return _("More than %(count)d questions wait for your word") % {"count": count}
    text = ngettext(
        "%(count)d question waits for your word", "%(count)d questions wait for your word", count
    )
    return text % {"count": count}
