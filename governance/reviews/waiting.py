"""How many changes wait for a person's vote, counted in one query: a badge on every page."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q

from governance.access.models import Delegation
from governance.access.rules import may
from governance.access.types import Authority, Capability, Role
from governance.reviews import voting
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents
from governance.reviews.types import ChangeState, GivenReview, ReviewChoice, RiskLevel, Standing

_WAITING: Final = (
    "pk",
    "kind",
    "document_key",
    "risk",
    "digest",
    "rehearsal_digest",
    "needs_rehearsal",
    "author_id",
    "editor_id",
)


def count_to_review(*, authority: Authority, now: datetime) -> int:
    """Return how many changes wait for a person's vote: one query, for a badge on every page.

    The rules are those of ``list_to_review``.
    """
    if not may(authority, Capability.CHANGE_REVIEW) or not authority.actor.is_human:
        return 0
    reviews: dict[tuple[Any, ...], list[GivenReview]] = {}
    for *change, reviewer, choice, roles in _waiting_rows(authority, now):
        given = reviews.setdefault(tuple(change), [])
        if reviewer is not None:
            held = frozenset(Role(role) for role in roles)
            given.append(GivenReview(str(reviewer), ReviewChoice(choice), held))
    return sum(
        _waits(change, tuple(given), authority=authority, now=now)
        for change, given in reviews.items()
    )


def _waiting_rows(authority: Authority, now: datetime) -> Iterable[tuple[Any, ...]]:
    """Return each submitted change once for every review that counts, and once without any."""
    person = authority.actor.pk
    stands_in = Delegation.objects.filter(
        Q(giver_key=OuterRef("author_id")) | Q(giver_key=OuterRef("editor_id")),
        Q(ended_at=None)
        | (Q(ended_at__gt=OuterRef("created_at")) & Q(ended_at__gt=F("begins_at"))),
        delegate_id=person,
        until_at__gt=OuterRef("created_at"),
    )
    waiting = ChangeRequest.objects.filter(state=ChangeState.SUBMITTED, expires_at__gt=now)
    return waiting.annotate(
        counted=FilteredRelation("reviews", condition=Q(reviews__voided_at__isnull=True)),
        stands_in=Exists(stands_in),
    ).values_list(
        *_WAITING,
        "stands_in",
        "counted__reviewer__public_id",
        "counted__choice",
        "counted__roles",
    )


def _waits(
    change: tuple[Any, ...],
    reviews: tuple[GivenReview, ...],
    *,
    authority: Authority,
    now: datetime,
) -> bool:
    _pk, kind, key, risk, digest, rehearsal_digest, needs, author_id, editor_id, stands_in = change
    if kind not in documents:
        return False
    barred = voting.barred_people(author_id=author_id, editor_id=editor_id)
    standing = Standing(
        state=ChangeState.SUBMITTED,
        digest=digest,
        base_digest="",
        rehearsal_digest=rehearsal_digest,
        needs_rehearsal=needs,
        kind=kind,
        document_key=key,
        quorum=documents.get(kind).quorum[RiskLevel(risk)],
        barred={authority.actor.id: "", **barred} if stands_in else barred,
        reviews=reviews,
    )
    return voting.may_review(standing=standing, authority=authority, now=now).allowed
