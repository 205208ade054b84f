"""The ledger page is narrowed by any filter, keeps searches, and refuses in words."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.admin import ledger as page
from governance.admin.ledger_filters import PARAMETERS
from governance.admin.ledger_wanted import storable_of, wanted_of
from governance.ledger import searching
from governance.ledger.models import LedgerEntry, SavedSearch
from governance.ledger.selection import EntrySelection
from governance.ledger.services import index_entries, sequence
from orchestra.core import clock
from tests.factories.ledger import spared
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return
from tests.governance.admin.conftest import Browser

LEDGER = "/admin/ledger/"
SEARCHES = f"{LEDGER}searches/"


@pytest.fixture
def officer(retail: World, browser: Browser) -> Client:
    waiting_return(retail)
    sequence(now=clock.now())
    index_entries()
    client: Client = browser("compliance")
    return client


def kinds(client: Client, **query: Any) -> list[str]:
    answer = client.get(LEDGER, query)
    assert answer.status_code == 200
    return [row["kind"] for row in answer.context["rows"]]


def test_each_filter_leaves_what_it_names(officer: Client) -> None:
    bound = LedgerEntry.objects.filter(kind="customer.bound").latest("id")
    decided = LedgerEntry.objects.filter(kind="decision.recorded").latest("id")
    digest = decided.facets.filter(name="policy").values_list("value", flat=True)[0]
    assert set(kinds(officer, customer=bound.subject_id)) >= {"case.opened", "customer.bound"}
    tool = "return_delivered_order_items"
    assert set(kinds(officer, tool=tool)) >= {"tool_call.proposed", "approval.requested"}
    assert "case.opened" not in kinds(officer, tool=tool)
    assert "approval.requested" in kinds(officer, risk="high")
    assert "approval.requested" not in kinds(officer, risk="critical")
    assert "decision.recorded" in kinds(officer, policy=digest)
    assert "case.opened" not in kinds(officer, policy=digest)
    assert kinds(officer, text="bound-to-nothing") == []
    assert kinds(officer, since="2001-01-01T00:00:00Z", until="2001-01-02T00:00:00Z") == []
    assert kinds(officer, actor=decided.actor_id, group="decision.recorded", text="high risk")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"text": "x" * 10_000_000}, "200 are the most"),
        ({"text": "a\x00b"}, "U+0000"),
        ({"stream": "case:\x00"}, "U+0000"),
        ({"tool": "x" * 150}, "1 to 120 characters"),
        ({"actor_kind": "robot"}, "An actor is one of"),
        ({"since": "yesterday"}, "RFC 3339"),
    ],
)
def test_what_cannot_be_looked_for_is_said(
    officer: Client, query: dict[str, str], said: str
) -> None:
    answer = officer.get(LEDGER, query)
    assert answer.status_code == 200
    assert answer.context["rows"] == []
    assert said in answer.content.decode()
    read = LedgerEntry.objects.filter(kind="ledger.read").latest("id")
    assert b"a search that was refused" in bytes(read.payload.body)


@pytest.mark.parametrize(
    "query",
    [
        {"customer": "nobody"},
        {"group": "no.such"},
        {"before": "-1"},
        {"before": "9" * 60},
        {"after": "9" * 60},
        {"before": "٣"},
        {"entry": "9" * 60},
        {"risk": "no such"},
        {"policy": "no such"},
        {"from": "12:00", "to": "08:00", "day": "2026-11-19"},
    ],
)
def test_what_is_not_there_or_forged_is_an_answer_too(
    officer: Client, query: dict[str, str]
) -> None:
    assert officer.get(LEDGER, query).status_code == 200


def test_pages_go_both_ways(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE_SIZE", 3)
    first = officer.get(LEDGER, {"group": "cases"})
    second = officer.get(first.context["older_link"])
    back = officer.get(second.context["newer_link"])
    shown = [[row["key"] for row in answer.context["rows"]] for answer in (first, second, back)]
    assert len(shown[1]) == 3
    assert shown[0] == shown[2]
    assert max(shown[1]) < min(shown[0])


def test_a_search_is_saved_opened_renamed_and_deleted(officer: Client) -> None:
    said = {"risk": "high", "group": "votes", "text": "Return"}
    answer = officer.post(SEARCHES, {**said, "name": "Risky votes"}, follow=True)
    assert "“Risky votes” is saved." in answer.content.decode()
    search = SavedSearch.objects.get()
    assert search.selection == {
        "kinds": ["approval.", "vigilance."],
        "risks": ["high"],
        "text": "return",
    }
    (shown,) = answer.context["searches"]
    opened = officer.get(shown["link"])
    assert opened.context["searches"][0]["on"]
    assert [row["key"] for row in opened.context["rows"]] == [
        row["key"] for row in officer.get(LEDGER, said).context["rows"]
    ]
    officer.post(f"{SEARCHES}{search.public_id}/rename/", {"name": "Votes"})
    search.refresh_from_db()
    assert search.name == "Votes"
    officer.post(f"{SEARCHES}{search.public_id}/delete/")
    assert not SavedSearch.objects.exists()
    assert LedgerEntry.objects.filter(kind__startswith="ledger.search_").count() == 3


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"name": "", "risk": "high"}, "up to 60 letters"),
        ({"name": "Nothing"}, "Choose a filter first"),
        ({"name": "Amount", "least": "0.00001"}, "up to 11 digits and 4 decimals"),
        ({"name": "Amount", "least": "999999999999"}, "up to 11 digits and 4 decimals"),
        ({"name": "Amount", "least": "many"}, "Choose a filter first"),
        ({"name": "Long", "text": "x" * 300}, "200 are the most"),
        ({"name": "a\x00b", "risk": "high"}, "U+0000"),
    ],
)
def test_a_search_that_cannot_be_kept_is_refused_in_words(
    officer: Client, body: dict[str, str], said: str
) -> None:
    assert said in officer.post(SEARCHES, body, follow=True).content.decode()
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize(("least", "finds"), [("10", True), ("1,000,000.50", False)])
def test_a_search_keeps_the_amount_and_looks_it_up_when_opened(
    officer: Client, least: str, finds: bool
) -> None:
    """The requests it means are those of the moment, so none of them is kept."""
    answer = officer.post(SEARCHES, {"least": least, "name": "Large"}, follow=True)
    search = SavedSearch.objects.get()
    assert search.selection == {}
    assert search.least == Decimal(least.replace(",", ""))
    (shown,) = answer.context["searches"]
    opened = officer.get(shown["link"])
    assert opened.context["searches"][0]["on"]
    keys = [row["key"] for row in opened.context["rows"]]
    assert keys == [row["key"] for row in officer.get(LEDGER, {"least": least}).context["rows"]]
    assert bool(keys) is finds
    officer.post(f"{SEARCHES}{search.public_id}/delete/")
    told = LedgerEntry.objects.filter(kind="ledger.search_deleted").latest("id")
    assert Decimal(json.loads(bytes(told.payload.body))["least"]) == search.least


#: A value that can be kept of every parameter that narrows the page.
NARROWING = {
    "group": "votes",
    "actor_kind": "human",
    "actor": "someone",
    "stream": "case:1",
    "subject": "thing",
    "customer": "somebody",
    "tool": "refund.create",
    "risk": "high",
    "policy": "0f",
    "outcome": "deny",
    "text": "refund",
    "since": "2026-11-19T10:00:00Z",
    "until": "2026-11-20T10:00:00Z",
    "least": "12.5",
}


@pytest.mark.parametrize(
    "said",
    [
        NARROWING,
        {"day": "2026-11-19", "from": "09:00", "to": "10:30"},
        *({name: value} for name, value in NARROWING.items()),
    ],
)
def test_every_filter_is_kept_and_restored(said: dict[str, str]) -> None:
    nothing = dict.fromkeys(PARAMETERS, "")
    selection, least = storable_of(nothing | said)
    again = EntrySelection.from_json(selection.to_json())
    restored = nothing | wanted_of(again, least)
    assert storable_of(restored) == (selection, least)
    assert selection.is_narrowed or least is not None


def test_no_filter_of_the_page_is_left_untried() -> None:
    assert set(PARAMETERS[:17]) == {*NARROWING, "day", "from", "to"}


def test_others_neither_see_nor_change_a_search(officer: Client, browser: Browser) -> None:
    officer.post(SEARCHES, {"risk": "high", "name": "Mine"})
    search_id: UUID = SavedSearch.objects.get().public_id
    lead = browser("lead")
    assert lead.post(f"{SEARCHES}{search_id}/delete/").status_code == 404
    agent = browser("agent")
    assert agent.post(SEARCHES, {"risk": "high", "name": "Ours"}).status_code == 404
    assert SavedSearch.objects.count() == 1


def test_the_page_says_what_the_index_has_not_read(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    waiting = LedgerEntry.objects.count()
    answer = browser("compliance").get(LEDGER)
    # Signing in is an entry as well.
    assert answer.context["unread"] == waiting + 1
    assert "are not in the index yet" in answer.content.decode()


def test_what_only_the_unmasked_entry_shows_is_not_found(officer: Client) -> None:
    entry = LedgerEntry.objects.filter(kind="message.added").latest("id")
    assert entry.payload
    assert kinds(officer, text="someone@example.com") == []


def test_narrowing_further_asks_no_more_queries(officer: Client) -> None:
    every = {"risk": "high", "tool": "return_delivered_order_items", "text": "return"}
    opened = LedgerEntry.objects.get(kind="approval.requested")
    bound = LedgerEntry.objects.get(kind="customer.bound")
    today = f"{timezone.localdate(clock.now()):%Y-%m-%d}"
    counts = []
    for query in (
        {},
        every,
        {**every, "group": "votes", "actor_kind": "system", "day": today},
        {"customer": bound.subject_id, "stream": bound.stream, "day": today},
    ):
        officer.get(LEDGER, query)
        with CaptureQueriesContext(connection) as queries:
            officer.get(LEDGER, query)
        counts.append(len(queries))
    assert max(counts) <= MOST_QUERIES, counts
    # With an entry opened beside them, which is looked into as its own page does.
    for query in (
        {"group": "votes", "day": today},
        {"stream": opened.stream},
        {"stream": bound.stream, "customer": bound.subject_id, "least": "1", "day": today},
    ):
        officer.get(LEDGER, {**query, "entry": str(opened.pk)})
        with CaptureQueriesContext(connection) as queries:
            officer.get(LEDGER, {**query, "entry": str(opened.pk)})
        counts.append(len(queries))
    assert max(counts) <= MOST_QUERIES, counts


def test_a_long_list_that_is_not_full_takes_no_further_look(
    officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "CAP", 0)
    monkeypatch.setattr(searching, "PIECES", (2, 4))
    query = {"risk": "high", "group": "decisions", "actor_kind": "agent"}
    officer.get(LEDGER, query)
    with CaptureQueriesContext(connection) as queries:
        answer = officer.get(LEDGER, query)
    assert answer.context["count"] is None
    assert len(queries) <= MOST_QUERIES, [one["sql"][:80] for one in queries]


#: Twelve on PostgreSQL, where an act takes fewer.
MOST_QUERIES = 14 - spared()
