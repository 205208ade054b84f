"""A version's page: who approved it, what checks say, how rows fired, and how it was before."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from governance.admin.policy_version import (
    describe_checks,
    describe_facts_table,
    describe_floors,
    describe_promises,
)
from governance.policies import registry
from governance.policies.models import PolicyVersion
from governance.policies.parsing import parse_policy
from governance.policies.types import Outcome
from tests.factories.policies import make_document, make_rule, make_table
from tests.factories.reviews import (
    KEY,
    LATER,
    NOW,
    People,
    approve,
    know_tools,
    make_people,
    make_text,
    publish,
    put_in_force,
    submit_change,
)
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return
from tests.governance.admin.conftest import Browser

PAGE = f"/admin/policies/{KEY}/"


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch, db: None) -> People:
    del db
    monkeypatch.setattr(registry.tool_names, "_items", {})
    monkeypatch.setattr(registry.tool_risks, "_items", {})
    know_tools()
    put_in_force()
    return make_people()


def second_version(people: People) -> None:
    """A version that somebody approved, an hour after the first."""
    text = make_text("unsure", rules=[{**make_text()["rules"][0], "reason": "Ask sooner."}])
    change = submit_change(people.author, text)
    change = approve(change, people.officer)
    publish(change, people.officer)


def page(person: User, path: str = PAGE, **query: str) -> str:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return str(client.get(path, query).content.decode())


def test_a_version_says_who_approved_it_and_through_what(people: People) -> None:
    assert "nobody: it was loaded, not voted on" in page(people.officer)
    second_version(people)
    text = page(people.officer)
    rail = text.partition("Approved by")[2].partition("Text digest")[0]
    assert people.officer.label in rail
    assert "CR-" in rail
    assert "Ask earlier" in text.partition("Versions")[2]


def test_the_page_of_a_past_moment_shows_what_held_then(people: People) -> None:
    second_version(people)
    then = (LATER - timedelta(minutes=1)).isoformat()
    old = page(people.officer, at=then)
    assert "version 1." in old.partition("As it was on")[2][:80]
    assert "Reason of unsure." in old
    now = page(people.officer, at=(LATER + timedelta(minutes=1)).isoformat())
    assert "version 2." in now.partition("As it was on")[2][:80]
    before = page(people.officer, at=(NOW - timedelta(days=1)).date().isoformat())
    assert "No version was in force on" in before
    assert "Every tool in this scope was denied." in before
    assert "There is nothing here" in page(people.officer, at="yesterday")


def test_two_versions_are_compared_word_by_word(people: People) -> None:
    second_version(people)
    text = page(people.officer, f"{PAGE}compare/", **{"from": "1", "to": "2"})
    assert "from version 1 to version 2" in text
    assert "<ins>Ask sooner.</ins>" in text
    assert f'href="{PAGE}compare/?from=1&amp;to=2" data-key="c"' in page(people.officer)
    strange = page(people.officer, f"{PAGE}compare/", **{"from": "7", "to": "2"})
    assert "There is nothing here" in strange


def test_without_a_version_in_force_everything_is_denied(people: People) -> None:
    PolicyVersion.objects.update(state="retired", retired_at=LATER)
    text = page(people.officer)
    assert "No version is in force." in text
    assert "Every tool in this scope is denied." in text


def test_rows_are_narrowed_to_an_outcome_and_shown_as_columns(people: People) -> None:
    put_in_force(make_document(key=KEY, scope={"tools": ["refund"]}))
    text = page(people.officer, outcome="verify")
    assert "Who asks is not known." in text
    assert "The AI is not sure enough." not in text
    assert "When no row above fires" not in text
    columns = page(people.officer, read="facts")
    assert "<th>confidence</th>" in columns
    assert "is less than 0.7" in columns


def test_a_count_leads_to_the_decisions_behind_it(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    client = browser("compliance")
    text = client.get("/admin/policies/retail_returns/").content.decode()
    link = "/admin/decisions/?row=retail_returns:1:above_500"
    assert f'href="{link}">1</a>' in text
    listed = client.get(link).content.decode()
    assert "“The refund is at most $500.00” fired" in listed
    assert listed.count("data-row=") == 1
    none = client.get("/admin/decisions/?row=retail_returns:1:other").content.decode()
    assert "No decisions match." in none
    for strange in ("x", "a:b:c", "a::c", "a:1:", "a:²:c"):
        assert client.get("/admin/decisions/", {"row": strange}).status_code == 404


def test_a_policy_page_asks_as_often_whatever_it_holds(
    retail: World, browser: Browser, django_assert_max_num_queries: Any
) -> None:
    del retail
    client = browser("compliance")
    client.get("/admin/policies/retail_returns/")
    with django_assert_max_num_queries(27):
        client.get("/admin/policies/retail_returns/")


def test_checks_stand_a_line_for_each_kind(people: People) -> None:
    del people
    hidden = [
        make_rule("one", Outcome.DENY, ("confidence", "below", 0.5)),
        make_rule("two", Outcome.DENY, ("confidence", "below", 0.2)),
    ]
    found = describe_checks(make_table("other", hidden))
    lines = {line["words"]: line for line in found["lines"]}
    assert lines["No row is hidden by another"]["sign"] == "is-warn"
    assert lines["No row is hidden by another"]["count"] == "1 found"
    assert lines["Every row can fire"]["sign"] == ""
    assert found["passed"] < len(found["lines"])
    many = make_table("big", [make_rule(f"r{n}", Outcome.DENY) for n in range(301)])
    assert describe_checks(many)["lines"] == []


def test_floors_name_the_tools_of_each_level(people: People) -> None:
    del people
    table = parse_policy(document=make_document(scope={"tools": ["refund"]}), version=1, digest="")
    tools = {floor["level"]: floor["tools"] for floor in describe_floors(table)}
    assert tools["high"] == "1 tool: refund."
    assert tools["low"] == "No tool of this policy."


def test_promises_and_columns_come_from_the_table() -> None:
    promise = {
        "id": "p",
        "title": "Two votes above 500",
        "when": [{"fact": "amount_minor", "above": 50000}],
        "then": {"votes": 2},
    }
    table = parse_policy(document=make_document(invariants=[promise]), version=1, digest="")
    (shown,) = describe_promises(table)
    assert shown["sentence"] == (
        "Whenever amount is more than $500.00, every version must at least ask for 2 votes."
    )
    columns = describe_facts_table(table)
    assert columns["heads"] == ["confidence", "verification", "risk flags", "customer bound"]
    assert columns["rows"][0]["cells"] == [["is less than 0.7"], [], [], []]
