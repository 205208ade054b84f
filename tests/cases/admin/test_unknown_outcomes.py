"""Unknown outcomes as pages and over REST: found, looked at, settled by who may."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cases.admin import unknown_outcomes
from cases.memory import rules
from cases.tools import selectors as tools
from cases.tools.models import ToolAttempt, ToolCall
from cases.tools.services import looking
from cases.tools.types import AdapterAnswer, AttemptOutcome, CallState
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return
from tests.governance.admin.conftest import Browser, browser, retail  # noqa: F401  by name

LIST = "/admin/unknown-outcomes/"


@pytest.fixture
def lost(retail: World) -> ToolCall:  # noqa: F811  pytest names fixtures so
    """A return that was sent, and of which nobody knows whether it happened."""
    _case, called = waiting_return(retail)
    call = ToolCall.objects.get(public_id=called["id"])
    then = clock.now() - timedelta(minutes=40)
    ToolCall.objects.filter(pk=call.pk).update(
        state=CallState.UNKNOWN, attempt=1, state_reason="The store took it; no answer came."
    )
    ToolAttempt.objects.create(
        call=call,
        number=1,
        started_at=then,
        ended_at=then,
        outcome=AttemptOutcome.UNKNOWN,
        detail="The store took it; no answer came.",
    )
    call.refresh_from_db()
    return call


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_it_is_listed_shown_looked_at_and_settled(lost: ToolCall, browser: Browser) -> None:  # noqa: F811
    client = browser("supervisor")
    start = text_of(client.get("/admin/"))
    assert "Nobody knows what became of 1 call" in start
    page = f"{LIST}{lost.public_id}/"
    listed = text_of(client.get(LIST))
    assert page in listed
    assert "unknown for 40 minutes" in listed
    shown = text_of(client.get(page))
    assert "Attempt 1: no answer after it was sent" in shown
    assert "What was sent" in shown

    before = LedgerEntry.objects.exclude(kind__endswith=".read").count()
    looked = text_of(client.post(f"{page}look/"))
    assert "It does not show the effect." in looked or "It knows of no request" in looked
    assert LedgerEntry.objects.exclude(kind__endswith=".read").count() == before

    blank = client.post(f"{page}happened/", {"reason": " "})
    assert blank.status_code == 422
    lost.refresh_from_db()
    assert lost.state == CallState.UNKNOWN
    done = text_of(client.post(f"{page}not-happened/", {"reason": "Not there."}, follow=True))
    assert "Settled: it did not happen." in done
    lost.refresh_from_db()
    assert (lost.state, lost.state_reason) == (CallState.FAILED, "Not there.")
    assert "Every outcome is known" in text_of(client.get(LIST))


def test_who_may_not_settle_it_reads_why(lost: ToolCall, browser: Browser) -> None:  # noqa: F811
    client = browser("compliance")
    page = f"{LIST}{lost.public_id}/"
    shown = text_of(client.get(page))
    assert "It did not happen" not in shown
    assert client.post(f"{page}happened/", {"reason": "x"}).status_code == 404
    lost.refresh_from_db()
    assert lost.state == CallState.UNKNOWN


def test_over_rest_a_person_settles_and_an_agent_does_not(
    lost: ToolCall,
    retail: World,  # noqa: F811
    browser: Browser,  # noqa: F811
) -> None:
    refused = retail.api.post(
        f"tool-calls/{lost.public_id}/reconcile/", {"happened": True, "reason": "I think so."}
    )
    assert refused.status_code == 403
    client = browser("supervisor")
    [row] = client.get("/api/v1/unknown-outcomes/").json()["results"]
    assert row["id"] == str(lost.public_id)
    looked = _post(client, f"/api/v1/tool-calls/{lost.public_id}/look-up/", "1")
    assert looked.status_code == 200, looked.content
    done = _post(
        client,
        f"/api/v1/tool-calls/{lost.public_id}/reconcile/",
        "2",
        happened=True,
        reason="I saw it.",
    )
    assert (done.status_code, done.json()["state"]) == (200, "succeeded")


EMAIL = "canary.of.answers@example.com"


@pytest.fixture
def answers(lost: ToolCall, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the call was sent with, said back beside an address; return the canary argument."""
    spec = replace(
        tools.spec_of_call(lost), sensitive=("$.payment_method_id",), lookup=True, confirm=None
    )
    canary: str = lost.arguments["payment_method_id"]
    value = {"note": f"{EMAIL} has {canary}", "same": [canary]}
    said = AdapterAnswer(ok=True, value=value, body=b"")
    for module in (looking, unknown_outcomes.tools):
        monkeypatch.setattr(module, "spec_of_call", lambda _call: spec)
    monkeypatch.setattr(looking, "ask_back", lambda **_: said)
    ToolAttempt.objects.filter(call=lost).update(detail=f"No answer about {canary}.")
    return canary


def test_a_page_shows_neither_canary_until_it_is_opened(
    lost: ToolCall,
    answers: str,
    browser: Browser,  # noqa: F811
) -> None:
    client = browser("supervisor")
    page = f"{LIST}{lost.public_id}/"
    shown = text_of(client.get(page)) + text_of(client.post(f"{page}look/"))
    assert "It gave an answer under this key" in shown
    assert EMAIL not in shown
    assert answers not in shown
    opened = text_of(client.post(f"{page}look/?unmasked=1"))
    assert EMAIL in opened
    assert answers in opened


def test_over_rest_the_role_decides_who_reads_the_canaries(
    lost: ToolCall,
    answers: str,
    browser: Browser,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = browser("supervisor")
    path = f"/api/v1/tool-calls/{lost.public_id}/look-up/"
    told = _post(client, path, "recorded").content.decode()
    assert EMAIL in told
    assert answers in told
    rest = rules._UNMASKED_ROLES - {Role.SUPERVISOR}
    monkeypatch.setattr(rules, "_UNMASKED_ROLES", rest)
    masked = _post(client, path, "masked")
    assert (masked.status_code, masked.json()["answered_ok"]) == (200, True)
    assert EMAIL not in masked.content.decode()
    assert answers not in masked.content.decode()


def test_over_rest_the_list_is_masked_for_who_reviews(
    lost: ToolCall,
    browser: Browser,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ToolCall.objects.filter(pk=lost.pk).update(state_reason=f"No answer about {EMAIL}.")
    client = browser("supervisor")
    assert EMAIL in client.get("/api/v1/unknown-outcomes/").content.decode()
    rest = rules._UNMASKED_ROLES - {Role.SUPERVISOR}
    monkeypatch.setattr(rules, "_UNMASKED_ROLES", rest)
    masked = client.get("/api/v1/unknown-outcomes/")
    assert masked.json()["results"][0]["id"] == str(lost.public_id)
    assert EMAIL not in masked.content.decode()


def _post(client: Client, path: str, request_key: str, **body: Any) -> Any:
    return client.post(
        path,
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": request_key},
    )
