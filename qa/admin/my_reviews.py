"""Reviews of one's own work: what was said of it, taking note, disputing, and what to learn."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from qa.admin import review_shown as shown
from qa.disputes import selectors, services
from qa.disputes.models import Judged
from qa.reviewing.answers import read_answers
from qa.reviewing.reading import read_unit
from qa.reviewing.selectors import find_own
from qa.scorecards.selectors import spec_of

MOST = 50


@page("my-reviews/", name="my_reviews")
def my_reviews(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the released reviews of one's work, and what one has to learn."""
    rows = list(selectors.list_judged(authority=visit.authority)[:MOST])
    fresh = sum(one.acknowledged_at is None for one in rows)
    return render(
        request,
        "qa/my_reviews.html",
        {
            "title": _("Reviews of my work"),
            "crumbs": [Crumb(_("Quality")), Crumb(_("Reviews of my work"))],
            "headline": ngettext(
                "%(count)d review of your work is new",
                "%(count)d reviews of your work are new",
                fresh,
            )
            % {"count": fresh}
            if fresh
            else _("No review of your work is new"),
            "rows": [_row(one) for one in rows],
            "coaching": list(selectors.list_coaching(authority=visit.authority)[:MOST]),
        },
    )


@page("my-reviews/<uuid:quality_review_id>/", name="my_review")
def my_review(request: HttpRequest, visit: Visit, quality_review_id: UUID) -> HttpResponse:
    """Show one review of one's work, with the words it rests on; one's own as its reviewer."""
    if find_own(authority=visit.authority, review_id=quality_review_id) is not None:
        return HttpResponseRedirect(reverse("admin:quality_review", args=[quality_review_id]))
    return _show(request, visit, quality_review_id)


@page(
    "my-reviews/<uuid:quality_review_id>/acknowledge/",
    name="my_review_acknowledge",
    methods=("POST",),
)
def acknowledge(request: HttpRequest, visit: Visit, quality_review_id: UUID) -> HttpResponse:
    """Take note of a review."""
    error = attempt(
        request,
        lambda: services.acknowledge_review(
            actor=visit.actor, now=visit.now, review_id=quality_review_id
        ),
        refusal=as_refusal("quality_review.acknowledge", quality_review_id),
    )
    if error is None:
        messages.success(request, _("Noted."))
    return HttpResponseRedirect(reverse("admin:my_reviews"))


@page("my-reviews/<uuid:quality_review_id>/dispute/", name="my_review_dispute", methods=("POST",))
def dispute(request: HttpRequest, visit: Visit, quality_review_id: UUID) -> HttpResponse:
    """Dispute one question; what is wrong keeps the words typed."""
    selectors.get_judged(authority=visit.authority, review_id=quality_review_id)
    error = attempt(
        request,
        lambda: services.raise_dispute(
            actor=visit.actor,
            now=visit.now,
            review_id=quality_review_id,
            question=request.POST.get("question", ""),
            words=request.POST.get("words", ""),
        ),
        refusal=as_refusal("quality_dispute.raise", quality_review_id),
    )
    if error is not None:
        return _show(request, visit, quality_review_id, status=error.status)
    messages.success(request, _("Disputed. Somebody who did not score it decides in two days."))
    return HttpResponseRedirect(reverse("admin:my_review", args=[quality_review_id]))


@page("my-reviews/coaching/<uuid:coaching_id>/", name="coaching_finish", methods=("POST",))
def finish(request: HttpRequest, visit: Visit, coaching_id: UUID) -> HttpResponse:
    """Say what was learnt."""
    error = attempt(
        request,
        lambda: services.finish_coaching(
            actor=visit.actor,
            now=visit.now,
            coaching_id=coaching_id,
            note=request.POST.get("note", ""),
        ),
        refusal=as_refusal("coaching.finish", coaching_id),
    )
    if error is None:
        messages.success(request, _("Done."))
    return HttpResponseRedirect(reverse("admin:my_reviews"))


def _show(
    request: HttpRequest, visit: Visit, review_id: UUID, *, status: int = 200
) -> HttpResponse:
    judged = selectors.get_judged(authority=visit.authority, review_id=review_id)
    review = judged.review
    spec = spec_of(review.scorecard)
    given = read_answers(review.answers, spec)
    read = read_unit(review.unit)
    disputes = {one.question: one for one in review.disputes.select_related("decided_by")}
    may_dispute = review.answer_by_at is not None and visit.now <= review.answer_by_at
    return render(
        request,
        "qa/my_review.html",
        {
            "title": _("Review of my work"),
            "crumbs": [
                Crumb(_("Quality")),
                Crumb(_("Reviews of my work"), reverse("admin:my_reviews")),
                Crumb(review.unit.label),
            ],
            "review": review,
            "judged": judged,
            "headline": shown.headline(review),
            "score": shown.percent_words(review, spec),
            "lines": shown.describe_lines(read, given, spec),
            "questions": [
                question | {"dispute": disputes.get(question["key"])}
                for section in shown.describe_sections(spec, given, read)
                for question in section["questions"]
                if question["asked"]
            ],
            "may_dispute": may_dispute,
            "typed": request.POST,
        },
        status=status,
    )


def _row(judged: Judged) -> dict[str, Any]:
    review = judged.review
    return {
        "link": reverse("admin:my_review", args=[review.public_id]),
        "label": review.unit.label,
        "passed": review.passed,
        "score": shown.percent_words(review, spec_of(review.scorecard)),
        "released_at": review.released_at,
        "answer_by_at": review.answer_by_at,
        "is_new": judged.acknowledged_at is None,
        "as_owner": judged.as_owner,
        "agent": review.unit.agent_label,
    }
