"""Pages, counts and the way to the next request, and that none of it grows with the rows."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.models import Queue
from governance.access.selectors import authority_of
from governance.access.types import Authority
from governance.approvals import inbox, services
from governance.approvals.inbox_query import InboxQuery, parse_place
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState, InboxFilter
from governance.policies.types import RiskLevel
from tests.factories.access import make_queue, make_supervisor
from tests.factories.approvals import DEADLINE_AT, VIEW, make_request, make_row, register_recorder

pytestmark = pytest.mark.django_db
RISKS = list(RiskLevel)


@pytest.fixture
def me(returns: Queue) -> Authority:
    return authority_of(make_supervisor(returns).as_actor())


def names(rows: list[ApprovalRequest]) -> list[str]:
    return [row.title.removeprefix("Refund ") for row in rows]


def fill(queue: Queue, size: int) -> None:
    for number in range(size):
        make_row(
            queue,
            number,
            risk=RISKS[number % 4],
            deadline_at=DEADLINE_AT + timedelta(minutes=number % 7),
            headline=f"Refund {number}",
            money_direction="to_customer",
        )


@pytest.mark.parametrize("is_by_risk", [False, True])
def test_pages_follow_each_other_without_gap_or_repeat(
    returns: Queue, me: Authority, now: datetime, monkeypatch: pytest.MonkeyPatch, is_by_risk: bool
) -> None:
    monkeypatch.setattr(inbox, "PAGE", 5)
    fill(returns, 23)
    query = InboxQuery(is_by_risk=is_by_risk)
    seen: list[int] = []
    after = ""
    for _page in range(5):
        page = inbox.read_page(authority=me, now=now, query=query, after=parse_place(after))
        seen += [row.pk for row in page.rows]
        after = page.after
    assert after == ""
    order = (
        ("-risk_rank", "deadline_at", "id") if is_by_risk else ("deadline_at", "-risk_rank", "id")
    )
    assert seen == list(ApprovalRequest.objects.order_by(*order).values_list("pk", flat=True))


@pytest.mark.parametrize("is_by_risk", [False, True])
def test_the_way_goes_through_all_in_order_and_back(
    returns: Queue, me: Authority, now: datetime, is_by_risk: bool
) -> None:
    fill(returns, 9)
    query = InboxQuery(is_by_risk=is_by_risk)
    rows = inbox.read_page(authority=me, now=now, query=query).rows
    for at, row in enumerate(rows):
        around = inbox.look_around(authority=me, now=now, request=row, query=query)
        assert around.place == at
        assert around.previous_id == (rows[at - 1].public_id if at else None)
        assert around.next_id == (rows[at + 1].public_id if at + 1 < len(rows) else None)


def test_the_way_goes_on_from_a_request_that_has_ended(
    returns: Queue, me: Authority, now: datetime
) -> None:
    fill(returns, 3)
    first, second, _third = inbox.read_page(authority=me, now=now, query=InboxQuery()).rows
    ApprovalRequest.objects.filter(pk=first.pk).update(state=ApprovalState.REJECTED)
    around = inbox.look_around(authority=me, now=now, request=first, query=InboxQuery())
    assert (around.place, around.previous_id, around.next_id) == (0, None, second.public_id)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (InboxQuery(queue="returns"), {"1", "2", "3"}),
        (InboxQuery(queue="nowhere"), set()),
        (InboxQuery(risk=RiskLevel.CRITICAL), {"2"}),
        (InboxQuery(tool="cancel order"), {"3"}),
        (InboxQuery(journey="RETURN"), {"1"}),
        (InboxQuery(over="750", currency="USD"), {"2"}),
        (InboxQuery(over="750", currency="EUR"), {"3"}),
        (InboxQuery(over="749.99", currency="USD"), {"1", "2"}),
        (InboxQuery(requester="night"), {"3"}),
        (InboxQuery(text="VACUUM"), {"1"}),
        (InboxQuery(text="C-99"), {"2"}),
        (InboxQuery(only=InboxFilter.HEIGHTENED, text="refund"), {"2"}),
    ],
)
def test_ones_own_criteria(
    me: Authority, returns: Queue, now: datetime, query: InboxQuery, expected: set[str]
) -> None:
    Queue.objects.filter(pk=returns.pk).update(key="returns")
    usd, eur = {"currency": "USD"}, {"currency": "EUR"}
    make_row(returns, 1, headline="A vacuum", journey="Return items", amount_minor=75_000, **usd)
    make_row(returns, 2, case_label="C-99", risk=RiskLevel.CRITICAL, amount_minor=75_001, **usd)
    make_row(
        returns,
        3,
        tool="retail.cancel_order",
        requester_label="Night assistant",
        amount_minor=75_001,
        **eur,
    )
    page = inbox.read_page(authority=me, now=now, query=query)
    assert set(names(page.rows)) == expected
    assert inbox.count_view(authority=me, now=now, query=query) == len(expected)


def test_a_request_is_found_by_what_people_call_it(
    returns: Queue, me: Authority, now: datetime
) -> None:
    make_row(returns, 1)
    row = make_row(returns, 2)
    for text in (row.label, row.label.lower()):
        page = inbox.read_page(authority=me, now=now, query=InboxQuery(text=text))
        assert row in page.rows
    nothing = InboxQuery(text=f"AP-{10**30}")
    assert inbox.read_page(authority=me, now=now, query=nothing).rows == []


def test_what_is_mine_and_what_was_handed_to_me(
    returns: Queue, me: Authority, now: datetime
) -> None:
    person = make_supervisor(returns)
    soon = now + timedelta(minutes=5)
    mine = {"claimed_by_id": me.actor.pk, "claimed_until_at": soon}
    make_row(returns, 1, **mine)
    make_row(returns, 2, claimed_by_id=me.actor.pk, claimed_until_at=now)
    make_row(returns, 3, claimed_by=person, claimed_until_at=soon)
    make_row(returns, 4, handed_to_id=me.actor.pk, handed_by=person, handed_until_at=soon)
    make_row(returns, 5, handed_to_id=me.actor.pk, handed_by=person, handed_until_at=now)
    make_row(returns, 6)
    expected = {
        InboxFilter.MINE: {"1"},
        InboxFilter.HANDED: {"4"},
        InboxFilter.UNCLAIMED: {"2", "5", "6"},
    }
    counts = inbox.count_inbox(authority=me, now=now)
    for only, wanted in expected.items():
        page = inbox.read_page(authority=me, now=now, query=InboxQuery(only=only))
        assert set(names(page.rows)) == wanted
        assert counts[only] == len(wanted)


def test_a_count_stops_at_its_bound(
    returns: Queue, me: Authority, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "COUNTED", 3)
    fill(returns, 9)
    assert inbox.count_inbox(authority=me, now=now)[InboxFilter.ALL] == 4
    assert inbox.count_view(authority=me, now=now, query=InboxQuery(risk=RiskLevel.LOW)) == 3
    rows = inbox.read_page(authority=me, now=now, query=InboxQuery()).rows
    around = inbox.look_around(authority=me, now=now, request=rows[-1], query=InboxQuery())
    assert around.place == 3


def test_nothing_of_another_queue_is_read_or_counted(me: Authority, now: datetime) -> None:
    row = make_row(make_queue(), 1)
    assert inbox.read_page(authority=me, now=now, query=InboxQuery()).rows == []
    assert inbox.count_inbox(authority=me, now=now)[InboxFilter.ALL] == 0
    assert inbox.read_known(authority=me, keys=[row.pk]) == []
    around = inbox.look_around(authority=me, now=now, request=row, query=InboxQuery())
    assert (around.previous_id, around.next_id) == (None, None)


def test_what_a_page_still_shows_is_read_as_it_stands(returns: Queue, me: Authority) -> None:
    waits, ended = make_row(returns, 1), make_row(returns, 2, state=ApprovalState.VOIDED)
    found = inbox.read_known(authority=me, keys=[waits.pk, ended.pk])
    assert {row.pk: row.state for row in found} == {waits.pk: "pending", ended.pk: "voided"}
    assert inbox.read_known(authority=me, keys=[]) == []


@pytest.mark.parametrize("size", [10, 200])
def test_the_queries_are_the_same_for_ten_and_two_hundred(
    returns: Queue, me: Authority, now: datetime, size: int
) -> None:
    fill(returns, size)
    query = InboxQuery(only=InboxFilter.MAY_DECIDE)
    with CaptureQueriesContext(connection) as captured:
        page = inbox.read_page(authority=me, now=now, query=query)
        assert all(row.votes.all() is not None and row.queue.title for row in page.rows)
        inbox.count_inbox(authority=me, now=now)
        inbox.look_around(authority=me, now=now, request=page.rows[3], query=query)
    assert len(page.rows) == min(size, inbox.PAGE)
    assert len(captured) == 4
    assert '"view"' not in captured[0]["sql"]


def test_rows_older_than_the_columns_are_told_from_their_views(
    returns: Queue, me: Authority, now: datetime
) -> None:
    view = b'{"effect":{"title":"Cancel"},"money":{"direction":"from_customer"}}'
    for number in range(3):
        make_row(returns, number, view=view)
    with CaptureQueriesContext(connection) as captured:
        rows = inbox.read_page(authority=me, now=now, query=InboxQuery()).rows
    assert {(row.headline, row.money_direction) for row in rows} == {("Cancel", "from_customer")}
    assert len(captured) == 3


def test_a_request_tells_its_row_when_it_is_made(returns: Queue) -> None:
    register_recorder()
    view = {**VIEW, "effect": {"title": "Refund"}, "money": {"direction": "to_customer"}}
    made = make_request(returns, view=view, journey="Return items")
    made.refresh_from_db()
    assert (made.headline, made.money_direction) == ("Refund", "to_customer")
    assert (made.journey, made.risk_rank) == ("Return items", 2)


def test_the_newest_change_moves_with_acts_and_not_with_looks(
    returns: Queue, now: datetime
) -> None:
    register_recorder()
    assert inbox.find_newest_change() == 0
    made = make_request(returns)
    first = inbox.find_newest_change()
    assert first > 0
    person = make_supervisor(returns).as_actor()
    services.record_opened(authority=authority_of(person), now=now, request=made)
    assert inbox.find_newest_change() == first
    services.claim_request(actor=person, now=now, request_id=made.public_id)
    assert inbox.find_newest_change() > first


def test_a_text_is_looked_for_off_an_index_of_texts(
    returns: Queue, me: Authority, now: datetime
) -> None:
    fill(returns, 9)
    with CaptureQueriesContext(connection) as asked:
        page = inbox.read_page(authority=me, now=now, query=InboxQuery(text="fund 7"))
    assert names(page.rows) == ["7"]
    if connection.vendor == "postgresql":
        [search] = [one["sql"] for one in asked if "LIKE UPPER" in one["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexdef FROM pg_indexes WHERE indexname = %s", ["approval_pending_text"]
            )
            [[index]] = cursor.fetchall()
        assert "'pending'" in index
        # Each column that is compared, or all that waits is read for the one without.
        compared = re.findall(r'UPPER\("governance_approvalrequest"\."(\w+)"::text\) LIKE', search)
        assert sorted(compared) == ["case_label", "detail", "headline", "title"]
        for column in compared:
            assert f"upper(({column})::text) gin_trgm_ops" in index
