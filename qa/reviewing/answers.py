"""Answers of a review as they come in and as they are kept; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from orchestra.core.errors import FieldError, InvalidInputError
from qa.scorecards.scoring import Answer, asked
from qa.scorecards.types import ScorecardSpec

Json = Any

MOST_QUOTES: Final = 10
LONGEST_COMMENT: Final = 1000
LONGEST_WORDS: Final = 2000
#: What a quote is of: words of a message, a tool call with its answer, a part of a bundle.
_WHOLE: Final = ("call", "part")


@dataclass(frozen=True, slots=True)
class Quote:
    """What an answer rests on, by its place; the words stay where they were said.

    Attributes:
        of: ``message``, ``call`` or ``part``.
        id: Public id of the message or call, or name of the part.
        start: First character of the message's text, from 0.
        end: One beyond the last.
    """

    of: str
    id: str
    start: int = 0
    end: int = 0

    def stored(self) -> dict[str, Json]:
        """Return it as it is kept."""
        if self.of in _WHOLE:
            return {self.of: self.id}
        return {"message": self.id, "start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True)
class Given:
    """What a reviewer said to one question.

    Attributes:
        words: Words typed as evidence where no place was marked; found in the text on saving.
    """

    value: str
    quotes: tuple[Quote, ...] = ()
    comment: str = ""
    words: str = field(default="", compare=False)

    def stored(self) -> dict[str, Json]:
        """Return it as it is kept."""
        return {
            "value": self.value,
            "quotes": [one.stored() for one in self.quotes],
            "comment": self.comment,
        }


def read_answers(value: Json, spec: ScorecardSpec) -> dict[str, Given]:
    """Return answers by question; those without any content are left out.

    Args:
        value: ``{question: {"value", "quotes", "comment", "words"}}``, or what is kept.
        spec: The scorecard of the review.

    Raises:
        InvalidInputError: Something has the wrong shape, or names no question.
    """
    if not isinstance(value, Mapping):
        raise InvalidInputError("The answers are an object of questions.", code="review.answers")
    known = {question.key for question in spec.questions}
    errors: list[FieldError] = []
    found: dict[str, Given] = {}
    for key, one in value.items():
        path = f"answers.{key}"
        if key not in known or not isinstance(one, Mapping):
            errors.append(FieldError(path, "unknown", "The scorecard asks no such question."))
            continue
        errors.extend(_wrong(one, path))
        given = _given(one)
        if given.value or given.quotes or given.comment or given.words:
            found[key] = given
    if errors:
        raise InvalidInputError("The answers were not saved.", code="review.answers", errors=errors)
    return found


def _wrong(one: Mapping[str, Json], path: str) -> Iterator[FieldError]:
    for name, most in (("value", LONGEST_WORDS), ("comment", LONGEST_COMMENT), ("words", 500)):
        text = one.get(name, "")
        if not isinstance(text, str):
            yield FieldError(f"{path}.{name}", "text", "This has to be text.")
        elif len(text) > most:
            message = f"Keep it within {most} characters."
            yield FieldError(f"{path}.{name}", "length", message)
        elif "\x00" in text:
            yield FieldError(f"{path}.{name}", "text", "This holds a character that is no text.")
    quotes = one.get("quotes", [])
    if not isinstance(quotes, list) or any(_quote(each) is None for each in quotes):
        yield FieldError(f"{path}.quotes", "quote", "A quote names words that were said.")
    elif len(quotes) > MOST_QUOTES:
        yield FieldError(f"{path}.quotes", "most", f"At most {MOST_QUOTES} quotes.")


def _given(one: Mapping[str, Json]) -> Given:
    quotes = one.get("quotes", [])
    read = [_quote(each) for each in quotes] if isinstance(quotes, list) else []
    return Given(
        value=str(one.get("value", "")).strip(),
        quotes=tuple(dict.fromkeys(each for each in read if each is not None)),
        comment=str(one.get("comment", "")).strip(),
        words=str(one.get("words", "")).strip(),
    )


def _quote(each: Json) -> Quote | None:
    if not isinstance(each, Mapping):
        return None
    for of in _WHOLE:
        if isinstance(each.get(of), str):
            return Quote(of, each[of])
    name, start, end = each.get("message"), each.get("start"), each.get("end")
    if not isinstance(name, str) or type(start) is not int or type(end) is not int:
        return None
    return Quote("message", name, start, end) if 0 <= start < end else None


def as_scored(
    given: Mapping[str, Given], texts: Mapping[str, tuple[str, ...]]
) -> dict[str, Answer]:
    """Return answers as the score takes them.

    Args:
        given: Question to what was said.
        texts: Question to the words of its quotes.
    """
    return {key: Answer(one.value, texts.get(key, ())) for key, one in given.items() if one.value}


def still_asked(spec: ScorecardSpec, given: Mapping[str, Given]) -> dict[str, Given]:
    """Return the answers to questions that are asked, given the answers before each."""
    keys = {question.key for question in asked(spec, as_scored(given, {}))}
    return {key: one for key, one in given.items() if key in keys}
