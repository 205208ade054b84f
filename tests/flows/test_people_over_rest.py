"""People with a session: votes with a proof, handoffs there and back, repeats that lost a right."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cases.journeys.models import Journey
from governance.access import services as access
from governance.access.models import AgentQueueGrant
from governance.approvals.models import ApprovalVote
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from orchestra.api.models import IdempotencyRecord
from orchestra.core import clock
from orchestra.management import world
from orchestra.management.world import PASSWORD
from tests.factories.access import drop_roles
from tests.flows.conftest import Api, World
from tests.flows.helpers import RETURN, agree, identify, open_case, waiting_return
from tests.flows.test_bad_input import problem, refusals


class Person(Api):
    """The REST API as a signed-in person uses it."""


def sign_in(world: World, name: str) -> Person:
    client = Client()
    client.force_login(world.people[name], "django.contrib.auth.backends.ModelBackend")
    return Person(client, "")


def prove(person: Person, password: str = PASSWORD) -> Any:
    return person.client.post(
        "/api/v1/step-up/", json.dumps({"password": password}), content_type="application/json"
    )


def ballot(person: Person, approval: str, **changes: str) -> dict[str, str]:
    shown = person.get(f"approvals/{approval}/").json()
    return {
        "vote": "approve",
        "digest": shown["digest"],
        "view_digest": shown["view_digest"],
        **changes,
    }


def vote(person: Person, approval: str, **changes: str) -> Any:
    return person.post(f"approvals/{approval}/vote/", ballot(person, approval, **changes))


def last_refusal() -> tuple[str, dict[str, Any]]:
    entry = LedgerEntry.objects.filter(kind="act.refused").order_by("-pk")[0]
    return entry.stream, dict(payload_of(entry=entry) or {})


class TestStepUp:
    def test_a_vote_without_a_proof_says_how_to_give_one(self, retail: World) -> None:
        case, call = waiting_return(retail)
        maren = sign_in(retail, "supervisor")
        approval = call["approval"]["id"]
        assert maren.get(f"approvals/{approval}/").json()["step_up"] is True
        before = refusals()
        found = problem(vote(maren, approval), 403, "approval.step_up_required")
        assert found["data"]["step_up"] == "/api/v1/step-up/"
        assert '{"password": "…"}' in found["detail"]
        assert ApprovalVote.objects.count() == 0
        assert refusals() == before + 1
        stream, payload = last_refusal()
        assert stream == f"case:{case}"
        assert (payload["act"], payload["code"]) == (
            "POST approval.vote",
            "approval.step_up_required",
        )

    def test_the_password_lets_the_vote_count(self, retail: World) -> None:
        _, call = waiting_return(retail)
        maren = sign_in(retail, "supervisor")
        proof = prove(maren)
        assert proof.status_code == 200, proof.content
        assert proof.json()["method"] == "password"
        answer = vote(maren, call["approval"]["id"])
        assert (answer.status_code, answer.json()["state"]) == (200, "granted")
        retail.work()
        assert retail.api.get(f"tool-calls/{call['id']}/").json()["state"] == "succeeded"
        assert retail.store.total_effects() == 1

    def test_an_old_proof_is_none(self, retail: World, monkeypatch: pytest.MonkeyPatch) -> None:
        _, call = waiting_return(retail)
        maren = sign_in(retail, "supervisor")
        assert prove(maren).status_code == 200
        later = clock.now() + timedelta(seconds=301)
        monkeypatch.setattr(clock, "now", lambda: later)
        problem(vote(maren, call["approval"]["id"]), 403, "approval.step_up_required")
        assert ApprovalVote.objects.count() == 0

    def test_a_wrong_password_proves_nothing_and_leaves_no_trace(self, retail: World) -> None:
        waiting_return(retail)
        maren = sign_in(retail, "supervisor")
        kept = IdempotencyRecord.objects.count()
        for _ in range(10):
            problem(prove(maren, "not it"), 403, "step_up.not_proved")
        assert last_refusal()[1]["act"] == "POST approval.step_up"
        assert IdempotencyRecord.objects.count() == kept

    def test_an_agent_has_no_password(self, retail: World) -> None:
        answer = retail.api.post("step-up/", {"password": "x"})
        problem(answer, 403, "not_permitted")

    def test_an_agent_never_votes(self, retail: World) -> None:
        _, call = waiting_return(retail)
        shown = sign_in(retail, "supervisor").get(f"approvals/{call['approval']['id']}/").json()
        answer = retail.api.post(
            f"approvals/{shown['id']}/vote/",
            {"vote": "approve", "digest": shown["digest"], "view_digest": shown["view_digest"]},
        )
        problem(answer, 403, "approval.not_a_person")
        assert ApprovalVote.objects.count() == 0


class TestVotes:
    def test_stale_then_replayed_then_second(self, retail: World) -> None:
        _, call = waiting_return(retail)
        approval = call["approval"]["id"]
        maren = sign_in(retail, "supervisor")
        prove(maren)
        stale = vote(maren, approval, digest="0" * 64)
        assert problem(stale, 409, "approval.stale")["data"]["answered"]["action"] == "0" * 64
        body = ballot(maren, approval)
        first = maren.post(f"approvals/{approval}/vote/", body, key="once")
        again = maren.post(f"approvals/{approval}/vote/", body, key="once")
        assert again.json() == first.json()
        assert again["Idempotency-Replayed"] == "true"
        before = refusals()
        problem(maren.post(f"approvals/{approval}/vote/", body), 409, "approval.ended")
        assert refusals() == before + 1
        assert ApprovalVote.objects.count() == 1

    def test_a_rejection_needs_a_reason(self, retail: World) -> None:
        _, call = waiting_return(retail)
        maren = sign_in(retail, "supervisor")
        before = refusals()
        found = problem(vote(maren, call["approval"]["id"], vote="reject"), 422, "invalid_input")
        assert [item["field"] for item in found["errors"]] == ["reason", "reason_code"]
        assert refusals() == before

    def test_whoever_asked_may_not_approve(self, retail: World) -> None:
        case = open_case(retail)
        identify(retail, case)
        maren = sign_in(retail, "supervisor")
        prove(maren)
        asked = maren.post(
            f"cases/{case}/tool-calls/",
            {
                "tool": "return_delivered_order_items",
                "arguments": RETURN,
                "evidence": agree(retail, case),
            },
        )
        assert asked.status_code == 202, asked.content
        approval = asked.json()["approval"]["id"]
        problem(vote(maren, approval), 403, "approval.own_request")
        assert ApprovalVote.objects.count() == 0
        assert last_refusal()[0] == f"case:{case}"


class TestHandoffs:
    def test_there_and_back(self, retail: World) -> None:
        case = open_case(retail)
        identify(retail, case)
        offered = retail.api.post(
            f"cases/{case}/handoffs/", {"to": {}, "reason_code": "customer_request"}
        )
        assert offered.status_code == 201, offered.content
        handoff = offered.json()["id"]
        assert Journey.objects.get(case__public_id=case).state == "handed_off"
        lena = sign_in(retail, "agent")
        assert lena.post(f"handoffs/{handoff}/accept/").json()["state"] == "accepted"
        missing = lena.post(f"handoffs/{handoff}/return/", {})
        assert [item["field"] for item in problem(missing, 422, "invalid_input")["errors"]] == [
            "reason"
        ]
        back = lena.post(f"handoffs/{handoff}/return/", {"reason": "the bot can do this"})
        assert (back.status_code, back.json()["state"]) == (200, "returned")
        [journey] = retail.api.get(f"cases/{case}/steps/").json()["journeys"]
        assert journey["state"] == "running"
        assert any(step["state"] == "ready" for step in journey["steps"])
        before = refusals()
        problem(lena.post(f"handoffs/{handoff}/complete/"), 409, "conflict.handoff_state")
        assert refusals() == before + 1
        assert last_refusal()[0] == f"case:{case}"

    def test_completed(self, retail: World) -> None:
        case = open_case(retail)
        handoff = retail.api.post(
            f"cases/{case}/handoffs/", {"to": {}, "reason_code": "customer_request"}
        ).json()["id"]
        problem(retail.api.post(f"handoffs/{handoff}/complete/"), 403, "not_permitted")
        lena = sign_in(retail, "agent")
        lena.post(f"handoffs/{handoff}/accept/")
        done = lena.post(f"handoffs/{handoff}/complete/")
        assert (done.status_code, done.json()["state"]) == (200, "completed")
        states = {
            step["state"]
            for journey in lena.get(f"cases/{case}/steps/").json()["journeys"]
            for step in journey["steps"]
        }
        assert "handed_off" not in states


class TestRepeats:
    def test_a_repeat_by_an_agent_that_lost_the_queue_is_refused(self, retail: World) -> None:
        case = open_case(retail)
        body = {"speaker": "customer", "text": "my address is private"}
        first = retail.api.post(f"cases/{case}/messages/", body, key="k")
        assert first.status_code == 201
        for grant in AgentQueueGrant.objects.select_related("agent", "queue"):
            access.revoke_agent_queue(
                actor=world.BUILDER, now=clock.now(), agent=grant.agent, queue=grant.queue
            )
        again = retail.api.post(f"cases/{case}/messages/", body, key="k")
        assert again.status_code in {403, 404}
        assert again["Content-Type"] == "application/problem+json"
        assert b"private" not in again.content
        assert "Idempotency-Replayed" not in again

    def test_a_repeat_by_a_person_who_lost_the_role_is_refused(self, retail: World) -> None:
        case = open_case(retail)
        lena = sign_in(retail, "agent")
        body = {"speaker": "human", "text": "hello"}
        assert lena.post(f"cases/{case}/messages/", body, key="k").status_code == 201
        drop_roles(retail.people["agent"])
        problem(lena.post(f"cases/{case}/messages/", body, key="k"), 403, "not_permitted")

    def test_a_role_without_the_act_is_refused_and_on_record(self, retail: World) -> None:
        case = open_case(retail)
        tomasz = sign_in(retail, "policy")
        before = refusals()
        answer = tomasz.post(f"cases/{case}/messages/", {"speaker": "human", "text": "x"})
        problem(answer, 403, "not_permitted")
        assert refusals() == before + 1
        stream, _ = last_refusal()
        assert stream == f"user:{retail.people['policy'].public_id}"
        unknown = tomasz.post(f"cases/{uuid.uuid4()}/messages/", {"speaker": "human", "text": "x"})
        problem(unknown, 403, "not_permitted")
