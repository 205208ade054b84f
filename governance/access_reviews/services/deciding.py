"""Confirm a grant or revoke it: one line, one entry, and the grant really goes."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access import services as access
from governance.access.models import AgentIdentity, ApiCredential, Queue, User
from governance.access.services.documents import Of, revoke_document
from governance.access.services.guard import reviewing
from governance.access.types import QueueGrant, Role
from governance.access_reviews import entries, rules
from governance.access_reviews.holdings import read_holdings
from governance.access_reviews.models import AccessReview, AccessReviewItem
from governance.access_reviews.services.common import lock_open, record, require_reviewer
from governance.access_reviews.types import GrantKind, HeldGrant, Holdings, ItemState
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, NotFoundError
from orchestra.core.locking import compare_and_set, lock


@one_act()
def confirm_grant(
    *, actor: Actor, now: datetime, review_id: UUID, item_id: UUID, seen: str = ""
) -> AccessReviewItem:
    """Confirm that a grant is right as it stands.

    Args:
        actor: A reviewer of this review; never about what is theirs.
        now: The moment of the act.
        review_id: Public id of the review.
        item_id: Public id of the line.
        seen: The mark of the grant that the reviewer saw; empty for the frozen one.

    Raises:
        NotPermittedError: The actor is no reviewer of it, or the grant is theirs.
        NotFoundError: There is no such line.
        ConflictError: It was decided, is gone, or changed since it was seen.
    """
    review, item, _holdings, present = _begin(
        actor, now, review_id, item_id, wanted=ItemState.CONFIRMED, seen=seen
    )
    _decide(actor, now, item, ItemState.CONFIRMED, "")
    _record(actor, now, review, item, present, entries.CONFIRMED)
    return item


@one_act()
def revoke_grant(
    *, actor: Actor, now: datetime, review_id: UUID, item_id: UUID, reason: str, seen: str = ""
) -> AccessReviewItem:
    """Revoke a grant: it is taken in the same transaction, at once.

    Args:
        actor: A reviewer of this review; never about what is theirs.
        now: The moment of the act.
        review_id: Public id of the review.
        item_id: Public id of the line.
        reason: Why; kept in the ledger.
        seen: The mark of the grant that the reviewer saw; empty for the frozen one.

    Raises:
        NotPermittedError: The actor is no reviewer of it, or the grant is theirs.
        NotFoundError: There is no such line.
        InvalidInputError: No reason is given.
        ConflictError: It was decided, is gone, or changed since it was seen; or nobody would be
            left who can vote, or who manages access.
    """
    rules.check_reason(reason)
    # The queues are the lock of what is left: of two who revoke the last two voters at once,
    # the second sees what the first did.
    lock(Queue.objects.all())
    review, item, holdings, present = _begin(
        actor, now, review_id, item_id, wanted=ItemState.REVOKED, seen=seen
    )
    _check_left(holdings, present)
    with reviewing(actor):
        if not _TAKE[present.kind](_Taking(actor, now, reason.strip()), present):
            raise ConflictError(_("It is gone already."), code="access_review.gone")
    _decide(actor, now, item, ItemState.REVOKED, reason.strip())
    _record(actor, now, review, item, present, entries.REVOKED)
    return item


def _begin(
    actor: Actor, now: datetime, review_id: UUID, item_id: UUID, *, wanted: ItemState, seen: str
) -> tuple[AccessReview, AccessReviewItem, Holdings, HeldGrant]:
    require_reviewer(actor)
    review = lock_open(review_id)
    rows = lock(AccessReviewItem.objects.filter(review=review, public_id=item_id))
    if not rows:
        raise NotFoundError(_("There is no such line in this review."))
    item = rows[0]
    holdings = read_holdings(now=now)
    present = holdings.find(item.key)
    rules.check_reviewer(
        actor_id=actor.id, reviewer_ids=_reviewers(review), subject_ids=_subjects(item, present)
    )
    rules.check_decision(
        state=ItemState(item.state), wanted=wanted, frozen=item.mark, seen=seen, present=present
    )
    if present is None:  # check_decision refused it; this tells the type checker
        raise NotFoundError(_("There is no such grant."))
    return review, item, holdings, present


def _reviewers(review: AccessReview) -> Collection[str]:
    return {str(one) for one in review.reviewers.values_list("public_id", flat=True)}


def _subjects(item: AccessReviewItem, present: HeldGrant | None) -> Collection[str]:
    """Return whose it is: as the list was frozen, and now."""
    return {*item.subject_ids, *(present.subject_ids if present is not None else ())}


def _check_left(holdings: Holdings, present: HeldGrant) -> None:
    left = rules.queues_left_without(holdings, present.key)
    if left:
        raise ConflictError(
            _("Revoking would leave %(queues)s with nobody who can vote. Name someone first.")
            % {"queues": ", ".join(left)},
            code="access_review.nobody_votes",
            data={"queues": list(left)},
        )
    if rules.is_last_manager(holdings, present.key):
        raise ConflictError(
            _("Revoking would leave nobody who manages access. Name someone first."),
            code="access_review.nobody_manages",
        )


def _decide(
    actor: Actor, now: datetime, item: AccessReviewItem, state: ItemState, reason: str
) -> None:
    compare_and_set(
        item,
        expected={"state": item.state},
        changes={
            "state": state,
            "decided_by": actor.label,
            "decided_at": now,
            "decided_reason": reason,
        },
        actor=actor,
    )


def _record(
    actor: Actor,
    now: datetime,
    review: AccessReview,
    item: AccessReviewItem,
    present: HeldGrant,
    kind: str,
) -> None:
    record(
        actor=actor,
        now=now,
        review=review,
        kind=kind,
        payload={
            "holder": item.holder_label,
            "holder_id": item.holder_id,
            "what": what_of(present),
            "grant": present.kind.value,
            "code": present.code,
            "key": present.key,
            "conflicts": [conflict["kind"] for conflict in item.conflicts],
            "reason": item.decided_reason,
        },
    )


def what_of(one: HeldGrant) -> str:
    """Return what a grant gives, for the ledger's sentence."""
    what = one.code.replace("_queue", "").replace("_", " ")
    if one.kind is GrantKind.TOKEN:
        return f"token {one.code}"
    if one.kind is GrantKind.EVERY_DOCUMENT:
        return f"changing every {what}"
    if one.kind is GrantKind.DOCUMENT:
        return f"changing the {what} {one.place_title}"
    return f"{what} on {one.place_title}" if one.place_title else what


