"""A policy's change as a table: saved when nothing is wrong, kept on the page when something is."""

import json
import re
from html import unescape

import pytest
from django.test import Client

from governance.access.models import User
from governance.policies import registry
from governance.reviews.models import ChangeRequest
from tests.factories.forms import fields_of
from tests.factories.reviews import (
    People,
    know_tools,
    make_people,
    open_change,
    put_in_force,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch, db: None) -> People:
    del db
    monkeypatch.setattr(registry.tool_names, "_items", {})
    monkeypatch.setattr(registry.tool_risks, "_items", {})
    know_tools()
    put_in_force()
    return make_people()


def sign_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(change: ChangeRequest) -> str:
    return f"/admin/change-requests/{change.public_id}/table/"


def opened(client: Client, change: ChangeRequest) -> str:
    """The page with its second row open, as after a press on it."""
    first = client.get(page(change)).content.decode()
    sent = fields_of(first, do="open:rules.1")
    return str(client.post(page(change), sent.dict()).content.decode())


def test_a_row_is_changed_and_saved_as_a_draft(people: People) -> None:
    change, client = open_change(people.author), sign_in(people.author)
    change_page = client.get(f"/admin/change-requests/{change.public_id}/").content.decode()
    assert page(change) in change_page
    sent = fields_of(opened(client, change), do="save", **{"rules.1.reason": "Ask sooner."})
    answer = client.post(page(change), sent.dict())
    assert answer.status_code == 302
    before = change.digest
    change.refresh_from_db()
    assert change.document["rules"][1]["reason"] == "Ask sooner."
    assert change.document["rules"][0]["reason"] == "Reason of unsure."
    assert change.digest != before


def test_what_is_wrong_is_kept_on_the_page_and_not_stored(people: People) -> None:
    change, client = open_change(people.author), sign_in(people.author)
    sent = fields_of(opened(client, change), do="save", **{"rules.1.when.0.value": "lots"})
    answer = client.post(page(change), sent.dict())
    text = answer.content.decode()
    assert 'value="lots"' in text
    base = re.search(r'name="base" value="([^"]*)"', text)
    assert base is not None
    assert json.loads(unescape(base[1]))["key"] == "lookups"
    before = change.digest
    change.refresh_from_db()
    assert (change.digest, change.history.count()) == (before, 1)


def test_a_draft_that_moved_on_meanwhile_is_not_written_over(people: People) -> None:
    change, client = open_change(people.author), sign_in(people.author)
    kept = opened(client, change)
    client.post(page(change), fields_of(kept, do="save", **{"rules.1.reason": "One."}).dict())
    late = fields_of(kept, do="save", **{"rules.1.reason": "Two."})
    text = client.post(page(change), late.dict()).content.decode()
    assert "Two." in text
    change.refresh_from_db()
    assert change.document["rules"][1]["reason"] == "One."


def test_who_may_not_edit_policies_finds_no_such_page(people: People) -> None:
    change = open_change(people.author)
    assert sign_in(people.supervisor).get(page(change)).status_code == 404
    assert sign_in(people.officer).post(page(change), {"do": "save"}).status_code == 404
