"""A scorecard document read into a value; all errors at once; pure."""

from collections.abc import Mapping
from typing import Any, Final

from governance.policies.reading import KEY, named, nearest
from qa.documents.reading import Reader, read_document
from qa.scorecards.rules import points_possible
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

Json = Any

MOST_POINTS: Final = 1000
MOST_QUESTIONS: Final = 100
#: A scale that people can tell apart; what is finer is a number, not a judgement.
MOST_STEPS: Final = 10
LEAST_ANSWERS: Final = 2
_MOST_DECIMALS: Final = 2

_FIELDS: Final = ("key", "title", "purpose", "applies_to", "scoring", "sections")
_SCORING: Final = ("pass_percent", "fail_below_percent", "decimals", "above_100")
_SECTION: Final = ("key", "title", "weight", "questions")
_OPTION: Final = ("key", "text", "points")
_CONDITION: Final = ("question", "is")
_EVERY: Final = ("key", "text", "kind", "not_applicable", "evidence", "guidance", "only_if")
#: Kind of answer to the fields that a question of it may have.
_QUESTION: Final[Mapping[AnswerKind, tuple[str, ...]]] = {
    AnswerKind.YES_NO: (*_EVERY, "points", "auto_fail", "bonus", "fails_on"),
    AnswerKind.SCALE: (*_EVERY, "points", "auto_fail", "bonus", "low", "high"),
    AnswerKind.CHOICE: (*_EVERY, "auto_fail", "bonus", "answers"),
    AnswerKind.TEXT: _EVERY,
}


def parse_scorecard(*, document: Mapping[str, Json]) -> ScorecardSpec:
    """Return the scorecard that a document states.

    Args:
        document: ``key``, ``title``, ``purpose``, ``applies_to``, ``scoring``, ``sections``.

    Raises:
        InvalidInputError: With every error at once, each with its path, such as
            ``sections[1].questions[0].points``.
    """
    return read_document(document, "scorecard", "scorecard.invalid", lambda r: _card(r, document))


def _card(reader: Reader, document: Json) -> ScorecardSpec:
    fields = reader.mapping(document, "", _FIELDS)
    sections = tuple(
        _section(reader, value, f"sections[{index}]")
        for index, value in enumerate(reader.some(fields.get("sections"), "sections"))
    )
    card = ScorecardSpec(
        key=reader.key(fields),
        title=reader.title(fields),
        purpose=reader.text(fields.get("purpose"), "purpose"),
        applies_to=reader.codes(fields, "applies_to", Subject),
        scoring=_scoring(reader, fields.get("scoring")),
        sections=sections,
    )
    reader.needed(card.applies_to, "applies_to", "kind of work")
    reader.needed(card.sections, "sections", "section")
    _check(reader, card)
    return card


def _scoring(reader: Reader, value: Json) -> Scoring:
    fields = reader.mapping(value, "scoring", _SCORING)
    return Scoring(
        pass_percent=reader.count(fields, "pass_percent", "scoring", most=100),
        fail_below_percent=reader.count(
            fields, "fail_below_percent", "scoring", least=1, most=100, default=50
        ),
        decimals=reader.count(fields, "decimals", "scoring", most=_MOST_DECIMALS, default=1),
        above_100=reader.optional_flag(fields, "above_100", "scoring"),
    )


def _section(reader: Reader, value: Json, path: str) -> Section:
    fields = reader.mapping(value, path, _SECTION)
    where = named(path, "questions")
    questions = reader.some(fields.get("questions"), where)
    reader.needed(questions, where, "question")
    return Section(
        key=reader.key(fields, path),
        title=reader.title(fields, path),
        weight=reader.count(fields, "weight", path, most=MOST_POINTS, default=1),
        questions=tuple(
            _question(reader, one, f"{where}[{index}]") for index, one in enumerate(questions)
        ),
    )


def _question(reader: Reader, value: Json, path: str) -> Question:
    kind = reader.code(reader.mapping(value, path), "kind", AnswerKind, path)
    fields = reader.mapping(value, path, _QUESTION[kind])
    options = _options(reader, fields.get("answers"), path) if kind is AnswerKind.CHOICE else ()
    low, high = _steps(reader, fields, path) if kind is AnswerKind.SCALE else (0, 0)
    return Question(
        key=reader.key(fields, path),
        text=reader.text(fields.get("text"), named(path, "text")),
        kind=kind,
        points=_points(reader, fields, path, kind, options),
        not_applicable=reader.optional_flag(fields, "not_applicable", path),
        auto_fail=reader.optional_flag(fields, "auto_fail", path),
        bonus=reader.optional_flag(fields, "bonus", path),
        evidence=reader.optional_code(fields, "evidence", Evidence, path, Evidence.ON_FAIL),
        guidance=reader.optional_text(fields, "guidance", path),
        low=low,
        high=high,
        fails_on=_answer(reader, fields.get("fails_on"), named(path, "fails_on")),
        options=options,
        only_if=_condition(reader, fields.get("only_if"), named(path, "only_if")),
    )


def _points(
    reader: Reader,
    fields: Mapping[str, Json],
    path: str,
    kind: AnswerKind,
    options: tuple[Option, ...],
) -> int:
    if kind is AnswerKind.CHOICE:
        return max((option.points for option in options), default=0)
    return 0 if kind is AnswerKind.TEXT else reader.count(fields, "points", path, most=MOST_POINTS)


