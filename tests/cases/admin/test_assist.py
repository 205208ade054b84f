"""Live assist on the case page: what is shown, sent, of no use, paused."""

from typing import Any

import pytest

from cases.assist.types import Rests, SuggestionKind
from cases.memory.models import Case, Message
from tests.cases.admin.conftest import Browser
from tests.factories.assist import make_suggestion
from tests.flows.conftest import World


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def case(retail: World) -> Case:
    opened = retail.api.post("cases/", {"channel": "chat", "text": "Return #W5199551, please."})
    return Case.objects.get(public_id=opened.json()["id"])


def test_what_is_suggested_stands_beside_the_conversation(case: Case, browser: Browser) -> None:
    make_suggestion(case, rests=Rests.CLAIMED, heard="#W5199551")
    make_suggestion(
        case,
        kind=SuggestionKind.ARTICLE,
        source_key="returns",
        source_label="Taking back delivered items",
        text="Who decides.",
        heard="mail me at mia@example.com",
    )
    page = text(browser("agent").get(f"/admin/cases/{case.public_id}/"))
    assert "Say next" in page
    assert "is only what the customer said; ask before you rely on it." in page
    assert f"/admin/knowledge/returns/?case={case.public_id}" in page
    assert "mia@example.com" not in page
    live = text(browser("agent").get(f"/admin/cases/{case.public_id}/assist/live/"))
    assert "Say next" in live
    assert "<html" not in live


def test_a_draft_is_sent_and_the_next_is_refused_kindly(case: Case, browser: Browser) -> None:
    row = make_suggestion(case)
    act = f"/admin/cases/{case.public_id}/assist/{row.public_id}"
    client = browser("agent")
    answer = client.post(f"{act}/say/", {"text": "It is on its way."}, follow=True)
    assert "Sent and recorded as your words." in text(answer)
    assert Message.objects.filter(case=case, text="It is on its way.").count() == 1
    answer = client.post(f"{act}/say/", {"text": "It is on its way."}, follow=True)
    assert "answered this suggestion already" in text(answer)
    assert Message.objects.filter(case=case, text="It is on its way.").count() == 1
    assert client.post(f"{act}/jump/").status_code == 404


def test_it_is_paused_and_goes_on(case: Case, browser: Browser) -> None:
    make_suggestion(case)
    switch = f"/admin/cases/{case.public_id}/assist"
    client = browser("agent")
    answer = client.post(f"{switch}/pause/", follow=True)
    assert "Live assist was paused by" in text(answer)
    assert "Say next" not in text(answer)
    assert "Live assist was paused by" not in text(client.post(f"{switch}/go-on/", follow=True))
    assert client.post(f"{switch}/jump/").status_code == 404


def test_who_only_reads_is_not_helped(case: Case, browser: Browser) -> None:
    make_suggestion(case)
    assert "Say next" not in text(browser("compliance").get(f"/admin/cases/{case.public_id}/"))
