"""Who can do what is asked for, and which skills may stand on the list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.skills.rules import able_to, lacking, skill_errors, skills_for_risk
from governance.skills.types import NewSkill, SkillKind

KEYS = st.sets(st.sampled_from("abcd"))


@given(KEYS, st.dictionaries(st.sampled_from(["p", "q", "r"]), KEYS))
def test_who_is_able_holds_everything_that_is_asked(
    asked: set[str], held: dict[str, set[str]]
) -> None:
    able = able_to(asked, held)
    for person, skills in held.items():
        assert (person in able) is (asked <= skills) is not bool(lacking(asked, skills))


@pytest.mark.parametrize(
    ("risk", "found"),
    [
        ("low", set()),
        ("medium", {"trained"}),
        ("high", {"trained"}),
        ("critical", {"trained", "senior"}),
        ("", set()),
    ],
)
def test_a_risk_asks_for_its_level_and_those_below(risk: str, found: set[str]) -> None:
    levels = {"spanish": "", "trained": "medium", "senior": "critical"}
    assert skills_for_risk(risk, levels) == found


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, set()),
        ({"key": "Spanish!"}, {"key"}),
        ({"key": "french"}, {"key"}),
        ({"title": " "}, {"title"}),
        ({"title": "x" * 101}, {"title"}),
        ({"from_risk": "high"}, {"from_risk"}),
        ({"kind": SkillKind.LEVEL, "from_risk": "high"}, set()),
        ({"kind": SkillKind.LEVEL, "from_risk": "extreme"}, {"from_risk"}),
        ({"key": "", "title": ""}, {"key", "title"}),
    ],
)
def test_what_is_wrong_with_a_new_skill_is_told_at_once(
    changes: dict[str, object], fields: set[str]
) -> None:
    new = NewSkill(**{"key": "spanish", "title": "Spanish", "kind": SkillKind.LANGUAGE, **changes})
    assert {error.field for error in skill_errors(new, {"french"})} == fields
