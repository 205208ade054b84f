"""Tests of attention as pages: switching them, what their voter is told, and who sees what."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client

from governance.access.models import Queue, User
from governance.access.types import Role
from governance.approvals import services
from governance.approvals.models import ApprovalRequest, VigilanceSwitch, VigilanceTest
from governance.approvals.types import ApprovalState, VigilanceResult
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.factories.access import make_person, make_queue, make_supervisor
from tests.factories.approvals import make_draft, register_recorder
from tests.factories.vigilance import make_pair, make_view, switch_on
from tests.governance.admin.test_changes import sign_in, text_of

pytestmark = pytest.mark.django_db
PATH = "/admin/vigilance/"


@pytest.fixture(autouse=True)
def _allowed(settings: LazySettings) -> None:
    register_recorder()
    settings.ORCHESTRA = {**settings.ORCHESTRA, "VIGILANCE_ALLOWED": True}


@pytest.fixture
def returns(db: None) -> Queue:
    del db
    return make_queue("returns", title="Returns")


@pytest.fixture
def ines(returns: Queue) -> User:
    return make_supervisor(returns, "ines", first_name="Ines")


def placed(queue: Queue) -> ApprovalRequest:
    """A test that waits now, made from a real request of today."""
    now = clock.now()
    switch_on(queue, now - timedelta(hours=2))
    for _number in range(2000):
        draft = make_draft(
            queue,
            view=make_view(),
            amount_minor=112_604,
            currency="USD",
            deadline_at=now + timedelta(hours=2),
        )
        services.request_approval(actor=draft.requester, now=now - timedelta(hours=1), draft=draft)
        if services.plant_due(now=now - timedelta(hours=1), batch=500):
            break
    services.place_due(now=now, batch=1)
    found = VigilanceTest.objects.get().request
    assert found is not None
    return found


def post(person: User, act: str, **data: str) -> str:
    answer = sign_in(person).post(f"{PATH}returns/{act}/", data, follow=True)
    return " ".join(answer.content.decode().split())


@pytest.mark.usefixtures("returns")
def test_two_people_switch_it_on_and_one_off() -> None:
    petra, ruth = make_pair()
    assert "Asked. Another person agrees." in post(petra, "ask", per_thousand="10", reason="Drill.")
    assert "Another person has to agree." in text_of(sign_in(petra), PATH)
    refused = post(petra, "agree")
    assert "one asks, the other agrees" in refused
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1
    assert "Switched on." in post(ruth, "agree")
    page = text_of(sign_in(ruth), PATH)
    assert "10 of 1,000 requests" in page
    assert "Drill." in page
    assert "Switched off." in post(petra, "end")
    assert not VigilanceSwitch.objects.exists()


@pytest.mark.usefixtures("returns")
@pytest.mark.parametrize("rate", ["", "x", "0", "51", "1.5", "99999999"])
def test_a_wrong_rate_is_said(rate: str) -> None:
    petra, _ruth = make_pair()
    assert "Choose a rate from 1 to 50" in post(petra, "ask", per_thousand=rate, reason="Drill.")
    assert not VigilanceSwitch.objects.exists()


@pytest.mark.usefixtures("returns")
def test_an_unknown_act_or_queue_is_not_found(client: Client) -> None:
    del client
    petra, _ruth = make_pair()
    assert sign_in(petra).post(f"{PATH}returns/double/").status_code == 404
    assert sign_in(petra).post(f"{PATH}nowhere/ask/").status_code == 404


@pytest.mark.usefixtures("returns")
def test_where_it_is_not_allowed_the_page_says_so(settings: LazySettings) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "VIGILANCE_ALLOWED": False}
    petra, _ruth = make_pair()
    page = text_of(sign_in(petra), PATH)
    assert "does not allow tests" in page
    assert "Ask for it" not in page
    assert "does not allow tests of attention" in post(petra, "ask", per_thousand="5", reason="x")


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.QA_LEAD, Role.POLICY_OWNER])
def test_others_do_not_find_it(role: Role, returns: Queue) -> None:
    del returns
    assert sign_in(make_person("other", roles=[role])).get(PATH).status_code == 404


def test_before_the_vote_nothing_tells_and_after_it_everything(ines: User, returns: Queue) -> None:
    found = placed(returns)
    test = VigilanceTest.objects.get()
    client = sign_in(ines)
    link = f"/admin/approvals/{found.public_id}/"
    # How many real requests came before it is chance: the list may have several pages.
    inbox = f"/admin/approvals/?text={found.label}"
    for page in (text_of(client, link), text_of(client, inbox)):
        assert "attention" not in page.lower()
        assert "vigilance" not in page.lower()
        assert found.label in page
    answer = client.post(
        f"{link}vote/",
        {
            "choice": "reject",
            "reason": "Not what was asked.",
            "reason_code": "other",
            "action_digest": found.action_digest,
            "view_digest": found.view_digest,
        },
        follow=True,
    )
    told = answer.content.decode()
    assert "This was a test of attention, and you caught it" in told
    assert "nothing stood behind it that could run" in told
    test.refresh_from_db()
    assert (test.result, test.judged_by) == (VigilanceResult.CAUGHT, ines)
    page = text_of(client, "/admin/approvals/quality/?whose=mine")
    assert "1 test: too few for a rate" in page
    rows = text_of(client, "/admin/approvals/quality/rows/?measure=tests&whose=mine")
    assert "1 tests of attention" in rows
    assert test.sign.replace("'", "&#x27;") in rows


def test_the_api_shows_it_as_any_other(ines: User, returns: Queue) -> None:
    found = placed(returns)
    client = sign_in(ines)
    one = client.get(f"/api/v1/approvals/{found.public_id}/").json()
    real = ApprovalRequest.objects.exclude(pk=found.pk).latest("pk")
    other = client.get(f"/api/v1/approvals/{real.public_id}/").json()
    assert set(one) == set(other)
    assert set(one["view"]) == set(other["view"])
    assert "vigilance" not in str(one).lower()
    voted = client.post(
        f"/api/v1/approvals/{found.public_id}/vote/",
        {"vote": "approve", "digest": found.action_digest, "view_digest": found.view_digest},
        content_type="application/json",
        headers={"Idempotency-Key": "once"},
    )
    assert voted.status_code == 200, voted.content
    assert voted.json()["state"] == ApprovalState.VOIDED
    assert "This was a test of attention. Nothing ran." in voted.json()["ended_reason"]
