"""Sessions begin fairly, are blind, and close with what they show on record."""

from datetime import timedelta

import pytest

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from orchestra.core.together import answer
from qa.calibration.models import CalibrationSession
from qa.calibration.selectors import reviews_of
from qa.calibration.services import close_session, open_session
from qa.calibration.types import SessionState
from qa.figures.drifting import reading_calibration_alerts
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewKind, ReviewState
from tests.factories.access import make_person
from tests.factories.sampled import make_unit
from tests.factories.sessions import make_session, score_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def kinds() -> list[str]:
    rows = LedgerEntry.objects.filter(kind__startswith="calibration.").order_by("pk")
    return list(rows.values_list("kind", flat=True))


def test_everybody_gets_the_same_units_blind_and_apart_from_any_draw() -> None:
    session = make_session(count=4)
    rows = reviews_of(session)
    assert rows.count() == 12
    assert set(rows.values_list("kind", "blind", "drawn", "state")) == {
        (ReviewKind.CALIBRATION, True, None, ReviewState.WAITING)
    }
    assert kinds() == ["calibration.opened"]


def test_units_are_drawn_by_a_seed_and_never_twice_nor_own_work() -> None:
    person = make_person(roles=[Role.QA_ANALYST])
    other = make_person(roles=[Role.QA_ANALYST])
    own = make_unit(
        started_at=clock.now() - timedelta(days=1), workers=[f"human:{person.public_id}"]
    )
    first = make_session(people=[person, other], count=3)
    second = make_session(people=[person, other], count=3)
    taken = [set(one.units.values_list("pk", flat=True)) for one in (first, second)]
    assert not taken[0] & taken[1]
    assert own.pk not in taken[0] | taken[1]


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("scorecard", {"scorecard": "nothing"}),
        ("people", {"people": []}),
        ("people", {"people": ["0" * 8]}),
        ("count", {"count": 1}),
        ("count", {"count": 61}),
        ("due_at", {"due_at": clock.now() - timedelta(days=1)}),
    ],
)
def test_what_is_wrong_is_named_and_nothing_begins(field: str, fields: dict[str, object]) -> None:
    lead = make_person(roles=[Role.QA_LEAD])
    asked = {
        "scorecard": "conversations",
        "people": [str(lead.public_id), str(make_person(roles=[Role.QA_ANALYST]).public_id)],
        "count": 2,
        "due_at": clock.now() + timedelta(days=1),
    }
    with pytest.raises(InvalidInputError) as caught:
        open_session(actor=lead.as_actor(), now=clock.now(), **{**asked, **fields})  # type: ignore[arg-type]
    assert field in [one.field for one in caught.value.errors]
    assert not CalibrationSession.objects.exists()
    assert not Review.objects.exists()
    assert kinds() == []


def test_too_little_work_begins_nothing() -> None:
    with pytest.raises(InvalidInputError):
        make_session(count=1)
    assert not Review.objects.exists()


def test_only_a_lead_begins_and_closes() -> None:
    session = make_session(count=2)
    analyst = make_person(roles=[Role.QA_ANALYST])
    with pytest.raises(NotPermittedError):
        close_session(actor=analyst.as_actor(), now=clock.now(), session=session)
    with pytest.raises(NotPermittedError):
        make_session(lead=analyst, count=2)
    session.refresh_from_db()
    assert session.state == SessionState.OPEN


def test_closing_puts_open_scores_aside_and_names_whoever_drifts() -> None:
    session = make_session(count=12)
    lead = make_person(roles=[Role.QA_LEAD])
    question = session.scorecard.document["sections"][0]["questions"][0]["key"]
    mixed = ["no"] * 9 + ["yes"] * 3
    score_all(session, {0: mixed, 1: ["yes"] * 12}, question)
    score_all(session, {2: ["yes"] * 12}, question)
    reviews_of(session).filter(unit=session.units.first()).update(
        state=ReviewState.WAITING, submitted_at=None
    )
    close_session(actor=lead.as_actor(), now=clock.now(), session=session)
    assert kinds() == ["calibration.opened", "calibration.closed", "calibration.drifted"]
    assert set(reviews_of(session).values_list("state", flat=True)) == {
        ReviewState.SUBMITTED, ReviewState.SKIPPED,
    }  # fmt: skip
    (alert,) = answer(reading_calibration_alerts())
    assert "lower than the others" in alert.title
    assert str(session.public_id) in alert.link
    with pytest.raises(ConflictError):
        close_session(actor=lead.as_actor(), now=clock.now(), session=session)
