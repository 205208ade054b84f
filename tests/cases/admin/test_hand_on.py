from cases.handoff.models import Handoff
from cases.memory.models import Case
from governance.ledger.models import LedgerEntry
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import identify, open_case


def _hand_on(**more: str) -> dict[str, str]:
    return {
        "queue": "care",
        "role": "",
        "reason": "person.other_team",
        "next_step": "Ask for the receipt.",
        "customer_paragraph": "A colleague goes on from here.",
        **more,
    }


def test_a_person_who_holds_a_case_hands_it_on_with_a_new_bundle(
    retail: World, browser: Browser
) -> None:
    case = open_case(retail)
    identify(retail, case)
    first, second = browser("specialist"), browser("agent")
    link = f"/admin/cases/{case}/hand-on/"
    assert "Customer care" in first.get(link).content.decode()
    first.post(link, _hand_on())
    offered = Handoff.objects.get()
    second.post(f"/admin/handoffs/{offered.public_id}/accept/")
    answer = second.post(link, _hand_on(role="specialist"), follow=True)
    assert b"waits for somebody to take it." in answer.content
    taken, waiting = Handoff.objects.order_by("pk")
    assert (taken.state, waiting.state) == ("completed", "offered")
    assert waiting.from_label == "Lena Fischer"
    assert waiting.bundle["next_step"]["title"] == "Ask for the receipt."
    assert waiting.bundle["customer_paragraph"]["text"] == "A colleague goes on from here."
    row = Case.objects.get()
    assert row.holder is None
    assert row.queue.key == "care"


def test_a_reader_hands_nothing_on(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    client = browser("compliance")
    link = f"/admin/cases/{case}/hand-on/"
    assert client.get(link).status_code == 404
    assert b"alert is-danger" in client.post(link, _hand_on(), follow=True).content
    assert not Handoff.objects.exists()
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1


def test_a_case_is_handed_to_one_person_who_is_met_by_the_sender(
    retail: World, browser: Browser
) -> None:
    case = open_case(retail)
    identify(retail, case)
    client = browser("specialist")
    link = f"/admin/cases/{case}/hand-on/"
    assert "I stay with the customer" not in client.get(link).content.decode()
    client.post(link, _hand_on())
    client.post(f"/admin/handoffs/{Handoff.objects.get().public_id}/accept/")
    lena = retail.people["agent"]
    page = client.get(link).content.decode()
    assert "I stay with the customer" in page
    assert f'<option value="{lena.public_id}">Lena Fischer</option>' in page
    assert "Nadia Ferreira</option>" not in page
    client.post(link, _hand_on(person=str(lena.public_id), warm="1"))
    offered = Handoff.objects.latest("pk")
    assert (offered.to_person, offered.warmth) == (lena, "warm")


def test_what_was_typed_stands_there_again_where_it_is_refused(
    retail: World, browser: Browser
) -> None:
    case = open_case(retail)
    identify(retail, case)
    link = f"/admin/cases/{case}/hand-on/"
    client = browser("specialist")
    nobody = "00000000-0000-4000-8000-000000000000"
    form = _hand_on(role="specialist", note="I am away.", person=nobody)
    page = client.post(link, form).content.decode()
    assert "alert is-danger" in page
    assert ">I am away.</textarea>" in page
    assert ">Ask for the receipt.</textarea>" in page
    assert '<option value="specialist" selected>' in page
    assert '<option value="person.other_team" selected>' in page
    assert not Handoff.objects.exists()
