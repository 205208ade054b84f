from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.tools.models import ToolDefinition
from governance.approvals import services as approvals
from governance.approvals.models import ApprovalRequest
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.management.world import PASSWORD
from tests.cases.admin.conftest import Browser
from tests.factories.ledger import spared
from tests.flows.conftest import World
from tests.flows.helpers import (
    agree,
    identify,
    open_case,
    propose_return,
    say,
    waiting_return,
)

#: The page of a request that waits, its opening recorded.
PAGE_QUERIES = 9
RETURN_TOOL = "return_delivered_order_items"


@pytest.fixture
def asked(retail: World) -> ApprovalRequest:
    waiting_return(retail)
    return ApprovalRequest.objects.get()


def _page(found: ApprovalRequest, tail: str = "") -> str:
    return f"/admin/approvals/{found.public_id}/{tail}"


def _ballot(found: ApprovalRequest, choice: str, **more: str) -> dict[str, str]:
    return {
        "choice": choice,
        "reason": "",
        "action_digest": found.action_digest,
        "view_digest": found.view_digest,
        **more,
    }


def _vote(client: Client, found: ApprovalRequest, choice: str, **more: str) -> Any:
    return client.post(_page(found, "vote/"), _ballot(found, choice, **more), follow=True)


def _text(client: Client, found: ApprovalRequest) -> str:
    answer = client.get(_page(found))
    assert answer.status_code == 200
    return answer.content.decode()


def test_everything_needed_to_decide_is_on_the_page(
    asked: ApprovalRequest, browser: Browser
) -> None:
    text = _text(browser("supervisor"), asked)
    for part in (
        "Take back",
        "Before and after",
        "return requested",
        "Why a person has to decide",
        "The refund is above $500.00.",
        "Did not fire:",
        "Evidence",
        "What the customer is told",
        "Told so far",
        "I have requested the return.",
        "this one action, once",
        "Asked for, delivered, original payment.",
        "AI\u2019s words",
        "Return delivered items",
        "“Yes, please.”",
        asked.action_digest,
        asked.view_digest,
        "Your vote is the only one needed.",
        '<b>Take back 3 of 5 items from #W2378156, <span class="nowrap">$1,285.12</span></b>',
        "Order #W2378156 is delivered, and all 3 items are in it",
        "The customer was found by name and zip code",
        "find_user_id_by_name_zip",
        "Condition of the items; nobody has seen them",
    ):
        assert part in text, part
    opened = LedgerEntry.objects.filter(kind="approval.opened")
    assert [entry.subject_id for entry in opened] == [str(asked.public_id)]


def test_nothing_is_focused_first_and_approve_comes_last(
    asked: ApprovalRequest, browser: Browser
) -> None:
    text = _text(browser("supervisor"), asked)
    assert "autofocus" not in text
    assert text.index('value="reject"') < text.index('value="approve"')


def test_a_vote_asks_for_the_password_keeps_the_text_and_then_goes_on(
    retail: World, asked: ApprovalRequest, browser: Browser
) -> None:
    client = browser("supervisor")
    asking = _vote(client, asked, "approve", reason="Both items were named.")
    assert asking.redirect_chain[-1][0] == _page(asked, "step-up/")
    assert "Both items were named." in asking.content.decode()

    wrong = client.post(_page(asked, "step-up/"), {"password": "not it"})
    assert "That is not your password. Nothing was voted." in wrong.content.decode()
    asked.refresh_from_db()
    assert asked.state == "pending"

    done = client.post(_page(asked, "step-up/"), {"password": PASSWORD}, follow=True)
    assert "is recorded" in done.content.decode()
    asked.refresh_from_db()
    assert asked.state == "granted"
    assert [vote.reason for vote in asked.votes.all()] == ["Both items were named."]
    assert 'data-poll="' in done.content.decode()

    retail.work()
    after = client.get(_page(asked, "outcome/")).content.decode()
    assert "reading it back confirms the effect" in after
    assert "data-poll" not in after
    assert "Approved by Maren Osei" in _text(client, asked)


def test_a_fresh_proof_is_not_asked_for_again(asked: ApprovalRequest, browser: Browser) -> None:
    client = browser("supervisor")
    _vote(client, asked, "approve")
    client.get(_page(asked))
    client.post(_page(asked, "step-up/"), {"password": PASSWORD})
    again = client.get(_page(asked, "step-up/"))
    assert again.status_code == 302


def test_a_rejection_without_a_reason_changes_nothing(
    asked: ApprovalRequest, browser: Browser
) -> None:
    client = browser("supervisor")
    _vote(client, asked, "reject")
    answer = client.post(_page(asked, "step-up/"), {"password": PASSWORD}, follow=True)
    assert "Say why you reject it" in answer.content.decode()
    asked.refresh_from_db()
    assert asked.state == "pending"
    assert asked.votes.count() == 0


