"""Who is told that a review asks for a stop; filled into the registry of notifications."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.access.types import Capability
from governance.notifications.registry import NoticeRule
from governance.notifications.telling.people import only, who_may
from governance.notifications.types import Happened, Telling, Told, Topic, Why
from qa.reviewing import entries
from qa.reviewing.models import Review


def tell_of_stop(happened: Happened, now: datetime) -> Telling | None:
    """Tell everybody who may stop, with the review to read."""
    del now
    reviews = Review.objects.select_related("unit").filter(public_id=UUID(happened.subject_id))
    review = reviews.first()
    if review is None:
        return None
    told = [Told(person, Why.LOOKS_AFTER) for person in sorted(who_may(Capability.STOP_USE))]
    return Telling(
        people=only(told, besides=happened.actor_id),
        label=review.unit.label,
        page="quality_review",
        page_id=str(review.public_id),
    )


RULES: Final[Mapping[str, NoticeRule]] = {
    entries.STOP_ASKED: NoticeRule(
        Topic.DECIDE, _("A review of {label} asks for a stop"), tell_of_stop
    ),
}
