"""How the answers of one review become a score; pure.

Exact fractions all the way; a score is rounded once, where it is shown, half to even.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Final

from orchestra.core.errors import FieldError
from qa.scorecards.rules import is_scored
from qa.scorecards.types import AnswerKind, Evidence, Question, ScorecardSpec

#: What stands for "not applicable" among the answers.
NOT_APPLICABLE: Final = "n/a"
_WHOLE: Final = Fraction(100)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reviewer chose for one question.

    Attributes:
        value: ``yes`` or ``no``, a step of a scale, a key of a choice, ``n/a``, or free text.
        quotes: Words of the interaction that it rests on.
    """

    value: str
    quotes: tuple[str, ...] = ()


Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class SectionScore:
    """What one section earned of what it could; None of it where all was not applicable."""

    key: str
    earned: Fraction
    possible: Fraction

    @property
    def percent(self) -> Fraction | None:
        """The section's own score."""
        return self.earned / self.possible * _WHOLE if self.possible else None


@dataclass(frozen=True, slots=True)
class Score:
    """The result of one review.

    Attributes:
        percent: 0 to 100, more with a bonus where the scorecard allows it; None where nothing
            that could earn points was applicable.
        failed: Questions that set the review to 0.
        sections: As they would stand without that.
    """

    percent: Fraction | None
    passed: bool | None
    failed: tuple[str, ...]
    sections: tuple[SectionScore, ...]


def asked(spec: ScorecardSpec, answers: Answers) -> tuple[Question, ...]:
    """Return the questions that are asked, given the answers before each."""
    found: list[Question] = []
    keys: set[str] = set()
    for question in spec.questions:
        only_if = question.only_if
        if only_if is not None:
            before = answers.get(only_if.question)
            if only_if.question not in keys or before is None:
                continue
            if before.value not in only_if.answers:
                continue
        found.append(question)
        keys.add(question.key)
    return tuple(found)


def check_answers(
    *, spec: ScorecardSpec, answers: Answers, complete: bool = True
) -> tuple[FieldError, ...]:
    """Return everything that is wrong with the answers of a review.

    Args:
        spec: The scorecard as it was when the review began.
        answers: Question to its answer; answers to questions that are not asked are wrong too.
        complete: Whether what is missing is wrong, as it is once the review is handed in.
    """
    questions = {one.key: one for one in asked(spec, answers)}
    errors = [
        FieldError(f"answers.{key}", "not_asked", "This question is not asked here.")
        for key in answers
        if key not in questions
    ]
    for key, question in questions.items():
        answer = answers.get(key)
        if answer is None or not answer.value.strip():
            if complete and question.kind is not AnswerKind.TEXT:
                errors.append(FieldError(f"answers.{key}", "required", "Answer this question."))
            continue
        errors.extend(_check_answer(spec, question, answer, complete=complete))
    return tuple(errors)


def _check_answer(
    spec: ScorecardSpec, question: Question, answer: Answer, *, complete: bool
) -> list[FieldError]:
    at = f"answers.{question.key}"
    if answer.value == NOT_APPLICABLE:
        if question.not_applicable:
            return []
        return [FieldError(at, "applicable", "This question is always applicable.")]
    if question.kind is AnswerKind.TEXT:
        return []
    if answer.value not in question.answers:
        known = ", ".join(question.answers)
        return [FieldError(at, "choice", f"The answer is one of {known}.")]
    needs = question.evidence is Evidence.ALWAYS or (
        question.evidence is Evidence.ON_FAIL and fails(spec, question, answer)
    )
    if complete and needs and not any(one.strip() for one in answer.quotes):
        return [FieldError(at, "evidence", "Quote the words that this answer rests on.")]
    return []


def share_of(question: Question, answer: Answer) -> Fraction | None:
    """Return what share of its points an answer earns, 0 to 1; None for not applicable."""
    if answer.value == NOT_APPLICABLE or not is_scored(question):
        return None
    if question.kind is AnswerKind.YES_NO:
        return Fraction(int(answer.value != question.fails_on))
    if question.kind is AnswerKind.SCALE:
        return Fraction(int(answer.value) - question.low, question.high - question.low)
    points = next(one.points for one in question.options if one.key == answer.value)
    return Fraction(points, question.points)


def fails(spec: ScorecardSpec, question: Question, answer: Answer) -> bool:
    """Tell whether an answer counts as failed; not applicable never does."""
    share = share_of(question, answer)
    return share is not None and share * _WHOLE < spec.scoring.fail_below_percent


def score(spec: ScorecardSpec, answers: Answers) -> Score:
    """Return the score of a review.

    ``sum(points earned x weight of the section) / sum(points possible x weight)``: what is not
    applicable or not asked counts on neither side, a bonus only above the line, and one failed
    auto-fail question sets the review to 0.

    Args:
        spec: The scorecard as it was when the review began.
        answers: Answers that ``check_answers`` found nothing wrong with.
    """
    reached = {one.key for one in asked(spec, answers)}
    sections = tuple(
        _section(section.key, section.weight, section.questions, reached, answers)
        for section in spec.sections
    )
    possible = sum((one.possible for one in sections), Fraction(0))
    failed = tuple(
        question.key
        for question in spec.questions
        if question.auto_fail
        and question.key in reached
        and question.key in answers
        and fails(spec, question, answers[question.key])
    )
    if not possible:
        return Score(Fraction(0) if failed else None, False if failed else None, failed, sections)
    percent = sum((one.earned for one in sections), Fraction(0)) / possible * _WHOLE
    if not spec.scoring.above_100:
        percent = min(percent, _WHOLE)
    if failed:
        percent = Fraction(0)
    return Score(percent, percent >= spec.scoring.pass_percent, failed, sections)


def _section(
    key: str, weight: int, questions: Sequence[Question], reached: set[str], answers: Answers
) -> SectionScore:
    earned = possible = Fraction(0)
    for question in questions:
        answer = answers.get(question.key)
        if question.key not in reached or answer is None or not answer.value.strip():
            continue
        share = share_of(question, answer)
        if share is None:
            continue
        earned += share * question.points * weight
        possible += 0 if question.bonus else question.points * weight
    return SectionScore(key, earned, possible)


def team_score(percents: Sequence[Fraction | None]) -> Fraction | None:
    """Return the mean of reviews; those without a score are left out, and no review is no mean."""
    known = [one for one in percents if one is not None]
    return sum(known, Fraction(0)) / len(known) if known else None


def alignment(*, chosen: Fraction, benchmark: Fraction, most: Fraction) -> Fraction:
    """Return how near a grader came to a benchmark: ``1 - |difference| / max``, 0 to 1."""
    return 1 - abs(chosen - benchmark) / most if most else Fraction(1)


def shown(percent: Fraction | None, *, decimals: int) -> str:
    """Return a score as it is written, rounded once, half to even; empty for none."""
    if percent is None:
        return ""
    exact = Decimal(percent.numerator) / Decimal(percent.denominator)
    return str(exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN))