def test_a_rejection_says_that_nothing_runs(asked: ApprovalRequest, browser: Browser) -> None:
    client = browser("supervisor")
    _vote(client, asked, "reject", reason="Ask which vacuum cleaner.", reason_code="wrong_amount")
    answer = client.post(_page(asked, "step-up/"), {"password": PASSWORD}, follow=True)
    text = answer.content.decode()
    assert "You rejected AP-" in text
    assert "Rejected by Maren Osei" in text
    assert "Ask which vacuum cleaner." in text


def test_a_choice_that_is_none_changes_nothing(asked: ApprovalRequest, browser: Browser) -> None:
    answer = _vote(browser("supervisor"), asked, "perhaps")
    assert "Choose approve or reject." in answer.content.decode()
    assert asked.votes.count() == 0


def test_a_vote_on_something_else_is_refused_and_told(
    asked: ApprovalRequest, browser: Browser
) -> None:
    client = browser("supervisor")
    _vote(client, asked, "approve", action_digest="0" * 64, reason="Checked.")
    answer = client.post(_page(asked, "step-up/"), {"password": PASSWORD}, follow=True)
    text = answer.content.decode()
    assert "was refused" in text
    assert "Your reason is kept below." in text
    assert 'value="Checked."' in text
    refused = LedgerEntry.objects.get(kind="act.refused")
    assert refused.stream == asked.stream
    asked.refresh_from_db()
    assert asked.state == "pending"


def test_a_late_vote_meets_the_stale_page_with_what_changed(
    retail: World, asked: ApprovalRequest, browser: Browser
) -> None:
    client = browser("supervisor")
    client.get(_page(asked))
    approvals.void_request(
        actor=system("test"),
        now=clock.now(),
        request_pk=asked.pk,
        reason="Ines Kaplan edited this action",
    )
    case = asked.case_public_id
    propose_return(retail, case, evidence=agree(retail, case), rationale="Again.")
    replacement = ApprovalRequest.objects.exclude(pk=asked.pk).get()

    answer = _vote(client, asked, "approve", reason="Two vacuums checked.")
    text = answer.content.decode()
    assert "Nothing was approved. Ines Kaplan edited this action, before your vote at" in text
    assert "That digest is void" in text
    assert "Your reason, not used:" in text
    assert "Two vacuums checked." in text
    assert "What changed" in text
    assert f"Read the new request {replacement.label}" in text
    assert "This request is void; it takes no more votes." in text
    assert "strike-old" in text
    assert "What you read, kept as it was shown" in text
    assert "The customer\u2019s last word" in text
    assert 'name="choice"' not in text


def test_a_script_that_votes_leaves_the_kept_words_for_the_page(
    asked: ApprovalRequest, browser: Browser
) -> None:
    client = browser("supervisor")
    approvals.void_request(
        actor=system("test"), now=clock.now(), request_pk=asked.pk, reason="Edited."
    )
    ballot = _ballot(asked, "approve", reason="Two vacuums checked.")
    answer = client.post(_page(asked, "vote/"), ballot, headers={"X-Requested-With": "fetch"})
    assert answer.json() == {"next": _page(asked)}
    text = _text(client, asked)
    assert "Nothing was approved. Edited, before your vote at" in text
    assert "Two vacuums checked." in text


def test_an_expired_request_says_that_nothing_ran(asked: ApprovalRequest, browser: Browser) -> None:
    approvals.expire_due(now=clock.now() + timedelta(hours=2), batch=10)
    text = _text(browser("supervisor"), asked)
    assert "without a decision. Nothing ran." in text
    assert "Store assistant was told." in text


def test_the_owner_reads_it_and_learns_why_and_who_can(
    asked: ApprovalRequest, browser: Browser
) -> None:
    text = _text(browser("operator"), asked)
    assert "You can read this request, but not vote on it." in text
    assert "You own the agent that asks." in text
    assert "Dario Conti" in text
    assert 'name="choice"' not in text


def test_the_owners_vote_is_refused_by_the_service(
    asked: ApprovalRequest, browser: Browser
) -> None:
    client = browser("operator")
    _vote(client, asked, "approve")
    client.post(_page(asked, "step-up/"), {"password": PASSWORD}, follow=True)
    asked.refresh_from_db()
    assert asked.state == "pending"
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1


def test_what_may_not_be_seen_is_not_found(asked: ApprovalRequest, browser: Browser) -> None:
    client = browser("policy")
    for tail in ("", "standing/", "outcome/", "step-up/"):
        answer = client.get(_page(asked, tail))
        assert answer.status_code == 404, tail
        assert asked.title not in answer.content.decode()
    assert client.post(_page(asked, "vote/"), _ballot(asked, "approve")).status_code == 404


def test_a_page_without_an_answer_can_ask_whether_its_vote_arrived(
    asked: ApprovalRequest, browser: Browser
) -> None:
    client = browser("supervisor")
    assert client.get(_page(asked, "standing/")).json() == {"voted": False, "state": "pending"}
    _vote(client, asked, "approve")
    client.post(_page(asked, "step-up/"), {"password": PASSWORD})
    assert client.get(_page(asked, "standing/")).json() == {"voted": True, "state": "granted"}
    assert browser("colleague").get(_page(asked, "standing/")).json()["voted"] is False


