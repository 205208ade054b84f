"""Which votes a person sees the figures of, and what each says of its page."""

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access.models import Queue, User
from governance.access.selectors import authority_of
from governance.access.types import Role
from governance.approvals import services
from governance.approvals.models import ApprovalRequest
from governance.approvals.quality_rows import Wanted, Whose, list_votes, requests_of
from governance.approvals.registry import ReversalSource, reversals
from governance.approvals.types import VoteChoice
from tests.factories.access import make_person, make_queue, make_supervisor
from tests.factories.approval_acts import REJECT, vote
from tests.factories.approvals import ASKED_AT, make_request

pytestmark = pytest.mark.django_db
QUERIES = 2


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def opened(voter: User, request: ApprovalRequest) -> None:
    authority = authority_of(voter.as_actor())
    services.record_opened(authority=authority, now=ASKED_AT, request=request)


def found(person: User, whose: Whose = Whose.QUEUES, **changes: str) -> list[tuple[str, str]]:
    wanted = Wanted(whose=whose, since=ASKED_AT - timedelta(days=1), **changes)
    votes = list_votes(authority=authority_of(person.as_actor()), wanted=wanted)
    return [(vote.queue, str(vote.choice)) for vote in votes]


def test_a_vote_says_how_long_it_took_and_what_was_on_screen(returns: Queue) -> None:
    ines = make_supervisor(returns, "ines")
    quick, blind = make_request(returns), make_request(returns)
    opened(ines, quick)
    services.record_evidence_seen(
        actor=ines.as_actor(), now=ASKED_AT + seconds(20), request_id=quick.public_id
    )
    opened(ines, quick)
    vote(ines, quick, ASKED_AT + seconds(41))
    vote(ines, blind, ASKED_AT + seconds(50), REJECT)
    wanted = Wanted(whose=Whose.MINE, since=ASKED_AT)
    newest, oldest = list_votes(authority=authority_of(ines.as_actor()), wanted=wanted)
    assert (newest.took, newest.saw_all) == (None, False)
    assert (oldest.took, oldest.saw_all) == (seconds(41), True)
    assert oldest.by == newest.by == str(ines.public_id)
    assert set(requests_of([newest.request_id])) == {str(blind.public_id)}


def test_the_page_of_another_is_not_ones_own(returns: Queue) -> None:
    ines, dario = make_supervisor(returns, "ines"), make_supervisor(returns, "dario")
    request = make_request(returns)
    opened(dario, request)
    vote(ines, request, ASKED_AT + seconds(5))
    (one,) = list_votes(
        authority=authority_of(dario.as_actor()), wanted=Wanted(Whose.QUEUES, ASKED_AT)
    )
    assert one.took is None


def test_who_sees_whose(returns: Queue) -> None:
    other = make_queue("billing")
    ines, dario = make_supervisor(returns, "ines"), make_supervisor(other, "dario")
    vote(ines, make_request(returns), ASKED_AT)
    vote(dario, make_request(other), ASKED_AT, REJECT)
    lead = make_person("lead", roles=[Role.QA_LEAD])
    assert sorted(found(lead)) == [("billing", "reject"), ("returns", "approve")]
    assert found(ines) == found(ines, Whose.MINE) == [("returns", "approve")]
    assert found(dario, Whose.MINE) == [("billing", "reject")]
    assert found(lead, Whose.MINE) == []
    assert found(lead, queue="billing") == [("billing", "reject")]
    assert found(lead, risk="low") == []
    analyst = make_person("analyst", roles=[Role.QA_ANALYST])
    assert found(analyst) == []


def test_what_was_undone_later_is_marked(returns: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reversals, "_items", {})
    asked: list[datetime] = []

    def find(since: datetime) -> set[str]:
        asked.append(since)
        return {"x1", "x2", "of no vote"}

    reversals.register("test", ReversalSource(find=find))
    ines = make_supervisor(returns, "ines")
    for subject, choice in (("x1", "approve"), ("x2", "reject"), ("y", "approve")):
        vote(ines, make_request(returns, subject_id=subject), ASKED_AT, VoteChoice(choice))
    wanted = Wanted(whose=Whose.MINE, since=ASKED_AT)
    votes = list_votes(authority=authority_of(ines.as_actor()), wanted=wanted)
    assert [one.is_reversed for one in votes] == [False, False, True]
    assert asked == [ASKED_AT]


def test_queries_do_not_grow_with_votes(
    returns: Queue,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reversals, "_items", {})
    ines = make_supervisor(returns, "ines")
    authority = authority_of(ines.as_actor())
    for _round in range(2):
        for _each in range(3):
            vote(ines, make_request(returns), ASKED_AT)
        with django_assert_num_queries(QUERIES):
            list_votes(authority=authority, wanted=Wanted(Whose.QUEUES, ASKED_AT))
