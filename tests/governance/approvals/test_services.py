"""The life of a request: every act, what it writes, and what it refuses."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import override_settings

from governance.access.models import Queue
from governance.access.types import QueueGrant, Role
from governance.approvals import rules, services
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.selectors import view_of
from governance.approvals.types import ApprovalState, VoteChoice
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import system
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.access import make_agent, make_person, make_supervisor
from tests.factories.approval_acts import REJECT, UNKNOWN, entries, kinds, payload, refuse, vote
from tests.factories.approvals import (
    ASKED_AT,
    CASE_ID,
    DEADLINE_AT,
    VIEW,
    Recorder,
    make_draft,
    make_proof,
    make_request,
)

pytestmark = pytest.mark.django_db


class TestRequest:
    def test_it_binds_action_and_view(self, returns: Queue, recorder: Recorder) -> None:
        request = make_request(returns, roles=("supervisor", "specialist"), votes_needed=2)
        request.refresh_from_db()
        assert request.state == ApprovalState.PENDING
        assert bytes(request.view) == b'{"effect":"Refund $1,126.04 to the credit card","rows":[]}'
        assert view_of(request) == VIEW
        assert request.view_digest == rules.view_digest(VIEW)
        assert request.roles == ["specialist", "supervisor"]
        assert len(request.nonce) == 64
        assert recorder.decided == []
        assert entries() == [("approval.requested", "agent")]
        entry = LedgerEntry.objects.get()
        assert (entry.stream, entry.subject_kind, entry.subject_id) == (
            f"case:{CASE_ID}",
            "approval",
            str(request.public_id),
        )
        written = payload("approval.requested")
        assert written["action_digest"] == request.action_digest
        assert written["view_digest"] == request.view_digest
        assert written["deadline_at"] == "2026-11-19T20:00:00.000000Z"

    def test_two_requests_for_the_same_action_differ_in_their_nonce(self, returns: Queue) -> None:
        assert make_request(returns).nonce != make_request(returns).nonce

    def test_a_person_who_asks_is_barred_whatever_the_draft_says(self, returns: Queue) -> None:
        person = make_supervisor(returns).as_actor()
        barred = {person.id: "", UNKNOWN: rules.YOU_EDITED}
        request = make_request(returns, requester=person, barred=barred)
        assert request.barred == {person.id: rules.YOU_ASKED, UNKNOWN: rules.YOU_EDITED}

    def test_every_fault_is_named_at_once(self, returns: Queue, recorder: Recorder) -> None:
        error = refuse(
            lambda: make_request(
                returns, votes_needed=0, deadline_at=ASKED_AT, roles=("human_agent", "boss")
            ),
            recorder,
        )
        assert isinstance(error, InvalidInputError)
        assert [(one.field, one.code) for one in error.errors] == [
            ("votes_needed", "range"),
            ("deadline_at", "range"),
            ("roles", "never_votes"),
            ("roles", "never_votes"),
        ]

    def test_a_subject_that_nobody_handles_is_a_fault_of_the_set_up(self, returns: Queue) -> None:
        with pytest.raises(LookupError):
            services.request_approval(
                actor=system("t"), now=ASKED_AT, draft=make_draft(returns, subject_kind="nothing")
            )
        assert not ApprovalRequest.objects.exists()


class TestVote:
    def test_one_vote_of_one_grants(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        voter, request = make_supervisor(returns), make_request(returns)
        found = vote(voter, request, now, reason="The order shows it.")
        found.refresh_from_db()
        assert (found.state, found.decided_at) == (ApprovalState.GRANTED, now)
        assert found.execute_by_at == now + timedelta(minutes=10)
        assert recorder.decided == [(request.pk, "granted")]
        assert entries() == [
            ("approval.requested", "agent"),
            ("approval.voted", "human"),
            ("approval.granted", "system"),
        ]
        written = payload("approval.voted")
        assert written["choice"] == "approve"
        assert written["action_digest"] == request.action_digest
        assert written["nonce"] == request.nonce
        assert payload("approval.granted")["votes"] == 1
        stored = ApprovalVote.objects.get()
        assert (stored.voter, stored.roles, stored.reason) == (
            voter,
            ["supervisor"],
            "The order shows it.",
        )

    def test_a_rejection_is_final(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        request = make_request(returns, votes_needed=2)
        vote(make_supervisor(returns), request, now)
        found = vote(make_supervisor(returns), request, now, REJECT, reason="Wrong order.")
        assert (found.state, found.ended_reason) == (ApprovalState.REJECTED, "Wrong order.")
        assert found.execute_by_at is None
        assert recorder.decided == [(request.pk, "rejected")]
        assert kinds() == ["requested", "voted", "voted", "rejected"]
        error = refuse(lambda: vote(make_supervisor(returns, "late"), request, now), recorder)
        assert (error.status, error.error_code) == (409, "approval.ended")

    def test_two_of_two_need_two_people(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        first, request = make_supervisor(returns), make_request(returns, votes_needed=2)
        assert vote(first, request, now).state == ApprovalState.PENDING
        assert recorder.decided == []
        error = refuse(lambda: vote(first, request, now), recorder)
        assert isinstance(error, NotPermittedError)
        assert error.error_code == "approval.already_voted"
        refuse(lambda: vote(first, request, now, REJECT), recorder)
        assert vote(make_supervisor(returns), request, now).state == ApprovalState.GRANTED
        assert recorder.decided == [(request.pk, "granted")]

    def test_distinct_roles(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        request = make_request(returns, votes_needed=2, distinct_roles=True)
        vote(make_supervisor(returns), request, now)
        twin = make_supervisor(returns)
        error = refuse(lambda: vote(twin, request, now), recorder)
        assert error.error_code == "approval.other_role"
        officer = make_person(roles=[Role.COMPLIANCE_OFFICER], grants={returns: [QueueGrant.VOTE]})
        assert vote(officer, request, now).state == ApprovalState.GRANTED

    def test_the_requester_never_votes(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        person = make_supervisor(returns, is_superuser=True)
        request = make_request(returns, requester=person.as_actor())
        for choice in VoteChoice:
            error = refuse(lambda choice=choice: vote(person, request, now, choice), recorder)
            assert isinstance(error, NotPermittedError)
            assert error.error_code == "approval.own_request"

    def test_the_barred_are_told_why(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        owner = make_supervisor(returns)
        request = make_request(returns, barred={str(owner.public_id): rules.YOU_OWN_THE_AGENT})
        error = refuse(lambda: vote(owner, request, now), recorder)
        assert (error.error_code, error.message) == (
            "approval.barred",
            "You own the agent that asks.",
        )

    def test_an_ai_never_votes(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        request, agent = make_request(returns), make_agent(queues=[returns]).as_actor()
        error = refuse(lambda: vote(agent, request, now), recorder)
        assert (error.status, error.error_code) == (403, "approval.not_a_person")
        error = refuse(lambda: vote(system("sweep"), request, now), recorder)
        assert error.error_code == "approval.not_a_person"

    def test_who_may_not_see_it_is_told_it_is_not_there(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        request = make_request(returns)
        for stranger in (
            make_person(roles=[Role.SUPERVISOR]),
            make_supervisor(returns, is_active=False),
            make_person(is_superuser=True),
            make_agent().as_actor(),
        ):
            error = refuse(lambda who=stranger: vote(who, request, now), recorder)
            assert isinstance(error, NotFoundError)

    def test_who_sees_it_without_a_vote_is_told_why(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        request = make_request(returns)
        officer = make_person(roles=[Role.COMPLIANCE_OFFICER])
        error = refuse(lambda: vote(officer, request, now), recorder)
        assert (error.status, error.error_code) == (403, "approval.not_your_queue")

    def test_what_is_not_there_is_not_found(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        request, voter = make_request(returns), make_supervisor(returns)
        request.public_id = returns.public_id
        assert isinstance(refuse(lambda: vote(voter, request, now), recorder), NotFoundError)

    @pytest.mark.parametrize("field", ["action_digest", "view_digest"])
    def test_a_stale_ballot_changes_nothing(
        self, returns: Queue, recorder: Recorder, now: datetime, field: str
    ) -> None:
        request, voter = make_request(returns), make_supervisor(returns)
        error = refuse(lambda: vote(voter, request, now, **{field: "5" * 64}), recorder)
        assert (error.status, error.error_code) == (409, "approval.stale")
        assert vote(voter, request, now).state == ApprovalState.GRANTED

    def test_a_rejection_needs_a_reason(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        request, voter = make_request(returns), make_supervisor(returns)
        error = refuse(lambda: vote(voter, request, now, REJECT, reason=" "), recorder)
        assert [one.field for one in error.errors] == ["reason"]

    def test_at_the_deadline_it_is_too_late(self, returns: Queue, recorder: Recorder) -> None:
        request, voter = make_request(returns), make_supervisor(returns)
        error = refuse(lambda: vote(voter, request, DEADLINE_AT), recorder)
        assert (error.status, error.error_code) == (409, "approval.expired")

    def test_step_up(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        request, voter = make_request(returns, step_up=True), make_supervisor(returns)
        for proof in (None, make_proof(now - timedelta(seconds=301), "password")):
            error = refuse(lambda proof=proof: vote(voter, request, now, proof=proof), recorder)
            assert (error.status, error.error_code) == (403, "approval.step_up_required")
        proved_at = now - timedelta(seconds=300)
        found = vote(voter, request, now, proof=make_proof(proved_at, "otp"))
        assert found.state == ApprovalState.GRANTED
        assert ApprovalVote.objects.get().step_up_at == proved_at
        assert payload("approval.voted")["step_up"]["method"] == "otp"

    def test_the_method_of_tests_counts_only_where_settings_allow_it(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        request, voter = make_request(returns, step_up=True), make_supervisor(returns)
        allowed = settings.ORCHESTRA
        with override_settings(ORCHESTRA={**allowed, "ALLOW_TEST_STEP_UP": False}):
            refuse(lambda: vote(voter, request, now, proof=make_proof(now)), recorder)
        assert vote(voter, request, now, proof=make_proof(now)).state == ApprovalState.GRANTED

    def test_a_handler_that_fails_takes_the_vote_back(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        request, voter = make_request(returns), make_supervisor(returns)
        recorder.failure = ConflictError("the case moved on")
        refuse(lambda: vote(voter, request, now), recorder)

    def test_the_case_is_locked_before_the_request(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        request = make_request(returns)
        recorder.locked.clear()
        vote(make_supervisor(returns), request, now)
        assert recorder.locked == [CASE_ID]
