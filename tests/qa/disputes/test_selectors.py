"""What was released to whom, what a decision would change, and how disputes ended."""

import pytest

from governance.access.models import User
from governance.access.selectors import authority_of
from orchestra.core.errors import NotFoundError
from orchestra.core.together import answer
from qa.disputes import selectors
from qa.disputes.services import decide_dispute, raise_dispute
from qa.figures.registry import reading_upheld
from qa.reviewing.models import Review
from tests.factories.sampled import draw_units, make_period
from tests.qa.disputes.conftest import Act, Scene


def own(person: User) -> list[str]:
    found = selectors.list_judged(authority=authority_of(person.as_actor()))
    return [str(one.review.public_id) for one in found]


def test_one_sees_what_was_released_of_ones_work_only(scene: Scene) -> None:
    assert own(scene.agent) == []
    scene.release()
    review = str(scene.review.public_id)
    assert (own(scene.agent), own(scene.owner), own(scene.second)) == ([review], [review], [])
    with pytest.raises(NotFoundError):
        selectors.get_judged(
            authority=authority_of(scene.second.as_actor()), review_id=scene.review.public_id
        )


def test_what_another_answer_would_give(scene: Scene) -> None:
    assert selectors.score_with(scene.review, []).percent != 100
    assert selectors.score_with(scene.review, [("policy_followed", "yes")]).percent == 100


def test_only_who_leads_sees_disputes(scene: Scene, act: Act) -> None:
    scene.release()
    act(
        raise_dispute,
        scene.agent,
        review_id=scene.review.public_id,
        question="tone",
        words="Not so.",
    )
    assert selectors.list_disputes(authority=authority_of(scene.lead.as_actor())).count() == 1
    assert not selectors.list_disputes(authority=authority_of(scene.agent.as_actor())).exists()


def test_a_changed_answer_marks_the_drawn_unit_it_was_given_for(scene: Scene, act: Act) -> None:
    (row,) = draw_units(make_period(), {"low": [scene.review.unit]}, {"low": 1})
    Review.objects.filter(pk=scene.review.pk).update(drawn=row)
    scene.release()
    for question, value in (("policy_followed", "yes"), ("tone", "4")):
        dispute = act(
            raise_dispute,
            scene.agent,
            review_id=scene.review.public_id,
            question=question,
            words="Not so.",
        )
        marked = {} if question == "policy_followed" else {row.pk: 1}
        assert answer(reading_upheld([row.pk])) == marked
        act(
            decide_dispute,
            scene.second,
            dispute_id=dispute.public_id,
            value=value,
            reason="Read again.",
        )
    assert answer(reading_upheld([row.pk])) == {row.pk: 1}
    assert answer(reading_upheld([row.pk + 1])) == {}
