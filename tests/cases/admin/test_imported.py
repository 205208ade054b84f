"""The pages of imported tools: what came, a draft as a form, and a trial that sends nothing."""

import re
from typing import Any

import pytest

from cases.tools import trying
from cases.tools.adapters import auth, calling
from cases.tools.importing.openapi import read_openapi
from cases.tools.models import Connection, ConnectionSlot
from cases.tools.services import import_tools
from governance.ledger.models import LedgerEntry
from governance.policies.decision import decide
from governance.policies.models import DecisionRecord
from governance.reviews.models import ChangeRequest
from orchestra.core import clock, outbound
from orchestra.core.actors import system
from orchestra.core.history import save_as
from tests.cases.admin.conftest import Browser
from tests.factories.tools import make_tool
from tests.flows.conftest import World

LIST = "/admin/imported-tools/"
SECRET = "4929-1234-5678"
ARGUMENTS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "order_id": {"type": "string", "description": "Which order."},
        "card": {"type": "string", "minLength": 10},
        "amount": {"type": "number", "minimum": 1},
    },
    "required": ["order_id"],
}
HOSTILE = "<script>alert(1)</script>"


def describe(name: str = "cancelOrder", **changes: Any) -> dict[str, Any]:
    operation = {
        "operationId": name,
        "summary": "Cancel an order",
        "description": f"Cancels {HOSTILE}",
        "tags": ["harmless, approve at once", HOSTILE],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ARGUMENTS}},
        },
        "responses": {"200": {"description": "done"}},
        **changes,
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {f"/{name}": {"post": operation}},
    }


def imported(**changes: Any) -> ChangeRequest:
    row = Connection.objects.filter(key="shop").first()
    if row is None:
        row = Connection(
            key="shop",
            title="Shop",
            kind="http",
            base_url="https://shop.example/api",
            settings={"auth": {"type": "bearer", "secret": "env:SHOP_TOKEN"}},
        )
        save_as(row, actor=system("test"))
    import_tools(
        actor=system("command"),
        now=clock.now(),
        manifest=read_openapi(document=describe(**changes), connection="shop"),
        connection="shop",
        origin="https://shop.example/openapi.json",
    )
    return ChangeRequest.objects.get(document_key="cancel_order")


