from cases.memory.models import Case
from cases.tools.models import ToolCall
from governance.ledger.models import LedgerEntry
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import RETURN, agree, identify, open_case

TOOL = "return_delivered_order_items"


def _form(**more: object) -> dict[str, object]:
    return {
        "once": "1",
        "arg.order_id": RETURN["order_id"],
        "arg.item_ids": "\n".join(RETURN["item_ids"]),
        "arg.payment_method_id": RETURN["payment_method_id"],
        "rationale": "He asked for it.",
        **more,
    }


def test_a_person_proposes_and_another_person_is_asked(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    identify(retail, case)
    said = agree(retail, case)
    client = browser("specialist")
    listed = client.get(f"/admin/cases/{case}/propose/").content.decode()
    assert "Return delivered items" in listed
    link = f"/admin/cases/{case}/propose/{TOOL}/"
    form = client.get(link).content.decode()
    assert 'name="arg.item_ids"' in form
    assert said[1] in form
    answer = client.post(link, _form(evidence=said), follow=True)
    assert b"It waits until a person approves. Nothing ran." in answer.content
    call = ToolCall.objects.get(tool__name=TOOL)
    assert call.requester_label == "Nadia Ferreira"
    assert call.arguments == RETURN
    assert call.evidence == said
    client.post(link, _form(evidence=said))
    assert ToolCall.objects.filter(tool__name=TOOL).count() == 1
    again = client.get(f"{link}?again=1").content.decode()
    assert RETURN["item_ids"][1] in again


def test_arguments_that_do_not_fit_are_named_beside_their_field(
    retail: World, browser: Browser
) -> None:
    case = open_case(retail)
    link = f"/admin/cases/{case}/propose/{TOOL}/"
    answer = browser("specialist").post(link, _form(**{"arg.order_id": ""}))
    assert answer.status_code == 400
    text = answer.content.decode()
    assert '<span class="err">is missing; send it</span>' in text
    assert RETURN["item_ids"][0] in text
    assert not ToolCall.objects.exists()


def test_a_reader_proposes_nothing_and_the_try_is_recorded(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    client = browser("compliance")
    link = f"/admin/cases/{case}/propose/{TOOL}/"
    assert client.get(link).status_code == 404
    assert client.get(f"/admin/cases/{case}/propose/").status_code == 404
    assert "What you can do" not in client.get(f"/admin/cases/{case}/").content.decode()
    refused = client.post(link, _form(), follow=True)
    assert b"alert is-danger" in refused.content
    assert not ToolCall.objects.exists()
    assert LedgerEntry.objects.get(kind="act.refused").stream == Case.objects.get().stream
    assert browser("policy").post(link, _form()).status_code == 404
    unknown = browser("specialist").get(f"/admin/cases/{case}/propose/no_such_tool/")
    assert unknown.status_code == 404
