"""The list of cases, newest first, a page at a time by key, and the search box."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin import reads
from cases.admin.lines import Lines, as_case_lines, held_by, whose_case
from cases.admin.masking import masked
from cases.memory import selectors as memory
from cases.memory.types import CaseFilters, CaseStatus, label_of
from governance.access.models import Queue
from governance.access.prepared import PreparedFor
from governance.access.types import Authority, Capability
from governance.admin.reads import QUEUES
from governance.admin.visit import Crumb, Visit, page, render, way_to
from governance.approvals import selectors as approvals
from orchestra.core import words
from orchestra.core.together import ask

PAGE_SIZE = 50
_LARGEST_KEY = 2**63 - 1
_LABEL = re.compile(r"(?P<kind>C|AP)-(?P<number>\d{1,18})", re.IGNORECASE)


@page("cases/", name="cases", capability=Capability.CASE_READ)
def cases(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the cases the person may see, newest first."""
    wanted = {name: request.GET.get(name, "") for name in ("status", "queue", "mine", "flag", "q")}
    before = request.GET.get("before", "")
    found, queues = _read(visit, wanted, [int(before)] if before.isdecimal() else [])
    shown = found[:PAGE_SIZE]
    return render(
        request,
        "cases/cases.html",
        {
            "title": _("Cases"),
            "crumbs": [Crumb(_("Work")), Crumb(_("Cases"))],
            "headline": _headline(wanted),
            "rows": _rows(shown),
            "statuses": _statuses(wanted),
            "queues": queues,
            "wanted": wanted,
            "find_text": wanted["q"],
            "older_link": _link(wanted, before=shown[-1].pk) if len(found) > PAGE_SIZE else "",
            "newest_link": _link(wanted) if before else "",
        },
    )


def _read(visit: Visit, wanted: dict[str, str], before: list[int]) -> tuple[list[Any], list[Queue]]:
    """Return the cases of a page and one more, and the queues to choose from.

    Args:
        visit: Who looks.
        wanted: What narrows the list.
        before: The key before which it goes on, or nothing.
    """
    filters = CaseFilters(
        status=_status(wanted["status"]),
        queue=wanted["queue"],
        risk=wanted["flag"],
        holder_id=visit.actor.id if wanted["mine"] else "",
    )
    before = [min(key, _LARGEST_KEY) for key in before]
    readable, text, most = Capability.CASE_READ, wanted["q"].strip(), PAGE_SIZE + 1
    # A queue, a flag or a holder is looked up while the query is made, which is no text to keep.
    if not text and filters == CaseFilters(status=filters.status):
        newest = _NEWEST.beside(visit.authority, (filters, most), *before)
        found, queues = ask([newest, QUEUES.beside(visit.authority, readable)])
        return found, queues
    rows = _lines(visit.authority, filters, *before)
    found = reads.search_cases(rows, text, most=most) if text else list(rows[:most])
    return found, QUEUES.rows(visit.authority, readable)


def _lines(authority: Authority, filters: CaseFilters, *before: int) -> Lines:
    rows = as_case_lines(memory.list_cases(authority=authority, filters=filters))
    return rows.filter(pk__lt=before[0]) if before else rows


def _newest(authority: Authority, asked: tuple[CaseFilters, int], *before: int) -> Lines:
    filters, most = asked
    return _lines(authority, filters, *before)[:most]


#: What is asked for most: the newest of all, or of one status.
_NEWEST: PreparedFor[Any] = PreparedFor(_newest)


@page("find/", name="find")
def find(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Go to the case or approval that a label names, else to the cases that match."""
    text = request.GET.get("q", "").strip()[:200]
    label = _LABEL.fullmatch(text)
    if label:
        link = _labelled(visit, label["kind"].upper(), int(label["number"]))
        if link:
            return HttpResponseRedirect(link)
    if not text or not visit.may(Capability.CASE_READ):
        return HttpResponseRedirect(reverse("admin:index"))
    return HttpResponseRedirect(_link({"q": text}))


def _labelled(visit: Visit, kind: str, number: int) -> str:
    if kind == "AP":
        found = approvals.list_visible(authority=visit.authority).filter(pk=number).first()
        return reverse("admin:approval", args=[found.public_id]) if found else ""
    case = memory.list_cases(authority=visit.authority).filter(pk=number).first()
    return reverse("admin:case", args=[case.public_id]) if case else ""


def _status(text: str) -> CaseStatus | None:
    return CaseStatus(text) if text in set(CaseStatus) else None


def _rows(found: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the rows as the template places them, what they have in common looked up once."""
    # Many rows of a page say the same.
    shown: Callable[[str], str] = cache(masked)
    unnamed, unsaid, ranked = _("not named"), _("No subject"), _("priority %(n)s")
    rows = []
    for case in found:
        holder = held_by(case)
        time, day, short_day = words.time_and_days(case.opened_at, "j M Y", "j M")
        rows.append(
            {
                "link": way_to("case", case.public_id),
                "label": label_of(case.pk),
                "who": shown(whose_case(case)) or unnamed,
                "known": case.verification,
                "subject": shown(case.subject) or unsaid,
                "status": case.status,
                "queue": case.queue__title,
                "channel": case.channel,
                "priority": ranked % {"n": case.priority},
                "flags": tuple(case.risk_flags),
                "is_held": bool(holder),
                "holder": holder,
                "time": time,
                "day": day,
                "short_day": short_day,
            }
        )
    return rows


def _statuses(wanted: dict[str, str]) -> list[dict[str, Any]]:
    options = [
        ("", _("All")),
        (CaseStatus.OPEN, _("Open")),
        (CaseStatus.HANDED_OFF, _("With a person")),
        (CaseStatus.RESOLVED, _("Resolved")),
        (CaseStatus.CLOSED, _("Closed")),
    ]
    chips = [
        {
            "title": title,
            "on": wanted["status"] == code and not wanted["mine"],
            "link": _link({**wanted, "status": str(code), "mine": ""}),
        }
        for code, title in options
    ]
    mine = {"title": _("Mine"), "on": bool(wanted["mine"]), "link": _link({**wanted, "mine": "1"})}
    return [*chips, mine]


def _headline(wanted: dict[str, str]) -> str:
    if wanted["q"]:
        return _("Cases that match “%(text)s”") % {"text": wanted["q"]}
    return _("My cases") if wanted["mine"] else _("Cases")


def _link(wanted: dict[str, str], **more: object) -> str:
    query = urlencode({name: str(value) for name, value in {**wanted, **more}.items() if value})
    return reverse("admin:cases") + (f"?{query}" if query else "")
