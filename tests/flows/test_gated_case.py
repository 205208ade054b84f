"""A critical risk takes the case to people: the AI agent reads no further and proposes nothing."""

from cases.handoff.models import Handoff
from cases.journeys.services.settling import call_handed_off
from cases.memory.models import Case
from cases.memory.selectors import lock_case
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.registry import HandOver
from governance.ledger.models import LedgerEntry
from governance.ledger.services import one_act
from orchestra.core import clock
from tests.flows.conftest import World
from tests.flows.helpers import RETURN, agree, identify, open_case, propose_return


def _refer(call_id: str) -> None:
    """Let policy send a call to a specialist, of a tool whose risk is critical."""
    call = ToolCall.objects.select_related("tool").get(public_id=call_id)
    ToolCall.objects.filter(pk=call.pk).update(state="handed_off")
    ToolDefinition.objects.filter(pk=call.tool_id).update(risk="critical")
    call = ToolCall.objects.select_related("tool").get(pk=call.pk)
    over = HandOver(queue="", role="specialist", reason_code="policy.specialist", reason="Fraud.")
    with one_act():
        call.case = lock_case(call.case.public_id)
        call_handed_off(call, over, clock.now())


def test_the_agent_is_shut_out_and_comes_back_only_by_a_person(retail: World) -> None:
    case = open_case(retail)
    identify(retail, case)
    asked = propose_return(retail, case, evidence=agree(retail, case))
    _refer(asked.json()["id"])
    row = Case.objects.get(public_id=case)
    assert row.gated_at is not None
    assert LedgerEntry.objects.filter(stream=row.stream, kind="case.gated").count() == 1

    for url in (
        f"cases/{case}/",
        f"cases/{case}/timeline/",
        f"cases/{case}/steps/",
        f"tool-calls/{asked.json()['id']}/",
    ):
        refused = retail.api.get(url)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted.case_gated")
    assert retail.api.get("cases/").json()["results"] == []
    before = ToolCall.objects.count()
    again = retail.api.post(
        f"cases/{case}/tool-calls/",
        {"tool": "get_order_details", "arguments": {"order_id": RETURN["order_id"]}},
    )
    assert (again.status_code, again.json()["code"]) == (403, "not_permitted.case_gated")
    assert ToolCall.objects.count() == before
    handoff = Handoff.objects.get(case=row)
    assert (handoff.reason_code, handoff.transfer) == ("policy.specialist", "escalation")
