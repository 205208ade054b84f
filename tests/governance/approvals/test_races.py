"""Many at once on one request: one wins, the others are told, nothing happens twice."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from governance.access.models import Queue, User
from governance.access.types import Role
from governance.approvals import services
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.types import VoteChoice
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import system
from tests.factories.access import ALL_GRANTS, make_person, make_queue, make_supervisor
from tests.factories.approvals import DEADLINE_AT, Recorder, make_ballot, make_request
from tests.factories.races import race

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
]

AT_ONCE = 16
NOW = DEADLINE_AT.replace(minute=30, hour=19)
EXECUTOR = system("executor")


def voting(
    request: ApprovalRequest, voter: User, choice: VoteChoice = VoteChoice.APPROVE
) -> Callable[[], object]:
    actor, ballot = voter.as_actor(), make_ballot(request, choice)
    return lambda: services.cast_vote(
        actor=actor, now=NOW, request_id=request.public_id, ballot=ballot
    )


def kinds() -> Counter[str]:
    return Counter(LedgerEntry.objects.values_list("kind", flat=True))


@pytest.mark.parametrize("needed", [1, 2])
def test_sixteen_people_vote_at_once(returns: Queue, recorder: Recorder, needed: int) -> None:
    request = make_request(returns, votes_needed=needed)
    voters = [make_supervisor(returns) for _ in range(AT_ONCE)]
    outcome = race([voting(request, voter) for voter in voters])
    assert outcome == {"ok": needed, "approval.ended": AT_ONCE - needed}
    request.refresh_from_db()
    assert request.state == "granted"
    assert ApprovalVote.objects.filter(request=request).count() == needed
    assert recorder.decided == [(request.pk, "granted")]
    assert kinds() == {"approval.requested": 1, "approval.voted": needed, "approval.granted": 1}


def test_one_person_votes_sixteen_times_at_once(returns: Queue, recorder: Recorder) -> None:
    request, voter = make_request(returns, votes_needed=2), make_supervisor(returns)
    outcome = race([voting(request, voter)] * AT_ONCE)
    assert outcome == {"ok": 1, "approval.already_voted": AT_ONCE - 1}
    request.refresh_from_db()
    assert request.state == "pending"
    assert recorder.decided == []
    assert kinds()["approval.voted"] == 1


def test_approvals_and_rejections_at_once_end_it_one_way(
    returns: Queue, recorder: Recorder
) -> None:
    request = make_request(returns)
    choices = [VoteChoice.APPROVE, VoteChoice.REJECT] * (AT_ONCE // 2)
    outcome = race([voting(request, make_supervisor(returns), each) for each in choices])
    assert outcome == {"ok": 1, "approval.ended": AT_ONCE - 1}
    request.refresh_from_db()
    assert recorder.decided == [(request.pk, request.state)]
    cast = ApprovalVote.objects.get(request=request).choice
    assert request.state == {"approve": "granted", "reject": "rejected"}[cast]


def test_a_grant_is_used_once(returns: Queue, recorder: Recorder) -> None:
    request = make_request(returns)
    voting(request, make_supervisor(returns))()
    act: dict[str, Any] = {"actor": EXECUTOR, "now": NOW, "request_pk": request.pk}
    outcome = race([lambda: services.use_grant(**act)] * AT_ONCE)
    assert outcome == {"ok": 1, "approval.ended": AT_ONCE - 1}
    assert kinds()["approval.used"] == 1
    assert recorder.decided == [(request.pk, "granted")]


def test_sweeps_and_withdrawals_at_once_end_it_once(returns: Queue, recorder: Recorder) -> None:
    request = make_request(returns)
    void: dict[str, Any] = {"actor": EXECUTOR, "request_pk": request.pk, "reason": "Edited."}
    acts: list[Callable[[], object]] = [
        lambda: services.expire_due(now=DEADLINE_AT, batch=10),
        lambda: services.void_request(now=DEADLINE_AT, **void),
    ]
    outcome = race(acts * (AT_ONCE // 2))
    request.refresh_from_db()
    assert request.state in {"expired", "voided"}
    assert recorder.decided == [(request.pk, request.state)]
    withdrawn = int(request.state == "voided")
    assert outcome["approval.ended"] == AT_ONCE // 2 - withdrawn
    assert kinds() == {"approval.requested": 1, f"approval.{request.state}": 1}


def test_sweeps_at_once_remind_and_escalate_once(recorder: Recorder) -> None:
    returns = make_queue("returns", next_roles=["specialist"])
    make_person(roles=[Role.SPECIALIST], grants={returns: ALL_GRANTS})
    request = make_request(returns, roles=("supervisor",))
    at = DEADLINE_AT - timedelta(minutes=20)
    race([lambda: services.turn_clocks(now=at, batch=10)] * AT_ONCE)
    request.refresh_from_db()
    assert (request.reminded, request.escalated) == (1, 1)
    assert request.roles == ["specialist", "supervisor"]
    assert recorder.decided == []
    assert kinds() == {
        "approval.requested": 1,
        "approval.reminded": 1,
        "approval.escalated": 1,
    }


def test_handing_over_and_voting_at_once(returns: Queue, recorder: Recorder) -> None:
    request = make_request(returns)
    giver, receiver = make_supervisor(returns), make_supervisor(returns)
    actor, other = giver.as_actor(), receiver.public_id
    handing: list[Callable[[], object]] = [
        lambda: services.hand_over_request(
            actor=actor, now=NOW, request_id=request.public_id, to_id=other, reason="You know it."
        )
    ]
    race([*handing * (AT_ONCE - 1), voting(request, receiver)])
    request.refresh_from_db()
    assert (request.state, request.handed_to_id) == ("granted", None)
    assert recorder.decided == [(request.pk, "granted")]
    assert kinds()["approval.handed_over"] <= 1
    assert kinds()["approval.granted"] == 1
