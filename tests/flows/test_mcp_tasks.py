"""Waiting for people as a task: what a client that knows tasks is told until the end."""

from typing import Any
from uuid import UUID

import pytest

from cases.journeys import services as journeys
from cases.tools.models import ToolCall
from governance.approvals import selectors as approvals
from governance.approvals.types import VoteChoice
from governance.ledger.models import LedgerEntry
from tests.flows.conftest import World
from tests.flows.helpers import RETURN
from tests.flows.mcp import WITH_TASKS, ask, call, error, footprint, result
from tests.flows.test_mcp import RETURNS, known_case, other_agent, proposal, vote


class TestTasks:
    def task(self, world: World) -> tuple[dict[str, Any], dict[str, Any]]:
        wanted = proposal(world, known_case(world))
        return wanted, call(world, RETURNS, capabilities=WITH_TASKS, **wanted)

    def get(self, world: World, task_id: str) -> dict[str, Any]:
        return result(ask(world, "tasks/get", capabilities=WITH_TASKS, taskId=task_id))

    def approval_of(self, task: dict[str, Any]) -> str:
        return ToolCall.objects.get(public_id=task["taskId"]).approval_id_text

    def test_a_task_that_is_approved_holds_the_result(self, retail: World) -> None:
        _wanted, task = self.task(retail)
        assert task["resultType"] == "task"
        assert (task["status"], task["ttlMs"], task["pollIntervalMs"]) == ("working", None, 5000)
        assert task["createdAt"] == task["lastUpdatedAt"]
        assert "content" not in task
        working = self.get(retail, task["taskId"])
        assert (working["resultType"], working["status"]) == ("complete", "working")
        vote(retail, self.approval_of(task), VoteChoice.APPROVE)
        assert self.get(retail, task["taskId"])["pollIntervalMs"] == 1000
        retail.work()
        over = self.get(retail, task["taskId"])
        assert (over["status"], over["result"]["isError"]) == ("completed", False)
        assert over["result"]["structuredContent"]["outcome"] == "succeeded"
        assert over["lastUpdatedAt"] > over["createdAt"]
        assert "pollIntervalMs" not in over

    def test_a_task_that_is_rejected_is_completed_with_an_error(self, retail: World) -> None:
        _wanted, task = self.task(retail)
        vote(retail, self.approval_of(task), VoteChoice.REJECT)
        over = self.get(retail, task["taskId"])
        assert (over["status"], over["result"]["isError"]) == ("completed", True)
        assert over["result"]["structuredContent"]["outcome"] == "rejected"

    def test_the_same_again_is_the_same_task_and_then_its_result(self, retail: World) -> None:
        wanted, task = self.task(retail)
        again = call(retail, RETURNS, capabilities=WITH_TASKS, **wanted)
        assert again["taskId"] == task["taskId"]
        vote(retail, self.approval_of(task), VoteChoice.REJECT)
        over = call(retail, RETURNS, capabilities=WITH_TASKS, **wanted)
        assert (over["resultType"], over["isError"]) == ("complete", True)

    def test_a_task_is_cancelled(self, retail: World) -> None:
        _wanted, task = self.task(retail)
        acknowledged = ask(retail, "tasks/cancel", capabilities=WITH_TASKS, taskId=task["taskId"])
        assert result(acknowledged)["resultType"] == "complete"
        over = self.get(retail, task["taskId"])
        assert over["status"] == "cancelled"
        assert "result" not in over
        request = approvals.find_by_public_id(UUID(self.approval_of(task)))
        assert request is not None
        assert request.state == "voided"

    def test_a_task_that_is_over_is_not_cancelled_and_that_is_on_record(
        self, retail: World
    ) -> None:
        _wanted, task = self.task(retail)
        vote(retail, self.approval_of(task), VoteChoice.REJECT)
        result(ask(retail, "tasks/cancel", capabilities=WITH_TASKS, taskId=task["taskId"]))
        assert self.get(retail, task["taskId"])["status"] == "completed"
        [refused] = LedgerEntry.objects.filter(kind="act.refused")
        assert refused.stream == ToolCall.objects.get(public_id=task["taskId"]).case.stream

    def test_no_task_asks_its_client_for_anything(self, retail: World) -> None:
        _wanted, task = self.task(retail)
        update = ask(
            retail,
            "tasks/update",
            capabilities=WITH_TASKS,
            taskId=task["taskId"],
            inputResponses={"approve": {"action": "accept"}},
        )
        assert result(update).keys() == {"resultType", "_meta"}
        assert self.get(retail, task["taskId"])["status"] == "working"

    @pytest.mark.parametrize("method", ["tasks/get", "tasks/cancel", "tasks/update"])
    def test_the_task_of_another_is_not_found(self, retail: World, method: str) -> None:
        _wanted, task = self.task(retail)
        own, retail.api.token = retail.api.token, other_agent(retail)
        before = footprint()
        for task_id in (
            task["taskId"],
            "01a22715-400c-74b8-ab02-daa67ee32688",
            task["taskId"].upper(),
            f"{{{task['taskId']}}}",
            task["taskId"].replace("-", ""),
            "1",
            "../" + task["taskId"],
        ):
            answer = ask(retail, method, capabilities=WITH_TASKS, taskId=task_id)
            found = error(answer, 400, -32602)
            assert found["message"] == "There is no such task, or it is not yours."
        assert footprint() == before
        retail.api.token = own
        assert self.get(retail, task["taskId"])["status"] == "working"

    @pytest.mark.parametrize("method", ["tasks/get", "tasks/cancel", "tasks/update"])
    def test_who_did_not_declare_tasks_asks_for_none(self, retail: World, method: str) -> None:
        _wanted, task = self.task(retail)
        found = error(ask(retail, method, taskId=task["taskId"]), 400, -32021)
        assert "requiredCapabilities" in found["data"]


def test_a_task_goes_on_with_what_a_person_made_of_it(retail: World) -> None:
    wanted = proposal(retail, known_case(retail))
    task = call(retail, RETURNS, capabilities=WITH_TASKS, **wanted)
    before = ToolCall.objects.get(public_id=task["taskId"])
    fewer = {**RETURN, "item_ids": RETURN["item_ids"][:2]}
    edited = journeys.edit_tool_call(
        actor=retail.people["colleague"].as_actor(),
        call_id=before.public_id,
        request=journeys.EditRequest(
            arguments=fewer, digest=before.action_digest, reason="Two only."
        ),
    )
    before.refresh_from_db()
    assert (before.state, edited.state) == ("cancelled", "awaiting_approval")

    def now() -> dict[str, Any]:
        return result(ask(retail, "tasks/get", capabilities=WITH_TASKS, taskId=task["taskId"]))

    assert (now()["taskId"], now()["status"]) == (task["taskId"], "working")
    again = call(retail, RETURNS, **wanted)["structuredContent"]
    assert again["tool_call_id"] == str(edited.public_id)
    vote(retail, edited.approval_id_text, VoteChoice.APPROVE)
    retail.work()
    over = now()
    assert (over["taskId"], over["status"]) == (task["taskId"], "completed")
    said = over["result"]["structuredContent"]
    assert (said["outcome"], said["arguments"]) == ("succeeded", fewer)
    assert said["edited_by"]["reason"] == "Two only."
    assert retail.store.total_effects() == 1
