"""A rehearsal's page: the matrix, the decisions behind a cell, what it is bound to, who may."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.admin.rehearsed import describe_rehearsal
from governance.ledger.models import LedgerEntry
from governance.policies.models import DecisionRecord, PolicyVersion, Rehearsal
from governance.policies.services import run_rehearsal, start_rehearsal
from orchestra.core import clock
from orchestra.core.actors import system
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return
from tests.governance.admin.conftest import Browser


def draft() -> dict[str, Any]:
    """The policy in force, but that no amount asks for a vote."""
    held = PolicyVersion.objects.get(policy__key="retail_returns").document
    document: dict[str, Any] = json.loads(json.dumps(held))
    document["thresholds"] = {"USD": 10_000_000}
    document["limits"][0]["at_most"] = 10_000_000
    document["rules"] = [rule for rule in document["rules"] if rule["outcome"] != "approve"]
    return document


def begin() -> Rehearsal:
    now = clock.now()
    return start_rehearsal(
        actor=system("test"),
        now=now,
        policy_key="retail_returns",
        document=draft(),
        since=now - timedelta(days=1),
    )


@pytest.fixture
def done(retail: World) -> Rehearsal:
    waiting_return(retail)
    rehearsal = begin()
    run_rehearsal(rehearsal_pk=rehearsal.pk)
    rehearsal.refresh_from_db()
    return rehearsal


def page_of(rehearsal: Rehearsal) -> str:
    return f"/admin/policies/retail_returns/rehearsals/{rehearsal.public_id}/"


def test_it_shows_matrix_cases_money_and_digests(done: Rehearsal, browser: Browser) -> None:
    shown = describe_rehearsal(done)
    assert shown["sums"]["loose"] == 1
    assert shown["too_few"].startswith("Only ")
    assert shown["chosen"] is None
    [money] = shown["exposure"]
    assert (money["newly_alone"], money["newly_waits"]) == (money["difference"], "$0.00")
    client = browser("policy")
    text = client.get(page_of(done)).content.decode()
    record = DecisionRecord.objects.get(outcome="approve")
    for part in (
        "1 looser",
        "Cases behind “approve → allow”",
        f"/admin/decisions/{record.public_id}/",
        "Extra approvals, by queue and hour",
        "What would run without a person",
        done.result_digest[:8],
        "Publishing a draft with another digest is refused.",
    ):
        assert part in text, part
    same = client.get(page_of(done) + "?cell=allow%3Eallow").content.decode()
    assert "Cases behind “allow → allow”" in same
    assert client.get(page_of(done) + "?cell=nonsense").status_code == 200


def test_its_queries_are_few(done: Rehearsal, browser: Browser) -> None:
    client = browser("policy")
    client.get(page_of(done))
    with CaptureQueriesContext(connection) as captured:
        client.get(page_of(done))
    assert len(captured) <= 10


def test_the_policys_page_lists_it(done: Rehearsal, browser: Browser) -> None:
    text = browser("policy").get("/admin/policies/retail_returns/").content.decode()
    assert page_of(done) in text
    assert "/admin/policies/retail_returns/try/" in text


def test_while_it_runs_it_says_how_far_and_can_be_cancelled(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    rehearsal = begin()
    client = browser("policy")
    part = client.get(page_of(rehearsal) + "progress/").content.decode()
    assert f'data-poll="{page_of(rehearsal)}progress/"' in part
    text = client.get(page_of(rehearsal)).content.decode()
    assert f"0 of {rehearsal.total} decisions." in text
    assert "Cancel the rehearsal" in text
    answer = client.post(page_of(rehearsal) + "cancel/", follow=True)
    assert "It came to no result" in answer.content.decode()
    rehearsal.refresh_from_db()
    assert rehearsal.state == "cancelled"
    # What has ended is not asked again; then the page is read anew.
    assert "data-poll" not in client.get(page_of(rehearsal) + "progress/").content.decode()
    client.post(page_of(rehearsal) + "cancel/")
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1


def test_who_may_not_does_not_find_it(done: Rehearsal, browser: Browser) -> None:
    other = browser("compliance")
    assert other.get(page_of(done)).status_code == 200
    assert "Cancel the rehearsal" not in other.get(page_of(done)).content.decode()
    assert other.post(page_of(done) + "cancel/").status_code == 404
    agent = browser("agent")
    assert agent.get(page_of(done)).status_code == 404
    client = browser("policy")
    elsewhere = page_of(done).replace("retail_returns", "retail_orders")
    assert client.get(elsewhere).status_code == 404
    gone = page_of(done).replace(str(done.public_id), str(uuid4()))
    assert client.get(gone).status_code == 404
