"""A policy is read with what stands beside it in one statement, and its page in few."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from governance.access.selectors import authority_of_person
from governance.admin.policy_reading import read_policy
from governance.admin.visit import Visit
from governance.policies import registry
from governance.policies.models import Policy
from governance.reviews.models import ChangeRequest
from tests.factories.reviews import (
    KEY,
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
from tests.governance.admin.test_changes import sign_in
from tests.governance.admin.test_policy_version import PAGE, second_version

PAGE_QUERIES = 9


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch, db: None) -> People:
    del db
    monkeypatch.setattr(registry.tool_names, "_items", {})
    monkeypatch.setattr(registry.tool_risks, "_items", {})
    know_tools()
    put_in_force()
    return make_people()


def test_a_policy_and_what_stands_beside_it_are_read_in_one_statement(people: People) -> None:
    second_version(people)
    again = submit_change(people.author, make_text("other"))
    visit = Visit(authority=authority_of_person(people.officer), now=NOW)
    with CaptureQueriesContext(connection) as asked:
        read = read_policy(KEY, visit)
        numbers = [version.number for version in read.versions]
        titles = dict(read.titles)
    assert (len(asked), numbers) == (1, [2, 1])
    assert list(read.found) == [Policy.objects.get(key=KEY)]
    assert {version.policy for version in read.versions} == set(read.found)
    assert titles == {2: ChangeRequest.objects.get(published_number=2).title}
    assert (list(read.changes), list(read.rehearsals)) == ([again], [])
    assert list(read_policy("nothing", visit).found) == []


@pytest.mark.parametrize("more", [0, 2])
def test_the_page_takes_a_fixed_number_of_statements(
    people: People, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    second_version(people)
    for number in range(more):
        rows = [{**make_text()["rules"][0], "reason": f"Reason {number}."}]
        change = submit_change(people.author, make_text("unsure", rules=rows))
        publish(approve(change, people.officer), people.officer)
    client = sign_in(people.officer)
    client.get(PAGE)
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(PAGE)
