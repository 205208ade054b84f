"""Mark a review as gold on its page, and show how far reviewers answer as was agreed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.visit import Visit, as_refusal, attempt, page
from qa.admin.review_shown import options_of
from qa.gold import services
from qa.gold.selectors import find_gold, read_agreement
from qa.reviewing.models import Review
from qa.reviewing.rules import DONE
from qa.reviewing.types import ReviewKind
from qa.scorecards.selectors import spec_of
from qa.scorecards.types import AnswerKind

LEAD = Capability.QUALITY_LEAD
_FIELD = "agreed."


@page(
    "reviews/<uuid:quality_review_id>/gold/",
    name="quality_review_gold",
    capability=LEAD,
    methods=("POST",),
)
def mark(request: HttpRequest, visit: Visit, quality_review_id: UUID) -> HttpResponse:
    """Mark a review as gold, with the answers that were agreed."""
    answers = {
        key.removeprefix(_FIELD): value
        for key, value in request.POST.items()
        if key.startswith(_FIELD) and isinstance(value, str)
    }
    error = attempt(
        request,
        lambda: services.mark_gold(
            actor=visit.actor, now=visit.now, review_id=quality_review_id, answers=answers
        ),
        refusal=as_refusal("quality_gold.mark", quality_review_id),
    )
    if error is None:
        messages.success(request, _("Marked. It is given out again, unseen, with later draws."))
    return _back(quality_review_id)


@page(
    "reviews/<uuid:quality_review_id>/gold/withdraw/",
    name="quality_review_gold_withdraw",
    capability=LEAD,
    methods=("POST",),
)
def withdraw(request: HttpRequest, visit: Visit, quality_review_id: UUID) -> HttpResponse:
    """Give a gold item out no more."""
    error = attempt(
        request,
        lambda: services.withdraw_gold(
            actor=visit.actor, now=visit.now, review_id=quality_review_id
        ),
        refusal=as_refusal("quality_gold.withdraw", quality_review_id),
    )
    if error is None:
        messages.success(request, _("Withdrawn. It is given out no more."))
    return _back(quality_review_id)


def describe_gold(review: Review, visit: Visit) -> dict[str, Any] | None:
    """Return what a lead may do about gold on a review's page; None for everybody else."""
    ordinary = review.kind in (ReviewKind.FIRST, ReviewKind.SECOND) and review.drawn_id is not None
    if not visit.may(LEAD) or not ordinary or review.state not in DONE:
        return None
    item = find_gold(review)
    if item is None and review.scorecard.state != "published":
        return None
    given = item.answers if item else {
        key: one.get("value", "") for key, one in review.answers.items()
    }  # fmt: skip
    return {
        "item": item,
        "questions": [
            {
                "name": f"{_FIELD}{one.key}",
                "text": one.text,
                "options": options_of(one, given.get(one.key, "")),
            }
            for one in spec_of(review.scorecard).questions
            if one.kind is not AnswerKind.TEXT
        ],
    }


def describe_agreement(now: datetime) -> list[dict[str, Any]]:
    """Return a row for each reviewer and question that gold was answered on."""
    return [
        {
            "row": one,
            "share": f"{100 * one.agreed / one.total:.0f} %" if one.low is not None else "",
            "span": _("%(low).0f to %(high).0f") % {"low": 100 * one.low, "high": 100 * one.high}
            if one.low is not None and one.high is not None
            else "",
        }
        for one in read_agreement(now=now)
    ]


def _back(review_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:quality_review", args=[review_id]))
