"""Passing a matter outside, from the case page."""

from governance.ledger.models import LedgerEntry
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import open_case

KIND = "handoff.referred_outside"
FORM = {"to": "Parcel carrier", "reason": "outside.theirs_to_do", "told": "They will write."}


def test_a_person_records_it_and_reads_it_in_the_record(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    client = browser("agent")
    page = client.get(f"/admin/cases/{case}/").content.decode()
    link = f"/admin/cases/{case}/refer/"
    assert f'action="{link}"' in page
    assert 'data-key="o"' in page
    assert page.count('<option value="outside.') == 4
    page = client.post(link, FORM, follow=True).content.decode()
    assert LedgerEntry.objects.filter(kind=KIND).count() == 1
    assert "referred the matter to Parcel carrier, outside: it is theirs to do." in page
    assert "The customer was told: They will write." in page


def test_what_lacks_words_is_said_and_not_recorded(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    client = browser("agent")
    answer = client.post(f"/admin/cases/{case}/refer/", {**FORM, "told": " "})
    page = answer.content.decode()
    assert "alert is-danger" in page
    assert 'value="Parcel carrier"' in page
    assert '<option value="outside.theirs_to_do" selected>' in page
    assert not LedgerEntry.objects.filter(kind=KIND).exists()


def test_what_was_typed_stands_there_again_where_somebody_else_has_the_case(
    retail: World, browser: Browser
) -> None:
    case = open_case(retail)
    made = retail.api.post(
        f"cases/{case}/handoffs/", {"to": {"queue": "care"}, "reason_code": "customer_request"}
    )
    browser("specialist").post(f"/admin/handoffs/{made.json()['id']}/accept/")
    page = browser("agent").post(f"/admin/cases/{case}/refer/", FORM).content.decode()
    assert ">They will write.</textarea>" in page
    assert not LedgerEntry.objects.filter(kind=KIND).exists()
    (refused,) = LedgerEntry.objects.filter(kind="act.refused")
    assert refused.stream == f"case:{case}"
    reader = browser("compliance").post(f"/admin/cases/{case}/refer/", FORM)
    assert (reader.status_code, LedgerEntry.objects.filter(kind="act.refused").count()) == (302, 2)


def test_who_reads_or_waits_is_offered_no_form(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    link = f'action="/admin/cases/{case}/refer/"'
    assert link not in browser("compliance").get(f"/admin/cases/{case}/").content.decode()
    retail.api.post(
        f"cases/{case}/handoffs/", {"to": {"queue": "care"}, "reason_code": "customer_request"}
    )
    assert link not in browser("agent").get(f"/admin/cases/{case}/").content.decode()


def test_over_rest_an_agent_records_it(retail: World) -> None:
    case = open_case(retail)
    body = {"to": "The bank", "reason_code": "outside.they_know", "told": "Ask your bank."}
    answer = retail.api.post(f"cases/{case}/referrals/", body)
    assert (answer.status_code, answer.json()["status"]) == (200, "open")
    assert retail.api.post(f"cases/{case}/referrals/", {**body, "to": ""}).status_code == 422
    assert LedgerEntry.objects.filter(kind=KIND).count() == 1
