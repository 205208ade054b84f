"""A text as a machine should read it, and the way back to the text as given; pure.

Full-width and other digits become 0 to 9, odd spaces and dashes plain ones, and characters
that take no room go. Anything that does not become ASCII stays as it is.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from string import digits

_SPACES = frozenset({"Zs"})
_DASHES = frozenset({"Pd"})
_NO_ROOM = frozenset({"Cf"})
_ODD = re.compile(r"[^\x00-\x7f]")
_MINUS = "\u2212"


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text.

    Attributes:
        text: The text to search.
        starts: Places in ``text``, ascending, from which the way back changes.
        origins: For each of ``starts`` the index in the text as given.
        moving: For each of ``starts`` whether the two walk on together from there; one
            character that became several stays behind until all of them are passed.
    """

    text: str
    starts: tuple[int, ...] = (0,)
    origins: tuple[int, ...] = (0,)
    moving: tuple[bool, ...] = (True,)

    def origin(self, index: int) -> int:
        """Return where the character at an index of ``text`` stands in the text as given."""
        at = bisect_right(self.starts, index) - 1
        return self.origins[at] + (index - self.starts[at] if self.moving[at] else 0)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return a span of ``text``, not empty, as a span of the text as given."""
        return self.origin(start), self.origin(end - 1) + 1


@lru_cache(maxsize=4096)
def fold_character(character: str) -> str:
    """Return what one character is read as: nothing, itself, or ASCII.

    Args:
        character: One character.
    """
    category = unicodedata.category(character)
    if category in _NO_ROOM:
        return ""
    if category in _SPACES:
        return " "
    if category in _DASHES or character == _MINUS:
        return "-"
    if category == "Nd":
        return str(unicodedata.decimal(character))
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain.isascii() else character


def count_digits(folded: str) -> int:
    """Return how many digits a folded text has."""
    return sum(map(folded.count, digits))


def fold(text: str) -> Folded:
    """Return a text folded, with the way back.

    Args:
        text: Any text; time and memory grow in proportion to it.
    """
    if text.isascii():
        return Folded(text)
    odd = {one: fold_character(one) for one in _ODD.findall(text)}
    changed = {one: plain for one, plain in odd.items() if plain != one}
    if not changed:
        return Folded(text)
    pieces: list[str] = []
    places: list[tuple[int, int, bool]] = [(0, 0, True)]
    seen = written = 0
    for found in re.finditer(f"[{re.escape(''.join(changed))}]", text):
        at, plain = found.start(), changed[found[0]]
        pieces += (text[seen:at], plain)
        written += at - seen + len(plain)
        seen = at + 1
        if len(plain) > 1:
            places.append((written - len(plain), at, False))
        if len(plain) != 1:
            places.append((written, seen, True))
    pieces.append(text[seen:])
    # Of places with the same start the last one counts, which is what bisect_right finds.
    starts, origins, moving = zip(*places, strict=True)
    return Folded("".join(pieces), starts, origins, moving)
