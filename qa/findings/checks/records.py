"""What was shown and what was told of the rules: personal data, and terms of articles; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from orchestra.core.personal.finding import find_personal
from orchestra.core.personal.types import Kind
from qa.findings.checks.base import Outcome, Spotted, does_not_apply, judged
from qa.findings.checks.words import content
from qa.findings.reading import Beside, Reading, Span, sentences

#: Never said in full, even where the customer said it first.
_NEVER: Final = frozenset(
    {
        Kind.CARD,
        Kind.IBAN,
        Kind.NATIONAL_ID,
        Kind.DRIVING_LICENCE,
        Kind.PASSPORT,
        Kind.SECRET,
    }
)
_SOMEBODYS: Final = frozenset({Kind.EMAIL, Kind.PHONE})
#: Below this only the words around a number say what it is.
_SURE: Final = 0.6
#: Content words that two sentences share before they count as being about the same thing.
_SHARED: Final = 3
_TERM: Final = re.compile(
    r"\b(\d{1,4})(?:\s*(?:-|\u2013|to|or)\s*(\d{1,4}))?[ -]?"
    r"(?:(?:business|working|calendar) )?(minute|hour|day|week|month|year)s?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Term:
    start: int
    end: int
    numbers: frozenset[int]
    unit: str
    about: frozenset[str]


def find_exposed_data(reading: Reading) -> Outcome:
    """Find personal data told to the customer that nobody needs to be told.

    Numbers of cards, accounts and papers and secrets never; an e-mail address or a telephone
    number where it is not one the customer gave.
    """
    if not reading.answers:
        return does_not_apply("nobody_answered")
    told = [*reading.before, *reading.from_customer]
    given = "\n".join([*reading.contact_points, *(one.text for one in told if one.by_customer)])
    known, digits = given.casefold(), re.sub(r"\D", "", given)
    found = []
    for said in reading.answers:
        for find in find_personal(said.text):
            value = said.text[find.start : find.end]
            if find.kind in _NEVER and find.confidence >= _SURE:
                found.append(Spotted((Span(said.id, find.start, find.end),), (), find.kind))
            elif find.kind in _SOMEBODYS and find.confidence >= _SURE:
                number = re.sub(r"\D", "", value)
                is_given = value.casefold() in known or (
                    find.kind is Kind.PHONE and number in digits
                )
                if not is_given and not _in_articles(value, reading):
                    found.append(Spotted((Span(said.id, find.start, find.end),), (), find.kind))
    return judged(found)


def find_contradicted_terms(reading: Reading) -> Outcome:
    """Find terms told that differ from an article that was used for the case.

    Two sentences are about the same where they share three content words and the unit of time;
    the words are contradicted where every such sentence of the articles names other numbers.
    """
    if not reading.articles:
        return does_not_apply("no_article_used")
    written = [(article, term) for article in reading.articles for term in _terms(article.text)]
    said = [(one, term) for one in reading.answers for term in _terms(one.text)]
    if not written or not said:
        return does_not_apply("no_term_said")
    found = []
    for message, term in said:
        alike = [
            (article, other)
            for article, other in written
            if other.unit == term.unit and len(other.about & term.about) >= _SHARED
        ]
        if alike and not any(_agree(term, other) for _article, other in alike):
            article = max(alike, key=lambda pair: len(pair[1].about & term.about))[0]
            beside = (Beside("article_version", article.id, article.label),)
            span = Span(message.id, term.start, term.end)
            found.append(Spotted((span,), beside, "other_term"))
    return judged(found)


def _terms(text: str) -> Iterator[_Term]:
    for start, end in sentences(text):
        about = None
        for match in _TERM.finditer(text, start, end):
            about = content(text[start:end]) if about is None else about
            numbers = frozenset(int(one) for one in match.groups()[:2] if one)
            yield _Term(match.start(), match.end(), numbers, match[3].casefold(), about)


def _agree(one: _Term, other: _Term) -> bool:
    """Return whether a term lies inside another: "within 7 days" agrees with "5 to 7 days"."""
    return min(other.numbers) <= min(one.numbers) and max(one.numbers) <= max(other.numbers)


def _in_articles(value: str, reading: Reading) -> bool:
    return any(value in article.text for article in reading.articles) or any(
        value in text for text in reading.texts
    )
