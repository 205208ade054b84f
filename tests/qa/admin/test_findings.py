"""The page of findings: words beside records, and what a person makes of them."""

import csv
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pyarrow.parquet import read_table

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from qa.findings import services
from qa.findings.models import Finding
from qa.population.models import SamplingUnit
from tests.conftest import NOW
from tests.factories.checked import make_done, make_talk
from tests.factories.tools import NOTE, make_tool
from tests.qa.admin.conftest import Browser

pytestmark = pytest.mark.django_db

SAID = "I have cancelled your order <b>now</b>."


def found(*more: str) -> Finding:
    unit = make_talk("customer: Hi", f"ai: I am an AI assistant. {SAID} Anything else?", *more)
    services.run_next(now=NOW)
    return Finding.objects.filter(unit=unit).latest("pk")


def shown(client: Client, query: str = "") -> str:
    answer = client.get(f"/admin/findings/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_words_stand_beside_the_record_and_are_escaped(browser: Browser) -> None:
    unit = make_talk("customer: Hi", f"ai: I am an AI assistant. {SAID} Anything else?")
    tool = make_tool({**NOTE, "name": "cancel_order", "title": "Cancel an order"})
    make_done(unit, tool, 0, refused=True, arguments={"order_id": "W1"})
    services.run_next(now=NOW)
    page = shown(browser(Role.QA_ANALYST))
    assert "1 finding nobody has looked at, 1 of them a broken promise" in page
    marked = '<mark class="qte">I have cancelled your order &lt;b&gt;now&lt;/b&gt;.</mark>'
    assert marked in page
    assert "Cancel an order" in page
    assert "The call that does this had not succeeded when it was said." in page
    message = unit.case.messages.get(speaker="ai")
    assert f"/admin/cases/{unit.case.public_id}/#m-{message.public_id}" in page
    case = browser(Role.QA_LEAD).get(f"/admin/cases/{unit.case.public_id}/")
    assert f'id="m-{message.public_id}"' in case.content.decode()
    assert f"/admin/findings/?show=all&amp;case={unit.case.public_id}" in case.content.decode()


def test_confirming_shows_undo_and_undo_brings_it_back(browser: Browser) -> None:
    finding = found()
    client = browser(Role.QA_ANALYST)
    answer = client.post(
        f"/admin/findings/{finding.public_id}/settle/", {"state": "confirmed", "harm": "high"}
    )
    assert answer["Location"] == f"/admin/findings/?harm=high&just={finding.public_id}"
    page = shown(client, f"?just={finding.public_id}")
    assert "Confirmed: Promised without a confirmed result" in page
    assert "No findings to look at" in page
    assert "1 of 1" in page
    assert "21 to 100 %" in page
    client.post(f"/admin/findings/{finding.public_id}/reopen/")
    assert "1 finding nobody has looked at" in shown(client)


def test_not_so_needs_a_reason_and_is_told_with_it(browser: Browser) -> None:
    finding = found()
    client = browser(Role.QA_ANALYST)
    link = f"/admin/findings/{finding.public_id}/settle/"
    client.post(link, {"state": "refuted", "reason": " "})
    page = shown(client)
    assert "Say why it is not so" in page
    assert Finding.objects.get().state == "unseen"
    client.post(link, {"state": "refuted", "reason": "Another order."})
    page = shown(client, "?show=looked")
    assert "Another order." in page
    assert "Not so, says" in page


def test_whoever_only_reads_has_no_buttons_and_a_refused_act_is_recorded(
    browser: Browser,
) -> None:
    finding = found()
    officer = browser(Role.COMPLIANCE_OFFICER)
    assert "/settle/" not in shown(officer)
    link = f"/admin/findings/{finding.public_id}/settle/"
    assert officer.post(link, {"state": "confirmed"}).status_code == 404
    lead = browser(Role.QA_LEAD)
    lead.post(link, {"state": "confirmed"})
    lead.post(link, {"state": "confirmed"})
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1
    assert browser(Role.HUMAN_AGENT).get("/admin/findings/").status_code == 404


def test_an_empty_page_says_that_nothing_seen_is_not_nothing_wrong(browser: Browser) -> None:
    make_talk()
    services.run_next(now=NOW)
    page = shown(browser(Role.QA_LEAD))
    assert "Nothing unseen" in page
    assert "1 interactions had no readable transcript" in page


def test_odd_addresses_narrow_nothing(browser: Browser) -> None:
    found()
    client = browser(Role.QA_LEAD)
    for query in ("?week=2026-W99", "?week=x", "?just=nobody", "?page=900", "?case=1"):
        assert "I have cancelled" in shown(client, query)


def test_the_file_gives_places_and_no_words(browser: Browser) -> None:
    finding = found()
    answer = browser(Role.QA_LEAD).get("/admin/findings/export/")
    (row,) = csv.DictReader(StringIO(answer.content.decode()))
    (span,) = finding.spans
    assert (row["check"], row["message"]) == ("promise_kept/1", span["message"])
    assert (int(row["start"]), int(row["end"])) == (span["start"], span["end"])
    assert "cancelled" not in answer.content.decode()


def test_the_same_file_is_given_as_parquet_with_its_types(browser: Browser) -> None:
    finding = found()
    answer = browser(Role.QA_LEAD).get("/admin/findings/export/?kind=parquet")
    assert 'filename="findings.parquet"' in answer["Content-Disposition"]
    (row,) = read_table(BytesIO(answer.content)).to_pylist()
    assert row["finding"] == str(finding.public_id)
    assert (row["start"], row["found_at"]) == (finding.spans[0]["start"], NOW)
    assert row["settled_at"] is None


def test_findings_are_narrowed_to_one_version_of_the_ai(browser: Browser) -> None:
    unit = found().unit
    SamplingUnit.objects.filter(pk=unit.pk).update(ai_version="orders-bot 2")
    client = browser(Role.QA_LEAD)
    page = shown(client, "?ai=orders-bot+2")
    assert '<option value="orders-bot 2" selected>' in page
    assert "I have cancelled" in page
    assert "I have cancelled" not in shown(client, "?ai=orders-bot+1")


def test_the_sidebar_counts_what_waits_for_who_reviews_the_whole_centre(browser: Browser) -> None:
    finding = found()
    analyst, supervisor = browser(Role.QA_ANALYST), browser(Role.SUPERVISOR)

    def counted(client: Client) -> bool:
        return 'data-badge="findings">1<' in shown(client)

    assert (counted(analyst), counted(supervisor)) == (True, False)
    analyst.post(f"/admin/findings/{finding.public_id}/settle/", {"state": "confirmed"})
    assert not counted(analyst)


def test_the_queries_do_not_grow_with_the_rows(browser: Browser) -> None:
    client = browser(Role.QA_LEAD)

    def measured() -> int:
        shown(client)
        with CaptureQueriesContext(connection) as asked:
            shown(client)
        return len(asked)

    found()
    before = measured()
    for _one in range(8):
        found()
    assert measured() == before
