"""The words of both sides go with the customer's data."""

from governance.privacy.types import Subject, SubjectCase, SubjectKind
from qa.disputes.holders import HOLDERS
from qa.disputes.services import raise_dispute
from tests.conftest import NOW
from tests.qa.disputes.conftest import Act, Scene


def test_words_are_told_and_erased(scene: Scene, act: Act) -> None:
    scene.release()
    dispute = act(
        raise_dispute,
        scene.agent,
        review_id=scene.review.public_id,
        question="tone",
        words="Mia was glad.",
    )
    case = scene.review.unit.case
    subject = Subject(
        kind=SubjectKind.CASE,
        id=str(case.public_id),
        label=case.label,
        cases=(SubjectCase(str(case.public_id), case.label, case.opened_at),),
    )
    told = [one.values["words"] for one in HOLDERS[0].collect(subject)]
    assert told == ["Mia was glad."]
    assert HOLDERS[0].erase(subject, NOW) == 1
    dispute.refresh_from_db()
    assert (dispute.words, dispute.question) == ("", "tone")
