"""What waits in each queue: one read a request, the same for the sidebar and the start page."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import Min
from pytest_django import DjangoAssertNumQueries

from cases.admin.queue_loads import QueueLoad, Waiting, count_changes, loads_of, waiting_of
from cases.journeys.models import StepRun
from governance.access.models import User
from governance.access.selectors import authorities_of_people
from governance.access.types import Role
from governance.admin.visit import Visit
from governance.approvals.models import ApprovalRequest
from governance.reviews.models import ChangeRequest
from orchestra.core import bounded, clock
from orchestra.core.bounded import in_short
from tests.factories.access import ALL_GRANTS, make_person, make_queue
from tests.flows.conftest import World
from tests.flows.helpers import open_case, waiting_address, waiting_return

pytestmark = pytest.mark.django_db


def visit_by(person: User, *, later: timedelta = timedelta()) -> Visit:
    (authority,) = authorities_of_people([person]).values()
    return Visit(authority=authority, now=clock.now() + later)


def test_one_query_says_what_waits_and_what_is_late(
    retail: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    waiting_return(retail)
    open_case(retail)
    request = ApprovalRequest.objects.get()
    StepRun.objects.filter(state="waiting").update(due_at=clock.now())
    late = StepRun.objects.filter(state__in=["ready", "running", "waiting"], due_at__isnull=False)
    visit = visit_by(retail.people["supervisor"], later=timedelta(days=9))
    with django_assert_num_queries(1):
        found = loads_of(visit)
        # The sidebar of the same page asks nothing more.
        assert waiting_of(visit) == Waiting(approvals=1)
    load = found[request.queue_id]
    assert load == QueueLoad(
        approvals=1, handoffs=0, open_cases=2, late=late.count(), since=request.created_at
    )
    assert load.late > 0
    short = visit_by(retail.people["supervisor"])
    with django_assert_num_queries(1):
        assert waiting_of(short) == Waiting(approvals=1)


def test_the_sidebar_counts_no_further_than_it_shows(
    retail: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        waiting_address(retail, number)
    person = retail.people["supervisor"]
    monkeypatch.setattr(bounded, "COUNTED", 2)
    counted = waiting_of(visit_by(person)).approvals
    whole = sum(load.approvals for load in loads_of(visit_by(person)).values())
    assert (counted, in_short(counted), whole) == (2, "1+", 2)
    assert in_short(1) == 1


def test_a_queue_is_counted_whatever_waits_in_others_and_says_where_it_was_not_to_the_end(
    retail: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        waiting_address(retail, number)
    waiting_return(retail)
    monkeypatch.setattr(bounded, "COUNTED", 1)
    StepRun.objects.filter(state="waiting").update(due_at=clock.now())

    found = loads_of(visit_by(retail.people["supervisor"], later=timedelta(days=9)))

    waits = Counter(ApprovalRequest.objects.values_list("queue_id", flat=True))
    assert len(waits) > 1
    assert {queue: load.approvals for queue, load in found.items()} == {
        queue: min(count, 1) for queue, count in waits.items()
    }
    oldest = ApprovalRequest.objects.aggregate(at=Min("created_at"))["at"]
    assert min(load.since for load in found.values() if load.since) == oldest
    assert sum(load.late for load in found.values()) == 2
    assert all(load.is_more_late for load in found.values())
    assert in_short(0, is_more=True) == "0+"


def test_who_may_read_no_queue_asks_nothing(
    retail: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    waiting_return(retail)
    visit = visit_by(User.objects.create(username="nobody"))
    with django_assert_max_num_queries(1):
        assert loads_of(visit) == {}
        assert waiting_of(visit) == Waiting()


@pytest.mark.parametrize("roles", [[Role.POLICY_OWNER], [Role.SUPERVISOR], [Role.HUMAN_AGENT]])
def test_the_changes_that_wait_come_with_it(
    roles: list[Role], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    waits = ChangeRequest(
        kind="policy",
        document_key="tools",
        document={},
        risk="low",
        state="submitted",
        author_id="somebody else",
        editor_id="somebody else",
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=1),
    )
    ChangeRequest.objects.bulk_create([waits])
    queue = make_queue()
    visit = visit_by(make_person("somebody", roles=roles, grants={queue: ALL_GRANTS}))
    with django_assert_num_queries(1):
        assert waiting_of(visit) == Waiting()
        assert count_changes(visit) == (0 if roles == [Role.HUMAN_AGENT] else 1)
    with django_assert_num_queries(1):
        assert loads_of(visit) == {}
        assert count_changes(visit) == (0 if roles == [Role.HUMAN_AGENT] else 1)
