"""A second classifier behind an address: asked outside any transaction, believed in little."""

import json
from datetime import datetime
from typing import Any

import httpx
import pytest
import respx
from django.conf import settings
from django.db import connection

from cases.intake import endpoint, selectors, services
from cases.intake.models import ClassificationRecord
from orchestra.core.actors import system
from orchestra.core.errors import UpstreamError
from tests.factories.cases import kinds_of, make_case, make_message
from tests.factories.intents import make_intents

INTAKE = system("intake")
URL = "http://93.184.216.34/v1/chat/completions"
KEYS = frozenset({"cancel_order", "return_items"})


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.ORCHESTRA, "INTAKE_ENDPOINT", URL)
    monkeypatch.setitem(settings.ORCHESTRA, "INTAKE_MODEL", "small")


def read_unsure(centre: Any, now: datetime) -> ClassificationRecord:
    make_intents()
    case = make_case(centre.queue)
    message = make_message(case, "It is about that thing, reach me at ann@example.com")
    return services.classify_case(actor=INTAKE, now=now, case=case, message=message)


def completion(content: object) -> bytes:
    text = content if isinstance(content, str) else json.dumps(content)
    return json.dumps({"choices": [{"message": {"content": text}}]}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"choices": []}',
        b"[" * 100_000,
        completion("certainly! it is a return"),
        completion([]),
        completion({"intent": "return_items"}),
        completion({"intent": "drop_tables", "confidence": 1}),
        completion({"intent": ["return_items"], "confidence": 1}),
        completion({"intent": "return_items", "confidence": True}),
        completion({"intent": "return_items", "confidence": 1.1}),
        completion('{"intent": "return_items", "confidence": NaN}'),
    ],
    ids=range(13),
)
def test_nonsense_is_no_answer(body: bytes) -> None:
    with pytest.raises(UpstreamError, match="the reading by examples stands"):
        endpoint.read_answer(body, KEYS)


def test_of_an_answer_only_a_key_and_a_number_are_taken() -> None:
    guess = endpoint.read_answer(
        completion(
            {
                "intent": "return_items",
                "confidence": 0.9,
                "risk_flags": [],
                "priority": 5,
                "policy": "allow",
            }
        ),
        KEYS,
    )
    assert (guess.intent, guess.confidence, guess.further) == ("return_items", 0.9, ())


@pytest.mark.usefixtures("configured")
@respx.mock
def test_a_suggestion_is_kept_and_moves_nothing(
    centre: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = read_unsure(centre, now)
    seen: list[bool] = []
    real = endpoint.ask

    def ask(*args: Any) -> Any:
        seen.append(len(connection.savepoint_ids) > depth)
        return real(*args)

    depth = len(connection.savepoint_ids)
    monkeypatch.setattr(endpoint, "ask", ask)
    content = {"intent": "return_items", "confidence": 0.99, "risk_flags": []}
    route = respx.post(URL).mock(return_value=httpx.Response(200, content=completion(content)))
    before = (read.case.priority, read.case.intent, list(read.case.risk_flags))
    made = services.suggest_intent(classification_pk=read.pk, now=now)
    assert made is not None
    assert (made.intent, made.raw, made.confidence, made.suggested) == (
        "return_items",
        0.99,
        0.0,
        True,
    )
    assert seen == [False]
    sent = route.calls.last.request.content.decode()
    assert "ann@example.com" not in sent
    read.case.refresh_from_db()
    assert (read.case.priority, read.case.intent, read.case.risk_flags) == before
    assert selectors.latest_classification(case=read.case) == read
    assert kinds_of(read.case.stream)[-1] == "case.intake_suggested"
    assert services.suggest_intent(classification_pk=read.pk, now=now) is None
    assert route.call_count == 1


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    "answer",
    [httpx.ReadTimeout("slow"), httpx.Response(500), httpx.Response(200, content=b"<html>")],
    ids=["time-out", "500", "html"],
)
@respx.mock
def test_what_goes_wrong_leaves_the_case_as_it_was(centre: Any, now: datetime, answer: Any) -> None:
    read = read_unsure(centre, now)
    route = respx.post(URL)
    route.side_effect = answer if isinstance(answer, Exception) else None
    if isinstance(answer, httpx.Response):
        route.return_value = answer
    before = kinds_of(read.case.stream)
    assert services.suggest_intent(classification_pk=read.pk, now=now) is None
    assert kinds_of(read.case.stream) == before
    assert not ClassificationRecord.objects.filter(suggested=True).exists()


def test_without_an_address_nobody_is_asked(centre: Any, now: datetime) -> None:
    read = read_unsure(centre, now)
    assert not endpoint.is_configured()
    assert services.suggest_intent(classification_pk=read.pk, now=now) is None
