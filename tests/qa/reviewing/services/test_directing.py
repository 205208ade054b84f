"""Reviews that somebody asks for, and reviews given by hand."""

import pytest

from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from qa.population.models import SamplingUnit
from qa.population.types import Unit
from qa.reviewing.models import Review
from qa.reviewing.services import ask_review, give_review
from qa.reviewing.types import ReviewState
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.sampled import make_review, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


@pytest.fixture
def lead() -> User:
    return make_person(roles=[Role.QA_LEAD])


@pytest.fixture
def analyst() -> User:
    return make_person(roles=[Role.QA_ANALYST])


def ask(person: User, unit: SamplingUnit, reason: str = "A complaint.") -> Review:
    return ask_review(actor=person.as_actor(), now=NOW, unit_id=unit.public_id, reason=reason)


def give(lead: User, review: Review, person: User) -> Review:
    return give_review(
        actor=lead.as_actor(),
        now=NOW,
        review_id=review.public_id,
        person_id=person.public_id,
    )


def test_it_is_given_to_another_person_and_stands_outside_of_the_draw(
    lead: User, analyst: User
) -> None:
    review = ask(lead, make_unit())
    assert (review.drawn, review.reviewer, review.blind) == (None, analyst, False)
    assert (review.asked_by, review.asked_why) == (lead, "A complaint.")
    assert LedgerEntry.objects.filter(kind="quality_review.asked").count() == 1


def test_a_handoff_is_judged_by_the_scorecard_of_handoffs(lead: User, analyst: User) -> None:
    del analyst
    assert ask(lead, make_unit(kind=Unit.HANDOFF)).scorecard.scorecard.key == "handoffs"


@pytest.mark.usefixtures("analyst")
def test_what_waits_is_not_asked_for_again(lead: User) -> None:
    unit = make_unit()
    ask(lead, unit)
    with pytest.raises(ConflictError):
        ask(lead, unit)
    assert Review.objects.count() == 1


@pytest.mark.usefixtures("analyst")
def test_a_reason_is_needed_and_a_role(lead: User) -> None:
    unit = make_unit()
    with pytest.raises(InvalidInputError):
        ask(lead, unit, " ")
    with pytest.raises(NotPermittedError):
        ask(make_person(roles=[Role.HUMAN_AGENT]), unit)
    with pytest.raises(NotFoundError):
        ask(make_person(roles=[Role.SUPERVISOR]), unit)
    assert not Review.objects.exists()


def test_nobody_else_there_leaves_it_unassigned_until_a_lead_gives_it(
    lead: User,
) -> None:
    review = ask(lead, make_unit())
    assert (review.reviewer, review.unassigned_for) == (None, "all_had_a_hand")
    late = make_person(roles=[Role.QA_ANALYST])
    given = give(lead, review, late)
    assert (given.reviewer, given.unassigned_for) == (late, "")


def test_it_is_given_neither_to_who_worked_it_nor_to_who_may_not(lead: User, analyst: User) -> None:
    unit = make_unit(workers=[f"human:{analyst.public_id}"])
    review = make_review(unit, state=ReviewState.WAITING, taken_at=None)
    with pytest.raises(NotPermittedError, match="had a hand"):
        give(lead, review, analyst)
    with pytest.raises(NotPermittedError, match="may not"):
        give(lead, review, make_person(roles=[Role.HUMAN_AGENT]))
    with pytest.raises(NotPermittedError):
        give(analyst, review, lead)
    review.refresh_from_db()
    assert review.reviewer is None


def test_what_somebody_began_stays_with_them(lead: User, analyst: User) -> None:
    review = make_review(make_unit(), state=ReviewState.TAKEN, reviewer=lead)
    with pytest.raises(ConflictError):
        give(lead, review, analyst)
