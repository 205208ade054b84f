"""Versions, lists and uses, as far as a reader is given them."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access.types import Authority, Role
from governance.knowledge.models import ArticleInForce
from governance.knowledge.selectors import (
    as_hit,
    count_freshness,
    get_version,
    list_articles,
    list_citable,
    list_versions,
    reading_uses,
)
from governance.knowledge.services import open_article, record_use, retire_article
from governance.knowledge.types import Freshness, Segment, UseDraft, UseWay
from orchestra.core.actors import system
from orchestra.core.errors import NotFoundError
from orchestra.core.together import answer
from tests.factories.access import person_authority
from tests.factories.articles import NOW, put_in_force
from tests.governance.knowledge.conftest import CASE, HIDDEN

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def keys(authority: Authority, freshness: Freshness | None = None) -> list[str]:
    rows = list_articles(authority=authority, now=NOW, freshness=freshness)
    return [row.article.key for row in rows]


def test_lists_hold_what_a_reader_is_given(ai: Authority, person: Authority) -> None:
    put_in_force("b_fresh", title="B")
    put_in_force("c_due", title="C", review_by="2026-12-20")
    put_in_force("d_stale", title="D", review_by="2026-11-19")
    put_in_force("a_people", title="A", audience=["human"])
    assert keys(person) == ["a_people", "b_fresh", "c_due", "d_stale"]
    assert keys(person, Freshness.FRESH) == ["a_people", "b_fresh"]
    assert keys(person, Freshness.DUE) == ["c_due"]
    assert keys(person, Freshness.STALE) == ["d_stale"]
    assert keys(ai) == ["b_fresh", "c_due"]
    assert keys(ai, Freshness.STALE) == []
    assert keys(person_authority()) == []
    assert count_freshness(authority=person, now=NOW) == {
        Freshness.FRESH: 2,
        Freshness.DUE: 1,
        Freshness.STALE: 1,
    }


def test_a_list_shows_the_beginning() -> None:
    version = put_in_force(topics=["return_items", "refund of money"])
    row = ArticleInForce.objects.select_related("article", "version").get()
    hit = as_hit(row, now=NOW)
    assert hit.title == (Segment("Taking goods back"),)
    assert hit.excerpt[0].text.startswith("Goods come back within thirty days of delivery. · What")
    assert hit.topics == ("return_items", "refund of money")
    assert (hit.version_id, hit.digest) == (str(version.public_id), version.digest)


def test_people_read_every_version_and_agents_the_one_in_force(
    ai: Authority, person: Authority
) -> None:
    put_in_force()
    put_in_force(title="Returns", now=LATER)
    asked = {"now": LATER, "key": "returns"}
    assert get_version(authority=ai, **asked).number == 2
    assert get_version(authority=person, **asked).number == 2
    assert get_version(authority=person, **asked, number=1).number == 1
    assert [one.number for one in list_versions(key="returns")] == [2, 1]
    for authority, number in ((ai, 1), (person, 3), (person_authority(), None)):
        with pytest.raises(NotFoundError):
            get_version(authority=authority, **asked, number=number)
    retire_article(actor=system("test"), now=LATER, key="returns")
    with pytest.raises(NotFoundError):
        get_version(authority=person, **asked)
    assert get_version(authority=person, **asked, number=2).number == 2


@pytest.mark.parametrize("changes", [{"audience": ["human"]}, {"review_by": "2026-11-19"}])
def test_what_is_withheld_from_ai_is_not_there(
    ai: Authority, person: Authority, changes: dict[str, object]
) -> None:
    put_in_force(**changes)
    with pytest.raises(NotFoundError):
        get_version(authority=ai, now=NOW, key="returns")
    assert get_version(authority=person, now=NOW, key="returns").number == 1


def test_what_was_read_for_a_case_may_be_cited_there_later(ai: Authority) -> None:
    first = put_in_force()
    open_article(authority=ai, now=NOW, key="returns", subject=("case", CASE))
    second = put_in_force(title="Returns", now=LATER)
    people = put_in_force("people", audience=["human"])
    ids = [str(one.public_id) for one in (first, second, people)]
    asked = {"authority": ai, "now": LATER, "version_ids": [*ids, CASE]}
    assert list_citable(**asked, stream=f"case:{CASE}") == [first, second]
    assert list_citable(**asked, stream="case:other") == [second]


def test_uses_are_shown_to_those_who_may_see_what_for(
    person: Authority, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    version = put_in_force()
    for way, kind, subject in (
        (UseWay.OPENED, "case", CASE),
        (UseWay.CITED, "case", HIDDEN),
        (UseWay.NOTED, "finding", CASE),
    ):
        draft = UseDraft(way, kind, subject, f"case:{subject}")
        record_use(actor=person.actor, now=NOW, version=version, use=draft)
    with django_assert_num_queries(1):
        (shown,) = answer(reading_uses(authority=person, key="returns"))[0]
    assert (shown["use"].way, shown["subject"].label) == (UseWay.OPENED, "C-1")
    supervisor = person_authority(Role.SUPERVISOR)
    seen, _subject = answer(reading_uses(authority=supervisor, key="returns"))
    labels = [one["subject"].label for one in seen]
    assert labels == ["C-2", "C-1"]
