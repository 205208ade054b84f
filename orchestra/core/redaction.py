"""Masks personal data and secrets for display and export. Pure.

Masking is for the eye: it leaves enough to recognise what was said and too little to use.
It errs towards showing business ids, such as order and item numbers, so a bare run of digits
is taken for a phone number only where its key or its punctuation says so.
"""

import re
from collections.abc import Mapping
from typing import Any

DOT = "•"

_EMAIL = re.compile(r"(?<![\w.+%-])([\w.+%-]{1,64})@((?:[\w-]{1,63}\.)+[A-Za-z]{2,24})\b")
_IBAN = re.compile(r"(?<![\w-])[A-Z]{2}\d{2}(?: ?[A-Za-z0-9]){11,30}(?![\w-])")
_CARD = re.compile(r"(?<![\w#-])\d(?:[ -]?\d){12,18}(?![\w-])")
_PHONES = (
    re.compile(r"(?<![\w+])\+\d(?:[\s().-]{0,2}\d){6,14}(?!\w)"),
    re.compile(r"(?<![\w#-])00[1-9](?:[\s().-]{0,2}\d){6,14}(?![\w-])"),
    re.compile(r"(?<![\w#-])(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-])"),
    re.compile(r"(?<![\w#-])0\d{1,4}[ /-]\d(?:[ /-]?\d){5,9}(?![\w-])"),
)
_DIGIT = re.compile(r"\d")
_SECRET_KEY = re.compile(
    r"(?:^|_)(?:password|passwd|secret|token|api_?key|authorization|cvv|cvc|pin)$", re.IGNORECASE
)
_PHONE_KEY = re.compile(r"(?:^|_)(?:phone|mobile|telephone|tel)(?:_number)?$", re.IGNORECASE)

#: Keys whose text is personal as a whole.
PERSONAL_KEYS = frozenset({"email", "address1", "address2", "street", "zip", "postcode"})

_CARD_LENGTHS = range(13, 20)
_IBAN_LENGTHS = range(15, 35)


def mask_text(text: str) -> str:
    """Return a text with e-mail addresses, card numbers, IBANs and phone numbers masked.

    Masking a masked text changes nothing.

    Args:
        text: Any text.
    """
    masked = _EMAIL.sub(_mask_email, text)
    masked = _IBAN.sub(_mask_iban, masked)
    masked = _CARD.sub(_mask_card, masked)
    for pattern in _PHONES:
        masked = pattern.sub(lambda found: _mask_phone(found[0]), masked)
    return masked


def mask_value(value: Any) -> Any:
    """Return a JSON value with every text in it masked, and secrets gone.

    Values under keys that name a secret, and texts under keys of an address, are masked whole.
    Numbers, booleans and the keys themselves stay as they are.

    Args:
        value: A JSON value; it is not changed.
    """
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return {key: _mask_item(str(key), item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask_value(item) for item in value]
    return value


def passes_luhn(digits: str) -> bool:
    """Return whether a run of digits has a correct Luhn check digit.

    Source: ISO/IEC 7812-1, annex B.
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number  # noqa: PLR2004  the sum of two digits
    return total % 10 == 0


def passes_iban_check(iban: str) -> bool:
    """Return whether an IBAN without spaces has correct check digits.

    Source: ISO 13616-1, ISO 7064 MOD 97-10.
    """
    moved = (iban[4:] + iban[:4]).upper()
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def _mask_item(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool) or value == "":
        return value
    if _SECRET_KEY.search(key):
        return DOT * 3
    if isinstance(value, str) and _PHONE_KEY.search(key):
        return _mask_phone(value)
    masked = mask_value(value)
    if key in PERSONAL_KEYS and isinstance(value, str) and masked == value and DOT not in value:
        return DOT * 3
    return masked


def _mask_email(found: re.Match[str]) -> str:
    domain = found[2]
    return f"{found[1][0]}{DOT * 3}@{DOT * 3}.{domain.rsplit('.', 1)[1]}"


def _mask_card(found: re.Match[str]) -> str:
    digits = "".join(_DIGIT.findall(found[0]))
    is_card = len(digits) in _CARD_LENGTHS and passes_luhn(digits) and len(set(digits)) > 1
    return f"{DOT * 4} {digits[-4:]}" if is_card else found[0]


def _mask_iban(found: re.Match[str]) -> str:
    words = found[0].split(" ")
    # The pattern cannot know where the number ends and the next words begin.
    for count in range(len(words), 0, -1):
        iban, rest = "".join(words[:count]), words[count:]
        if len(iban) in _IBAN_LENGTHS and passes_iban_check(iban):
            return " ".join([f"{DOT * 4} {iban[-4:]}", *rest])
    return found[0]


def _mask_phone(text: str) -> str:
    digits = _DIGIT.findall(text)
    return f"{DOT * 3} {''.join(digits[-2:])}" if digits else DOT * 3


#: The shorter name by which pages and timelines know it.
mask = mask_value
