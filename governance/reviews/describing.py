"""What differs between two texts, part by part, once each part is said in words."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from governance.reviews.types import Change, Sign

#: Keys in their order, each with its words.
Rows = Sequence[tuple[str, str]]


def describe_heads(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    """Yield what differs among the named parts of a document that every version has.

    Args:
        before: Place to its words; empty for no version in force.
        after: Place to its words.
    """
    for place, words in after.items():
        was = before.get(place, "")
        if was != words:
            yield Change(_sign(was, words), place, before=was, after=words)


def _sign(before: str, after: str) -> Sign:
    if not before:
        return Sign.ADDED
    return Sign.CHANGED if after else Sign.REMOVED


def describe_rows(before: Rows, after: Rows, place: str) -> Iterator[Change]:
    """Yield what differs among rows that each have a key: new ones first, those gone last.

    Args:
        before: The rows in force; empty for none.
        after: The rows that would be.
        place: Name of a row's place over ``number``, such as ``Row %(number)d``.
    """
    old = {key: (number, words) for number, (key, words) in enumerate(before, 1)}
    new = {key: (number, words) for number, (key, words) in enumerate(after, 1)}
    moved = _moved(list(old), list(new))
    for key, (number, words) in new.items():
        where = place % {"number": number}
        if key not in old:
            yield Change(Sign.ADDED, where, after=words)
        elif old[key][1] != words:
            yield Change(Sign.CHANGED, where, before=old[key][1], after=words)
        elif key in moved:
            was = _("from place %(number)d") % {"number": old[key][0]}
            yield Change(Sign.MOVED, where, before=was, after=words)
    for key, (number, words) in old.items():
        if key not in new:
            yield Change(Sign.REMOVED, place % {"number": number}, before=words)


def _moved(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Return what stands in both but not in the same order; as little as explains it."""
    both = set(old) & set(new)
    first = [key for key in old if key in both]
    second = [key for key in new if key in both]
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    kept = {key for block in blocks for key in first[block.a : block.a + block.size]}
    return both - kept