def _steps(reader: Reader, fields: Mapping[str, Json], path: str) -> tuple[int, int]:
    low = reader.count(fields, "low", path, most=MOST_POINTS)
    high = reader.count(fields, "high", path, most=MOST_POINTS)
    if not LEAST_ANSWERS <= high - low + 1 <= MOST_STEPS:
        message = f"must be 1 to {MOST_STEPS - 1} above low, which is {low}"
        reader.add(named(path, "high"), "scale", message)
        return low, low + 1
    return low, high


def _options(reader: Reader, value: Json, path: str) -> tuple[Option, ...]:
    where = named(path, "answers")
    found = []
    for index, one in enumerate(reader.some(value, where)):
        place = f"{where}[{index}]"
        fields = reader.mapping(one, place, _OPTION)
        text = reader.title(fields, place, "text")
        points = reader.count(fields, "points", place, most=MOST_POINTS)
        found.append(Option(reader.key(fields, place), text, points))
    if len(found) < LEAST_ANSWERS:
        reader.add(where, "too_few", "must name at least two answers to choose from")
    reader.no_repeats([one.key for one in found if one.key], where)
    return tuple(found)


def _answer(reader: Reader, value: Json, path: str) -> str:
    return "no" if value is None else reader.choice(_word(value), path, ("no", "yes"))


def _word(value: Json) -> Json:
    """Return yes for true and no for false, which is what YAML makes of the bare words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def _condition(reader: Reader, value: Json, path: str) -> Condition | None:
    if value is None:
        return None
    fields = reader.mapping(value, path, _CONDITION)
    where = named(path, "is")
    answers = []
    for index, one in enumerate(reader.some(fields.get("is"), where)):
        word = str(one) if one.__class__ is int else _word(one)
        answers.append(reader.text(word, f"{where}[{index}]"))
    reader.needed(answers, where, "answer")
    reader.no_repeats(answers, where)
    question = reader.text(fields.get("question"), named(path, "question"), KEY)
    return Condition(question, tuple(answers))


def _check(reader: Reader, card: ScorecardSpec) -> None:
    _check_keys(reader, card)
    _check_conditions(reader, card)
    for path, question in _placed(card):
        _check_question(reader, question, path)
    if card.sections and not points_possible(card):
        message = "earn nothing together: give points to a question in a section with a weight"
        reader.add("sections", "no_points", message)


def _placed(card: ScorecardSpec) -> list[tuple[str, Question]]:
    return [
        (f"sections[{at}].questions[{index}]", question)
        for at, section in enumerate(card.sections)
        for index, question in enumerate(section.questions)
    ]


def _check_keys(reader: Reader, card: ScorecardSpec) -> None:
    reader.no_repeats([one.key for one in card.sections if one.key], "sections")
    seen: set[str] = set()
    for path, question in _placed(card):
        if question.key and question.key in seen:
            message = f"another question already has the key {question.key}"
            reader.add(named(path, "key"), "repeated", message)
        seen.add(question.key)
    if len(card.questions) > MOST_QUESTIONS:
        reader.add("sections", "too_many", f"must have at most {MOST_QUESTIONS} questions")


def _check_question(reader: Reader, question: Question, path: str) -> None:
    worth = {option.points for option in question.options}
    if question.options and len(worth) == 1 and worth != {0}:
        message = "all earn the same, so the answer changes nothing; set them to 0 or apart"
        reader.add(named(path, "answers"), "same_points", message)
    if question.auto_fail and question.bonus:
        message = "cannot be a bonus and fail the review; choose one"
        reader.add(named(path, "bonus"), "conflict", message)
    if question.auto_fail and question.kind is AnswerKind.CHOICE and worth == {0}:
        message = "needs an answer that earns points and one that earns less"
        reader.add(named(path, "auto_fail"), "no_points", message)
    if question.auto_fail and question.evidence is Evidence.NEVER:
        message = "must ask for evidence: a failed review is read again by somebody"
        reader.add(named(path, "evidence"), "required", message)


def _check_conditions(reader: Reader, card: ScorecardSpec) -> None:
    asked: dict[str, Question] = {}
    keys = {question.key for question in card.questions}
    for path, question in _placed(card):
        if question.only_if is not None:
            _check_condition(reader, question.only_if, asked, keys, f"{path}.only_if")
        asked[question.key] = question


def _check_condition(
    reader: Reader, condition: Condition, asked: Mapping[str, Question], keys: set[str], path: str
) -> None:
    earlier = asked.get(condition.question)
    if earlier is None:
        if condition.question in keys:
            message = f"{condition.question} is not asked before this one; put it first"
            reader.add(named(path, "question"), "later_question", message)
        elif condition.question:
            hint = nearest(condition.question, keys)
            message = f"there is no question {condition.question}{hint}"
            reader.add(named(path, "question"), "unknown_question", message)
        return
    if earlier.kind is AnswerKind.TEXT:
        message = f"{earlier.key} is answered in free text, which no condition can read"
        reader.add(named(path, "question"), "free_text", message)
        return
    for index, answer in enumerate(condition.answers):
        if answer and answer not in earlier.answers:
            choices = ", ".join(earlier.answers)
            message = f"{earlier.key} has no such answer; it has {choices}"
            reader.add(f"{named(path, 'is')}[{index}]", "unknown_answer", message)
