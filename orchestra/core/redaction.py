"""Masks personal data and secrets for display and export. Pure, but for what it knows to be clean.

Masking is for the eye: it leaves enough to recognise what was said and too little to use.
It errs towards showing business ids, such as order and item numbers, so a bare run of digits
is taken for a phone number only where its key or the words around it say so.
"""

import re
from collections.abc import Mapping
from hashlib import blake2b
from secrets import token_bytes
from typing import Any

from orchestra.core.personal.accounts import passes_iban_check, passes_luhn
from orchestra.core.personal.finding import find_personal
from orchestra.core.personal.types import Find, Kind

__all__ = [
    "mask",
    "mask_arguments",
    "mask_text",
    "mask_value",
    "masked_parts",
    "passes_iban_check",
    "passes_luhn",
]

DOT = "•"

_DIGIT = re.compile(r"\d")
_ALPHANUMERIC = re.compile(r"[^\W_]")
#: A web address is masked where it carries a name, a key or a question; others are to be read.
_TELLING_WEB = re.compile(r"[@?]")
_SECRET_KEY = re.compile(
    r"(?:^|_)(?:password|passwd|secret|token|api_?key|authorization|cvv|cvc|pin)$", re.IGNORECASE
)
_PHONE_KEY = re.compile(r"(?:^|_)(?:phone|mobile|telephone|tel)(?:_number)?$", re.IGNORECASE)
_IDENTITY_KEY = re.compile(
    r"(?:^|_)(?:ssn|iban|card_number|pan|national_id|tax_id|passport(?:_number)?"
    r"|driver_?s?_licen[cs]e|driving_licen[cs]e)$",
    re.IGNORECASE,
)

#: Keys whose text is personal as a whole.
PERSONAL_KEYS = frozenset({"email", "address1", "address2", "street", "zip", "postcode"})

#: Keys under which the arguments of a call stand beside ``sensitive``.
_ARGUMENTS = ("arguments", "arguments_now")
_STEP = re.compile(r"\.([^.\[\]\s]+)|\[(\d+)\]")

#: What nothing was found in, as digests by a key of this process: lists show the same texts again
#: and again, and no text is kept to know it by.
_CLEAN: set[bytes] = set()
_MOST_CLEAN = 20_000
_KEY = token_bytes(16)

#: How often a text is looked at again, since what was masked may set free what stood beside it.
_MOST_ROUNDS = 6


def mask_text(text: str) -> str:
    """Return a text with the personal data and secrets that have a form of their own masked.

    These are e-mail and network addresses, phone and card numbers, IBANs, national numbers,
    driving licences, passports and secrets. Names and postal addresses stay. Masking a masked
    text changes nothing.

    Args:
        text: Any text.
    """
    digest = blake2b(text.encode(errors="surrogatepass"), digest_size=16, key=_KEY).digest()
    if digest in _CLEAN:
        return text
    shown = text
    for _round in range(_MOST_ROUNDS):
        masked = _masked_once(shown)
        if masked == shown:
            break
        shown = masked
    if shown == text:
        _remember(digest)
    return shown


def _remember(digest: bytes) -> None:
    if len(_CLEAN) >= _MOST_CLEAN:
        _CLEAN.clear()
    _CLEAN.add(digest)


def masked_parts(text: str) -> list[tuple[int, int, str]]:
    """Return a text in parts with what is shown of each, so that a place shown can be found again.

    Args:
        text: Any text.

    Returns:
        Where each part begins and ends in the text, and what is shown: the part itself, or what
        stands in place of it. Joined they are what ``mask_text`` returns.
    """
    shown = mask_text(text)
    parts: list[tuple[int, int, str]] = []
    seen = 0
    for find in find_personal(text):
        if find.start > seen:
            parts.append((seen, find.start, text[seen : find.start]))
        parts.append((find.start, find.end, _masked(find, text[find.start : find.end])))
        seen = find.end
    if seen < len(text):
        parts.append((seen, len(text), text[seen:]))
    # What took more than one look cannot be told apart by place: it is one part as a whole.
    return parts if "".join(one for _s, _e, one in parts) == shown else [(0, len(text), shown)]


