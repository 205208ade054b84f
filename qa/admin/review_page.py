"""The page of one review: read, answer, and hand in."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from governance.ledger.refusals import record_refusal
from orchestra.core import words
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    OrchestraError,
)
from orchestra.core.numbers import read_whole
from qa.admin import review_shown as shown
from qa.admin.gold import describe_gold
from qa.admin.units import describe_leave_out
from qa.findings.models import Finding
from qa.reviewing import selectors, services
from qa.reviewing.answers import Given, read_answers
from qa.reviewing.models import Review
from qa.reviewing.reading import read_unit
from qa.reviewing.rules import DONE, OPEN
from qa.sampling.types import ReplacedFor
from qa.scorecards.selectors import spec_of
from qa.scorecards.types import ScorecardSpec

REVIEW = Capability.QUALITY_REVIEW
#: Seconds that are believed at most where no script measured.
_UNMEASURED = 30 * 60


@page(
    "reviews/<uuid:quality_review_id>/",
    name="quality_review",
    capability=Capability.QUALITY_READ,
)
def quality_review(request: HttpRequest, visit: Visit, quality_review_id: UUID) -> HttpResponse:
    """Show what was worked beside the scorecard."""
    return _show(
        request, visit, selectors.get_review(authority=visit.authority, review_id=quality_review_id)
    )


@page(
    "reviews/<uuid:quality_review_id>/save/",
    name="quality_review_save",
    capability=REVIEW,
    methods=("POST",),
)
def save(request: HttpRequest, visit: Visit, quality_review_id: UUID) -> HttpResponse:
    """Save the answers so far; a script is answered with the score, a form with the page."""
    review = selectors.get_review(authority=visit.authority, review_id=quality_review_id)
    spec = spec_of(review.scorecard)
    by_script = "application/json" in request.headers.get("Accept", "")
    try:
        saved, _score = services.save_review(
            actor=visit.actor,
            now=visit.now,
            review_id=quality_review_id,
            filled=_filled(request, spec),
        )
    except (ConflictError, InvalidInputError) as error:
        if isinstance(error, ConflictError):
            refusal = as_refusal("quality_review.save", quality_review_id)(error)
            record_refusal(actor=visit.actor, now=visit.now, refusal=refusal)
        if by_script:
            return _refused(error, quality_review_id, visit)
        messages.error(request, error.in_full)
        return _show(
            request, visit, review, typed=request, errors=error.errors, status=error.status
        )
    if not by_script:
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("admin:quality_review", args=[quality_review_id]))
    given = read_answers(saved.answers, spec)
    foot = shown.describe_foot(spec, given)
    read = read_unit(review.unit) if any(one.quotes for one in given.values()) else None
    return JsonResponse(
        {
            "revision": saved.revision,
            "saved": _saved_words(saved),
            "asked": foot.asked,
            "foot": render_to_string("qa/review_foot.html", {"foot": foot}, request),
            "quotes": {
                key: {
                    "stored": [one.stored() for one in each.quotes],
                    "words": [shown.quote_words(read, one) for one in each.quotes] if read else [],
                }
                for key, each in given.items()
            },
        }
    )


@page(
    "reviews/<uuid:quality_review_id>/submit/",
    name="quality_review_submit",
    capability=REVIEW,
    methods=("POST",),
)
def submit(request: HttpRequest, visit: Visit, quality_review_id: UUID) -> HttpResponse:
    """Hand the review in; what is wrong keeps every answer."""
    review = selectors.get_review(authority=visit.authority, review_id=quality_review_id)
    spec = spec_of(review.scorecard)
    error = attempt(
        request,
        lambda: services.submit_review(
            actor=visit.actor,
            now=visit.now,
            review_id=quality_review_id,
            filled=_filled(request, spec),
        ),
        refusal=as_refusal("quality_review.submit", quality_review_id),
    )
    if error is not None:
        review.refresh_from_db()
        typed = request if review.state in OPEN else None
        return _show(request, visit, review, typed=typed, errors=error.errors, status=error.status)
    messages.success(request, _("Handed in. Thank you."))
    return HttpResponseRedirect(reverse("admin:quality_review", args=[quality_review_id]))


@page(
    "reviews/<uuid:quality_review_id>/skip/",
    name="quality_review_skip",
    capability=REVIEW,
    methods=("POST",),
)
def skip(request: HttpRequest, visit: Visit, quality_review_id: UUID) -> HttpResponse:
    """Skip a review that cannot be made, with the reason."""
    selectors.get_review(authority=visit.authority, review_id=quality_review_id)
    error = attempt(
        request,
        lambda: services.skip_review(
            actor=visit.actor,
            now=visit.now,
            review_id=quality_review_id,
            reason=request.POST.get("reason", ""),
            words=request.POST.get("words", ""),
        ),
        refusal=as_refusal("quality_review.skip", quality_review_id),
    )
    if error is not None:
        return HttpResponseRedirect(reverse("admin:quality_review", args=[quality_review_id]))
    messages.success(request, _("Skipped. It stays counted as one that gave no answer."))
    return HttpResponseRedirect(reverse("admin:quality_reviews"))


@page(
    "reviews/<uuid:quality_review_id>/take/",
    name="quality_review_take",
    capability=REVIEW,
    methods=("POST",),
)
def take(request: HttpRequest, visit: Visit, quality_review_id: UUID) -> HttpResponse:
    """Begin a review."""
    attempt(
        request,
        lambda: services.take_review(actor=visit.actor, now=visit.now, review_id=quality_review_id),
        refusal=as_refusal("quality_review.take", quality_review_id),
    )
    return HttpResponseRedirect(reverse("admin:quality_review", args=[quality_review_id]))


def _show(
    request: HttpRequest,
    visit: Visit,
    review: Review,
    *,
    typed: HttpRequest | None = None,
    errors: Sequence[FieldError] = (),
    status: int = 200,
) -> HttpResponse:
    spec = spec_of(review.scorecard)
    given = _given(typed, review, spec)
    read = read_unit(review.unit)
    mine = review.reviewer is not None and str(review.reviewer.public_id) == visit.actor.id
    done = review.state in DONE
    following = selectors.find_next(authority=visit.authority, after=review)
    return render(
        request,
        "qa/review.html",
        {
            "title": _("Review"),
            "crumbs": [
                Crumb(_("Quality")),
                Crumb(_("Reviews"), reverse("admin:quality_reviews")),
                Crumb(review.unit.label),
            ],
            "review": review,
            "unit": review.unit,
            "headline": shown.headline(review),
            "case_link": reverse("admin:case", args=[review.unit.case.public_id]),
            "length": words.length(review.unit.ended_at - review.unit.started_at),
            "drawn": _drawn(review),
            "lines": shown.describe_lines(read, given, spec),
            "bundle": shown.describe_bundle_of(read, given, spec),
            "approval": read.approval,
            "erased": read.is_erased,
            "policies": read.policies,
            "sections": shown.describe_sections(spec, given, read, errors),
            "foot": shown.describe_foot(spec, given),
            "comment": typed.POST.get("comment", "") if typed else review.comment,
            "spec": spec,
            "is_mine": mine,
            "may_answer": mine and review.state in OPEN,
            "is_done": done,
            "is_pinned": review.scorecard.state != "published",
            "saved": _saved_words(review),
            "score": shown.percent_words(review, spec),
            "minutes": round(review.seconds / 60),
            "reasons": [(one.value, words.plain(one.value)) for one in ReplacedFor],
            "findings": _findings(review) if done else [],
            "others": selectors.list_others(review=review) if done else [],
            "disputes": shown.describe_decided(review, spec),
            "gold": describe_gold(review, visit),
            "leads": visit.may(Capability.QUALITY_LEAD),
            "may_propose": visit.may(Capability.CHANGE_READ),
            "leave_out": describe_leave_out(review.unit, visit),
            "judged": review.judged.select_related("person"),
            "next_link": reverse("admin:quality_review", args=[following.public_id])
            if following
            else "",
        },
        status=status,
    )


def _given(typed: HttpRequest | None, review: Review, spec: ScorecardSpec) -> dict[str, Given]:
    if typed is None:
        return read_answers(review.answers, spec)
    try:
        return read_answers(_filled(typed, spec).answers, spec)
    except InvalidInputError:
        return read_answers(review.answers, spec)


def _filled(request: HttpRequest, spec: ScorecardSpec) -> services.Filled:
    """Return what the form holds; a question that it does not name has no answer."""
    answers = {
        question.key: {
            "value": request.POST.get(f"value.{question.key}", ""),
            "comment": request.POST.get(f"comment.{question.key}", ""),
            "words": request.POST.get(f"words.{question.key}", ""),
            "quotes": _quotes(request.POST.get(f"quotes.{question.key}", "")),
        }
        for question in spec.questions
    }
    seconds = read_whole(request.POST.get("seconds", ""))
    return services.Filled(
        revision=read_whole(request.POST.get("revision", "")) or 0,
        answers=answers,
        comment=request.POST.get("comment", ""),
        # Without a script nobody measures: all that went by since the last saving counts.
        seconds=_UNMEASURED if seconds is None else seconds,
    )


def _quotes(text: str) -> Any:
    if not text:
        return []
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _refused(error: OrchestraError, quality_review_id: UUID, visit: Visit) -> JsonResponse:
    body: dict[str, Any] = {
        "code": error.error_code,
        "message": error.message,
        "errors": [{"field": one.field, "message": one.message} for one in error.errors],
    }
    if error.error_code == "review.saved_elsewhere":
        present = selectors.get_review(authority=visit.authority, review_id=quality_review_id)
        body["revision"] = present.revision
        at = timezone.localtime(present.saved_at or present.assigned_at)
        body["message"] = _("You answered this on another screen at %(at)s.") % {
            "at": at.strftime("%H:%M:%S")
        }
    return JsonResponse(body, status=error.status)


def _saved_words(review: Review) -> str:
    if review.saved_at is None:
        return _("nothing to save yet")
    at = timezone.localtime(review.saved_at).strftime("%H:%M:%S")
    return _("saved %(at)s") % {"at": at}


def _drawn(review: Review) -> dict[str, Any] | None:
    if review.drawn is None:
        return None
    drawn = review.drawn
    return {
        "plan": drawn.period.version.plan.title,
        "stratum": drawn.stratum,
        "place": drawn.place,
        "of": drawn.drawn_of_stratum,
        "stands_for": f"{drawn.size_of_stratum / max(drawn.drawn_of_stratum, 1):.1f}",
    }


def _findings(review: Review) -> list[dict[str, str]]:
    rows = Finding.objects.filter(unit=review.unit).select_related("check_row").order_by("pk")
    return [{"title": words.plain(one.check_row.check_key), "detail": one.detail} for one in rows]
