"""A test of attention offers what any request offers; trying to edit it says what it was."""

import re

import pytest
from django.conf import LazySettings

from cases.tools.models import ToolCall
from governance.access.models import Queue
from governance.approvals import services, vigilance
from governance.approvals.models import ApprovalRequest, VigilanceSwitch, VigilanceTest
from governance.approvals.types import ApprovalState, VigilanceResult
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.cases.admin.conftest import Browser
from tests.factories.vigilance import ALWAYS, switch_on
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return


@pytest.fixture
def real(retail: World, settings: LazySettings) -> ApprovalRequest:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "VIGILANCE_ALLOWED": True}
    switch_on(Queue.objects.get(key="returns"), clock.now())
    waiting_return(retail)
    return ApprovalRequest.objects.get()


@pytest.fixture
def planted(real: ApprovalRequest) -> ApprovalRequest:
    """A test made from the real request, placed beside it."""
    drawing = (
        seed
        for seed in (f"{number:064x}" for number in range(10_000))
        if vigilance.is_drawn(seed=seed, request_id=str(real.public_id), per_thousand=ALWAYS)
    )
    VigilanceSwitch.objects.update(seed=next(drawing))
    assert services.plant_due(now=clock.now(), batch=10) == 1
    VigilanceTest.objects.update(place_at=clock.now())
    assert services.place_due(now=clock.now(), batch=1) == 1
    return ApprovalRequest.objects.exclude(pk=real.pk).get()


def page(found: ApprovalRequest, tail: str = "") -> str:
    return f"/admin/approvals/{found.public_id}/{tail}"


def offered(text: str) -> list[str]:
    """What a page of a request offers: keys, and the names of its links and buttons.

    The next and the previous request are left out: they tell its place in the list.
    """
    acts = re.findall(r'data-key="([^jk])"', text)
    forms = re.findall(r'href="/admin/approvals/[^/"]+/([\w-]*)/?"', text)
    return [*acts, *forms]


def test_its_page_and_its_form_offer_what_a_real_one_does(
    real: ApprovalRequest, planted: ApprovalRequest, browser: Browser
) -> None:
    client = browser("supervisor")
    pages = [client.get(page(one)).content.decode() for one in (real, planted)]
    assert offered(pages[0]) == offered(pages[1])
    assert all("edit" in offered(one) for one in pages)
    forms = [client.get(page(one, "edit/")) for one in (real, planted)]
    assert [one.status_code for one in forms] == [200, 200]
    names = [re.findall(r'name="(arg\.\w+)"', one.content.decode()) for one in forms]
    assert names[0] == names[1] != []
    planted.refresh_from_db()
    assert planted.state == ApprovalState.PENDING
    assert VigilanceTest.objects.get().result == VigilanceResult.OPEN


@pytest.mark.parametrize("act", ["preview", "save"])
def test_trying_to_edit_it_ends_it_and_says_what_it_was(
    planted: ApprovalRequest, browser: Browser, act: str
) -> None:
    calls = ToolCall.objects.count()
    text = (
        browser("supervisor")
        .post(page(planted, "edit/"), {"act": act, "reason": "Wrong."}, follow=True)
        .content.decode()
    )
    planted.refresh_from_db()
    test = VigilanceTest.objects.get()
    assert planted.state == ApprovalState.VOIDED
    assert "This was a test of attention. Nothing was edited." in text
    assert test.sign in planted.ended_reason
    # An edit is no vote: it counts neither as caught nor as missed.
    assert (test.result, test.judged_by) == (VigilanceResult.EXPIRED, None)
    assert ToolCall.objects.count() == calls
    kinds = LedgerEntry.objects.filter(subject_id=str(planted.public_id)).values_list("kind")
    assert ("approval.voided",) in kinds
    # Tried again, it has ended, and nothing more is said or done.
    again = browser("supervisor").post(page(planted, "edit/"), {"act": act})
    assert (again.status_code, again["Location"]) == (302, page(planted))


def test_who_may_not_edit_does_not_find_its_form(
    planted: ApprovalRequest, browser: Browser
) -> None:
    assert browser("compliance").get(page(planted, "edit/")).status_code == 404
    assert browser("compliance").post(page(planted, "edit/"), {"act": "save"}).status_code == 404
    planted.refresh_from_db()
    assert planted.state == ApprovalState.PENDING
