"""Reads of change requests: which there are, how one stands, and who may still vote."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Prefetch, QuerySet
from django.utils.translation import gettext as _

from governance.access.delegated import list_given_by
from governance.access.rules import may
from governance.access.selectors import authorities_of
from governance.access.types import Authority, Capability, Delegation, Role
from governance.reviews import rules, voting
from governance.reviews.models import ChangeRequest, Review, ReviewComment
from governance.reviews.registry import DocumentKind, documents
from governance.reviews.types import (
    ChangePurpose,
    ChangeState,
    GivenReview,
    ReviewChoice,
    RiskLevel,
    Standing,
)
from orchestra.core.errors import InvalidInputError, NotFoundError

Json = Any


def with_reviews(changes: QuerySet[ChangeRequest]) -> QuerySet[ChangeRequest]:
    """Return change requests with the reviews that still count, as ``standing_reviews``."""
    standing = Review.objects.filter(voided_at__isnull=True).select_related("reviewer")
    return changes.prefetch_related(
        Prefetch("reviews", queryset=standing.order_by("pk"), to_attr="standing_reviews")
    )


def reviews_of(change: ChangeRequest) -> list[Review]:
    """Return the reviews of a change that still count, oldest first."""
    found = getattr(change, "standing_reviews", None)
    if found is None:
        standing = change.reviews.filter(voided_at__isnull=True)
        found = list(standing.select_related("reviewer").order_by("pk"))
    return list(found)


def with_delegations(changes: Iterable[ChangeRequest]) -> list[ChangeRequest]:
    """Return changes with what their authors and editors handed over, in one query for all."""
    found = list(changes)
    people = {person for one in found for person in (one.author_id, one.editor_id)}
    given = list_given_by(people) if people else []
    for one in found:
        one.__dict__["given_delegations"] = given
    return found


def _delegations_of(change: ChangeRequest) -> list[Delegation]:
    if "given_delegations" not in change.__dict__:
        with_delegations([change])
    found: list[Delegation] = change.__dict__["given_delegations"]
    return found


def kind_of(change: ChangeRequest) -> DocumentKind:
    """Return the kind of document that a change is of."""
    return documents.get(change.kind)


def standing_of(change: ChangeRequest) -> Standing:
    """Return all of a change that the rules look at."""
    delegates = voting.name_delegates(
        author_id=change.author_id,
        editor_id=change.editor_id,
        opened_at=change.created_at,
        delegations=_delegations_of(change),
    )
    return Standing(
        state=ChangeState(change.state),
        digest=change.digest,
        base_digest=change.base_digest,
        rehearsal_digest=change.rehearsal_digest,
        needs_rehearsal=change.needs_rehearsal,
        kind=change.kind,
        document_key=change.document_key,
        quorum=kind_of(change).quorum[RiskLevel(change.risk)],
        expires_at=change.expires_at,
        barred=voting.barred_people(
            author_id=change.author_id, editor_id=change.editor_id, delegates=delegates
        ),
        reviews=tuple(
            GivenReview(
                reviewer_id=str(one.reviewer.public_id),
                choice=ReviewChoice(one.choice),
                roles=frozenset(Role(role) for role in one.roles),
            )
            for one in reviews_of(change)
        ),
    )


def eligible_standing(standing: Standing) -> Standing:
    """Return how a change stands with only the approvals of people still eligible now."""
    ids = [one.reviewer_id for one in standing.reviews]
    return voting.still_eligible(standing=standing, authorities=authorities_of(ids))


def digest_in_force(change: ChangeRequest) -> tuple[int, str]:
    """Return number and digest of the version in force of a change's document; 0 and empty."""
    return present_version(change.kind, change.document_key)[:2]


def present_version(kind: str, key: str) -> tuple[int, str, dict[str, Json] | None]:
    """Return number, digest and document of the version in force; 0, empty and None for none."""
    return as_present(documents.get(kind).rows.present(key), kind=kind)


def as_present(
    found: tuple[int, Mapping[str, Json]] | None, *, kind: str
) -> tuple[int, str, dict[str, Json] | None]:
    """Return what ``present_version`` does of a row that was read with others."""
    if found is None:
        return 0, "", None
    number, document = found
    return number, rules.document_digest(kind=kind, document=document), dict(document)


def check_readable(authority: Authority) -> None:
    """Refuse whoever may not know of change requests.

    Raises:
        NotFoundError: As for a change request that is not there.
    """
    if not may(authority, Capability.CHANGE_READ):
        raise not_found()


def not_found() -> NotFoundError:
    """Return the one answer for what is not there and what may not be seen."""
    return NotFoundError(_("There is no such change request."), code="change.not_found")


def get_change(*, authority: Authority, change_id: UUID) -> ChangeRequest:
    """Return one change request with its reviews.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
    """
    return _get_change(authority, with_reviews(_of_id(change_id)))


def get_without_reviews(*, authority: Authority, change_id: UUID) -> ChangeRequest:
    """Return the change request of ``get_change`` for who reads the reviews with something else.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
    """
    return _get_change(authority, _of_id(change_id))


def _of_id(change_id: UUID) -> QuerySet[ChangeRequest]:
    return ChangeRequest.objects.filter(public_id=change_id)


def _get_change(authority: Authority, rows: QuerySet[ChangeRequest]) -> ChangeRequest:
    check_readable(authority)
    found = rows.first()
    if found is None:
        raise not_found()
    return found


