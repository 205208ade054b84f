"""Votes on several requests at once: all of them count, or none does."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.models import Queue, User
from governance.approvals import services
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.types import VoteChoice
from governance.policies.types import RiskLevel
from orchestra.core.actors import Actor
from orchestra.core.errors import NotFoundError
from tests.factories.access import ALL_GRANTS, grant, make_agent, make_queue, make_supervisor
from tests.factories.approval_acts import REJECT, UNKNOWN, kinds, payload, refuse, vote
from tests.factories.approvals import DEADLINE_AT, Recorder, make_ballot, make_request

pytestmark = pytest.mark.django_db


def ask(queue: Queue, **changes: Any) -> ApprovalRequest:
    return make_request(
        queue,
        **{
            "risk": RiskLevel.MEDIUM,
            "tool": "modify_user_address",
            "rule": "caution@1:low_confidence",
            **changes,
        },
    )


def vote_all(
    voter: User | Actor,
    requests: list[ApprovalRequest],
    now: datetime,
    choice: VoteChoice = VoteChoice.APPROVE,
    **changes: Any,
) -> list[ApprovalRequest]:
    return services.vote_batch(
        actor=voter.as_actor() if isinstance(voter, User) else voter,
        now=now,
        ballots=[(one.public_id, make_ballot(one, choice, **changes)) for one in requests],
    )


def test_all_of_them_count(returns: Queue, recorder: Recorder, now: datetime) -> None:
    voter, requests = make_supervisor(returns), [ask(returns) for _ in range(3)]
    found = vote_all(voter, list(reversed(requests)), now)
    assert [one.pk for one in found] == [one.pk for one in reversed(requests)]
    assert {str(one.state) for one in ApprovalRequest.objects.all()} == {"granted"}
    assert sorted(recorder.decided) == [(one.pk, "granted") for one in requests]
    assert kinds() == ["requested"] * 3 + ["voted", "granted"] * 3
    entry = payload("approval.voted")
    assert entry["batch_size"] == 3
    assert len(entry["batch"]) == 36
    votes = ApprovalVote.objects.order_by("request_id")
    assert [one.action_digest for one in votes] == [one.action_digest for one in requests]


def test_all_of_them_are_rejected_with_the_reason(
    returns: Queue, recorder: Recorder, now: datetime
) -> None:
    voter, requests = make_supervisor(returns), [ask(returns) for _ in range(2)]
    error = refuse(lambda: vote_all(voter, requests, now, REJECT, reason=" "), recorder)
    assert [one.field for one in error.errors] == ["votes[0]", "votes[1]"]
    vote_all(voter, requests, now, REJECT)
    assert {one.ended_reason for one in ApprovalRequest.objects.all()} == {"The order shows it."}


class TestOneRefusesAll:
    def test_conditions_of_a_batch(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        voter, good = make_supervisor(returns), ask(returns)
        for changes, code in (
            ({"risk": RiskLevel.HIGH}, "batch.too_risky"),
            ({"step_up": True}, "batch.step_up"),
            ({"votes_needed": 2}, "batch.several_votes"),
            ({"rule": ""}, "batch.several_rows"),
            ({"rule": "caution@1:fraud"}, "batch.other_row"),
            ({"tool": "cancel_pending_order"}, "batch.other_tool"),
        ):
            bad = ask(returns, **changes)
            error = refuse(lambda bad=bad: vote_all(voter, [good, bad], now), recorder)
            assert error.error_code == "approval.batch_refused"
            assert code in {one.code for one in error.errors if one.field == "votes[1]"}
            assert bad.label in error.message
            assert not [one for one in error.errors if one.field == "votes[0]"]

    def test_another_queue(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        orders = make_queue("orders")
        voter, good, other = make_supervisor(returns), ask(returns), ask(orders)
        error = refuse(lambda: vote_all(voter, [good, other], now), recorder)
        assert isinstance(error, NotFoundError)
        grant(voter, orders, *ALL_GRANTS)
        error = refuse(lambda: vote_all(voter, [good, other], now), recorder)
        assert [(one.field, one.code) for one in error.errors] == [
            ("votes[1]", "batch.other_queue")
        ]

    def test_the_voter(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        voter, good = make_supervisor(returns), ask(returns)
        barred = ask(returns, barred={str(voter.public_id): "You edited it last."})
        error = refuse(lambda: vote_all(voter, [good, barred], now), recorder)
        [found] = error.errors
        assert (found.field, found.code) == ("votes[1]", "approval.barred")
        assert found.message == f"{barred.label}: You edited it last."

    def test_an_agent_votes_on_nothing(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        agent = make_agent(queues=[returns]).as_actor()
        requests = [ask(returns), ask(returns)]
        error = refuse(lambda: vote_all(agent, requests, now), recorder)
        assert {one.code for one in error.errors} == {"approval.not_a_person"}

    def test_an_old_digest(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        voter, requests = make_supervisor(returns), [ask(returns), ask(returns)]
        ballots = [(one.public_id, make_ballot(one)) for one in requests]
        ballots[1] = (requests[1].public_id, make_ballot(requests[1], view_digest="5" * 64))
        error = refuse(
            lambda: services.vote_batch(actor=voter.as_actor(), now=now, ballots=ballots), recorder
        )
        assert [(one.field, one.code) for one in error.errors] == [("votes[1]", "approval.stale")]

    def test_what_has_ended(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        voter, requests = make_supervisor(returns), [ask(returns), ask(returns)]
        error = refuse(lambda: vote_all(voter, requests, DEADLINE_AT), recorder)
        assert {one.code for one in error.errors} == {"approval.expired"}
        vote(voter, requests[0], now)
        error = refuse(lambda: vote_all(voter, requests, now), recorder)
        assert [(one.field, one.code) for one in error.errors] == [("votes[0]", "approval.ended")]

    def test_its_size(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        voter, one = make_supervisor(returns), ask(returns)
        for chosen, code in (
            ([one], "batch.too_few"),
            ([], "batch.too_few"),
            ([one, one], "batch.repeated"),
        ):
            error = refuse(lambda chosen=chosen: vote_all(voter, chosen, now), recorder)
            assert [found.code for found in error.errors] == [code]

    def test_one_that_is_not_there(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        voter, one = make_supervisor(returns), ask(returns)
        ballots = [(one.public_id, make_ballot(one)), (UNKNOWN, make_ballot(one))]
        error = refuse(
            lambda: services.vote_batch(actor=voter.as_actor(), now=now, ballots=ballots), recorder
        )
        assert error.error_code == "approval.not_found"

    def test_a_failure_above_undoes_all(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        voter, requests = make_supervisor(returns), [ask(returns), ask(returns)]
        recorder.failure = NotFoundError("The case is gone.")
        refuse(lambda: vote_all(voter, requests, now), recorder)


def test_each_more_costs_the_same(returns: Queue, now: datetime) -> None:
    voter, counts = make_supervisor(returns), []
    for size in (2, 4, 6):
        requests = [ask(returns) for _ in range(size)]
        with CaptureQueriesContext(connection) as seen:
            vote_all(voter, requests, now)
        counts.append(len(seen))
    assert counts[2] - counts[1] == counts[1] - counts[0]
