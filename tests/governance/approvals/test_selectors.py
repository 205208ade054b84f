"""The inbox: what is seen, in which order, under which filter, for how many queries."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from governance.access.models import Queue
from governance.access.selectors import authority_of
from governance.access.types import QueueGrant, Role
from governance.approvals import inbox, selectors
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState, InboxFilter
from governance.policies.types import RiskLevel
from orchestra.core.errors import NotFoundError
from tests.factories.access import make_agent, make_person, make_queue, make_supervisor
from tests.factories.approvals import ASKED_AT, DEADLINE_AT, add_vote, make_row

pytestmark = pytest.mark.django_db


def titles(rows: "list[ApprovalRequest]") -> list[str]:
    return [row.title.removeprefix("Refund ") for row in rows]


def test_order_is_deadline_then_risk_then_age(returns: Queue, now: datetime) -> None:
    soon = DEADLINE_AT - timedelta(minutes=30)
    make_row(returns, 1, risk=RiskLevel.LOW)
    make_row(returns, 2, risk=RiskLevel.CRITICAL)
    make_row(returns, 3, risk=RiskLevel.MEDIUM, deadline_at=soon)
    make_row(returns, 4, risk=RiskLevel.CRITICAL)
    make_row(returns, 5, risk=RiskLevel.HIGH)
    authority = authority_of(make_supervisor(returns).as_actor())
    found = selectors.list_inbox(authority=authority, now=now)
    assert titles(list(found)) == ["3", "2", "4", "5", "1"]
    found = selectors.list_inbox(authority=authority, now=now, is_by_risk=True)
    assert titles(list(found)) == ["2", "4", "5", "3", "1"]
    assert titles(list(selectors.list_inbox(authority=authority))) == ["3", "2", "4", "5", "1"]


def test_only_what_may_be_seen(returns: Queue, now: datetime) -> None:
    elsewhere = make_queue()
    make_row(returns, 1)
    make_row(elsewhere, 2)
    make_row(returns, 3, state=ApprovalState.VOIDED)
    people = {
        "supervisor": (make_supervisor(returns).as_actor(), ["1"]),
        "officer": (make_person(roles=[Role.COMPLIANCE_OFFICER]).as_actor(), ["1", "2"]),
        "superuser": (make_person(is_superuser=True).as_actor(), []),
        "disabled": (make_supervisor(returns, is_active=False).as_actor(), []),
        "agent": (make_agent(queues=[returns]).as_actor(), ["1"]),
    }
    for actor, expected in people.values():
        authority = authority_of(actor)
        found = selectors.list_inbox(authority=authority, now=now)
        assert titles(list(found)) == expected
        counts = inbox.count_inbox(authority=authority, now=now)
        assert counts[InboxFilter.ALL] == len(expected)
    authority = authority_of(make_supervisor(returns).as_actor())
    voided = selectors.list_inbox(authority=authority, state=ApprovalState.VOIDED)
    assert titles(list(voided)) == ["3"]


def test_the_filters_and_their_counts(returns: Queue, now: datetime) -> None:
    me, other = make_supervisor(returns), make_supervisor(returns)
    my_id = str(me.public_id)
    make_row(returns, 1, deadline_at=now + timedelta(minutes=30))
    make_row(returns, 2, risk=RiskLevel.CRITICAL)
    voted = make_row(returns, 3, votes_needed=2)
    add_vote(voted, me, "supervisor")
    make_row(returns, 4, barred={my_id: "You edited it last."})
    make_row(returns, 5, requester_id=my_id, requester_kind="human")
    make_row(returns, 6, claimed_by=other, claimed_until_at=now + timedelta(minutes=1))
    make_row(returns, 7, claimed_by=other, claimed_until_at=now)
    make_row(returns, 8, deadline_at=now)
    authority = authority_of(me.as_actor())
    expected = {
        InboxFilter.ALL: {"1", "2", "3", "4", "5", "6", "7", "8"},
        InboxFilter.MAY_DECIDE: {"1", "2", "6", "7"},
        InboxFilter.MINE: set(),
        InboxFilter.HANDED: set(),
        InboxFilter.DUE_SOON: {"1", "8"},
        InboxFilter.HEIGHTENED: {"2", "3"},
        InboxFilter.UNCLAIMED: {"1", "2", "3", "4", "5", "7", "8"},
    }
    for only, wanted in expected.items():
        found = selectors.list_inbox(authority=authority, now=now, only=only)
        assert set(titles(list(found))) == wanted
    counts = inbox.count_inbox(authority=authority, now=now)
    assert counts == {only: len(wanted) for only, wanted in expected.items()}


def test_a_filter_that_needs_a_moment_says_so(returns: Queue) -> None:
    authority = authority_of(make_supervisor(returns).as_actor())
    with pytest.raises(ValueError, match="due_soon"):
        selectors.list_inbox(authority=authority, only=InboxFilter.DUE_SOON)


def test_nobody_may_decide_who_may_not_vote(returns: Queue, now: datetime) -> None:
    make_row(returns, 1)
    for actor in (
        make_agent(queues=[returns]).as_actor(),
        make_person(roles=[Role.COMPLIANCE_OFFICER]).as_actor(),
        make_person(roles=[Role.HUMAN_AGENT], grants={returns: list(QueueGrant)}).as_actor(),
    ):
        counts = inbox.count_inbox(authority=authority_of(actor), now=now)
        assert (counts[InboxFilter.ALL], counts[InboxFilter.MAY_DECIDE]) == (1, 0)


@pytest.mark.parametrize("size", [1, 20])
def test_queries_do_not_grow(
    returns: Queue, now: datetime, size: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    other = make_supervisor(returns)
    for number in range(size):
        add_vote(make_row(returns, number, votes_needed=2, claimed_by=other), other, "supervisor")
    authority = authority_of(make_supervisor(returns).as_actor())
    with django_assert_num_queries(2):
        rows = list(selectors.list_inbox(authority=authority, now=now))
        verdicts = [selectors.verdict_on(authority=authority, request=row, now=now) for row in rows]
        shown = [(row.queue.title, row.claimed_by.label) for row in rows if row.claimed_by]
    assert len(verdicts) == len(shown) == size
    with django_assert_num_queries(1):
        counts = inbox.count_inbox(authority=authority, now=now)
    assert counts[InboxFilter.MAY_DECIDE] == size
    with django_assert_num_queries(2):
        found = selectors.get_request(authority=authority, request_id=rows[0].public_id)
        selectors.standing_of(found)


def test_one_request(returns: Queue) -> None:
    row = make_row(returns, 1)
    authority = authority_of(make_supervisor(returns).as_actor())
    assert selectors.get_request(authority=authority, request_id=row.public_id) == row
    assert selectors.find_by_public_id(row.public_id) == row
    assert selectors.find_by_public_id(returns.public_id) is None
    stranger = authority_of(make_supervisor(make_queue()).as_actor())
    for who, wanted in ((stranger, row.public_id), (authority, returns.public_id)):
        with pytest.raises(NotFoundError):
            selectors.get_request(authority=who, request_id=wanted)


def test_who_can_still_vote(returns: Queue) -> None:
    people = {name: make_supervisor(returns, name) for name in ("anna", "bela", "cora", "dina")}
    row = make_row(
        returns,
        1,
        votes_needed=2,
        requester_id=str(people["anna"].public_id),
        barred={str(people["bela"].public_id): "You edited it last."},
    )
    add_vote(row, people["cora"], "supervisor")
    assert selectors.list_possible_voters(request=row) == [people["dina"]]


@pytest.mark.parametrize(
    ("asked", "cast", "mine", "expected"),
    [
        ([], ["supervisor"], [Role.SUPERVISOR], False),
        ([], ["supervisor"], [Role.SPECIALIST], True),
        ([], ["supervisor"], [Role.SUPERVISOR, Role.SPECIALIST], True),
        ([], ["specialist", "supervisor"], [Role.SUPERVISOR], True),
        (["specialist", "supervisor"], ["supervisor"], [Role.SUPERVISOR], False),
        (["specialist", "supervisor"], ["supervisor"], [Role.SPECIALIST], True),
        (
            ["specialist", "supervisor"],
            ["supervisor"],
            [Role.SUPERVISOR, Role.SPECIALIST],
            True,
        ),
        (
            ["compliance_officer", "supervisor"],
            ["supervisor"],
            [Role.SUPERVISOR, Role.SPECIALIST],
            False,
        ),
    ],
)
def test_a_role_that_is_taken_needs_another(
    returns: Queue,
    now: datetime,
    asked: list[str],
    cast: list[str],
    mine: list[Role],
    *,
    expected: bool,
) -> None:
    row = make_row(returns, 1, votes_needed=2, distinct_roles=True, roles=asked)
    add_vote(row, make_supervisor(returns), *cast)
    me = make_person(roles=mine, grants={returns: [QueueGrant.VOTE]})
    authority = authority_of(me.as_actor())
    verdict = selectors.verdict_on(authority=authority, request=row, now=now)
    counts = inbox.count_inbox(authority=authority, now=now)
    assert verdict.allowed is expected
    assert counts[InboxFilter.MAY_DECIDE] == int(expected)


ROLES = [Role.SUPERVISOR, Role.SPECIALIST, Role.COMPLIANCE_OFFICER, Role.HUMAN_AGENT]
VOTING = ["supervisor", "specialist", "compliance_officer"]


class TestMayDecide(TestCase):
    """The filter in SQL and the one voting rule say the same of every request."""

    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def test_the_filter_and_the_rule_agree(self, data: st.DataObject) -> None:
        here, elsewhere = make_queue(), make_queue()
        other = make_supervisor(here)
        me = make_person(
            roles=data.draw(st.sets(st.sampled_from(ROLES))),
            grants={here: data.draw(st.sets(st.sampled_from(QueueGrant))), elsewhere: []},
        )
        my_id = str(me.public_id)
        now = ASKED_AT + timedelta(minutes=5)
        for number in range(data.draw(st.integers(1, 4))):
            row = make_row(
                data.draw(st.sampled_from([here, here, elsewhere])),
                number,
                votes_needed=2,
                roles=sorted(data.draw(st.sets(st.sampled_from(VOTING)))),
                distinct_roles=data.draw(st.booleans()),
                requester_id=data.draw(st.sampled_from(["somebody", "somebody", my_id])),
                barred=data.draw(st.sampled_from([{}, {}, {my_id: "x"}, {"other": my_id}])),
                deadline_at=now + timedelta(minutes=data.draw(st.integers(-1, 2))),
            )
            voter = data.draw(st.sampled_from([None, other, other, me]))
            if voter is not None:
                cast = data.draw(st.sets(st.sampled_from(row.roles or VOTING), min_size=1))
                add_vote(row, voter, *cast)
        authority = authority_of(me.as_actor())
        rows = ApprovalRequest.objects.prefetch_related("votes__voter")
        expected = {
            row.pk
            for row in rows
            if selectors.verdict_on(authority=authority, request=row, now=now).allowed
        }
        found = selectors.list_inbox(authority=authority, now=now, only=InboxFilter.MAY_DECIDE)
        assert {row.pk for row in found} == expected
        counts = inbox.count_inbox(authority=authority, now=now)
        assert counts[InboxFilter.MAY_DECIDE] == len(expected)
