"""Answers of an HTTP system of record, and what each means for the effect."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cases.tools.adapters import http
from cases.tools.adapters.base import Endpoint
from cases.tools.adapters.http import HttpAdapter
from cases.tools.adapters.retail.dataset import load_database
from cases.tools.adapters.retail.journal import JournaledStore
from cases.tools.adapters.retail.service import RetailServer
from cases.tools.types import AdapterRequest
from orchestra.core import outbound
from orchestra.core.breaker import Breaker
from orchestra.core.errors import UpstreamError

ADAPTER = HttpAdapter()
REQUEST = AdapterRequest(
    operation={"method": "POST", "path": "/tools/cancel_pending_order"},
    tool="cancel_pending_order",
    arguments={"order_id": "#W1", "reason": "no longer needed"},
    idempotency_key="key/1",
    timeout_seconds=2.0,
)
ENDPOINT = Endpoint(key="store", base_url="http://127.0.0.1:8999/")


@pytest.fixture(autouse=True)
def _fresh_breakers() -> Iterator[None]:
    Breaker.forget_all()
    yield
    Breaker.forget_all()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[outbound.OutboundRequest]:
    """What would go out; the answer is put in with ``answer_with``."""
    requests: list[outbound.OutboundRequest] = []
    monkeypatch.setattr(outbound, "send", lambda request: requests.append(request) or _answer)
    return requests


_answer = outbound.OutboundAnswer(200, {}, b"{}")


def answer_with(monkeypatch: pytest.MonkeyPatch, status: int, body: bytes) -> None:
    monkeypatch.setattr(
        outbound, "send", lambda _request: outbound.OutboundAnswer(status, {}, body)
    )


def test_what_is_sent(sent: list[outbound.OutboundRequest]) -> None:
    ADAPTER.call(ENDPOINT, REQUEST)

    (request,) = sent
    assert (request.method, request.url) == (
        "POST",
        "http://127.0.0.1:8999/tools/cancel_pending_order",
    )
    assert request.headers["Idempotency-Key"] == "key/1"
    assert json.loads(request.content) == REQUEST.arguments
    assert request.connection == "store"
    assert request.allowed_hosts == {"127.0.0.1"}


def test_a_read_carries_no_key(sent: list[outbound.OutboundRequest]) -> None:
    ADAPTER.call(ENDPOINT, replace(REQUEST, idempotency_key=""))

    assert "Idempotency-Key" not in sent[0].headers


@pytest.mark.parametrize("path", ["tools/x", "//evil.example/x", "/../admin", "https://evil/"])
def test_a_path_stays_below_the_base(path: str) -> None:
    with pytest.raises(UpstreamError) as caught:
        ADAPTER.call(ENDPOINT, replace(REQUEST, operation={"path": path}))
    assert (caught.value.error_code, caught.value.may_retry) == ("upstream.path", False)


def test_a_secret_by_reference(
    sent: list[outbound.OutboundRequest], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STORE_TOKEN", "first")
    (tmp_path / "token").write_text("second\n")

    for reference in ("env:STORE_TOKEN", f"file:{tmp_path / 'token'}"):
        ADAPTER.call(replace(ENDPOINT, settings={"secret": reference}), REQUEST)
    with pytest.raises(UpstreamError) as caught:
        ADAPTER.call(replace(ENDPOINT, settings={"secret": "env:NOT_SET"}), REQUEST)

    assert [request.headers["Authorization"] for request in sent] == [
        "Bearer first",
        "Bearer second",
    ]
    assert caught.value.error_code == "upstream.secret_missing"


@pytest.mark.parametrize(
    ("status", "body", "ok", "value"),
    [
        (200, b'{"ok": true, "result": {"status": "cancelled"}}', True, {"status": "cancelled"}),
        (201, b'{"id": 3}', True, {"id": 3}),
        (200, b'"sara_doe_496"', True, "sara_doe_496"),
        (200, b'{"ok": false, "error": {"code": "x", "message": "no"}}', False, "no"),
        (422, b'{"ok": false, "error": {"message": "not pending"}}', False, "not pending"),
        (422, b'{"detail": "not pending"}', False, "not pending"),
        (422, b"<html>", False, "refused without a reason"),
    ],
)
def test_answers(
    monkeypatch: pytest.MonkeyPatch, *, status: int, body: bytes, ok: bool, value: Any
) -> None:
    answer_with(monkeypatch, status, body)

    answer = ADAPTER.call(ENDPOINT, REQUEST)

    assert (answer.ok, answer.value, answer.body, answer.status) == (ok, value, body, status)


@pytest.mark.parametrize(
    ("status", "body", "may_retry", "unknown"),
    [
        (429, b"", True, False),
        (503, b"", True, False),
        (400, b"", False, False),
        (401, b"", False, False),
        (404, b"", False, False),
        (409, b"", False, False),
        (500, b"", False, True),
        (502, b"", False, True),
        (504, b"", False, True),
        (302, b"", False, True),
        (200, b"no json", False, True),
        (200, b'{"a": NaN}', False, True),
    ],
)
def test_failures(
    monkeypatch: pytest.MonkeyPatch, *, status: int, body: bytes, may_retry: bool, unknown: bool
) -> None:
    answer_with(monkeypatch, status, body)

    with pytest.raises(UpstreamError) as caught:
        ADAPTER.call(ENDPOINT, REQUEST)

    assert (caught.value.may_retry, caught.value.effect_unknown) == (may_retry, unknown)


def test_against_the_real_store() -> None:
    store = JournaledStore(None)
    orders = load_database()["orders"]
    order_id = next(key for key, order in sorted(orders.items()) if order["status"] == "pending")
    server = RetailServer(host="127.0.0.1", port=0, store=store)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = Endpoint(key="store", base_url=server.address)
    request = replace(REQUEST, arguments={"order_id": order_id, "reason": "no longer needed"})
    try:
        assert ADAPTER.lookup(endpoint, request) is None
        first, second = ADAPTER.call(endpoint, request), ADAPTER.call(endpoint, request)
        found = ADAPTER.lookup(endpoint, request)
        refused = ADAPTER.call(endpoint, replace(request, idempotency_key="other"))
    finally:
        server.stop()
        store.close()

    assert first.ok
    assert first.value == second.value
    assert found is not None
    assert (found.ok, found.value) == (True, first.value)
    assert not refused.ok
    assert store.effects("key/1") == 1


def test_the_module_opens_no_connection_itself() -> None:
    assert "httpx" not in vars(http)
