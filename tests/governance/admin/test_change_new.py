"""A document that does not exist yet is begun from its kind's list, by who may draft it."""

import re

import pytest

from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents
from tests.flows.conftest import World
from tests.governance.admin.conftest import Browser

PAGE = "/admin/change-requests/new/{}/"
GIVEN = {"title": "Gift wrapping", "summary": "Customers ask for it."}
DRAFTERS = {
    "policy": "policy",
    "cue_sheet": "policy",
    "tool": "policy",
    "article": "policy",
    "scorecard": "lead",
    "sampling_plan": "lead",
    "metric_definition": "lead",
    "outcome_target": "lead",
}
LISTS = {
    "policy": "/admin/policies/",
    "cue_sheet": "/admin/cue-sheets/",
    "tool": "/admin/tools/",
    "article": "/admin/knowledge/",
    "scorecard": "/admin/scorecards/",
    "sampling_plan": "/admin/sampling-plans/",
    "metric_definition": "/admin/metric-definitions/",
    "outcome_target": "/admin/targets/",
}


def test_every_kind_can_be_begun(retail: World) -> None:
    del retail
    begun = {name for name in documents if documents.get(name).blank}
    # There is one table of priorities, under one key; its page begins it.
    assert begun == {*DRAFTERS, "priority_table"}


@pytest.mark.parametrize(("kind", "person"), DRAFTERS.items())
def test_a_document_is_begun_and_its_editor_opens(
    retail: World, browser: Browser, kind: str, person: str
) -> None:
    del retail
    client = browser(person)
    page = PAGE.format(kind)
    assert page in client.get(LISTS[kind]).content.decode()
    assert client.get(page).status_code == 200
    answer = client.post(page, GIVEN)
    assert answer.status_code == 302
    change = ChangeRequest.objects.get()
    assert (change.kind, change.document_key, change.state) == (kind, "gift_wrapping", "draft")
    assert change.base_number == 0
    assert str(change.public_id) in answer["Location"]
    editor = client.get(answer["Location"])
    assert editor.status_code == 200
    # What is missing is said on the page of the change, not an error of the server.
    told = client.get(f"/admin/change-requests/{change.public_id}/").content.decode()
    assert "Gift wrapping" in told
    assert re.search(r"\d+ errors? keeps? it from being submitted", told)


def test_a_key_in_force_or_begun_already_is_refused_on_its_field(
    retail: World, browser: Browser
) -> None:
    del retail
    client = browser("policy")
    page = PAGE.format("policy")
    taken = client.post(page, {**GIVEN, "key": "retail_returns"})
    assert taken.status_code == 422
    assert "This key is in force" in taken.content.decode()
    assert client.post(page, GIVEN).status_code == 302
    again = client.post(page, GIVEN)
    assert again.status_code == 422
    assert "Somebody began one with this key already" in again.content.decode()
    wrong = client.post(page, {"title": "", "key": "No, thanks!", "summary": "kept"})
    text = wrong.content.decode()
    assert wrong.status_code == 422
    assert "Give it a title." in text
    assert "A key has small letters" in text
    assert "kept" in text
    assert ChangeRequest.objects.count() == 1


def test_nobody_else_may_begin_one(retail: World, browser: Browser) -> None:
    del retail
    client = browser("supervisor")
    assert PAGE.format("policy") not in client.get(LISTS["policy"]).content.decode()
    assert client.get(PAGE.format("policy")).status_code in {403, 404}
    assert client.post(PAGE.format("policy"), GIVEN).status_code in {403, 404}
    assert client.get(PAGE.format("nothing")).status_code == 404
    assert not ChangeRequest.objects.exists()
