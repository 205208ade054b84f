"""What an edit changed against another text: rows moved, rows taken away; pure."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher


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
