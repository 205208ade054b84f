"""Words that are polite and ask for nothing: greetings, thanks, a yes, an automatic reply; pure."""

import re
from typing import Final

#: Longest text in characters that is looked at as a courtesy; more than that says something.
_LONGEST: Final = 2000
_WORDS: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_POLITE_WORDS: Final = """
    a again all am and anybody anyone are be bye can cheers day dear evening everybody
    everyone everything fine for good goodbye great guys have hello help helping hey hi hiya i
    i'm in is it it's kind kindly lot lots lovely madam many me mine much morning my nice
    night no ok okay perfect please problem really right see so sir sorted support sure team
    thank thanks that that's the there this to today too very was welcome well wonderful work
    works worked yeah yes yep you your you're
"""
_POLITE: Final = frozenset(_POLITE_WORDS.split())
#: One of these has to be among the words; the others only stand around it.
_GREETS: Final = frozenset({"hello", "hey", "hi", "hiya", "morning", "evening", "there", "anybody"})
_ANSWERS: Final = frozenset({"yes", "yeah", "yep", "no", "ok", "okay", "sure", "right", "fine"})
_THANKS: Final = frozenset({"thank", "thanks", "cheers"})
_THANKS_MORE: Final = re.compile(
    r"\b(?:much appreciated|(?:i )?appreciate (?:it|that|your help)|you(?:'ve| have) been"
    r" (?:very |so |most )?(?:kind|helpful)|all (?:good|sorted|done) now|that solved it)\b",
    re.IGNORECASE,
)
_AUTOMATIC: Final = re.compile(
    r"\b(?:out[ -]of[ -](?:the )?office|automatic(?:ally generated)? (?:reply|response|message)"
    r"|auto[ -]?reply|auto[ -]?response|i am (?:currently )?(?:away|on (?:leave|holiday|vacation))"
    r"|this is an automated|do[ -]not[ -]reply)\b",
    re.IGNORECASE,
)
#: What asks for something, however polite the rest is.
_ASKS: Final = re.compile(
    r"\?|\b(?:but|still|however|not|doesn't|didn't|isn't|want|need|cancel|refund|return"
    r"|another|wrong|broken|missing)\b",
    re.IGNORECASE,
)
#: Around an identifier that was asked for, such as "my e-mail is".
_NAMING: Final = frozenset(
    {"account", "e", "email", "id", "mail", "name", "number", "order", "zip"}
)


def is_automatic(text: str) -> bool:
    """Whether a text is a mailbox's own answer, which nobody wrote for this matter."""
    return len(text) <= _LONGEST and _AUTOMATIC.search(text) is not None


def is_thanks(text: str) -> bool:
    """Whether a text thanks and asks for nothing more; a doubt counts as more."""
    said = _plain(text)
    if len(said) > _LONGEST or _ASKS.search(said):
        return False
    words = _words(_THANKS_MORE.sub(" thanks ", said))
    return not _THANKS.isdisjoint(words) and words <= _POLITE


def says_nothing(text: str) -> bool:
    """Whether a text only greets, answers or gives an identifier: there is no need in it yet.

    A need that is hinted at is one: such a text is left to whoever reads needs.

    Args:
        text: What was said, without the identifiers that were found in it.
    """
    if len(text) > _LONGEST:
        return False
    words = _words(text)
    said = _GREETS | _ANSWERS | _THANKS | _NAMING
    return not words or (words <= _POLITE | _NAMING and not said.isdisjoint(words))


def ends_quietly(text: str) -> bool:
    """Whether words on a resolved case leave it resolved: thanks, or an automatic reply."""
    return is_automatic(text) or is_thanks(text)


def _words(text: str) -> frozenset[str]:
    return frozenset(one.lower() for one in _WORDS.findall(_plain(text)))


def _plain(text: str) -> str:
    """Return a text with the apostrophe that telephones write as the plain one."""
    return text.replace("\u2019", "'")
