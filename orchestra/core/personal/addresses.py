"""E-mail, web and network addresses in a folded text; pure."""

import ipaddress
import re
from collections.abc import Iterator

from orchestra.core.personal.around import before
from orchestra.core.personal.types import Find, Kind

_LONGEST_LOCAL = 128
_LOCAL = frozenset(".+%'-_")
_DOMAIN = re.compile(
    r"(?:[^\W_](?:[\w-]{0,62})\.){1,9}(?:xn--[a-z0-9-]{1,59}|[^\W\d_]{2,24})(?![\w@])",
    re.IGNORECASE,
)
#: ``at`` in brackets, or as a word.
_AT = re.compile(r" {0,2}[\[({<] {0,2}at {0,2}[\])}>] {0,2}| @ | at ", re.IGNORECASE)
_DOT = r"(?: {0,2}[\[({<] {0,2}dot {0,2}[\])}>] {0,2}| dot |\.)"
_SAID_DOMAIN = re.compile(
    rf"[^\W_][\w-]{{0,62}}(?:{_DOT}[^\W_][\w-]{{0,62}}){{0,4}}?{_DOT}[^\W\d_]{{2,24}}(?!\w)",
    re.IGNORECASE,
)
_DOT_SAID = re.compile(r"[ \[({<]dot[ \])}>]", re.IGNORECASE)
#: Read backwards, so that the end of the local part is where the match begins.
_SAID_LOCAL = re.compile(
    r"[\w+%.-]{1,64}(?:(?: {0,2}[\])}>] {0,2}tod {0,2}[\[({<] {0,2}| tod )[\w+%-]{1,64}){0,3}",
    re.IGNORECASE,
)
_WEB = re.compile(r"(?<![\w])(?:(?:https?|ftps?|wss?)://|www\.)[^\s<>\"'`{}|\\^]+", re.IGNORECASE)
_WEB_END = ".,;:!?)]*_"
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])", re.IGNORECASE)
_DOTS, _COLONS = 3, 2
_SHORTEST_IPV6 = 6
_VERSION = re.compile(r"(?:\bv(?:ersion|er|\.)?|\brelease) ?$", re.IGNORECASE)


def find_emails(text: str) -> Iterator[Find]:
    """Yield e-mail addresses, those spelled out ("noah at example dot com") too."""
    at = text.find("@")
    while at >= 0:
        start = _local_start(text, at)
        domain = _DOMAIN.match(text, at + 1) if start < at else None
        if domain:
            yield Find(Kind.EMAIL, start, domain.end(), 0.98)
        at = text.find("@", at + 1)
    yield from _said_emails(text)


def _local_start(text: str, at: int) -> int:
    """Return where the part before an @ begins; ``at`` where there is none."""
    start, lowest = at, max(0, at - _LONGEST_LOCAL)
    while start > lowest and (text[start - 1].isalnum() or text[start - 1] in _LOCAL):
        start -= 1
    while start < at and text[start] in "'.-":
        start += 1
    return start


def _said_emails(text: str) -> Iterator[Find]:
    for found in _AT.finditer(text):
        domain = _SAID_DOMAIN.match(text, found.end())
        local = _SAID_LOCAL.match(text[max(0, found.start() - 100) : found.start()][::-1])
        if domain is None or local is None:
            continue
        # The plain word "at" is too common: the dot must be spelled out as well.
        if found[0].lower() == " at " and not _DOT_SAID.search(domain[0]):
            continue
        yield Find(Kind.EMAIL, found.start() - local.end(), domain.end(), 0.6)


def find_web_addresses(text: str) -> Iterator[Find]:
    """Yield web addresses that say so: with a scheme, or beginning with ``www.``."""
    if "://" not in text and "www." not in text.lower():
        return
    for found in _WEB.finditer(text):
        address = found[0].rstrip(_WEB_END)
        yield Find(Kind.WEB_ADDRESS, found.start(), found.start() + len(address), 0.9)


def find_network_addresses(text: str) -> Iterator[Find]:
    """Yield IPv4 and IPv6 addresses, those of the machine itself left out."""
    for found in _IPV4.finditer(text) if text.count(".") >= _DOTS else ():
        if _is_somebodys(found[0]) and not _VERSION.search(before(text, found.start(), 12)):
            yield Find(Kind.IP_ADDRESS, found.start(), found.end(), 0.9)
    for found in _IPV6.finditer(text) if text.count(":") >= _COLONS else ():
        if len(found[0]) >= _SHORTEST_IPV6 and _is_somebodys(found[0]):
            yield Find(Kind.IP_ADDRESS, found.start(), found.end(), 0.9)


def _is_somebodys(address: str) -> bool:
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not (read.is_loopback or read.is_unspecified)
