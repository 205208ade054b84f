"""Who may vote, what a ballot must carry, when the votes suffice."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.access.types import Authority, QueueGrant, Role
from governance.approvals import rules
from governance.approvals.types import ApprovalState, CastVote, Standing, VoteChoice
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.factories.access import agent_authority, person_authority
from tests.factories.approvals import (
    DEADLINE_AT,
    REQUESTER,
    make_ballot,
    make_proof,
    make_standing,
    make_vote,
)

HERE = 7
NOW = DEADLINE_AT - timedelta(minutes=12)
ME = "00000000-0000-7000-8000-000000000001"
OTHER = "00000000-0000-7000-8000-000000000002"
VOTE = {HERE: [QueueGrant.VOTE]}
SUPERVISOR = person_authority(Role.SUPERVISOR, grants=VOTE, person_id=ME)
APPROVE, REJECT = VoteChoice.APPROVE, VoteChoice.REJECT


def ask(standing: Standing, authority: Authority = SUPERVISOR, **more: Any) -> tuple[bool, str]:
    verdict = rules.may_vote(standing=standing, authority=authority, now=NOW, **more)
    assert verdict.allowed is (verdict.sentence == "")
    return verdict.allowed, verdict.code


def test_whoever_holds_role_and_grant_may_vote() -> None:
    assert ask(make_standing()) == (True, "approval.may_vote")


@pytest.mark.parametrize(
    ("changes", "code", "sentence"),
    [
        ({"requester_id": ME}, "approval.own_request", "You asked for it."),
        ({"barred": {ME: rules.YOU_EDITED}}, "approval.barred", "You edited it last."),
        (
            {"barred": {ME: rules.YOU_OWN_THE_AGENT}},
            "approval.barred",
            "You own the agent that asks.",
        ),
        (
            {"barred": {ME: rules.THE_AGENT_ACTS_FOR_YOU}},
            "approval.barred",
            "The agent that asks acts for you.",
        ),
        (
            {"queue_id": 8},
            "approval.not_your_queue",
            "It is not in a queue that you approve for.",
        ),
        (
            {"roles": frozenset({"compliance_officer", "specialist"})},
            "approval.other_role",
            "It needs the vote of a compliance officer or a specialist.",
        ),
        (
            {"votes_needed": 2, "votes": (make_vote(ME),)},
            "approval.already_voted",
            "You already voted; the next vote needs another person.",
        ),
        (
            {"votes_needed": 2, "distinct_roles": True, "votes": (make_vote(OTHER),)},
            "approval.other_role",
            "The next vote needs another role than yours.",
        ),
        (
            {"deadline_at": NOW},
            "approval.expired",
            "Its deadline has passed; nothing ran.",
        ),
        ({"state": ApprovalState.GRANTED}, "approval.ended", "It was already approved."),
        ({"state": ApprovalState.REJECTED}, "approval.ended", "It was already rejected."),
        (
            {"state": ApprovalState.EXPIRED},
            "approval.ended",
            "It expired without a decision; nothing ran.",
        ),
        ({"state": ApprovalState.VOIDED}, "approval.ended", "It was voided; nothing ran."),
        (
            {"state": ApprovalState.USED},
            "approval.ended",
            "It was already approved, and what it allowed was started.",
        ),
    ],
)
def test_every_reason_has_its_sentence(changes: dict[str, Any], code: str, sentence: str) -> None:
    verdict = rules.may_vote(standing=make_standing(**changes), authority=SUPERVISOR, now=NOW)
    assert (verdict.allowed, verdict.code, verdict.sentence) == (False, code, sentence)


@pytest.mark.parametrize(
    ("authority", "code"),
    [
        (agent_authority(queues=[HERE]), "approval.not_a_person"),
        (
            Authority(
                actor=replace(agent_authority().actor, id=ME),
                active=True,
                roles=frozenset({Role.SUPERVISOR}),
                queue_grants={HERE: frozenset(QueueGrant)},
            ),
            "approval.not_a_person",
        ),
        (
            Authority(actor=system("sweep"), active=True, roles=frozenset()),
            "approval.not_a_person",
        ),
        (person_authority(Role.SUPERVISOR, grants=VOTE, active=False), "access.disabled"),
        (person_authority(Role.HUMAN_AGENT, grants=VOTE), "approval.not_your_role"),
        (person_authority(Role.ADMINISTRATOR, grants=VOTE), "approval.not_your_role"),
        (
            person_authority(Role.SUPERVISOR, grants={HERE: [QueueGrant.WORK]}),
            "approval.not_your_queue",
        ),
        (person_authority(Role.COMPLIANCE_OFFICER), "approval.not_your_queue"),
    ],
)
def test_who_may_never_vote(authority: Authority, code: str) -> None:
    assert ask(make_standing(), authority) == (False, code)
    assert ask(make_standing(), authority, choice=REJECT) == (False, code)


def test_the_last_moment_counts_and_the_deadline_does_not() -> None:
    just = make_standing(deadline_at=NOW + timedelta(microseconds=1))
    assert ask(just) == (True, "approval.may_vote")


def test_refusing_needs_no_other_role() -> None:
    standing = make_standing(votes_needed=2, distinct_roles=True, votes=(make_vote(OTHER),))
    assert ask(standing, choice=REJECT) == (True, "approval.may_vote")


def test_a_person_with_two_roles_fills_the_one_that_is_missing() -> None:
    both = person_authority(Role.SUPERVISOR, Role.COMPLIANCE_OFFICER, grants=VOTE, person_id=ME)
    asked = make_standing(
        votes_needed=2,
        distinct_roles=True,
        roles=frozenset({"supervisor", "compliance_officer"}),
        votes=(make_vote(OTHER, ["supervisor"]),),
    )
    assert ask(asked, both) == (True, "approval.may_vote")
    after = rules.with_vote(standing=asked, authority=both, choice=APPROVE)
    assert rules.tally(after) is ApprovalState.GRANTED
    # The other way round: who voted first with both roles leaves room for a supervisor.
    earlier = replace(asked, votes=(make_vote(OTHER, ["supervisor", "compliance_officer"]),))
    assert ask(earlier) == (True, "approval.may_vote")
    after = rules.with_vote(standing=earlier, authority=SUPERVISOR, choice=APPROVE)
    assert rules.tally(after) is ApprovalState.GRANTED


votes = st.lists(
    st.builds(
        lambda voter, roles, choice: CastVote(voter, choice, frozenset(roles)),
        st.sampled_from("abcdef"),
        st.sets(st.sampled_from(["supervisor", "specialist", "compliance_officer"]), min_size=1),
        st.sampled_from([APPROVE, APPROVE, APPROVE, REJECT]),
    ),
    max_size=6,
    unique_by=lambda vote: vote.voter_id,
)


@given(votes, st.integers(1, 4), st.booleans())
def test_tally_says_what_the_words_say(
    cast: list[CastVote],
    needed: int,
    is_distinct: bool,
) -> None:
    standing = make_standing(votes=tuple(cast), votes_needed=needed, distinct_roles=is_distinct)
    approving = [vote for vote in cast if vote.choice is APPROVE]
    if len(approving) < len(cast):
        expected = ApprovalState.REJECTED
    elif (brute_roles(approving) if is_distinct else len(approving)) >= needed:
        expected = ApprovalState.GRANTED
    else:
        expected = ApprovalState.PENDING
    assert rules.tally(standing) is expected


def brute_roles(cast: list[CastVote]) -> int:
    """The most votes that roles of their own can be given to, tried out one by one."""
    roles = sorted({role for vote in cast for role in vote.roles})
    slots: list[str | None] = [*roles, *[None] * len(cast)]
    return (
        max(
            sum(role in vote.roles for vote, role in zip(cast, order, strict=False))
            for order in permutations(slots, len(cast))
        )
        if len(cast) <= 4
        else rules.count_roles(cast)
    )


@given(votes.filter(lambda cast: len(cast) <= 4))
def test_roles_are_matched_as_well_as_they_can_be(cast: list[CastVote]) -> None:
    assert rules.count_roles(cast) == brute_roles(cast)


@given(votes, st.integers(1, 3), st.booleans(), st.sampled_from([APPROVE, REJECT]))
def test_an_allowed_vote_always_brings_the_request_forward(
    cast: list[CastVote],
    needed: int,
    is_distinct: bool,
    choice: VoteChoice,
) -> None:
    standing = make_standing(
        votes=tuple(vote for vote in cast if vote.choice is APPROVE),
        votes_needed=needed,
        distinct_roles=is_distinct,
    )
    if rules.tally(standing) is not ApprovalState.PENDING:
        return
    verdict = rules.may_vote(standing=standing, authority=SUPERVISOR, now=NOW, choice=choice)
    after = rules.with_vote(standing=standing, authority=SUPERVISOR, choice=choice)
    if choice is REJECT:
        assert verdict.allowed
        assert rules.tally(after) is ApprovalState.REJECTED
    elif is_distinct:
        gained = rules.count_roles(after.votes) - rules.count_roles(standing.votes)
        assert verdict.allowed is (gained == 1)
    else:
        assert verdict.allowed


@pytest.mark.parametrize("state", [state for state in ApprovalState if state != "pending"])
def test_what_has_ended_stays_ended(state: ApprovalState) -> None:
    standing = make_standing(state=state, votes=(make_vote(OTHER, choice=REJECT),))
    assert rules.tally(standing) is state


class TestBallot:
    @pytest.mark.parametrize("field", ["action_digest", "view_digest"])
    def test_a_stale_digest_is_a_conflict_with_both(self, field: str) -> None:
        standing = make_standing()
        with pytest.raises(ConflictError) as refused:
            rules.check_ballot(standing=standing, ballot=make_ballot(standing, **{field: "5" * 64}))
        error = refused.value
        assert (error.status, error.error_code) == (409, "approval.stale")
        assert "nothing ran" in error.message
        key = field.removesuffix("_digest")
        assert error.data["answered"][key] == "5" * 64
        assert error.data["stands"] == {
            "action": standing.action_digest,
            "view": standing.view_digest,
        }

    @pytest.mark.parametrize("reason", ["", "  \n"])
    def test_a_rejection_says_why(self, reason: str) -> None:
        standing = make_standing()
        with pytest.raises(InvalidInputError) as refused:
            rules.check_ballot(
                standing=standing, ballot=make_ballot(standing, REJECT, reason=reason)
            )
        assert [one.field for one in refused.value.errors] == ["reason"]
        rules.check_ballot(standing=standing, ballot=make_ballot(standing, reason=reason))

    def test_the_view_digest_is_domain_separated_and_canonical(self) -> None:
        body = b'orchestra.view.v1\n{"a":"\xc3\xa9","b":1}'
        assert rules.view_digest({"b": 1, "a": "é"}) == hashlib.sha256(body).hexdigest()


class TestStepUp:
    def check(self, *, age: float, method: str = "password", is_test_allowed: bool = False) -> None:
        rules.check_step_up(
            standing=make_standing(step_up=True),
            proof=make_proof(NOW - timedelta(seconds=age), method),
            now=NOW,
            valid_seconds=300,
            is_test_allowed=is_test_allowed,
        )

    @pytest.mark.parametrize("age", [-5, 0, 299.9, 300])
    @pytest.mark.parametrize("method", ["password", "otp"])
    def test_a_fresh_proof_is_enough(self, age: float, method: str) -> None:
        self.check(age=age, method=method)

    @pytest.mark.parametrize(
        ("age", "method"),
        [(300.1, "password"), (86400, "otp"), (-5.1, "password"), (0, "test"), (0, "word")],
    )
    def test_another_is_not(self, age: float, method: str) -> None:
        with pytest.raises(NotPermittedError) as refused:
            self.check(age=age, method=method)
        assert refused.value.error_code == "approval.step_up_required"

    def test_none_is_not(self) -> None:
        with pytest.raises(NotPermittedError):
            rules.check_step_up(
                standing=make_standing(step_up=True),
                proof=None,
                now=NOW,
                valid_seconds=300,
                is_test_allowed=True,
            )

    def test_a_test_counts_where_settings_say_so(self) -> None:
        self.check(age=1, method="test", is_test_allowed=True)

    def test_nothing_is_asked_where_the_request_asks_nothing(self) -> None:
        rules.check_step_up(
            standing=make_standing(), proof=None, now=NOW, valid_seconds=300, is_test_allowed=False
        )


class TestStillEligible:
    def still(self, standing: Standing, *authorities: Authority) -> bool:
        held = {one.actor.id: one for one in authorities}
        return rules.has_quorum(rules.still_eligible(standing=standing, authorities=held))

    def granted(self, **changes: Any) -> Standing:
        return make_standing(
            **{"state": ApprovalState.GRANTED, "votes": (make_vote(ME),), **changes}
        )

    def test_nothing_changed(self) -> None:
        assert self.still(self.granted(), SUPERVISOR)

    @pytest.mark.parametrize(
        "now_held",
        [
            person_authority(Role.SUPERVISOR, grants=VOTE, person_id=ME, active=False),
            person_authority(Role.SUPERVISOR, grants={HERE: [QueueGrant.READ]}, person_id=ME),
            person_authority(Role.HUMAN_AGENT, grants=VOTE, person_id=ME),
            person_authority(Role.SPECIALIST, grants=VOTE, person_id=ME),
        ],
    )
    def test_authority_lost_since_the_vote_takes_it_back(self, now_held: Authority) -> None:
        assert not self.still(self.granted(), now_held)

    def test_an_unknown_voter_does_not_count(self) -> None:
        assert not self.still(self.granted())

    def test_one_of_two_is_not_enough(self) -> None:
        standing = self.granted(votes=(make_vote(ME), make_vote(OTHER)), votes_needed=2)
        other = person_authority(Role.SUPERVISOR, grants=VOTE, person_id=OTHER)
        assert self.still(standing, SUPERVISOR, other)
        assert not self.still(standing, SUPERVISOR)

    def test_barred_since_the_vote(self) -> None:
        assert not self.still(self.granted(barred={ME: rules.YOU_EDITED}), SUPERVISOR)


def test_the_requester_is_refused_even_when_nobody_barred_them() -> None:
    person = Actor(kind=ActorKind.HUMAN, id=ME, label="Ines Kaplan", pk=1)
    assert REQUESTER.id != person.id
    assert ask(make_standing(requester_id=person.id)) == (False, "approval.own_request")
    assert ask(make_standing(requester_id=person.id), choice=REJECT)[0] is False
