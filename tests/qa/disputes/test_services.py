"""Released, taken note of, disputed, decided by somebody else, handed on late, and learnt from."""

from datetime import timedelta

import pytest

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from qa.disputes.models import Coaching, Dispute, Judged
from qa.disputes.services import (
    acknowledge_review,
    decide_dispute,
    finish_coaching,
    give_coaching,
    hand_dispute,
    pass_late,
    raise_dispute,
    release_review,
)
from qa.disputes.types import DisputeState
from qa.reviewing.types import ReviewState
from tests.conftest import NOW
from tests.factories.access import drop_roles, make_person
from tests.factories.cases import last_payload
from tests.qa.disputes.conftest import Act, Scene

WHY = "Nothing forbidden was done."


def raised(scene: Scene, act: Act, question: str = "policy_followed") -> Dispute:
    found: Dispute = act(
        raise_dispute,
        scene.agent,
        review_id=scene.review.public_id,
        question=question,
        words=WHY,
    )
    return found


def test_a_lead_releases_it_to_who_did_the_work_and_to_the_owner(scene: Scene, act: Act) -> None:
    review = scene.release()
    assert (review.state, review.answer_by_at) == (ReviewState.RELEASED, NOW + timedelta(days=5))
    rows = set(Judged.objects.values_list("person__username", "as_owner"))
    assert rows == {("clerk", False), ("owner", True)}
    with pytest.raises(ConflictError):
        scene.release()
    with pytest.raises(NotPermittedError):
        act(release_review, scene.agent, review_id=review.public_id)
    assert LedgerEntry.objects.filter(kind="quality_review.released").count() == 1


def test_it_is_taken_note_of_once_and_by_those_judged_only(scene: Scene, act: Act) -> None:
    review = scene.release()
    for _again in range(2):
        act(acknowledge_review, scene.agent, review_id=review.public_id)
    assert Judged.objects.get(person=scene.agent).acknowledged_at == NOW
    assert LedgerEntry.objects.filter(kind="quality_review.acknowledged").count() == 1
    with pytest.raises(NotFoundError):
        act(acknowledge_review, scene.second, review_id=review.public_id)
    drop_roles(scene.agent)
    with pytest.raises(NotPermittedError):
        act(acknowledge_review, scene.agent, review_id=review.public_id)


def test_a_dispute_goes_to_a_lead_without_a_part_in_it(scene: Scene, act: Act) -> None:
    scene.release()
    dispute = raised(scene, act)
    assert dispute.lead in {scene.lead, scene.second}
    assert (dispute.state, dispute.due_at) == (DisputeState.OPEN, NOW + timedelta(hours=48))
    owners = act(
        raise_dispute, scene.owner, review_id=scene.review.public_id, question="tone", words=WHY
    )
    assert {dispute.lead, owners.lead} == {scene.lead, scene.second}


@pytest.mark.parametrize(
    ("question", "words", "days", "error"),
    [
        ("policy_followed", " ", 0, InvalidInputError),
        ("yes_before_change", WHY, 0, InvalidInputError),
        ("remark", WHY, 0, InvalidInputError),
        ("policy_followed", WHY, 6, ConflictError),
    ],
)
def test_what_cannot_be_disputed_is_refused(
    scene: Scene, act: Act, question: str, words: str, days: int, error: type[Exception]
) -> None:
    scene.release()
    with pytest.raises(error):
        act(
            raise_dispute,
            scene.agent,
            review_id=scene.review.public_id,
            question=question,
            words=words,
            now=NOW + timedelta(days=days),
        )
    assert not Dispute.objects.exists()


def test_a_question_is_disputed_once_and_only_after_the_release(scene: Scene, act: Act) -> None:
    with pytest.raises(NotFoundError):
        raised(scene, act)
    scene.release()
    raised(scene, act)
    with pytest.raises(ConflictError):
        raised(scene, act)
    assert Dispute.objects.count() == 1


def test_it_is_decided_once_and_the_first_score_stays(scene: Scene, act: Act) -> None:
    scene.release()
    dispute = raised(scene, act)
    decision = {"dispute_id": dispute.public_id, "value": "yes", "reason": "It was an offer."}
    done = act(decide_dispute, scene.second, **decision)
    assert (done.state, done.value, done.decided_by) == (
        DisputeState.CHANGED,
        "yes",
        scene.second,
    )
    scene.review.refresh_from_db()
    assert scene.review.answers["policy_followed"]["value"] == "no"
    assert (scene.review.percent, scene.review.passed) == ("1200/17", False)
    with pytest.raises(ConflictError):
        act(decide_dispute, scene.lead, **{**decision, "value": "no"})
    assert LedgerEntry.objects.filter(kind="quality_dispute.decided").count() == 1


