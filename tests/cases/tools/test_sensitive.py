"""What a tool calls sensitive is masked wherever arguments are shown; canaries prove it."""

import json
from typing import Any

import pytest

from cases.tools.parsing import parse_tool
from governance.approvals.models import ApprovalRequest
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from orchestra.core.errors import InvalidInputError
from orchestra.core.redaction import mask_arguments, mask_value
from tests.cases.tools.conftest import World
from tests.factories.tools import REFUND, make_tool

CANARY = "canary-4711"
DOTS = "\u2022\u2022\u2022"
SCHEMA = {
    "type": "object",
    "properties": {
        "order_id": {"type": "string"},
        "amount": {"type": "number"},
        "code": {"type": "string"},
        "card": {"type": "object", "properties": {"cvx": {"type": "string"}}},
        "answers": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["order_id"],
}
TOOL: dict[str, Any] = {
    **REFUND,
    "name": "refund_secretly",
    "arguments": SCHEMA,
    "sensitive": ["$.code", "$.card.cvx", "$.answers[1]"],
}
ARGUMENTS = {
    "order_id": "#W1",
    "amount": 900.0,
    "code": CANARY,
    "card": {"cvx": CANARY},
    "answers": ["shown", CANARY],
}


@pytest.mark.django_db
def test_neither_ledger_nor_view_shows_a_canary(world: World) -> None:
    make_tool(TOOL)
    call = world.propose("refund_secretly", ARGUMENTS)
    world.edit(call, {**ARGUMENTS, "amount": 800.0})

    payloads = [payload_of(entry=entry) for entry in LedgerEntry.objects.all()]
    views = [json.loads(bytes(request.view)) for request in ApprovalRequest.objects.all()]

    assert json.dumps(payloads).count(CANARY) >= 9
    assert CANARY in json.dumps(views)
    assert CANARY not in json.dumps(mask_value(payloads))
    assert CANARY not in json.dumps(mask_value(views))
    assert "shown" in json.dumps(mask_value(payloads))


@pytest.mark.django_db
def test_nothing_else_that_is_kept_of_a_call_holds_one(world: World) -> None:
    """Decision, texts and facts are shown by other ways than its arguments."""
    make_tool(TOOL)
    call = world.propose("refund_secretly", ARGUMENTS)

    kept = [
        bytes(call.decision.body).decode(),
        json.dumps(call.facts),
        call.effect_text,
        call.state_reason,
        str(call),
    ]
    assert CANARY not in " ".join(kept)


def test_paths_that_lead_nowhere_change_nothing() -> None:
    value = {"a": [1, {"b": None}], "c": "x"}

    for paths in (["$.z"], ["$.a[7]"], ["$.c.d"], ["$.a[1].b"], [3], "$.c", None):
        assert mask_arguments(value, paths) == value
    assert mask_arguments(value, ["$.a", "$.c"]) == {"a": DOTS, "c": DOTS}
    assert mask_arguments(value, ["$"]) == DOTS


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"effect_text": "Refund with {code}"}, "effect_text"),
        ({"facts": {"code_given": "$.code"}}, "facts.code_given"),
        ({"facts": {"given": "$.card.cvx"}}, "facts.given"),
    ],
)
def test_no_text_and_no_fact_shows_what_is_sensitive(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_tool(document={**TOOL, "effect_text": "", **change})

    assert [(error.field, error.code) for error in caught.value.errors] == [(field, "sensitive")]
