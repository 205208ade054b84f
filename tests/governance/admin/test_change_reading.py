"""What stands beside a change is read at once, and is what each list reads alone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.selectors import authority_of_person
from governance.admin.change_reading import read_change
from governance.policies import registry
from governance.policies import selectors as policies
from governance.policies.loading import versions_among, versions_in_force
from governance.reviews import selectors
from governance.reviews.models import ChangeRequest
from tests.factories.reviews import (
    People,
    approve,
    know_tools,
    make_people,
    make_text,
    put_in_force,
)
from tests.governance.admin.test_changes import do, submitted


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch, db: None) -> People:
    del db
    monkeypatch.setattr(registry.tool_names, "_items", {})
    monkeypatch.setattr(registry.tool_risks, "_items", {})
    know_tools()
    put_in_force()
    return make_people()


def read_again(people: People, change: ChangeRequest) -> ChangeRequest:
    authority = authority_of_person(people.author)
    return selectors.get_without_reviews(authority=authority, change_id=change.public_id)


def test_all_beside_a_change_is_read_in_one_statement(people: People) -> None:
    change = submitted(people.author)
    do(people.supervisor, change, "comment", text="Who looks at 03:00?")
    approve(change, people.supervisor)
    alone = selectors.get_change(
        authority=authority_of_person(people.author), change_id=change.public_id
    )
    found = read_again(people, change)
    with CaptureQueriesContext(connection) as asked:
        read = read_change(found)
        given = selectors.reviews_of(found)
        standing = selectors.standing_of(found)
        comments = list(read.comments)
    assert len(asked) == 1
    assert given == selectors.reviews_of(alone)
    assert len(given) == 1
    assert standing == selectors.standing_of(alone)
    assert comments == selectors.list_comments(change=change)
    assert selectors.drafts_among(read.history) == selectors.list_drafts(change=change)
    present = selectors.present_version(change.kind, change.document_key)
    assert selectors.as_present(next(iter(read.present), None), kind=change.kind) == present
    assert read.known() == {present[0]: present[2]}
    assert next(iter(read.rehearsals), None) == policies.find_latest_rehearsal(change=change)
    assert next(iter(read.shadows), None) == policies.find_shadow(change=change)
    assert bool(read.records) is policies.has_records()
    assert versions_among(read.in_force) == versions_in_force()


def test_the_reviews_that_no_longer_count_are_among_all(people: People) -> None:
    change = submitted(people.author, make_text("other"))
    approve(change, people.supervisor)
    change.reviews.update(voided_at=change.created_at)
    found = read_again(people, change)
    read = read_change(found)
    assert selectors.reviews_of(found) == []
    assert list(read.reviews) == selectors.list_void_reviews(change=change)
    assert len(read.reviews) == 1
