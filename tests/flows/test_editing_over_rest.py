"""A person edits over REST what an AI agent proposed; the agent sees what became of it."""

from typing import Any

from cases.journeys.models import StepRun
from cases.tools.models import ToolCall
from governance.approvals.models import ApprovalRequest
from tests.flows.conftest import World
from tests.flows.helpers import RETURN, propose_return, waiting_return
from tests.flows.test_people_over_rest import problem, prove, refusals, sign_in, vote

ONE = {**RETURN, "item_ids": RETURN["item_ids"][:2]}


def edit(person: Any, call: dict[str, Any], key: str | None = None, **changes: Any) -> Any:
    body = {
        "arguments": ONE,
        "digest": call["digest"],
        "reason": "The customer keeps the watch.",
        **changes,
    }
    return person.post(f"tool-calls/{call['id']}/edit/", body, key=key)


def test_the_agent_sees_what_its_call_became_and_gets_the_result(retail: World) -> None:
    case, call = waiting_return(retail)
    maren, dario = sign_in(retail, "supervisor"), sign_in(retail, "colleague")

    answer = edit(maren, call)

    assert answer.status_code == 202, answer.content
    child = answer.json()
    assert answer["Location"] == child["status_url"]
    assert (child["state"], child["arguments"]) == ("awaiting_approval", ONE)
    assert child["edited_from"]["id"] == call["id"]
    parent = retail.api.get(f"tool-calls/{call['id']}/").json()
    assert parent["state"] == "cancelled"
    assert parent["approval"]["state"] == "voided"
    assert parent["edited_by"]["by"] == retail.people["supervisor"].label
    assert parent["edited_by"]["reason"] == "The customer keeps the watch."
    assert parent["replaced_by"] == {
        "id": child["id"],
        "state": "awaiting_approval",
        "status_url": child["status_url"],
    }
    prove(maren)
    problem(vote(maren, child["approval"]["id"]), 403, "approval.barred")
    prove(dario)
    assert vote(dario, child["approval"]["id"]).status_code == 200
    retail.work()
    done = retail.api.get(parent["replaced_by"]["status_url"].removeprefix("/api/v1/")).json()
    assert (done["state"], done["confirmed"]) == ("succeeded", True)
    assert retail.store.total_effects() == 1
    step = StepRun.objects.get(journey__case__public_id=case, key=child["step"])
    assert (step.state, str(step.tool_call.public_id)) == ("done", child["id"])


def test_the_agents_repeat_waits_for_what_it_became(retail: World) -> None:
    case, call = waiting_return(retail)
    evidence = ToolCall.objects.get(public_id=call["id"]).evidence
    child = edit(sign_in(retail, "supervisor"), call).json()

    again = propose_return(retail, case, evidence=evidence, key="another-key")

    assert again.status_code == 202
    assert again.json()["id"] == child["id"]
    assert ApprovalRequest.objects.filter(state="pending").count() == 1


def test_a_late_or_empty_edit_changes_nothing(retail: World) -> None:
    _, call = waiting_return(retail)
    maren, dario = sign_in(retail, "supervisor"), sign_in(retail, "colleague")
    unchanged = problem(edit(maren, call, arguments=RETURN), 422, "invalid_input")
    assert [item["code"] for item in unchanged["errors"]] == ["unchanged"]
    wrong = edit(maren, call, arguments={**ONE, "item_ids": 7, "colour": "red"}, reason=" x ")
    fields = {item["field"] for item in problem(wrong, 422, "tool.arguments")["errors"]}
    assert {"arguments.item_ids", "arguments.colour"} <= fields
    assert edit(maren, call).status_code == 202
    before = refusals()

    late = problem(edit(dario, call), 409, "tool_call.edited_or_decided")

    assert late["data"]["replaced_by"]
    assert refusals() == before + 1
    assert ToolCall.objects.filter(edited_from__isnull=False).count() == 1


def test_the_same_key_edits_once(retail: World) -> None:
    _, call = waiting_return(retail)
    maren = sign_in(retail, "supervisor")

    first, again = edit(maren, call, key="one"), edit(maren, call, key="one")

    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"


def test_an_agent_and_who_may_not_see_it_do_not_edit(retail: World) -> None:
    _, call = waiting_return(retail)
    problem(edit(retail.api, call), 403, "tool_call.edited_by_people_only")
    problem(edit(sign_in(retail, "policy"), call), 403, "not_permitted")
    assert not ToolCall.objects.filter(edited_from__isnull=False).exists()
