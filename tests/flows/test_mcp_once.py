"""Acts of Orchestra's own tools sent again because their answer was lost."""

from datetime import timedelta
from typing import Any

import pytest

from cases.memory.models import Case, Message
from governance.access.models import Queue
from governance.access.services import create_agent
from orchestra.api.holders import ERASED_BODY
from orchestra.api.models import IdempotencyRecord
from orchestra.core import clock
from orchestra.management import world as demo
from tests.factories.access import make_queue
from tests.flows.conftest import World
from tests.flows.mcp import call, done
from tests.flows.test_mcp import other_agent
from tests.flows.test_mcp_refusals import problem

OPEN = {"channel": "chat", "text": "Where is my order?"}


def opened(world: World, **more: Any) -> dict[str, Any]:
    return done(world, "orchestra_open_case", **OPEN, **more)


def test_the_same_again_is_the_first_answer(retail: World) -> None:
    first = opened(retail, idempotency_key="one")
    assert opened(retail, idempotency_key="one") == first
    assert Case.objects.count() == 1
    said = {"case_id": first["id"], "speaker": "customer", "text": "Hello?"}
    message = done(retail, "orchestra_add_message", **said, idempotency_key="one")
    again = done(retail, "orchestra_add_message", **said, idempotency_key="one")
    assert again == message
    assert Message.objects.filter(text="Hello?").count() == 1
    done(retail, "orchestra_add_message", **said)
    assert Message.objects.filter(text="Hello?").count() == 2


def test_a_key_for_something_else(retail: World) -> None:
    opened(retail, idempotency_key="one")
    found = call(retail, "orchestra_open_case", **{**OPEN, "text": "Other."}, idempotency_key="one")
    problem(found, "idempotency.key_reused")
    assert Case.objects.count() == 1


def test_a_key_of_another_agent_is_another_key(retail: World) -> None:
    first = opened(retail, idempotency_key="one", external_ref="a")
    retail.api.token = other_agent(retail)
    second = opened(retail, idempotency_key="one", external_ref="b")
    assert first["id"] != second["id"]


def test_what_was_refused_leaves_the_key_free(retail: World) -> None:
    case = opened(retail)["id"]
    wrong = {"case_id": case, "step": "nonsense", "idempotency_key": "one"}
    assert call(retail, "orchestra_complete_step", **wrong)["isError"] is True
    assert IdempotencyRecord.objects.count() == 0


@pytest.mark.parametrize("end", ["still running", "erased", "gone", "old"])
def test_a_first_answer_that_cannot_be_given_again(retail: World, end: str) -> None:
    opened(retail, idempotency_key="one")
    now = clock.now()
    changes: dict[str, dict[str, Any]] = {
        "still running": {"state": "running", "lease_until_at": now + timedelta(minutes=1)},
        "erased": {"body": ERASED_BODY},
        "gone": {"body": None},
        "old": {"created_at": now - timedelta(days=8)},
    }
    IdempotencyRecord.objects.update(**changes[end])
    found = call(retail, "orchestra_open_case", **OPEN, idempotency_key="one")
    code = "still_running" if end == "still running" else "key_expired"
    problem(found, f"idempotency.{code}")
    assert Case.objects.count() == 1


def test_who_may_not_do_it_any_more_gets_no_first_answer(retail: World) -> None:
    now = clock.now()
    agent = create_agent(
        actor=demo.BUILDER,
        now=now,
        name="Once",
        owner=retail.people["operator"],
        queues=list(Queue.objects.all()),
        reason="tried",
    )
    retail.api.token = demo.fresh_token(now=now, agent=agent)
    said = {"case_id": opened(retail)["id"], "speaker": "ai", "text": "Hello."}
    done(retail, "orchestra_add_message", **said, idempotency_key="one")
    Case.objects.update(queue=make_queue("closed"))
    found = call(retail, "orchestra_add_message", **said, idempotency_key="one")
    problem(found, "not_found.case")
