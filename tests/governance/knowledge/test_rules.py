"""Who may lean on an article, until when, and how marks become segments."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.knowledge import rules
from governance.knowledge.types import Audience, Freshness, Segment, UseWay
from governance.reviews.types import RiskLevel
from orchestra.core.actors import Actor, ActorKind

TODAY = date(2026, 11, 20)
AGENT = Actor(kind=ActorKind.AGENT, id="a", label="Bot")
PERSON = Actor(kind=ActorKind.HUMAN, id="p", label="Ada")
ALL = frozenset(Audience)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-400, Freshness.STALE),
        (-1, Freshness.STALE),
        (0, Freshness.DUE),
        (30, Freshness.DUE),
        (31, Freshness.FRESH),
        (4000, Freshness.FRESH),
    ],
)
def test_the_review_date_is_the_last_good_day(days: int, expected: Freshness) -> None:
    review_by = TODAY + timedelta(days=days)
    assert rules.freshness_of(review_by=review_by, today=TODAY) is expected


@pytest.mark.parametrize(
    ("actor", "audience", "days", "expected"),
    [
        (AGENT, {Audience.AI}, 0, True),
        (AGENT, {Audience.AI}, -1, False),
        (AGENT, {Audience.HUMAN, Audience.CUSTOMER}, 100, False),
        (AGENT, ALL, 100, True),
        (PERSON, {Audience.AI}, -100, True),
        (PERSON, {Audience.CUSTOMER}, 100, True),
    ],
)
def test_ai_is_given_less_than_people(
    actor: Actor, audience: set[Audience], days: int, *, expected: bool
) -> None:
    found = rules.may_lean_on(
        actor=actor, audience=audience, review_by=TODAY + timedelta(days=days), today=TODAY
    )
    assert found is expected


@given(st.sets(st.sampled_from(Audience)), st.integers(-100, 100))
def test_what_ai_gets_people_get_too(audience: set[Audience], days: int) -> None:
    asked = {"audience": audience, "review_by": TODAY + timedelta(days=days), "today": TODAY}
    if rules.may_lean_on(actor=AGENT, **asked):
        assert rules.may_lean_on(actor=PERSON, **asked)


def test_risk_is_higher_where_no_person_stands_between() -> None:
    assert rules.risk_of({Audience.HUMAN}) is RiskLevel.LOW
    for audience in (Audience.AI, Audience.CUSTOMER):
        assert rules.risk_of({Audience.HUMAN, audience}) is RiskLevel.MEDIUM


def test_a_reading_is_named_by_who_reads() -> None:
    assert rules.way_of_reading(AGENT) is UseWay.READ_BY_AI
    assert rules.way_of_reading(PERSON) is UseWay.OPENED


def test_marks_become_segments() -> None:
    text = f"take {rules.MARK_BEGIN}goods{rules.MARK_END} back"
    found = (Segment("take "), Segment("goods", marked=True), Segment(" back"))
    assert rules.to_segments(text) == found


@given(st.text(alphabet=st.sampled_from([rules.MARK_BEGIN, rules.MARK_END, "a", " ", "<"])))
def test_segments_hold_every_character_but_the_marks(text: str) -> None:
    segments = rules.to_segments(text)
    assert "".join(part.text for part in segments) == rules.without_marks(text)
    assert all(part.text for part in segments)


def test_a_beginning_ends_between_words() -> None:
    assert rules.beginning("  one\n\n two  three ") == "one · two three"
    assert rules.beginning("one two three", most=9) == "one two …"
