"""A vote against disabling its voter, on two connections: it counts before, or is refused after."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from governance.access.models import Queue, User
from governance.access.services import disable_person
from governance.access.types import Role
from governance.approvals import services
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.types import ApprovalState
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import OrchestraError
from orchestra.core.waiting import wait_for
from tests.factories.access import make_person, make_queue, make_supervisor
from tests.factories.approvals import DEADLINE_AT, make_ballot, make_request, register_recorder
from tests.factories.races import race

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
]

NOW = DEADLINE_AT - timedelta(minutes=30)
RACES = 12
Act = Callable[[], object]


@pytest.fixture
def returns() -> Queue:
    register_recorder()
    return make_queue("returns")


@pytest.fixture
def petra() -> User:
    return make_person("petra", roles=[Role.ADMINISTRATOR])


@pytest.fixture
def joris(returns: Queue) -> User:
    return make_supervisor(returns, "joris")


def voting(request: ApprovalRequest, voter: User) -> Act:
    actor, ballot = voter.as_actor(), make_ballot(request)
    return lambda: services.cast_vote(
        actor=actor, now=NOW, request_id=request.public_id, ballot=ballot
    )


def claiming(request: ApprovalRequest, voter: User) -> None:
    services.claim_request(actor=voter.as_actor(), now=NOW, request_id=request.public_id)


def disabling(by: User, person: User) -> Act:
    return lambda: disable_person(actor=by.as_actor(), now=NOW, person=person, reason="Left.")


def waits() -> int:
    """How many sessions of this database wait for a lock."""
    with connection.cursor() as cursor:
        # Within a transaction the first look would be kept for all.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        (count,) = cursor.fetchone()
    return int(count)


def while_open(first: Act, second: Act) -> str:
    """Do one act, and the other before the first commits; return how the second ended."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            ended: Future[str] = pool.submit(outcome, second)
            assert wait_for(waits, until=bool, seconds=20) == 1
            assert not ended.done()
        return ended.result(timeout=60)


def outcome(act: Act) -> str:
    try:
        act()
    except OrchestraError as error:
        return error.error_code
    finally:
        connections.close_all()
    return "ok"


def counted() -> int:
    return ApprovalVote.objects.filter(discounted_at=None).count()


def test_who_is_being_disabled_waits_and_is_refused(
    returns: Queue, petra: User, joris: User
) -> None:
    request = make_request(returns, votes_needed=1)
    claiming(request, joris)
    refused = while_open(disabling(petra, joris), voting(request, joris))
    assert refused != "ok"
    request.refresh_from_db()
    assert request.state == ApprovalState.PENDING
    assert not ApprovalVote.objects.exists()
    assert not LedgerEntry.objects.filter(kind="approval.voted").exists()


@pytest.mark.parametrize(
    ("needed", "state"), [(1, ApprovalState.VOIDED), (2, ApprovalState.PENDING)]
)
def test_a_vote_that_came_first_is_seen_by_who_disables(
    returns: Queue, petra: User, joris: User, needed: int, state: ApprovalState
) -> None:
    request = make_request(returns, votes_needed=needed)
    claiming(request, joris)
    assert while_open(voting(request, joris), disabling(petra, joris)) == "ok"
    request.refresh_from_db()
    # It was cast, and what had not run by it stops.
    assert request.state == state
    assert (ApprovalVote.objects.count(), counted()) == (1, 0)
    kinds = list(LedgerEntry.objects.order_by("id").values_list("kind", flat=True))
    assert kinds.index("approval.voted") < kinds.index("approval.vote_discounted")


def test_at_one_moment_no_vote_of_a_disabled_person_counts(returns: Queue, petra: User) -> None:
    ends = set()
    for number in range(RACES):
        voter = make_supervisor(returns, f"voter-{number}")
        request = make_request(returns, votes_needed=1 + number % 2)
        claiming(request, voter)
        acts = [voting(request, voter), disabling(petra, voter)]
        found = race(acts if number % 3 else acts[::-1])
        request.refresh_from_db()
        assert counted() == 0
        assert request.state in {ApprovalState.PENDING, ApprovalState.VOIDED}
        # The one that disables always comes through; the vote does, or is refused.
        assert found["ok"] in {1, 2}
        assert sum(found.values()) == 2
        ends.add(found["ok"])
    assert ends
