"""Card numbers and IBANs in a folded text; pure."""

import re
from collections.abc import Iterator

from orchestra.core.personal.around import before, words
from orchestra.core.personal.types import Find, Kind

_CARD_LENGTHS = range(12, 20)
_DIGITS = re.compile(r"\d+")
_BETWEEN = frozenset({" ", "-", ".", "  ", " - "})
_CARD_WORDS = words(
    "cards?", "cc", "credit", "debit", "visa", "master ?card", "amex", "maestro", "pan",
    "karte", "kreditkarte", "carte", "tarjeta", "carta", "cartão", "kaart",
)  # fmt: skip
#: First digits and lengths by issuer. Source: ISO/IEC 7812 and the issuers' own ranges.
_ISSUERS = (
    (re.compile("4"), frozenset({13, 16, 19})),
    (re.compile("5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)"), frozenset({16})),
    (re.compile("3[47]"), frozenset({15})),
    (re.compile("30[0-5]|3095|3[689]"), frozenset({14, 16, 19})),
    (re.compile("35(?:2[89]|[3-8])"), frozenset({16, 17, 18, 19})),
    (re.compile("2131|1800"), frozenset({15})),
    (re.compile("6011|64[4-9]|65|60|62|81|82|508"), frozenset({16, 17, 18, 19})),
    (re.compile("5[0678]|6[0-9]|220[0-4]|9792"), frozenset({13, 14, 15, 16, 17, 18, 19})),
    (re.compile("1"), frozenset({15})),
)
_IBAN_HEAD = re.compile(r"(?<![\w-])[a-z]{2}\d{2}(?=[ .-]?[a-z0-9])", re.IGNORECASE)
_IBAN_WORD = re.compile(r"\biban\b[^\w]{0,3}(?:is|number|no)?[^\w]{0,3}$", re.IGNORECASE)
_IBAN_BETWEEN = frozenset(" -.")
_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 "
    "DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 "
    "IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 "
    "MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 "
    "SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
)
#: Lengths by country. Source: the IBAN registry of ISO 13616.
IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _LENGTHS.split()}


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


def find_cards(text: str) -> Iterator[Find]:
    """Yield card numbers: a length and first digits of an issuer, and a Luhn digit that fits.

    Where a word such as "card" stands before it, the Luhn digit alone is enough.
    """
    groups = [found.span() for found in _DIGITS.finditer(text)]
    first = 0
    while first < len(groups):
        last = _card_from(text, groups, first)
        if last < 0:
            first += 1
            continue
        yield Find(Kind.CARD, groups[first][0], groups[last][1], 0.95)
        first = last + 1


def _card_from(text: str, groups: list[tuple[int, int]], first: int) -> int:
    """Return which group a card number that begins with one ends with; -1 without one."""
    start = groups[first][0]
    if start and (text[start - 1].isalnum() or text[start - 1] in "#-_+•"):
        return -1
    digits, longest, best = "", _CARD_LENGTHS[-1], -1
    for place in range(first, min(len(groups), first + longest)):
        here, end = groups[place]
        if place > first and text[groups[place - 1][1] : here] not in _BETWEEN:
            break
        if len(digits) + end - here > longest:
            break
        digits += text[here:end]
        if _ends(text, end) and _is_card(digits, text, start):
            best = place
    return best


def _ends(text: str, end: int) -> bool:
    following = text[end : end + 1]
    if following == "-":
        return not text[end + 1 : end + 2].isalnum()
    return not (following.isalnum() or following == "_")


def _is_card(digits: str, text: str, start: int) -> bool:
    if len(digits) not in _CARD_LENGTHS or len(set(digits)) == 1 or not passes_luhn(digits):
        return False
    if any(len(digits) in sizes and heads.match(digits) for heads, sizes in _ISSUERS):
        return True
    return bool(_CARD_WORDS.search(before(text, start)))


def find_ibans(text: str) -> Iterator[Find]:
    """Yield IBANs with the length of their country and check digits that fit.

    After the word "IBAN" wrong check digits are taken for a slip of the pen.
    """
    behind = 0
    for found in _IBAN_HEAD.finditer(text):
        length = IBAN_LENGTHS.get(found[0][:2].upper(), 0)
        if found.start() < behind or not length:
            continue
        iban, end = _letters_and_digits(text, found.start(), length)
        if len(iban) != length or text[end : end + 1].isalnum():
            continue
        good = passes_iban_check(iban)
        if good or _IBAN_WORD.search(before(text, found.start(), 24)):
            behind = end
            yield Find(Kind.IBAN, found.start(), end, 0.99 if good else 0.6)


def _letters_and_digits(text: str, start: int, count: int) -> tuple[str, int]:
    """Return the next letters and digits, single separators skipped, and where they end."""
    taken: list[str] = []
    at = start
    while at < len(text) and len(taken) < count:
        character = text[at]
        if character.isascii() and character.isalnum():
            taken.append(character)
        elif character not in _IBAN_BETWEEN or text[at - 1] in _IBAN_BETWEEN:
            break
        at += 1
    return "".join(taken), at
