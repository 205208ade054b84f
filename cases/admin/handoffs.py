"""The handoff desk: what waits for a person, and taking a case over."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Case, QuerySet, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.admin import reads
from cases.admin.masking import masked
from cases.admin.queue_loads import waiting_of
from cases.handoff import selectors
from cases.handoff.models import Handoff
from cases.handoff.skilled import unmet_skills
from cases.handoff.types import BundlePart, HandoffState
from cases.handoff.watching import list_served
from cases.journeys import services
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, attempt, fragment, page, render, way_to
from governance.ledger.refusals import Refusal
from orchestra.core import words
from orchestra.core.bounded import COUNTED

#: Of those nobody took, the ones due first.
SHOWN = 100
RECENT = 30
DAYS = 30


@page("handoffs/", name="handoffs", capability=Capability.CASE_READ)
def handoffs(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the handoffs nobody has taken, then the latest that were."""
    rows = list(_waiting(visit)[:SHOWN])
    unmet = unmet_skills(handoffs=rows)
    csrf_word = get_token(request)
    waiting = [_waits(each, unmet.get(each.pk, []), visit, csrf_word) for each in rows]
    settled = reads.list_handoffs(authority=visit.authority).exclude(state=HandoffState.OFFERED)
    taken = settled[:RECENT]
    return render(
        request,
        "cases/handoffs.html",
        {
            "title": _("Handoffs"),
            "crumbs": [Crumb(_("Work")), Crumb(_("Handoffs"))],
            "headline": _headline(waiting_of(visit).handoffs),
            "most": SHOWN if len(waiting) == SHOWN else 0,
            "waiting": waiting,
            "taken": [_row(each) for each in taken],
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


def _waiting(visit: Visit) -> QuerySet[Any]:
    """Return the handoffs nobody took, with whether the person may take each."""
    rows = reads.list_handoffs(authority=visit.authority).filter(state=HandoffState.OFFERED)
    mine = When(selectors.may_take(authority=visit.authority), then=True)
    return (
        rows.annotate(is_mine=Case(mine, default=False))
        .order_by("reply_due_at", "pk")
        .prefetch_related("skills")
    )


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


def _waits(
    found: Any, nobody_has: Sequence[str], visit: Visit, csrf_word: str
) -> dict[str, str | bool]:
    """Return the row of a handoff that nobody took, what decides its shape as codes."""
    skills = [skill.title for skill in found.skills.all()]
    missing = [words.plain(part) for part in found.missing_parts]
    due_at = found.reply_due_at
    return {
        **_row(found),
        "note": masked(found.note),
        "has_note": bool(found.note),
        "from_kind": found.from_kind,
        "from_label": found.from_label,
        "due_at": words.moment(due_at),
        "due": words.due(at=due_at, now=visit.now),
        "urgency": words.urgency(at=due_at, now=visit.now),
        "waits": words.length(visit.now - found.offered_at),
        "bundle": _("bundle %(parts)d of 7") % {"parts": len(BundlePart) - len(missing)},
        "missing": ", ".join(missing),
        "lacks_parts": bool(missing),
        "skills": ", ".join(skills),
        "has_skills": bool(skills),
        "nobody_has": ", ".join(nobody_has),
        "lacks_skills": bool(nobody_has),
        "accept_link": way_to("handoff_accept", found.public_id) if found.is_mine else "",
        "may_take": found.is_mine,
        "csrf_word": csrf_word,
    }


def _row(found: Handoff) -> dict[str, str | bool]:
    """Return what the rows of all handoffs say."""
    case = found.case
    return {
        "case_label": case.label,
        "case_link": way_to("case", case.public_id),
        "who": masked(case.who) or case.label,
        "queue": found.queue.title,
        "reason": words.plain(found.reason_code),
        "state": found.state,
        "offered": f"{words.day(found.offered_at, 'j M')}, {words.clock_time(found.offered_at)}",
        "taken_by": found.accepted_by.label if found.accepted_by else "",
        "is_taken": found.accepted_by is not None,
    }
