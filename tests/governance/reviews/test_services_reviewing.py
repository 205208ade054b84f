"""People approve a text, ask for changes in it, and comment on it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.reviews import services
from governance.reviews.models import ChangeRequest, Review, ReviewComment
from governance.reviews.types import Ballot, ChangeState
from orchestra.core.actors import system
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    OrchestraError,
)
from tests.factories.access import make_agent, make_person
from tests.factories.reviews import (
    NOW,
    People,
    approve,
    ballot_of,
    make_text,
    open_change,
    put_in_force,
    submit_change,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def change(people: People) -> ChangeRequest:
    put_in_force()
    return submit_change(people.author)


@pytest.fixture
def high(people: People) -> ChangeRequest:
    put_in_force(make_text(tool="refund"))
    return submit_change(people.author, make_text("new", tool="refund"))


def refused(change: ChangeRequest, person: User, ballot: Ballot | None = None) -> OrchestraError:
    entries = LedgerEntry.objects.count()
    before = (change.state, Review.objects.count())
    with pytest.raises(OrchestraError) as caught:
        services.approve(
            actor=person.as_actor(),
            now=NOW,
            change_id=change.public_id,
            ballot=ballot or ballot_of(change),
        )
    change.refresh_from_db()
    assert (change.state, Review.objects.count()) == before
    assert LedgerEntry.objects.count() == entries
    return caught.value


def test_one_vote_approves_a_low_change_in_one_entry(people: People, change: ChangeRequest) -> None:
    change = services.approve(
        actor=people.officer.as_actor(),
        now=NOW,
        change_id=change.public_id,
        ballot=ballot_of(change, "Read it all."),
    )
    assert change.state == ChangeState.APPROVED
    review = Review.objects.get()
    assert (review.reviewer, review.choice, review.digest) == (
        people.officer,
        "approve",
        change.digest,
    )
    entry = LedgerEntry.objects.get(kind="change.approved")
    said = json.loads(bytes(EntryPayload.objects.get(entry=entry).body))
    assert (said["votes"], said["votes_needed"], said["state"]) == (1, 1, "approved")
    assert (said["digest"], said["reason"]) == (change.digest, "Read it all.")


def test_a_high_change_takes_two_people(people: People, high: ChangeRequest) -> None:
    assert high.risk == "high"
    high = approve(high, people.officer)
    assert high.state == ChangeState.SUBMITTED
    assert refused(high, people.officer).error_code == "change.already_reviewed"
    assert approve(high, people.owner).state == ChangeState.APPROVED


def test_a_critical_change_takes_two_roles(people: People) -> None:
    second = make_person("oda", roles=[Role.COMPLIANCE_OFFICER])
    change = submit_change(people.author, make_text("new", tool="freeze"))
    change = approve(change, people.officer)
    assert refused(change, second).error_code == "change.other_role"
    assert approve(change, people.lead).state == ChangeState.APPROVED


def test_from_high_on_a_reviewer_proves_who_they_are(people: People, high: ChangeRequest) -> None:
    ballot = replace(ballot_of(high), proof=None)
    assert refused(high, people.officer, ballot).error_code == "change.step_up_required"
    old = ballot_of(high, at=NOW - timedelta(minutes=6))
    assert refused(high, people.officer, old).error_code == "change.step_up_required"
    assert approve(high, people.officer).reviews.get().step_up_at == NOW


def test_neither_author_nor_last_editor_approves(people: People) -> None:
    put_in_force()
    change = open_change(people.author)
    services.save_draft(
        actor=people.owner.as_actor(),
        now=NOW,
        change_id=change.public_id,
        document=make_text("theirs"),
        seen_digest=change.digest,
    )
    change = services.submit(actor=people.author.as_actor(), now=NOW, change_id=change.public_id)
    for person in (people.author, people.owner):
        error = refused(change, person)
        assert (type(error), error.error_code) == (NotPermittedError, "change.own")
    assert approve(change, people.officer).state == ChangeState.APPROVED


def test_a_superuser_is_no_exception(people: People, change: ChangeRequest) -> None:
    root = make_person("root", is_superuser=True)
    assert isinstance(refused(change, root), NotFoundError)
    people.author.is_superuser = True
    people.author.save()
    assert refused(change, people.author).error_code == "change.own"


def test_neither_an_agent_nor_the_system_approves(people: People, change: ChangeRequest) -> None:
    agent = make_agent(owner=people.officer, acts_for=people.officer)
    for actor, code in (
        (agent.as_actor(), "change.not_found"),
        (system("sweep"), "change.not_a_person"),
    ):
        with pytest.raises(OrchestraError) as caught:
            services.approve(
                actor=actor, now=NOW, change_id=change.public_id, ballot=ballot_of(change)
            )
        assert caught.value.error_code == code
    assert Review.objects.count() == 0


def test_a_ballot_on_an_older_text_is_refused(people: People, change: ChangeRequest) -> None:
    seen = ballot_of(change)
    services.save_draft(
        actor=people.author.as_actor(),
        now=NOW,
        change_id=change.public_id,
        document=make_text("other"),
        seen_digest=change.digest,
    )
    services.submit(actor=people.author.as_actor(), now=NOW, change_id=change.public_id)
    change.refresh_from_db()
    error = refused(change, people.officer, seen)
    assert (error.status, error.error_code) == (409, "change.stale")
    assert error.data == {"answered": seen.digest, "stands": change.digest}


def test_another_text_than_was_rehearsed_is_not_approved(
    people: People, change: ChangeRequest
) -> None:
    ChangeRequest.objects.update(rehearsal_digest="c" * 64)
    change.refresh_from_db()
    assert refused(change, people.officer).error_code == "change.rehearsal_stale"
    ChangeRequest.objects.update(rehearsal_digest=change.digest)
    assert approve(change, people.officer).state == ChangeState.APPROVED


@pytest.mark.parametrize("approved", [False, True])
def test_changes_may_be_asked_for_also_once_approved(
    people: People, change: ChangeRequest, approved: bool
) -> None:
    if approved:
        change = approve(change, people.officer)
    change = services.ask_for_changes(
        actor=people.lead.as_actor(),
        now=NOW,
        change_id=change.public_id,
        ballot=ballot_of(change, "The reason is missing."),
    )
    assert change.state == ChangeState.CHANGES_ASKED
    assert LedgerEntry.objects.filter(kind="change.changes_asked").count() == 1


def test_changes_are_not_asked_for_without_a_reason(people: People, change: ChangeRequest) -> None:
    with pytest.raises(InvalidInputError):
        services.ask_for_changes(
            actor=people.lead.as_actor(),
            now=NOW,
            change_id=change.public_id,
            ballot=ballot_of(change, " "),
        )
    change.refresh_from_db()
    assert (change.state, Review.objects.count()) == ("submitted", 0)


def test_whoever_approved_may_change_their_mind(people: People, change: ChangeRequest) -> None:
    change = approve(change, people.officer)
    services.ask_for_changes(
        actor=people.officer.as_actor(),
        now=NOW,
        change_id=change.public_id,
        ballot=ballot_of(change, "I overlooked row 2."),
    )
    standing = Review.objects.filter(voided_at__isnull=True)
    assert [one.choice for one in standing] == ["ask_for_changes"]


def test_a_comment_belongs_to_the_text_it_was_made_on(
    people: People, change: ChangeRequest
) -> None:
    made = services.comment(
        actor=people.supervisor.as_actor(),
        now=NOW,
        change_id=change.public_id,
        text=" Who looks at 03:00? ",
        place="Row 1",
    )
    assert (made.text, made.place, made.digest) == ("Who looks at 03:00?", "Row 1", change.digest)
    assert LedgerEntry.objects.filter(kind="change.commented").count() == 1


@pytest.mark.parametrize("text", [" ", "x" * 5001])
def test_an_empty_or_endless_comment_is_refused(
    people: People, change: ChangeRequest, text: str
) -> None:
    actor = people.supervisor.as_actor()
    with pytest.raises(InvalidInputError):
        services.comment(actor=actor, now=NOW, change_id=change.public_id, text=text)
    assert ReviewComment.objects.count() == 0


def test_a_vote_once_its_time_is_over_is_refused(people: People, change: ChangeRequest) -> None:
    ChangeRequest.objects.update(expires_at=NOW)
    change.refresh_from_db()
    error = refused(change, people.officer)
    assert (type(error), error.error_code) == (ConflictError, "change.expired")