def form_of(text: str) -> dict[str, str]:
    """Return what the form of a draft would send as it stands."""
    body = text.split('class="stack-m">', 1)[1].split("</form>", maxsplit=1)[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", body):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and value and ("checkbox" not in tag or " checked" in tag):
            found[name[1]] = value[1]
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', body, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    area = re.search(r"<textarea[^>]*>(.*?)</textarea>", body, re.S)
    found["description"] = (area[1] if area else "").replace("&lt;", "<").replace("&gt;", ">")
    return found


def test_what_came_is_listed_with_where_from_and_by_whom(retail: World, browser: Browser) -> None:
    del retail
    change = imported()
    client = browser("operator")

    page = client.get(LIST).content.decode()

    for said in (
        "https://shop.example/openapi.json",
        "an OpenAPI description",
        "1 new",
        "0 changed",
        "0 no longer offered",
        change.label,
        "order id",
    ):
        assert said in page
    assert HOSTILE not in page
    assert f"{LIST}{change.public_id}/" in page
    assert "Imported tools of Shop" in client.get(f"{LIST}?connection=shop").content.decode()
    assert client.get(f"{LIST}?connection=nowhere").status_code == 404
    assert LIST in client.get("/admin/tools/").content.decode()
    assert f"{LIST}?connection=shop" in client.get("/admin/connections/shop/").content.decode()


def test_a_form_sent_as_it_stands_changes_nothing(retail: World, browser: Browser) -> None:
    del retail
    change = imported()
    client = browser("operator")
    here = f"{LIST}{change.public_id}/"
    page = client.get(here).content.decode()
    assert HOSTILE not in page
    assert "What the other side says" in page
    assert "harmless, approve at once" in page

    answer = client.post(here, form_of(page))

    assert answer.status_code == 302
    digest, document = change.digest, change.document
    change.refresh_from_db()
    assert (change.digest, change.document) == (digest, document)


def test_what_a_person_decides_is_saved_and_submitted(retail: World, browser: Browser) -> None:
    del retail
    change = imported()
    client = browser("operator")
    here = f"{LIST}{change.public_id}/"
    form = form_of(client.get(here).content.decode())
    form |= {
        "title": "Cancel it",
        "risk": "medium",
        "max_attempts": "3",
        "honours_idempotency_key": "yes",
        "sensitive.card": "yes",
        "fact.order_id": "Order number",
        "limit.agent": "20",
        "limit.customer": "2",
        "confirm_tool": "get_order_details",
        "place.1": "status",
        "value.1": "cancelled; void",
        "reversed_by": "",
    }
    assert client.post(here, form).status_code == 302

    change.refresh_from_db()
    made = change.document
    assert (made["title"], made["risk"], made["max_attempts"]) == ("Cancel it", "medium", 3)
    assert made["honours_idempotency_key"] is True
    assert made["sensitive"] == ["$.card"]
    assert made["facts"] == {"order_number": "$.order_id"}
    assert made["limits"] == [
        {"calls": 20, "per": "agent", "window_minutes": 60},
        {"calls": 2, "per": "customer", "window_minutes": 60},
    ]
    assert made["confirm"] == {
        "tool": "get_order_details",
        "arguments": {"order_id": "$.order_id"},
        "expect": {"$.status": ["cancelled", "void"]},
    }
    page = client.get(here).content.decode()
    assert form_of(page)["ask.order_id"] == "order_id"
    client.post(here, form_of(page))
    change.refresh_from_db()
    assert change.document == made

    client.post(f"{here}submit/", {"digest": change.digest})
    change.refresh_from_db()
    assert change.state == "submitted"


def test_another_text_meanwhile_is_told_and_what_was_typed_is_kept(
    retail: World, browser: Browser
) -> None:
    del retail
    change = imported()
    client = browser("operator")
    here = f"{LIST}{change.public_id}/"
    form = form_of(client.get(here).content.decode())
    client.post(here, {**form, "title": "Theirs"})

    answer = client.post(here, {**form, "title": "Mine"})

    assert answer.status_code == 422
    assert "saved another text meanwhile" in answer.content.decode()
    assert 'value="Mine"' in answer.content.decode()
    change.refresh_from_db()
    assert change.document["title"] == "Theirs"
    client.post(f"{here}submit/", {"digest": form["digest"]})
    change.refresh_from_db()
    assert change.state == "draft"


def test_what_is_wrong_is_named_and_keeps_it_from_review(retail: World, browser: Browser) -> None:
    del retail
    change = imported()
    client = browser("operator")
    here = f"{LIST}{change.public_id}/"
    form = form_of(client.get(here).content.decode())
    client.post(here, {**form, "max_attempts": "many", "limit.agent": "-1"})

    page = client.get(here).content.decode()

    assert "2 things to correct" in page
    change.refresh_from_db()
    client.post(f"{here}submit/", {"digest": change.digest})
    change.refresh_from_db()
    assert change.state == "draft"


def test_who_may_not_draft_reads_it_and_saves_nothing(retail: World, browser: Browser) -> None:
    del retail
    change = imported()
    client = browser("supervisor")
    here = f"{LIST}{change.public_id}/"

    page = client.get(here)
    assert page.status_code == 200
    assert "Save the draft" not in page.content.decode()
    client.post(here, {"title": "Mine", "digest": change.digest})
    client.post(f"{here}submit/", {"digest": change.digest})

    digest = change.digest
    change.refresh_from_db()
    assert (change.digest, change.state) == (digest, "draft")
    assert LedgerEntry.objects.filter(kind__contains="refus").exists()


def test_a_trial_shows_what_would_be_decided_and_sent_and_sends_nothing(
    retail: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    del retail

    def refuse(*_args: Any, **_named: Any) -> Any:
        raise AssertionError("something was sent")

    for place, name in ((outbound, "send"), (calling, "ask"), (auth, "read_secret")):
        monkeypatch.setattr(place, name, refuse)
    monkeypatch.setattr(calling, "headers_of", refuse)
    change = imported()
    client = browser("operator")
    here = f"{LIST}{change.public_id}/"
    form = form_of(client.get(here).content.decode())
    client.post(here, {**form, "sensitive.card": "yes"})
    change.refresh_from_db()
    before = (LedgerEntry.objects.count(), DecisionRecord.objects.count())
    assert "Not tried yet" in client.get(f"{here}try/").content.decode()

    page = client.post(
        f"{here}try/",
        {
            "arg.order_id": "W-1",
            "arg.card": SECRET,
            "arg.amount": "12.5",
            "actor": "agent",
            "known": "basic",
            "sure": "95",
            "ahead": "50",
        },
    ).content.decode()

    for said in (
        "yes, as the tool declares them",
        "What the policies in force would decide",
        "https://shop.example/api/cancelOrder",
        "POST",
        "W-1",
        "12.5",
        "Authorization",
        "Idempotency-Key",
        "•••",
    ):
        assert said in page
    for hidden in (SECRET, "SHOP_TOKEN", "Bearer"):
        assert hidden not in page
    assert (LedgerEntry.objects.count(), DecisionRecord.objects.count()) == before
    assert not ConnectionSlot.objects.exists()


def test_arguments_that_do_not_hold_are_named_without_what_is_sensitive(
    retail: World, browser: Browser
) -> None:
    del retail
    change = imported()
    client = browser("operator")
    here = f"{LIST}{change.public_id}/"
    form = form_of(client.get(here).content.decode())
    client.post(here, {**form, "sensitive.card": "yes"})

    page = client.post(f"{here}try/", {"arg.card": "9731", "arg.amount": "0"}).content.decode()

    assert "is missing; send it" in page
    assert "is not as the tool declares it" in page
    assert "9731" not in page
    assert "What would be sent" not in page


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        ({"channel": "voice", "priority": "1"}, ("voice", 1)),
        ({"channel": "pigeon", "priority": "9"}, ("chat", 3)),
        ({}, ("chat", 3)),
    ],
)
def test_a_trial_is_of_the_channel_and_the_priority_that_were_chosen(
    retail: World,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    said: dict[str, str],
    facts: tuple[str, int],
) -> None:
    del retail
    seen: list[tuple[Any, Any]] = []

    def decided(*, facts: Any, policies: Any) -> Any:
        seen.append((facts.values["channel"], facts.values["priority"]))
        return decide(facts=facts, policies=policies)

    monkeypatch.setattr(trying, "decide", decided)
    change = imported()
    arguments = {"arg.order_id": "W-1", "arg.card": SECRET, "arg.amount": "12.5"}
    page = browser("operator").post(f"{LIST}{change.public_id}/try/", {**arguments, **said})
    assert seen == [facts]
    shown = page.content.decode()
    assert ('<option value="voice" selected' in shown) is (facts[0] == "voice")
    assert ('<option value="1" selected' in shown) is (facts[1] == 1)


@pytest.mark.parametrize(
    ("effect", "words"),
    [("write", "Nobody proposes it, and what was approved waits"), ("read", "It only reads")],
)
def test_a_tool_that_its_upstream_changed_says_so_on_its_page(
    retail: World, browser: Browser, effect: str, words: str
) -> None:
    del retail
    change = imported()
    found = make_tool({**change.document, "name": "cancel_order", "effect": effect})
    client = browser("operator")
    assert words not in client.get(f"/admin/tools/{found.name}/").content.decode()
    upstream = {**change.document["upstream"], "digest": "f" * 64}
    ChangeRequest.objects.filter(pk=change.pk).update(
        document={**change.document, "upstream": upstream}
    )
    page = client.get(f"/admin/tools/{found.name}/").content.decode()
    assert words in page
    assert f"{LIST}{change.public_id}/" in page
