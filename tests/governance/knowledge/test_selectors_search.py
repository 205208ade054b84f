"""What a search finds, in which order, for whom, and that no text breaks it."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from governance.access.types import Authority
from governance.knowledge.rules import MARK_BEGIN
from governance.knowledge.selectors import LAST_OFFSET, search_articles
from governance.knowledge.services import retire_article
from governance.knowledge.types import Audience, Freshness, SearchAnswer, Segment
from orchestra.core.actors import system
from tests.factories.access import person_authority
from tests.factories.articles import NOW, put_in_force

pytestmark = pytest.mark.django_db
#: One to rank and mark, one for what the rows say of their articles.
QUERIES = 2
HOSTILE = [
    '"', "'", "''", "-", "--", "*", "a*", "(", ")", "a OR", "AND", "NOT a", "NEAR(a b)", "a NEAR b",
    "title:a", "{title body}: a", "^a", "a + b", "\\", "%", "%s", "%(wanted)s", ":*", "a & b | !c",
    "<->", "a <2> b", "'); DROP TABLE governance_article; --", "\x00", "a\x00b", "\ud800",
    MARK_BEGIN, "💥", "a" * 5_000, "a " * 5_000, '"a b" -"c d" -e', "-a", '""', '-""',
]  # fmt: skip


def search(authority: Authority, text: str, **given: Any) -> SearchAnswer:
    return search_articles(
        **{"authority": authority, "now": NOW, "text": text, "limit": 20, **given}
    )


def keys(answer: SearchAnswer) -> list[str]:
    return [hit.key for hit in answer.hits]


def test_a_title_comes_before_topics_and_those_before_the_text(person: Authority) -> None:
    body = "We speak of " + "refund " * 12 + "often."
    put_in_force("in_text", title="Money back", topics=[], body=body)
    put_in_force("in_title", title="Refund rules", topics=[], body="How it is done.")
    put_in_force("in_topics", title="Paying back", topics=["refund"], body="How it is done.")
    put_in_force("nowhere", title="Deliveries", topics=[], body="When they come.")
    assert keys(search(person, "refund")) == ["in_title", "in_topics", "in_text"]


def test_words_are_found_by_their_stem_and_marked(person: Authority) -> None:
    put_in_force(title="Returning goods", body="A customer **returned** a lamp within a week.")
    (hit,) = search(person, "returns").hits
    assert hit.title == (Segment("Returning", marked=True), Segment(" goods"))
    assert hit.plain_title == "Returning goods"
    # PostgreSQL leaves out small words at the ends of an excerpt.
    assert [part.text for part in hit.excerpt if part.marked] == ["returned"]
    assert "".join(part.text for part in hit.excerpt) in "A customer returned a lamp within a week."
    assert hit.rank > 0


def test_all_words_first_then_some(person: Authority) -> None:
    put_in_force("both", body="A lamp and a chair.")
    put_in_force("lamp", body="A lamp alone.")
    found = search(person, "lamp chair")
    assert (keys(found), found.has_all_words) == (["both"], True)
    found = search(person, "a lamp that flies in the moonlight, and a chair")
    assert (keys(found), found.has_all_words) == (["both", "lamp"], False)


def test_phrases_and_words_left_out(person: Authority) -> None:
    put_in_force("card", body="A gift card is money.")
    put_in_force("apart", body="A card that came with a gift.")
    assert keys(search(person, '"gift card"')) == ["card"]
    assert keys(search(person, "gift -money")) == ["apart"]
    assert keys(search(person, "gift moonlight -money")) == ["apart"]
    assert keys(search(person, "-money")) == []


def test_an_agent_finds_what_is_for_ai_and_fresh(ai: Authority, person: Authority) -> None:
    put_in_force("for_ai", audience=["ai"])
    put_in_force("for_people", audience=["human", "customer"])
    put_in_force("today", review_by="2026-11-20")
    put_in_force("yesterday", review_by="2026-11-19")
    assert set(keys(search(ai, "goods"))) == {"for_ai", "today"}
    found = search(person, "goods")
    assert set(keys(found)) == {"for_ai", "for_people", "today", "yesterday"}
    assert keys(found)[-1] == "yesterday"
    by_key = {hit.key: hit for hit in found.hits}
    assert by_key["yesterday"].freshness is Freshness.STALE
    assert by_key["today"].freshness is Freshness.DUE
    assert by_key["for_people"].audience == {Audience.HUMAN, Audience.CUSTOMER}
    assert keys(search(person, "goods", freshness=Freshness.STALE)) == ["yesterday"]
    assert keys(search(person, "goods", freshness=Freshness.DUE)) == ["today"]
    assert keys(search(ai, "goods", freshness=Freshness.STALE)) == []
    assert search(person_authority(), "goods").hits == ()


def test_only_what_is_in_force_is_found(person: Authority) -> None:
    put_in_force(body="The old word is marmalade.")
    put_in_force(body="The new word is honey.", now=NOW + timedelta(days=1))
    put_in_force("other", body="Also honey.")
    assert keys(search(person, "marmalade")) == []
    retire_article(actor=system("test"), now=NOW, key="other")
    (hit,) = search(person, "honey").hits
    assert (hit.key, hit.number) == ("returns", 2)


def test_pages_follow_each_other(person: Authority) -> None:
    for number in range(7):
        put_in_force(f"a{number}", body="honey, " * number + "honey")
    first = search(person, "honey", limit=3)
    second = search(person, "honey", limit=3, offset=3)
    last = search(person, "honey", limit=3, offset=6)
    assert [one.has_more for one in (first, second, last)] == [True, True, False]
    pages = [*keys(first), *keys(second), *keys(last)]
    assert len(set(pages)) == 7
    assert pages == keys(search(person, "honey", limit=7))
    assert search(person, "honey", offset=LAST_OFFSET + 1).hits == ()
    # Behind the last page of an answer is nothing, not another answer.
    assert search(person, "honey goods", limit=3, offset=9).hits == ()


def test_a_search_takes_two_queries(
    person: Authority, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        put_in_force(f"a{number}")
    with django_assert_num_queries(QUERIES):
        assert len(search(person, "goods").hits) == 5


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_a_search(person: Authority, text: str) -> None:
    put_in_force(body="a b c d e, and honey")
    assert isinstance(search(person, text), SearchAnswer)
    assert isinstance(search(person, f"honey {text}"), SearchAnswer)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.lists(st.sampled_from([*HOSTILE, " ", "honey"])).map("".join))
def test_no_mixture_breaks_a_search(person: Authority, text: str) -> None:
    assert isinstance(search(person, text), SearchAnswer)
