"""Who is told of a change request: its reviewers while it waits, its author of the answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.access.types import Capability
from governance.notifications.registry import NoticeRule
from governance.notifications.telling.people import only, who_may, with_stand_ins
from governance.notifications.types import Ends, Happened, Telling, Told, Topic, Why
from governance.policies.types import RiskLevel
from governance.reviews import entries, voting
from governance.reviews.models import ChangeRequest
from governance.reviews.selectors import standing_of, with_reviews
from governance.reviews.types import ChangeState

SUBJECT: Final = "change_request"
PAGE: Final = "change"


def is_open(change_id: str) -> bool:
    """Return whether a change still waits for a review."""
    waiting = ChangeRequest.objects.filter(state=ChangeState.SUBMITTED, public_id=change_id)
    return waiting.exists()


def tell_reviewers(happened: Happened, now: datetime) -> Telling | None:
    """Tell everybody whose approval a submitted change waits for."""
    change = _find(happened)
    if change is None or change.state != ChangeState.SUBMITTED:
        return None
    standing = standing_of(change)
    able = [
        person
        for person, authority in who_may(Capability.CHANGE_REVIEW).items()
        if voting.may_review(standing=standing, authority=authority, now=now).allowed
    ]
    told = with_stand_ins(able, why=Why.MAY_REVIEW, capability=Capability.CHANGE_REVIEW, now=now)
    return _telling(change, tuple(told), deadline_at=change.expires_at)


def tell_authors(happened: Happened, now: datetime) -> Telling | None:
    """Tell who wrote a change what became of it."""
    del now
    change = _find(happened)
    if change is None:
        return None
    wrote = [Told(change.author_id, Why.WROTE), Told(change.editor_id, Why.WROTE)]
    return _telling(change, only(wrote, besides=happened.actor_id), deadline_at=None)


def _find(happened: Happened) -> ChangeRequest | None:
    changes = with_reviews(ChangeRequest.objects.filter(public_id=UUID(happened.subject_id)))
    return changes.first()


def _telling(
    change: ChangeRequest, people: tuple[Told, ...], *, deadline_at: datetime | None
) -> Telling:
    return Telling(
        people=people,
        label=change.label,
        page=PAGE,
        page_id=str(change.public_id),
        risk=RiskLevel(change.risk),
        deadline_at=deadline_at,
    )


_ANSWERS: Final = {
    entries.CHANGES_ASKED: _("Changes were asked for in {label}"),
    entries.REFUSED: _("{label} was refused for good"),
    entries.APPROVED: _("{label} was approved"),
    entries.PUBLISHED: _("{label} is in force"),
    entries.HELD: _("{label} was not published as planned"),
    entries.EXPIRED: _("{label} lapsed without being published"),
    entries.ROLLED_BACK: _("{label} was rolled back"),
}

RULES: Final[Mapping[str, NoticeRule]] = {
    entries.SUBMITTED: NoticeRule(
        Topic.CHANGE, _("{label} waits for your review"), tell_reviewers, asks=True
    ),
    entries.WITHDRAWN: NoticeRule(Topic.CHANGE, _("{label} was withdrawn"), ends=Ends.FOR_ALL),
    **{
        kind: NoticeRule(Topic.CHANGE, title, tell_authors, ends=Ends.FOR_ALL)
        for kind, title in _ANSWERS.items()
    },
}
