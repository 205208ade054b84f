"""Who sees which reviews, what comes next, and how far a period is."""

from datetime import timedelta

import pytest

from governance.access.models import User
from governance.access.selectors import authority_of
from governance.access.types import Authority, Role
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
