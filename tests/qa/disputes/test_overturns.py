"""What did not stand, by question, person, check and judge; too few say nothing."""

import pytest

from governance.access.models import User
from governance.access.selectors import authority_of
from qa.disputes import overturns
from qa.disputes.overturns import judge_of, list_overturned, rate_of
from qa.disputes.services import decide_dispute, raise_dispute
from qa.disputes.types import Overturned, OverturnedBy
from qa.findings.models import Finding, UnitCheck
from qa.findings.types import CheckResult, FindingState
from tests.conftest import NOW
from tests.qa.disputes.conftest import Act, Scene


def rates(person: User) -> dict[OverturnedBy, list[Overturned]]:
    return list_overturned(authority=authority_of(person.as_actor()))


def decided(scene: Scene, act: Act, question: str, value: str) -> None:
    dispute = act(
        raise_dispute,
        scene.agent,
        review_id=scene.review.public_id,
        question=question,
        words="Not so.",
    )
    act(
        decide_dispute,
        scene.second,
        dispute_id=dispute.public_id,
        value=value,
        reason="Read again.",
    )


def looked_at(scene: Scene, series: str, *states: FindingState) -> None:
    check = UnitCheck.objects.create(
        unit=scene.review.unit,
        check_key=series.partition("/")[0],
        series=series,
        result=CheckResult.FOUND,
        at=NOW,
    )
    for state in states:
        Finding.objects.create(
            check_row=check, unit=scene.review.unit, harm="low", state=state, found_at=NOW
        )


def test_a_rate_has_its_interval_and_too_few_have_none() -> None:
    found = rate_of("tone", 41, 9)
    # Wilson, 9 of 41.
    assert (found.low_percent, found.high_percent, found.is_shown) == (12, 37, True)
    few = rate_of("tone", 4, 4)
    assert (few.decided, few.changed, few.low, few.high) == (4, None, None, None)
    assert not few.is_shown


def test_only_a_model_has_a_judge() -> None:
    assert judge_of("judge.policy_followed/0011223344556677") == "0011223344556677"
    assert judge_of("promise_kept/1") == ""


def test_disputes_count_for_question_reviewer_and_who_decided(
    scene: Scene, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overturns, "FEWEST_DECIDED", 1)
    scene.release()
    for question, value in (("policy_followed", "yes"), ("tone", "4"), ("notes", "complete")):
        decided(scene, act, question, value)
    found = rates(scene.second)
    (row,) = found[OverturnedBy.REVIEWER]
    assert (row.what, row.title) == (str(scene.reviewer.public_id), scene.reviewer.label)
    assert (row.decided, row.changed) == (3, 1)
    # Wilson, 1 of 3.
    assert (round(row.low or 0, 4), round(row.high or 0, 4)) == (0.0615, 0.7923)
    (decider,) = found[OverturnedBy.DECIDER]
    assert decider.title == scene.second.label
    assert [one.changed for one in found[OverturnedBy.QUESTION]] == [0, 1, 0]
    assert set(map(len, rates(scene.agent).values())) == {0}


def test_findings_people_looked_at_count_for_the_check_and_its_judge(scene: Scene) -> None:
    refuted, confirmed, unseen = (
        FindingState.REFUTED,
        FindingState.CONFIRMED,
        FindingState.UNSEEN,
    )
    looked_at(scene, "tone/1", refuted, refuted, *[confirmed] * 3, unseen)
    looked_at(scene, "judge.policy_followed/aa", refuted, *[confirmed] * 2)
    looked_at(scene, "judge.next_step_known/aa", refuted, confirmed)
    found = rates(scene.lead)
    checks = {one.what: (one.decided, one.changed) for one in found[OverturnedBy.CHECK]}
    assert checks == {
        "tone": (5, 2),
        "judge.policy_followed": (3, None),
        "judge.next_step_known": (2, None),
    }
    (judge,) = found[OverturnedBy.JUDGE]
    assert (judge.what, judge.decided, judge.changed) == ("aa", 5, 2)
