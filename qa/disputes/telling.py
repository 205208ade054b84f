"""Who is told of released reviews and of disputes; filled into the registry of notifications."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.notifications.registry import NoticeRule
from governance.notifications.telling.people import only
from governance.notifications.types import Happened, Telling, Told, Topic, Why
from qa.disputes import entries
from qa.disputes.models import Dispute, Judged
from qa.disputes.types import DisputeState
from qa.reviewing import entries as reviewing
from qa.reviewing.models import Review


def tell_judged(happened: Happened, now: datetime) -> Telling | None:
    """Tell those whose work a released review judges, and until when they may answer."""
    del now
    review = Review.objects.select_related("unit").filter(public_id=happened.subject_id).first()
    if review is None:
        return None
    rows = Judged.objects.filter(review=review).order_by("pk")
    told = [Told(str(one), Why.YOURS) for one in rows.values_list("person__public_id", flat=True)]
    return Telling(
        people=only(told, besides=happened.actor_id),
        label=review.unit.label,
        page="my_review",
        page_id=str(review.public_id),
        deadline_at=review.answer_by_at,
    )


def tell_lead(happened: Happened, now: datetime) -> Telling | None:
    """Tell the lead whose turn a dispute is; nobody where it has none or was decided."""
    del now
    dispute = _find(happened)
    if dispute is None or dispute.lead is None or dispute.state != DisputeState.OPEN:
        return None
    return _telling(dispute, [Told(str(dispute.lead.public_id), Why.LOOKS_AFTER)], happened)


def tell_both_voices(happened: Happened, now: datetime) -> Telling | None:
    """Tell who disputed an answer and who gave it what was decided.

    The page shows each what they may see: one the review of their work, the other their review.
    """
    del now
    dispute = _find(happened)
    if dispute is None:
        return None
    told = [Told(str(dispute.raised_by.public_id), Why.YOURS)]
    reviewer = dispute.review.reviewer
    if reviewer is not None:
        told.append(Told(str(reviewer.public_id), Why.WROTE))
    return Telling(
        people=only(told, besides=happened.actor_id),
        label=dispute.review.unit.label,
        page="my_review",
        page_id=str(dispute.review.public_id),
    )


def _find(happened: Happened) -> Dispute | None:
    try:
        wanted = UUID(str(happened.payload.get("dispute", "")))
    except ValueError:
        # Erased payloads name no dispute any more.
        return None
    rows = Dispute.objects.select_related("review__unit", "review__reviewer", "lead", "raised_by")
    return rows.filter(public_id=wanted).first()


def _telling(dispute: Dispute, told: Iterable[Told], happened: Happened) -> Telling:
    return Telling(
        people=only(told, besides=happened.actor_id),
        label=dispute.review.unit.label,
        page="dispute",
        page_id=str(dispute.public_id),
        deadline_at=dispute.due_at,
    )


RULES: Final[Mapping[str, NoticeRule]] = {
    reviewing.RELEASED: NoticeRule(
        Topic.OUTCOME, _("A review of your work was released: {label}"), tell_judged
    ),
    entries.RAISED: NoticeRule(
        Topic.DECIDE, _("An answer in the review of {label} is disputed"), tell_lead
    ),
    entries.PASSED_ON: NoticeRule(
        Topic.DECIDE, _("The dispute on {label} is yours to decide now"), tell_lead
    ),
    entries.HANDED: NoticeRule(
        Topic.DECIDE, _("The dispute on {label} was given to you to decide"), tell_lead
    ),
    entries.DECIDED: NoticeRule(
        Topic.OUTCOME, _("The dispute on {label} was decided"), tell_both_voices
    ),
}
