"""What follows a review that was handed in: release, coaching, and a change of the rules."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.visit import Visit, as_refusal, attempt, page
from governance.reviews import services as changes
from governance.reviews.models import ChangeRequest
from orchestra.core.errors import FieldError, InvalidInputError
from qa.disputes import services
from qa.reviewing import selectors
from qa.reviewing import services as reviewing

LEAD = Capability.QUALITY_LEAD
#: Kinds of documents whose change a review may be the reason of.
PROPOSED = ("policy", "article", "cue_sheet")


@page(
    "reviews/<uuid:quality_review_id>/release/",
    name="quality_review_release",
    capability=LEAD,
    methods=("POST",),
)
def release(request: HttpRequest, visit: Visit, quality_review_id: UUID) -> HttpResponse:
    """Show a review to those whose work it judges."""
    error = attempt(
        request,
        lambda: services.release_review(
            actor=visit.actor, now=visit.now, review_id=quality_review_id
        ),
        refusal=as_refusal("quality_review.release", quality_review_id),
    )
    if error is None:
        messages.success(request, _("Released. They have five days to answer."))
    return _back(quality_review_id)


@page(
    "reviews/<uuid:quality_review_id>/ask-stop/",
    name="quality_review_ask_stop",
    capability=Capability.QUALITY_REVIEW,
    methods=("POST",),
)
def ask_stop(request: HttpRequest, visit: Visit, quality_review_id: UUID) -> HttpResponse:
    """Ask those who may stop to look at once."""
    selectors.get_review(authority=visit.authority, review_id=quality_review_id)
    error = attempt(
        request,
        lambda: reviewing.ask_stop(
            actor=visit.actor,
            now=visit.now,
            review_id=quality_review_id,
            reason=request.POST.get("reason", ""),
        ),
        refusal=as_refusal("quality_review.ask_stop", quality_review_id),
    )
    if error is None:
        messages.success(request, _("Asked. Everybody who may stop is told."))
    return _back(quality_review_id)


@page(
    "reviews/<uuid:quality_review_id>/coach/",
    name="quality_review_coach",
    capability=LEAD,
    methods=("POST",),
)
def coach(request: HttpRequest, visit: Visit, quality_review_id: UUID) -> HttpResponse:
    """Give somebody whose work was reviewed something to learn."""
    error = attempt(
        request,
        lambda: services.give_coaching(
            actor=visit.actor,
            now=visit.now,
            review_id=quality_review_id,
            person_id=_uuid(request.POST.get("person", "")),
            words=request.POST.get("words", ""),
            question=request.POST.get("question", ""),
            due_at=_moment(request.POST.get("due_at", "")),
        ),
        refusal=as_refusal("coaching.give", quality_review_id),
    )
    if error is None:
        messages.success(request, _("Given."))
    return _back(quality_review_id)


@page(
    "reviews/<uuid:quality_review_id>/propose/",
    name="quality_review_propose",
    capability=Capability.CHANGE_READ,
    methods=("POST",),
)
def propose(request: HttpRequest, visit: Visit, quality_review_id: UUID) -> HttpResponse:
    """Open a change of a policy, an article or a cue sheet, with the review as its reason."""
    review = selectors.get_review(authority=visit.authority, review_id=quality_review_id)
    kind, _colon, key = request.POST.get("document", "").partition(":")
    opened: list[ChangeRequest] = []

    def act() -> None:
        if kind not in PROPOSED or not key:
            message = _("Name a policy, an article or a cue sheet, such as policy:refunds.")
            raise InvalidInputError(message, errors=[FieldError("document", "choice", message)])
        link = request.build_absolute_uri(reverse("admin:quality_review", args=[review.public_id]))
        opened.append(
            changes.open_change(
                actor=visit.actor,
                now=visit.now,
                kind=kind,
                document_key=key,
                title=request.POST.get("title", ""),
                summary=_("What a review showed: %(label)s, %(link)s")
                % {"label": review.unit.label, "link": link},
            )
        )

    error = attempt(request, act, refusal=as_refusal("quality_review.propose", quality_review_id))
    if error is not None:
        return _back(quality_review_id)
    return HttpResponseRedirect(reverse("admin:change", args=[opened[0].public_id]))


def _back(review_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:quality_review", args=[review_id]))


def _moment(text: str) -> datetime:
    """Return a moment typed in the reader's zone; long ago where it is none."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        return datetime(1970, 1, 1, tzinfo=timezone.get_current_timezone())
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
