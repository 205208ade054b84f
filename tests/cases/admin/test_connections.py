"""The pages of connections: who may change one, what is shown, and a test that only reads."""

from typing import Any

import pytest

from cases.tools.models import Connection
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from orchestra.core.breaker import Breaker
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.ssrf import canary

ADD = "/admin/connection-add/"
PAGE = "/admin/connections/crm/"
SECRET = "canary-secret-4711"
FORM = {
    "key": "crm",
    "title": "Customer records",
    "kind": "http",
    "base_url": "https://crm.example/api",
    "way": "bearer",
    "secret": "env:CRM_TOKEN",
    "max_concurrent": "4",
    "allowed_hosts": "crm.example",
    "reason": "The new system.",
}


def add(browser: Browser, **changes: str) -> Any:
    return browser("operator").post(ADD, {**FORM, **changes})


def payloads(kind: str) -> list[dict[str, Any]]:
    return [payload_of(entry=one) or {} for one in LedgerEntry.objects.filter(kind=kind)]


def test_a_connection_is_added_and_changed_on_the_record(
    retail: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    del retail
    monkeypatch.setenv("CRM_TOKEN", SECRET)
    assert add(browser)["Location"] == PAGE
    row = Connection.objects.get(key="crm")
    assert row.settings == {
        "auth": {"type": "bearer", "secret": "env:CRM_TOKEN"},
        "allowed_hosts": ["crm.example"],
        "max_concurrent": 4,
    }

    client = browser("operator")
    page = client.get(PAGE).content.decode()
    assert "env:CRM_TOKEN" in page
    assert "it is there" in page
    assert SECRET not in page
    digest = page.split('name="digest" value="')[1].split('"')[0]
    change = {**FORM, "base_url": "https://crm2.example/", "allowed_hosts": "", "reason": "Moved."}
    assert client.post(PAGE, {**change, "digest": digest})["Location"] == PAGE
    stale = client.post(PAGE, {**change, "title": "Other", "digest": digest})

    row.refresh_from_db()
    assert (row.base_url, row.title) == ("https://crm2.example/", "Customer records")
    assert stale.status_code == 422
    assert "Somebody changed this connection meanwhile" in stale.content.decode()
    [changed] = payloads("connection.changed")
    assert (changed["reason"], changed["fields"]) == ("Moved.", ["base_url", "settings"])
    assert len(payloads("connection.added")) == 1
    shown = client.get(PAGE).content.decode()
    assert "Moved." in shown
    assert "The new system." in shown
    assert "Customer records" in client.get("/admin/connections/").content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"secret": SECRET}, "holds no secret"),
        ({"base_url": "http://crm.example@127.0.0.1/"}, "no name or password"),
        ({"reason": " "}, "Say why"),
        ({"max_concurrent": "many"}, "whole number"),
        ({"private_networks": "0.0.0.0/0"}, "allows every address"),
        ({"way": "magic"}, "must be an object whose type"),
        ({"key": "C R M"}, "lower-case letters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_saved(
    retail: World, browser: Browser, changes: dict[str, str], said: str
) -> None:
    del retail
    before = Connection.objects.count()

    answer = add(browser, **changes)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Connection.objects.count() == before
    assert payloads("connection.added") == []


def test_who_may_not_edit_sees_it_and_changes_nothing(retail: World, browser: Browser) -> None:
    del retail
    add(browser)
    client = browser("supervisor")

    page = client.get(PAGE).content.decode()
    assert "Customer records" in page
    assert "Test the connection" not in page
    assert client.get(ADD).status_code == 404
    client.post(PAGE, {**FORM, "title": "Mine"})
    assert client.post(f"{PAGE}test/").status_code == 404
    assert Connection.objects.get(key="crm").title == "Customer records"


def test_a_test_reads_once_and_says_what_it_saw(
    retail: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    del retail
    Breaker.forget_all()
    client = browser("operator")
    with canary() as found:
        add(browser, base_url=f"http://127.0.0.1:{found.port}/api", allowed_hosts="", health="/up")
        missing = client.post(f"{PAGE}test/", follow=True).content.decode()
        assert found.hits == []
        monkeypatch.setenv("CRM_TOKEN", SECRET)
        works = client.post(f"{PAGE}test/", follow=True).content.decode()

    assert "The secret env:CRM_TOKEN is not there" in missing
    assert "It answered /up with 200." in works
    assert "not encrypted" in works
    assert SECRET not in works
    assert found.hits == ["/api/up"]
    assert sorted(one["works"] for one in payloads("connection.tested")) == [False, True]
