"""What of a scorecard decides scores, and so begins a new edition; pure."""

from typing import Any

from qa.scorecards.types import AnswerKind, Question, ScorecardSpec

Json = Any

#: Domain of the digest of everything in a scorecard that can change a score.
DOMAIN = "orchestra.scorecard.scoring.v1"


def scoring_parts(spec: ScorecardSpec) -> Json:
    """Return everything in a scorecard that can change a score, as a JSON value.

    Questions with their answers, points, weights, auto-fail and conditions, and the scoring
    are in it; titles, guidance, what evidence is asked for and how a score is shown are not.
    """
    return {
        "scoring": {
            "pass_percent": spec.scoring.pass_percent,
            "fail_below_percent": spec.scoring.fail_below_percent,
            "above_100": spec.scoring.above_100,
        },
        "sections": [
            {
                "key": section.key,
                "weight": section.weight,
                "questions": [_parts(question) for question in section.questions],
            }
            for section in spec.sections
        ],
    }


def _parts(question: Question) -> Json:
    return {
        "key": question.key,
        "text": question.text,
        "kind": str(question.kind),
        "points": question.points,
        "not_applicable": question.not_applicable,
        "auto_fail": question.auto_fail,
        "bonus": question.bonus,
        "scale": [question.low, question.high],
        "fails_on": question.fails_on,
        "options": [[one.key, one.text, one.points] for one in question.options],
        "only_if": [question.only_if.question, *question.only_if.answers]
        if question.only_if
        else None,
    }


def keeps_scores(before: ScorecardSpec, after: ScorecardSpec) -> bool:
    """Return whether scores of two texts may stand in one series."""
    return bool(scoring_parts(before) == scoring_parts(after))


def points_possible(spec: ScorecardSpec) -> int:
    """Return the weighted points of a review in which every question is answered."""
    return sum(
        question.points * section.weight
        for section in spec.sections
        for question in section.questions
        if not question.bonus
    )


def is_scored(question: Question) -> bool:
    """Return whether the answer to a question can earn points."""
    return question.kind is not AnswerKind.TEXT and question.points > 0
