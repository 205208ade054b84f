"""People approve a text, ask for changes in it, or refuse it for good."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from governance.access import services as access
from governance.access.models import Delegation, User
from governance.access.types import Role
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.reviews import services
from governance.reviews.models import ChangeRequest, Review
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


def test_a_vote_once_its_time_is_over_is_refused(people: People, change: ChangeRequest) -> None:
    ChangeRequest.objects.update(expires_at=NOW)
    change.refresh_from_db()
    error = refused(change, people.officer)
    assert (type(error), error.error_code) == (ConflictError, "change.expired")


def refuse(change: ChangeRequest, person: User, reason: str = "Not like this.") -> ChangeRequest:
    return services.refuse(
        actor=person.as_actor(),
        now=NOW,
        change_id=change.public_id,
        ballot=ballot_of(change, reason),
    )


@pytest.mark.parametrize("state", ["submitted", "changes_asked", "approved", "scheduled"])
def test_a_refusal_ends_it_from_wherever_it_stands(
    people: People, change: ChangeRequest, state: str
) -> None:
    planned = NOW + timedelta(hours=2) if state == "scheduled" else None
    ChangeRequest.objects.update(state=state, publish_at=planned)
    change = refuse(change, people.lead)
    change.refresh_from_db()
    assert (change.state, change.publish_at) == (ChangeState.REFUSED, None)
    entry = LedgerEntry.objects.get(kind="change.refused")
    assert entry.actor_id == str(people.lead.public_id)
    payload = json.loads(bytes(EntryPayload.objects.get(entry=entry).body))
    assert (payload["reason"], payload["digest"]) == ("Not like this.", change.digest)
    assert (payload["state"], Review.objects.get().choice) == ("refused", "refuse")
    for act in (services.submit, services.withdraw, services.publish):
        with pytest.raises(OrchestraError):
            act(actor=people.owner.as_actor(), now=NOW, change_id=change.public_id)
    with pytest.raises(ConflictError):
        services.save_draft(
            actor=people.author.as_actor(),
            now=NOW,
            change_id=change.public_id,
            document=make_text("again"),
            seen_digest=change.digest,
        )


def test_who_may_not_refuse_and_that_it_takes_a_reason(
    people: People, change: ChangeRequest
) -> None:
    with pytest.raises(InvalidInputError):
        refuse(change, people.lead, " ")
    for person in (people.author, make_person(roles=[Role.SPECIALIST])):
        with pytest.raises(NotPermittedError):
            refuse(change, person)
    change.refresh_from_db()
    assert (change.state, Review.objects.count()) == ("submitted", 0)
    assert not LedgerEntry.objects.filter(kind="change.refused").exists()


def test_refusing_needs_no_fresh_proof(people: People, high: ChangeRequest) -> None:
    ended = services.refuse(
        actor=people.lead.as_actor(),
        now=NOW,
        change_id=high.public_id,
        ballot=Ballot(high.digest, "No."),
    )
    assert ended.state == ChangeState.REFUSED


def test_exactly_the_refused_text_does_not_come_back(people: People, change: ChangeRequest) -> None:
    refuse(change, people.lead)
    again = open_change(people.owner)
    assert again.digest == change.digest
    with pytest.raises(ConflictError) as caught:
        services.submit(actor=people.owner.as_actor(), now=NOW, change_id=again.public_id)
    assert caught.value.error_code == "change.refused_text"
    assert change.label in caught.value.message
    assert submit_change(people.owner, make_text("another")).state == ChangeState.SUBMITTED
    # On another version in force it is another question.
    put_in_force(make_text("between"))
    assert submit_change(people.owner).state == ChangeState.SUBMITTED


def test_a_void_vote_says_why(people: People, high: ChangeRequest) -> None:
    approve(high, people.officer)
    services.ask_for_changes(
        actor=people.officer.as_actor(),
        now=NOW,
        change_id=high.public_id,
        ballot=ballot_of(high, "On second thoughts."),
    )
    author = people.author.as_actor()
    services.submit(actor=author, now=NOW, change_id=high.public_id)
    high.refresh_from_db()
    approve(high, people.lead)
    services.save_draft(
        actor=author,
        now=NOW + timedelta(minutes=9),
        change_id=high.public_id,
        document=make_text("edited", tool="refund"),
        seen_digest=high.digest,
    )
    found = [(one.choice, one.void_cause) for one in Review.objects.order_by("pk")]
    assert found == [
        ("approve", "replaced"),
        ("ask_for_changes", "submitted"),
        ("approve", "edited"),
    ]
    assert Review.objects.order_by("pk").last().voided_at == NOW + timedelta(minutes=9)  # type: ignore[union-attr]


def hand_over(giver: User, delegate: User, **changes: object) -> Delegation:
    given: dict[str, object] = {
        "now": NOW - timedelta(days=2),
        "until_at": NOW + timedelta(days=2),
        "covers": Role.POLICY_OWNER,
    }
    return access.delegate(
        actor=giver.as_actor(),
        delegate_id=delegate.public_id,
        reason="On leave.",
        **{**given, **changes},  # type: ignore[arg-type]
    )


def test_whoever_stands_in_for_the_author_votes_not(people: People, change: ChangeRequest) -> None:
    hand_over(people.author, people.owner)
    error = refused(change, people.owner)
    assert (type(error), error.error_code) == (NotPermittedError, "change.own")
    assert "let you act in their place" in error.message
    assert approve(change, people.officer).state == ChangeState.APPROVED


def test_a_delegation_ended_since_it_was_opened_bars_too(
    people: People, change: ChangeRequest
) -> None:
    given = hand_over(people.author, people.owner)
    access.end_delegation(
        actor=people.author.as_actor(),
        now=NOW + timedelta(minutes=1),
        delegation_id=given.public_id,
    )
    assert refused(change, people.owner).error_code == "change.own"


def test_one_that_was_over_before_bars_nobody(people: People, change: ChangeRequest) -> None:
    given = hand_over(people.author, people.owner)
    access.end_delegation(
        actor=people.author.as_actor(),
        now=NOW - timedelta(days=1),
        delegation_id=given.public_id,
    )
    assert approve(change, people.owner).state == ChangeState.APPROVED


def test_handing_over_after_the_vote_takes_it_from_the_quorum(
    people: People, change: ChangeRequest
) -> None:
    approved = approve(change, people.owner)
    hand_over(people.author, people.owner, now=NOW)
    with pytest.raises(ConflictError) as caught:
        services.publish(actor=people.officer.as_actor(), now=NOW, change_id=approved.public_id)
    assert caught.value.error_code == "change.no_quorum"
