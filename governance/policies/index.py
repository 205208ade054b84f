"""Rows indexed by the facts they name, so that one look at each fact tells what fires; pure.

Every row is one bit. For each fact that rows name there is a map from what is seen to the
rows that this fact does not silence; what fires is what no fact silences. The cost grows with
the number of facts, hardly with that of rows. Only what rows can compare is answered here: a
value of any other type is left to the plain interpreter, which says what is wrong with it.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from governance.policies.conditions import KIND_OF_TEST, Test
from governance.policies.seen import ABSENT, UNKNOWN

Json = Any
#: What is seen of a fact to the rows it does not silence; None for what it cannot tell.
Look = Callable[[Json], int | None]
#: Fact, the test bound to its operator, and the value to compare with.
Bound = tuple[str, Test, Json]

#: Which listed texts are there to the rows they leave; the bound only guards against junk.
MAX_LISTS: Final = 1024


class RowIndex:
    """Which rows fire on given facts.

    Args:
        rows: The conditions of each row, in order.
    """

    def __init__(self, rows: Sequence[Sequence[Bound]]) -> None:
        self.every = (1 << len(rows)) - 1
        named: dict[str, dict[int, list[tuple[Test, Json]]]] = {}
        for number, tests in enumerate(rows):
            for fact, test, value in tests:
                named.setdefault(fact, {}).setdefault(number, []).append((test, value))
        self._looks = tuple(
            (fact, self._without(conditions), _look(conditions, self.every))
            for fact, conditions in named.items()
        )

    def _without(self, conditions: Iterable[int]) -> int:
        return self.every & ~sum(1 << number for number in conditions)

    def fired(self, seen: Mapping[str, Json]) -> int | None:
        """Return the rows that fire as bits, or None where the index cannot tell.

        Args:
            seen: Facts as ``seen.merge`` returns them.
        """
        left = self.every
        get = seen.get
        for fact, without, look in self._looks:
            known = get(fact, ABSENT)
            if known is UNKNOWN:
                continue
            if known is ABSENT:
                left &= without
                continue
            kept = look(known)
            if kept is None:
                return None
            left &= kept
        return left


Conditions = Mapping[int, Sequence[tuple[Test, Json]]]


def _look(conditions: Conditions, every: int) -> Look:
    found = {KIND_OF_TEST.get(test, "") for tests in conditions.values() for test, _value in tests}
    make = _LOOKS.get(found.pop()) if len(found) == 1 else None
    return make(conditions, every) if make else _cannot_tell


def _cannot_tell(_known: Json) -> None:
    return None


def _kept(conditions: Conditions, every: int, known: Json) -> int:
    """Return the rows that a known value leaves, by asking each of them."""
    silenced = sum(
        1 << number
        for number, tests in conditions.items()
        if not all(test(known, value) for test, value in tests)
    )
    return every & ~silenced


def _values(conditions: Conditions) -> set[Json]:
    found: set[Json] = set()
    for tests in conditions.values():
        for _test, value in tests:
            found.update(value if isinstance(value, frozenset) else (value,))
    return found


def _text_look(conditions: Conditions, every: int) -> Look:
    named = _values(conditions)
    masks = {value: _kept(conditions, every, value) for value in named}
    other = _kept(conditions, every, _another(named))
    get = masks.get

    def look(known: Json) -> int | None:
        return get(known, other) if known.__class__ is str else None

    return look


def _another(named: set[Json]) -> str:
    """Return a text that no condition names."""
    return "x" * (max(map(len, named), default=0) + 1)


def _flag_look(conditions: Conditions, every: int) -> Look:
    yes, no = _kept(conditions, every, True), _kept(conditions, every, False)  # noqa: FBT003

    def look(known: Json) -> int | None:
        if known is True:
            return yes
        return no if known is False else None

    return look


def _number_look(conditions: Conditions, every: int) -> Look:
    cuts = sorted(_values(conditions))
    at = [_kept(conditions, every, cut) for cut in cuts]
    if not all(map(_is_between_safe, cuts)):
        return _cannot_tell
    between = [_kept(conditions, every, sample) for sample in _samples(cuts)]

    def look(known: Json) -> int | None:
        kind = known.__class__
        if (kind is not int and kind is not float) or known != known:  # noqa: PLR0124  NaN
            return None
        place = bisect_left(cuts, known)
        if place < len(cuts) and cuts[place] == known:
            return at[place]
        return between[place]

    return look


def _is_between_safe(cut: Json) -> bool:
    # Beyond these bounds two neighbours may have no number between them to ask about.
    return bool(cut == cut and abs(cut) <= 2**53)  # noqa: PLR0124  NaN


def _samples(cuts: Sequence[Json]) -> list[Json]:
    """Return one number below all cuts, one between each two, and one above all."""
    inner = [(low + high) / 2 for low, high in pairwise(cuts)]
    return [cuts[0] - 1, *inner, cuts[-1] + 1]


def _list_look(conditions: Conditions, every: int) -> Look:
    named = frozenset(_values(conditions))
    masks: dict[frozenset[Json], int] = {}

    def look(known: Json) -> int | None:
        if not isinstance(known, list | tuple):
            return None
        try:
            present = named.intersection(known)
        except TypeError:
            return None
        kept = masks.get(present)
        if kept is None:
            if len(masks) >= MAX_LISTS:
                masks.clear()
            kept = masks[present] = _kept(conditions, every, tuple(present))
        return kept

    return look


def _total_look(conditions: Conditions, every: int) -> Look:
    bounds = sorted(_values(conditions))
    masks = [_kept(conditions, every, bound) for bound in bounds]
    masks.append(_kept(conditions, every, bounds[-1] + 1))

    def look(known: Json) -> int | None:
        if known.__class__ is not int:
            return None
        return masks[bisect_left(bounds, known)]

    return look


_LOOKS: Final[Mapping[str, Callable[[Conditions, int], Look]]] = {
    "text": _text_look,
    "flag": _flag_look,
    "number": _number_look,
    "list": _list_look,
    "total": _total_look,
}
