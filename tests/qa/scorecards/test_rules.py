"""What begins a new edition of a scorecard, and what does not."""

from copy import deepcopy
from typing import Any

import pytest

from qa.scorecards.describing import describe_changes
from qa.scorecards.parsing import parse_scorecard
from qa.scorecards.rules import is_scored, keeps_scores, points_possible
from tests.factories.quality import card, choice, yes_no

Json = Any
CARD = card(
    yes_no("a", guidance="Look twice."),
    choice("b", 0, 4, 8),
    yes_no("c", points=5, only_if={"question": "a", "is": ["yes"]}),
    yes_no("d", points=3, bonus=True),
    {"key": "t", "text": "Anything else?", "kind": "text"},
)


def changed(at: int, **changes: Json) -> Json:
    document = deepcopy(CARD)
    document["sections"][0]["questions"][at].update(changes)
    return document


def edition_words(after: Json) -> str:
    first = describe_changes(CARD, after)[0]
    assert first.place == "Scores"
    return first.after


@pytest.mark.parametrize(
    "after",
    [
        changed(0, guidance="Look three times."),
        changed(0, evidence="always"),
        {**CARD, "title": "Phone calls"},
        {**CARD, "purpose": "Other words."},
        {**CARD, "applies_to": ["ai", "human"]},
        {**CARD, "scoring": {"pass_percent": 80, "decimals": 2}},
        {**CARD, "sections": [{**CARD["sections"][0], "title": "Everything"}]},
    ],
)
def test_words_around_the_questions_keep_the_scores(after: Json) -> None:
    assert keeps_scores(parse_scorecard(document=CARD), parse_scorecard(document=after))
    assert edition_words(after).startswith("The edition stays")


@pytest.mark.parametrize(
    "after",
    [
        changed(0, text="Was it kept throughout?"),
        changed(0, points=11),
        changed(0, auto_fail=True),
        changed(0, not_applicable=True),
        changed(0, fails_on="yes"),
        changed(1, answers=[{"key": "a", "text": "A", "points": 0}, *choice("b", 8)["answers"]]),
        changed(1, answers=[{**one, "key": f"n{i}"} for i, one in enumerate(
            CARD["sections"][0]["questions"][1]["answers"])]),
        changed(2, only_if={"question": "a", "is": ["no"]}),
        changed(2, only_if=None),
        {**CARD, "sections": [{**CARD["sections"][0], "weight": 2}]},
        {**CARD, "scoring": {"pass_percent": 85}},
        {**CARD, "scoring": {"pass_percent": 80, "fail_below_percent": 40}},
        {**CARD, "scoring": {"pass_percent": 80, "above_100": True}},
    ],
)  # fmt: skip
def test_what_can_change_a_score_begins_a_new_edition(after: Json) -> None:
    assert not keeps_scores(parse_scorecard(document=CARD), parse_scorecard(document=after))
    assert edition_words(after).startswith("A new edition")


def test_points_that_can_be_had_leave_out_bonus_and_text() -> None:
    spec = parse_scorecard(document=CARD)
    assert points_possible(spec) == 10 + 8 + 5
    assert [is_scored(one) for one in spec.questions] == [True, True, True, True, False]
    document = deepcopy(CARD)
    document["sections"][0]["weight"] = 3
    assert points_possible(parse_scorecard(document=document)) == 3 * 23


def test_a_difference_names_question_and_guidance_apart() -> None:
    after = changed(0, guidance="Look three times.", points=12)
    found = {(one.sign.value, one.place) for one in describe_changes(CARD, after)}
    assert found == {
        ("changed", "Scores"),
        ("changed", "Question 1"),
        ("changed", "Guidance 1"),
    }
    words = next(one for one in describe_changes(CARD, after) if one.place == "Question 1")
    assert "10 points" in words.before
    assert "12 points" in words.after
