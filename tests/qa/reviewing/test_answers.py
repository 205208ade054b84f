"""Answers are read strictly, and only those to questions that are asked are kept."""

from typing import Any

import pytest

from orchestra.core.errors import InvalidInputError
from qa.reviewing.answers import Given, Quote, read_answers, still_asked
from qa.scorecards.parsing import parse_scorecard
from tests.factories.quality import shipped

SPEC = parse_scorecard(
    document=next(one for one in shipped("scorecards") if one["key"] == "conversations")
)
QUOTE = {"message": "m", "start": 0, "end": 4}


def test_what_is_kept_reads_as_what_came_in() -> None:
    raw = {"tone": {"value": "3", "quotes": [QUOTE, {"call": "c"}, QUOTE], "comment": " Dry. "}}
    found = read_answers(raw, SPEC)
    quotes = (Quote("message", "m", 0, 4), Quote("call", "c"))
    assert found == {"tone": Given("3", quotes, "Dry.")}
    assert read_answers({"tone": found["tone"].stored()}, SPEC) == found


@pytest.mark.parametrize(
    "raw",
    [
        [],
        {"nothing": {"value": "yes"}},
        {"tone": "3"},
        {"tone": {"value": 3}},
        {"tone": {"value": "3", "comment": "x" * 1001}},
        {"tone": {"value": "3", "comment": "a\x00b"}},
        {"tone": {"value": "3", "quotes": [{"message": "m", "start": 4, "end": 4}]}},
        {"tone": {"value": "3", "quotes": [{"message": "m", "start": True, "end": 4}]}},
        {"tone": {"value": "3", "quotes": ["words"]}},
        {
            "tone": {
                "value": "3",
                "quotes": [{**QUOTE, "end": n} for n in range(1, 12)],
            }
        },
    ],
)
def test_what_has_another_shape_is_refused(raw: Any) -> None:
    with pytest.raises(InvalidInputError):
        read_answers(raw, SPEC)


def test_an_empty_answer_is_none() -> None:
    assert read_answers({"tone": {"value": " ", "quotes": [], "comment": ""}}, SPEC) == {}


def test_an_answer_goes_with_the_question_it_hung_on() -> None:
    yes, no = Given("yes"), Given("no")
    assert still_asked(SPEC, {"change_made": yes, "yes_before_change": no}) == {
        "change_made": yes,
        "yes_before_change": no,
    }
    assert still_asked(SPEC, {"change_made": no, "yes_before_change": no}) == {"change_made": no}
