"""Facts in, a verdict out, in force and under a draft; nothing is stored."""

from uuid import uuid4

import pytest

from governance.ledger.models import LedgerEntry
from governance.policies import selectors
from governance.policies.models import DecisionRecord, Rehearsal
from governance.reviews import services as reviews
from orchestra.core import clock
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return
from tests.governance.admin.conftest import Browser
from tests.governance.admin.test_rehearsals import begin, draft

PAGE = "/admin/policies/retail_returns/try/"


def test_facts_by_hand_are_judged(retail: World, browser: Browser) -> None:
    del retail
    client = browser("policy")
    empty = client.get(PAGE).content.decode()
    assert "The facts" in empty
    assert "In force" not in empty
    asked = {"f.tool": "return_delivered_order_items", "f.risk": "critical", "f.queue": "?"}
    text = client.get(PAGE, asked).content.decode()
    assert "In force" in text
    assert "The tool, cue sheet or queue is not known." in text
    counted = (DecisionRecord.objects.count(), LedgerEntry.objects.count())
    client.get(PAGE, asked)
    assert (DecisionRecord.objects.count(), LedgerEntry.objects.count()) == counted


def test_what_does_not_fit_is_named(retail: World, browser: Browser) -> None:
    del retail
    text = browser("policy").get(PAGE, {"f.amount_minor": "much"}).content.decode()
    assert "amount: say the currency too." in text
    assert "In force" not in text
    typed = {"f.amount_minor": "12.345", "f.currency": "USD", "f.confidence": "high"}
    text = browser("policy").get(PAGE, typed).content.decode()
    assert "amount: “12.345” is no amount in USD; write one such as 500.00." in text
    assert "confidence: “high” does not fit; give a number such as 0.8." in text
    # What was typed stays to be corrected.
    assert 'value="12.345"' in text
    assert 'value="high"' in text


@pytest.mark.parametrize(("amount", "outcome"), [("500.00", "allow"), ("500.01", "approve")])
def test_amounts_are_typed_as_people_write_them(
    retail: World, browser: Browser, amount: str, outcome: str
) -> None:
    waiting_return(retail)
    record = DecisionRecord.objects.get(outcome="approve")
    shown = browser("policy").get(PAGE, {"decision": str(record.public_id)})
    fields = {field["name"]: field["value"] for field in shown.context["fields"]}
    total = "f.limit:retail_returned_customer_month"
    fields |= {"f.amount_minor": amount, "f.currency": "usd", total: amount}
    judged = browser("policy").get(PAGE, {**fields, "f.currency": "USD"})
    assert judged.context["now_judged"]["outcome"] == outcome


def test_the_draft_of_a_change_stands_beside_what_is_in_force(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    record = DecisionRecord.objects.get(outcome="approve")
    actor = retail.people["policy"].as_actor()
    change = reviews.open_change(
        actor=actor,
        now=clock.now(),
        kind="policy",
        document_key="retail_returns",
        title="Ask nobody",
        document=draft(),
    )
    client = browser("policy")
    page = client.get(f"/admin/change-requests/{change.public_id}/").content.decode()
    link = f"{PAGE}?change={change.public_id}"
    assert link in page
    shown = client.get(link, {"decision": str(record.public_id), "change": str(change.public_id)})
    text = shown.content.decode()
    assert (shown.context["now_judged"]["outcome"], shown.context["draft_judged"]["outcome"]) == (
        "approve",
        "allow",
    )
    assert "another answer" in text
    assert change.label in text
    assert str(record.public_id) in client.get(link).content.decode()
    reviews.save_draft(
        actor=actor,
        now=clock.now(),
        change_id=change.public_id,
        document={**draft(), "rules": 3},
        seen_digest=change.digest,
    )
    assert "rules: must be a list" in client.get(link).content.decode()
    other = link.replace("retail_returns", "retail_orders")
    assert client.get(other).status_code == 404
    assert client.get(f"{PAGE}?change={uuid4()}").status_code == 404


def test_a_past_case_stands_beside_the_draft(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    record = DecisionRecord.objects.get(outcome="approve")
    rehearsal: Rehearsal = begin()
    asked = {"decision": str(record.public_id), "rehearsal": str(rehearsal.public_id)}
    response = browser("policy").get(PAGE, asked)
    text = response.content.decode()
    assert "In force" in text
    assert "Under the draft" in text
    assert response.context["now_judged"]["outcome"] == "approve"
    assert response.context["draft_judged"]["outcome"] == "allow"
    # What is filled in from it, sent by hand, is judged alike; changed, it is judged anew.
    fields = {field["name"]: field["value"] for field in response.context["fields"]}
    assert fields["f.risk_flags"] == "[]"
    by_hand = browser("policy").get(PAGE, fields)
    assert by_hand.context["now_judged"] == response.context["now_judged"]
    minor = selectors.record_as_value(record)["facts"]["values"]["amount_minor"]
    assert fields["f.amount_minor"] == f"{minor / 100:,.2f}"
    fields["f.amount_minor"] = "100"
    fields["f.limit:retail_returned_customer_month"] = "100"
    changed = browser("policy").get(PAGE, fields)
    assert changed.context["now_judged"]["outcome"] == "allow"
    missing = browser("policy").get(PAGE, {"decision": "none"}).content.decode()
    assert "There is no recorded decision with the id “none”." in missing


def test_who_may_not_does_not_find_it(retail: World, browser: Browser) -> None:
    del retail
    assert browser("agent").get(PAGE).status_code == 404
    client = browser("policy")
    assert client.get("/admin/policies/none/try/").status_code == 404
    assert client.get(PAGE, {"rehearsal": "x"}).status_code == 404
