"""What stood on authority that is gone stops in the act that takes it, and nothing is approved."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from governance.access import services as access
from governance.access.models import AgentIdentity, Queue, RoleHolding, User
from governance.access.types import QueueGrant, Role
from governance.approvals import selectors, services
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.types import ApprovalState
from orchestra.core.actors import Actor
from orchestra.core.errors import NotPermittedError
from tests.factories.access import grant, hold_role, make_agent, make_person, make_supervisor
from tests.factories.approval_acts import kinds, payload, refuse, vote
from tests.factories.approvals import Recorder, make_request

pytestmark = pytest.mark.django_db

ASKED_AGAIN = "It has to be asked again."


@pytest.fixture
def petra() -> Actor:
    return make_person("petra", roles=[Role.ADMINISTRATOR]).as_actor()


@pytest.fixture
def joris(returns: Queue) -> User:
    # Somebody else manages access for good, so that a voter can be anybody.
    make_person(roles=[Role.ADMINISTRATOR])
    return make_supervisor(returns, "joris", first_name="Joris", last_name="Blom")


def disable(petra: Actor, person: User, now: datetime) -> None:
    access.disable_person(actor=petra, now=now, person=person, reason="left the centre")


def take_role(petra: Actor, person: User, now: datetime) -> None:
    access.take_role(actor=petra, now=now, user=person, role=Role.SUPERVISOR)


def take_grant(petra: Actor, person: User, now: datetime) -> None:
    queue = Queue.objects.get()
    access.revoke_queue(actor=petra, now=now, user=person, queue=queue, grant=QueueGrant.VOTE)


def let_end(_petra: Actor, person: User, now: datetime) -> None:
    rows = RoleHolding.objects.filter(user=person)
    rows.update(
        since_at=datetime(2020, 1, 1, tzinfo=UTC), until_at=datetime(2021, 1, 1, tzinfo=UTC)
    )
    assert access.end_due(now=now, batch=10) == 1


WAYS: dict[str, tuple[Callable[[Actor, User, datetime], None], str]] = {
    "disabled": (disable, "Their access was disabled."),
    "role": (take_role, "What allowed them to vote was taken from them."),
    "grant": (take_grant, "What allowed them to vote was taken from them."),
    "end": (let_end, "What allowed them to vote ended."),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_vote_on_a_waiting_request_stands_and_no_longer_counts(
    returns: Queue, petra: Actor, joris: User, recorder: Recorder, now: datetime, way: str
) -> None:
    lose, why = WAYS[way]
    request = make_request(returns, votes_needed=2)
    vote(joris, request, now)
    recorder.reset()
    lose(petra, joris, now)
    [cast] = ApprovalVote.objects.all()
    assert (cast.voter, cast.discounted_at, cast.discounted_reason) == (joris, now, why)
    assert payload("approval.vote_discounted")["voter"] == "Joris Blom"
    request = selectors.with_votes(ApprovalRequest.objects.all()).get()
    assert (request.state, selectors.count_approvals(request)) == (ApprovalState.PENDING, 0)
    # The case is locked before the request, as by every act.
    assert recorder.locked == [request.case_public_id]
    assert vote(make_supervisor(returns), request, now).state == ApprovalState.PENDING
    assert vote(make_supervisor(returns), request, now).state == ApprovalState.GRANTED


@pytest.mark.parametrize("way", WAYS)
def test_a_grant_that_was_not_used_is_voided_at_once(
    returns: Queue, petra: Actor, joris: User, recorder: Recorder, now: datetime, way: str
) -> None:
    lose, why = WAYS[way]
    request = make_request(returns)
    assert vote(joris, request, now).state == ApprovalState.GRANTED
    lose(petra, joris, now)
    request.refresh_from_db()
    assert request.state == ApprovalState.VOIDED
    assert request.ended_reason == f"The vote of Joris Blom no longer counts: {why} {ASKED_AGAIN}"
    assert recorder.decided == [(request.pk, "granted"), (request.pk, "voided")]
    assert "voided" in kinds()


def test_a_grant_with_votes_enough_without_it_stands(
    returns: Queue, petra: Actor, joris: User, now: datetime
) -> None:
    # Given with two votes where one was needed: a row that only a race could leave behind.
    request = make_request(returns, votes_needed=2)
    vote(joris, request, now)
    vote(make_supervisor(returns), request, now)
    ApprovalRequest.objects.update(votes_needed=1)
    disable(petra, joris, now)
    request.refresh_from_db()
    assert request.state == ApprovalState.GRANTED


def test_other_authority_that_still_suffices_keeps_the_vote(
    returns: Queue, petra: Actor, joris: User, now: datetime
) -> None:
    hold_role(joris, Role.SPECIALIST)
    grant(joris.groups.get(name="specialist"), returns, QueueGrant.VOTE)
    request = make_request(returns, votes_needed=2)
    vote(joris, request, now)
    take_grant(petra, joris, now)
    take_role(petra, joris, now)
    assert ApprovalVote.objects.get().discounted_at is None
    assert not access.revoke_queue(
        actor=petra, now=now, user=joris, queue=returns, grant=QueueGrant.VOTE
    )


def test_a_claim_is_given_back(returns: Queue, petra: Actor, joris: User, now: datetime) -> None:
    request = make_request(returns)
    act = {"now": now, "request_id": request.public_id}
    services.claim_request(actor=joris.as_actor(), **act)
    disable(petra, joris, now)
    request.refresh_from_db()
    assert (request.claimed_by, request.claimed_until_at) == (None, None)
    assert kinds()[-1] == "released"
    services.claim_request(actor=make_supervisor(returns).as_actor(), **act)


def test_a_role_taken_discounts_what_all_its_people_voted_under_its_grant(
    returns: Queue, petra: Actor, now: datetime
) -> None:
    team = [make_person(roles=[Role.SPECIALIST]) for _ in range(2)]
    grant(team[0].groups.get(), returns, QueueGrant.VOTE)
    request = make_request(returns, votes_needed=3)
    for person in team:
        vote(person, request, now)
    access.revoke_role_queue(
        actor=petra, now=now, role=Role.SPECIALIST, queue=returns, grant=QueueGrant.VOTE
    )
    assert ApprovalVote.objects.filter(discounted_at=now).count() == 2


def test_who_comes_back_does_not_vote_again(
    returns: Queue, petra: Actor, joris: User, recorder: Recorder, now: datetime
) -> None:
    request = make_request(returns, votes_needed=2)
    vote(joris, request, now)
    disable(petra, joris, now)
    access.enable_person(actor=petra, now=now, person=joris, reason="back")
    error = refuse(lambda: vote(joris, request, now), recorder)
    assert isinstance(error, NotPermittedError)
    assert error.error_code == "approval.already_voted"
    assert vote(make_supervisor(returns), request, now).state == ApprovalState.PENDING


def test_what_a_disabled_agent_waits_for_is_voided(
    returns: Queue, petra: Actor, joris: User, now: datetime
) -> None:
    agent: AgentIdentity = make_agent("Store assistant", queues=[returns])
    mine = [make_request(returns, requester=agent.as_actor()) for _ in range(2)]
    other = make_request(returns)
    vote(joris, mine[1], now)
    access.disable_agent(actor=petra, now=now, agent=agent, reason="it loops")
    for request in (*mine, other):
        request.refresh_from_db()
    assert [one.state for one in mine] == [ApprovalState.VOIDED] * 2
    assert mine[0].ended_reason == "The AI agent Store assistant was disabled."
    assert other.state == ApprovalState.PENDING
    assert access.disable_agent(actor=petra, now=now, agent=agent).is_active is False
    assert kinds().count("voided") == 2


def test_a_queue_taken_from_an_agent_voids_nothing(
    returns: Queue, petra: Actor, now: datetime
) -> None:
    agent = make_agent(queues=[returns])
    request = make_request(returns, requester=agent.as_actor())
    access.revoke_agent_queue(actor=petra, now=now, agent=agent, queue=returns)
    request.refresh_from_db()
    assert request.state == ApprovalState.PENDING


def test_what_ended_before_is_left_alone(
    returns: Queue, petra: Actor, joris: User, now: datetime
) -> None:
    request = make_request(returns)
    vote(joris, request, now)
    services.void_request(actor=petra, now=now, request_pk=request.pk, reason="moved on")
    before = kinds()
    disable(petra, joris, now + timedelta(minutes=1))
    assert [kind for kind in kinds() if not kind.startswith("person.")] == before
    assert ApprovalVote.objects.get().counts