@pytest.mark.parametrize(
    ("value", "reason", "state"),
    [
        ("no", "The question asks what was offered.", DisputeState.KEPT),
        ("n/a", "x", None),
        ("yes", " ", None),
    ],
)
def test_an_answer_of_the_question_and_a_reason_are_needed(
    scene: Scene, act: Act, value: str, reason: str, state: DisputeState | None
) -> None:
    scene.release()
    dispute = raised(scene, act)
    decision = {"dispute_id": dispute.public_id, "value": value, "reason": reason}
    if state is None:
        with pytest.raises(InvalidInputError):
            act(decide_dispute, scene.second, **decision)
    else:
        act(decide_dispute, scene.second, **decision)
    dispute.refresh_from_db()
    assert dispute.state == (state or DisputeState.OPEN)


def test_who_reviewed_or_is_judged_does_not_decide(scene: Scene, act: Act) -> None:
    scene.release()
    dispute = raised(scene, act)
    owner = scene.owner
    for person in (scene.reviewer, scene.agent, owner, make_person(roles=[Role.QA_ANALYST])):
        with pytest.raises(NotPermittedError):
            act(
                decide_dispute, person, dispute_id=dispute.public_id, value="no", reason="So it is."
            )
    dispute.refresh_from_db()
    assert dispute.state == DisputeState.OPEN


def test_what_is_late_goes_to_the_next_lead_and_round_again(scene: Scene, act: Act) -> None:
    scene.release()
    dispute = raised(scene, act)
    first = dispute.lead
    assert pass_late(now=NOW + timedelta(hours=47)) == 0
    later = NOW + timedelta(hours=48)
    assert pass_late(now=later) == 1
    dispute.refresh_from_db()
    assert dispute.lead in {scene.lead, scene.second} - {first}
    assert dispute.due_at == later + timedelta(hours=48)
    assert pass_late(now=dispute.due_at) == 1
    dispute.refresh_from_db()
    assert dispute.lead in {scene.lead, scene.second}
    assert len(dispute.asked) == 1
    assert LedgerEntry.objects.filter(kind="quality_dispute.passed_on").count() == 2


def test_it_is_handed_to_another_lead_with_its_deadline(scene: Scene, act: Act) -> None:
    scene.release()
    dispute = raised(scene, act)
    first = dispute.lead
    assert first is not None
    other = scene.second if first == scene.lead else scene.lead
    later = NOW + timedelta(hours=1)
    given = {"dispute_id": dispute.public_id, "lead_id": str(other.public_id), "now": later}
    handed = act(hand_dispute, first, **given, reason="I am away.")
    assert (handed.lead, handed.due_at) == (other, dispute.due_at)
    assert handed.asked == [str(first.public_id), str(other.public_id)]
    assert last_payload(f"quality_review:{scene.review.public_id}")["reason"] == "I am away."
    for person, change, error in (
        (other, {"reason": "Again."}, ConflictError),
        (other, {"reason": "So.", "lead_id": str(scene.reviewer.public_id)}, ConflictError),
        (other, {"reason": "So.", "lead_id": str(scene.agent.public_id)}, InvalidInputError),
        (other, {"reason": " ", "lead_id": str(first.public_id)}, InvalidInputError),
        (scene.reviewer, {"reason": "Mine."}, NotPermittedError),
        (scene.agent, {"reason": "Mine."}, NotPermittedError),
    ):
        with pytest.raises(error):
            act(hand_dispute, person, **{**given, **change})
    act(decide_dispute, other, dispute_id=dispute.public_id, value="no", reason="So it is.")
    with pytest.raises(ConflictError):
        act(
            hand_dispute,
            other,
            dispute_id=dispute.public_id,
            lead_id=str(first.public_id),
            reason="Late.",
        )
    assert LedgerEntry.objects.filter(kind="quality_dispute.handed_over").count() == 1


def test_coaching_has_its_evidence_a_deadline_and_an_end(scene: Scene, act: Act) -> None:
    scene.release()
    given = {
        "review_id": scene.review.public_id,
        "person_id": scene.agent.public_id,
        "words": "Offer only what policy allows.",
        "due_at": NOW + timedelta(days=7),
        "question": "policy_followed",
    }
    for wrong, error in (
        ({"words": ""}, InvalidInputError),
        ({"due_at": NOW}, InvalidInputError),
        ({"question": "remark"}, InvalidInputError),
        ({"person_id": scene.second.public_id}, NotFoundError),
    ):
        with pytest.raises(error):
            act(give_coaching, scene.lead, **{**given, **wrong})
    assert not Coaching.objects.exists()
    task = act(give_coaching, scene.lead, **given)
    with pytest.raises(NotFoundError):
        act(finish_coaching, scene.owner, coaching_id=task.public_id, note="Read it.")
    act(finish_coaching, scene.agent, coaching_id=task.public_id, note="Read it.")
    with pytest.raises(ConflictError):
        act(finish_coaching, scene.agent, coaching_id=task.public_id, note="Again.")
    task.refresh_from_db()
    assert (task.done_at, task.note) == (NOW, "Read it.")
