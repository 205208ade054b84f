"""What the page of a review places: the unit on the left, the scorecard on the right."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.admin.bundles import describe_bundle, title_of_part
from cases.handoff.types import BundlePart
from orchestra.core import words
from orchestra.core.errors import FieldError
from qa.disputes.types import DisputeState
from qa.reviewing.answers import Given, Quote, as_scored
from qa.reviewing.models import Review
from qa.reviewing.reading import Called, Part, Said, UnitRead, shown_of, words_of
from qa.reviewing.types import ReviewState
from qa.scorecards import sentences as say
from qa.scorecards.rules import is_scored
from qa.scorecards.scoring import NOT_APPLICABLE, Score, asked, score, shown
from qa.scorecards.types import AnswerKind, Evidence, Question, ScorecardSpec

Json = Any
_SIGNS = {"customer": "is-cust", "ai": "is-ai", "human": "is-human"}
_SPEAKERS = {"customer": "customer", "ai": "agent", "human": "human"}


@dataclass(frozen=True, slots=True)
class Mark:
    """That an answer rests on some words of a message."""

    start: int
    end: int
    number: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a message as it is shown, and which questions quote it."""

    start: int
    end: int
    text: str
    is_masked: bool
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """One option of a question, and whether it is chosen."""

    value: str
    text: str
    key: int
    is_chosen: bool
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Foot:
    """What the answers so far give."""

    points: str
    percent: str
    verdict: str
    failed: str
    open_count: int
    open_words: str
    asked: tuple[str, ...] = field(default=())


def cut(parts: Sequence[Part], text: str, marks: Sequence[Mark]) -> list[Piece]:
    """Return the parts of a message cut where quotes begin and end; masked parts stay whole."""
    found: list[Piece] = []
    for part in parts:
        if part.text != text[part.start : part.end]:
            numbers = _numbers(part.start, part.end, marks)
            found.append(Piece(part.start, part.end, part.text, is_masked=True, numbers=numbers))
            continue
        edges = {part.start, part.end}
        for mark in marks:
            edges |= {edge for edge in (mark.start, mark.end) if part.start < edge < part.end}
        ordered = sorted(edges)
        found += [
            Piece(
                start,
                end,
                text[start:end],
                is_masked=False,
                numbers=_numbers(start, end, marks),
            )
            for start, end in pairwise(ordered)
        ]
    return found


def _numbers(start: int, end: int, marks: Sequence[Mark]) -> tuple[int, ...]:
    return tuple(sorted({mark.number for mark in marks if mark.start < end and start < mark.end}))


def describe_lines(
    read: UnitRead, given: Mapping[str, Given], spec: ScorecardSpec
) -> list[dict[str, Any]]:
    """Return what was said and done, in time, with the questions that quote it."""
    numbers = {question.key: at for at, question in enumerate(spec.questions, 1)}
    quotes = [(numbers[key], quote) for key, one in given.items() for quote in one.quotes]
    return [
        _said(line, quotes) if isinstance(line, Said) else _called(line, quotes)
        for line in read.lines
    ]


def _said(line: Said, quotes: Sequence[tuple[int, Quote]]) -> dict[str, Any]:
    marks = [
        Mark(quote.start, quote.end, number)
        for number, quote in quotes
        if quote.of == "message" and quote.id == line.id
    ]
    return {
        "said": True,
        "id": line.id,
        "at": line.at,
        "speaker": _SPEAKERS[line.speaker],
        "sign": _SIGNS[line.speaker],
        "label": line.label,
        "pieces": cut(line.parts, line.text, marks),
        "erased": line.is_erased,
    }


def _called(line: Called, quotes: Sequence[tuple[int, Quote]]) -> dict[str, Any]:
    return {
        "call": line,
        "at": line.at,
        "arguments": line.arguments.items() if isinstance(line.arguments, Mapping) else (),
        "fired": [
            {"policy": words.plain(one.policy), "version": one.version, "reason": one.reason}
            for one in line.fired
        ],
        "bad": line.state in {"failed", "refused", "unknown", "denied"},
        "numbers": sorted({n for n, one in quotes if one.of == "call" and one.id == line.id}),
    }


def describe_bundle_of(
    read: UnitRead, given: Mapping[str, Given], spec: ScorecardSpec
) -> dict[str, Any] | None:
    """Return the handoff of what is reviewed in its seven parts, or None.

    Each part names the questions that quote it; what holds nothing cannot be quoted.
    """
    if read.bundle is None:
        return None
    numbers = {question.key: at for at, question in enumerate(spec.questions, 1)}
    quotes = {
        (quote.id, numbers[key])
        for key, one in given.items()
        for quote in one.quotes
        if quote.of == "part"
    }
    return {
        "at": read.bundle.at,
        "by": read.bundle.from_label,
        "reason": words.plain(read.bundle.reason),
        "note": read.bundle.note,
        "parts": [
            part
            | {
                "quotable": part["key"] in read.bundle.parts,
                "numbers": sorted(number for named, number in quotes if named == part["key"]),
            }
            for part in describe_bundle(read.bundle.handoff, unmasked=False)
        ],
    }


