"""The last votes, executions, sweeps and withdrawals at one moment: never two executions.

The suite runs a few races; ``make prove PROOF=races`` runs a thousand, in pieces if need be.
"""

import os
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from governance.access.models import Queue, User
from governance.approvals import services
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.types import ApprovalState
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import system
from orchestra.core.errors import ConflictError
from tests.factories.access import make_supervisor
from tests.factories.approvals import DEADLINE_AT, Recorder, make_ballot, make_request
from tests.factories.races import race
from tests.progress import Progress

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
]

RACES, CHUNK, SLICE = 1_000, 20, 6
IS_PROOF = os.environ.get("ORCHESTRA_PROOF") == "races"
NOW = DEADLINE_AT - timedelta(minutes=30)
EXECUTOR = system("executor")
TRIES = 2_000


def voting(request: ApprovalRequest, voter: User) -> Callable[[], object]:
    actor, ballot = voter.as_actor(), make_ballot(request)
    return lambda: services.cast_vote(
        actor=actor, now=NOW, request_id=request.public_id, ballot=ballot
    )


def executing(request: ApprovalRequest) -> Callable[[], object]:
    """Claim the execution as soon as there is a grant; give up once it has ended."""

    def act() -> None:
        for _ in range(TRIES):
            try:
                services.use_grant(
                    actor=EXECUTOR,
                    now=NOW,
                    request_pk=request.pk,
                    action_digest=request.action_digest,
                )
            except ConflictError as error:
                if error.data.get("state") != ApprovalState.PENDING:
                    raise
            else:
                return
        raise AssertionError("nobody ever granted or ended it")

    return act


def voiding(request: ApprovalRequest) -> Callable[[], object]:
    return lambda: services.void_request(
        actor=EXECUTOR, now=NOW, request_pk=request.pk, reason="Edited."
    )


def sweeping(minutes: int) -> Callable[[], object]:
    def act() -> None:
        now = DEADLINE_AT + timedelta(minutes=minutes)
        services.expire_due(now=now, batch=10)
        services.turn_clocks(now=now, batch=10)

    return act


def run_one(queue: Queue, voters: list[User], recorder: Recorder, number: int) -> Counter[str]:
    """Run one race; every second one also has what ends the request before it can run."""
    recorder.reset()
    request = make_request(queue, votes_needed=2)
    voting(request, voters[0])()
    ends = bool(number % 2)
    acts = [voting(request, voter) for voter in voters[1:4]]
    acts += [executing(request) for _ in range(3)]
    acts += [voiding(request), sweeping(0)] if ends else [sweeping(-30), sweeping(-5)]
    first = LedgerEntry.objects.order_by("-pk").values_list("pk", flat=True)[0]
    outcome = race(acts)
    request.refresh_from_db()
    kinds = Counter(LedgerEntry.objects.filter(pk__gt=first).values_list("kind", flat=True))
    executed = kinds["approval.used"]
    assert executed == int(request.state == ApprovalState.USED)
    assert executed or ends, (number, request.state, outcome)
    # However it ended, it ended once; and what was granted was told before it ended.
    told = [state for _pk, state in recorder.decided]
    assert told.count("granted") == kinds["approval.granted"] <= 1
    finals = [kinds[f"approval.{state}"] for state in ("used", "voided", "expired")]
    assert sum(finals) == 1, (number, kinds)
    votes = ApprovalVote.objects.filter(request=request).count()
    assert votes == 1 + kinds["approval.voted"] <= 2
    assert votes == 2 or not kinds["approval.granted"]
    return Counter({f"ended {request.state}": 1, "executions": executed})


def test_however_it_races_it_runs_at_most_once(returns: Queue, recorder: Recorder) -> None:
    voters = [make_supervisor(returns) for _ in range(4)]
    if not IS_PROOF:
        found: Counter[str] = Counter()
        for number in range(SLICE):
            found += run_one(returns, voters, recorder, number)
        assert found["ended used"] >= SLICE // 2
        return
    progress = Progress("races-approvals", target=RACES, unit="races")
    while (chunk := progress.next_chunk()) is not None:
        facts: Counter[str] = Counter()
        for number in range(CHUNK):
            facts += run_one(returns, voters, recorder, number)
        progress.finish(chunk, count=CHUNK, facts=dict(facts))
    assert progress.is_complete or progress.is_out_of_time
