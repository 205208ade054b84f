"""A policy's change as a table: saved when nothing is wrong, kept on the page when something is."""

import json
import re
from html import unescape

import pytest
from django.test import Client

from governance.access.models import User
from governance.policies import registry
from governance.policies.yaml_text import from_yaml
from governance.reviews.models import ChangeRequest
from tests.factories.forms import fields_of
from tests.factories.reviews import (
    People,
    know_tools,
    make_people,
    make_text,
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


def test_what_is_wrong_is_saved_as_it_was_typed_and_not_submitted(people: People) -> None:
    change, client = open_change(people.author), sign_in(people.author)
    sent = fields_of(opened(client, change), do="save", **{"rules.1.when.0.value": "lots"})
    answer = client.post(page(change), sent.dict(), follow=True)
    text = answer.content.decode()
    assert 'value="lots"' in text
    assert "1 finding blocks submitting" in text
    assert re.search(r"data-submit[^>]*disabled", text)
    change.refresh_from_db()
    assert change.document["rules"][1]["when"] == [{"fact": "confidence", "below": "lots"}]
    again = fields_of(text, do="submit")
    refused = client.post(page(change), again.dict(), follow=True).content.decode()
    assert "Saved, and not submitted: mend what is found first." in refused
    change.refresh_from_db()
    assert change.state == "draft"


def test_a_page_that_lost_its_document_stores_nothing(people: People) -> None:
    change, client = open_change(people.author), sign_in(people.author)
    sent = fields_of(opened(client, change), do="save", base="[broken")
    text = client.post(page(change), sent.dict()).content.decode()
    assert "What the page held could not be read; load it again." in text
    before = change.digest
    change.refresh_from_db()
    assert (change.digest, change.history.count()) == (before, 1)


def test_a_finished_draft_is_submitted_from_the_table(people: People) -> None:
    change, client = open_change(people.author), sign_in(people.author)
    sent = fields_of(opened(client, change), do="submit", **{"rules.1.when.0.value": "0.8"})
    answer = client.post(page(change), sent.dict())
    assert answer["Location"] == f"/admin/change-requests/{change.public_id}/"
    change.refresh_from_db()
    assert change.document["rules"][1]["when"] == [{"fact": "confidence", "below": 0.8}]
    assert change.state == "submitted"


def test_a_row_of_the_version_in_force_is_taken_away_and_put_back(people: People) -> None:
    change, client = open_change(people.author), sign_in(people.author)
    first = client.get(page(change)).content.decode()
    gone = client.post(page(change), fields_of(first, do="remove:rules.0").dict()).content.decode()
    assert 'value="back:rules.0"' in gone
    assert "What you changed since is not saved yet." in gone
    back = client.post(page(change), fields_of(gone, do="back:rules.0").dict()).content.decode()
    base = re.search(r'name="base" value="([^"]*)"', back)
    assert base is not None
    assert json.loads(unescape(base[1])) == change.document


def test_a_draft_that_moved_on_meanwhile_is_not_written_over(people: People) -> None:
    change, client = open_change(people.author), sign_in(people.author)
    kept = opened(client, change)
    client.post(page(change), fields_of(kept, do="save", **{"rules.1.reason": "One."}).dict())
    late = fields_of(kept, do="save", **{"rules.1.reason": "Two."})
    answer = client.post(page(change), late.dict())
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Two." in text
    said = rf"{change.editor_label} saved at \d\d:\d\d\. Your text is kept here; compare before"
    assert re.search(said, text)
    conflict = text.partition('id="conflict"')[2].partition("</ul>")[0]
    assert "Reason: <ins>Two</ins>." in conflict
    change.refresh_from_db()
    assert change.document["rules"][1]["reason"] == "One."
    client.post(page(change), fields_of(text, do="save").dict())
    change.refresh_from_db()
    assert change.document["rules"][1]["reason"] == "Two."


def test_who_may_not_edit_reads_sentences_instead(people: People) -> None:
    change = open_change(people.author)
    client = sign_in(people.officer)
    text = client.get(page(change)).content.decode()
    assert "You may read this draft and not edit it" in text
    assert "When confidence is less than 0.7, wait until the customer is verified." in text
    assert "data-table-form" not in text
    assert client.post(page(change), {"do": "save"}).status_code == 404
    assert client.post(f"{page(change)}reading/", {"base": "{}"}).status_code == 404
    before = change.digest
    change.refresh_from_db()
    assert change.digest == before


def test_the_reading_is_against_the_version_the_change_stands_on(people: People) -> None:
    change, client = open_change(people.author), sign_in(people.author)
    sent = fields_of(opened(client, change), **{"rules.1.when.0.value": "0.8"})
    answer = client.post(f"{page(change)}reading/", sent.dict()).json()
    assert answer["blocking"] == 0
    reading = answer["rows"]["rules.1"]["reading"]
    assert "<ins>When confidence is less than 0.8" in reading


def test_a_draft_goes_out_as_yaml_and_comes_back(people: People) -> None:
    change, client = open_change(people.author), sign_in(people.author)
    address = f"{page(change)}yaml/"
    stored = client.get(address)
    assert from_yaml(stored.content.decode()) == (change.document, [])
    assert stored["Content-Disposition"].endswith(f'lookups.{change.label}.yaml"')
    sent = fields_of(opened(client, change), do="export", **{"rules.1.reason": "Ask sooner."})
    scratch = client.post(address, sent.dict()).content.decode()
    assert "reason: Ask sooner." in scratch
    first = client.get(page(change)).content.decode()
    back = fields_of(first, do="import", yaml=scratch)
    assert "Ask sooner." in client.post(page(change), back.dict()).content.decode()
    wrong = fields_of(first, do="import", yaml=scratch + "title: Again\n")
    refused = client.post(page(change), wrong.dict()).content.decode()
    assert re.search(r"line \d+, column 1: title: the key &#x27;title&#x27; stands twice", refused)
    assert sign_in(people.officer).get(address).status_code == 200
    assert sign_in(people.officer).post(address, {"base": "{}"}).status_code == 404
    before = change.digest
    change.refresh_from_db()
    assert change.digest == before


def test_a_draft_without_rows_is_saved_and_not_handed_in(people: People) -> None:
    change, client = open_change(people.author, make_text(rules=[])), sign_in(people.author)
    kept = opened(client, change)
    client.post(page(change), fields_of(kept, do="save", title="Nothing yet").dict())
    change.refresh_from_db()
    assert (change.document["title"], change.document["rules"]) == ("Nothing yet", [])
    asked = fields_of(opened(client, change), do="submit").dict()
    answer = client.post(page(change), asked, follow=True)
    text = answer.content.decode()
    assert "The table has no row. Add one: without a row there is nothing to judge." in text
    change.refresh_from_db()
    assert change.state == "draft"
