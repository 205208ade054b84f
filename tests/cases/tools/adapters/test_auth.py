"""Secrets by reference, tokens that are kept until they expire, and that neither leaks."""

import base64
import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cases.tools.adapters import auth
from cases.tools.adapters.base import Endpoint
from cases.tools.adapters.http import HttpAdapter
from cases.tools.types import AdapterRequest
from orchestra.core import outbound
from orchestra.core.errors import UpstreamError
from orchestra.core.outbound import OutboundAnswer, OutboundRequest
from tests.ssrf import ADDRESSES, Canary, Watched, canary

ADAPTER = HttpAdapter()
READ = AdapterRequest(
    operation={"method": "GET", "path": "/orders"},
    tool="list_orders",
    arguments={},
    idempotency_key="",
    timeout_seconds=2.0,
)
WRITE = replace(READ, operation={"method": "POST", "path": "/orders"}, idempotency_key="k1")
OAUTH = {
    "type": "oauth2",
    "secret": "env:CANARY_SECRET",
    "client_id": "orchestra & co",
    "token_url": "http://127.0.0.1:8999/token",
    "scope": "a b",
}
SECRET = "canary-secret-4711"
TOKEN = "canary-token-0815"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CANARY_SECRET", SECRET)
    auth.forget_all()
    yield
    auth.forget_all()


def endpoint(found: dict[str, Any]) -> Endpoint:
    return Endpoint("crm", "http://127.0.0.1:8998/api", {"auth": found})


Answers = Callable[[OutboundRequest], OutboundAnswer]


