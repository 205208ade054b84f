"""The way to a model: what is sent, and what of an answer can be read."""

import json
from typing import Any

import pytest
from django.conf import settings

from orchestra.core import completions
from orchestra.core.errors import UpstreamError
from orchestra.core.outbound import OutboundAnswer, OutboundRequest


def nonsense(what: str) -> UpstreamError:
    return UpstreamError(f"The model {what}.", may_retry=False, code="model.answer")


def ask(monkeypatch: pytest.MonkeyPatch, status: int, **named: Any) -> list[OutboundRequest]:
    sent: list[OutboundRequest] = []

    def send(request: OutboundRequest) -> OutboundAnswer:
        sent.append(request)
        return OutboundAnswer(status, {}, b"{}")

    for name, value in {"ENDPOINT": "https://m.example/v1", "MODEL": "m-1", **named}.items():
        monkeypatch.setitem(settings.ORCHESTRA, f"INTAKE_{name}", value)
    monkeypatch.setattr(completions, "send", send)
    messages = completions.messages_of(system="Sort.", told={"message": "Grüße"})
    body = completions.complete(
        purpose="INTAKE", connection="a model", messages=messages, nonsense=nonsense
    )
    assert body == b"{}"
    return sent


def test_what_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    [request] = ask(monkeypatch, 200, TOKEN="secret")
    assert completions.is_configured("INTAKE")
    assert (request.url, request.connection) == ("https://m.example/v1", "a model")
    assert request.headers["Authorization"] == "Bearer secret"
    assert json.loads(request.content) == {
        "model": "m-1",
        "temperature": 0,
        "response_format": {"type": "json_object"},
        "messages": [
            {"role": "system", "content": "Sort."},
            {"role": "user", "content": '{"message": "Grüße"}'},
        ],
    }
    [request] = ask(monkeypatch, 200, TOKEN="")
    assert "Authorization" not in request.headers


def test_another_status_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UpstreamError, match="The model answered 500"):
        ask(monkeypatch, 500, TOKEN="")


def test_what_an_answer_holds() -> None:
    body = json.dumps({"choices": [{"message": {"content": '{"a": 1}'}}]}).encode()
    assert completions.content_of(body) == {"a": 1}
    for bad in (b"", b"[]", b'{"choices": []}', b'{"choices": [{"message": {"content": "no"}}]}'):
        with pytest.raises(completions.UNREADABLE):
            completions.content_of(bad)
