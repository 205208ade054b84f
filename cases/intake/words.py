"""Cuts a text into clauses and words a classifier can count; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: The straight and the curly apostrophe.
_APOSTROPHE = "'\N{RIGHT SINGLE QUOTATION MARK}"
_WORD = re.compile(rf"[#]?[A-Za-z0-9]+(?:[{_APOSTROPHE}][A-Za-z]+)?(?:[-_@.][A-Za-z0-9]+)*")
_CLAUSE = re.compile(
    r"[.!?;:]+(?=\s|$)|\n|,? \b(?:but|then|otherwise|finally|lastly)\b"
    r"|, (?=(?:and|so|if|also|or)\b)| (?=if\b)"
    r"| (?=and (?:also )?(?:i|you|we|please|cancel|return|exchange|modify|change|switch)\b)"
    r"| (?=or (?:to )?(?:cancel|return|exchange|modify|change|switch)\b)",
    re.IGNORECASE,
)
_HEAD = re.compile(f"[{_APOSTROPHE}]")
_STOP = frozenset(
    """a an the this that these those i you he she it we they me him her us them my your his its our
    their mine yours is are was were be been being am do does did have has had having will would
    shall should can could may might must of in on at by for from to with as and or if so than too
    very just also please there here who whom all any both each some such only own s t d ll m o re
    ve y want wants wanted like need needs make sure get got im id ive youd youre whether because
    while about into out up off over under again further once agent ask asks asked hello hi hey
    thanks thank help possible hope hoping wish first recently cannot no not don dont couldn doesn
    didn isn aren won using looking wondering""".split()  # noqa: SIM905  a word list reads better as text
)
#: Not the past tense: who writes "my cancelled order" does not want to cancel it.
_ENDINGS = ("ings", "ing", "ies", "s")
#: Clauses read of one text; who writes more says the need before.
MOST_CLAUSES = 80
_REACH = 40
_SHORTEST_STEM = 3
_LONG = 6
_CONDITION = re.compile(
    r"^\W*(?:and\s+|but\s+|so\s+)?(?:if|unless|otherwise|in case|whenever)\b", re.I
)
_ALTERNATIVE = re.compile(r"^\W*or\b", re.IGNORECASE)
_UNWANTED = re.compile(
    rf"\b(?:(?:do|does|did|would)(?: not|n[{_APOSTROPHE}]?t)|never) (?:want|wish|need|like)",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    rf"\b(?:(?:do|does)(?: not|n[{_APOSTROPHE}]?t)|never|not going to|no need to|rather not"
    r"|without)"
    r"(?:\s+(?:want|wish|like|need|have|even))?(?:\s+to)?\s+$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Word:
    """One counted word: its stem, and as it stands in the text."""

    stem: str
    text: str


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a text that says one thing.

    Attributes:
        conditional: Whether it only holds under an ``if``.
        alternative: Whether it stands after an ``or``.
        unwanted: Whether it says what is *not* wanted.
    """

    text: str
    words: tuple[Word, ...]
    conditional: bool
    alternative: bool
    unwanted: bool


def clauses_of(text: str) -> list[Clause]:
    """Return the clauses of a text that say anything, in order."""
    found: list[Clause] = []
    lines = "\n".join(" ".join(line.split()) for line in text.splitlines())
    conditional = False
    for part, follows in _parts(lines):
        if len(found) == MOST_CLAUSES:
            break
        # What comes "then" comes under the same condition.
        conditional = bool(_CONDITION.match(part)) or (follows and conditional)
        words = tuple(words_of(part))
        if words:
            found.append(
                Clause(
                    text=part.strip(),
                    words=words,
                    conditional=conditional,
                    alternative=bool(_ALTERNATIVE.match(part)),
                    unwanted=bool(_UNWANTED.search(part)),
                )
            )
    return found


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a text, and whether each follows on the one before it by ``then``."""
    start, follows = 0, False
    for cut in _CLAUSE.finditer(text):
        yield text[start : cut.start()], follows
        start, follows = cut.end(), cut[0].lower().endswith("then")
    yield text[start:], follows


def words_of(text: str) -> Iterator[Word]:
    """Yield the words of a text that carry meaning, without names of things by number."""
    for match in _WORD.finditer(text):
        raw = match[0]
        plain = _HEAD.split(raw.lower())[0]
        if plain in _STOP or any(sign.isdigit() for sign in plain) or "@" in plain:
            continue
        negated = _NEGATION.search(text[max(0, match.start() - _REACH) : match.start()])
        stem = stem_of(plain)
        yield Word(stem=f"not_{stem}" if negated else stem, text=raw)


def stem_of(word: str) -> str:
    """Return a word without its commonest endings; crude, but the same for every text."""
    for ending in _ENDINGS:
        kept = word.removesuffix(ending)
        if kept != word and len(kept) >= _SHORTEST_STEM and not word.endswith(("ss", "us")):
            word = kept
            break
    if len(word) >= _LONG:
        word = word.removesuffix("y")
    if len(word) > _SHORTEST_STEM:
        word = word.removesuffix("e")
    doubled = len(word) > _SHORTEST_STEM and word[-1] == word[-2]
    return word[:-1] if doubled else word
