"""What an edit changed against another text: words, rows moved, rows taken away; pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

_WORDS: Final = re.compile(r"\s+|[^\s,.;]+(?:[.,][^\s,.;]+)*|[,.;]")
#: Alike words between two changes that are too few to be read apart.
_GLUE: Final = 3
_NOTHING_TO_SAY: Final = frozenset(" ,.;")


class Sign(StrEnum):
    """Whether a piece of text stands in both, in the new one or in the old one."""

    SAME = "same"
    ADDED = "added"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text."""

    sign: Sign
    text: str


def word_pieces(before: str, after: str) -> list[Piece]:
    """Return the new text in pieces, with what it replaces before each.

    Args:
        before: The old text; empty for none, and then all is added.
        after: The new text; the pieces that are not gone make it up exactly.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    found: list[Piece] = []
    for sign, gone, added in _joined(SequenceMatcher(None, old, new, autojunk=False), old, new):
        if sign is Sign.SAME:
            found.append(Piece(Sign.SAME, added))
            continue
        if gone:
            found.append(Piece(Sign.GONE, gone))
        if added:
            found.append(Piece(Sign.ADDED, added))
    return found


Change = tuple[Sign, str, str]


def _joined(
    matcher: "SequenceMatcher[str]", old: Sequence[str], new: Sequence[str]
) -> Iterator[Change]:
    """Yield the changes in their order; those that a blank or a comma parts are one."""
    kept: Change | None = None
    for code, at, to, start, end in matcher.get_opcodes():
        gone, added = "".join(old[at:to]), "".join(new[start:end])
        same = code == "equal"
        if same and not (kept and kept[0] is not Sign.SAME and _is_glue(new[start:end])):
            if kept:
                yield kept
            kept = (Sign.SAME, "", added)
        elif kept and kept[0] is Sign.ADDED:
            kept = (Sign.ADDED, kept[1] + gone, kept[2] + added)
        else:
            if kept:
                yield kept
            kept = (Sign.ADDED, gone, added)
    if kept:
        yield kept


def _is_glue(words: Sequence[str]) -> bool:
    return len(words) < _GLUE and all(set(word) <= _NOTHING_TO_SAY for word in words)


def gone_words(pieces: Sequence[Piece]) -> list[str]:
    """Return what stood in the old text only, without what holds no word."""
    texts = [piece.text.strip(" ,.;") for piece in pieces if piece.sign is Sign.GONE]
    return [text for text in texts if text]


def moved_names(before: Sequence[str], after: Sequence[str]) -> frozenset[str]:
    """Return the names that stand in both lists in another order; as few as explain it."""
    both = set(before) & set(after)
    first = [name for name in before if name in both]
    second = [name for name in after if name in both]
    if first == second:
        return frozenset()
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    stay = {name for block in blocks for name in first[block.a : block.a + block.size]}
    return frozenset(both - stay)


def places_of_gone(before: Sequence[str], after: Sequence[str]) -> dict[int, list[int]]:
    """Return where rows that were taken away stood, as they would stand among those that stay.

    Args:
        before: Names of the rows of the old text.
        after: Names of the rows of the new one.

    Returns:
        Index in the new text before which they belong, to their indexes in the old one.
    """
    stands = {name: index for index, name in enumerate(after)}
    found: dict[int, list[int]] = {}
    place = 0
    for index, name in enumerate(before):
        if name in stands:
            place = stands[name] + 1
        else:
            found.setdefault(place, []).append(index)
    return found


def runs_of_alike(values: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield start and end of each run of equal values."""
    start = 0
    for at in range(1, len(values) + 1):
        if at == len(values) or values[at] != values[start]:
            yield start, at
            start = at
