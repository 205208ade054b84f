"""The arithmetic of a review: published examples, what is not applicable, auto-fail, bonus."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.scorecards.scoring import (
    NOT_APPLICABLE,
    Answer,
    Answers,
    alignment,
    asked,
    check_answers,
    score,
    share_of,
    shown,
    team_score,
)
from qa.scorecards.types import (
    AnswerKind,
    Condition,
    Evidence,
    Option,
    Question,
    ScorecardSpec,
    Scoring,
    Section,
    Subject,
)


def question(key: str, **changes: Any) -> Question:
    return Question(
        **{
            "key": key,
            "text": f"Was {key} so?",
            "kind": AnswerKind.YES_NO,
            "points": 10,
            "not_applicable": True,
            "evidence": Evidence.NEVER,
            **changes,
        }
    )


def card(*sections: tuple[int, tuple[Question, ...]], **scoring: Any) -> ScorecardSpec:
    return ScorecardSpec(
        key="card",
        title="Card",
        purpose="To see.",
        applies_to=(Subject.HUMAN,),
        scoring=Scoring(**{"pass_percent": 80, **scoring}),
        sections=tuple(
            Section(key=f"s{n}", title=f"S{n}", weight=weight, questions=questions)
            for n, (weight, questions) in enumerate(sections)
        ),
    )


def answers(**given: str) -> Answers:
    return {key: Answer(value) for key, value in given.items()}


def test_group_weights_as_published() -> None:
    # ((1 x 40) + (1 x 20)) / ((2 x 40) + (1 x 20)) = 60 %
    spec = card(
        (40, (question("a", points=1), question("b", points=1))),
        (20, (question("c", points=1),)),
    )
    assert score(spec, answers(a="yes", b="no", c="yes")).percent == 60


def test_a_step_of_a_scale_earns_its_share() -> None:
    scale = question("tone", kind=AnswerKind.SCALE, low=1, high=4)
    assert share_of(scale, Answer("3")) == Fraction(2, 3)
    assert share_of(scale, Answer("1")) == 0
    assert share_of(scale, Answer("4")) == 1


def test_the_team_score_as_published() -> None:
    reviews = [Fraction(n).limit_denominator(100) for n in ("100", "9.91", "63.96", "90.99", "0")]
    assert shown(team_score(reviews), decimals=2) == "52.97"
    assert team_score([]) is None
    assert team_score([None, Fraction(50)]) == 50


def test_the_alignment_of_a_grader_as_published() -> None:
    found = alignment(chosen=Fraction(10, 15), benchmark=Fraction(7, 15), most=Fraction(1))
    assert found == Fraction(80, 100)


def test_all_not_applicable_has_no_score() -> None:
    spec = card((1, (question("a"), question("b"))))
    found = score(spec, answers(a=NOT_APPLICABLE, b=NOT_APPLICABLE))
    assert (found.percent, found.passed) == (None, None)


def test_a_whole_section_not_applicable_leaves_the_weights() -> None:
    spec = card((3, (question("a"),)), (1, (question("b"), question("c"))))
    found = score(spec, answers(a=NOT_APPLICABLE, b="yes", c="no"))
    assert found.percent == 50
    assert [one.percent for one in found.sections] == [None, 50]


def test_a_failed_auto_fail_sets_the_review_to_zero_and_keeps_the_sections() -> None:
    spec = card((1, (question("safe", auto_fail=True), question("kind"))))
    found = score(spec, answers(safe="no", kind="yes"))
    assert (found.percent, found.passed, found.failed) == (0, False, ("safe",))
    assert found.sections[0].percent == 50


def test_two_critical_fails_are_still_zero() -> None:
    spec = card((1, (question("a", auto_fail=True), question("b", auto_fail=True))))
    found = score(spec, answers(a="no", b="no"))
    assert (found.percent, found.failed) == (0, ("a", "b"))


def test_an_auto_fail_that_was_not_applicable_is_no_fail() -> None:
    spec = card((1, (question("safe", auto_fail=True), question("kind"))))
    found = score(spec, answers(safe=NOT_APPLICABLE, kind="yes"))
    assert (found.percent, found.failed) == (100, ())


@pytest.mark.parametrize(("step", "percent"), [("1", 0), ("2", 0), ("3", Fraction(200, 3))])
def test_a_critical_scale_fails_below_half_of_its_points(step: str, percent: Fraction) -> None:
    spec = card((1, (question("safe", kind=AnswerKind.SCALE, low=1, high=4, auto_fail=True),)))
    assert score(spec, answers(safe=step)).percent == percent


def test_a_bonus_is_capped_unless_the_scorecard_lets_it() -> None:
    questions = (question("a"), question("more", bonus=True))
    given_answers = answers(a="yes", more="yes")
    assert score(card((1, questions)), given_answers).percent == 100
    assert score(card((1, questions), above_100=True), given_answers).percent == 200


def test_a_question_of_no_weight_is_asked_and_not_scored() -> None:
    spec = card((0, (question("a"),)), (0, (question("b"),)))
    assert score(spec, answers(a="no", b="no")).percent is None


def test_the_pass_mark_itself_passes() -> None:
    spec = card((1, (question("a", points=8), question("b", points=2))))
    assert score(spec, answers(a="yes", b="no")).passed is True
    assert score(spec, answers(a="no", b="yes")).passed is False


BRANCH = card(
    (
        1,
        (
            question("changed", points=0, not_applicable=False),
            question("agreed", only_if=Condition("changed", ("yes",)), not_applicable=False),
        ),
    )
)


def test_a_condition_decides_what_is_asked() -> None:
    assert [one.key for one in asked(BRANCH, answers(changed="no"))] == ["changed"]
    assert [one.key for one in asked(BRANCH, answers(changed="yes"))] == ["changed", "agreed"]
    assert score(BRANCH, answers(changed="no")).percent is None
    assert [one.code for one in check_answers(spec=BRANCH, answers=answers(changed="yes"))] == [
        "required"
    ]
    wrong = check_answers(spec=BRANCH, answers=answers(changed="no", agreed="yes"))
    assert [one.code for one in wrong] == ["not_asked"]


@pytest.mark.parametrize(
    ("changes", "answer", "code"),
    [
        ({"not_applicable": False}, Answer(NOT_APPLICABLE), "applicable"),
        ({}, Answer("perhaps"), "choice"),
        ({"kind": AnswerKind.SCALE, "low": 1, "high": 4}, Answer("5"), "choice"),
        ({"kind": AnswerKind.CHOICE, "options": (Option("a", "A", 10),)}, Answer("b"), "choice"),
        ({"evidence": Evidence.ALWAYS}, Answer("yes"), "evidence"),
        ({"evidence": Evidence.ON_FAIL}, Answer("no"), "evidence"),
        ({"evidence": Evidence.ALWAYS}, Answer("yes", ("  ",)), "evidence"),
        ({}, Answer(" "), "required"),
    ],
    ids=list("abcdefgh"),
)
def test_a_wrong_answer_is_named(changes: dict[str, Any], answer: Answer, code: str) -> None:
    spec = card((1, (question("q", **changes),)))
    assert [one.code for one in check_answers(spec=spec, answers={"q": answer})] == [code]


def test_an_unfinished_review_lacks_nothing_yet() -> None:
    spec = card((1, (question("a"), question("b", evidence=Evidence.ALWAYS))))
    assert check_answers(spec=spec, answers=answers(b="yes"), complete=False) == ()


@pytest.mark.parametrize(
    ("exact", "decimals", "text"),
    [
        (Fraction(1, 8) * 100, 1, "12.5"),
        (Fraction(125, 100), 1, "1.2"),
        (Fraction(135, 100), 1, "1.4"),
        (Fraction(200, 3), 2, "66.67"),
        (None, 1, ""),
    ],
)
def test_it_is_rounded_once_half_to_even(exact: Fraction | None, decimals: int, text: str) -> None:
    assert shown(exact, decimals=decimals) == text


keys = [f"q{n}" for n in range(6)]


@given(
    st.lists(st.integers(0, 9), min_size=6, max_size=6),
    st.lists(st.sampled_from(["yes", "no", NOT_APPLICABLE]), min_size=6, max_size=6),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_a_score_is_a_share_and_a_better_answer_never_lowers_it(
    points: list[int], chosen: list[str], first: int, second: int
) -> None:
    questions = [question(key, points=n) for key, n in zip(keys, points, strict=True)]
    spec = card((first, tuple(questions[:3])), (second, tuple(questions[3:])))
    before = score(spec, answers(**dict(zip(keys, chosen, strict=True)))).percent
    if before is None:
        return
    assert 0 <= before <= 100
    better = ["yes" if one == "no" else one for one in chosen]
    after = score(spec, answers(**dict(zip(keys, better, strict=True)))).percent
    assert after is not None
    assert after >= before
