"""Which browser on which system, in words, from what a browser says of itself; pure."""

from collections.abc import Sequence
from typing import Final

#: The mark and its word; the first that is found counts, since browsers name each other.
_BROWSERS: Final[Sequence[tuple[str, str]]] = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("HeadlessChrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final[Sequence[tuple[str, str]]] = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def describe_device(said: str) -> str:
    """Return such as ``Firefox on Linux``; empty where nothing is known of it."""
    words = [
        next((word for mark, word in known if mark in said), "") for known in (_BROWSERS, _SYSTEMS)
    ]
    return " on ".join(word for word in words if word)
