"""Where nothing fires although rows on both sides, or on its like, do; pure.

Most of what a table does not speak of is meant: it is allowed. Two kinds are worth a look: a
stretch of a number between two rows that are otherwise alike, and a text for which nothing is
said while rows compare the same other facts for at least two of its fellows.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from governance.policies.checking.findings import Finding, Severity, facts_of
from governance.policies.checking.rows import Row
from governance.policies.checking.space import Box, Space
from governance.policies.checking.wording import LIMIT_FACT, fact_words
from governance.policies.types import Operator
from orchestra.core.said import said as _

_POSITIVE: Final = frozenset({Operator.IS, Operator.IN})
_FELLOWS: Final = 2
Signature = tuple[object, ...]


def gaps(
    *, space: Space, scope: Box, rows: Sequence[Row], around: Sequence[Row]
) -> Iterator[Finding]:
    """Yield the gaps that are worth a person's look.

    Args:
        space: The space they are boxes of.
        scope: Where the table holds.
        rows: The rows of the table that can fire.
        around: Rows of other tables in force in its scope.
    """
    covers = [row.box for row in (*rows, *around)]
    for fact, axis in space.axes.items():
        if fact.startswith(LIMIT_FACT):
            continue
        naming = [row for row in rows if fact in {one.fact for one in row.when}]
        if axis.kind == "number":
            yield from _between(space, fact, naming, covers)
        elif axis.kind == "text":
            yield from _unnamed(space, fact, naming, covers, scope.get(fact, axis.every))


def _groups(rows: Sequence[Row], sign: dict[int, Signature]) -> list[list[Row]]:
    groups: dict[Signature, list[Row]] = {}
    for row in rows:
        groups.setdefault(sign[row.place], []).append(row)
    return [group for group in groups.values() if len(group) >= _FELLOWS]


def _between(
    space: Space, fact: str, rows: Sequence[Row], covers: Sequence[Box]
) -> Iterator[Finding]:
    known = space.axes[fact].known
    sign = {row.place: tuple(sorted(_rest(row, fact).items())) for row in rows}
    for group in _groups(rows, dict(sign)):
        taken = 0
        for row in group:
            taken |= row.box.get(fact, known) & known
        hole = _hole(taken)
        rest = _rest(group[0], fact)
        region = space.meet(rest, {fact: hole}, _usual(space, fact)) if hole else None
        found = space.find_outside(region, covers) if region else None
        if found is not None:
            where = {**{name: found[name] for name in rest}, fact: found[fact]}
            at = space.words(where)
            text = _("Nothing is said between rows that are otherwise alike: where %(at)s.", at=at)
            last = max(group, key=lambda row: row.place)
            seen = facts_of(space.point(where))
            yield Finding(last.id, last.path, Severity.WARNING, "gap", text, seen)


def _hole(taken: int) -> int:
    """Return the cells that are not taken between the lowest and the highest that are."""
    lowest = taken & -taken
    return ((1 << taken.bit_length()) - 1) & ~(lowest - 1) & ~taken if taken else 0


def _unnamed(
    space: Space, fact: str, rows: Sequence[Row], covers: Sequence[Box], within: int
) -> Iterator[Finding]:
    """Yield texts that no row speaks of, where rows for others compare the same other facts."""
    axis = space.axes[fact]
    positive = [
        row
        for row in rows
        if len(row.when) > 1
        and all(one.operator in _POSITIVE for one in row.when if one.fact == fact)
    ]
    sign: dict[int, Signature] = {
        row.place: tuple(
            sorted((one.fact, one.operator.value) for one in row.when if one.fact != fact)
        )
        for row in positive
    }
    for group in _groups(positive, sign):
        named = {row.box.get(fact, axis.every) & axis.known for row in group}
        if len(named) < _FELLOWS:
            continue
        others = within & axis.known & axis.usual
        for mask in named:
            others &= ~mask
        yield from _first_open(space, fact, others, group, covers)


def _first_open(
    space: Space, fact: str, others: int, group: Sequence[Row], covers: Sequence[Box]
) -> Iterator[Finding]:
    for row in group:
        rest = _rest(row, fact)
        region = space.meet(rest, {fact: others}, _usual(space, fact)) if others else None
        found = space.find_outside(region, covers) if region else None
        if found is not None:
            where = {**{name: found[name] for name in rest}, fact: found[fact]}
            text = _(
                "Nothing is said where %(at)s, while rows like this one speak of other values "
                "of %(fact)s.",
                at=space.words(where),
                fact=fact_words(fact, {}),
            )
            seen = facts_of(space.point(where))
            yield Finding(row.id, row.path, Severity.WARNING, "gap", text, seen)
            return


def _rest(row: Row, fact: str) -> dict[str, int]:
    return {name: mask for name, mask in row.box.items() if name != fact}


def _usual(space: Space, fact: str) -> dict[str, int]:
    return {name: mask for name, mask in space.usual().items() if name != fact}
