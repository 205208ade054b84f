"""Facts a tool declares, the effect in words, before and after."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cases.tools import registry
from cases.tools.arguments import read_exact
from cases.tools.facts import change_of, declared_facts, effect_of, owner_is_customer
from cases.tools.parsing import parse_tool
from cases.tools.registry import NOT_APPLICABLE, BeforeAfterRow, EffectText, FactFunction
from cases.tools.types import Reads, ToolSpec
from orchestra.core.registry import Registry
from tests.factories.tools import REFUND

AT = datetime(2026, 11, 19, tzinfo=UTC)
ORDER = b'{"status": "delivered", "user_id": "sara_doe_496", "total": 10.10}'


@pytest.fixture(autouse=True)
def _fresh_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("fact_functions", "effect_texts", "before_after"):
        fresh: Registry[Any] = Registry(name)
        monkeypatch.setattr(registry, name, fresh)
        monkeypatch.setattr(f"cases.tools.facts.{name}", fresh)


def tool(**changes: Any) -> ToolSpec:
    return parse_tool(document={**REFUND, **changes})


def reads(**values: bytes) -> Reads:
    return Reads(
        at=AT,
        values={name: read_exact(body) for name, body in values.items()},
        bodies={name: (body,) for name, body in values.items()},
    )


def find(spec: ToolSpec, arguments: bytes, read: Reads | None = None, **case: Any) -> Any:
    return declared_facts(
        spec=spec, exact=read_exact(arguments), reads=read or reads(), case_facts=case
    )


def function(compute: Any) -> FactFunction:
    return FactFunction(compute=compute, type="boolean", unit="", meaning="")


def test_from_arguments_and_reads() -> None:
    found = find(tool(), b'{"order_id": "#W1", "amount": 1126.04}', reads(order=ORDER))

    assert found.values == {
        "amount_minor": 112604,
        "order_status": "delivered",
        "currency": "USD",
    }
    assert found.unknown == frozenset()


def test_a_read_that_failed_makes_its_facts_unknown() -> None:
    found = find(tool(), b'{"order_id": "#W1", "amount": 5}')

    assert found.values == {"amount_minor": 500, "currency": "USD"}
    assert found.unknown == {"order_status"}


def test_a_declared_argument_that_is_absent_is_unknown_and_never_left_out() -> None:
    found = find(tool(), b'{"order_id": "#W1"}', reads(order=b"{}"))

    assert found.values == {"currency": "USD"}
    assert found.unknown == {"amount_minor", "order_status"}


def test_money_out_of_an_answer_is_read_from_its_text() -> None:
    spec = tool(
        money=[{"path": "$order.total", "unit": "major", "currency": "USD"}],
        facts={"amount_minor": "$order.total"},
    )

    assert find(spec, b'{"order_id": "#W1"}', reads(order=ORDER)).values["amount_minor"] == 1010
    body = b'{"total": 10.000000000000000001}'
    assert find(spec, b'{"order_id": "#W1"}', reads(order=body)).unknown == {"amount_minor"}


def test_a_currency_may_stand_in_the_arguments() -> None:
    spec = tool(money=[{"path": "$.amount", "unit": "major", "currency": "$.currency"}], facts={})

    found = find(spec, b'{"order_id": "#W1", "amount": 500, "currency": "JPY"}')
    assert found.values == {"amount_minor": 500, "currency": "JPY"}
    assert find(spec, b'{"order_id": "#W1", "amount": 5}').unknown == {"amount_minor", "currency"}


def test_a_function_may_say_that_it_does_not_apply_or_break() -> None:
    registry.fact_functions.register("none", function(lambda *_: NOT_APPLICABLE))
    registry.fact_functions.register("breaks", function(lambda _a, reads, _c: reads["order"]["x"]))
    spec = tool(
        facts={
            "a": {"function": "none"},
            "b": {"function": "breaks"},
            "c": {"function": "not_registered"},
        },
        money=[],
    )

    found = find(spec, b'{"order_id": "#W1"}')

    assert (found.values, found.unknown) == ({}, {"b", "c"})


@pytest.mark.parametrize(
    ("customer", "values", "unknown"),
    [
        ("sara_doe_496", {"mine": True}, set()),
        ("mia_garcia_1", {"mine": False}, set()),
        (None, {"mine": False}, set()),
    ],
)
def test_owner_is_customer(customer: str | None, values: Any, unknown: Any) -> None:
    mine = owner_is_customer("$order.user_id", "whether the order is the customer's own")
    registry.fact_functions.register("mine", mine)
    spec = tool(facts={"mine": {"function": "mine"}}, money=[])

    found = find(spec, b'{"order_id": "#W1"}', reads(order=ORDER), customer_ref=customer)
    assert (found.values, found.unknown) == (values, unknown)
    assert find(spec, b'{"order_id": "#W1"}', customer_ref=customer).unknown == {"mine"}


def test_an_effect_from_a_template() -> None:
    spec = tool(effect_text="Refund {amount} for {order_id} ({order.status}, {nothing.here})")

    effect = effect_of(
        spec=spec, arguments={"order_id": "#W1", "amount": 5}, reads=reads(order=ORDER)
    )

    assert effect == EffectText(
        title="Refund an order", detail="", sentence="Refund 5 for #W1 (delivered, …)"
    )


@pytest.mark.parametrize("text", ["{order_id.__class__}", "{order_id!r}", "{0}", "{order_id:>99}"])
def test_a_template_reaches_nothing_but_values(text: str) -> None:
    effect = effect_of(
        spec=tool(effect_text=f"X {text}"), arguments={"order_id": "#W1"}, reads=reads()
    )

    assert effect is not None
    assert effect.sentence in {"X …", f"X {text}"}


def test_an_effect_from_a_function_and_without_what_it_needs() -> None:
    registry.effect_texts.register(
        "refund", lambda _a, read: EffectText("t", "d", f"s {read['order']['status']}", "c")
    )
    spec = tool(effect_text="refund")

    assert effect_of(spec=spec, arguments={}, reads=reads(order=ORDER)) == EffectText(
        "t", "d", "s delivered", "c"
    )
    assert effect_of(spec=spec, arguments={}, reads=reads()) is None
    assert effect_of(spec=tool(effect_text=""), arguments={}, reads=reads()) is None
    assert effect_of(spec=tool(effect_text="unregistered"), arguments={}, reads=reads()) is None


def test_before_and_after() -> None:
    rows = (BeforeAfterRow("Order status", "delivered", "return requested"),)
    registry.before_after.register("refund", lambda _a, read: rows if read else None)
    spec = tool(before_after="refund")

    assert change_of(spec=spec, arguments={}, reads=reads(order=ORDER)) == rows
    assert change_of(spec=spec, arguments={}, reads=reads()) is None
    assert change_of(spec=tool(), arguments={}, reads=reads(order=ORDER)) is None
