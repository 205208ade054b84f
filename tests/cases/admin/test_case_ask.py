"""Asking a colleague from the case page, and answering there and over REST."""

from governance.ledger.models import LedgerEntry
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import open_case

ANSWERED = "handoff.consult_answered"


def test_a_colleague_is_asked_and_answers_on_the_page(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    lena, nadia = browser("agent"), browser("specialist")
    asked = retail.people["specialist"]
    link = f"/admin/cases/{case}/ask/"
    assert f'href="{link}" data-key="q"' in lena.get(f"/admin/cases/{case}/").content.decode()
    form = lena.get(link).content.decode()
    assert f'<option value="{asked.public_id}">{asked.label}</option>' in form
    assert retail.people["agent"].label + "</option>" not in form
    lena.post(link, {"person": str(asked.public_id), "queue": "care", "question": "Covered?"})
    page = lena.get(f"/admin/cases/{case}/").content.decode()
    assert "not answered yet" in page
    assert f"asked {asked.label} and kept the case: Covered?" in page
    assert "/answer/" not in page
    page = nadia.get(f"/admin/cases/{case}/").content.decode()
    (address,) = [part.split('"')[0] for part in page.split('action="') if "/answer/" in part[:120]]
    page = nadia.post(address, {"answer": "Yes, for two years."}, follow=True).content.decode()
    assert "Yes, for two years." in page
    assert address not in page
    assert LedgerEntry.objects.filter(kind=ANSWERED).count() == 1


def test_what_is_wrong_is_said_and_not_recorded(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    answer = browser("agent").post(
        f"/admin/cases/{case}/ask/", {"queue": "care", "question": " "}, follow=True
    )
    assert b"alert is-danger" in answer.content
    assert browser("compliance").get(f"/admin/cases/{case}/ask/").status_code == 404
    assert not LedgerEntry.objects.filter(kind="handoff.consulted").exists()


def test_what_was_typed_stands_there_again_where_it_is_refused(
    retail: World, browser: Browser
) -> None:
    link = f"/admin/cases/{open_case(retail)}/ask/"
    nobody = "00000000-0000-4000-8000-000000000000"
    answer = browser("agent").post(
        link, {"person": nobody, "queue": "care", "question": "Is it covered?"}, follow=True
    )
    assert b"alert is-danger" in answer.content
    assert ">Is it covered?</textarea>" in answer.content.decode()
    assert not LedgerEntry.objects.filter(kind="handoff.consulted").exists()


def test_an_agent_asks_over_rest_and_reads_the_answer(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    path = f"cases/{case}/consults/"
    made = retail.api.post(path, {"to": {"queue": "care"}, "question": "Covered?"})
    assert (made.status_code, made.json()["answered_at"]) == (201, None)
    own = retail.api.post(f"{path}{made.json()['id']}/answer/", {"answer": "Yes."})
    assert own.status_code == 403
    browser("agent").post(
        f"/admin/cases/{case}/consults/{made.json()['id']}/answer/", {"answer": "Yes."}
    )
    (found,) = retail.api.get(path).json()
    assert (found["question"], found["answer"]) == ("Covered?", "Yes.")


def test_an_answer_that_is_refused_stands_there_again(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    body = {"to": {"queue": "care"}, "question": "Covered?"}
    made = retail.api.post(f"cases/{case}/consults/", body).json()
    link = f"/admin/cases/{case}/consults/{made['id']}/answer/"
    page = browser("agent").post(link, {"answer": "y" * 2_001}).content.decode()
    assert "alert is-danger" in page
    assert "y" * 2_001 + "</textarea>" in page
    assert "Covered?" in page
    assert browser("compliance").post(link, {"answer": "Yes."}).status_code == 302
    browser("specialist").post(link, {"answer": "For two years."})
    page = browser("agent").post(link, {"answer": "For one year."}).content.decode()
    assert "For two years." in page
    assert "readonly>For one year.</textarea>" in page
    assert LedgerEntry.objects.filter(kind=ANSWERED).count() == 1
