"""What differs between two texts, part by part, once each part is said in words."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from django.utils.translation import gettext as _

from governance.reviews.types import Change, Sign


class Row(NamedTuple):
    """One row of a text.

    Attributes:
        key: Names it in both texts.
        words: What it says.
        reason: Why, in its author's words; empty where the kind has no reasons.
    """

    key: str
    words: str
    reason: str = ""


#: Rows in their order; a plain pair of key and words has no reason.
Rows = Sequence[Row | tuple[str, str]]
_NUMBERED = re.compile(r"^(?P<stem>.*\D) (?P<number>\d+)$")


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
    old, new = _by_key(before), _by_key(after)
    moved = _moved(list(old), list(new))
    for key, (number, row) in new.items():
        where = place % {"number": number}
        if key not in old:
            yield Change(Sign.ADDED, where, after=row.words, reason=row.reason)
            continue
        place_before, was = old[key]
        if was != row:
            yield Change(Sign.CHANGED, where, was.words, row.words, row.reason, was.reason)
        elif key in moved:
            came = _("from place %(number)d") % {"number": place_before}
            yield Change(Sign.MOVED, where, before=came, after=row.words)
    for key, (number, row) in old.items():
        if key not in new:
            where = place % {"number": number}
            yield Change(Sign.REMOVED, where, before=row.words, reason_before=row.reason)


def _by_key(rows: Rows) -> dict[str, tuple[int, Row]]:
    return {row[0]: (number, Row(*row)) for number, row in enumerate(rows, 1)}


def _moved(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Return what stands in both but not in the same order; as little as explains it."""
    both = set(old) & set(new)
    first = [key for key in old if key in both]
    second = [key for key in new if key in both]
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    kept = {key for block in blocks for key in first[block.a : block.a + block.size]}
    return both - kept


def list_unchanged(every: Iterable[Change], differing: Iterable[Change]) -> dict[str, list[int]]:
    """Return the numbered places of a text at which nothing differs: their word to their numbers.

    Args:
        every: The new text described against none, so that every place of it is named.
        differing: What differs from the version in force.
    """
    taken = {one.place for one in differing if one.sign is not Sign.REMOVED}
    found: dict[str, list[int]] = {}
    for one in every:
        match = _NUMBERED.match(one.place)
        if match is not None and one.place not in taken:
            found.setdefault(match["stem"], []).append(int(match["number"]))
    return found


def say_numbers(numbers: Sequence[int]) -> str:
    """Return numbers in words: ``1 to 9, 11 and 12``.

    Args:
        numbers: Rising.
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    said = [part for run in runs for part in _said(run)]
    if len(said) < 2:  # noqa: PLR2004  a pair is what "and" joins
        return "".join(said)
    return _("%(first)s and %(last)s") % {"first": ", ".join(said[:-1]), "last": said[-1]}


def _said(run: Sequence[int]) -> list[str]:
    if len(run) > 2:  # noqa: PLR2004  two neighbours are no span
        return [_("%(first)d to %(last)d") % {"first": run[0], "last": run[-1]}]
    return [str(number) for number in run]
