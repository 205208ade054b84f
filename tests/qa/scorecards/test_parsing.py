"""Every error of a scorecard with its place."""

from typing import Any

import pytest

from orchestra.core.errors import InvalidInputError
from qa.scorecards.parsing import parse_scorecard
from qa.scorecards.types import AnswerKind, Condition, Evidence
from tests.factories.quality import card, choice, shipped, yes_no

Json = Any
QUESTIONS = "sections[0].questions"


def errors_of(document: Json) -> set[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as caught:
        parse_scorecard(document=document)
    assert caught.value.error_code == "scorecard.invalid"
    return {(one.field, one.code) for one in caught.value.errors}


def scale(low: int, high: int, **changes: Json) -> Json:
    return {"key": "s", "text": "How?", "kind": "scale", "points": 5, "low": low, "high": high} | (
        changes
    )


def test_the_shipped_conversation_card_reads_as_written() -> None:
    document = next(one for one in shipped("scorecards") if one["key"] == "conversations")
    spec = parse_scorecard(document=document)
    assert [section.weight for section in spec.sections] == [1, 1, 1]
    asked = {question.key: question for question in spec.questions}
    assert asked["yes_before_change"].only_if == Condition("change_made", ("yes",))
    assert asked["identity_confirmed"].auto_fail
    assert asked["identity_confirmed"].evidence is Evidence.ALWAYS
    assert asked["notes"].points == 10
    assert (asked["remark"].kind, asked["remark"].points) == (AnswerKind.TEXT, 0)
    assert (spec.scoring.pass_percent, spec.scoring.fail_below_percent) == (80, 50)


def test_the_bare_words_yes_and_no_mean_themselves() -> None:
    """YAML reads them as true and false."""
    spec = parse_scorecard(
        document=card(
            yes_no("a", fails_on=True), yes_no("b", only_if={"question": "a", "is": [True, False]})
        )
    )
    assert spec.questions[0].fails_on == "yes"
    assert spec.questions[1].only_if == Condition("a", ("yes", "no"))


def test_steps_of_a_scale_may_be_conditions() -> None:
    spec = parse_scorecard(
        document=card(scale(1, 3), yes_no("b", only_if={"question": "s", "is": [1, 2]}))
    )
    assert spec.questions[1].only_if == Condition("s", ("1", "2"))


def test_every_error_is_named_at_once() -> None:
    document = card(yes_no("a", points=-1), {"key": "B", "kind": "stars"}, purpose="", more=1)
    assert errors_of(document) == {
        ("more", "unknown_field"),
        ("purpose", "required"),
        (f"{QUESTIONS}[0].points", "number"),
        (f"{QUESTIONS}[1].kind", "choice"),
        (f"{QUESTIONS}[1].key", "format"),
        (f"{QUESTIONS}[1].text", "required"),
        (f"{QUESTIONS}[1].points", "number"),
        ("sections", "no_points"),
    }


@pytest.mark.parametrize(
    ("document", "field", "code"),
    [
        (card(sections=[]), "sections", "required"),
        (card(applies_to=[]), "applies_to", "required"),
        (card(applies_to=["robots"]), "applies_to[0]", "choice"),
        (card(applies_to=["ai", "ai"]), "applies_to", "repeated"),
        (card(scoring={}), "scoring.pass_percent", "number"),
        (card(scoring={"pass_percent": 101}), "scoring.pass_percent", "number"),
        (card(title="t" * 201), "title", "too_long"),
        (card(yes_no("a"), yes_no("a")), f"{QUESTIONS}[1].key", "repeated"),
        (card(yes_no("a", points=0)), "sections", "no_points"),
        (card(yes_no("a", bonus=True)), "sections", "no_points"),
        (card(scale(3, 3)), f"{QUESTIONS}[0].high", "scale"),
        (card(scale(0, 10)), f"{QUESTIONS}[0].high", "scale"),
        (card(choice("a", 5)), f"{QUESTIONS}[0].answers", "too_few"),
        (card(choice("a", 5, 5)), f"{QUESTIONS}[0].answers", "same_points"),
        (card(choice("a", 0, 5, points=5)), f"{QUESTIONS}[0].points", "unknown_field"),
        (card(yes_no("a", low=1)), f"{QUESTIONS}[0].low", "unknown_field"),
        (
            card(yes_no("a"), choice("b", 0, 0, auto_fail=True)),
            f"{QUESTIONS}[1].auto_fail",
            "no_points",
        ),
        (card(yes_no("a", auto_fail=True, bonus=True)), f"{QUESTIONS}[0].bonus", "conflict"),
        (
            card(yes_no("a", auto_fail=True, evidence="never")),
            f"{QUESTIONS}[0].evidence",
            "required",
        ),
        (
            card(yes_no("a", only_if={"question": "b", "is": ["yes"]}), yes_no("b")),
            f"{QUESTIONS}[0].only_if.question",
            "later_question",
        ),
        (
            card(yes_no("a", only_if={"question": "a", "is": ["yes"]})),
            f"{QUESTIONS}[0].only_if.question",
            "later_question",
        ),
        (
            card(yes_no("a"), yes_no("b", only_if={"question": "z", "is": ["yes"]})),
            f"{QUESTIONS}[1].only_if.question",
            "unknown_question",
        ),
        (
            card(yes_no("a"), yes_no("b", only_if={"question": "a", "is": ["maybe"]})),
            f"{QUESTIONS}[1].only_if.is[0]",
            "unknown_answer",
        ),
        (
            card(
                yes_no("a"),
                {"key": "t", "text": "Else?", "kind": "text"},
                yes_no("b", only_if={"question": "t", "is": ["yes"]}),
            ),
            f"{QUESTIONS}[2].only_if.question",
            "free_text",
        ),
    ],
)
def test_what_cannot_be_scored_is_refused(document: Json, field: str, code: str) -> None:
    assert (field, code) in errors_of(document)


def test_a_section_without_weight_is_asked_and_earns_nothing() -> None:
    document = card()
    document["sections"].append(
        {"key": "asked", "title": "Asked", "weight": 0, "questions": [yes_no("b")]}
    )
    assert parse_scorecard(document=document).sections[1].weight == 0
    document["sections"][0]["weight"] = 0
    assert errors_of(document) == {("sections", "no_points")}
