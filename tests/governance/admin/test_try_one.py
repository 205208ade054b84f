"""Facts in, a verdict out, in force and under a draft; nothing is stored."""

from governance.ledger.models import LedgerEntry
from governance.policies.models import DecisionRecord, Rehearsal
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return
from tests.governance.admin.conftest import Browser
from tests.governance.admin.test_rehearsals import begin

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
    assert "amount minor: “much” does not fit; give a whole." in text
    assert "In force" not in text


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
