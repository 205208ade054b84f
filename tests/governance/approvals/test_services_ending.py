"""The life of a request: every act, what it writes, and what it refuses."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from governance.access.models import Queue, User
from governance.access.selectors import authority_of_person
from governance.access.types import Role
from governance.approvals import services
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import system
from orchestra.core.errors import (
    ConflictError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.access import drop_roles, make_agent, make_person, make_supervisor
from tests.factories.approval_acts import EXECUTOR, entries, kinds, payload, refuse, vote
from tests.factories.approvals import (
    DEADLINE_AT,
    SUBJECT_KIND,
    Recorder,
    make_draft,
    make_request,
)

pytestmark = pytest.mark.django_db


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
        services.record_opened(authority=authority_of_person(person), now=now, request=request)
        assert entries()[-1] == ("approval.opened", "human")

    def test_not_for_who_may_not_see_it(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        request, person = make_request(returns), make_person()
        refuse(
            lambda: services.record_opened(
                authority=authority_of_person(person), now=now, request=request
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
            drop_roles(voter)
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
