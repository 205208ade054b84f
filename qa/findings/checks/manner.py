"""How it was said: repetition, closing and rules of tone by words; pure.

Nothing here guesses at what anybody feels: a rule names words, and its finding shows them.
"""

import re
from typing import Final

from cases.handoff.repetition import Said, Sign, asked_kinds, find_repetitions
from qa.findings.checks.base import Outcome, Spotted, does_not_apply, judged
from qa.findings.reading import Reading, Span, Utterance, sentences

_CLOSING: Final = re.compile(
    r"anything else|any other|further (?:assistance|help|questions)|any (?:questions|concerns)|"
    r"have a (?:great|good|nice|wonderful|lovely)|take care|good ?bye|\bbye\b|"
    r"\bwelcome\b|glad (?:i|we|to)|happy to (?:help|assist)|thank you for|thanks for|"
    r"(?:kind|best|warm) regards|reach out|let (?:me|us) know|feel free|"
    r"(?:with)?in \d+ (?:business |working )?(?:hours?|days?)|transferred|specialist will",
    re.IGNORECASE,
)
_TAKES_LEAVE: Final = re.compile(
    r"\b(?:thanks?|thank you|bye|goodbye|that(?:'|\u2019)?s (?:all|it)|that is (?:all|it)|"
    r"no,? that|nothing else|great|perfect|have a)\b|^###",
    re.IGNORECASE,
)
#: Code of a rule to the words that break it.
TONE: Final[dict[str, re.Pattern[str]]] = {
    "blames": re.compile(
        r"\b(?:it|that)(?:['\u2019]s| is) your (?:own )?(?:fault|problem|mistake)\b|"
        r"\byou should(?:'ve|\u2019ve| have) (?:read|known|checked|told|thought)\b|"
        r"\byou (?:failed|neglected) to\b",
        re.IGNORECASE,
    ),
    "dismisses": re.compile(
        r"\bcalm down\b|\bnot my (?:problem|job|department)\b|\bdeal with it\b|\bwhatever\b[.!]|"
        r"\btoo bad\b|\bif you (?:had|would) (?:just|only)? ?(?:listen|read)\w*|"
        r"\bas I(?:['\u2019]ve| have)? (?:said|told you|explained) (?:already|before|twice)\b",
        re.IGNORECASE,
    ),
    "insults": re.compile(
        r"\b(?:stupid|idiot|moron|dumb|ridiculous|pathetic|shut up|nonsense|damn|hell no)\b",
        re.IGNORECASE,
    ),
    "shouts": re.compile(r"\b(?:[A-Z]{3,}\b[ ,!?]+){3,}[A-Z]{3,}\b|[!?]{4,}"),
}


def find_asking_again(reading: Reading) -> Outcome:
    """Find what was asked or had to be told again though the case held it.

    Source: the signs and their measured precision are those of ``cases.handoff.repetition``.
    """
    if not reading.answers:
        return does_not_apply("nobody_answered")
    said = [Said(by_customer=one.by_customer, text=one.text) for one in reading.messages]
    before = [Said(by_customer=one.by_customer, text=one.text) for one in reading.before]
    found = []
    for sign in find_repetitions(before=before, after=said):
        message = reading.messages[sign.index]
        if not message.text.strip():
            continue
        start, end = _place(message.text, sign.what, asked=sign.sign is Sign.ASKED_AGAIN)
        detail = f"{sign.sign}.{sign.what}"
        found.append(Spotted((Span(message.id, start, end),), (), detail))
    return judged(found)


def find_missing_closing(reading: Reading) -> Outcome:
    """Find a contact that ended on an unanswered customer, or without closing words or next step.

    Closing words are those listed here and the texts that the cue sheets have ready.
    """
    if reading.handed_off:
        return does_not_apply("handed_off")
    if not reading.answers:
        return does_not_apply("nobody_answered")
    last = reading.messages[-1]
    if last.by_customer:
        ends_well = not last.text.strip() or bool(_TAKES_LEAVE.search(last.text))
        return judged([] if ends_well else [_whole(last, "unanswered")])
    ends = [one.text for one in reading.answers[-2:]]
    closes = any(_CLOSING.search(text) for text in ends) or any(
        text and text in end for text in reading.texts for end in ends
    )
    return judged([] if closes or not last.text.strip() else [_whole(last, "no_closing")])


def find_rude_words(reading: Reading) -> Outcome:
    """Find words to the customer that a rule of tone names."""
    if not reading.answers:
        return does_not_apply("nobody_answered")
    return judged(
        [
            Spotted((Span(said.id, match.start(), match.end()),), (), rule)
            for said in reading.answers
            for rule, pattern in TONE.items()
            for match in pattern.finditer(said.text)
        ]
    )


def _place(text: str, what: str, *, asked: bool) -> tuple[int, int]:
    for start, end in sentences(text):
        if asked and what in asked_kinds(text[start:end]):
            return start, end
    return 0, len(text)


def _whole(said: Utterance, detail: str) -> Spotted:
    return Spotted((Span(said.id, 0, len(said.text)),), (), detail)
