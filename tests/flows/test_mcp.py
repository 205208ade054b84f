"""A case worked over MCP, from the first word to what became of a change, and its waits."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from cases.memory.models import Case
from cases.tools.models import ToolCall
from cases.tools.services import resume_verified
from governance.access.models import Queue
from governance.access.services import create_agent
from governance.access.types import StepUpProof
from governance.approvals import selectors as approvals
from governance.approvals import services as voting
from governance.approvals.types import Ballot, RejectReason, VoteChoice
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.management import world as demo
from tests.flows.conftest import World
from tests.flows.helpers import RETURN, WORDS
from tests.flows.mcp import (
    HANDSHAKE,
    WITH_TASKS,
    call,
    done,
    result,
    send,
)

RETURNS = "return_delivered_order_items"
IDENTIFIES = "find_user_id_by_name_zip"
YUSUF = {"first_name": "Yusuf", "last_name": "Rossi", "zip": "19122"}


def known_case(world: World) -> str:
    case = done(world, "orchestra_open_case", channel="chat", text=WORDS)["id"]
    found = done(world, IDENTIFIES, case_id=case, arguments=YUSUF, confidence=0.99, margin=0.9)
    assert (found["outcome"], found["result"]) == ("succeeded", "yusuf_rossi_9620")
    return str(case)


def say(world: World, case: str, speaker: str, text: str) -> str:
    said = done(world, "orchestra_add_message", case_id=case, speaker=speaker, text=text)
    return str(said["id"])


def proposal(world: World, case: str, **more: Any) -> dict[str, Any]:
    evidence = [
        say(world, case, "ai", "I would return three items for $1,285.12. Shall I?"),
        say(world, case, "customer", "Yes, please."),
    ]
    return {
        "case_id": case,
        "arguments": RETURN,
        "confidence": 0.99,
        "margin": 0.9,
        "rationale": "Asked for, delivered, original payment.",
        "customer_paragraph": "I have requested the return.",
        "evidence": evidence,
        **more,
    }


def vote(world: World, approval_id: str, choice: VoteChoice) -> None:
    request = approvals.find_by_public_id(UUID(approval_id))
    assert request is not None
    rejects = choice is VoteChoice.REJECT
    voting.cast_vote(
        actor=world.people["supervisor"].as_actor(),
        now=clock.now(),
        request_id=request.public_id,
        ballot=Ballot(
            choice=choice,
            action_digest=request.action_digest,
            view_digest=request.view_digest,
            reason="The second item was not delivered." if rejects else "",
            reason_code=RejectReason.WRONG_AMOUNT if rejects else None,
            proof=StepUpProof(at=clock.now(), method="test"),
        ),
    )


def other_agent(world: World) -> str:
    """Return the token of another agent that works the same queues."""
    now = clock.now()
    agent = create_agent(
        actor=demo.BUILDER,
        now=now,
        name="Second bot",
        owner=world.people["operator"],
        queues=list(Queue.objects.all()),
        reason="tried",
    )
    return demo.fresh_token(now=now, agent=agent)


class TestWithoutTasks:
    def test_what_waits_says_for_whom_until_when_and_how_to_ask(self, retail: World) -> None:
        wanted = proposal(retail, known_case(retail))
        first = call(retail, RETURNS, **wanted)
        assert (first["resultType"], first["isError"]) == ("complete", False)
        said = first["structuredContent"]
        assert (said["outcome"], said["is_repeat"]) == ("pending_approval", False)
        assert {"approval_id", "status_url", "expires_at"} <= said.keys()
        assert said["retry_after_ms"] == 5000
        assert "The refund is above $500.00." in said["message"]
        assert said["decision"]["rules"]
        assert retail.store.total_effects() == 0

    def test_a_repeat_attaches_and_collects_the_outcome(self, retail: World) -> None:
        wanted = proposal(retail, known_case(retail))
        first = call(retail, RETURNS, **wanted)["structuredContent"]
        again = call(retail, RETURNS, **{**wanted, "rationale": "In other words."})
        assert again["structuredContent"]["tool_call_id"] == first["tool_call_id"]
        assert again["structuredContent"]["is_repeat"] is True
        vote(retail, first["approval_id"], VoteChoice.APPROVE)
        retail.work()
        over = call(retail, RETURNS, **wanted)
        said = over["structuredContent"]
        assert (over["isError"], said["outcome"]) == (False, "succeeded")
        assert said["tool_call_id"] == first["tool_call_id"]
        assert said["result"]["status"] == "return requested"
        assert "nothing was done again" in said["message"]
        assert retail.store.total_effects() == 1
        assert ToolCall.objects.filter(tool__name=RETURNS).count() == 1

    def test_a_rejection_is_an_error_that_says_what_to_do_instead(self, retail: World) -> None:
        wanted = proposal(retail, known_case(retail))
        first = call(retail, RETURNS, **wanted)["structuredContent"]
        vote(retail, first["approval_id"], VoteChoice.REJECT)
        over = call(retail, RETURNS, **wanted)
        said = over["structuredContent"]
        assert (over["isError"], said["outcome"]) == (True, "rejected")
        assert said["rejection"]["code"] == "wrong_amount"
        assert "Read the order again" in said["message"]
        assert retail.store.total_effects() == 0

    def test_once_more_takes_a_key(self, retail: World) -> None:
        wanted = proposal(retail, known_case(retail))
        first = call(retail, RETURNS, **wanted)["structuredContent"]
        vote(retail, first["approval_id"], VoteChoice.REJECT)
        anew = call(retail, RETURNS, **wanted, idempotency_key="second try")["structuredContent"]
        assert (anew["outcome"], anew["is_repeat"]) == ("pending_approval", False)
        assert anew["tool_call_id"] != first["tool_call_id"]

    def test_the_status_is_told_by_either_id(self, retail: World) -> None:
        first = call(retail, RETURNS, **proposal(retail, known_case(retail)))["structuredContent"]
        for name in ("tool_call_id", "approval_id"):
            said = done(retail, "orchestra_call_status", **{name: first[name]})
            assert (said["outcome"], said["approval_id"]) == (
                "pending_approval",
                first["approval_id"],
            )

    def test_it_can_be_taken_back(self, retail: World) -> None:
        first = call(retail, RETURNS, **proposal(retail, known_case(retail)))["structuredContent"]
        said = done(
            retail,
            "orchestra_cancel_call",
            tool_call_id=first["tool_call_id"],
            reason="The customer keeps them.",
        )
        assert said["outcome"] == "cancelled"
        assert "The customer keeps them." in said["message"]

    def test_what_is_denied_says_why(self, retail: World) -> None:
        wanted = {**proposal(retail, known_case(retail)), "evidence": []}
        denied = call(retail, RETURNS, **wanted)
        said = denied["structuredContent"]
        assert (denied["isError"], said["outcome"]) == (True, "denied")
        assert "yes" in said["message"]
        assert retail.store.total_effects() == 0

    def test_what_waits_for_the_customer_is_no_task(self, retail: World) -> None:
        """Only the agent can verify the customer: one that polled would poll for ever."""
        case = done(retail, "orchestra_open_case", channel="chat", text=WORDS)["id"]
        profile = {"case_id": case, "arguments": {"user_id": "yusuf_rossi_9620"}}
        asked = call(retail, "get_user_details", capabilities=WITH_TASKS, **profile)
        assert (asked["resultType"], asked["isError"]) == ("complete", False)
        said = asked["structuredContent"]
        assert said["outcome"] == "pending_verification"
        done(retail, IDENTIFIES, case_id=case, arguments=YUSUF, confidence=0.99, margin=0.9)
        assert resume_verified(case=Case.objects.get(public_id=case), now=clock.now()) == 1
        retail.work()
        asked_again = done(
            retail, "orchestra_call_status", tool_call_id=said["tool_call_id"], wait_seconds=0
        )
        assert (asked_again["outcome"], asked_again["result"]["email"]) == (
            "succeeded",
            "yusuf.rossi7301@example.com",
        )


def test_calls_and_approvals_of_another_agent_are_not_found(retail: World) -> None:
    first = call(retail, RETURNS, **proposal(retail, known_case(retail)))["structuredContent"]
    retail.api.token = other_agent(retail)
    for name in ("tool_call_id", "approval_id"):
        found = call(retail, "orchestra_call_status", **{name: first[name]})
        assert found["isError"] is True
        assert found["structuredContent"]["error"]["code"] == "not_found.tool_call"
    found = call(retail, "orchestra_cancel_call", tool_call_id=first["tool_call_id"])
    assert found["structuredContent"]["error"]["code"] == "not_found.tool_call"
    assert ToolCall.objects.get(public_id=first["tool_call_id"]).state == "awaiting_approval"


def test_the_work_around_the_tools(retail: World) -> None:
    case = known_case(retail)
    assert done(retail, "orchestra_read_case", case_id=case)["verification"] == "basic"
    cases = done(retail, "orchestra_find_cases", status="open", limit=1)
    assert ([one["id"] for one in cases["cases"]], cases["has_more"]) == ([case], False)
    page = done(retail, "orchestra_read_timeline", case_id=case, limit=2)
    assert [item["seq"] for item in page["items"]] == [1, 2]
    rest = done(retail, "orchestra_read_timeline", case_id=case, after=page["next_after"])
    assert rest["items"][0]["seq"] == 3
    assert rest["next_after"] is None
    here = done(retail, "orchestra_next_step", case_id=case)
    assert "look_up" in {step["key"] for step in here["ready"]}
    assert here["journeys"][0]["steps"]
    everywhere = done(retail, "orchestra_next_step")
    assert (everywhere["ready"], everywhere["journeys"]) == (here["ready"], [])
    claimed = done(
        retail, "orchestra_record_verification", case_id=case, level="strong", method="a code"
    )
    assert claimed["trust"] == "claimed"
    found = done(retail, "orchestra_search_knowledge", query="return delivered")
    key = found["articles"][0]["key"]
    read = done(retail, "orchestra_read_article", key=key, case_id=case)
    assert read["id"] == found["articles"][0]["id"]
    assert LedgerEntry.objects.filter(kind="article.used").count() == 1
    handed = done(
        retail,
        "orchestra_hand_off",
        case_id=case,
        to={"role": "human_agent"},
        reason_code="customer_request",
        suggested_next_step="Look at the order.",
    )
    assert (handed["state"], handed["role"]) == ("offered", "human_agent")


def test_the_other_revision_has_its_own_shapes(retail: World) -> None:
    def older(method: str, **params: Any) -> dict[str, Any]:
        message = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
        return result(send(retail, message, headers={"MCP-Protocol-Version": HANDSHAKE}))

    begun = older(
        "initialize",
        protocolVersion="2025-06-18",
        capabilities={},
        clientInfo={"name": "c", "version": "1"},
    )
    assert begun.keys() == {"protocolVersion", "capabilities", "serverInfo", "instructions"}
    assert (begun["protocolVersion"], begun["capabilities"]) == (
        HANDSHAKE,
        {"tools": {}, "resources": {}, "prompts": {}},
    )
    assert older("ping") == {}
    listed = older("tools/list")
    assert listed.keys() == {"tools"}
    wanted = proposal(retail, known_case(retail))
    waiting = older("tools/call", name=RETURNS, arguments=wanted, task={"ttl": 60_000})
    assert waiting.keys() == {"content", "structuredContent", "isError"}
    assert waiting["structuredContent"]["outcome"] == "pending_approval"


def test_a_case_over_mcp_and_over_rest_is_one_case(retail: World) -> None:
    """The same proposal by the other door is the same call, with one entry in the ledger."""
    wanted = proposal(retail, known_case(retail))
    first = call(retail, RETURNS, **wanted)["structuredContent"]
    case = wanted.pop("case_id")
    over_rest = retail.api.post(f"cases/{case}/tool-calls/", {"tool": RETURNS, **wanted})
    assert over_rest.json()["id"] == first["tool_call_id"]
    assert over_rest.json()["decision"] == first["decision"]
    subject = {"kind": "tool_call.proposed", "subject_id": first["tool_call_id"]}
    assert LedgerEntry.objects.filter(**subject).count() == 1
    assert Case.objects.count() == 1


def test_a_wait_ends_when_its_time_is_over(retail: World, monkeypatch: Any) -> None:
    pauses: list[float] = []
    started = clock.now()
    moments = iter(range(100))
    monkeypatch.setattr("orchestra.core.waiting.time.sleep", pauses.append)
    monkeypatch.setattr(
        "orchestra.core.waiting.time.monotonic", lambda: float(next(moments)), raising=True
    )
    wanted = proposal(retail, known_case(retail), wait_seconds=3)
    said = call(retail, RETURNS, **wanted)["structuredContent"]
    assert said["outcome"] == "pending_approval"
    assert pauses
    assert clock.now() - started < timedelta(seconds=20)
