"""The words near a place in a text; pure."""

import re

#: How far before a number a word may stand that says what the number is.
BEFORE = 48
#: How far behind it.
AFTER = 12


def before(text: str, at: int, length: int = BEFORE) -> str:
    """Return what stands before an index, at most ``length`` characters."""
    return text[max(0, at - length) : at]


def after(text: str, at: int, length: int = AFTER) -> str:
    """Return what stands from an index on, at most ``length`` characters."""
    return text[at : at + length]


def words(*alternatives: str) -> re.Pattern[str]:
    """Return a pattern of whole words, in any case.

    Args:
        alternatives: Regular expressions without groups that capture.
    """
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)", re.IGNORECASE)
