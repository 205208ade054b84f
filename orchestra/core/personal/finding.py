"""Finds personal data and secrets in a text of any size, in time in proportion to it; pure."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from orchestra.core.personal.accounts import find_cards, find_ibans
from orchestra.core.personal.addresses import (
    find_emails,
    find_network_addresses,
    find_web_addresses,
)
from orchestra.core.personal.folding import count_digits, fold
from orchestra.core.personal.identities import find_identities
from orchestra.core.personal.phones import find_phones
from orchestra.core.personal.secrets import find_secrets
from orchestra.core.personal.types import Find

#: Times, UUIDs and digests, whose digits are nobody's number.
_MACHINE = re.compile(
    r"(?<![\w-])(?:"
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=\d*[a-f])[0-9a-f]{32,128}"
    r")(?![\w-])",
    re.IGNORECASE,
)
_SHORTEST_DIGEST = 32
#: Codes of the product, such as ``case.opened``: no digit, space, dash or sign that a find needs.
_CODE = re.compile(r"(?!www\.)[a-z]{1,20}(?:\.[a-z]{1,20}){0,3}")
_Finder = Callable[[str], Iterator[Find]]
_WITHOUT_DIGITS: tuple[_Finder, ...] = (find_secrets, find_emails, find_web_addresses)
#: How many digits a text has at least in which one of them finds anything.
_WITH_DIGITS: tuple[tuple[int, _Finder], ...] = (
    (2, find_ibans),
    (12, find_cards),
    (1, find_identities),
    (1, find_network_addresses),
    (6, find_phones),
)


def find_personal(text: str) -> list[Find]:
    """Return what is personal or secret in a text, in order, no two overlapping.

    Of finds that overlap the surer one stays, of equally sure ones the longer.

    Args:
        text: Any text.
    """
    if _CODE.fullmatch(text) or _MACHINE.fullmatch(text):
        return []
    folded = fold(text)
    return [
        replace(find, start=start, end=end)
        for find in _apart(_all(folded.text))
        for start, end in [folded.span(find.start, find.end)]
    ]


def _all(text: str) -> Iterator[Find]:
    for finder in _WITHOUT_DIGITS:
        yield from finder(text)
    if count_digits(text):
        without = _without_machines(text)
        digits = count_digits(without)
        for fewest, finder in _WITH_DIGITS:
            if digits >= fewest:
                yield from finder(without)


def _without_machines(text: str) -> str:
    """Return a text as long as before, in which times, UUIDs and digests say nothing."""
    if "-" not in text and max(map(len, text.split()), default=0) < _SHORTEST_DIGEST:
        return text
    return _MACHINE.sub(lambda found: "x" * len(found[0]), text)


def _apart(finds: Iterable[Find]) -> list[Find]:
    """Return finds that do not overlap, in order.

    Each is compared with the one kept before it only: a surer one takes its place.
    """
    kept: list[Find] = []
    for find in sorted(finds, key=lambda one: (one.start, -one.end)):
        while kept and kept[-1].end > find.start and _is_surer(find, kept[-1]):
            kept.pop()
        if not kept or kept[-1].end <= find.start:
            kept.append(find)
    return kept


def _is_surer(one: Find, other: Find) -> bool:
    return (one.confidence, one.end - one.start) > (other.confidence, other.end - other.start)
