"""The life of a request: every act, what it writes, and what it refuses."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from governance.access.models import Queue, User
from governance.access.types import QueueGrant, Role
from governance.approvals import rules, services
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.selectors import view_of
from governance.approvals.types import ApprovalState, VoteChoice
from governance.ledger.models import EntryPayload, LedgerEntry
from orchestra.core.actors import Actor, system
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    OrchestraError,
)
from tests.factories.access import make_agent, make_person, make_supervisor
from tests.factories.approvals import (
    ASKED_AT,
    CASE_ID,
    DEADLINE_AT,
    SUBJECT_KIND,
    VIEW,
    Recorder,
    make_ballot,
    make_draft,
    make_proof,
    make_request,
)

pytestmark = pytest.mark.django_db

UNKNOWN = "00000000-0000-7000-8000-00000000dead"
REJECT = VoteChoice.REJECT
EXECUTOR = system("executor")


def entries() -> list[tuple[str, str]]:
    """Kind and actor kind of every entry, oldest first."""
    return list(LedgerEntry.objects.order_by("id").values_list("kind", "actor_kind"))


def kinds() -> list[str]:
    return [kind.removeprefix("approval.") for kind, _actor in entries()]


def payload(kind: str) -> dict[str, Any]:
    body = EntryPayload.objects.filter(entry__kind=kind).latest("entry_id").body
    found: dict[str, Any] = json.loads(bytes(body))
    return found


def snapshot() -> list[Any]:
    """Everything an act on approvals could change."""
    return [
        list(ApprovalRequest.objects.order_by("id").values_list()),
        list(ApprovalVote.objects.order_by("id").values_list()),
        entries(),
    ]


def vote(
    voter: User | Actor, request: ApprovalRequest, now: datetime, *args: Any, **changes: Any
) -> ApprovalRequest:
    return services.cast_vote(
        actor=voter.as_actor() if isinstance(voter, User) else voter,
        now=now,
        request_id=request.public_id,
        ballot=make_ballot(request, *args, **changes),
    )


def refuse(act: Callable[[], object], recorder: Recorder) -> OrchestraError:
    """Run what must be refused and must change nothing; return the error."""
    before, told = snapshot(), list(recorder.decided)
    with pytest.raises(OrchestraError) as refused:
        act()
    assert snapshot() == before
    assert recorder.decided == told
    return refused.value


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
        assert recorder.locked == [CASE_ID]
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


class TestClaim:
    def test_a_claim_shows_and_ends_and_stops_nobody(self, returns: Queue, now: datetime) -> None:
        first, second = make_supervisor(returns), make_supervisor(returns)
        request = make_request(returns)
        act = {"now": now, "request_id": request.public_id}
        found = services.claim_request(actor=first.as_actor(), **act)
        assert (found.claimed_by_id, found.claimed_until_at) == (
            first.pk,
            now + timedelta(minutes=10),
        )
        with pytest.raises(ConflictError) as refused:
            services.claim_request(actor=second.as_actor(), **act)
        assert refused.value.error_code == "approval.claimed"
        later = {**act, "now": now + timedelta(minutes=10)}
        assert services.claim_request(actor=second.as_actor(), **later).claimed_by_id == second.pk
        assert vote(first, request, now).state == ApprovalState.GRANTED
        request.refresh_from_db()
        assert request.claimed_by_id is None
        assert kinds() == ["requested", "claimed", "claimed", "voted", "granted"]

    def test_who_holds_it_holds_it_longer(self, returns: Queue, now: datetime) -> None:
        holder, request = make_supervisor(returns).as_actor(), make_request(returns)
        for minutes in (0, 5):
            found = services.claim_request(
                actor=holder,
                now=now + timedelta(minutes=minutes),
                request_id=request.public_id,
            )
        assert found.claimed_until_at == now + timedelta(minutes=15)

    def test_release(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        holder, other = (make_supervisor(returns).as_actor() for _ in range(2))
        request = make_request(returns)
        act = {"now": now, "request_id": request.public_id}
        refuse(lambda: services.release_request(actor=holder, **act), recorder)
        services.claim_request(actor=holder, **act)
        refuse(lambda: services.release_request(actor=other, **act), recorder)
        assert services.release_request(actor=holder, **act).claimed_by_id is None
        refuse(lambda: services.release_request(actor=holder, **act), recorder)
        assert kinds() == ["requested", "claimed", "released"]

    def test_only_who_may_vote_may_claim(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        request = make_request(returns)
        for who, expected in (
            (make_person(roles=[Role.COMPLIANCE_OFFICER]).as_actor(), NotPermittedError),
            (make_agent(queues=[returns]).as_actor(), NotPermittedError),
            (make_person().as_actor(), NotFoundError),
        ):
            error = refuse(
                lambda who=who: services.claim_request(
                    actor=who, now=now, request_id=request.public_id
                ),
                recorder,
            )
            assert isinstance(error, expected)


class TestOpened:
    def test_it_is_an_entry(self, returns: Queue, now: datetime) -> None:
        request, person = make_request(returns), make_supervisor(returns)
        services.record_opened(actor=person.as_actor(), now=now, request_id=request.public_id)
        assert entries()[-1] == ("approval.opened", "human")

    def test_not_for_who_may_not_see_it(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        request, person = make_request(returns), make_person()
        refuse(
            lambda: services.record_opened(
                actor=person.as_actor(), now=now, request_id=request.public_id
            ),
            recorder,
        )


class TestExpire:
    def test_undecided_past_the_deadline(self, returns: Queue, recorder: Recorder) -> None:
        request = make_request(returns)
        assert services.expire_due(now=DEADLINE_AT - timedelta(microseconds=1), batch=10) == 0
        assert services.expire_due(now=DEADLINE_AT, batch=10) == 1
        request.refresh_from_db()
        assert request.state == ApprovalState.EXPIRED
        assert request.ended_reason == "Nobody decided in time. Nothing ran."
        assert recorder.decided == [(request.pk, "expired")]
        last = LedgerEntry.objects.latest("id")
        assert (last.kind, last.actor_kind, last.actor_id) == (
            "approval.expired",
            "system",
            "approvals",
        )
        assert services.expire_due(now=DEADLINE_AT, batch=10) == 0

    def test_granted_but_not_run(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        request = make_request(returns)
        vote(make_supervisor(returns), request, now)
        assert services.expire_due(now=now + timedelta(minutes=10), batch=10) == 1
        request.refresh_from_db()
        assert (request.state, request.decided_at) == (ApprovalState.EXPIRED, now)
        assert recorder.decided == [(request.pk, "granted"), (request.pk, "expired")]

    def test_a_used_one_never_expires(self, returns: Queue, now: datetime) -> None:
        request = make_request(returns)
        vote(make_supervisor(returns), request, now)
        services.use_grant(actor=EXECUTOR, now=now, request_pk=request.pk)
        assert services.expire_due(now=DEADLINE_AT + timedelta(days=9), batch=10) == 0

    def test_in_batches_the_oldest_first(self, returns: Queue) -> None:
        late = make_request(returns, deadline_at=DEADLINE_AT)
        early = make_request(returns, deadline_at=DEADLINE_AT - timedelta(minutes=1))
        assert services.expire_due(now=DEADLINE_AT, batch=1) == 1
        states = dict(ApprovalRequest.objects.values_list("pk", "state"))
        assert states == {late.pk: "pending", early.pk: "expired"}

    def test_one_that_cannot_be_ended_holds_up_nobody(
        self, returns: Queue, recorder: Recorder
    ) -> None:
        stuck = make_request(returns)
        ApprovalRequest.objects.filter(pk=stuck.pk).update(subject_kind="nothing")
        other = make_request(returns)
        assert services.expire_due(now=DEADLINE_AT, batch=10) == 1
        stuck.refresh_from_db()
        assert stuck.state == ApprovalState.PENDING
        assert recorder.decided == [(other.pk, "expired")]


class TestVoid:
    @pytest.mark.parametrize("is_granted", [False, True])
    def test_pending_and_granted_can_be_voided(
        self, returns: Queue, recorder: Recorder, now: datetime, *, is_granted: bool
    ) -> None:
        request = make_request(returns)
        if is_granted:
            vote(make_supervisor(returns), request, now)
        reason = "Exchanges version 6 took effect."
        found = services.void_request(
            actor=system("policies"), now=now, request_pk=request.pk, reason=reason
        )
        assert (found.state, found.ended_reason) == (ApprovalState.VOIDED, reason)
        assert recorder.decided[-1] == (request.pk, "voided")
        assert payload("approval.voided")["was"] == ("granted" if is_granted else "pending")

    @pytest.mark.parametrize("end", ["rejected", "expired", "voided", "used"])
    def test_what_has_ended_cannot(
        self, returns: Queue, recorder: Recorder, now: datetime, end: str
    ) -> None:
        request = make_request(returns)
        ApprovalRequest.objects.filter(pk=request.pk).update(state=end)
        error = refuse(
            lambda: services.void_request(
                actor=system("policies"), now=now, request_pk=request.pk, reason="x"
            ),
            recorder,
        )
        assert (error.error_code, error.data) == ("approval.ended", {"state": end})

    def test_a_vote_after_it_is_a_conflict(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        request, voter = make_request(returns), make_supervisor(returns)
        services.void_request(actor=EXECUTOR, now=now, request_pk=request.pk, reason="Edited.")
        error = refuse(lambda: vote(voter, request, now), recorder)
        assert (error.status, error.error_code) == (409, "approval.ended")


class TestUse:
    def test_once(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        request = make_request(returns)
        vote(make_supervisor(returns), request, now)
        services.use_grant(
            actor=EXECUTOR, now=now, request_pk=request.pk, action_digest=request.action_digest
        )
        request.refresh_from_db()
        assert request.state == ApprovalState.USED
        assert recorder.decided == [(request.pk, "granted")]
        assert entries()[-1] == ("approval.used", "system")
        error = refuse(
            lambda: services.use_grant(actor=EXECUTOR, now=now, request_pk=request.pk), recorder
        )
        assert error.error_code == "approval.ended"

    def test_not_before_the_grant(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        request = make_request(returns)
        refuse(lambda: services.use_grant(actor=EXECUTOR, now=now, request_pk=request.pk), recorder)

    def test_not_after_its_time(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        request = make_request(returns)
        vote(make_supervisor(returns), request, now)
        late = now + timedelta(minutes=10)
        error = refuse(
            lambda: services.use_grant(actor=EXECUTOR, now=late, request_pk=request.pk), recorder
        )
        assert error.error_code == "approval.expired"

    def test_not_for_another_action(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        request = make_request(returns)
        vote(make_supervisor(returns), request, now)
        error = refuse(
            lambda: services.use_grant(
                actor=EXECUTOR, now=now, request_pk=request.pk, action_digest="5" * 64
            ),
            recorder,
        )
        assert error.error_code == "approval.stale"

    @pytest.mark.parametrize("lost", ["account", "role", "grant"])
    def test_not_when_a_voter_lost_the_authority(
        self, returns: Queue, recorder: Recorder, now: datetime, lost: str
    ) -> None:
        voter, request = make_supervisor(returns), make_request(returns)
        vote(voter, request, now)
        if lost == "account":
            User.objects.filter(pk=voter.pk).update(is_active=False)
        elif lost == "role":
            voter.groups.clear()
        else:
            voter.queueusergrant_set.all()._raw_delete("default")
        error = refuse(
            lambda: services.use_grant(actor=EXECUTOR, now=now, request_pk=request.pk), recorder
        )
        assert (error.status, error.error_code) == (403, "approval.voters_changed")


def test_a_draft_is_a_value(returns: Queue) -> None:
    draft = make_draft(returns)
    assert replace(draft) == draft
    assert draft.subject_kind == SUBJECT_KIND
