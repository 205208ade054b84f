"""Use a grant, once, for what it allows."""

from datetime import datetime

from django.utils.translation import gettext as _

from governance.access.selectors import authorities_of_people
from governance.approvals import rules
from governance.approvals.models import ApprovalRequest
from governance.approvals.selectors import standing_of
from governance.approvals.services.locked import check_state, end_request, lock_request
from governance.approvals.types import ApprovalState
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, NotPermittedError


def use_grant(
    *, actor: Actor, now: datetime, request_pk: int, action_digest: str | None = None
) -> None:
    """Use a grant for the execution that the running transaction claims.

    The voters are asked about again: only votes of people who may still vote count.

    Args:
        actor: Who executes.
        now: The moment of the act.
        request_pk: Primary key of the request.
        action_digest: Digest of what is about to run, where the caller has it.

    Raises:
        NotFoundError: There is no such request.
        ConflictError: It is not granted, its time to run is over, or another action would run.
        NotPermittedError: Code ``approval.voters_changed``: without the votes of those no
            longer eligible the quorum is missing. Void the request.
    """
    with one_act():
        request = lock_request(pk=request_pk)
        use_locked_grant(actor=actor, now=now, request=request, action_digest=action_digest)


def use_locked_grant(
    *, actor: Actor, now: datetime, request: ApprovalRequest, action_digest: str | None = None
) -> None:
    """Use a grant like ``use_grant`` in the running transaction, which has locked the request.

    Everything is checked before anything is written, so a refusal leaves the transaction whole.
    """
    check_state(request, ApprovalState.GRANTED)
    _check_time_and_action(request, now, action_digest)
    _check_voters(request)
    end_request(
        request,
        actor=actor,
        now=now,
        state=ApprovalState.USED,
        changes={},
        payload={"action_digest": request.action_digest, "nonce": request.nonce},
    )


def _check_time_and_action(
    request: ApprovalRequest, now: datetime, action_digest: str | None
) -> None:
    if request.execute_by_at is None or now >= request.execute_by_at:
        raise ConflictError(
            _("It was approved, but not run in time. It has to be asked again."),
            code="approval.expired",
        )
    if action_digest is not None and action_digest != request.action_digest:
        raise ConflictError(
            _("What would run is not what was approved."),
            code="approval.stale",
            data={"answered": action_digest, "stands": request.action_digest},
        )


def _check_voters(request: ApprovalRequest) -> None:
    standing = standing_of(request)
    # The voters' rows were read just now, after the request was locked.
    authorities = authorities_of_people({vote.voter for vote in request.votes.all()})
    if not rules.has_quorum(rules.still_eligible(standing=standing, authorities=authorities)):
        raise NotPermittedError(
            _("Someone whose vote counted may no longer vote on it. It has to be asked again."),
            code="approval.voters_changed",
        )
