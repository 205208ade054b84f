"""Cue sheets, tools, decisions and versions are readable."""

import pytest

from cases.journeys.models import CueSheetVersion
from cases.memory.models import Case
from cases.tools.models import ToolCall, ToolDefinition
from governance.access.models import AgentIdentity, Queue
from governance.access.types import Role
from governance.policies.models import DecisionRecord, Policy, PolicyVersion
from governance.policies.replay import read_record
from governance.policies.services import publish_version
from orchestra.core import clock
from orchestra.core.actors import system
from tests.cases.admin.conftest import Browser
from tests.factories.access import hold_role
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return


def test_cue_sheets_and_tools_read_as_plans_not_as_documents(
    retail: World, browser: Browser
) -> None:
    del retail
    client = browser("agent")
    listed = client.get("/admin/cue-sheets/").content.decode()
    assert "Return delivered items" in listed
    sheet = client.get("/admin/cue-sheets/return_items/").content.decode()
    for part in ("Identify", "Escalate", "Request the return", "otherwise:", "in force since"):
        assert part in sheet, part
    assert "AI first, human confirmed" in sheet

    tools = client.get("/admin/tools/").content.decode()
    assert "return_delivered_order_items" in tools
    tool = client.get("/admin/tools/return_delivered_order_items/").content.decode()
    for part in ("list of text", "required", "no reversing tool is declared", "changes something"):
        assert part in tool, part
    for path in ("cue-sheets/none/", "cue-sheets/return_items/?version=9", "tools/none/"):
        assert client.get(f"/admin/{path}").status_code == 404, path


