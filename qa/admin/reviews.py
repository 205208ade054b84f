"""What waits for a reviewer, how far the reviews of each period are, and asking for one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from governance.access.models import User
from governance.access.selectors import with_a_role
from governance.access.types import Capability, Role
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core import words
from qa.reviewing import selectors, services
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewKind, ReviewState, Unassigned

RECENT = 20
MOST = 100
_WHY = {
    Unassigned.NOBODY_HOLDS_ROLE: _lazy("nobody who may read its case holds a role of the plan"),
    Unassigned.ALL_HAD_A_HAND: _lazy("everybody who could had a hand in it"),
    Unassigned.QUOTAS_USED: _lazy("everybody who could has used up their quota"),
}
_REVIEWERS = (Role.QA_ANALYST, Role.QA_LEAD, Role.SUPERVISOR)


@page("reviews/", name="quality_reviews", capability=Capability.QUALITY_REVIEW)
def quality_reviews(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what one has to review, earliest due first, and how far each period is."""
    rows = [_row(one) for one in selectors.list_open(authority=visit.authority)[:MOST]]
    leads = visit.may(Capability.QUALITY_LEAD)
    nobody = list(selectors.list_unassigned(authority=visit.authority)[:MOST]) if leads else []
    mine = selectors.list_reviews(authority=visit.authority)
    ended = [str(ReviewState.SUBMITTED), str(ReviewState.RELEASED), str(ReviewState.SKIPPED)]
    done = mine.filter(state__in=ended, reviewer__public_id=visit.actor.id)
    return render(
        request,
        "qa/reviews.html",
        {
            "title": _("Reviews"),
            "crumbs": [Crumb(_("Quality")), Crumb(_("Reviews"))],
            "headline": _headline(len(rows)),
            "rows": rows,
            "periods": selectors.progress(),
            "leads": leads,
            "unassigned": [_row(one) | {"why": _why(one)} for one in nobody],
            "people": _people() if nobody else [],
            "done": [_row(one) for one in done.order_by("-saved_at", "-pk")[:RECENT]],
        },
    )


@page(
    "reviews/<uuid:quality_review_id>/give/",
    name="quality_review_give",
    capability=Capability.QUALITY_LEAD,
    methods=("POST",),
)
def give(request: HttpRequest, visit: Visit, quality_review_id: UUID) -> HttpResponse:
    """Give a review to somebody by hand."""
    error = attempt(
        request,
        lambda: services.give_review(
            actor=visit.actor,
            now=visit.now,
            review_id=quality_review_id,
            person_id=_uuid(request.POST.get("person", "")),
        ),
        refusal=as_refusal("quality_review.give", quality_review_id),
    )
    if error is None:
        messages.success(request, _("Given."))
    return HttpResponseRedirect(reverse("admin:quality_reviews"))


@page(
    "reviews/ask/<uuid:unit_id>/",
    name="quality_review_ask",
    capability=Capability.QUALITY_READ,
    methods=("POST",),
)
def ask(request: HttpRequest, visit: Visit, unit_id: UUID) -> HttpResponse:
    """Ask for a review of one unit."""
    asked: list[Review] = []
    error = attempt(
        request,
        lambda: asked.append(
            services.ask_review(
                actor=visit.actor,
                now=visit.now,
                unit_id=unit_id,
                reason=request.POST.get("reason", ""),
            )
        ),
        refusal=as_refusal("quality_review.ask", unit_id),
    )
    if error is None:
        messages.success(request, _told(asked[0]))
    back = request.POST.get("back", "")
    fallback = reverse(
        "admin:quality_reviews" if visit.may(Capability.QUALITY_REVIEW) else "admin:index"
    )
    return HttpResponseRedirect(back if back.startswith("/admin/") else fallback)


def _told(review: Review) -> str:
    if review.reviewer is None:
        return _("Asked. Nobody can take it yet: %(why)s.") % {"why": _why(review)}
    return _("Asked. %(who)s has it, due in two days.") % {"who": review.reviewer.label}


def _why(review: Review) -> str:
    return str(_WHY.get(Unassigned(review.unassigned_for), "")) if review.unassigned_for else ""


def _headline(count: int) -> str:
    if not count:
        return _("No review waits for you")
    return ngettext("%(count)d review waits for you", "%(count)d reviews wait for you", count) % {
        "count": count
    }


def _row(review: Review) -> dict[str, Any]:
    unit = review.unit
    return {
        "link": reverse("admin:quality_review", args=[review.public_id]),
        "give_link": reverse("admin:quality_review_give", args=[review.public_id]),
        "label": unit.label,
        "kind": words.plain(unit.kind),
        "risk": unit.risk,
        "handled_by": words.plain(unit.handled_by),
        "ended_at": unit.ended_at,
        "due_at": review.due_at,
        "state": review.state,
        "plan": _of(review),
        "why_asked": review.asked_why,
        "second": review.kind == "second",
        "skipped_for": words.plain(review.skipped_for) if review.skipped_for else "",
        "submitted_at": review.submitted_at,
        "saved_at": review.saved_at,
    }


def _of(review: Review) -> str:
    """Return what a review is of; a gold one is of the plan that drew it, like any other."""
    if review.drawn:
        return str(review.drawn.period.version.plan.title)
    return _("calibration") if review.kind == ReviewKind.CALIBRATION else _("asked for")


def _people() -> list[User]:
    return list(with_a_role([str(one) for one in _REVIEWERS]))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
