from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.journeys.models import StepRun
from cases.memory.models import Case, Message
from governance.ledger.models import LedgerEntry
from tests.cases.admin.conftest import Browser
from tests.factories.ledger import spared
from tests.flows.conftest import World
from tests.flows.helpers import agree, identify, open_case, propose_return, say, waiting_return

PAGE_QUERIES = 12


def _offer(retail: World, case: str) -> None:
    answer = retail.api.post(
        f"cases/{case}/handoffs/",
        {"to": {"queue": "care"}, "reason_code": "customer_request", "note": "Twice."},
    )
    assert answer.status_code < 300, answer.content


def test_a_case_shows_what_was_said_done_decided_and_what_comes_next(
    retail: World, browser: Browser
) -> None:
    case, _ = waiting_return(retail)
    text = browser("supervisor").get(f"/admin/cases/{case}/").content.decode()
    for part in (
        "Yusuf Rossi",
        "I want to return the vacuum cleaner",
        "Yes, please.",
        "waits for approval",
        "Find the customer",
        "1. ",
        "answered",
        "Return delivered items",
        'class="stages',
        "verified",
        "name and zip code",
        "entries of the ledger, oldest first",
        "Store assistant opened case",
    ):
        assert part in text, part
    reads = LedgerEntry.objects.filter(kind="case.read", stream=f"case:{case}")
    assert reads.count() == 1


def test_personal_data_is_masked_until_asked_for_and_that_is_recorded(
    retail: World, browser: Browser
) -> None:
    case = open_case(retail)
    say(retail, case, "customer", "Write to yusuf.rossi@example.com please.")
    client = browser("supervisor")
    masked = client.get(f"/admin/cases/{case}/").content.decode()
    assert "yusuf.rossi@example.com" not in masked
    shown = client.get(f"/admin/cases/{case}/", {"unmasked": "1"}).content.decode()
    assert "yusuf.rossi@example.com" in shown
    assert LedgerEntry.objects.filter(kind="case.read").count() == 2


def test_a_foreign_case_and_no_case_are_alike(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    client = browser("policy")
    foreign = client.get(f"/admin/cases/{case}/")
    absent = client.get("/admin/cases/not-a-case/")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    for answer in (foreign, absent):
        assert b"There is nothing here, or it is not yours to see." in answer.content
    assert not LedgerEntry.objects.filter(kind="case.read").exists()


def test_the_queries_of_a_case_do_not_grow_with_what_it_holds(
    retail: World, browser: Browser
) -> None:
    client = browser("supervisor")

    def count(case: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/admin/cases/{case}/").status_code == 200
        return len(captured)

    case = open_case(retail)
    identify(retail, case)
    first = count(case)
    for _ in range(3):
        say(retail, case, "customer", "And another thing.")
        identify(retail, case)
    propose_return(retail, case, evidence=agree(retail, case))
    assert (first, count(case)) == (PAGE_QUERIES - spared(), PAGE_QUERIES - spared())


def test_a_reply_is_the_persons_words(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    client = browser("agent")
    empty = client.post(f"/admin/cases/{case}/reply/", {"text": "  "}, follow=True)
    assert b"nothing was sent" in empty.content
    client.post(f"/admin/cases/{case}/reply/", {"text": "I am Lena, a person."})
    said = Message.objects.get(speaker="human")
    assert (said.text, said.author_label) == ("I am Lena, a person.", "Lena Fischer")

    refused = browser("compliance").post(
        f"/admin/cases/{case}/reply/", {"text": "Not my work."}, follow=True
    )
    assert refused.status_code == 200
    assert Message.objects.filter(speaker="human").count() == 1
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1


def test_a_handoff_is_read_in_seven_parts_and_taken_once(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    identify(retail, case)
    _offer(retail, case)
    desk = browser("specialist").get("/admin/handoffs/").content.decode()
    assert "1 handoff waits for a person" in desk
    assert "Take it" in desk

    client = browser("specialist")
    page = client.get(f"/admin/cases/{case}/").content.decode()
    for number, title in enumerate(
        (
            "What the customer wants",
            "Key entities",
            "Already done",
            "Policy checks",
            "Risk flags and verification",
            "Suggested next step",
            "What to tell the customer, in one paragraph",
        ),
        start=1,
    ):
        assert f'<span class="no">{number}</span>{title}' in page
    assert "Nothing was changed." in page

    row = Case.objects.get(public_id=case)
    accept = f"/admin/handoffs/{row.handoffs.get().public_id}/accept/"
    taken = client.post(accept, {"missing": ["entities", "nonsense"]}, follow=True)
    assert b"You have C-" in taken.content
    row.refresh_from_db()
    assert row.holder == retail.people["specialist"]
    assert row.handoffs.get().said_missing == ["entities"]
    late = browser("agent").post(accept, follow=True)
    assert b"alert is-danger" in late.content
    assert row.handoffs.get().accepted_by == retail.people["specialist"]
    assert "Nadia Ferreira" in browser("supervisor").get("/admin/handoffs/").content.decode()
    mine: Any = client.get("/admin/cases/", {"mine": "1"})
    assert row.label in mine.content.decode()


def test_only_whose_step_it_is_marks_it_done(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    step = StepRun.objects.filter(state="ready").first()
    assert step is not None
    done = f"/admin/cases/{case}/steps/{step.public_id}/done/"
    refused = browser("compliance").post(done, follow=True)
    assert b"alert is-danger" in refused.content
    step.refresh_from_db()
    assert step.state == "ready"
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1
    assert browser("policy").post(done).status_code == 404


def test_the_case_page_says_it(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    say(retail, case, "ai", "Hello.")
    client = browser("compliance")
    untold = "not on record that the customer was told"
    assert untold in client.get(f"/admin/cases/{case}/").content.decode()
    texts = retail.api.get(f"cases/{case}/disclosures/").json()["texts"]
    say(retail, case, "ai", texts[0]["text"])
    page = client.get(f"/admin/cases/{case}/").content.decode()
    assert untold not in page
    assert "told that an AI speaks, in version 1 of the text." in page