def test_not_now_gives_the_claim_back_and_goes_on(
    retail: World, asked: ApprovalRequest, browser: Browser
) -> None:
    case = open_case(retail, "I want to return the bookshelf and the jigsaw puzzle.")
    identify(retail, case)
    client = browser("supervisor")
    client.post(_page(asked, "claim/"))
    answer = client.post(_page(asked, "not-now/"))
    assert answer.url == "/admin/approvals/"
    asked.refresh_from_db()
    assert asked.claimed_by is None
    assert asked.state == "pending"


def test_text_of_others_is_shown_and_never_run(retail: World, browser: Browser) -> None:
    nasty = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    case = open_case(retail)
    identify(retail, case)
    propose_return(
        retail, case, evidence=agree(retail, case), rationale=nasty, customer_paragraph=nasty
    )
    text = _text(browser("supervisor"), ApprovalRequest.objects.get())
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2


def test_times_are_in_the_readers_zone(asked: ApprovalRequest, browser: Browser) -> None:
    local = timezone.localtime(asked.deadline_at, timezone.zoneinfo.ZoneInfo("America/New_York"))
    text = _text(browser("supervisor"), asked)
    assert f"{local:%H:%M}, then it expires" in text
    assert "Times are in America/New_York." in text


@pytest.mark.parametrize(("who", "shown"), [("supervisor", True), ("agent", False)])
def test_the_decision_is_linked_for_who_may_read_it(
    asked: ApprovalRequest, browser: Browser, who: str, shown: bool
) -> None:
    assert ("/admin/decisions/" in _text(browser(who), asked)) is shown


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return sum("SAVEPOINT" not in query["sql"] for query in captured)


def test_the_page_costs_the_same_however_much_waits(retail: World, browser: Browser) -> None:
    _, call = waiting_return(retail)
    asked = ApprovalRequest.objects.get(public_id=call["approval"]["id"])
    client = browser("supervisor")
    client.get(_page(asked))
    before = _queries(client, _page(asked))
    for _ in range(3):
        waiting_return(retail)
    wanted = PAGE_QUERIES - spared()
    assert (before, _queries(client, _page(asked))) == (wanted, wanted)
    # What it shows unmasked is recorded in the same act: the case is read, an entry more written.
    assert _queries(client, _page(asked) + "?unmasked=1") <= PAGE_QUERIES + 3 - spared()


def test_a_rejection_needs_both_kinds_of_reason_and_keeps_what_was_typed(
    asked: ApprovalRequest, browser: Browser
) -> None:
    client = browser("supervisor")
    _vote(client, asked, "reject", reason="Ask which vacuum cleaner.")
    text = client.post(
        _page(asked, "step-up/"), {"password": PASSWORD}, follow=True
    ).content.decode()
    assert "Choose which kind of reason it is" in text
    assert "Ask which vacuum cleaner." in text
    asked.refresh_from_db()
    assert asked.state == "pending"
    _vote(client, asked, "reject", reason="Ask which one.", reason_code="wrong_amount")
    asked.refresh_from_db()
    assert asked.state == "rejected"
    assert [vote.reason_code for vote in asked.votes.all()] == ["wrong_amount"]
    assert "Wrong amount: Ask which one." in _text(client, asked)


def test_what_the_customer_says_later_voids_it_before_a_vote_counts(
    retail: World, asked: ApprovalRequest, browser: Browser
) -> None:
    client = browser("supervisor")
    client.get(_page(asked))
    say(retail, asked.case_public_id, "customer", "No, wait. Keep the headphones.")

    answer = _vote(client, asked, "approve", reason="Seen.")

    text = answer.content.decode()
    assert "Nothing was approved. The customer has written since this was shown" in text
    assert "Keep the headphones." in text
    retail.work()
    assert retail.store.total_effects() == 0


def test_a_grant_that_no_longer_holds_says_that_it_did_not_run(
    retail: World, asked: ApprovalRequest, browser: Browser
) -> None:
    client = browser("colleague")
    _vote(client, asked, "approve")
    client.post(_page(asked, "step-up/"), {"password": PASSWORD})
    ToolDefinition.objects.filter(name=RETURN_TOOL).update(enabled=False)
    retail.work()
    text = _text(browser("supervisor"), asked)
    assert "Approved by Dario Conti, but not run." in text
    assert "The tool was switched off. It has to be asked again." in text
    assert retail.store.total_effects() == 0


def test_what_ran_says_when_and_what_confirms_it(
    retail: World, asked: ApprovalRequest, browser: Browser
) -> None:
    client = browser("colleague")
    _vote(client, asked, "approve")
    client.post(_page(asked, "step-up/"), {"password": PASSWORD})
    retail.work()
    text = _text(browser("supervisor"), asked)
    assert "Approved by Dario Conti at" in text
    assert "; confirmed by get_order_details." in text
