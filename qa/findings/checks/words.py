"""Words that checks share: content words, amounts, and what counts as a yes; pure."""

import re
from collections.abc import Iterable

from qa.findings.reading import CallSeen, Json, leaves

#: A sum of money as people write it; only what names its currency.
MONEY = re.compile(r"(?:[$€£]|\b(?:USD|EUR|GBP) ?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d{1,2})?(?!\d)")
_YES = re.compile(
    r"\b(?:yes|yeah|yep|yup|sure|ok(?:ay)?|correct|right|confirm(?:ed)?|proceed|go ahead|do it|"
    r"do that|please do|sounds good|that works|works for me|agreed?|absolutely|definitely|"
    r"of course|fine|perfect|great|exactly)\b",
    re.IGNORECASE,
)
_PLAIN = frozenset(
    re.findall(
        r"\w+",
        "about after also been before could does from have into more only over please "
        "shall should some than that their them then there these they this those were "
        "what when which will with would your within",
    )
)
#: Beyond this a number is no sum of money.
_MOST = 1e12


def says_yes(text: str) -> bool:
    """Return whether a text holds a yes."""
    return _YES.search(text) is not None


def cents(found: re.Match[str]) -> int:
    """Return the amount of a match of ``MONEY`` in hundredths."""
    part = (found[2] or "").lstrip(".").ljust(2, "0")
    return int(found[1].replace(",", "")) * 100 + int(part)


def content(text: str) -> frozenset[str]:
    """Return the words of a text that carry its matter, cut to their first six letters."""
    return frozenset(
        word[:6] for word in re.findall(r"[a-z]{4,}", text.casefold()) if word not in _PLAIN
    )


def amounts_of(calls: Iterable[CallSeen]) -> frozenset[int]:
    """Return every amount that stands in the arguments and answers of calls, in hundredths."""
    found: set[int] = set()
    for call in calls:
        if call.amount_minor is not None:
            found.add(abs(call.amount_minor))
        for _key, value in leaves([call.arguments, call.result]):
            found |= _amounts(value)
    return frozenset(found)


def _amounts(value: Json) -> set[int]:
    if isinstance(value, int | float):
        return {abs(round(value * 100))} if abs(value) < _MOST else set()
    bare = re.fullmatch(r"\s*(\d+)(\.\d{1,2})?\s*", value)
    return {cents(found) for found in MONEY.finditer(value)} | ({cents(bare)} if bare else set())
