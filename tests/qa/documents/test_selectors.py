from datetime import datetime
from types import SimpleNamespace

import pytest
from pytest_django import DjangoAssertNumQueries

from qa.documents.selectors import (
    choose_version,
    list_documents,
    list_in_force,
    versions_in_force,
)
from qa.scorecards.selectors import SHELF
from qa.scorecards.services import publish_scorecard, retire_scorecard
from tests.factories.access import FACTORY
from tests.factories.quality import card


@pytest.mark.django_db
def test_documents_are_listed_by_title_with_their_versions(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for key, title in (("b", "Beta"), ("a", "Alpha"), ("c", "Gamma"), ("a", "Aleph")):
        publish_scorecard(actor=FACTORY, now=now, document=card(key=key, title=title))
    retire_scorecard(actor=FACTORY, now=now, key="c")
    with django_assert_num_queries(2):
        found = [
            (row.title, [one.number for one in row.versions.all()])
            for row in list_documents(shelf=SHELF)
        ]
    assert found == [("Aleph", [2, 1]), ("Beta", [1]), ("Gamma", [1])]
    assert list_in_force(shelf=SHELF) == {"a", "b"}
    with django_assert_num_queries(1):
        versions = [(one.scorecard.key, one.number) for one in versions_in_force(shelf=SHELF)]
    assert versions == [("a", 2), ("b", 1)]


@pytest.mark.parametrize(
    ("number", "chosen"), [("", 2), ("1", 1), ("3", 3), ("9", None), ("x", 2), ("²", 2)]
)
def test_a_page_shows_the_version_in_force_unless_it_asks(number: str, chosen: int | None) -> None:
    versions = [
        SimpleNamespace(number=3, state="draft"),
        SimpleNamespace(number=2, state="published"),
        SimpleNamespace(number=1, state="retired"),
    ]
    found = choose_version(versions, number)
    assert (found.number if found else None) == chosen
    assert choose_version([], number) is None
    assert choose_version(versions[2:]) is versions[2]
