import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.admin.approvals import describe_money
from governance.approvals.models import ApprovalRequest
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
    found = ApprovalRequest.objects.get()
    for number in range(5):
        found.pk, found._state.adding = None, True
        found.public_id = f"00000000-0000-7000-8000-00000000000{number}"
        found.nonce = f"nonce-{number}"
        found.save()
    assert _queries(client, INBOX) == first
    assert first <= 16


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


def test_who_may_not_vote_reads_why_on_the_row(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    text = browser("operator").get(INBOX).content.decode()
    assert "You own the agent that asks." in text
    assert "claim/" not in text
