"""What stands beside an approval is read at once, and is what each question finds alone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.admin.approval_reading import read_approval, timeline_of
from cases.admin.approvals import find_call
from cases.memory import selectors as memory
from cases.memory.models import Case
from governance.admin.visit import Visit
from governance.approvals import inbox, selectors
from governance.approvals.inbox_query import InboxQuery
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState
from tests.cases.admin.conftest import Browser
from tests.cases.admin.test_case_merge import post
from tests.cases.admin.test_case_reading import visit_by
from tests.flows.conftest import World
from tests.flows.helpers import identify, open_case, waiting_return


def asked_for(visit: Visit, call: dict[str, dict[str, str]]) -> ApprovalRequest:
    wanted = ApprovalRequest.objects.get(public_id=call["approval"]["id"])
    return selectors.get_without_votes(authority=visit.authority, request_id=wanted.public_id)


def test_all_beside_a_request_is_read_in_one_statement(retail: World) -> None:
    public_id, call = waiting_return(retail)
    waiting_return(retail)
    visit = visit_by("supervisor")
    found = asked_for(visit, call)
    with CaptureQueriesContext(connection) as asked:
        read = read_approval(found, visit, None)
        story = timeline_of(read, visit)
        votes = list(found.votes.all())
        assert read.around is not None
        around = inbox.around_in(read.around)
    assert (len(asked), votes, list(read.stops)) == (1, [], [])
    assert read.call == find_call(found, visit)
    case = Case.objects.get(public_id=public_id)
    assert story == memory.timeline(authority=visit.authority, case=case)
    assert around == inbox.look_around(
        authority=visit.authority, now=visit.now, request=found, query=InboxQuery()
    )
    assert (around.place, around.of) == (0, 2)


def test_a_request_that_ended_has_no_place_among_those_that_wait(retail: World) -> None:
    _public_id, call = waiting_return(retail)
    visit = visit_by("supervisor")
    found = asked_for(visit, call)
    found.state = ApprovalState.EXPIRED
    assert read_approval(found, visit, None).around is None
    assert read_approval(found, visit, InboxQuery()).around is not None


@pytest.mark.parametrize(("who", "seen"), [("agent", True), ("policy", False)])
def test_the_call_is_read_for_who_may_see_its_case(retail: World, who: str, seen: bool) -> None:
    _public_id, call = waiting_return(retail)
    found = asked_for(visit_by("supervisor"), call)
    visit = visit_by(who)
    read = read_approval(found, visit, None)
    assert read.call == find_call(found, visit)
    assert (read.call is not None) is seen


def test_the_story_goes_through_the_cases_that_were_taken_in(
    retail: World, browser: Browser
) -> None:
    public_id, call = waiting_return(retail)
    other = open_case(retail, external_ref="another")
    identify(retail, other)
    case, absorbed = (Case.objects.get(public_id=one) for one in (public_id, other))
    post(browser, case, "merge", case=absorbed.label, reason="She wrote twice.")
    visit = visit_by("supervisor")
    found = asked_for(visit, call)
    story = timeline_of(read_approval(found, visit, None), visit)
    assert story == memory.timeline(authority=visit.authority, case=case)
    assert any(item.from_case == absorbed.label for item in story)
