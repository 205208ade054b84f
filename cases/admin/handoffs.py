"""The handoff desk: what waits for a person, and taking a case over."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.admin import reads
from cases.admin.lines import Lines, as_handoff_lines, taken_by, whose_handoff
from cases.admin.masking import masked
from cases.admin.queue_loads import waiting_of
from cases.handoff import selectors
from cases.handoff.skilled import asked_by_each, unmet_skills
from cases.handoff.types import BundlePart, HandoffState
from cases.handoff.watching import list_served
from cases.journeys import services
from cases.memory.types import label_of
from governance.access.prepared import PreparedFor
from governance.access.types import Authority, Capability
from governance.admin.visit import Crumb, Visit, attempt, fragment, page, render, way_to
from governance.ledger.refusals import Refusal
from governance.skills.models import Skill
from orchestra.core import words
from orchestra.core.bounded import COUNTED
from orchestra.core.together import ask

#: Of those nobody took, the ones due first.
SHOWN = 100
RECENT = 30
DAYS = 30


@page("handoffs/", name="handoffs", capability=Capability.CASE_READ)
def handoffs(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the handoffs nobody has taken, then the latest that were."""
    rows, taken = ask(
        [_WAITING.beside(visit.authority, SHOWN), _TAKEN.beside(visit.authority, RECENT)]
    )
    shown = _Shown(visit, csrf_word=get_token(request))
    asked = asked_by_each(keys=[each.pk for each in rows])
    unmet = unmet_skills(handoffs=rows, asked=asked)
    waiting = [shown.waiting(each, asked.get(each.pk, ()), unmet.get(each.pk, ())) for each in rows]
    return render(
        request,
        "cases/handoffs.html",
        {
            "title": _("Handoffs"),
            "crumbs": [Crumb(_("Work")), Crumb(_("Handoffs"))],
            "headline": _headline(waiting_of(visit).handoffs),
            "most": SHOWN if len(waiting) == SHOWN else 0,
            "waiting": waiting,
            "taken": [shown.row(each) for each in taken],
        },
    )


@page("handoffs/served/", name="handoffs_served", capability=Capability.CASE_READ)
def served(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show how bundles served, as a part of the page of handoffs: it reads what was said after."""
    return fragment(request, "cases/handoffs_served.html", {"served": _served(visit)})


@page("handoffs/<uuid:handoff_id>/accept/", name="handoff_accept", methods=("POST",))
def accept(request: HttpRequest, visit: Visit, handoff_id: UUID) -> HttpResponse:
    """Take a case over, saying which parts of the bundle were missing or wrong."""
    found = selectors.get_handoff(authority=visit.authority, handoff_id=handoff_id)
    missing = tuple(
        part
        for part in (str(each) for each in BundlePart)
        if part in request.POST.getlist("missing")
    )
    error = attempt(
        request,
        lambda: services.accept_handoff(
            actor=visit.actor, now=visit.now, handoff_id=handoff_id, missing=missing
        ),
        refusal=lambda error: Refusal(
            act="handoff.accept",
            code=error.error_code,
            message=error.message,
            case_id=str(found.case.public_id),
            subject_id=str(handoff_id),
        ),
    )
    if error is None:
        messages.success(request, _("You have %(case)s now.") % {"case": found.case.label})
    return HttpResponseRedirect(reverse("admin:case", args=[found.case.public_id]))


def _waiting(authority: Authority, most: int) -> Lines:
    """Return the handoffs nobody took, with whether the person may take each."""
    rows = reads.list_handoffs(authority=authority).filter(state=HandoffState.OFFERED)
    mine = When(selectors.may_take(authority=authority), then=True)
    offered = rows.annotate(is_mine=Case(mine, default=False)).order_by("reply_due_at", "pk")
    return as_handoff_lines(offered, "is_mine")[:most]


def _taken(authority: Authority, most: int) -> Lines:
    """Return the handoffs that were taken, the latest first."""
    rows = reads.list_handoffs(authority=authority).exclude(state=HandoffState.OFFERED)
    return as_handoff_lines(rows)[:most]


_WAITING: PreparedFor[Any] = PreparedFor(_waiting)
_TAKEN: PreparedFor[Any] = PreparedFor(_taken)


def _served(visit: Visit) -> list[dict[str, Any]]:
    """Return how bundles served who took them, by sender and cue sheet version."""
    rows = list_served(authority=visit.authority, since=visit.now - timedelta(days=DAYS))
    return [
        {
            **asdict(row),
            "reading": ""
            if row.reading_seconds is None
            else words.length(timedelta(seconds=row.reading_seconds)),
        }
        for row in rows
    ]


def _headline(count: int) -> str:
    if not count:
        return _("No handoff waits for a person")
    if count >= COUNTED:
        return _("More than %(count)d handoffs wait for a person") % {"count": COUNTED - 1}
    return ngettext(
        "%(count)d handoff waits for a person", "%(count)d handoffs wait for a person", count
    ) % {"count": count}


class _Shown:
    """What the rows of a page say; what several of them say is told once."""

    def __init__(self, visit: Visit, *, csrf_word: str) -> None:
        self._now, self._csrf_word = visit.now, csrf_word
        self._masked: Callable[[str], str] = cache(masked)
        self._bundles = [
            _("bundle %(parts)d of 7") % {"parts": parts} for parts in range(len(BundlePart) + 1)
        ]

    def waiting(
        self, found: Any, asked: Sequence[Skill], nobody_has: Sequence[str]
    ) -> dict[str, str | bool]:
        """Return the row of a handoff that nobody took, what decides its shape as codes."""
        missing = [words.plain(part) for part in found.missing_parts]
        due_at = found.reply_due_at
        return {
            **self.row(found),
            "note": self._masked(found.note),
            "has_note": bool(found.note),
            "from_kind": found.from_kind,
            "from_label": found.from_label,
            "due_at": words.moment(due_at),
            "due": words.due(at=due_at, now=self._now),
            "urgency": words.urgency(at=due_at, now=self._now),
            "waits": words.length(self._now - found.offered_at),
            "bundle": self._bundles[len(BundlePart) - len(missing)],
            "missing": ", ".join(missing),
            "lacks_parts": bool(missing),
            "skills": ", ".join(skill.title for skill in asked),
            "has_skills": bool(asked),
            "nobody_has": ", ".join(nobody_has),
            "lacks_skills": bool(nobody_has),
            "accept_link": way_to("handoff_accept", found.public_id) if found.is_mine else "",
            "may_take": found.is_mine,
            "csrf_word": self._csrf_word,
        }

    def row(self, found: Any) -> dict[str, str | bool]:
        """Return what the rows of all handoffs say."""
        label = label_of(found.case_id)
        taker = taken_by(found)
        return {
            "case_label": label,
            "case_link": way_to("case", found.case__public_id),
            "who": self._masked(whose_handoff(found)) or label,
            "queue": found.queue__title,
            "reason": words.plain(found.reason_code),
            "state": found.state,
            "offered": words.moment(found.offered_at, "j M"),
            "taken_by": taker,
            "is_taken": bool(taker),
        }
