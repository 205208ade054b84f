"""Vote on several equal requests in one act: all of them, or none."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.types import Authority
from governance.approvals.batch import Finding, check_batch
from governance.approvals.models import ApprovalRequest
from governance.approvals.selectors import batch_item_of
from governance.approvals.services.locked import hold_voter, lock_all_visible
from governance.approvals.services.voting import check_vote, vote_on_locked
from governance.approvals.types import Ballot
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotPermittedError,
)
from orchestra.core.fields import uuid7


def vote_batch(
    *, actor: Actor, now: datetime, ballots: Sequence[tuple[UUID, Ballot]]
) -> list[ApprovalRequest]:
    """Cast one vote on each of several requests, in one transaction: all count, or none does.

    Args:
        actor: Who votes; always a person.
        now: The moment of the votes.
        ballots: Public id of each request, and the ballot that carries its own digests.

    Returns:
        The requests, in the order of the ballots.

    Raises:
        NotFoundError: One of them does not exist, or the actor may not know of it.
        ConflictError: Code ``approval.batch_refused``: they are no batch, or one of them
            cannot be voted on; every request and condition is named, and nothing was voted.
    """
    with one_act():
        hold_voter(actor)
        wanted = [request_id for request_id, _ballot in ballots]
        by_id, authority = lock_all_visible(actor=actor, public_ids=wanted)
        requests = [by_id[request_id] for request_id in wanted]
        findings = [
            *_repeated(wanted),
            *check_batch([batch_item_of(request) for request in requests]),
            *_refused(requests, authority, now, ballots),
        ]
        if findings:
            raise _refusal(requests, findings)
        batch = {"batch": str(uuid7()), "batch_size": len(requests)}
        for request, (_request_id, ballot) in zip(requests, ballots, strict=True):
            vote_on_locked(request, authority, now, ballot, batch)
    return requests


def _repeated(wanted: Sequence[UUID]) -> list[Finding]:
    return [
        Finding(index, "batch.repeated", _("It stands in the selection twice."))
        for index, request_id in enumerate(wanted)
        if request_id in wanted[:index]
    ]


def _refused(
    requests: Sequence[ApprovalRequest],
    authority: Authority,
    now: datetime,
    ballots: Sequence[tuple[UUID, Ballot]],
) -> list[Finding]:
    found = []
    for index, (request, (_request_id, ballot)) in enumerate(zip(requests, ballots, strict=True)):
        try:
            check_vote(request, authority, now, ballot)
        except (NotPermittedError, ConflictError, InvalidInputError) as error:
            found.append(Finding(index, error.error_code, error.message))
    return found


def _refusal(requests: Sequence[ApprovalRequest], findings: Sequence[Finding]) -> ConflictError:
    named = [
        (one, requests[one.index].label if one.index is not None else _("The selection"))
        for one in findings
    ]
    why = " ".join(f"{name}: {one.sentence}" for one, name in named)
    return ConflictError(
        _("Nothing was voted. %(why)s") % {"why": why},
        code="approval.batch_refused",
        errors=[
            FieldError(
                "votes" if one.index is None else f"votes[{one.index}]",
                one.code,
                f"{name}: {one.sentence}",
            )
            for one, name in named
        ],
    )