def test_a_decision_is_decided_again_and_agrees(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    call = ToolCall.objects.get(tool__name="return_delivered_order_items")
    record = DecisionRecord.objects.get(pk=call.decision_id)
    client = browser("compliance")
    listed = client.get("/admin/decisions/", {"outcome": "approve"}).content.decode()
    assert str(record.public_id) in listed
    then = client.get(f"/admin/decisions/{record.public_id}/").content.decode()
    assert "Decided: approve, 1 vote, supervisor." in then
    assert "Not replayed" in then
    assert "The refund is above $500.00." in then
    assert "$1,285.12" in then
    again = client.get(f"/admin/decisions/{record.public_id}/?replay").content.decode()
    assert "Equal" in again
    assert "Today it would be the same." in again
    for part in ("Proof of the replay", record.digest, "Rows that would fire now", "All of them"):
        assert part in again, part
    assert (
        again.count('<span class="state is-ok">same</span>')
        == len(read_record(bytes(record.body)).policies) + 3
    )
    assert "differs" not in again


def test_a_record_that_was_altered_is_not_equal(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    record = DecisionRecord.objects.filter(outcome="approve").latest("pk")
    DecisionRecord.objects.filter(pk=record.pk).update(digest="0" * 64)
    client, page = browser("compliance"), f"/admin/decisions/{record.public_id}/?replay"
    text = client.get(page).content.decode()
    for part in (
        "Replay does not agree with the record",
        "Not equal",
        "First difference: Result.",
        "Where they part",
        "The record was altered: its bytes no longer have their digest.",
        "The text of today is compared once the replay of the old one agrees.",
    ):
        assert part in text, part
    assert "Rows that would fire now" not in text


def test_an_outcome_beside_the_record_is_compared_too(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    record = DecisionRecord.objects.filter(outcome="approve").latest("pk")
    DecisionRecord.objects.filter(pk=record.pk).update(outcome="allow")
    text = browser("compliance").get(f"/admin/decisions/{record.public_id}/?replay").content
    assert b"First difference: Outcome." in text
    assert b"Another outcome stands beside the record than in it" in text


def test_under_another_text_today_it_would_be_another(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    record = DecisionRecord.objects.filter(outcome="approve").latest("pk")
    held = PolicyVersion.objects.get(policy__key="retail_returns").document
    rules = [
        {**rule, "obligations": {"votes": 2, "roles": ["supervisor"]}}
        if rule["id"] == "above_500"
        else rule
        for rule in held["rules"]
    ]
    publish_version(
        actor=system("test"),
        now=clock.now(),
        policy_key="retail_returns",
        title=held["title"],
        document={**held, "rules": rules},
    )
    text = browser("compliance").get(f"/admin/decisions/{record.public_id}/?replay").content
    assert b"Today it would be approve, 2 votes, supervisor." in text
    assert b"Equal" in text


def test_a_decision_whose_policy_is_gone_cannot_be_replayed_and_says_why(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    record = DecisionRecord.objects.filter(outcome="approve").latest("pk")
    PolicyVersion.objects.filter(policy__key="retail_returns").update(digest="0" * 64)
    text = browser("compliance").get(f"/admin/decisions/{record.public_id}/?replay").content
    assert b"Cannot replay" in text
    assert b"This decision cannot be replayed any more" in text
    assert b"version 1 of the policy retail_returns" in text
    assert b"neither equal nor different" in text


def test_a_role_without_replay_sees_the_record_only(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    record = DecisionRecord.objects.filter(outcome="approve").latest("pk")
    text = browser("analyst").get(f"/admin/decisions/{record.public_id}/?replay").content.decode()
    assert "Your role does not replay decisions." in text
    assert "Equal" not in text
    assert browser("agent").get(f"/admin/decisions/{record.public_id}/").status_code == 404


def test_who_may_not_read_the_case_reads_a_decision_without_its_customer(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    record = DecisionRecord.objects.filter(outcome="approve").latest("pk")
    client = browser("policy")
    pages = ["/admin/", "/admin/decisions/", f"/admin/decisions/{record.public_id}/"]
    for path in pages:
        text = client.get(path).content.decode()
        assert "Return delivered items" in text, path
        assert "Yusuf" not in text, path
        assert "/admin/cases/" not in text, path
    assert "none in force" not in client.get("/admin/").content.decode()


def test_versions_are_readable_and_never_put_back(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    case = Case.objects.get()
    client = browser("supervisor")
    text = client.get(f"/admin/history/case/{case.pk}/").content.decode()
    assert "created" in text
    assert "Store assistant" in text
    assert "queue" in text
    assert "<del>" in text
    assert "revert" not in text.lower()
    kinds = {
        "queue": Queue,
        "agent": AgentIdentity,
        "policy": Policy,
        "policy_version": PolicyVersion,
        "cue_sheet_version": CueSheetVersion,
        "tool": ToolDefinition,
    }
    for kind, model in kinds.items():
        pk = model.objects.values_list("pk", flat=True).first()
        answer = client.get(f"/admin/history/{kind}/{pk}/")
        assert answer.status_code == 200, kind
        assert b"demonstration" in answer.content, kind
    assert client.get("/admin/history/user/1/").status_code == 404
    assert client.get("/admin/history/queue/999999/").status_code == 404
    assert browser("policy").get(f"/admin/history/case/{case.pk}/").status_code == 404


@pytest.mark.parametrize("path", ["decisions/", "policies/", "ledger/", "access/", "agents/"])
def test_a_human_agent_finds_no_page_of_governance(
    retail: World, browser: Browser, path: str
) -> None:
    del retail
    assert browser("agent").get(f"/admin/{path}").status_code == 404


def test_a_change_is_opened_on_the_page_of_a_cue_sheet(retail: World, browser: Browser) -> None:
    person = retail.people["operator"]
    client = browser("operator")
    path = "/admin/cue-sheets/return_items/"
    asked = {"kind": "cue_sheet", "key": "return_items", "title": "A longer window"}
    assert "Open a change request" not in client.get(path).content.decode()
    assert client.post("/admin/change-requests/open/", asked).status_code == 404
    hold_role(person, Role.POLICY_OWNER)
    assert "Open a change request" in client.get(path).content.decode()
    opened = client.post("/admin/change-requests/open/", asked, follow=True)
    assert "A longer window" in opened.content.decode()
    assert "Nothing differs from that version." in opened.content.decode()
    assert "A longer window" in client.get(path).content.decode()
