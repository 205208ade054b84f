"""Who may review, what a ballot must carry, and when a change may be published."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.access.types import Authority, Capability, Delegation, Role, StepUpProof
from governance.reviews import rules, voting
from governance.reviews.types import (
    Ballot,
    ChangeState,
    GivenReview,
    ReviewChoice,
    RiskLevel,
    Standing,
    Verdict,
)
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.factories.access import agent_authority, person_authority
from tests.factories.reviews import NOW, make_standing

APPROVE, ASK = ReviewChoice.APPROVE, ReviewChoice.ASK_FOR_CHANGES
REFUSE = ReviewChoice.REFUSE
OFFICER = person_authority(Role.COMPLIANCE_OFFICER)
ME = OFFICER.actor.id
OTHER = "00000000-0000-7000-8000-000000000002"
MACHINE = Authority(actor=system("reviews"), active=True, roles=frozenset(Role))
AGENT = replace(agent_authority(), roles=frozenset(Role))


def given_by(person: str, *roles: Role, choice: ReviewChoice = APPROVE) -> GivenReview:
    return GivenReview(person, choice, frozenset(roles))


@pytest.mark.parametrize(
    ("changes", "authority", "code"),
    [
        ({}, OFFICER, "change.may_review"),
        ({"state": ChangeState.DRAFT}, OFFICER, "change.state"),
        ({"state": ChangeState.APPROVED}, OFFICER, "change.state"),
        ({"expires_at": NOW}, OFFICER, "change.expired"),
        ({}, AGENT, "change.not_a_person"),
        ({}, MACHINE, "change.not_a_person"),
        ({}, replace(OFFICER, active=False), "access.disabled"),
        ({"barred": {ME: voting.YOU_WROTE}}, OFFICER, "change.own"),
        ({}, person_authority(Role.ADMINISTRATOR), "change.not_your_role"),
        ({}, person_authority(Role.SPECIALIST), "change.not_your_role"),
        ({"reviews": (given_by(ME, Role.COMPLIANCE_OFFICER),)}, OFFICER, "change.already_reviewed"),
        ({"rehearsal_digest": "c" * 64}, OFFICER, "change.rehearsal_stale"),
        ({"needs_rehearsal": True}, OFFICER, "change.not_rehearsed"),
        (
            {"needs_rehearsal": True, "rehearsal_digest": "c" * 64},
            OFFICER,
            "change.rehearsal_stale",
        ),
        ({"needs_rehearsal": True, "rehearsal_digest": "a" * 64}, OFFICER, "change.may_review"),
        ({"rehearsal_digest": "a" * 64}, OFFICER, "change.may_review"),
    ],
)
def test_who_may_approve(changes: dict[str, object], authority: Authority, code: str) -> None:
    verdict = voting.may_review(standing=make_standing(**changes), authority=authority, now=NOW)
    assert (verdict.code, verdict.allowed) == (code, code == "change.may_review")
    assert bool(verdict.sentence) is not verdict.allowed


def test_a_role_that_reviews_other_kinds_does_not_review_this_one() -> None:
    quorum = replace(make_standing().quorum, roles=frozenset({Role.QA_LEAD}))
    verdict = voting.may_review(standing=make_standing(quorum=quorum), authority=OFFICER, now=NOW)
    assert verdict.code == "change.other_role"
    assert verdict.sentence == "It needs the vote of one of these roles: qa lead."


@pytest.mark.parametrize("state", [ChangeState.SUBMITTED, ChangeState.APPROVED, "scheduled"])
def test_changes_may_be_asked_for_until_it_is_published(state: str) -> None:
    standing = make_standing(state=ChangeState(state), rehearsal_digest="c" * 64)
    verdict = voting.may_review(standing=standing, authority=OFFICER, now=NOW, choice=ASK)
    assert verdict.allowed


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "change.may_review"),
        ({"state": ChangeState.CHANGES_ASKED}, "change.may_review"),
        ({"state": ChangeState.APPROVED}, "change.may_review"),
        ({"state": ChangeState.SCHEDULED}, "change.may_review"),
        ({"rehearsal_digest": "c" * 64}, "change.may_review"),
        ({"reviews": (given_by(ME, Role.COMPLIANCE_OFFICER),)}, "change.may_review"),
        ({"state": ChangeState.DRAFT}, "change.state"),
        ({"state": ChangeState.PUBLISHED}, "change.state"),
        ({"state": ChangeState.REFUSED}, "change.state"),
        ({"barred": {ME: voting.YOU_WROTE}}, "change.own"),
    ],
)
def test_an_eligible_reviewer_may_always_refuse(changes: dict[str, object], code: str) -> None:
    standing = make_standing(**changes)
    verdict = voting.may_review(standing=standing, authority=OFFICER, now=NOW, choice=REFUSE)
    assert verdict.code == code


def test_a_second_role_is_not_needed_to_refuse_a_critical_change() -> None:
    standing = make_standing(
        RiskLevel.CRITICAL, reviews=(given_by(OTHER, Role.COMPLIANCE_OFFICER),)
    )
    verdict = voting.may_review(standing=standing, authority=OFFICER, now=NOW, choice=REFUSE)
    assert verdict.allowed


@pytest.mark.parametrize("choice", [ASK, REFUSE])
def test_whoever_says_no_says_why(choice: ReviewChoice) -> None:
    standing = make_standing()
    with pytest.raises(InvalidInputError, match="told to the author"):
        voting.check_ballot(standing=standing, ballot=Ballot(standing.digest, " "), choice=choice)
    voting.check_ballot(standing=standing, ballot=Ballot(standing.digest, "No."), choice=choice)


DAY = timedelta(days=1)


def handed(giver: str, delegate: str, **changes: object) -> Delegation:
    made = Delegation(
        giver_id=giver,
        giver_label="Tomas Reyes",
        delegate_id=delegate,
        covers=Role.POLICY_OWNER,
        begins_at=NOW,
        until_at=NOW + DAY,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("delegations", "named"),
    [
        ([], set()),
        ([handed("author", "c")], {"c"}),
        ([handed("editor", "c"), handed("author", "d")], {"c", "d"}),
        ([handed("somebody", "c")], set()),
        # One step only: what the delegate hands over in turn bars nobody.
        ([handed("author", "c"), handed("c", "d")], {"c"}),
        ([handed("author", "c", begins_at=NOW - 9 * DAY, until_at=NOW - DAY)], set()),
        # Ended since the change was opened: the pen was in that hand.
        ([handed("author", "c", ended_at=NOW + timedelta(hours=1))], {"c"}),
        ([handed("author", "c", covers=Capability.APPROVAL_VOTE)], {"c"}),
    ],
)
def test_who_stands_in_for_whoever_wrote_it(delegations: list[Delegation], named: set[str]) -> None:
    found = voting.name_delegates(
        author_id="author", editor_id="editor", opened_at=NOW, delegations=delegations
    )
    assert found.keys() == named
    for sentence in found.values():
        assert sentence == (
            "Tomas Reyes wrote this and let you act in their place; you may not vote on it."
        )


def test_author_last_editor_and_their_delegates_are_barred() -> None:
    barred = voting.barred_people(author_id="a", editor_id="b", delegates={"c": "For a."})
    assert barred == {"a": voting.YOU_WROTE, "b": voting.YOU_EDITED, "c": "For a."}
    assert voting.barred_people(author_id="a", editor_id="a") == {"a": voting.YOU_WROTE}


def test_a_critical_change_takes_two_different_roles() -> None:
    standing = make_standing(
        RiskLevel.CRITICAL, reviews=(given_by(OTHER, Role.COMPLIANCE_OFFICER),)
    )
    verdict = voting.may_review(standing=standing, authority=OFFICER, now=NOW)
    assert verdict.code == "change.other_role"
    both = person_authority(Role.COMPLIANCE_OFFICER, Role.QA_LEAD)
    assert voting.may_review(standing=standing, authority=both, now=NOW).allowed
    assert voting.has_quorum(voting.with_review(standing=standing, authority=both, choice=APPROVE))


def test_a_later_vote_of_a_person_replaces_theirs() -> None:
    standing = make_standing(reviews=(given_by(ME, Role.COMPLIANCE_OFFICER),))
    after = voting.with_review(standing=standing, authority=OFFICER, choice=ASK)
    assert after.reviews == (given_by(ME, Role.COMPLIANCE_OFFICER, choice=ASK),)
    assert not voting.has_quorum(after)


people = st.lists(
    st.tuples(st.sampled_from(["p", "q", "r"]), st.sampled_from(list(ReviewChoice))), max_size=6
)


@given(people, st.sampled_from(list(RiskLevel)))
def test_the_quorum_counts_people_once_and_a_refusal_stops_it(
    votes: list[tuple[str, ReviewChoice]], risk: RiskLevel
) -> None:
    standing = make_standing(risk)
    for person, choice in votes:
        standing = voting.with_review(
            standing=standing,
            authority=person_authority(Role.COMPLIANCE_OFFICER, Role.QA_LEAD, person_id=person),
            choice=choice,
        )
    latest = dict(votes)
    approving = [person for person, choice in latest.items() if choice is APPROVE]
    assert len(standing.reviews) == len(latest)
    assert voting.has_quorum(standing) is (
        len(approving) == len(latest) and len(approving) >= standing.quorum.votes
    )


def approved(**changes: object) -> Standing:
    standing = make_standing(reviews=(given_by(OTHER, Role.COMPLIANCE_OFFICER),), **changes)
    return replace(standing, state=ChangeState.APPROVED)


@pytest.mark.parametrize(
    ("standing", "present", "code"),
    [
        (approved(), "b" * 64, "change.may_publish"),
        (replace(approved(), state=ChangeState.SCHEDULED), "b" * 64, "change.may_publish"),
        (make_standing(), "b" * 64, "change.state"),
        (approved(expires_at=NOW), "b" * 64, "change.expired"),
        (approved(), "d" * 64, "change.base_moved"),
        (approved(), "", "change.base_moved"),
        (approved(base_digest=""), "", "change.may_publish"),
        (replace(approved(), reviews=()), "b" * 64, "change.no_quorum"),
        (approved(rehearsal_digest="c" * 64), "b" * 64, "change.rehearsal_stale"),
        (approved(needs_rehearsal=True), "b" * 64, "change.not_rehearsed"),
        (approved(rehearsal_digest="a" * 64), "b" * 64, "change.may_publish"),
    ],
)
def test_when_a_change_may_be_published(standing: Standing, present: str, code: str) -> None:
    verdict = voting.may_publish(standing=standing, present_digest=present, now=NOW)
    assert (verdict.code, verdict.allowed) == (code, code == "change.may_publish")


@pytest.mark.parametrize(
    ("authority", "kept"),
    [
        (person_authority(Role.COMPLIANCE_OFFICER, person_id=OTHER), 1),
        (person_authority(Role.QA_LEAD, person_id=OTHER), 0),
        (person_authority(Role.COMPLIANCE_OFFICER, person_id=OTHER, active=False), 0),
        (None, 0),
    ],
)
def test_only_votes_of_people_still_eligible_count(authority: Authority | None, kept: int) -> None:
    authorities = {OTHER: authority} if authority else {}
    found = voting.still_eligible(standing=approved(), authorities=authorities)
    assert len(found.reviews) == kept


def test_a_vote_of_somebody_who_edited_afterwards_does_not_count() -> None:
    standing = approved(barred={OTHER: voting.YOU_EDITED})
    authorities = {OTHER: person_authority(Role.COMPLIANCE_OFFICER, person_id=OTHER)}
    assert voting.still_eligible(standing=standing, authorities=authorities).reviews == ()


def test_a_ballot_answers_the_text_that_stands() -> None:
    standing = make_standing()
    voting.check_ballot(standing=standing, ballot=Ballot("a" * 64), choice=APPROVE)
    with pytest.raises(ConflictError) as caught:
        voting.check_ballot(standing=standing, ballot=Ballot("e" * 64), choice=APPROVE)
    assert caught.value.error_code == "change.stale"
    assert caught.value.data == {"answered": "e" * 64, "stands": "a" * 64}


def test_changes_are_asked_for_with_a_reason() -> None:
    ballot = Ballot("a" * 64, reason=" ")
    voting.check_ballot(standing=make_standing(), ballot=ballot, choice=APPROVE)
    with pytest.raises(InvalidInputError) as caught:
        voting.check_ballot(standing=make_standing(), ballot=ballot, choice=ASK)
    assert [(one.field, one.code) for one in caught.value.errors] == [("reason", "required")]


@pytest.mark.parametrize("risk", RiskLevel)
@pytest.mark.parametrize(
    ("method", "age", "is_test_allowed", "fresh"),
    [
        ("password", 0, False, True),
        ("otp", 300, False, True),
        ("otp", 301, False, False),
        ("test", 0, True, True),
        ("test", 0, False, False),
        ("", 0, True, False),
    ],
)
def test_high_and_critical_ask_who_votes(
    risk: RiskLevel,
    method: str,
    age: int,
    is_test_allowed: bool,
    fresh: bool,
) -> None:
    proof = StepUpProof(at=NOW - timedelta(seconds=age), method=method) if method else None
    needed = risk in {RiskLevel.HIGH, RiskLevel.CRITICAL}

    def check() -> None:
        voting.check_step_up(
            standing=make_standing(risk),
            ballot=Ballot("a" * 64, proof=proof),
            now=NOW,
            valid_seconds=300,
            is_test_allowed=is_test_allowed,
        )

    if needed and not fresh:
        with pytest.raises(NotPermittedError) as caught:
            check()
        assert caught.value.error_code == "change.step_up_required"
    else:
        check()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("change.state", ConflictError),
        ("change.base_moved", ConflictError),
        ("change.own", NotPermittedError),
        ("change.not_your_role", NotPermittedError),
    ],
)
def test_a_refusal_becomes_its_error(code: str, error: type[Exception]) -> None:
    verdict = Verdict(allowed=False, code=code, sentence="No.")
    with pytest.raises(error, match=r"^No\.$"):
        rules.check_verdict(verdict)
    rules.check_verdict(voting.MAY_REVIEW)


def test_an_agent_that_would_hold_every_role_still_only_reads() -> None:
    actor = Actor(kind=ActorKind.AGENT, id="x", label="X", pk=3)
    agent = Authority(actor=actor, active=True, roles=frozenset(Role))
    for choice in ReviewChoice:
        verdict = voting.may_review(
            standing=make_standing(), authority=agent, now=NOW, choice=choice
        )
        assert verdict.code == "change.not_a_person"
