"""The retail store behind the simulated adapter."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cases.tools.adapters.base import Endpoint
from cases.tools.adapters.retail.dataset import load_database
from cases.tools.adapters.simulated import SimulatedAdapter, forget_stores, store_of
from cases.tools.types import AdapterRequest
from orchestra.core.errors import UpstreamError

ADAPTER = SimulatedAdapter()
CANCEL = AdapterRequest(
    operation={"method": "POST", "path": "/tools/cancel_pending_order"},
    tool="cancel_pending_order",
    arguments={"order_id": "#W5918442", "reason": "no longer needed"},
    idempotency_key="k1",
    timeout_seconds=1.0,
)


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    yield Endpoint(
        key="store", settings={"system": "retail", "journal": str(tmp_path / "store.journal")}
    )
    forget_stores()


@pytest.fixture
def pending() -> AdapterRequest:
    orders = load_database()["orders"]
    order_id = next(key for key, order in sorted(orders.items()) if order["status"] == "pending")
    return replace(CANCEL, arguments={"order_id": order_id, "reason": "no longer needed"})


def test_one_store_per_journal(endpoint: Endpoint) -> None:
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(store_of(endpoint))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(map(id, found))) == 1


def test_a_write_takes_effect_once_per_key(endpoint: Endpoint, pending: AdapterRequest) -> None:
    first, second = ADAPTER.call(endpoint, pending), ADAPTER.call(endpoint, pending)

    assert first.ok
    assert first.value["status"] == "cancelled"
    assert first == second
    assert store_of(endpoint).effects("k1") == 1
    assert ADAPTER.lookup(endpoint, pending) == first
    assert ADAPTER.lookup(endpoint, replace(pending, idempotency_key="other")) is None


def test_a_refusal_is_an_answer(endpoint: Endpoint, pending: AdapterRequest) -> None:
    ADAPTER.call(endpoint, pending)

    again = ADAPTER.call(endpoint, replace(pending, idempotency_key="k2"))

    assert not again.ok
    assert "not pending" in again.value.lower()
    assert store_of(endpoint).total_effects() == 1
    assert ADAPTER.lookup(endpoint, replace(pending, idempotency_key="k2")) == again


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tool": "no_such_tool"}, "upstream.unknown_operation"),
        ({"arguments": {"order_id": 3}}, "upstream.bad_arguments"),
    ],
)
def test_what_the_store_does_not_take_is_not_retried(
    endpoint: Endpoint, change: dict[str, object], code: str
) -> None:
    with pytest.raises(UpstreamError) as caught:
        ADAPTER.call(endpoint, replace(CANCEL, **change))

    error = caught.value
    assert (error.error_code, error.may_retry, error.effect_unknown) == (code, False, False)


def test_a_key_used_for_something_else(endpoint: Endpoint, pending: AdapterRequest) -> None:
    ADAPTER.call(endpoint, pending)

    with pytest.raises(UpstreamError) as caught:
        ADAPTER.call(
            endpoint,
            replace(pending, arguments={**pending.arguments, "reason": "ordered by mistake"}),
        )
    assert caught.value.error_code == "upstream.key_reused"


def test_a_damaged_journal_is_retried(tmp_path: Path) -> None:
    path = tmp_path / "bad.journal"
    path.write_text("this is no journal\n")

    with pytest.raises(UpstreamError) as caught:
        store_of(Endpoint(key="bad", settings={"system": "retail", "journal": str(path)}))
    assert (caught.value.may_retry, caught.value.effect_unknown) == (True, False)


def test_another_system_does_not_exist() -> None:
    with pytest.raises(UpstreamError) as caught:
        store_of(Endpoint(key="x", settings={"system": "bank"}))
    assert caught.value.error_code == "upstream.no_such_system"