@dataclass(frozen=True, slots=True)
class _Taking:
    actor: Actor
    now: datetime
    reason: str


def _take_role(by: _Taking, one: HeldGrant) -> bool:
    return access.take_role(
        actor=by.actor, now=by.now, user=_user(one), role=Role(one.code), reason=by.reason
    )


def _take_queue(by: _Taking, one: HeldGrant) -> bool:
    return access.revoke_queue(
        actor=by.actor,
        now=by.now,
        user=_user(one),
        queue=_queue(one),
        grant=QueueGrant(one.code),
        reason=by.reason,
    )


def _take_role_queue(by: _Taking, one: HeldGrant) -> bool:
    return access.revoke_role_queue(
        actor=by.actor,
        now=by.now,
        role=Role(one.holder_id),
        queue=_queue(one),
        grant=QueueGrant(one.code),
        reason=by.reason,
    )


def _take_agent_queue(by: _Taking, one: HeldGrant) -> bool:
    agent = AgentIdentity.objects.get(public_id=one.holder_id)
    return access.revoke_agent_queue(
        actor=by.actor, now=by.now, agent=agent, queue=_queue(one), reason=by.reason
    )


def _take_token(by: _Taking, one: HeldGrant) -> bool:
    token = ApiCredential.objects.get(public_id=one.key.removeprefix("token:"))
    taken = access.revoke_token(actor=by.actor, now=by.now, credential=token)
    return taken.revoked_at is not None


def _take_document(by: _Taking, one: HeldGrant) -> bool:
    return revoke_document(
        actor=by.actor,
        now=by.now,
        holder=_user(one) if one.holder_kind == "human" else Role(one.holder_id),
        of=Of(kind=one.code, key=one.place_id),
        reason=by.reason,
    )


_TAKE: Mapping[GrantKind, Callable[[_Taking, HeldGrant], bool]] = {
    GrantKind.ROLE: _take_role,
    GrantKind.PERSON_QUEUE: _take_queue,
    GrantKind.ROLE_QUEUE: _take_role_queue,
    GrantKind.AGENT_QUEUE: _take_agent_queue,
    GrantKind.TOKEN: _take_token,
    GrantKind.DOCUMENT: _take_document,
    GrantKind.EVERY_DOCUMENT: _take_document,
}


def _user(one: HeldGrant) -> User:
    return User.objects.get(public_id=one.holder_id)


def _queue(one: HeldGrant) -> Queue:
    return Queue.objects.get(public_id=one.place_id)
