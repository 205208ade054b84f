"""Hold a request for a while, visibly; it stops nobody else from voting."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from governance.approvals import entries, rules
from governance.approvals.models import ApprovalRequest
from governance.approvals.selectors import is_claimed, standing_of
from governance.approvals.services.locked import check_state, lock_visible, record
from governance.approvals.services.timing import next_turn_at
from governance.approvals.types import ApprovalState
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.errors import ConflictError
from orchestra.core.locking import compare_and_set


def claim_request(*, actor: Actor, now: datetime, request_id: UUID) -> ApprovalRequest:
    """Hold a request for the next minutes; whoever holds it already holds it longer.

    Raises:
        NotFoundError: There is no such request, or the actor may not know of it.
        NotPermittedError: The actor may not vote on it.
        ConflictError: It has ended, or another person holds it.
    """
    with one_act():
        request, authority = lock_visible(actor=actor, public_id=request_id)
        verdict = rules.may_vote(standing=standing_of(request), authority=authority, now=now)
        rules.check_verdict(verdict, state=ApprovalState(request.state))
        if is_claimed(request, now) and request.claimed_by_id != authority.actor.pk:
            raise ConflictError(
                _("Another person holds this approval until %(until)s.")
                % {"until": f"{request.claimed_until_at:%H:%M} UTC"},
                code="approval.claimed",
            )
        until = now + timedelta(minutes=settings.ORCHESTRA["CLAIM_MINUTES"])
        set_claim(request, actor, now, claimed_by_id=authority.actor.pk, claimed_until_at=until)
        record(
            request,
            actor=authority.actor,
            now=now,
            kind=entries.CLAIMED,
            payload={"until": rfc3339(until)},
        )
    return request


def release_request(*, actor: Actor, now: datetime, request_id: UUID) -> ApprovalRequest:
    """Give back a request that the actor holds.

    Raises:
        NotFoundError: There is no such request, or the actor may not know of it.
        ConflictError: It has ended, or the actor does not hold it.
    """
    with one_act():
        request, authority = lock_visible(actor=actor, public_id=request_id)
        check_state(request, ApprovalState.PENDING)
        mine = actor.is_human and request.claimed_by_id == authority.actor.pk
        if not (mine and is_claimed(request, now)):
            raise ConflictError(_("You do not hold this approval."), code="approval.not_claimed")
        set_claim(request, actor, now, claimed_by_id=None, claimed_until_at=None)
        record(request, actor=authority.actor, now=now, kind=entries.RELEASED, payload={})
    return request


def set_claim(
    request: ApprovalRequest,
    actor: Actor,
    now: datetime,
    *,
    claimed_by_id: int | None,
    claimed_until_at: datetime | None,
) -> None:
    """Write who holds a locked request until when; a held one is not escalated."""
    compare_and_set(
        request,
        expected={"state": ApprovalState.PENDING, "claimed_by_id": request.claimed_by_id},
        changes={
            "claimed_by_id": claimed_by_id,
            "claimed_until_at": claimed_until_at,
            "next_turn_at": next_turn_at(request, now, claimed_until_at=claimed_until_at),
        },
        actor=actor,
    )