class Upstream:
    """Answers the token's address and the others, and keeps what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[OutboundRequest] = []
        self.tokens: list[OutboundAnswer] = []
        self.statuses: list[int] = []
        monkeypatch.setattr(outbound, "send", self.send)

    def send(self, request: OutboundRequest) -> OutboundAnswer:
        self.asked.append(request)
        if request.url.endswith("/token"):
            return self.tokens.pop(0) if self.tokens else token(TOKEN)
        return OutboundAnswer(self.statuses.pop(0) if self.statuses else 200, {}, b"{}")

    @property
    def sent(self) -> list[str]:
        return [request.headers.get("Authorization", "") for request in self.asked]


def token(text: str, **fields: Any) -> OutboundAnswer:
    body = {"access_token": text, "token_type": "Bearer", "expires_in": 3600, **fields}
    return OutboundAnswer(200, {}, json.dumps(body).encode())


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Upstream:
    return Upstream(monkeypatch)


@pytest.mark.parametrize(
    ("found", "name", "value"),
    [
        ({"type": "bearer", "secret": "env:CANARY_SECRET"}, "Authorization", f"Bearer {SECRET}"),
        (
            {"type": "basic", "secret": "env:CANARY_SECRET", "username": "bot"},
            "Authorization",
            "Basic " + base64.b64encode(f"bot:{SECRET}".encode()).decode(),
        ),
        (
            {"type": "header", "secret": "env:CANARY_SECRET", "header": "X-Api-Key"},
            "X-Api-Key",
            SECRET,
        ),
    ],
)
def test_ways_of_authentication(
    upstream: Upstream, found: dict[str, Any], name: str, value: str
) -> None:
    ADAPTER.call(endpoint(found), READ)

    assert upstream.asked[0].headers[name] == value


def test_a_secret_of_a_file_is_read_each_time(upstream: Upstream, tmp_path: Path) -> None:
    path = tmp_path / "key"
    found = endpoint({"type": "bearer", "secret": f"file:{path}"})
    with pytest.raises(UpstreamError) as caught:
        ADAPTER.call(found, READ)
    assert (caught.value.error_code, upstream.asked) == ("upstream.secret_missing", [])

    for text in ("first\n", "second\n"):
        path.write_text(text)
        ADAPTER.call(found, READ)

    assert upstream.sent == ["Bearer first", "Bearer second"]
    path.write_text("two\nlines")
    assert not auth.resolves(f"file:{path}")


def test_a_token_is_asked_for_once(upstream: Upstream) -> None:
    for _ in range(3):
        ADAPTER.call(endpoint(OAUTH), WRITE)

    asked = upstream.asked[0]
    pair = base64.b64encode(f"orchestra%20%26%20co:{SECRET}".encode()).decode()
    assert (asked.method, asked.url) == ("POST", OAUTH["token_url"])
    assert asked.content == b"grant_type=client_credentials&scope=a+b"
    assert asked.headers["Authorization"] == f"Basic {pair}"
    assert asked.allowed_hosts == {"127.0.0.1"}
    assert upstream.sent[1:] == [f"Bearer {TOKEN}"] * 3


def test_a_token_is_renewed_before_it_expires(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.tokens = [token("one", expires_in=100), token("two", expires_in=100)]
    ADAPTER.call(endpoint(OAUTH), READ)
    later = time.monotonic() + 100 - auth.EARLY_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)

    ADAPTER.call(endpoint(OAUTH), READ)

    assert [sent for sent in upstream.sent if sent.startswith("Bearer")] == [
        "Bearer one",
        "Bearer two",
    ]


def test_a_read_that_is_refused_asks_for_a_new_token_once(upstream: Upstream) -> None:
    upstream.tokens = [token("old"), token("new"), token("newest")]
    upstream.statuses = [401, 200]

    assert ADAPTER.call(endpoint(OAUTH), READ).ok

    assert upstream.sent[1::2] == ["Bearer old", "Bearer new"]
    upstream.statuses = [401, 401]
    with pytest.raises(UpstreamError) as caught:
        ADAPTER.call(endpoint(OAUTH), READ)
    assert caught.value.data == {"status": 401}
    assert upstream.statuses == []


def test_a_write_that_is_refused_is_not_repeated(upstream: Upstream) -> None:
    upstream.tokens = [token("old"), token("new")]
    upstream.statuses = [401]

    with pytest.raises(UpstreamError) as caught:
        ADAPTER.call(endpoint(OAUTH), WRITE)

    assert (caught.value.may_retry, caught.value.effect_unknown) == (False, False)
    assert len(upstream.asked) == 2
    ADAPTER.call(endpoint(OAUTH), WRITE)
    assert upstream.sent[-1] == "Bearer new"


@pytest.mark.parametrize(
    "answer",
    [
        OutboundAnswer(400, {}, f'{{"error": "bad {SECRET}"}}'.encode()),
        OutboundAnswer(200, {}, b"<html>"),
        OutboundAnswer(200, {}, b"[]"),
        OutboundAnswer(200, {}, b"{}"),
        OutboundAnswer(302, {"location": "http://169.254.169.254/"}, b""),
        token("a\r\nX: b"),
        token("x", token_type="mac"),
        token(""),
    ],
)
def test_no_token_no_request(upstream: Upstream, answer: OutboundAnswer) -> None:
    upstream.tokens = [answer]

    with pytest.raises(UpstreamError) as caught:
        ADAPTER.call(endpoint(OAUTH), WRITE)

    assert caught.value.error_code == "upstream.no_token"
    assert (caught.value.may_retry, caught.value.effect_unknown) == (True, False)
    assert SECRET not in caught.value.message
    assert len(upstream.asked) == 1


def test_neither_secret_nor_token_is_logged_or_shown(
    upstream: Upstream, caplog: pytest.LogCaptureFixture
) -> None:
    upstream.statuses = [500]
    with caplog.at_level(logging.DEBUG), pytest.raises(UpstreamError) as caught:
        ADAPTER.call(endpoint(OAUTH), WRITE)

    said = caplog.text + caught.value.message + json.dumps(caught.value.data)
    assert TOKEN not in said
    assert SECRET not in said


@pytest.fixture(scope="module")
def bait() -> Iterator[Canary]:
    with canary() as found:
        yield found


@pytest.mark.parametrize("trick", ADDRESSES)
def test_no_trick_gets_a_secret(
    trick: str, bait: Canary, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the connection's own address, and as the one that gives its token."""
    settings.ORCHESTRA = {**settings.ORCHESTRA, "PRIVATE_NETWORKS": ()}
    watched = Watched(monkeypatch)
    url = ADDRESSES[trick].replace("{port}", str(bait.port))
    bearer = {"type": "bearer", "secret": "env:CANARY_SECRET"}
    before = len(bait.hits)

    for found in (
        Endpoint("own", url, {"auth": bearer}),
        Endpoint("own", "http://public.example/", {"auth": {**OAUTH, "token_url": url}}),
    ):
        with pytest.raises(UpstreamError) as caught:
            ADAPTER.call(found, READ)
        assert not caught.value.effect_unknown

    assert (watched.connected, len(bait.hits)) == ([], before)
