"""What a token's scope, a stop and a budget do to an agent at the REST door."""

from datetime import timedelta
from typing import Any

import pytest

from cases.tools.models import ToolCall
from governance.access import services
from governance.access.agents import READ_ONLY
from governance.access.models import AgentIdentity
from governance.access.types import Budget, Role, Scope
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.factories.access import make_person
from tests.flows.conftest import World
from tests.flows.helpers import identify, open_case

VIEWED = {"tool": "get_order_details", "arguments": {"order_id": "#W2378156"}}


def agent_of(world: World) -> AgentIdentity:
    prefix = world.api.token.split("_")[1]
    return AgentIdentity.objects.get(credentials__prefix=prefix)


def rescope(world: World, scope: Scope) -> None:
    now = clock.now()
    administrator = make_person(roles=[Role.ADMINISTRATOR])
    issued = services.issue_token(
        actor=administrator.as_actor(),
        now=now,
        agent=agent_of(world),
        expires_at=now + timedelta(days=1),
        scope=scope,
    )
    world.api.token = issued.secret


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["code"] == code
    return found


def test_a_token_that_reads_proposes_nothing(retail: World) -> None:
    case = open_case(retail)
    rescope(retail, Scope(capabilities=READ_ONLY))
    assert retail.api.get(f"cases/{case}/").status_code == 200
    calls = ToolCall.objects.count()
    problem(retail.api.post(f"cases/{case}/tool-calls/", VIEWED), 403, "access.scope")
    problem(retail.api.post("cases/", {"channel": "chat", "text": "Hi"}), 403, "access.scope")
    assert ToolCall.objects.count() == calls
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 2


def test_a_token_for_some_tools_proposes_only_those(retail: World) -> None:
    case = open_case(retail)
    rescope(retail, Scope(tools=frozenset({"find_user_id_by_name_zip"})))
    identify(retail, case)
    found = problem(retail.api.post(f"cases/{case}/tool-calls/", VIEWED), 403, "access.scope")
    assert "get_order_details" in found["detail"]


def test_a_spent_budget_says_when_it_frees_again(retail: World) -> None:
    case = open_case(retail)
    administrator = make_person(roles=[Role.ADMINISTRATOR])
    services.limit_agent(
        actor=administrator.as_actor(),
        now=clock.now(),
        agent=agent_of(retail),
        budget=Budget(calls_per_hour=1),
        ends_at=None,
        reason="Trial.",
    )
    identify(retail, case)
    found = problem(retail.api.post(f"cases/{case}/tool-calls/", VIEWED), 409, "agent.budget_spent")
    assert "frees again at" in found["detail"]


def test_a_stopped_agent_is_out_with_its_next_request(retail: World) -> None:
    case = open_case(retail)
    services.stop_agent(
        actor=make_person(roles=[Role.ADMINISTRATOR]).as_actor(),
        now=clock.now(),
        agent=agent_of(retail),
        reason="Loops.",
    )
    assert retail.api.get(f"cases/{case}/").status_code == 401


def test_a_waiting_request_of_a_stopped_agent_ends(
    retail: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = make_person(roles=[Role.ADMINISTRATOR])
    agent = agent_of(retail)
    reads: list[int] = []

    def stop_after_two(_seconds: float) -> None:
        reads.append(1)
        if len(reads) == 2:
            services.stop_agent(
                actor=administrator.as_actor(), now=clock.now(), agent=agent, reason="Loops."
            )

    monkeypatch.setattr("orchestra.core.waiting.time.sleep", stop_after_two)
    answer = retail.api.get("steps/", wait="25", owner="me")
    problem(answer, 403, "access.disabled")
    assert len(reads) == 2
