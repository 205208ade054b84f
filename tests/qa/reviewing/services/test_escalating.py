"""After a failed critical question a stop is asked for, and who may stop is told."""

import pytest

from governance.access.models import User
from governance.access.selectors import authority_of
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.notifications.types import Happened
from orchestra.core.errors import ConflictError, InvalidInputError, NotFoundError
from qa.reviewing import entries, selectors
from qa.reviewing.models import Review
from qa.reviewing.services import ask_stop
from qa.reviewing.telling import tell_of_stop
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.sampled import make_review, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


@pytest.fixture
def analyst() -> User:
    return make_person(roles=[Role.QA_ANALYST])


@pytest.fixture
def review(analyst: User) -> Review:
    return make_review(
        make_unit(), reviewer=analyst, passed=False, percent="0", failed=["told_what_happened"]
    )


def ask(person: User, review: Review, reason: str = "It will tell others so too.") -> Review:
    return ask_stop(actor=person.as_actor(), now=NOW, review_id=review.public_id, reason=reason)


def test_it_is_asked_once_with_a_reason(analyst: User, review: Review) -> None:
    with pytest.raises(InvalidInputError):
        ask(analyst, review, " ")
    asked = ask(analyst, review)
    assert (asked.stop_asked_at, asked.stop_asked_why) == (NOW, "It will tell others so too.")
    with pytest.raises(ConflictError):
        ask(analyst, review)
    assert LedgerEntry.objects.filter(kind=entries.STOP_ASKED).count() == 1


def test_nothing_critical_and_nobody_elses(analyst: User, review: Review) -> None:
    fine = make_review(make_unit(), reviewer=analyst)
    with pytest.raises(ConflictError):
        ask(analyst, fine)
    with pytest.raises(NotFoundError):
        ask(make_person(roles=[Role.QA_ANALYST]), review)
    assert not Review.objects.filter(stop_asked_at__isnull=False).exists()


def test_who_may_stop_is_told_and_may_read_the_review(analyst: User, review: Review) -> None:
    officer = make_person(roles=[Role.COMPLIANCE_OFFICER])
    authority = authority_of(officer.as_actor())
    assert not selectors.list_reviews(authority=authority).exists()
    ask(analyst, review)
    happened = Happened(
        index=1,
        event_id="e",
        kind=entries.STOP_ASKED,
        at=NOW,
        actor_id=str(analyst.public_id),
        stream="",
        subject_kind="quality_review",
        subject_id=str(review.public_id),
    )
    telling = tell_of_stop(happened, NOW)
    assert telling is not None
    assert [one.person_id for one in telling.people] == [str(officer.public_id)]
    assert (telling.page, telling.page_id) == ("quality_review", str(review.public_id))
    assert selectors.list_reviews(authority=authority).get() == review
