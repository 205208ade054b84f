"""An answer that is not as the tool declares it is a failure that is seen, with its bytes kept."""

from typing import Any

import pytest

from cases.tools import registry
from cases.tools.arguments import answer_errors
from cases.tools.models import ToolAttempt
from cases.tools.parsing import parse_tool
from cases.tools.types import AdapterAnswer, AdapterRequest, CallState
from orchestra.core.registry import Registry
from tests.cases.tools.conftest import World
from tests.factories.tools import NOTE, READ_ORDER, FakeStore, make_tool

pytestmark = pytest.mark.django_db
OUTPUT = {"type": "object", "required": ["status"], "properties": {"status": {"enum": ["ok"]}}}
SECRET = "canary-4711"


class Odd(FakeStore):
    """A store whose writes answer what nobody declared."""

    def call(self, endpoint: Any, request: AdapterRequest) -> AdapterAnswer:
        found = super().call(endpoint, request)
        if request.tool.startswith("odd_"):
            body = f'{{"status": "{SECRET}"}}'.encode()
            return AdapterAnswer(ok=True, body=body, value={"status": SECRET})
        return found


@pytest.fixture
def odd(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    store = Odd(orders=world.store.orders)
    monkeypatch.setattr(registry, "adapters", Registry("adapters"))
    registry.adapters.register("simulated", store)
    world.store = store
    return world


def test_a_write_is_unknown_and_not_repeated(odd: World) -> None:
    make_tool({**NOTE, "name": "odd_note", "output": OUTPUT, "max_attempts": 5})
    call = odd.propose("odd_note")

    assert odd.execute(call) is CallState.UNKNOWN

    attempt = ToolAttempt.objects.get(call=call)
    assert (attempt.outcome, attempt.number) == ("unknown", 1)
    assert bytes(attempt.body or b"") == f'{{"status": "{SECRET}"}}'.encode()
    assert call.result is None
    assert "answer.status" in call.state_reason
    assert SECRET not in call.state_reason
    assert odd.kinds()[-2:] == ["tool_call.attempt_failed", "tool_call.unknown"]
    assert len(odd.store.writes) == 1


def test_a_read_fails(odd: World) -> None:
    make_tool({**READ_ORDER, "name": "get_odd", "output": OUTPUT})
    call = odd.propose("get_odd")

    assert odd.execute(call) is CallState.FAILED
    assert ToolAttempt.objects.get(call=call).outcome == "error"


def test_an_effect_that_a_check_shows_counts_whatever_the_answer(odd: World) -> None:
    check = {
        "tool": "get_order",
        "arguments": {"order_id": "$.order_id"},
        "expect": {"$.status": "delivered"},
    }
    make_tool({**NOTE, "name": "odd_note", "output": OUTPUT, "confirm": check})

    call = odd.propose("odd_note")
    assert (odd.execute(call), call.confirmed) == (CallState.SUCCEEDED, True)


def test_a_fact_is_unknown_where_its_read_does_not_fit(odd: World) -> None:
    make_tool({**READ_ORDER, "name": "get_strict", "output": OUTPUT})
    reads = {"order": {"tool": "get_strict", "arguments": {"order_id": "$.order_id"}}}
    make_tool({**NOTE, "name": "strict_note", "reads": reads})

    call = odd.propose("strict_note")

    assert "order_status" not in call.facts["values"]
    assert "order_status" in call.facts["unknown"]


def test_what_fits_and_what_is_not_declared() -> None:
    spec = parse_tool(document={**READ_ORDER, "output": OUTPUT})

    assert answer_errors(spec=spec, value={"status": "ok", "more": 1}) == ()
    assert [one.field for one in answer_errors(spec=spec, value={"status": SECRET})] == [
        "answer.status"
    ]
    assert [one.code for one in answer_errors(spec=spec, value=None)] == ["type"]
    assert answer_errors(spec=parse_tool(document=READ_ORDER), value=None) == ()
