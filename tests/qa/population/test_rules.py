"""How a unit is told apart, and why it stands out or is left out."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.reviews.types import RiskLevel
from orchestra.core.actors import ActorKind
from qa.population import rules
from qa.population.types import Act, Decided, Flag, HandledBy, Known, Read, Target

AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
AI = Act(AT, ActorKind.AGENT, "agent:a", "Returns assistant")
PERSON = Act(AT, ActorKind.HUMAN, "human:p", "Tomas")
VOTE = Act(AT, ActorKind.HUMAN, "human:v", "Ines", leads=False)
SYSTEM = Act(AT, ActorKind.SYSTEM, "system:sweep", "sweep")


@pytest.mark.parametrize(
    ("acts", "found"),
    [
        ([AI], HandledBy.AI),
        ([AI, VOTE, SYSTEM], HandledBy.AI),
        ([PERSON], HandledBy.HUMAN),
        ([AI, PERSON], HandledBy.MIXED),
        ([VOTE], HandledBy.HUMAN),
        ([], HandledBy.HUMAN),
    ],
)
def test_who_voted_has_not_worked_it(acts: list[Act], found: HandledBy) -> None:
    assert rules.handled_by(acts, otherwise=HandledBy.HUMAN) == found


def test_everybody_is_named_once_and_whoever_did_most_stands_for_it() -> None:
    acts = [PERSON, AI, AI, VOTE, SYSTEM]
    assert rules.workers(acts) == ["human:p", "agent:a", "human:v"]
    assert rules.main_worker(acts) == AI
    assert rules.main_worker([PERSON, AI]) == PERSON
    assert rules.main_worker([VOTE, SYSTEM]) is None


def test_the_highest_risk_counts_and_an_unknown_one_as_critical() -> None:
    def decided(*risks: RiskLevel | None) -> list[Decided]:
        return [Decided(AT, risk, denied=False) for risk in risks]

    assert rules.highest_risk([]) == RiskLevel.LOW
    assert rules.highest_risk(decided(RiskLevel.LOW, RiskLevel.HIGH)) == RiskLevel.HIGH
    assert rules.highest_risk(decided(RiskLevel.HIGH, None)) == RiskLevel.CRITICAL


@pytest.mark.parametrize(
    ("days", "band"),
    [(0, "under_30_days"), (29, "under_30_days"), (30, "30_to_90_days"), (90, "over_90_days")],
)
def test_the_time_in_the_job_has_bands(days: int, band: str) -> None:
    assert rules.tenure(first=AT - timedelta(days=days), at=AT) == band


def test_nobody_before_the_first_work_is_new() -> None:
    assert rules.tenure(first=None, at=AT) == "under_30_days"


def test_each_reason_to_look_has_its_sign() -> None:
    assert rules.targets(Known()) == []
    sure = Read(AT, 0.9, unsure=False, complaint=False)
    unsure = Read(AT, 0.4, unsure=True, complaint=True)
    # What was unsure first and is known now is no longer unsure; a complaint stays one.
    assert rules.targets(Known(read=(unsure, sure))) == [Target.COMPLAINT]
    assert rules.targets(Known(read=(sure, unsure))) == [Target.LOW_CONFIDENCE, Target.COMPLAINT]
    assert rules.targets(Known(came_back=True)) == [Target.RECONTACT]
    assert rules.targets(Known(went_wrong=True)) == [Target.EXCEPTION]
    denied = Decided(AT, RiskLevel.LOW, denied=True)
    assert rules.targets(Known(decided=(denied,))) == [Target.POLICY_NEAR_MISS]


def test_what_leaves_a_unit_out_by_itself() -> None:
    assert rules.flag_by_itself(Known(acts=(AI,))) is None
    assert rules.flag_by_itself(Known(acts=(SYSTEM,))) == Flag.ABANDONED
    assert rules.flag_by_itself(Known(acts=(AI,), merged=True)) == Flag.DUPLICATE
    assert rules.flag_by_itself(Known(acts=(AI,), merged=True, test=True)) == Flag.TEST
