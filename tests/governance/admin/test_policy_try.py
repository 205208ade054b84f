"""The scratch copy of a policy: shown, checked and read, exported and imported, never stored."""

import json
import re
from html import unescape

import pytest
from django.test import Client

from governance.ledger.models import LedgerEntry
from governance.policies.models import PolicyVersion
from governance.policies.yaml_text import from_yaml, to_yaml
from tests.flows.conftest import World
from tests.governance.admin.conftest import Browser

TRY = "/admin/policies/retail_returns/edit/"
READING = "/admin/policies/retail_returns/reading/"
YAML = "/admin/policies/retail_returns/yaml/"


def stored() -> tuple[list[tuple[str, str]], int]:
    versions = PolicyVersion.objects.order_by("pk").values_list("digest", "state")
    return list(versions), LedgerEntry.objects.count()


def base_of(text: str) -> str:
    found = re.search(r'name="base" value="([^"]*)"', text)
    assert found is not None
    return unescape(found[1])


def press(client: Client, act: str, base: str, **fields: object) -> str:
    answer = client.post(TRY, {"do": act, "base": base, **fields})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_policy_owner_tries_an_edit_and_nothing_is_stored(
    retail: World, browser: Browser
) -> None:
    del retail
    client = browser("policy")
    before = stored()
    first = client.get(TRY).content.decode()
    assert "scratch copy, nothing is stored" in first
    assert "When amount is more than $500.00, ask for 1 vote by a supervisor." in first
    opened = press(client, "open:rules.3", base_of(first))
    assert 'name="rules.3.when.0.value" value="500.00"' in opened
    assert 'name="rules.3.when.0.currency" value="USD"' in opened
    assert "Money the call moves." in opened
    off = press(client, "off:rules.0", base_of(first))
    assert "<ins>Disabled, never fires: </ins>When order status is not delivered" in off
    assert json.loads(base_of(off))["rules"][0]["disabled"] is True
    fields = {
        "open": "rules.3",
        "rules.3.shown": "1",
        "rules.3.when.count": "1",
        "rules.3.when.0.fact": "amount_minor",
        "rules.3.when.0.shape": "amount_minor",
        "rules.3.when.0.operator": "above",
        "rules.3.when.0.currency": "USD",
        "rules.3.when.0.value": "lots",
        "rules.3.id": "above_500",
        "rules.3.title": "T",
        "rules.3.reason": "R",
        "rules.3.outcome": "approve",
    }
    wrong = press(client, "check", base_of(first), **fields)
    assert 'value="lots"' in wrong
    assert "“lots” is no amount; write one such as 500.00." in wrong
    answer = client.post(READING, {"do": "check", "base": base_of(first), **fields}).json()
    assert (answer["count"], answer["blocking"]) == (1, 1)
    assert answer["rows"]["rules.3"]["targets"] == ["rules.3.when.0.value"]
    assert "“lots” is no amount; write one such as 500.00." in answer["rows"]["rules.3"]["findings"]
    fields["rules.3.when.0.value"] = "750"
    answer = client.post(READING, {"do": "check", "base": base_of(first), **fields}).json()
    row = answer["rows"]["rules.3"]
    assert row["sentence"] == "When amount is more than $750.00, ask for 1 vote."
    assert "<ins>$750.00</ins>" in row["reading"]
    assert stored() == before


def test_yaml_is_exported_and_imported_alike(retail: World, browser: Browser) -> None:
    del retail
    client = browser("policy")
    answer = client.get(YAML)
    assert answer["Content-Disposition"] == 'attachment; filename="retail_returns.v1.yaml"'
    text = answer.content.decode()
    document, errors = from_yaml(text)
    assert errors == []
    assert document == PolicyVersion.objects.get(policy__key="retail_returns").document
    first = client.get(TRY).content.decode()
    changed = text.replace("above: 50000", "above: 60000")
    shown = press(client, "import", base_of(first), yaml=changed)
    assert "When amount is more than $600.00" in shown
    before = stored()
    for wrong, said in (
        (changed + "key: x\n", "the key &#x27;key&#x27; stands twice"),
        (changed.replace("scope:", "scope: &x"), "line 3, column 8: an anchor (&amp;x)"),
        (changed.replace("retail_returns", "other", 1), "The text is that of another policy"),
    ):
        refused = press(client, "import", base_of(first), yaml=wrong)
        assert said in refused
        assert base_of(refused) == base_of(first)
    scratch = client.post(YAML, {"do": "export", "base": base_of(shown)})
    assert scratch.content.decode() == to_yaml(json.loads(base_of(shown)))
    assert stored() == before


@pytest.mark.parametrize("login", ["supervisor", "agent"])
def test_others_do_not_find_the_editor(retail: World, browser: Browser, login: str) -> None:
    if login not in retail.people:
        pytest.fail(f"there is no {login}: {sorted(retail.people)}")
    client = browser(login)
    assert client.get(TRY).status_code == 404
    assert client.post(READING, {"base": "{}"}).status_code == 404
    assert client.post(YAML, {"base": "{}"}).status_code == 404


def test_facts_are_documented_and_searched(retail: World, browser: Browser) -> None:
    del retail
    client = browser("supervisor")
    text = client.get("/admin/policies/retail_returns/").content.decode()
    assert "Money the call moves." in text
    assert "Try an edit" not in text
    found = client.get("/admin/policies/retail_returns/?fact=refund+goes").content.decode()
    table = found.partition('id="facts-list"')[2]
    assert "Where a refund goes." in table
    assert "original · gift card · other · not theirs" in table
    assert "Money the call moves." not in table
