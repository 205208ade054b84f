import html
import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.admin.approval_rows import describe_money
from governance.approvals import inbox
from governance.approvals.models import ApprovalRequest, InboxView
from governance.ledger.models import LedgerEntry
from orchestra.management.world import PASSWORD
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return

INBOX = "/admin/approvals/"


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def _copies(count: int) -> None:
    """Let more requests wait, alike but for what names them."""
    found = ApprovalRequest.objects.get()
    for number in range(count):
        found.pk, found._state.adding = None, True
        found.public_id = uuid.UUID(int=number)
        found.nonce = f"nonce-{number}"
        found.save()


def _rows(text: str) -> list[str]:
    return re.findall(r'data-row="(\d+)"', text)


def test_the_inbox_says_what_waits_until_when_and_who_asks(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    page = browser("supervisor").get(INBOX)
    text = page.content.decode()
    assert "1 request waits" in text
    assert "Take back 3 of 5 items from #W2378156" in text
    assert "Yusuf Rossi · 3 of 5 items · to the card, which paid" in text
    assert "$1,285.12" in text
    assert "Store assistant" in text
    assert "0 of 1" in text
    assert 'data-row="' in text
    assert "in 59 min" in text


def test_an_empty_inbox_says_so(retail: World, browser: Browser) -> None:
    del retail
    text = browser("supervisor").get(INBOX).content.decode()
    assert "Nothing waits for you" in text
    assert "Every request in Customer care, Exchanges, Orders, Returns is decided." in text
    assert "No approvals are waiting." in text
    assert "Open what was decided" in text


def test_an_empty_inbox_names_the_last_decision_and_what_became_of_it(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    found = ApprovalRequest.objects.get()
    client = browser("supervisor")
    ballot = {"action_digest": found.action_digest, "view_digest": found.view_digest}
    client.post(f"{INBOX}{found.public_id}/vote/", {**ballot, "choice": "approve"})
    client.post(f"{INBOX}{found.public_id}/step-up/", {"password": PASSWORD})
    retail.work()
    text = client.get(INBOX).content.decode()
    assert f"Last one: {found.label}, approved by you at " in text
    assert "reading it back confirms the effect." in text


@pytest.mark.parametrize(
    ("direction", "amount", "text", "note"),
    [
        ("to_customer", 112604, "$1,126.04", ""),
        ("from_customer", 4255, "+ $42.55", ""),
        ("both_ways", 4255, "$42.55", "both ways"),
        ("none", 4255, "", ""),
        ("to_customer", 0, "", ""),
        ("", None, "", ""),
        ("", 4255, "$42.55", ""),
    ],
)
def test_money_is_shown_from_the_customers_side(
    direction: str, amount: int | None, text: str, note: str
) -> None:
    found = ApprovalRequest(amount_minor=amount, currency="USD")
    shown = describe_money(found, {"money": {"direction": direction}})
    assert shown == {"text": text, "note": note}


def test_without_a_queue_the_inbox_says_where_queues_come_from(
    retail: World, browser: Browser
) -> None:
    del retail
    text = browser("compliance").get(INBOX).content.decode()
    assert "You have no queue to approve for." in text


def test_who_may_not_read_approvals_finds_nothing(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    page = browser("policy").get(INBOX)
    assert page.status_code == 404
    assert b"Take back" not in page.content


def test_a_filter_that_matches_nothing_says_how_many_others_wait(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    text = browser("supervisor").get(INBOX, {"only": "heightened"}).content.decode()
    assert "Nothing matches “Critical or two votes”." in text
    assert "1 other waits." in text


def test_an_unknown_filter_shows_everything(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    page = browser("supervisor").get(INBOX, {"only": "nonsense", "order": "risk"})
    assert b"Take back" in page.content


def test_the_queries_of_the_inbox_do_not_grow_with_its_rows(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    client = browser("supervisor")
    first = _queries(client, INBOX)
    _copies(5)
    assert _queries(client, INBOX) == first
    assert first <= 12


def test_a_claim_is_visible_and_given_back_by_a_second_one(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    found = ApprovalRequest.objects.get()
    supervisor, colleague = browser("supervisor"), browser("colleague")
    claim = f"{INBOX}{found.public_id}/claim/"

    assert supervisor.post(claim, {"next": "inbox"}).status_code == 302
    assert b"You, until" in supervisor.get(INBOX).content
    assert b"Maren Osei has it" in colleague.get(INBOX).content

    answer = colleague.post(claim, follow=True)
    assert b"Another person holds this approval" in answer.content
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1

    supervisor.post(claim)
    found.refresh_from_db()
    assert found.claimed_by is None
    assert supervisor.get(claim).status_code == 405


def test_live_rows_keep_what_ended_since_the_page_knew_it(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    found = ApprovalRequest.objects.get()
    client = browser("supervisor")
    fresh = client.get(f"{INBOX}live/", {"known": ""}).content.decode()
    assert f'data-row="{found.pk}"' in fresh
    assert "<html" not in fresh
    assert 'data-fresh="count-may_decide">1<' in fresh
    assert '<h1 data-fresh="headline">1 request waits;' in fresh

    ApprovalRequest.objects.update(state="voided", decided_at=found.created_at)
    ended = client.get(f"{INBOX}live/", {"known": f"{found.pk},x,999999"}).content.decode()
    assert f'data-row="{found.pk}"' in ended
    assert "voided" in ended
    assert "is-dim" in ended


def test_asking_again_costs_nothing_until_something_changes(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    found = ApprovalRequest.objects.get()
    client = browser("supervisor")
    live = f"{INBOX}live/?known={found.pk}"
    first = client.get(live)
    tag = first.headers["ETag"]
    with CaptureQueriesContext(connection) as captured:
        again = client.get(live, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert not any("governance_approvalrequest" in query["sql"] for query in captured)
    client.post(f"{INBOX}{found.public_id}/claim/", {"next": "inbox"})
    changed = client.get(live, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert b"You, until" in changed.content
    other = browser("colleague").get(live, headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_a_page_goes_on_where_the_last_one_ended(
    retail: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PAGE", 2)
    waiting_return(retail)
    _copies(2)
    client = browser("supervisor")
    first = client.get(INBOX).content.decode()
    assert first.count("data-row=") == 2
    assert "Show more" in first
    [link] = re.findall(r'data-more href="([^"]+)"', first)
    second = client.get(html.unescape(link)).content.decode()
    assert second.count("data-row=") == 1
    assert "Show more" not in second
    assert not set(_rows(first)) & set(_rows(second))
    assert client.get(INBOX, {"after": "nonsense"}).content.count(b"data-row=") == 2


def test_a_view_of_ones_own_is_a_chip_with_its_count(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    client = browser("supervisor")
    criteria = "over=750&currency=USD"
    assert "Save this view" not in client.get(INBOX).content.decode()
    assert "Save this view" in client.get(f"{INBOX}?{criteria}").content.decode()
    told = client.post(
        f"{INBOX}views/", {"name": "Over $750", "criteria": criteria}, follow=True
    ).content.decode()
    assert "“Over $750” is saved." in told
    view = InboxView.objects.get()
    assert f'data-fresh="count-view-{view.pk}">1<' in told
    assert "Rename or delete" in told
    assert "Over $750" not in browser("colleague").get(INBOX).content.decode()

    refused = client.post(f"{INBOX}views/", {"name": "", "criteria": criteria}, follow=True)
    assert "Give it a name of up to 60 letters." in refused.content.decode()
    client.post(f"{INBOX}views/{view.public_id}/rename/", {"name": "Large"})
    assert "Large" in client.get(INBOX).content.decode()
    gone = client.post(f"{INBOX}views/{view.public_id}/rename/", {"name": " "}, follow=True)
    assert "Give it a name" in gone.content.decode()
    client.post(f"{INBOX}views/{view.public_id}/delete/")
    assert "Large" not in client.get(INBOX).content.decode()
    assert not InboxView.objects.exists()


def test_a_view_of_ones_own_that_holds_nothing_is_named(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    client = browser("supervisor")
    criteria = "over=9000&currency=USD"
    client.post(f"{INBOX}views/", {"name": "Returns over $9000", "criteria": criteria})
    text = client.get(f"{INBOX}?{criteria}").content.decode()
    assert "Nothing matches Returns over $9000." in text
    assert "1 other waits." in text


def test_after_a_vote_the_person_goes_on_in_the_same_view(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    _copies(2)
    client = browser("supervisor")
    criteria = "risk=high"
    text = client.get(f"{INBOX}?{criteria}").content.decode()
    links = [html.unescape(link) for link in re.findall(r'data-open href="([^"]+)"', text)]
    assert all(link.endswith("?from=risk%3Dhigh") for link in links)
    first, second, third = links
    page = client.get(first).content.decode()
    assert "1 of 3" in page
    assert html.escape(second) in page

    skipped = client.post(first.replace("?", "not-now/?"))
    assert skipped.headers["Location"] == second
    found = ApprovalRequest.objects.get(public_id=second.split("/")[3])
    ballot = {
        "action_digest": found.action_digest,
        "view_digest": found.view_digest,
        "choice": "reject",
        "reason": "Not agreed.",
        "reason_code": "other",
    }
    proving = client.post(second.replace("?", "vote/?"), ballot)
    assert proving.headers["Location"].endswith("/step-up/")
    proven = client.post(proving.headers["Location"], {"password": PASSWORD})
    assert proven.headers["Location"] == third
    assert f"{found.label}" in client.get(third).content.decode()

    stays = client.post(first.partition("?")[0] + "vote/", {**ballot, "action_digest": "0" * 64})
    assert stays.headers["Location"] == first.partition("?")[0]


def test_who_may_not_vote_reads_why_on_the_row(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    text = browser("operator").get(INBOX).content.decode()
    assert "You own the agent that asks." in text
    assert "claim/" not in text
