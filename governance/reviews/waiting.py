"""How many changes wait for a person's vote: a badge on every page, read with its other counts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import (
    Exists,
    F,
    FilteredRelation,
    Func,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
)

from governance.access.models import Delegation
from governance.access.rules import may
from governance.access.types import Authority, Capability, Role
from governance.reviews import voting
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents
from governance.reviews.types import ChangeState, GivenReview, ReviewChoice, RiskLevel, Standing

#: What of a change, and of a review of it, is told in one column, in this order.
_TOLD: Final = (
    "pk",
    "kind",
    "document_key",
    "risk",
    "digest",
    "rehearsal_digest",
    "needs_rehearsal",
    "author_id",
    "editor_id",
    "stands_in",
    "counted__reviewer__public_id",
    "counted__choice",
    "counted__roles",
)


class _Told(Func):
    """Several columns as one list."""

    function = "JSON_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return what the other database calls it."""
        return self.as_sql(compiler, connection, function="JSONB_BUILD_ARRAY", **extra)


def reviews_changes(authority: Authority) -> bool:
    """Return whether changes can wait for somebody."""
    return authority.actor.is_human and may(authority, Capability.CHANGE_REVIEW)


def count_to_review(*, authority: Authority, now: datetime) -> int:
    """Return how many changes wait for a person's vote, in one query.

    The rules are those of ``list_to_review``.
    """
    if not reviews_changes(authority):
        return 0
    rows: QuerySet[Any] = waiting_changes(person=authority.actor.pk or 0, now=now)
    return count_of(rows.values_list("told", flat=True), authority=authority, now=now)


def waiting_changes(*, person: int, now: datetime) -> "QuerySet[Any]":
    """Return each submitted change once for every review that counts, and once without any.

    Args:
        person: Internal key of who looks.
        now: The moment.

    Returns:
        Rows whose column ``told`` is what ``count_of`` takes, so that they can be read in one
        query with others.
    """
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
    ).annotate(told=_Told(*_TOLD))


def count_of(rows: Iterable[Sequence[Any]], *, authority: Authority, now: datetime) -> int:
    """Return how many changes of ``waiting_changes`` wait for a person's vote.

    Args:
        rows: What their columns ``told`` tell.
        authority: What the person holds.
        now: The moment.
    """
    changes: dict[int, Mapping[str, Any]] = {}
    reviews: dict[int, list[GivenReview]] = {}
    for told in rows:
        row = dict(zip(_TOLD, told, strict=True))
        changes[row["pk"]] = row
        given = reviews.setdefault(row["pk"], [])
        if row["counted__choice"] is not None:
            given.append(_review(row))
    return sum(
        _waits(change, tuple(reviews[pk]), authority=authority, now=now)
        for pk, change in changes.items()
    )


def _review(row: Mapping[str, Any]) -> GivenReview:
    # One database nests the list as it is, the other as its text.
    told = row["counted__roles"]
    roles = json.loads(told) if isinstance(told, str) else told
    return GivenReview(
        str(UUID(row["counted__reviewer__public_id"])),
        ReviewChoice(row["counted__choice"]),
        frozenset(Role(role) for role in roles),
    )


def _waits(
    change: Mapping[str, Any],
    reviews: tuple[GivenReview, ...],
    *,
    authority: Authority,
    now: datetime,
) -> bool:
    if change["kind"] not in documents:
        return False
    barred = voting.barred_people(author_id=change["author_id"], editor_id=change["editor_id"])
    standing = Standing(
        state=ChangeState.SUBMITTED,
        digest=change["digest"],
        base_digest="",
        rehearsal_digest=change["rehearsal_digest"],
        needs_rehearsal=bool(change["needs_rehearsal"]),
        kind=change["kind"],
        document_key=change["document_key"],
        quorum=documents.get(change["kind"]).quorum[RiskLevel(change["risk"])],
        barred={authority.actor.id: "", **barred} if change["stands_in"] else barred,
        reviews=reviews,
    )
    return voting.may_review(standing=standing, authority=authority, now=now).allowed
