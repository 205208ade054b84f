"""Phone numbers in a folded text; pure.

A number with its country's code, or in a form that little else has, is one anywhere. Any other
run of digits is one only where the words around it say so: business ids look the same.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from orchestra.core.personal.around import after, before, words
from orchestra.core.personal.types import Find, Kind

#: Where a number without its country's code is looked up, when its form alone decides nothing.
REGIONS = ("US", "GB", "DE", "FR", "CH", "ES", "IT", "NL", "BE", "AT", "SE", "DK", "PL", "AU", "BR")

_FEWEST, _MOST = 7, 15
_BARE_FEWEST = 6
_CLUSTER = re.compile(r"(?<![\w#•])\+?\(?\d(?:[ \t().\-/]{0,3}\d)*+")
_STRONG = re.compile(
    r"(?<![\w+])\+ ?\(?\d(?:[ ().\-/]{0,3}\d){6,14}(?!\d)"
    r"|(?<![\w#-])00[ -]?[1-9](?:[ ().\-/]{0,3}\d){6,14}(?![\w-])"
    r"|(?<![\w#-])(?:1[-. ])?(?:\(\d{3}\)[ -]?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-])"
    r"|(?<![\w#-])0\d{1,4}[ /-]\d(?:[ /-]?\d){5,9}(?![\w-])"
)
_STRONG_BEFORE_LETTERS = re.compile(
    r"(?<![\w#-])(?:\(\d{3}\)[ -]?|\d{3}[-. ])\d{3}[-. ]\d{4}(?= ?(?:x|ext))", re.IGNORECASE
)
_EXTENSION = re.compile(r",? ?(?:x|ext\.?|extension) ?\d{1,6}(?!\w)", re.IGNORECASE)
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d[-./ ](?:0?[1-9]|1[0-2])[-./ ](?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])[-./](?:0?[1-9]|[12]\d|3[01])[-./](?:19|20)\d\d)(?!\d)"
)
_DIGIT = re.compile(r"\d")
_GROUP = re.compile(r"\d+")
_SMALL_SPACE = re.compile(r"[ \t().\-/]+")

_LABEL = (
    r"tele?(?:phone|fon|f)?|phones?|mobile?s?|mob|cell(?:ular|phone)?|hand(?:y|set)|fax|desk|"
    r"land ?line|whats ?app|sms|telefoo?n|téléphone|tél|móvil|celular|teléfono|cellulare|"
    r"telemóvel|mobil|gsm|contact"
)
#: Words that say a number nearby is called.
_NEAR = words(
    _LABEL,
    r"call(?:ed|ing|back|s)?", r"ring", r"rang", r"dial(?:l?ed|l?ing)?", r"reach(?:ed|ing)?",
    r"text(?:ed|ing)?", r"messages?", r"messaged", r"answering", r"answer", r"pick(?:ing)? up",
    r"voice ?mail", r"anrufen", r"rufen", r"appeler", r"llamar", r"chiamare", r"ligar", r"bellen",
)  # fmt: skip
#: The same directly before a bare run of digits.
_LABELLED = re.compile(
    rf"(?<!\w)(?:(?:{_LABEL})(?:[ ]?(?:number|nummer|no|nr|num))?|call(?: me)?(?: back)?"
    r"|ring(?: me)?|dial|text(?: me)?|reach me)[.:#]?[ ]?(?:is|was|are|at|on|to|under)?"
    r"[\s:=]{0,3}\(?\+?$",
    re.IGNORECASE,
)
_LABEL_BEHIND = re.compile(
    r"[ \t]?[-(,]?[ \t]?(?:office|fax|mobile|cell|landline|phone|desk)\b", re.IGNORECASE
)
#: Words that say the number after them is something else.
_OTHERWISE = re.compile(
    r"(?<!\w)(?:orders?|items?|case|ticket|ref(?:erence)?|invoice|tracking|product|sku|serial|"
    r"account|booking|policy|code|zip|postcode|ids?|ssn|imei|model|version|usd|eur|gbp|amount|"
    r"total|price|quantity|article|part|batch|size|step|row|line|page|year|date)"
    r"[ ]?(?:number|no|nr|id|code)?[.:#]?[ ]?(?:is|was|of|and|or)?[\s:=#]{0,3}$",
    re.IGNORECASE,
)


def find_phones(text: str) -> Iterator[Find]:
    """Yield phone numbers, with their extensions."""
    for pattern in (_STRONG, _STRONG_BEFORE_LETTERS):
        for found in pattern.finditer(text):
            if not _DATE.match(found[0]):
                yield _phone(text, found.start(), found.end(), _confidence(found[0]))
    for found in _CLUSTER.finditer(text):
        confidence = _cluster_confidence(text, found)
        if confidence:
            yield _phone(text, found.start(), found.end(), confidence)


def _phone(text: str, start: int, end: int, confidence: float) -> Find:
    extension = _EXTENSION.match(text, end)
    return Find(Kind.PHONE, start, extension.end() if extension else end, confidence)


def _confidence(number: str) -> float:
    return 0.9 if is_valid_phone(number) else 0.8


def _cluster_confidence(text: str, found: re.Match[str]) -> float:
    """Return how sure it is that a run of digits is called; 0 where it is not."""
    cluster = found[0]
    # Longer runs are no phone number, and counting their digits would cost.
    if len(cluster) > _MOST * 3 or _runs_on(text, found.end()) or _DATE.search(cluster):
        return 0.0
    digits = len(_DIGIT.findall(cluster))
    ahead = before(text, found.start())
    if not _BARE_FEWEST <= digits <= _MOST or _OTHERWISE.search(ahead):
        return 0.0
    behind = after(text, found.end(), 16)
    if _LABELLED.search(ahead) or (digits >= _FEWEST and _LABEL_BEHIND.match(behind)):
        return 0.92
    groups = [len(group) for group in _GROUP.findall(cluster)]
    if digits < _FEWEST or len(groups) < 2 or max(groups) > 8:  # noqa: PLR2004  one is bare
        return 0.0
    if _NEAR.search(ahead):
        return 0.65
    return 0.7 if cluster[0] in "0(" and is_valid_phone(cluster) else 0.0


def _runs_on(text: str, end: int) -> bool:
    """Return whether the word that a run of digits belongs to goes on behind it."""
    following = text[end : end + 1]
    if following.isalnum():
        return not _EXTENSION.match(text, end)
    return following == "_"


@lru_cache(maxsize=2048)
def is_valid_phone(number: str) -> bool:
    """Return whether a number can be assigned: by its country's code, or in one of REGIONS.

    Args:
        number: Digits with their separators.
    """
    plain = _SMALL_SPACE.sub(" ", number.replace("(0)", " ")).strip()
    plain = f"+{plain[2:]}" if plain.startswith("00") else plain
    return any(_is_valid_in(plain, region) for region in _regions(plain))


def _regions(number: str) -> tuple[str | None, ...]:
    return (None,) if number.startswith("+") else REGIONS


def _is_valid_in(number: str, region: str | None) -> bool:
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(number, region)))
    except phonenumbers.NumberParseException:
        return False