def describe_sections(
    spec: ScorecardSpec,
    given: Mapping[str, Given],
    read: UnitRead,
    errors: Sequence[FieldError] = (),
) -> list[dict[str, Any]]:
    """Return the questions by section, with the answers so far and what is wrong with them."""
    numbers = {question.key: at for at, question in enumerate(spec.questions, 1)}
    reached = {question.key for question in asked(spec, as_scored(given, {}))}
    wrong: dict[str, list[str]] = {}
    for error in errors:
        wrong.setdefault(error.field.removeprefix("answers.").split(".")[0], []).append(
            str(_(error.message))
        )
    return [
        {
            "title": section.title,
            "questions": [
                _question(one, spec, numbers[one.key], given.get(one.key), read)
                | {
                    "asked": one.key in reached,
                    "errors": wrong.get(one.key, []),
                    "points": one.points * section.weight if is_scored(one) else 0,
                }
                for one in section.questions
            ],
        }
        for section in spec.sections
    ]


def _question(
    question: Question, spec: ScorecardSpec, number: int, given: Given | None, read: UnitRead
) -> dict[str, Any]:
    return {
        "key": question.key,
        "number": number,
        "text": question.text,
        "critical": question.auto_fail,
        "bonus": question.bonus,
        "guidance": question.guidance,
        "condition": say.condition_words(question.only_if, spec) if question.only_if else "",
        "after": question.only_if.question if question.only_if else "",
        "after_answers": " ".join(question.only_if.answers) if question.only_if else "",
        "is_text": question.kind is AnswerKind.TEXT,
        "takes_evidence": question.evidence is not Evidence.NEVER,
        "needs": say.EVIDENCE[question.evidence],
        "options": options_of(question, given.value if given else ""),
        "value": given.value if given else "",
        "comment": given.comment if given else "",
        "words": given.words if given else "",
        "stored_json": json.dumps([one.stored() for one in given.quotes] if given else []),
        "quotes": [quote_words(read, one) for one in given.quotes] if given else [],
    }


def quote_words(read: UnitRead, quote: Quote) -> str:
    """Return the words that a quote names as a person reads them; that they are gone, where so."""
    if not words_of(read, quote):
        return _("the words are gone")
    found = shown_of(read, quote)
    if quote.of == "message":
        return _("“%(words)s”") % {"words": found}
    if quote.of == "part":
        return title_of_part(found) if found in set(BundlePart) else words.plain(found)
    return found


def options_of(question: Question, chosen: str) -> list[Shown]:
    """Return the answers of a question in the order of their keys, 1 first."""
    if question.kind is AnswerKind.TEXT:
        return []
    if question.kind is AnswerKind.YES_NO:
        good = "no" if question.fails_on == "yes" else "yes"
        pairs = [("yes", _("Yes")), ("no", _("No"))]
        signs = {value: "y" if value == good else "n" for value, _text in pairs}
    elif question.kind is AnswerKind.SCALE:
        pairs = [(one, one) for one in question.answers]
        signs = {}
    else:
        pairs = [(one.key, one.text) for one in question.options]
        signs = {}
    if question.not_applicable:
        pairs.append((NOT_APPLICABLE, _("N/A")))
        signs = {**signs, NOT_APPLICABLE: "a"}
    return [
        Shown(value, text, at, value == chosen, signs.get(value, "y"))
        for at, (value, text) in enumerate(pairs, 1)
    ]


def describe_foot(spec: ScorecardSpec, given: Mapping[str, Given]) -> Foot:
    """Return the score of the answers so far, from the product's own formula."""
    answered = as_scored(given, {})
    result = score(spec, answered)
    open_count = sum(
        one.key not in answered and one.kind is not AnswerKind.TEXT for one in asked(spec, answered)
    )
    numbers = {question.key: at for at, question in enumerate(spec.questions, 1)}
    earned = sum((one.earned for one in result.sections), Fraction(0))
    possible = sum((one.possible for one in result.sections), Fraction(0))
    failed = ", ".join(str(numbers[key]) for key in result.failed)
    return Foot(
        points=_("%(earned)s of %(possible)s points that could be had")
        % {"earned": f"{float(earned):g}", "possible": f"{float(possible):g}"},
        percent=shown(result.percent, decimals=spec.scoring.decimals),
        verdict=verdict_of(result),
        failed=_("Critical question %(numbers)s failed, so the review is 0.") % {"numbers": failed}
        if failed
        else "",
        open_count=open_count,
        open_words=ngettext("%(count)d question open", "%(count)d questions open", open_count)
        % {"count": open_count}
        if open_count
        else _("Every question is answered."),
        asked=tuple(one.key for one in asked(spec, answered)),
    )


def verdict_of(result: Score) -> str:
    """Return whether a score passes, in a word; that there is none, where all is N/A."""
    if result.passed is None:
        return _("no score")
    return _("pass") if result.passed else _("fail")


def headline(review: Review) -> str:
    """Return what the review is of, without anybody's name."""
    unit = review.unit
    return _("%(kind)s of %(case)s") % {
        "kind": words.plain(unit.kind).capitalize(),
        "case": unit.case.label,
    }


def describe_decided(review: Review, spec: ScorecardSpec) -> list[dict[str, Any]]:
    """Return the disputes of a released review that were decided, with their questions."""
    if review.state != ReviewState.RELEASED:
        return []
    texts = {one.key: one.text for one in spec.questions}
    rows = review.disputes.exclude(state=DisputeState.OPEN).select_related("decided_by")
    return [{"row": one, "text": texts.get(one.question, "")} for one in rows.order_by("pk")]


def percent_words(review: Review, spec: ScorecardSpec) -> str:
    """Return the score that was handed in as it is written; empty where there is none."""
    if not review.percent:
        return ""
    return shown(Fraction(review.percent), decimals=spec.scoring.decimals)