def _masked_once(text: str) -> str:
    pieces: list[str] = []
    seen = 0
    for find in find_personal(text):
        pieces += (text[seen : find.start], _masked(find, text[find.start : find.end]))
        seen = find.end
    return "".join([*pieces, text[seen:]])


def _masked(find: Find, found: str) -> str:
    """Return what is shown in place of a find."""
    match find.kind:
        case Kind.EMAIL:
            return f"{found[0]}{DOT * 3}@{DOT * 3}.{_last_word(found)}"
        case Kind.CARD | Kind.IBAN:
            return f"{DOT * 4} {_tail(found, 4)}"
        case Kind.PHONE:
            return _mask_phone(found)
        case Kind.NATIONAL_ID | Kind.PASSPORT | Kind.DRIVING_LICENCE:
            return f"{DOT * 3} {_tail(found, 2)}"
        case Kind.WEB_ADDRESS:
            return _mask_web(found)
        case Kind.IP_ADDRESS | Kind.SECRET:
            return DOT * 3


def _tail(found: str, count: int) -> str:
    return "".join(_ALPHANUMERIC.findall(found)[-count:])


def _last_word(found: str) -> str:
    return re.split(r"[^\w-]+", found)[-1]


def _mask_web(found: str) -> str:
    if not _TELLING_WEB.search(found):
        return found
    scheme, follows, _rest = found.partition("://")
    return f"{scheme}{follows}{DOT * 3}" if follows else f"www.{DOT * 3}"


def mask_value(value: Any) -> Any:
    """Return a JSON value with every text in it masked, and secrets gone.

    Values under keys that name a secret, and texts under keys of an address, are masked whole.
    Where ``arguments`` stand beside ``sensitive``, a list of paths, these are masked whole.
    Numbers, booleans and the keys themselves stay as they are.

    Args:
        value: A JSON value; it is not changed.
    """
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        shown = _without_sensitive(value)
        return {key: _mask_item(str(key), item) for key, item in shown.items()}
    if isinstance(value, (list, tuple)):
        return [mask_value(item) for item in value]
    return value


def mask_arguments(arguments: Any, sensitive: Any) -> Any:
    """Return the arguments of a call with those masked whole that its tool calls sensitive.

    Args:
        arguments: A JSON value; it is not changed.
        sensitive: Paths such as ``$.card.number`` or ``$.pins[0]``; anything else is passed over.
    """
    for path in sensitive if isinstance(sensitive, (list, tuple)) else ():
        if isinstance(path, str):
            steps = _STEP.findall(path)
            arguments = _hidden(arguments, [name or int(index) for name, index in steps])
    return arguments


def _without_sensitive(value: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Mask what stands beside the list of what is sensitive in it."""
    if "sensitive" not in value:
        return value
    hidden = {
        key: mask_arguments(value[key], value["sensitive"]) for key in _ARGUMENTS if key in value
    }
    return {**value, **hidden}


def _hidden(value: Any, steps: list[Any]) -> Any:
    if not steps:
        return value if value is None else DOT * 3
    first, *rest = steps
    if isinstance(value, Mapping) and str(first) in value:
        return {
            key: _hidden(item, rest) if key == str(first) else item for key, item in value.items()
        }
    if isinstance(value, list) and isinstance(first, int):
        return [_hidden(item, rest) if index == first else item for index, item in enumerate(value)]
    return value


def _mask_item(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool) or value == "":
        return value
    if _SECRET_KEY.search(key):
        return DOT * 3
    if isinstance(value, str) and _PHONE_KEY.search(key):
        return _mask_phone(value)
    if isinstance(value, str) and _IDENTITY_KEY.search(key):
        return value if DOT in value else f"{DOT * 4} {_tail(value, 2)}"
    masked = mask_value(value)
    if key in PERSONAL_KEYS and isinstance(value, str) and masked == value and DOT not in value:
        return DOT * 3
    return masked


def _mask_phone(text: str) -> str:
    digits = _DIGIT.findall(text)
    return f"{DOT * 3} {''.join(digits[-2:])}" if digits else DOT * 3


#: The shorter name by which pages and timelines know it.
mask = mask_value
