"""The compliance officer sees what differs, on its page and on the start page, and explains it."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.memory.models import Case
from cases.reconciliation.models import Difference
from cases.tools.models import ToolCall
from governance.ledger.models import LedgerEntry
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return

PAGE = "/admin/reconciliation/"


def _text(client: Client, page: str = PAGE) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return answer.content.decode()


def _compare(client: Client) -> str:
    answer = client.post(f"{PAGE}run/", follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_real_case_compares_clean(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    officer = browser("compliance")
    assert "Nothing was compared yet" in _text(officer)

    text = _compare(officer)

    assert "0 differences." in text
    assert "Every effect has its entries, and every entry its cause" in text
    assert "0 unexplained" in _text(officer, "/admin/")


def test_a_difference_is_told_in_words_with_its_case_and_explained(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    ToolCall.objects.filter(state="awaiting_approval").update(attempt=1)
    officer, case = browser("compliance"), Case.objects.get()

    text = _compare(officer)

    assert "1 difference is unexplained" in text
    assert "has no entry “execution claimed”" in text
    assert f"/admin/cases/{case.public_id}/" in text
    start = _text(officer, "/admin/")
    assert "1 difference is unexplained" in start
    assert f"/admin/cases/{case.public_id}/" in start
    row = Difference.objects.get()
    explain = f"{PAGE}{row.public_id}/explain/"
    assert "Say how the difference came about" in _post(officer, explain, "")
    assert "Your explanation is in the ledger." in _post(officer, explain, "A drill.")
    assert "Somebody" not in _text(officer)
    again = _post(officer, explain, "Another drill.")
    assert "changed since it was read" in again
    assert "A drill." in again
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1
    assert "0 unexplained" in _text(officer, "/admin/")


def _post(client: Client, page: str, explanation: str) -> str:
    answer = client.post(page, {"explanation": explanation}, follow=True)
    return str(answer.content.decode())


def test_who_reads_the_ledger_reads_it_and_who_verifies_compares(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    assert browser("supervisor").post(f"{PAGE}run/").status_code == 404
    assert "Compare everything now" not in _text(browser("supervisor"))


def test_the_page_asks_no_more_with_more_differences(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    officer = browser("compliance")
    _compare(officer)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            _text(officer)
        return len(captured)

    before = count()
    ToolCall.objects.update(attempt=4)
    _compare(officer)
    assert Difference.objects.count() >= 2
    assert count() <= before + 1
