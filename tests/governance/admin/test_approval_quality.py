"""The page of approval quality: who sees what, and the rows behind every number."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access.models import Queue, User
from governance.access.selectors import authority_of_person
from governance.access.types import Role
from governance.approvals import services
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import VoteChoice
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.factories.access import ALL_GRANTS, make_person, make_queue, make_supervisor
from tests.factories.approval_acts import REJECT, vote
from tests.factories.approvals import make_draft, register_recorder
from tests.governance.admin.test_changes import sign_in, text_of

pytestmark = pytest.mark.django_db
PATH = "/admin/approvals/quality/"
ROWS = f"{PATH}rows/"
QUERIES = 10


@pytest.fixture(autouse=True)
def _handled() -> None:
    register_recorder()


@pytest.fixture
def returns(db: None) -> Queue:
    del db
    return make_queue("returns", title="Returns")


@pytest.fixture
def ines(returns: Queue) -> User:
    return make_supervisor(returns, "ines", first_name="Ines")


def decide(
    voter: User, queue: Queue, *, after: float | None = 40, choice: VoteChoice = VoteChoice.APPROVE
) -> ApprovalRequest:
    """A request that was voted on now, opened so many seconds before."""
    now = clock.now()
    draft = make_draft(queue, deadline_at=now + timedelta(hours=1))
    request = services.request_approval(
        actor=draft.requester, now=now - timedelta(hours=1), draft=draft
    )
    if after is not None:
        services.record_opened(
            authority=authority_of_person(voter),
            now=now - timedelta(seconds=after),
            request=request,
        )
    vote(voter, request, now, choice)
    return request


def test_a_supervisor_sees_the_figures_and_few_are_no_rate(ines: User, returns: Queue) -> None:
    for after in (2, 30, 50, None):
        decide(ines, returns, after=after)
    decide(ines, returns, choice=REJECT)
    page = text_of(sign_in(ines), PATH)
    assert "5 decisions in 30 days: median 35 s, 1 under three seconds" in page
    assert "1 of 4</a>" in page
    assert "5 decisions: too few for a rate" in page
    assert "No QA reviews are recorded yet" in page
    assert "no like case was decided by two people" in page
    assert "By risk" in page
    assert "Returns" in page
    assert "Ines" not in page.split("<main", 1)[1]


@pytest.mark.parametrize(
    ("measure", "title", "count"),
    [
        ("decided", "3 decided", 3),
        ("hasty", "1 decided under three seconds", 1),
        ("unopened", "1 voted on without opening the page", 1),
        ("rejected", "1 rejected", 1),
        ("timed", "2 decided from their page", 2),
        ("unseen", "2 opened, but not all evidence on screen", 2),
        ("reversed", "0 undone after they ran", 0),
        ("pairs", "0 votes on like cases", 0),
    ],
)
def test_every_number_opens_its_rows(
    ines: User, returns: Queue, measure: str, title: str, count: int
) -> None:
    decide(ines, returns, after=2)
    decide(ines, returns, after=None)
    decide(ines, returns, choice=REJECT)
    page = text_of(sign_in(ines), f"{ROWS}?measure={measure}&whose=queues")
    assert title in page
    assert page.count("data-row=") == count


def test_twenty_are_a_rate_with_its_interval(ines: User, returns: Queue) -> None:
    for number in range(20):
        decide(ines, returns, choice=REJECT if number < 5 else VoteChoice.APPROVE)
    page = text_of(sign_in(ines), PATH)
    assert "5 of 20; 95% interval 11.2 to 46.9" in page


def test_a_person_sees_their_own_and_nobody_elses(ines: User, returns: Queue) -> None:
    expert = make_person("expert", roles=[Role.SPECIALIST], grants={returns: ALL_GRANTS})
    decide(ines, returns, choice=REJECT)
    decide(expert, returns)
    page = text_of(sign_in(expert), f"{PATH}?whose=queues")
    assert "You took 1 decision in 30 days" in page
    assert "My queues" not in page
    rows = text_of(sign_in(expert), f"{ROWS}?measure=rejected&whose=queues")
    assert "0 rejected" in rows


@pytest.mark.parametrize("role", [Role.QA_ANALYST, Role.HUMAN_AGENT, Role.POLICY_OWNER])
@pytest.mark.parametrize("path", [PATH, ROWS])
def test_others_find_nothing_there(role: Role, path: str, returns: Queue) -> None:
    del returns
    assert sign_in(make_person("other", roles=[role])).get(path).status_code == 404


def test_a_number_of_no_kind_is_not_found(ines: User) -> None:
    assert sign_in(ines).get(f"{ROWS}?measure=score").status_code == 404


def test_a_queue_out_of_reach_is_not_counted(ines: User) -> None:
    other = make_queue("billing", title="Billing")
    decide(make_supervisor(other, "dario"), other)
    page = text_of(sign_in(ines), f"{PATH}?queue=billing")
    assert "No decision in 30 days" in page


def test_slices_narrow_and_say_so(ines: User, returns: Queue) -> None:
    decide(ines, returns)
    page = text_of(sign_in(ines), f"{PATH}?queue=returns&risk=high&days=7")
    assert "Queue: Returns" in page or "Queue: returns" in page
    assert "1 decision in 7 days" in page
    assert "No decision in 30 days" in text_of(sign_in(ines), f"{PATH}?week=2001-W01")


def test_the_queries_do_not_grow_with_votes(
    ines: User, returns: Queue, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = sign_in(ines)
    for _round in range(2):
        for _each in range(2):
            decide(ines, returns)
        with django_assert_num_queries(QUERIES):
            client.get(PATH)


def test_evidence_on_screen_is_recorded_once(ines: User, returns: Queue) -> None:
    now = clock.now()
    draft = make_draft(returns, deadline_at=now + timedelta(hours=1))
    request = services.request_approval(actor=draft.requester, now=now, draft=draft)
    path = f"/admin/approvals/{request.public_id}/evidence-seen/"
    client = sign_in(ines)
    assert [client.post(path).status_code for _round in range(2)] == [204, 204]
    assert LedgerEntry.objects.filter(kind="approval.evidence_seen").count() == 1
    assert client.get(path).status_code == 405
    stranger = sign_in(make_supervisor(make_queue("billing"), "dario"))
    assert stranger.post(path).status_code == 404


def test_it_is_found_from_the_start(ines: User) -> None:
    page = text_of(sign_in(ines), "/admin/")
    assert "/admin/approvals/quality/?whose=mine&amp;days=7" in page
    assert "Approval quality" in page
