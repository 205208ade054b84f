"""Masks personal data for display; pure. What is stored never passes through here."""

import re
from collections.abc import Mapping
from typing import Any

_EMAIL = re.compile(
    r"(?<![\w.+-])(?P<first>[\w])[\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,5}(?P<top>[A-Za-z]{2,24})\b"
)
_CARD = re.compile(r"(?<![\w#-])\d(?:[ -]?\d){12,18}(?![\w-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
# A bare run of ten digits is more often an item's number than a telephone's, so separators
# or a country code are asked for.
_PHONE = re.compile(
    r"(?<![\w#.])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?|\d{2,4}[ .-])\d{3,4}[ .-]\d{3,4}(?!\w)"
    r"|(?<![\w#.])\+\d{8,15}(?!\w)"
)
_TWICE = 9
_IBAN_REMAINDER = 1

#: Keys whose text value is personal as a whole.
PERSONAL_KEYS = frozenset({"email", "phone", "telephone", "address1", "address2", "zip", "street"})


def mask_text(text: str) -> str:
    """Return a text with e-mail addresses, card and account numbers and telephones masked."""
    text = _EMAIL.sub(lambda found: f"{found['first']}•••@•••.{found['top']}", text)
    text = _CARD.sub(_masked_card, text)
    text = _IBAN.sub(_masked_iban, text)
    return _PHONE.sub(lambda found: f"••• {found[0][-2:]}", text)


def mask(value: Any) -> Any:
    """Return a JSON value with every text in it masked and personal keys hidden."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return {key: _masked_item(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    return value


def _masked_item(key: str, value: Any) -> Any:
    if key in PERSONAL_KEYS and isinstance(value, str) and value:
        masked = mask_text(value)
        return masked if masked != value else "•••"
    return mask(value)


def _masked_card(found: re.Match[str]) -> str:
    digits = [int(sign) for sign in found[0] if sign.isdigit()]
    return f"•••• {found[0][-4:]}" if _passes_luhn(digits) else found[0]


def _masked_iban(found: re.Match[str]) -> str:
    text = found[0].replace(" ", "")
    number = "".join(str(int(sign, 36)) for sign in text[4:] + text[:4])
    return f"•••• {text[-4:]}" if int(number) % 97 == _IBAN_REMAINDER else found[0]


def _passes_luhn(digits: list[int]) -> bool:
    doubled = [
        (2 * digit - _TWICE if 2 * digit > _TWICE else 2 * digit) if place % 2 else digit
        for place, digit in enumerate(reversed(digits))
    ]
    return sum(doubled) % 10 == 0
