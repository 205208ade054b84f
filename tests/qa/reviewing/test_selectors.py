"""Who sees which reviews, what comes next, and how far a period is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from governance.access.models import User
from governance.access.selectors import authority_of
from governance.access.types import Authority, Role
from orchestra.core.actors import ActorKind
from orchestra.core.errors import NotFoundError
from qa.reviewing import selectors
from qa.reviewing.types import ReviewState
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.sampled import draw_units, make_period, make_review, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def held(person: User) -> Authority:
    return authority_of(person.as_actor())


def test_one_sees_ones_own_and_a_lead_all() -> None:
    anna, ben, lead = (
        make_person(roles=[role]) for role in (Role.QA_ANALYST, Role.QA_ANALYST, Role.QA_LEAD)
    )
    review = make_review(make_unit(), reviewer=anna)
    for who in (anna, lead):
        found = selectors.get_review(authority=held(who), review_id=review.public_id)
        assert found == review
    with pytest.raises(NotFoundError):
        selectors.get_review(authority=held(ben), review_id=review.public_id)


def test_a_supervisor_sees_none_of_a_queue_that_is_not_theirs() -> None:
    supervisor = make_person(roles=[Role.SUPERVISOR])
    make_review(make_unit(), reviewer=supervisor)
    assert not selectors.list_reviews(authority=held(supervisor)).exists()


def test_the_earliest_due_comes_next() -> None:
    anna = make_person(roles=[Role.QA_ANALYST])
    late, soon = (
        make_review(
            make_unit(),
            reviewer=anna,
            state=ReviewState.WAITING,
            due_at=NOW + timedelta(days=days),
        )
        for days in (3, 1)
    )
    make_review(make_unit(), reviewer=anna)
    assert selectors.find_next(authority=held(anna)) == soon
    assert selectors.find_next(authority=held(anna), after=soon) == late
    assert list(selectors.list_open(authority=held(anna))) == [soon, late]


def test_progress_counts_what_was_drawn_only() -> None:
    anna = make_person(roles=[Role.QA_ANALYST])
    rows = draw_units(make_period(), {"low": [make_unit() for _ in range(3)]}, {"low": 3})
    make_review(rows[0].unit, drawn=rows[0], reviewer=anna)
    make_review(rows[1].unit, drawn=rows[1], reviewer=anna, state=ReviewState.SKIPPED)
    make_review(rows[2].unit, drawn=rows[2], state=ReviewState.WAITING, due_at=NOW)
    make_review(make_unit(), reviewer=anna)
    (period,) = selectors.progress()
    assert (period.drawn, period.done, period.skipped, period.unassigned) == (3, 1, 1, 1)
    assert period.due_at == NOW


def test_an_agent_is_not_the_person_whose_key_is_the_same() -> None:
    anna = make_person(roles=[Role.QA_ANALYST])
    make_review(make_unit(), reviewer=anna)
    make_review(make_unit(), state=ReviewState.WAITING)
    authority = held(anna)
    assert selectors.list_reviews(authority=authority).count() == 1
    agent = replace(authority, actor=replace(authority.actor, kind=ActorKind.AGENT))
    nobody = replace(authority, actor=replace(authority.actor, pk=None))
    for other in (agent, nobody):
        assert not selectors.list_reviews(authority=other).exists()
        assert not selectors.list_open(authority=other).exists()


def test_who_may_stop_reads_what_asks_for_a_stop_off_an_index() -> None:
    reader = make_person(roles=[Role.COMPLIANCE_OFFICER])
    asks = make_review(make_unit(), stop_asked_at=NOW)
    mine = make_review(make_unit(), reviewer=reader)
    for _more in range(30):
        make_review(make_unit())
    found = selectors.list_reviews(authority=held(reader)).order_by("-pk")
    assert list(found) == [mine, asks]
    where = str(found.query).split(" WHERE ")[1]
    assert "governance_user" not in where
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Only what it knows of the rows tells the partial index apart.
            cursor.execute("ANALYZE qa_review")
            # A table of few rows is cheapest read whole, by itself or by its key.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_indexscan = off")
        assert "review_stop_asked" in found.explain()
