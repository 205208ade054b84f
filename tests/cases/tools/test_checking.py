"""What stops a tool from going into force: its own errors, and what would break around it."""

from typing import Any

from cases.tools.checking import find_errors, uses_of
from cases.tools.registry import Use
from tests.cases.tools.conftest import POLICY, World, publish
from tests.factories.tools import NOTE, READ_ORDER, REFUND


def found(document: Any) -> set[tuple[str, str]]:
    return {(error.field, error.code) for error in find_errors(document)}


def messages(document: Any) -> list[str]:
    return [error.message for error in find_errors(document)]


def test_what_is_in_force_has_no_errors(world: World) -> None:
    del world
    for document in (READ_ORDER, REFUND, NOTE):
        assert find_errors(document) == ()


def test_everything_it_names_has_to_be_there(world: World) -> None:
    del world
    assert found(
        {
            **REFUND,
            "name": "refund_twice",
            "risk": "",
            "connection": "nowhere",
            "hands_off": {"queue": "nobody", "reason_code": "x"},
            "reads": {"order": {"tool": "note_order"}, "other": {"tool": "nothing"}},
            "confirm": {"tool": "nothing", "expect": {"$.a": 1}},
            "facts": {"amount_minor": {"function": "no.such"}},
            "before_after": "no.such",
            "grounds": "no.such",
            "reversed_by": "nothing",
        }
    ) == {
        ("risk", "required"),
        ("connection", "unknown_connection"),
        ("hands_off.queue", "unknown_queue"),
        ("reads.order.tool", "unknown_tool"),
        ("reads.other.tool", "unknown_tool"),
        ("confirm.tool", "unknown_tool"),
        ("facts.amount_minor", "unknown_function"),
        ("before_after", "unknown_function"),
        ("grounds", "unknown_function"),
        ("reversed_by", "unknown_tool"),
    }


def test_what_is_no_tool_is_told_by_its_own_errors(world: World) -> None:
    del world
    assert ("arguments", "required") in found({"name": "half"})
    assert found([]) == {("", "object")}
    assert found({"name": float("nan")}) == {("", "invalid")}


def test_a_tool_may_read_and_undo_itself(world: World) -> None:
    del world
    reads = {"order": {"tool": "get_order", "arguments": {"order_id": "$.order_id"}}}
    assert find_errors({**READ_ORDER, "reads": reads, "reversed_by": "get_order"}) == ()


def test_a_fact_that_a_policy_looks_at_is_not_taken_away(world: World) -> None:
    facts = {"amount_minor": "$.amount"}
    [told] = messages({**REFUND, "facts": facts})
    assert told == (
        "The policy “House rules” looks at order_status in its row “The order is not lost”, which "
        "the tool would no longer give. Change the policy first, or keep the fact."
    )
    # A new fact, and one that nobody looks at, may come and go.
    assert find_errors({**REFUND, "facts": {**REFUND["facts"], "mine": "$order.user_id"}}) == ()
    disabled = [{**row, "disabled": row["id"] == "lost"} for row in POLICY["rules"]]
    publish({**POLICY, "rules": disabled}, number=2)
    assert find_errors({**REFUND, "facts": facts}) == ()
    publish({**POLICY, "scope": {"tools": ["note_order"]}}, number=3)
    assert find_errors({**REFUND, "facts": facts}) == ()
    del world


def test_amounts_that_thresholds_and_limits_count_are_facts_too(world: World) -> None:
    del world
    limit = {
        **POLICY["limits"][0],
        "key": "sum",
        "title": "Refunds a day",
        "measure": "amount_minor",
        "currency": "USD",
    }
    publish({**POLICY, "limits": [limit]}, number=2)
    bare = {**REFUND, "facts": {"order_status": "$order.status"}, "money": []}
    assert [error.field for error in find_errors(bare)] == [
        "facts.amount_minor",
        "facts.currency",
        "facts.amount_minor",
        "facts.currency",
    ]
    assert {"“Refunds a day”" in one for one in messages(bare)} == {True, False}


def test_a_tool_that_others_read_through_goes_on_answering(world: World) -> None:
    del world
    assert found({**READ_ORDER, "effect": "write"}) == {("effect", "read_by_tool")}
    stricter = {**READ_ORDER["arguments"], "required": ["order_id", "amount"]}
    assert found({**READ_ORDER, "arguments": stricter}) == {("arguments.amount", "read_by_tool")}


def test_what_uses_a_tool_is_known_by_name(world: World) -> None:
    del world
    assert set(uses_of("get_order")) == {
        Use("tool", "note_order", "Note something on an order"),
        Use("tool", "refund_order", "Refund an order"),
    }
    publish({**POLICY, "scope": {"tools": ["refund_order"]}}, number=2)
    assert uses_of("refund_order") == (Use("policy", "house", "House rules"),)
