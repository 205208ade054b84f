"""Access reviews: the list of them, a new one, one with its lines, and every act on it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.access_reviews import selectors, services
from governance.access_reviews.holdings import reading_holdings
from governance.access_reviews.models import AccessReview
from governance.access_reviews.types import ReviewState
from governance.admin.access_duties import describe_duties
from governance.admin.access_matrix import describe_matrix
from governance.admin.access_review_shown import describe_review, read_asked
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.numbers import read_whole
from orchestra.core.together import Reading, all_of, answer, read

REVIEW = Capability.ACCESS_REVIEW
_DAYS = 14


@page("access/reviews/", name="access_reviews", capability=REVIEW)
def access_reviews(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every review, and the form to start one where none is open."""
    return _list(request, visit)


@page("access/reviews/start/", name="access_review_start", capability=REVIEW, methods=("POST",))
def start(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Start a review; what is wrong keeps what was typed."""
    made: list[AccessReview] = []
    error = attempt(
        request,
        lambda: made.append(
            services.start_review(actor=visit.actor, now=visit.now, **_read_start(request))
        ),
        refusal=as_refusal("access_review.start", visit.actor.id),
    )
    if error is not None:
        return _list(request, visit, status=error.status)
    messages.success(request, _("Started. The list is frozen as it stands now."))
    return HttpResponseRedirect(reverse("admin:access_review", args=[made[0].public_id]))


@page("access/reviews/<uuid:review_id>/", name="access_review", capability=REVIEW)
def access_review(request: HttpRequest, visit: Visit, review_id: UUID) -> HttpResponse:
    """Show a review: who can do what, and what was decided."""
    return _show(request, visit, review_id, values=request.GET.dict())


@page(
    "access/reviews/<uuid:review_id>/lines/<uuid:item_id>/confirm/",
    name="access_review_confirm",
    capability=REVIEW,
    methods=("POST",),
)
def confirm(request: HttpRequest, visit: Visit, review_id: UUID, item_id: UUID) -> HttpResponse:
    """Confirm one grant."""
    attempt(
        request,
        lambda: services.confirm_grant(
            actor=visit.actor,
            now=visit.now,
            review_id=review_id,
            item_id=item_id,
            seen=request.POST.get("seen", ""),
        ),
        refusal=as_refusal("access_review.confirm", item_id),
    )
    return _back(request, review_id, item_id)


@page(
    "access/reviews/<uuid:review_id>/lines/<uuid:item_id>/revoke/",
    name="access_review_revoke",
    capability=REVIEW,
    methods=("POST",),
)
def revoke(request: HttpRequest, visit: Visit, review_id: UUID, item_id: UUID) -> HttpResponse:
    """Revoke one grant; where that is refused, the reason typed is kept."""
    error = attempt(
        request,
        lambda: services.revoke_grant(
            actor=visit.actor,
            now=visit.now,
            review_id=review_id,
            item_id=item_id,
            reason=request.POST.get("reason", ""),
            seen=request.POST.get("seen", ""),
        ),
        refusal=as_refusal("access_review.revoke", item_id),
    )
    if error is not None:
        values = request.POST.dict() | {"revoke": str(item_id)}
        return _show(request, visit, review_id, values=values, status=error.status)
    messages.success(request, _("Revoked. It took effect at once."))
    return _back(request, review_id, item_id)


@page(
    "access/reviews/<uuid:review_id>/finish/",
    name="access_review_finish",
    capability=REVIEW,
    methods=("POST",),
)
def finish(request: HttpRequest, visit: Visit, review_id: UUID) -> HttpResponse:
    """Finish a review; what is undecided is written down as open only where that is accepted."""
    accepted = request.POST.get("left_open", "")
    error = attempt(
        request,
        lambda: services.finish_review(
            actor=visit.actor,
            now=visit.now,
            review_id=review_id,
            left_open=read_whole(accepted) or 0,
        ),
        refusal=as_refusal("access_review.finish", review_id),
    )
    if error is None:
        messages.success(request, _("Finished. What was decided stands in the ledger."))
    return HttpResponseRedirect(reverse("admin:access_review", args=[review_id]))


@page(
    "access/reviews/<uuid:review_id>/reviewers/",
    name="access_review_reviewer",
    capability=REVIEW,
    methods=("POST",),
)
def name_reviewer(request: HttpRequest, visit: Visit, review_id: UUID) -> HttpResponse:
    """Name one more reviewer."""
    error = attempt(
        request,
        lambda: services.name_reviewer(
            actor=visit.actor,
            now=visit.now,
            review_id=review_id,
            reviewer_id=_person(request.POST.get("reviewer", "")),
        ),
        refusal=as_refusal("access_review.name", review_id),
    )
    if error is None:
        messages.success(request, _("Named."))
    return HttpResponseRedirect(reverse("admin:access_review", args=[review_id]))


def describe_open_review(visit: Visit) -> Reading[dict[str, Any] | None]:
    """Come to the open review for the start page, in one query; None where none is open."""
    found = yield from read(selectors.list_open()[:1])
    if not found:
        return None
    line = _line(found[0], visit)
    return line | {"left": line["count"] - line["decided"]}


def _list(request: HttpRequest, visit: Visit, *, status: int = 200) -> HttpResponse:
    reviews = list(selectors.list_reviews())
    return render(
        request,
        "governance/access_reviews.html",
        {
            "title": _("Access reviews"),
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Access"), reverse("admin:access")),
                Crumb(_("Reviews")),
            ],
            "reviews": [_line(one, visit) for one in reviews],
            "is_open": any(one.state == ReviewState.OPEN for one in reviews),
            "people": selectors.list_possible_reviewers(),
            "chosen": request.POST.getlist("reviewers") or [visit.actor.id],
            "typed": request.POST,
            "due": request.POST.get("due_at")
            or timezone.localtime(visit.now + timedelta(days=_DAYS)).strftime("%Y-%m-%dT18:00"),
        },
        status=status,
    )


def _line(review: AccessReview, visit: Visit) -> dict[str, Any]:
    is_open = review.state == ReviewState.OPEN
    return {
        "title": review.title,
        "link": reverse("admin:access_review", args=[review.public_id]),
        "is_open": is_open,
        "is_late": is_open and review.due_at < visit.now,
        "due_at": review.due_at,
        "started_at": review.started_at,
        "started_by": review.started_by,
        "finished_at": review.finished_at,
        "finished_by": review.finished_by,
        "count": review.line_count,  # type: ignore[attr-defined]  # annotated by list_reviews
        "decided": review.decided_count,  # type: ignore[attr-defined]  # annotated by list_reviews
    }


def _show(
    request: HttpRequest,
    visit: Visit,
    review_id: UUID,
    *,
    values: Mapping[str, str],
    status: int = 200,
) -> HttpResponse:
    found = answer(
        all_of(
            {
                "review": selectors.reading_review(review_id),
                "lines": read(selectors.list_items(review_id)),
                "holdings": reading_holdings(now=visit.now),
                "refusals": selectors.reading_refusals(now=visit.now),
                "people": read(selectors.list_possible_reviewers()),
            }
        )
    )
    review, holdings = found["review"], found["holdings"]
    is_open = review.state == ReviewState.OPEN
    named = {one.pk for one in review.reviewers.all()}
    return render(
        request,
        "governance/access_review.html",
        {
            "title": review.title,
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Access"), reverse("admin:access")),
                Crumb(_("Reviews"), reverse("admin:access_reviews")),
                Crumb(review.title),
            ],
            "review": review,
            "reviewers": [one.label for one in review.reviewers.all()],
            "others": [
                one
                for one in found["people"]
                if is_open and one.pk not in named and one.pk != visit.actor.pk
            ],
            "page": describe_review(
                review, visit, lines=found["lines"], asked=read_asked(values), holdings=holdings
            ),
            "duties": describe_duties(holdings=holdings, refusals=found["refusals"]),
            "matrix": describe_matrix(),
            "typed_reason": values.get("reason", ""),
        },
        status=status,
    )


def _back(request: HttpRequest, review_id: UUID, item_id: UUID) -> HttpResponse:
    asked = read_asked(request.POST.dict())
    link = reverse("admin:access_review", args=[review_id])
    return HttpResponseRedirect(f"{link}{asked.link(at=str(item_id))}")


def _read_start(request: HttpRequest) -> dict[str, Any]:
    """Return what was posted.

    Raises:
        InvalidInputError: The time or a person cannot be read.
    """
    due = _moment(request.POST.get("due_at", ""))
    if due is None:
        message = _("The review was not started; see the errors.")
        told = _("Write until when it is to be done.")
        raise InvalidInputError(message, errors=[FieldError("due_at", "required", told)])
    return {
        "title": request.POST.get("title", ""),
        "due_at": due,
        "reviewer_ids": [_person(one) for one in request.POST.getlist("reviewers")],
    }


def _person(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        told = _("Choose a person.")
        raise InvalidInputError(
            _("There is no such person."), errors=[FieldError("reviewers", "unknown", told)]
        ) from None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_current_timezone())
