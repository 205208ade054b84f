"""A model's draft: asked outside any transaction, believed in nothing but words to read."""

import json
from typing import Any

import httpx
import pytest
import respx
from django.conf import settings
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from cases.assist import endpoint, selectors, services
from cases.assist.models import SuggestionRecord
from cases.assist.types import Rests, SuggestionKind
from cases.journeys import services as journeys
from cases.journeys.models import CueSheetVersion
from cases.memory.models import Case, Message
from orchestra.core.actors import Actor, system
from orchestra.core.clock import now
from orchestra.core.errors import UpstreamError
from tests.cases.assist.test_services import case, handed, lena, say
from tests.flows.conftest import World, retail

__all__ = ["case", "lena", "retail"]

URL = "http://93.184.216.34/v1/chat/completions"


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.ORCHESTRA, "ASSIST_ENDPOINT", URL)
    monkeypatch.setitem(settings.ORCHESTRA, "ASSIST_MODEL", "small")


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
        completion("Sure, I will refund you!"),
        completion([]),
        completion({"text": "Hello"}),
        completion({"reply": ""}),
        completion({"reply": ["Hello"]}),
        completion({"reply": "a\u0000b"}),
        completion({"reply": "x" * 1_501}),
        completion({"reply": "You get $900.00 back."}),
        completion({"reply": "Your order #W1112223 is on its way."}),
    ],
    ids=range(14),
)
def test_what_was_not_asked_for_is_no_draft(body: bytes) -> None:
    with pytest.raises(UpstreamError) as caught:
        endpoint.read_answer(body, ["I want $90 back for #W5199551."])
    assert caught.value.error_code == "assist.model_answer"
    assert "the wording of the cue sheet stands" in caught.value.message


def test_a_figure_that_it_was_told_may_stand_in_it() -> None:
    reply = "I look at #W5199551 now and at the $90."
    told = ["I want $90 back for #W5199551."]
    assert endpoint.read_answer(completion({"reply": reply, "sent": True}), told) == reply


@given(st.integers(10, 10**9), st.text())
def test_no_figure_is_let_through_that_was_not_told(number: int, text: str) -> None:
    assert endpoint.unknown_figures(f"It costs {number} in all.", []) == (str(number),)
    assert endpoint.unknown_figures(text, [text]) == ()


def offered(case: Case) -> list[SuggestionRecord]:
    return [one for one in selectors.list_offered(case=case) if one.kind == SuggestionKind.DRAFT]


@respx.mock
@pytest.mark.usefixtures("configured")
def test_its_draft_is_offered_with_its_name_and_sent_by_nobody(case: Case, lena: Actor) -> None:
    inside: list[bool] = []

    def answer(request: httpx.Request) -> httpx.Response:
        inside.append(len(connection.savepoint_ids) > depth)
        asked = json.loads(request.content)
        assert asked["model"] == "small"
        assert "ann@example.com" not in request.content.decode()
        return httpx.Response(200, content=completion({"reply": "I am looking into it for you."}))

    respx.post(URL).mock(side_effect=answer)
    message = say(case, lena, "Where is the refund of my return? Write to ann@example.com")
    depth = len(connection.savepoint_ids)
    before = Message.objects.count()
    services.suggest(message_pk=message.pk, now=now())
    [draft] = offered(case)
    assert (draft.text, draft.drafted_by) == ("I am looking into it for you.", "small")
    assert (draft.rests, draft.note) == (Rests.CLAIMED, "")
    assert inside == [False]
    assert Message.objects.count() == before


def with_wording(retail: World) -> Case:
    """Open a case under a cue sheet that says what a person might say at every cue."""
    version = CueSheetVersion.objects.get(cue_sheet__key="return_items", state="published")
    steps = [{**step, "draft": "One moment, please."} for step in version.document["steps"]]
    journeys.publish_cue_sheet(
        actor=system("test"), now=now(), document={**version.document, "steps": steps}
    )
    return handed(retail)


@respx.mock
@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(200, content=b"nonsense"),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("gone"),
    ],
    ids=["error", "nonsense", "slow", "gone"],
)
def test_without_an_answer_the_cue_sheets_own_wording_stands_and_says_why(
    retail: World,
    lena: Actor,
    answer: Any,
) -> None:
    case = with_wording(retail)
    route = respx.post(URL)
    route.mock(side_effect=answer) if isinstance(answer, Exception) else route.mock(answer)
    message = say(case, lena, "How long does the refund take?")
    services.suggest(message_pk=message.pk, now=now())
    [draft] = offered(case)
    assert (draft.text, draft.drafted_by) == ("One moment, please.", "")
    assert draft.note


def test_without_an_address_nothing_is_asked(case: Case, lena: Actor) -> None:
    assert not endpoint.is_configured()
    message = say(case, lena, "How long does the refund take?")
    services.suggest(message_pk=message.pk, now=now())
    assert all((one.drafted_by, one.note) == ("", "") for one in offered(case))
