"""Nothing is shown before everybody is in, and then the same to everybody."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access.types import Role
from orchestra.core import clock
from qa.calibration.models import CalibrationSession
from qa.calibration.selectors import (
    is_shown,
    list_progress,
    read_answers,
    read_results,
    read_series,
    reviews_of,
)
from qa.calibration.types import SessionState
from tests.factories.access import make_person
from tests.factories.sampled import make_review
from tests.factories.sessions import hand_in, make_session, score_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def test_results_open_with_the_last_score() -> None:
    session = make_session(count=2)
    rows = list(reviews_of(session))
    for row in rows[:-1]:
        hand_in(row, {})
    assert not is_shown(session, list_progress(session))
    hand_in(rows[-1], {})
    assert is_shown(session, list_progress(session))
    assert {(one.done, one.total) for one in list_progress(session)} == {(2, 2)}


def test_only_answers_of_the_session_count_and_not_applicable_is_missing() -> None:
    session = make_session(count=10)
    question = session.scorecard.document["sections"][0]["questions"][0]["key"]
    score_all(session, dict.fromkeys(range(3), ["yes"] * 9 + ["n/a"]), question)
    make_review(
        session.units.all()[0], reviewer=make_person(), at=clock.now(),
        answers={question: {"value": "no"}},
    )  # fmt: skip
    found = read_results(session)
    assert (len(found.people), len(found.units)) == (3, 10)
    first = next(one for one in found.questions if one.key == question)
    assert (first.units, first.pairable, first.prevalence) == (9, 27, 1)


def test_a_series_holds_closed_sessions_oldest_first_in_a_fixed_number_of_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    assert read_series() == []
    people = [make_person(roles=[Role.QA_ANALYST]) for _ in range(2)]
    made = []
    for weeks in (2, 1):
        at = clock.now() - timedelta(weeks=weeks)
        session = make_session(people=people, count=2, now=at)
        key = session.scorecard.document["sections"][0]["questions"][0]["key"]
        score_all(session, {0: ["yes", "no"], 1: ["yes", "yes"]}, key)
        CalibrationSession.objects.filter(pk=session.pk).update(
            state=SessionState.CLOSED, closed_at=at
        )
        made.append(session)
    make_session(people=people, count=2)
    with django_assert_num_queries(6):
        found = read_series()
    assert [one.session.pk for one in found] == [one.pk for one in made]
    for one, session in zip(found, made, strict=True):
        assert (one.people, one.units, one.asked) == read_answers(session)
