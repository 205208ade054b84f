"""Approve a text, ask for changes in it, or comment on it."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from governance.access.types import Authority
from governance.ledger.services import one_act
from governance.reviews import entries, voting
from governance.reviews.models import ChangeRequest, Review, ReviewComment
from governance.reviews.rules import check_verdict
from governance.reviews.selectors import standing_of
from governance.reviews.services.locked import lock_change, move, record
from governance.reviews.types import Ballot, ChangeState, ReviewChoice, Standing
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.errors import FieldError, InvalidInputError, NotPermittedError

MAX_COMMENT = 5000


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
    change.reviews.filter(reviewer_id=person, voided_at__isnull=True).update(voided_at=now)
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
            "step_up": {"at": rfc3339(proof.at), "method": proof.method} if proof else None,
        },
    )


@one_act()
def comment(
    *, actor: Actor, now: datetime, change_id: UUID, text: str, place: str = ""
) -> ReviewComment:
    """Say something about the text of a change as it stands.

    Args:
        actor: Who says it; a person who may read it.
        now: When, UTC.
        change_id: Public id of the change.
        text: What.
        place: What part it is about, such as ``Row 13``; empty for all of it.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
        NotPermittedError: An AI agent or the system comments.
        InvalidInputError: There is no text, or too much.
    """
    change, authority = lock_change(actor=actor, change_id=change_id)
    person = authority.actor.pk
    if not authority.actor.is_human or person is None:
        raise NotPermittedError(_("Only people comment."), code="change.not_a_person")
    words = text.strip()
    if not 0 < len(words) <= MAX_COMMENT:
        message = _("Write between 1 and %(most)d characters.") % {"most": MAX_COMMENT}
        raise InvalidInputError(message, errors=[FieldError("text", "length", message)])
    made = ReviewComment.objects.create(
        change=change,
        author_id=person,
        place=place[:200],
        text=words,
        digest=change.digest,
        at=now,
    )
    payload = {"text": words, "place": made.place}
    record(change, actor=actor, now=now, kind=entries.COMMENTED, payload=payload)
    return made
