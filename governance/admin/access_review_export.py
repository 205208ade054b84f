"""An access review as a file: every line with its decision, for whoever asks for evidence."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.access_reviews import selectors, services
from governance.access_reviews.models import AccessReview, AccessReviewItem
from governance.admin import access_words as words
from governance.admin.access_files import csv_answer, json_lines_answer
from governance.admin.visit import Visit, page
from orchestra.core.clock import rfc3339
from orchestra.core.errors import NotFoundError

_FORMATS = ("csv", "jsonl")


@page(
    "access/reviews/<uuid:review_id>/export/<str:form>/",
    name="access_review_export",
    capability=Capability.ACCESS_REVIEW,
)
def export(request: HttpRequest, visit: Visit, review_id: UUID, form: str) -> HttpResponseBase:
    """Give a review as CSV or as JSON lines; taking it out is an entry of the ledger.

    Raises:
        NotFoundError: There is no such review or form.
    """
    del request
    if form not in _FORMATS:
        raise NotFoundError(_("There is no such form of file."))
    review = selectors.get_review(review_id)
    rows = list(_rows(review))
    services.record_export(
        actor=visit.actor, now=visit.now, what=f"{review.title}, {len(rows)} lines, {form}"
    )
    name = f"access-review-{review.started_at:%Y%m%d}.{form}"
    if form == "jsonl":
        return json_lines_answer(name=name, rows=rows)
    header = list(rows[0]) if rows else ["review"]
    return csv_answer(name=name, header=header, rows=([*row.values()] for row in rows))


def _rows(review: AccessReview) -> Iterator[dict[str, Any]]:
    for item in selectors.list_items(review.public_id):
        yield {
            "review": review.title,
            "frozen_at": rfc3339(review.started_at),
            "due_at": rfc3339(review.due_at),
            "finished_at": _moment(review.finished_at),
            "holder_kind": item.holder_kind,
            "holder": words.holder_words(item.holder_kind, item.holder_label),
            "what": words.what_words(item.kind, item.code),
            "where": item.place_title,
            "given_at": _moment(item.given_at),
            "given_by": item.given_by,
            "ends_at": _moment(item.until_at),
            "given_because": item.reason,
            "last_used_at": _moment(item.used_at),
            "use": item.used_how,
            "conflicts": _conflicts(item),
            "unused_60_days": "yes" if item.is_unused else "no",
            "decision": item.state,
            "decided_at": _moment(item.decided_at),
            "decided_by": item.decided_by,
            "reason": item.decided_reason,
            "key": item.key,
        }


def _moment(at: datetime | None) -> str:
    return rfc3339(at) if at is not None else ""


def _conflicts(item: AccessReviewItem) -> str:
    return " ".join(words.conflict_words(one) for one in item.conflicts)
