"""The page of several requests at once: what it shows, takes and turns away."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.ledger.models import LedgerEntry
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import waiting_address, waiting_return

PAGE = "/admin/approvals/batch/"


def link(*requests: str) -> str:
    return PAGE + "?" + "&".join(f"id={one}" for one in requests)


def form(*requests: str, choice: str = "approve", **more: str) -> dict[str, object]:
    found = {str(one.public_id): one for one in ApprovalRequest.objects.all()}
    return {
        "id": list(requests),
        "choice": choice,
        **{f"action_digest:{one}": found[one].action_digest for one in requests if one in found},
        **{f"view_digest:{one}": found[one].view_digest for one in requests if one in found},
        **more,
    }


@pytest.fixture
def waiting(retail: World) -> list[str]:
    return [waiting_address(retail, number) for number in range(2)]


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_equal_requests_are_shown_and_approved(
    retail: World, browser: Browser, waiting: list[str]
) -> None:
    maren = browser("supervisor")
    text = maren.get(link(*waiting)).content.decode()
    assert "2 requests at once" in text
    assert "Make 0 New Road in Philadelphia, PA the default address of Yusuf Rossi" in text
    assert "Make 1 New Road in Philadelphia, PA the default address of Yusuf Rossi" in text
    assert "The AI&#x27;s confidence is below 0.80." in text
    assert "version 1." in text
    assert "No money moves" in text
    assert "Approve all" in text
    answer = maren.post(PAGE, form(*waiting), follow=True)
    assert "2 requests approved." in answer.content.decode()
    assert {str(one.state) for one in ApprovalRequest.objects.all()} == {"granted"}
    retail.work()
    assert retail.store.total_effects() == 2


def test_equal_requests_are_rejected_with_one_reason(browser: Browser, waiting: list[str]) -> None:
    maren = browser("supervisor")
    answer = maren.post(PAGE, form(*waiting, choice="reject"))
    assert answer.status_code == 409
    assert "Say why you reject it" in answer.content.decode()
    assert ApprovalVote.objects.count() == 0
    answer = maren.post(
        PAGE,
        form(*waiting, choice="reject", reason="Not him.", reason_code="wrong_person"),
        follow=True,
    )
    assert "2 requests rejected." in answer.content.decode()
    assert {one.ended_reason for one in ApprovalRequest.objects.all()} == {"Not him."}


def test_a_selection_that_is_no_batch_says_which_and_why(
    retail: World, browser: Browser, waiting: list[str]
) -> None:
    waiting_return(retail)
    risky = str(ApprovalRequest.objects.latest("pk").public_id)
    maren = browser("supervisor")
    text = maren.get(link(*waiting, risky)).content.decode()
    assert "This is no batch." in text
    assert "Its risk is above medium, so it is decided on its page." in text
    assert "Another tool would run for it." in text
    assert "It is in another queue." in text
    assert "In all: $1,285.12" in " ".join(text.split())
    assert "Approve all" not in text
    answer = maren.post(PAGE, form(*waiting, risky))
    assert answer.status_code == 409
    assert "Nothing was voted." in answer.content.decode()
    assert ApprovalVote.objects.count() == 0
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1


def test_one_that_ended_or_is_barred_turns_all_away(
    retail: World, browser: Browser, waiting: list[str]
) -> None:
    me = str(retail.people["supervisor"].public_id)
    ApprovalRequest.objects.filter(public_id=waiting[0]).update(barred={me: "You edited it last."})
    maren = browser("supervisor")
    text = maren.get(link(*waiting)).content.decode()
    assert "You edited it last." in text
    assert "Approve all" not in text
    assert maren.post(PAGE, form(*waiting)).status_code == 409
    assert ApprovalVote.objects.count() == 0
    assert browser("colleague").post(PAGE, form(*waiting)).status_code == 302
    text = maren.get(link(*waiting)).content.decode()
    assert "It was already approved." in text


def test_an_old_digest_turns_all_away(browser: Browser, waiting: list[str]) -> None:
    old = {**form(*waiting), f"view_digest:{waiting[1]}": "5" * 64}
    answer = browser("supervisor").post(PAGE, old)
    assert answer.status_code == 409
    assert "Your vote answered another version" in answer.content.decode()
    assert ApprovalVote.objects.count() == 0


def test_a_selection_of_too_few_or_too_many(browser: Browser, waiting: list[str]) -> None:
    maren = browser("supervisor")
    assert "Choose at least two requests." in maren.get(PAGE).content.decode()
    assert "Choose at least two requests." in maren.get(link(waiting[0])).content.decode()
    assert "Choose at least two" in maren.get(link("x", waiting[0])).content.decode()
    assert maren.post(PAGE, form(waiting[0])).status_code == 409
    assert maren.post(PAGE, form(*waiting, choice="perhaps")).status_code == 422
    assert ApprovalVote.objects.count() == 0


def test_one_that_cannot_be_seen_is_not_there(browser: Browser, waiting: list[str]) -> None:
    unknown = "00000000-0000-7000-8000-00000000dead"
    maren = browser("supervisor")
    assert "1 request at once" in maren.get(link(waiting[0], unknown)).content.decode()
    assert maren.post(PAGE, form(*waiting, unknown)).status_code == 404
    assert ApprovalVote.objects.count() == 0


def test_the_page_costs_the_same_however_many_there_are(
    retail: World, browser: Browser, waiting: list[str]
) -> None:
    more = [*waiting, waiting_address(retail, 7)]
    ApprovalRequest.objects.update(roles=[])
    maren = browser("supervisor")
    maren.get(link(*waiting))
    assert _queries(maren, link(*more)) == _queries(maren, link(*waiting))


def test_who_does_not_vote_has_no_such_page(browser: Browser, waiting: list[str]) -> None:
    for login in ("agent", "compliance", "policy"):
        assert browser(login).get(link(*waiting)).status_code == 404
        assert browser(login).post(PAGE, form(*waiting)).status_code == 404
