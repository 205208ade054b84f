"""How the rows of a table stand to each other: hidden, contrary, weaker above; pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from governance.policies.catalogue import FactSpec, FactType
from governance.policies.checking.findings import Finding, Severity, facts_of
from governance.policies.checking.rows import Row
from governance.policies.checking.space import Axis, Space, TooLargeError
from governance.policies.checking.wording import LIMIT_FACT, OUTCOMES
from governance.policies.decision import combine
from governance.policies.seen import ABSENT, UNKNOWN
from governance.policies.types import Obligations, Outcome
from orchestra.core.said import said as _

Json = Any
#: Rows named in a sentence before the rest is only counted.
MOST_NAMED: Final = 4


def relations(
    *,
    space: Space,
    rows: Sequence[Row],
    around: Sequence[Row],
    floor: Sequence[Row],
    specs: Mapping[str, FactSpec],
) -> Iterator[Finding]:
    """Yield what is found of rows together.

    Args:
        space: The space they are boxes of.
        rows: The rows of the table that can fire.
        around: Rows of other tables in force in its scope.
        floor: Parts of the floor that hold wherever the table does.
        specs: Definitions of facts.
    """
    contrary = dict(_contrary(rows))
    for row in rows:
        if row.place in contrary:
            yield _contradiction(row, contrary[row.place])
            continue
        if space.is_used_up:
            text = _("There are too many cases to check the table as a whole; divide it.")
            yield Finding("", "", Severity.WARNING, "too_large", text)
            return
        yield from _tried(row, lambda row: _hidden(space, row, rows))
        yield from _tried(row, lambda row: _below_floor(space, row, floor))
        yield from _tried(row, lambda row: _weaker_above(space, row, (*rows, *around), specs))


def _tried(row: Row, find: Callable[[Row], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(find(row))
    except TooLargeError:
        text = _("There are too many cases to check this row against the rest of the table.")
        return [Finding(row.id, row.path, Severity.WARNING, "too_large", text)]


def _contrary(rows: Sequence[Row]) -> Iterator[tuple[int, Row]]:
    """Yield rows that never count, by place, each with one that fires on the same facts."""
    strictest: dict[tuple[tuple[str, int], ...], Row] = {}
    for row in rows:
        key = tuple(sorted(row.box.items()))
        held = strictest.setdefault(key, row)
        if row.outcome.strictness > held.outcome.strictness:
            strictest[key] = row
    for row in rows:
        held = strictest[tuple(sorted(row.box.items()))]
        if held.outcome is not row.outcome and dominates(held, row):
            yield row.place, held


def _contradiction(row: Row, other: Row) -> Finding:
    text = _(
        "The row says %(outcome)s on exactly the facts on which “%(title)s” says %(other)s; "
        "the stricter always wins.",
        outcome=OUTCOMES[row.outcome],
        title=other.title,
        other=OUTCOMES[other.outcome],
    )
    return Finding(row.id, row.path, Severity.ERROR, "contradiction", text, others=_others([other]))


def dominates(one: Row, other: Row) -> bool:
    """Tell whether, where both fire, the other row changes nothing."""
    if one.outcome is Outcome.SPECIALIST and other.outcome is Outcome.APPROVE:
        # Where a specialist proposes both are approvals, and what both ask for adds up.
        return _adds_nothing(Outcome.APPROVE, one.obligations, other.obligations)
    if one.outcome is not other.outcome:
        return one.outcome.strictness > other.outcome.strictness
    return _adds_nothing(one.outcome, one.obligations, other.obligations)


def _adds_nothing(outcome: Outcome, held: Obligations, added: Obligations) -> bool:
    alone = combine(outcome, frozenset({held}))
    return combine(outcome, frozenset({held, added})) == alone


def _hidden(space: Space, row: Row, rows: Sequence[Row]) -> Iterator[Finding]:
    """Yield that a row never changes a verdict."""
    stronger = [
        other
        for other in rows
        if other.place != row.place and _may_hide(space, other, row) and dominates(other, row)
    ]
    box = space.meet(row.box, space.usual()) or row.box
    single = next((other for other in stronger if space.is_inside(box, other.box)), None)
    if single is not None:
        by = [single]
    elif stronger and space.find_outside(box, [other.box for other in stronger]) is None:
        by = [other for other in stronger if space.meet(other.box, row.box)]
    else:
        return
    text = _(
        "The row changes nothing: whenever it fires, so does %(names)s, at least as strict.",
        names=_names(by),
    )
    yield Finding(row.id, row.path, Severity.WARNING, "shadowed", text, others=_others(by))


def _may_hide(space: Space, other: Row, row: Row) -> bool:
    """Tell whether a row counts as hiding another: of two alike only the first does."""
    if not dominates(row, other) or other.place < row.place:
        return True
    return space.is_inside(row.box, other.box) and not space.is_inside(other.box, row.box)


def _others(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(row.path for row in rows[:MOST_NAMED])


def _names(rows: Sequence[Row]) -> str:
    titles = tuple(f"“{row.title}”" for row in rows)
    if len(titles) == 1:
        return titles[0]
    more = len(titles) - MOST_NAMED
    if more <= 0:
        return _("one of %(titles)s", titles=titles)
    return _("one of %(titles)s and %(more)d more", titles=titles[:MOST_NAMED], more=more)


def _below_floor(space: Space, row: Row, floor: Sequence[Row]) -> Iterator[Finding]:
    stricter = [
        part
        for part in floor
        if part.outcome.strictness > row.outcome.strictness
        # Where a specialist proposes a critical action, an approval is what is asked for.
        and not (row.outcome is Outcome.APPROVE and part.outcome is Outcome.SPECIALIST)
    ]
    if not stricter or space.find_outside(row.box, [part.box for part in stricter]) is not None:
        return
    least = min(
        (part.outcome for part in stricter if space.meet(part.box, row.box)),
        key=lambda outcome: outcome.strictness,
    )
    text = _(
        "The row says %(outcome)s, and its risk level asks for %(least)s or stricter wherever "
        "it fires; the row softens nothing.",
        outcome=OUTCOMES[row.outcome],
        least=OUTCOMES[least],
    )
    yield Finding(row.id, row.path, Severity.ERROR, "below_floor", text)


def is_amount(fact: str, specs: Mapping[str, FactSpec]) -> bool:
    """Tell whether a fact is an amount of money."""
    spec = specs.get(fact)
    return spec is not None and spec.unit == "minor units" and spec.type is FactType.WHOLE


def _weaker_above(
    space: Space, row: Row, rows: Sequence[Row], specs: Mapping[str, FactSpec]
) -> Iterator[Finding]:
    """Yield that a larger amount gets a milder outcome or fewer votes than this row asks for."""
    if row.outcome is Outcome.ALLOW:
        return
    for fact, mask in row.box.items():
        if not is_amount(fact, specs) or fact.startswith(LIMIT_FACT):
            continue
        above = _above(space.axes[fact], mask)
        region = space.meet({**row.box, fact: above}, _without(space.usual(), fact))
        if not above or region is None:
            continue
        enough = [other.box for other in rows if _strength(other) >= _strength(row)]
        found = space.find_outside(region, enough)
        if found is not None:
            where = {name: cells for name, cells in found.items() if name in row.box}
            # A refused small amount can be meant as a minimum; a milder control seldom is.
            is_minimum = row.outcome is Outcome.DENY
            text = _(
                "A larger amount gets a weaker control than this row asks for: where %(at)s, "
                "no row is as strict.",
                at=space.words(where),
            )
            yield Finding(
                row.id,
                row.path,
                Severity.WARNING if is_minimum else Severity.ERROR,
                "weaker_above",
                text,
                facts_of(space.point(where)),
            )


def _without(box: dict[str, int], fact: str) -> dict[str, int]:
    return {name: mask for name, mask in box.items() if name != fact}


def _above(axis: Axis, mask: int) -> int:
    """Return the cells of amounts above the smallest taken one that are not taken."""
    amounts = axis.where(lambda value: value not in {UNKNOWN, ABSENT} and value >= 0)
    taken = mask & amounts
    lowest = taken & -taken
    return amounts & ~mask & ~(lowest - 1) if taken else 0


def _strength(row: Row) -> tuple[int, int]:
    votes = max(row.obligations.votes, 1) if row.outcome is Outcome.APPROVE else 0
    return (row.outcome.strictness, votes)
