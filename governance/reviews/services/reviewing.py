"""Approve a text, ask for changes in it, or refuse it for good."""

from datetime import datetime
from uuid import UUID

from django.conf import settings

from governance.access.types import Authority
from governance.ledger.services import one_act
from governance.reviews import entries, voting
from governance.reviews.models import ChangeRequest, Review
from governance.reviews.rules import check_verdict
from governance.reviews.selectors import standing_of
from governance.reviews.services.locked import lock_change, move, record
from governance.reviews.types import Ballot, ChangeState, ReviewChoice, Standing, VoidCause
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339


@one_act()
def approve(*, actor: Actor, now: datetime, change_id: UUID, ballot: Ballot) -> ChangeRequest:
    """Approve exactly one text; the last vote needed makes the change approved.

    Args:
        actor: Who approves; always a person.
        now: When, UTC.
        change_id: Public id of the change.
        ballot: The digest it answers, the reason, and the proof of who votes.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
        NotPermittedError: This person may not review it, or must first prove who they are.
        ConflictError: It is not under review, the ballot answers another text
            (``change.stale``), or another text was rehearsed.
    """
    change, authority = lock_change(actor=actor, change_id=change_id)
    standing = standing_of(change)
    choice = ReviewChoice.APPROVE
    _check(standing, authority, now, ballot, choice)
    voting.check_step_up(
        standing=standing,
        ballot=ballot,
        now=now,
        valid_seconds=settings.ORCHESTRA["STEP_UP_SECONDS"],
        is_test_allowed=settings.ORCHESTRA["ALLOW_TEST_STEP_UP"],
    )
    after = voting.with_review(standing=standing, authority=authority, choice=choice)
    _store(change, after, authority, now, ballot)
    if voting.has_quorum(after):
        move(
            change,
            actor=actor,
            wanted=ChangeState.APPROVED,
            changes={},
            reason="approved with the votes needed",
        )
    _record(change, entries.APPROVED, after, authority, now, ballot)
    return change


@one_act()
def ask_for_changes(
    *, actor: Actor, now: datetime, change_id: UUID, ballot: Ballot
) -> ChangeRequest:
    """Send a text back to its author, with a reason; also one that is approved or planned.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
        NotPermittedError: This person may not review it.
        ConflictError: It is not under review, or the ballot answers another text.
        InvalidInputError: There is no reason.
    """
    change, authority = lock_change(actor=actor, change_id=change_id)
    standing = standing_of(change)
    choice = ReviewChoice.ASK_FOR_CHANGES
    _check(standing, authority, now, ballot, choice)
    after = voting.with_review(standing=standing, authority=authority, choice=choice)
    _store(change, after, authority, now, ballot)
    move(
        change,
        actor=actor,
        wanted=ChangeState.CHANGES_ASKED,
        changes={"publish_at": None},
        reason="changes asked",
    )
    _record(change, entries.CHANGES_ASKED, after, authority, now, ballot)
    return change


@one_act()
def refuse(*, actor: Actor, now: datetime, change_id: UUID, ballot: Ballot) -> ChangeRequest:
    """Refuse a text for good, with a reason; the change request ends, what is in force stays.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
        NotPermittedError: This person may not review it.
        ConflictError: It is not under review, or the ballot answers another text.
        InvalidInputError: There is no reason.
    """
    change, authority = lock_change(actor=actor, change_id=change_id)
    standing = standing_of(change)
    choice = ReviewChoice.REFUSE
    _check(standing, authority, now, ballot, choice)
    after = voting.with_review(standing=standing, authority=authority, choice=choice)
    _store(change, after, authority, now, ballot)
    move(
        change,
        actor=actor,
        wanted=ChangeState.REFUSED,
        changes={"publish_at": None},
        reason="refused for good",
    )
    _record(change, entries.REFUSED, after, authority, now, ballot)
    return change


def _check(
    standing: Standing,
    authority: Authority,
    now: datetime,
    ballot: Ballot,
    choice: ReviewChoice,
) -> None:
    # Whoever answers an older text is told so first: a later one may have ended the vote.
    voting.check_ballot(standing=standing, ballot=ballot, choice=choice)
    check_verdict(voting.may_review(standing=standing, authority=authority, now=now, choice=choice))


def _store(
    change: ChangeRequest, after: Standing, authority: Authority, now: datetime, ballot: Ballot
) -> None:
    person = authority.actor.pk
    assert person is not None  # noqa: S101  only a person who signed in gets past the checks
    earlier = change.reviews.filter(reviewer_id=person, voided_at__isnull=True)
    earlier.update(voided_at=now, void_cause=VoidCause.REPLACED)
    given = after.reviews[-1]
    Review.objects.create(
        change=change,
        reviewer_id=person,
        choice=given.choice,
        roles=sorted(given.roles),
        reason=ballot.reason.strip(),
        digest=ballot.digest,
        step_up_at=ballot.proof.at if ballot.proof else None,
        at=now,
    )
    change.__dict__.pop("standing_reviews", None)


def _record(
    change: ChangeRequest,
    kind: str,
    after: Standing,
    authority: Authority,
    now: datetime,
    ballot: Ballot,
) -> None:
    proof = ballot.proof
    record(
        change,
        actor=authority.actor,
        now=now,
        kind=kind,
        payload={
            "reason": ballot.reason.strip(),
            "roles": sorted(after.reviews[-1].roles),
            "votes": voting.count_votes(after),
            "votes_needed": after.quorum.votes,
            "rehearsal_digest": after.rehearsal_digest,
            "report_digest": change.report_digest,
            "step_up": {"at": rfc3339(proof.at), "method": proof.method} if proof else None,
        },
    )
