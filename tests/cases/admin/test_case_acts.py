from cases.handoff.models import Handoff
from cases.memory.models import Case, Message
from cases.tools.models import ToolCall, ToolDefinition
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import identify, open_case


def test_a_person_writes_down_what_the_customer_said(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    answer = browser("agent").post(
        f"/admin/cases/{case}/reply/",
        {"speaker": "customer", "text": "Yes, that is right."},
        follow=True,
    )
    assert "Recorded as words of the customer." in answer.content.decode()
    assert Message.objects.latest("pk").speaker == "customer"


def test_a_case_that_was_handed_over_is_finished_from_its_page(
    retail: World, browser: Browser
) -> None:
    case = open_case(retail)
    identify(retail, case)
    client = browser("specialist")
    page = f"/admin/cases/{case}/"
    client.post(f"{page}hand-on/", {"queue": "care", "reason": "person.other_team"})
    client.post(f"/admin/handoffs/{Handoff.objects.get().public_id}/accept/")
    text = client.get(page).content.decode()
    assert "first reply" in text
    client.post(f"{page}reply/", {"text": "I have read it all."})
    text = client.get(page).content.decode()
    assert "first reply" not in text
    for part in ("What you can do", "Return delivered items", "Wrap-up", "Hand on"):
        assert part in text, part

    empty = client.post(f"{page}resolve/", {"outcome": "confirmed", "summary": " "}, follow=True)
    assert b"alert is-danger" in empty.content
    client.post(f"{page}resolve/", {"outcome": "assumed", "summary": "She keeps the items."})
    row = Case.objects.get()
    assert (row.status, row.outcome, row.outcome_confirmed) == (
        "resolved",
        "She keeps the items.",
        False,
    )
    closed = client.post(f"{page}close/", follow=True)
    assert b"Signed off and closed." in closed.content
    row.refresh_from_db()
    assert row.status == "closed"
    client.post(f"{page}reopen/", {"reason": "She wrote again."})
    row.refresh_from_db()
    assert row.status == "handed_off"
    assert row.holder == retail.people["specialist"]


def test_a_reader_wraps_nothing_up(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    client = browser("compliance")
    page = f"/admin/cases/{case}/"
    assert "Wrap-up" not in client.get(page).content.decode()
    for act, body in (
        ("resolve", {"outcome": "confirmed", "summary": "Over."}),
        ("close", {}),
        ("reopen", {"reason": "Again."}),
    ):
        assert b"alert is-danger" in client.post(f"{page}{act}/", body, follow=True).content
    assert Case.objects.get().status == "open"
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 3
    assert browser("policy").post(f"{page}close/").status_code == 404


def test_the_wrap_up_says_what_became_of_the_matter_and_what_is_missing(
    retail: World, browser: Browser
) -> None:
    case = open_case(retail)
    identify(retail, case)
    call = ToolCall.objects.get()
    # As a refund leaves it whose effect nobody has seen.
    ToolDefinition.objects.filter(pk=call.tool_id).update(effect="write", risk="high")
    client = browser("supervisor")
    page = f"/admin/cases/{case}/"
    assert "What became of the matter" in client.get(page).content.decode()
    words = {"outcome": "assumed", "summary": "Half of it.", "disposition": "partly_solved"}
    client.post(f"{page}resolve/", words)
    assert Case.objects.get().disposition == "partly_solved"
    entry = LedgerEntry.objects.get(kind="case.resolved")
    assert (payload_of(entry=entry) or {})["disposition"] == "partly_solved"
    text = client.get(page).content.decode()
    assert "Before it can be closed" in text
    assert 'href="#evidence"' in text
    refused = client.post(f"{page}close/", follow=True).content.decode()
    assert "names nothing it rested on" in refused


def test_an_unknown_word_for_what_became_of_it_is_none(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    words = {"outcome": "assumed", "summary": "Done.", "disposition": "magic"}
    browser("supervisor").post(f"/admin/cases/{case}/resolve/", words)
    assert Case.objects.get().disposition == ""