def list_changes(
    *, authority: Authority, states: Collection[ChangeState] = ()
) -> QuerySet[ChangeRequest]:
    """Return the change requests an actor may see, newest first.

    Args:
        authority: What the actor holds.
        states: Only these; empty for all.
    """
    if not may(authority, Capability.CHANGE_READ):
        return ChangeRequest.objects.none()
    # The title alone is read of each text, which may be long.
    listed = ChangeRequest.objects.defer("document").annotate(document_title=F("document__title"))
    rows = with_reviews(listed).order_by("-pk")
    return rows.filter(state__in=states) if states else rows


def changes_by_document(
    *, documents: Collection[tuple[str, str]]
) -> dict[tuple[str, str], list[ChangeRequest]]:
    """Return the change requests of some documents that may still become a version: one query.

    Args:
        documents: Kind and key of each.
    """
    found: dict[tuple[str, str], list[ChangeRequest]] = {each: [] for each in documents}
    rows = ChangeRequest.objects.filter(
        kind__in={kind for kind, _key in found},
        document_key__in={key for _kind, key in found},
        state__in=rules.OPEN,
    )
    for change in rows.order_by("-pk"):
        found.get((change.kind, change.document_key), []).append(change)
    return found


def list_changes_of(*, kind: str, key: str) -> QuerySet[ChangeRequest]:
    """Return the change requests of one document that may still become a version."""
    return ChangeRequest.objects.filter(kind=kind, document_key=key, state__in=rules.OPEN).order_by(
        "-pk"
    )


def list_to_review(*, authority: Authority, now: datetime) -> list[ChangeRequest]:
    """Return the submitted change requests that a person may approve, oldest first."""
    submitted = list_changes(authority=authority, states=[ChangeState.SUBMITTED])
    waiting = with_delegations(submitted.order_by("pk"))
    return [
        change
        for change in waiting
        if voting.may_review(standing=standing_of(change), authority=authority, now=now).allowed
    ]


def count_by_state(*, authority: Authority) -> dict[str, int]:
    """Return how many change requests stand in each state that has any."""
    if not may(authority, Capability.CHANGE_READ):
        return {}
    rows = ChangeRequest.objects.order_by().values_list("state").annotate(count=Count("pk"))
    return dict(rows)


def count_written(*, authority: Authority) -> int:
    """Return how many change requests an actor opened."""
    return list_changes(authority=authority).filter(author_id=authority.actor.id).count()


def list_comments(*, change: ChangeRequest) -> list[ReviewComment]:
    """Return the comments on a change, oldest first; a comment is named by its place here."""
    return list(comments_on(change))


def comments_on(change: ChangeRequest) -> QuerySet[ReviewComment]:
    """Return the rows of ``list_comments``."""
    rows = ReviewComment.objects.filter(change=change)
    return rows.select_related("author", "resolved_by").order_by("pk")


def list_void_reviews(*, change: ChangeRequest) -> list[Review]:
    """Return the reviews of a change that no longer count, oldest first."""
    return [one for one in all_reviews(change) if one.voided_at is not None]


def all_reviews(change: ChangeRequest) -> QuerySet[Review]:
    """Return the reviews of a change, those that no longer count too, oldest first."""
    return Review.objects.filter(change=change).select_related("reviewer").order_by("pk")


def give_reviews(
    change: ChangeRequest, *, reviews: Iterable[Review], given: Iterable[Delegation]
) -> None:
    """Give a change what ``with_reviews`` and ``with_delegations`` do, of rows at hand.

    Args:
        change: The change.
        reviews: All its reviews.
        given: What its author and editor ever handed over.
    """
    change.__dict__["standing_reviews"] = [one for one in reviews if one.voided_at is None]
    change.__dict__["given_delegations"] = list(given)


def find_refused_alike(change: ChangeRequest) -> ChangeRequest | None:
    """Return a change of the same text, on the same version, that was refused for good."""
    return (
        ChangeRequest.objects.filter(
            state=ChangeState.REFUSED,
            kind=change.kind,
            document_key=change.document_key,
            digest=change.digest,
            base_digest=change.base_digest,
        )
        .exclude(pk=change.pk)
        .order_by("-pk")
        .first()
    )


def list_drafts(*, change: ChangeRequest) -> list[Any]:
    """Return the history rows of a change at which its text came or changed, newest first."""
    return drafts_among(history_of(change))


def history_of(change: ChangeRequest) -> QuerySet[Any]:
    """Return how a change stood after each act on it, oldest first."""
    rows: QuerySet[Any] = ChangeRequest.history.filter(id=change.pk).order_by("history_id")
    return rows


def drafts_among(rows: Iterable[Any]) -> list[Any]:
    """Return those that ``list_drafts`` finds among the rows of a change's history."""
    return [
        row
        for before, row in pairwise([None, *rows])
        if before is None or before.digest != row.digest
    ][::-1]


def can_rehearse(kind: DocumentKind) -> bool:
    """Return whether a change of this kind can be rehearsed on anything, and so has to be."""
    return kind.can_rehearse is not None and kind.can_rehearse()


def risk_of(*, kind: DocumentKind, purpose: ChangePurpose, document: Json, base: Json) -> RiskLevel:
    """Return the risk of a change: the higher of what stands in force and what would.

    A text that is not valid says nothing of its risk, so it counts as critical until it is.
    """
    texts = [one for one in (document, base) if one is not None]
    if purpose is not ChangePurpose.RETIREMENT and kind.validate(document):
        return RiskLevel.CRITICAL
    try:
        return rules.highest(kind.risk(one) for one in texts)
    except InvalidInputError:
        return RiskLevel.CRITICAL
