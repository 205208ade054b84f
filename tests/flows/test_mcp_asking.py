"""An AI agent asks a colleague, reads the answer and refers a matter outside, over MCP."""

from typing import Any

from django.test import Client

from cases.handoff.models import OpenQuestion
from governance.ledger.models import LedgerEntry
from tests.flows.conftest import World
from tests.flows.helpers import WORDS
from tests.flows.mcp import call, done
from tests.flows.test_mcp_refusals import problem

BACKEND = "django.contrib.auth.backends.ModelBackend"


def _asked(world: World, **more: Any) -> tuple[str, dict[str, Any]]:
    case = done(world, "orchestra_open_case", channel="chat", text=WORDS)["id"]
    wanted = {"case_id": case, "to": {"queue": "care"}, "question": "Covered?", **more}
    return case, done(world, "orchestra_ask_colleague", **wanted)


def test_the_answer_of_a_person_is_read(retail: World) -> None:
    case, asked = _asked(retail)
    assert (asked["who"], asked["answer"], asked["answered_at"]) == ("Customer care", "", None)
    waiting = done(retail, "orchestra_read_questions", case_id=case)
    assert (waiting["questions"], waiting["all_answered"]) == ([asked], False)
    nadia = Client()
    nadia.force_login(retail.people["specialist"], backend=BACKEND)
    answer = f"/api/v1/cases/{case}/consults/{asked['id']}/answer/"
    said = nadia.post(
        answer,
        {"answer": "Two years."},
        content_type="application/json",
        headers={"Idempotency-Key": "answer"},
    )
    assert said.status_code == 200, said.content
    over = done(retail, "orchestra_read_questions", case_id=case, wait_seconds=20)
    (found,) = over["questions"]
    assert (found["answer"], over["all_answered"]) == ("Two years.", True)
    assert found["answered_by"] == retail.people["specialist"].label


def test_a_question_sent_again_under_its_key_is_asked_once(retail: World) -> None:
    case, asked = _asked(retail, idempotency_key="one")
    same = {"case_id": case, "to": {"queue": "care"}, "question": "Covered?"}
    again = done(retail, "orchestra_ask_colleague", **same, idempotency_key="one")
    assert again == asked
    assert OpenQuestion.objects.count() == 1


def test_what_may_not_be_asked_is_said_and_recorded(retail: World) -> None:
    case, _asked_first = _asked(retail)
    wanted = {"case_id": case, "question": "Covered?"}
    problem(call(retail, "orchestra_ask_colleague", **wanted, to={}), "invalid_input")
    done(
        retail, "orchestra_hand_off", case_id=case, to={"queue": "care"},
        reason_code="customer_request",
    )  # fmt: skip
    told = call(retail, "orchestra_ask_colleague", **wanted, to={"queue": "care"})
    problem(told, "conflict.handoff_waiting")
    assert OpenQuestion.objects.count() == 1
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1


def test_a_matter_is_referred_outside(retail: World) -> None:
    case = done(retail, "orchestra_open_case", channel="chat", text=WORDS)["id"]
    wanted = {"case_id": case, "to": "The carrier", "told": "They will write."}
    found = done(retail, "orchestra_refer_outside", **wanted, reason_code="outside.theirs_to_do")
    assert (found["id"], found["status"]) == (case, "open")
    told = call(retail, "orchestra_refer_outside", **wanted, reason_code="none")
    problem(told, "invalid_input")
    assert LedgerEntry.objects.filter(kind="handoff.referred_outside").count() == 1
