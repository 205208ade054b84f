import pytest

from cases.admin.fact_sources import sources_for
from cases.tools.models import ToolCall, ToolDefinition
from governance.policies.models import DecisionRecord
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return


@pytest.mark.parametrize(
    ("name", "trust", "text"),
    [
        ("order_status", "confirmed", "get_order_details"),
        ("refund_route", "confirmed", "get_order_details, get_user_details"),
        ("confidence", "claimed", "the proposal"),
        ("tool", "", "the proposal"),
        ("risk", "", "what the tool declares"),
        ("specialist_request", "", "who asked, and when"),
        ("verification", "", "the case"),
        ("limit:any", "", "counted here, under a lock"),
        ("local_hour", "", "who asked, and when"),
        ("no_such_fact", "", ""),
    ],
)
def test_each_fact_says_where_it_came_from(retail: World, name: str, trust: str, text: str) -> None:
    waiting_return(retail)
    call = ToolCall.objects.select_related("tool").latest("pk")
    assert sources_for(call).of(name) == {"trust": trust, "text": text}


def test_a_tool_declared_anew_says_nothing_of_before(retail: World) -> None:
    waiting_return(retail)
    ToolDefinition.objects.update(digest="0" * 64)
    call = ToolCall.objects.select_related("tool").latest("pk")
    assert sources_for(call).of("order_status") == {"trust": "", "text": ""}
    assert sources_for(None).of("confidence") == {"trust": "claimed", "text": "the proposal"}


def test_a_decision_leads_to_its_entries_for_who_may_read_them(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    record = DecisionRecord.objects.get(outcome="approve")
    page = f"/admin/decisions/{record.public_id}/"
    link = f"/admin/ledger/?subject={record.subject_id}"
    text = browser("compliance").get(page).content.decode()
    assert link in text
    assert '<span class="confirmed">get_order_details</span>' in text
    assert link not in browser("specialist").get(page).content.decode()
