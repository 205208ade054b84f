"""The fact space cut where rows cut it, and the search for a region that no row covers; pure.

Each fact that conditions name is one axis. Its cells are as coarse as the conditions allow:
within a cell no condition can tell two values apart, so what holds for the value that stands
for the cell holds for the whole cell. A fact may also be unknown or not applicable; each is a
cell. A box takes some cells of some axes; a row fires exactly on a box.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, pairwise
from typing import Any, Final

from governance.policies.catalogue import FactSpec, FactType
from governance.policies.checking.wording import LIMIT_FACT, fact_words, listed, value_words
from governance.policies.conditions import KIND_OF_TEST, test_of
from governance.policies.seen import ABSENT, UNKNOWN
from governance.policies.types import Condition, Operator
from orchestra.core.said import said as _

Json = Any
Show = Callable[[Json], str]
#: How a value reads, to how a cell does; None where it says nothing.
Words = Callable[[Show], str | None]
#: Fact to the cells taken, one bit each; a fact that is not named takes all.
Box = Mapping[str, int]

#: Texts of one list that conditions may name before its combinations are too many.
MAX_LISTED: Final = 9
#: Rows looked at in one search before it is given up.
MAX_STEPS: Final = 200_000
#: Rows looked at in all searches of one space, so that a check always comes to an end.
MAX_STEPS_IN_ALL: Final = 8_000_000
#: Where an action takes place; unknown or, for the tool, absent, it is denied at once.
PLACE: Final = ("tool", "cue_sheet", "queue")
_SEVERAL: Final = frozenset({Operator.IN, Operator.NOT_IN})


class TooLargeError(Exception):
    """The space is too large to be searched within the bound."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Values of a fact that no condition can tell apart.

    Attributes:
        value: One of them, or ``UNKNOWN`` or ``ABSENT``.
        words: Says which ones after the name of the fact, once it is told how values read.
        is_usual: Whether a fact of this definition can have them.
    """

    value: Json
    words: Words
    is_usual: bool = True


@dataclass(frozen=True, slots=True)
class Axis:
    """One fact with its cells: known ones first, numbers in ascending order."""

    fact: str
    kind: str
    cells: tuple[Cell, ...]
    known: int
    usual: int

    @property
    def every(self) -> int:
        """All cells."""
        return (1 << len(self.cells)) - 1

    def where(self, holds: Callable[[Json], bool]) -> int:
        """Return the cells whose values, ``UNKNOWN`` and ``ABSENT`` included, are asked for."""
        return sum(1 << place for place, cell in enumerate(self.cells) if holds(cell.value))

    def taken(self, condition: Condition) -> int:
        """Return the cells on which a condition is not false."""
        test = test_of(condition)

        def holds(value: Json) -> bool:
            if value is UNKNOWN:
                return True
            return value is not ABSENT and test(value, condition.value)

        return self.where(holds)


def kind_of(condition: Condition) -> str:
    """Return what a condition compares: ``text``, ``flag``, ``number`` or ``list``.

    Raises:
        ValueError: Its operator cannot compare with its value.
    """
    return KIND_OF_TEST[test_of(condition)]


class Space:
    """The facts that some conditions name, cut by them.

    The place of an action is always among them.

    Args:
        conditions: All that are to be told apart; those on one fact compare the same kind.
        specs: Definitions of facts, as far as there are any.
        currency: What amounts are in where nothing else says so.

    Raises:
        TooLargeError: A list has too many named texts.
        ValueError: Conditions on one fact compare different kinds of values.
    """

    def __init__(
        self,
        conditions: Iterable[Condition],
        specs: Mapping[str, FactSpec],
        *,
        currency: str = "",
    ) -> None:
        self._specs = specs
        self._currency = currency
        self._left = MAX_STEPS_IN_ALL
        named: dict[str, list[Condition]] = {fact: [] for fact in PLACE}
        for condition in conditions:
            named.setdefault(condition.fact, []).append(condition)
        self.axes = {fact: _axis(fact, found, specs.get(fact)) for fact, found in named.items()}
        self.every = {fact: axis.every for fact, axis in self.axes.items()}

    def box(self, conditions: Iterable[Condition]) -> dict[str, int]:
        """Return where no condition is false; facts that are left free are not named."""
        box: dict[str, int] = {}
        for condition in conditions:
            every = self.every[condition.fact]
            box[condition.fact] = box.get(condition.fact, every) & self.axes[condition.fact].taken(
                condition
            )
        return {fact: mask for fact, mask in box.items() if mask != self.every[fact]}

    @property
    def is_used_up(self) -> bool:
        """Whether no search of this space comes to an end any more."""
        return self._left < 0

    def usual(self) -> dict[str, int]:
        """Return the box of what facts of these definitions can be."""
        return {
            fact: axis.usual for fact, axis in self.axes.items() if axis.usual != self.every[fact]
        }

    def meet(self, *boxes: Box) -> dict[str, int] | None:
        """Return what all boxes share, None where that is nothing."""
        met: dict[str, int] = {}
        for box in boxes:
            for fact, mask in box.items():
                met[fact] = met.get(fact, self.every[fact]) & mask
                if not met[fact]:
                    return None
        return met

    def is_inside(self, box: Box, other: Box) -> bool:
        """Tell whether a box lies wholly within another one."""
        return all(not box.get(fact, self.every[fact]) & ~mask for fact, mask in other.items())

    def find_outside(self, box: Box, others: Sequence[Box]) -> dict[str, int] | None:
        """Return a part of a box that no other box meets, None where they cover it wholly.

        Args:
            box: Where to look.
            others: What covers it, one with the other.

        Raises:
            TooLargeError: The bound was reached before either was certain.
        """
        if not all(box.values()):
            return None
        steps = 0
        stack: list[tuple[dict[str, int], Sequence[Box]]] = [(dict(box), others)]
        while stack:
            part, left = stack.pop()
            while True:
                taken = len(left) + 1
                steps += taken
                self._left -= taken
                if steps > MAX_STEPS or self._left < 0:
                    raise TooLargeError
                pruned = self._prune(part, left)
                if pruned is None:
                    break
                left, narrowed, pick = pruned
                if narrowed:
                    continue
                if pick is None:
                    return part
                fact, mask = pick
                have = part.get(fact, self.every[fact])
                stack.append(({**part, fact: have & mask}, left))
                part = {**part, fact: have & ~mask}
        return None

    def _prune(
        self, part: dict[str, int], others: Sequence[Box]
    ) -> tuple[list[Box], bool, tuple[str, int] | None] | None:
        """Leave out boxes that miss the part, and cut off what one box covers.

        Returns:
            The boxes left, whether the part became smaller, and where to split next: None
            where no box is left. None in all where a box covers the part.
        """
        every = self.every
        left: list[Box] = []
        narrowed = False
        pick, fewest = None, 0
        for other in others:
            free, first = 0, None
            for fact, mask in other.items():
                have = part.get(fact, every[fact])
                if not have & mask:
                    break
                if have & ~mask:
                    free += 1
                    first = first or (fact, mask)
            else:
                if first is None:
                    return None
                if free == 1:
                    part[first[0]] = part.get(first[0], every[first[0]]) & ~first[1]
                    narrowed = True
                    continue
                left.append(other)
                if pick is None or free < fewest:
                    pick, fewest = first, free
        return left, narrowed, pick

    def point(self, box: Box) -> dict[str, Json]:
        """Return fact to a value in the box, for facts it narrows; known ones where it can be."""
        return {fact: self._cell(fact, mask).value for fact, mask in sorted(box.items())}

    def words(self, box: Box) -> str:
        """Return where a point of a box lies, such as ``amount is above $5.00``."""
        cells = {fact: self._cell(fact, mask) for fact, mask in sorted(box.items())}
        held = cells["currency"].value if "currency" in cells else None
        is_named = isinstance(held, str) and len(held) == len("USD")
        currency = str(held) if is_named else self._currency
        parts = []
        for fact, cell in cells.items():
            words = cell.words(partial(value_words, fact, currency=currency))
            if words is not None:
                name = fact_words(fact, self._specs)
                parts.append(_("%(fact)s %(words)s", fact=name, words=words))
        return listed(parts)

    def _cell(self, fact: str, mask: int) -> Cell:
        axis = self.axes[fact]
        best = mask & axis.usual & axis.known or mask & axis.usual or mask
        return axis.cells[(best & -best).bit_length() - 1]


def _axis(fact: str, conditions: Sequence[Condition], spec: FactSpec | None) -> Axis:
    kinds = {kind_of(condition) for condition in conditions}
    if len(kinds) > 1:
        raise ValueError(f"{fact}: conditions compare it with different kinds of values")
    kind = kinds.pop() if kinds else "text"
    known = _CELLS[kind](_values(conditions), spec)
    cells = list(known)
    # A total of a limit in scope is measured for every action; unknown it may still be.
    if fact not in PLACE:
        cells.append(Cell(UNKNOWN, lambda _show: _UNKNOWN))
    if fact != "tool" and not fact.startswith(LIMIT_FACT):
        cells.append(Cell(ABSENT, lambda _show: _ABSENT))
    return Axis(
        fact=fact,
        kind=kind,
        cells=tuple(cells),
        known=(1 << len(known)) - 1,
        usual=sum(1 << place for place, cell in enumerate(cells) if cell.is_usual),
    )


_UNKNOWN: Final = _("is not known")
_ABSENT: Final = _("does not apply")
_TRUE: Final = _("is true")
_FALSE: Final = _("is false")


def _says_nothing(_show: Show) -> None:
    return None


def _is(value: Json) -> Words:
    return lambda show: _("is %(value)s", value=show(value))


def _below(value: Json) -> Words:
    return lambda show: _("is below %(value)s", value=show(value))


def _above(value: Json) -> Words:
    return lambda show: _("is above %(value)s", value=show(value))


def _between(low: Json, high: Json) -> Words:
    return lambda show: _("is above %(low)s and below %(high)s", low=show(low), high=show(high))


def _one_of(values: Sequence[Json]) -> Words:
    return lambda show: _("is one of %(values)s", values=tuple(map(show, values)))


def _none_of(values: Sequence[Json]) -> Words:
    return lambda show: _("is none of %(values)s", values=tuple(map(show, values)))


def _holds(values: Sequence[Json]) -> Words:
    return lambda show: _("holds %(values)s", values=tuple(map(show, values)))


def _holds_none(values: Sequence[Json]) -> Words:
    return lambda show: _("holds none of %(values)s", values=tuple(map(show, values)))


def _values(conditions: Iterable[Condition]) -> list[Json]:
    found: set[Json] = set()
    for condition in conditions:
        found.update(condition.value if condition.operator in _SEVERAL else (condition.value,))
    return sorted(found)


def _text_cells(named: Sequence[Json], spec: FactSpec | None) -> list[Cell]:
    choices = spec.choices if spec else ()
    cells = [Cell(value, _is(value), not choices or value in choices) for value in named]
    rest = [choice for choice in choices if choice not in named]
    if rest:
        cells.append(Cell(rest[0], _one_of(rest)))
    longest = max(map(len, [*named, *choices]), default=0)
    other = "another".ljust(longest + 1, "-")
    words = _none_of(named) if named else _says_nothing
    cells.append(Cell(other, words, not choices))
    return cells


def _flag_cells(_named: Sequence[Json], _spec: FactSpec | None) -> list[Cell]:
    return [Cell(True, lambda _show: _TRUE), Cell(False, lambda _show: _FALSE)]  # noqa: FBT003


def _number_cells(cuts: Sequence[Json], spec: FactSpec | None) -> list[Cell]:
    is_whole = spec is not None and spec.type is FactType.WHOLE
    cells = [Cell(cuts[0] - 1, _below(cuts[0])), Cell(cuts[0], _is(cuts[0]))]
    for low, high in pairwise(cuts):
        if not is_whole or high > low + 1:
            between = low + 1 if is_whole else (low + high) / 2
            cells.append(Cell(between, _between(low, high)))
        cells.append(Cell(high, _is(high)))
    return [*cells, Cell(cuts[-1] + 1, _above(cuts[-1]))]


def _list_cells(named: Sequence[Json], _spec: FactSpec | None) -> list[Cell]:
    if len(named) > MAX_LISTED:
        raise TooLargeError
    cells: list[Cell] = []
    for size in range(len(named) + 1):
        cells += [
            Cell(list(held), _holds(held) if held else _holds_none(named))
            for held in combinations(named, size)
        ]
    return cells


_CELLS: Final[Mapping[str, Callable[[Sequence[Json], FactSpec | None], list[Cell]]]] = {
    "text": _text_cells,
    "flag": _flag_cells,
    "number": _number_cells,
    "list": _list_cells,
}
