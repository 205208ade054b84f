"""What a reviewer wrote of a customer is told and erased with their case; the score stands."""

import pytest

from governance.privacy.types import Subject, SubjectCase, SubjectKind
from qa.reviewing.holders import HOLDERS
from tests.conftest import NOW
from tests.factories.sampled import make_review, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def test_words_are_told_and_erased_and_the_score_stays() -> None:
    words = {"tone": {"value": "1", "quotes": [], "comment": "Rude to Mia."}}
    review = make_review(make_unit(), answers=words, comment="Mia waited.", asked_why="Mia wrote.")
    other = make_review(make_unit(), comment="Somebody else's.")
    case = review.unit.case
    subject = Subject(
        kind=SubjectKind.CASE,
        id=str(case.public_id),
        label=case.label,
        cases=(SubjectCase(str(case.public_id), case.label, case.opened_at),),
    )
    holder = HOLDERS[0]
    told = list(holder.collect(subject))
    assert [one.values["comment"] for one in told] == ["Mia waited."]
    assert holder.erase(subject, NOW) == 1
    review.refresh_from_db()
    other.refresh_from_db()
    assert (review.answers, review.comment, review.asked_why, review.percent) == ({}, "", "", "100")
    assert other.comment == "Somebody else's."
    assert holder.count(subject) == 0
