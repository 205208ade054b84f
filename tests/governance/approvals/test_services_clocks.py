"""Reminders, the next role, and sweeps that come twice or late."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access import services as access
from governance.access.models import Queue, User
from governance.access.selectors import authority_of
from governance.access.types import Capability, Role
from governance.approvals import services
from governance.approvals.models import ApprovalRequest
from governance.approvals.selectors import verdict_on
from governance.ledger.models import LedgerEntry
from tests.factories.access import ALL_GRANTS, make_person, make_queue, make_supervisor
from tests.factories.approval_acts import entries, kinds, payload, vote
from tests.factories.approvals import ASKED_AT, DEADLINE_AT, Recorder, make_request, make_row

pytestmark = pytest.mark.django_db


def minute(number: float) -> datetime:
    return ASKED_AT + timedelta(minutes=number)


def sweep(number: float) -> int:
    return services.turn_clocks(now=minute(number), batch=10)


@pytest.fixture
def returns() -> Queue:
    return make_queue("returns", next_roles=["human_agent", "supervisor", "specialist"])


@pytest.fixture
def anna(returns: Queue) -> User:
    return make_supervisor(returns)


@pytest.fixture
def sam(returns: Queue) -> User:
    return make_person(roles=[Role.SPECIALIST], grants={returns: ALL_GRANTS})


def ask(queue: Queue, **changes: Any) -> ApprovalRequest:
    return make_request(queue, **{"roles": ("supervisor",), **changes})


def test_it_reminds_twice_and_each_time_once(returns: Queue, anna: User, sam: User) -> None:
    request = ask(returns)
    assert sweep(29.9) == 0
    assert [sweep(30), sweep(30), sweep(39)] == [1, 0, 0]
    entry = payload("approval.reminded")
    assert entry["approval_id"] == str(request.public_id)
    assert (entry["step"], entry["voter_ids"], entry["voters"]) == (1, [str(anna.public_id)], 1)
    assert entry["queue"] == "returns"
    assert sweep(40) == 1
    assert [sweep(50), sweep(59)] == [1, 0]
    assert payload("approval.reminded")["step"] == 2
    assert set(payload("approval.reminded")["voter_ids"]) == {
        str(anna.public_id),
        str(sam.public_id),
    }
    request.refresh_from_db()
    assert (request.reminded, request.escalated, request.next_turn_at) == (2, 1, None)
    assert kinds() == ["requested", "reminded", "escalated", "reminded"]
    assert {actor for kind, actor in entries()[1:]} == {"system"}


@pytest.mark.usefixtures("anna")
def test_a_late_sweep_makes_up_with_one_reminder(returns: Queue) -> None:
    request = ask(returns)
    assert sweep(55) == 2
    assert kinds() == ["requested", "escalated", "reminded"]
    request.refresh_from_db()
    assert (request.reminded, request.next_turn_at) == (2, None)


class TestEscalation:
    @pytest.mark.usefixtures("anna")
    def test_it_goes_to_the_next_role_that_has_somebody(
        self, returns: Queue, sam: User, recorder: Recorder
    ) -> None:
        request = ask(returns)
        sweep(40)
        request.refresh_from_db()
        assert request.roles == ["specialist", "supervisor"]
        assert request.escalated_roles == ["specialist"]
        assert request.lacks_voters is False
        assert request.deadline_at == DEADLINE_AT
        entry = payload("approval.escalated")
        assert (entry["from"], entry["to"]) == (["supervisor"], "specialist")
        assert (entry["voter_ids"], entry["nobody_eligible"]) == ([str(sam.public_id)], False)
        assert "the role specialist is asked too" in entry["reason"]
        assert vote(sam, request, minute(41)).state == "granted"
        assert recorder.decided == [(request.pk, "granted")]

    def test_before_it_the_next_role_may_not_vote(self, returns: Queue, sam: User) -> None:

        verdict = verdict_on(
            authority=authority_of(sam.as_actor()), request=ask(returns), now=minute(39)
        )
        assert verdict.code == "approval.other_role"

    def test_where_any_role_votes_nothing_is_narrowed(
        self, returns: Queue, anna: User, sam: User
    ) -> None:
        request = ask(returns, roles=())
        sweep(40)
        request.refresh_from_db()
        assert (request.roles, request.escalated_roles) == ([], ["supervisor"])
        assert payload("approval.escalated")["voter_ids"] == [str(anna.public_id)]
        assert vote(sam, request, minute(41)).state == "granted"

    def test_where_nobody_is_left_it_says_so(self, returns: Queue, anna: User) -> None:
        request = ask(returns)
        sweep(40)
        request.refresh_from_db()
        assert (request.roles, request.lacks_voters) == (["supervisor"], True)
        entry = payload("approval.escalated")
        assert (entry["to"], entry["nobody_eligible"], entry["voters"]) == ("", True, 0)
        assert "no further role" in entry["reason"]
        assert vote(anna, request, minute(41)).state == "granted"

    def test_who_is_barred_disabled_or_away_is_nobody(
        self, returns: Queue, anna: User, sam: User
    ) -> None:
        other = make_person(roles=[Role.SPECIALIST], grants={returns: ALL_GRANTS})
        third = make_person(roles=[Role.SPECIALIST], grants={returns: ALL_GRANTS}, is_active=False)
        access.delegate(
            actor=other.as_actor(),
            now=ASKED_AT,
            delegate_id=anna.public_id,
            covers=Capability.APPROVAL_VOTE,
            until_at=DEADLINE_AT,
            reason="On leave.",
        )
        request = ask(returns, barred={str(sam.public_id): "You edited it last."})
        sweep(40)
        request.refresh_from_db()
        assert request.lacks_voters is True
        assert third.is_active is False

    @pytest.mark.usefixtures("sam")
    def test_what_somebody_holds_waits_for_them(self, returns: Queue, anna: User) -> None:
        request = ask(returns)
        act = {"actor": anna.as_actor(), "request_id": request.public_id}
        services.claim_request(now=minute(35), **act)
        sweep(40)
        assert kinds() == ["requested", "claimed", "reminded"]
        services.release_request(now=minute(42), **act)
        assert sweep(42) == 1
        assert kinds()[-1] == "escalated"

    @pytest.mark.usefixtures("sam")
    def test_a_claim_that_lapsed_holds_nothing_up(self, returns: Queue, anna: User) -> None:
        request = ask(returns)
        services.claim_request(actor=anna.as_actor(), now=minute(38), request_id=request.public_id)
        sweep(45)
        assert "escalated" not in kinds()
        sweep(48)
        assert kinds()[-1] == "escalated"

    @pytest.mark.usefixtures("sam")
    def test_what_has_ended_is_left_alone(self, returns: Queue, anna: User) -> None:
        request = ask(returns)
        vote(anna, request, minute(39))
        assert sweep(55) == 0
        request.refresh_from_db()
        assert (request.state, request.next_turn_at) == ("granted", None)

    @pytest.mark.usefixtures("anna", "sam")
    def test_past_the_deadline_it_only_expires(self, returns: Queue, recorder: Recorder) -> None:
        request = ask(returns)
        assert sweep(60) == 0
        assert services.expire_due(now=DEADLINE_AT, batch=10) == 1
        assert sweep(61) == 0
        assert recorder.decided == [(request.pk, "expired")]
        assert kinds() == ["requested", "expired"]


@pytest.mark.usefixtures("anna")
def test_one_that_fails_holds_up_no_other(returns: Queue) -> None:
    bad, good = ask(returns), ask(returns)
    ApprovalRequest.objects.filter(pk=bad.pk).update(subject_kind="nobody_handles_this")
    assert sweep(30) == 1
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.reminded, bad.reminded) == (1, 0)


def test_the_sweep_asks_one_query_and_by_its_index(returns: Queue) -> None:
    for number in range(30):
        make_row(returns, number, state="used", next_turn_at=None)
    for number in range(30, 230):
        make_row(returns, number, next_turn_at=ASKED_AT + timedelta(days=number))
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert sweep(30) == 0
    assert len(seen) == 1
    with connection.cursor() as cursor:
        plan_of = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
        if connection.vendor == "postgresql":
            # Only what it knows of the rows tells the partial indexes apart.
            cursor.execute("ANALYZE governance_approvalrequest")
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(plan_of + seen[0]["sql"])
        plan = " ".join(str(row) for row in cursor.fetchall())
    assert "approval_pending_turn" in plan
    assert LedgerEntry.objects.count() == 0
