"""Calibration sessions with scores."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from governance.access.models import User
from governance.access.types import Role
from orchestra.core import clock
from qa.calibration.models import CalibrationSession
from qa.calibration.selectors import reviews_of
from qa.calibration.services import open_session
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewState
from tests.factories.access import make_person
from tests.factories.sampled import make_unit


def make_session(
    *,
    lead: User | None = None,
    people: Sequence[User] = (),
    count: int = 10,
    now: datetime | None = None,
) -> CalibrationSession:
    """A session that just began, of three analysts unless told otherwise."""
    at = now or clock.now()
    for _ in range(count):
        make_unit(started_at=at - timedelta(days=2))
    chosen = people or [make_person(roles=[Role.QA_ANALYST]) for _ in range(3)]
    return open_session(
        actor=(lead or make_person(roles=[Role.QA_LEAD])).as_actor(),
        now=at,
        scorecard="conversations",
        people=[str(one.public_id) for one in chosen],
        count=count,
        due_at=at + timedelta(days=2),
    )


def hand_in(review: Review, answers: Mapping[str, str]) -> None:
    """Submit a review with some answers."""
    review.answers = {key: {"value": value} for key, value in answers.items()}
    review.state, review.submitted_at = ReviewState.SUBMITTED, clock.now()
    review.save()


def score_all(session: CalibrationSession, answers: Mapping[int, Sequence[str]], key: str) -> None:
    """Everybody answers one question.

    Args:
        session: An open one.
        answers: Place of a person, by username, to their answers, one a unit in order.
        key: Of the question.
    """
    people = list(session.people.order_by("username"))
    units = list(session.units.order_by("ended_at", "pk"))
    for place, given in answers.items():
        for unit, value in zip(units, given, strict=True):
            hand_in(reviews_of(session).get(reviewer=people[place], unit=unit), {key: value})
