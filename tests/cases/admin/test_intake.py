"""Intake on its page and on the case: evidence marked, one click, flags with a reason, versions."""

import re

import pytest

from cases.intake import services
from cases.intake.models import ClassificationRecord, ClassifierTraining, IntentExample
from cases.memory.models import Case
from governance.ledger.models import LedgerEntry
from governance.reviews.models import ChangeRequest
from orchestra.core import clock
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import open_case


def test_a_reading_is_confirmed_then_changed_in_one_click(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    page = f"/admin/cases/{case}/"
    client = browser("agent")
    text = client.get(page).content.decode()
    assert "<mark>return</mark>" in text
    read = ClassificationRecord.objects.get()
    assert f'name="intent" value="{read.intent}">Right</button>' in text
    body = {"classification": str(read.public_id), "intent": read.intent}
    done = client.post(f"{page}intake/", body, follow=True).content.decode()
    assert "Intake learns from it the next time" in done
    assert "a person said so" in done
    client.post(f"{page}intake/", {**body, "intent": "exchange_items"})
    text = client.get(page).content.decode()
    assert re.search(r"Intake had read “[^”]+”", text)
    assert [row.intent for row in IntentExample.objects.all()] == [read.intent, "exchange_items"]
    listed = browser("policy").get("/admin/intake/").content.decode()
    assert "corrected" in listed or "Nobody has confirmed" in listed
    assert "corrected" in browser("supervisor").get("/admin/intake/").content.decode()


def test_a_flag_is_cleared_with_a_reason_only(retail: World, browser: Browser) -> None:
    case = open_case(retail, "This is unacceptable, I will call my lawyer. Return the lamp.")
    client = browser("agent")
    row = Case.objects.get()
    assert {"complaint", "legal_threat"} <= set(row.risk_flags)
    page = f"/admin/cases/{case}/"
    text = client.get(page).content.decode()
    assert "lawyer" in text
    assert "Clear the flag" in text
    client.post(f"{page}flags/clear/", {"flag": "legal_threat", "reason": " "})
    row.refresh_from_db()
    assert "legal_threat" in row.risk_flags
    client.post(f"{page}flags/clear/", {"flag": "legal_threat", "reason": "She is a lawyer."})
    row.refresh_from_db()
    assert "legal_threat" not in row.risk_flags
    assert LedgerEntry.objects.filter(kind="case.flag_cleared").count() == 1


def test_retraining_is_asked_for_and_its_outcome_shown(retail: World, browser: Browser) -> None:
    owner = browser("policy")
    text = owner.get("/admin/intake/").content.decode()
    assert "No version was published yet" in text
    done = owner.post("/admin/intake/learn/", follow=True).content.decode()
    assert "A worker learns now" in done
    services.train_due(now=clock.now())
    change = ChangeRequest.objects.get(kind="classifier")
    text = owner.get("/admin/intake/").content.decode()
    assert f"{change.label}, with the comparison" in text
    shown = owner.get(f"/admin/change-requests/{change.public_id}/").content.decode()
    assert "Needs found, on unseen examples" in shown
    services.publish_classifier(
        actor=retail.people["policy"].as_actor(), now=clock.now(), document=change.document
    )
    text = owner.get("/admin/intake/").content.decode()
    assert "Intent by intent" in text
    assert "version 1" in text
    assert ">Retrain</button>" not in browser("agent").get("/admin/intake/").content.decode()
    refused = browser("agent").post("/admin/intake/learn/", follow=True)
    assert b"alert is-danger" in refused.content or refused.status_code == 404
    assert ClassifierTraining.objects.count() == 1


def test_the_same_over_rest(retail: World) -> None:
    case = open_case(retail)
    read = ClassificationRecord.objects.get()
    detail = retail.api.get(f"cases/{case}/").json()["intake"]
    assert (detail["classifier"], detail["id"]) == ("examples.v1", str(read.public_id))
    assert detail["band"] in {"act", "verify", "hand_off"}
    body = {"classification": str(read.public_id), "intent": "exchange_items"}
    refused = retail.api.post(f"cases/{case}/intake/", body)
    assert refused.status_code == 403
    flag = retail.api.post(f"cases/{case}/flags/clear/", {"flag": "fraud", "reason": "No."})
    assert flag.status_code == 403
    assert retail.api.post("intake/trainings/", {}).status_code == 403
    for part in ("examples", "versions", "trainings"):
        assert retail.api.get(f"intake/{part}/").json()["results"] == []
    assert IntentExample.objects.count() == 0


def test_a_case_that_waits_is_listed_and_goes_on_with_one_click(
    retail: World, browser: Browser
) -> None:
    case = open_case(retail, "I think about the return or the exchange of the lamp.")
    row = Case.objects.get()
    assert row.intent_hold == "confirm"
    client = browser("supervisor")
    listed = client.get("/admin/intake/").content.decode()
    assert "to be confirmed" in listed
    assert row.label in listed
    assert (
        "An AI agent changes nothing until then"
        in client.get(f"/admin/cases/{case}/").content.decode()
    )
    read = ClassificationRecord.objects.get()
    body = {"classification": str(read.public_id), "intent": read.intent, "back": "intake"}
    done = client.post(f"/admin/cases/{case}/intake/", body)
    assert done.headers["Location"] == "/admin/intake/#waiting"
    row.refresh_from_db()
    assert row.intent_hold == ""
    assert [one.version.cue_sheet.key for one in row.journeys.all()] == [read.intent]
    assert "No case waits" in client.get("/admin/intake/").content.decode()


@pytest.mark.usefixtures("retail")
def test_the_order_of_work_is_shown_and_changed_by_review(browser: Browser) -> None:
    owner = browser("policy")
    shown = owner.get("/admin/intake/").content.decode()
    assert "urgency medium" in shown
    assert "priority 5" in shown
    assert "Propose another table" in shown
    assert "Propose another table" not in browser("agent").get("/admin/intake/").content.decode()
    degrees = ("high", "medium", "low")
    body = {f"{one}-{other}": "2" for one in degrees for other in degrees}
    done = owner.post("/admin/intake/priorities/", {**body, "summary": "All alike."}, follow=True)
    change = ChangeRequest.objects.get(kind="priority_table")
    assert change.label in done.content.decode()
    assert change.document["table"]["low"] == {"high": 2, "medium": 2, "low": 2}
    assert "priority 5" in owner.get("/admin/intake/").content.decode()


def test_impact_and_urgency_make_the_priority_of_a_case(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    client = browser("agent")
    client.post(f"/admin/cases/{case}/priority/", {"impact": "1", "urgency": ""})
    assert Case.objects.get().priority == 3
    client.post(f"/admin/cases/{case}/priority/", {"impact": "1", "urgency": "1"})
    assert Case.objects.get().priority == 1
    text = client.get(f"/admin/cases/{case}/").content.decode()
    assert "impact high, urgency high" in text
