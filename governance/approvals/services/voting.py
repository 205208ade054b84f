"""Cast a person's vote, and end the request when the votes suffice."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from governance.access.types import Authority
from governance.approvals import entries, rules
from governance.approvals.handed import is_handed_to
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.selectors import standing_of
from governance.approvals.services.handing import end_hand_over_by_vote
from governance.approvals.services.locked import (
    APPROVALS,
    end_request,
    hold_voter,
    lock_visible,
    record,
)
from governance.approvals.services.timing import NOBODY_HOLDS
from governance.approvals.services.vigilance_judging import end_test
from governance.approvals.types import VIGILANCE, ApprovalState, Ballot, Standing, VoteChoice
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.crash import crash_point


def cast_vote(*, actor: Actor, now: datetime, request_id: UUID, ballot: Ballot) -> ApprovalRequest:
    """Cast one vote on what the voter saw; the last vote needed grants the request.

    Args:
        actor: Who votes; always a person.
        now: The moment of the vote.
        request_id: Public id of the request.
        ballot: The choice, both digests it answers, the reason, the proof of who votes.

    Raises:
        NotFoundError: There is no such request, or the actor may not know of it.
        NotPermittedError: This person may not vote on it, or must first prove who they are.
        ConflictError: It has ended, its deadline has passed, or the ballot answers another
            action or view (``approval.stale``).
        InvalidInputError: A rejection carries no reason, or not which kind of reason it is.
    """
    with one_act():
        held = hold_voter(actor)
        request, authority = lock_visible(actor=actor, held=held, public_id=request_id)
        check_vote(request, authority, now, ballot)
        vote_on_locked(request, authority, now, ballot)
    return request


def vote_on_locked(
    request: ApprovalRequest,
    authority: Authority,
    now: datetime,
    ballot: Ballot,
    batch: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Cast a vote that was checked on a request that is locked.

    Args:
        request: The locked request.
        authority: What the voter holds.
        now: The moment of the vote.
        ballot: What the voter says.
        batch: For the entry, where it is one of several votes.
    """
    standing = standing_of(request)
    after = rules.with_vote(standing=standing, authority=authority, choice=ballot.choice)
    # First in line after the commit, before any doorbell.
    transaction.on_commit(lambda: crash_point("after-vote-commit-before-doorbell"))
    _store(request, authority, now, ballot, batch)
    crash_point("during-vote-commit")
    _close(request, after, authority, now, ballot)
    crash_point("before-vote-commit")


def check_vote(
    request: ApprovalRequest, authority: Authority, now: datetime, ballot: Ballot
) -> None:
    """Refuse a vote on a locked request; the errors are those of ``cast_vote``."""
    standing = standing_of(request)
    verdict = rules.may_vote(standing=standing, authority=authority, now=now, choice=ballot.choice)
    rules.check_verdict(verdict, state=standing.state)
    rules.check_ballot(standing=standing, ballot=ballot)
    rules.check_step_up(
        standing=standing,
        proof=ballot.proof,
        now=now,
        valid_seconds=settings.ORCHESTRA["STEP_UP_SECONDS"],
        is_test_allowed=settings.ORCHESTRA["ALLOW_TEST_STEP_UP"],
    )


def _store(
    request: ApprovalRequest,
    authority: Authority,
    now: datetime,
    ballot: Ballot,
    batch: Mapping[str, Any],
) -> None:
    proof = ballot.proof
    roles = sorted(rules.usable_roles(standing_of(request), authority))
    voter_pk = authority.actor.pk
    assert voter_pk is not None  # noqa: S101  only a person who signed in gets past the checks
    ApprovalVote.objects.create(
        request=request,
        voter_id=voter_pk,
        choice=ballot.choice,
        roles=roles,
        reason=ballot.reason,
        reason_code=_code(ballot),
        action_digest=ballot.action_digest,
        view_digest=ballot.view_digest,
        step_up_at=proof.at if proof else None,
        at=now,
    )
    record(
        request,
        actor=authority.actor,
        now=now,
        kind=entries.VOTED,
        payload={
            "choice": str(ballot.choice),
            "reason": ballot.reason,
            "reason_code": _code(ballot),
            "roles": roles,
            "action_digest": ballot.action_digest,
            "view_digest": ballot.view_digest,
            "nonce": request.nonce,
            "step_up": {"at": rfc3339(proof.at), "method": proof.method} if proof else None,
            "was_handed_over": is_handed_to(request, voter_pk, now),
            **batch,
        },
    )


def _close(
    request: ApprovalRequest, after: Standing, authority: Authority, now: datetime, ballot: Ballot
) -> None:
    """End the request where the votes suffice; whoever was handed it has done their part."""
    if request.subject_kind == VIGILANCE:
        end_test(request, now=now, choice=ballot.choice)
        return
    state = rules.tally(after)
    if state is ApprovalState.PENDING:
        end_hand_over_by_vote(request, actor=authority.actor, now=now)
    else:
        _end(request, after, state, now, ballot)


def _code(ballot: Ballot) -> str:
    is_kept = ballot.choice is VoteChoice.REJECT and ballot.reason_code is not None
    return str(ballot.reason_code) if is_kept else ""


def _end(
    request: ApprovalRequest,
    standing: Standing,
    state: ApprovalState,
    now: datetime,
    ballot: Ballot,
) -> None:
    is_granted = state is ApprovalState.GRANTED
    minutes = settings.ORCHESTRA["EXECUTION_DEADLINE_MINUTES"]
    execute_by_at = now + timedelta(minutes=minutes) if is_granted else None
    reason = "" if is_granted else ballot.reason
    end_request(
        request,
        actor=APPROVALS,
        now=now,
        state=state,
        changes={
            "decided_at": now,
            "execute_by_at": execute_by_at,
            "ended_reason": reason[:500],
            **NOBODY_HOLDS,
        },
        payload={
            "reason": reason,
            "reason_code": _code(ballot),
            "votes": sum(vote.choice is VoteChoice.APPROVE for vote in standing.votes),
            "votes_needed": standing.votes_needed,
            "execute_by_at": rfc3339(execute_by_at) if execute_by_at else None,
        },
    )
