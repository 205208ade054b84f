"""The rows of several tables as boxes of one fact space; pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from governance.policies.catalogue import OWN_FACTS, Catalogue, FactSpec, FactType
from governance.policies.checking.space import Box, Space, kind_of
from governance.policies.checking.wording import LIMIT_FACT
from governance.policies.soundness import currencies_of
from governance.policies.types import (
    Condition,
    Limit,
    Obligations,
    Operator,
    Outcome,
    PolicyTable,
    Rule,
    Scope,
)
from orchestra.core.said import said as _

Json = Any
_KINDS: Final = {
    "text": _("text"),
    "flag": _("true or false"),
    "number": _("number"),
    "list": _("list"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row, a limit, or a part of the floor, with where it fires.

    Attributes:
        path: Where it stands in its document, such as ``rules[3]``.
        place: Its place among the rows of its table.
    """

    policy: str
    id: str
    title: str
    path: str
    place: int
    when: tuple[Condition, ...]
    outcome: Outcome
    obligations: Obligations
    box: Box


def scope_conditions(scope: Scope) -> tuple[Condition, ...]:
    """Return a scope said as conditions on where an action takes place."""
    named = (("tool", scope.tools), ("cue_sheet", scope.cue_sheets), ("queue", scope.queues))
    return tuple(Condition(fact, Operator.IN, values) for fact, values in named if values)


def limit_condition(limit: Limit) -> Condition:
    """Return when a limit fires, as a condition on its total."""
    return Condition(LIMIT_FACT + limit.key, Operator.ABOVE, limit.at_most)


def overlaps(one: Scope, other: Scope) -> bool:
    """Tell whether an action can be in both scopes."""
    pairs = (
        (one.tools, other.tools),
        (one.cue_sheets, other.cue_sheets),
        (one.queues, other.queues),
    )
    return all(not mine or not theirs or set(mine) & set(theirs) for mine, theirs in pairs)


def all_conditions(table: PolicyTable) -> Iterator[Condition]:
    """Yield every condition that counts: of scope, rows, limits and invariants."""
    yield from scope_conditions(table.scope)
    for rule in table.rules:
        yield from () if rule.disabled else rule.when
    for limit in active_limits([table]):
        yield limit_condition(limit)
    for invariant in table.invariants:
        yield from invariant.when


def active_limits(tables: Iterable[PolicyTable]) -> list[Limit]:
    """Return the limits of some tables that are not disabled."""
    return [limit for table in tables for limit in table.limits if not limit.disabled]


def only_currency(tables: Iterable[PolicyTable]) -> str:
    """Return the currency that all amounts of some tables are in, empty where there are more."""
    named = {currency for table in tables for currency in currencies_of(table)}
    return named.pop() if len(named) == 1 else ""


def rows_of(table: PolicyTable, space: Space) -> list[Row]:
    """Return the rows and limits of a table with the boxes on which they fire.

    Disabled ones never fire and are left out; the others keep their place in the document.
    """
    scope = scope_conditions(table.scope)
    found = [
        _row(table, rule, f"rules[{place}]", place, rule.when, space.box((*scope, *rule.when)))
        for place, rule in enumerate(table.rules)
        if not rule.disabled
    ]
    for place, limit in enumerate(table.limits):
        if limit.disabled:
            continue
        when = (limit_condition(limit),)
        number = len(table.rules) + place
        path = f"limits[{place}]"
        found.append(_row(table, limit, path, number, when, space.box((*scope, *when))))
    return found


def _row(
    table: PolicyTable,
    source: Rule | Limit,
    path: str,
    place: int,
    when: tuple[Condition, ...],
    box: Box,
) -> Row:
    return Row(
        policy=table.key,
        id=source.id if isinstance(source, Rule) else source.key,
        title=source.title,
        path=path,
        place=place,
        when=when,
        outcome=source.outcome,
        obligations=source.obligations,
        box=box,
    )


def comparable(
    tables: Sequence[PolicyTable], specs: Mapping[str, FactSpec]
) -> tuple[list[PolicyTable], list[tuple[str, str, str]]]:
    """Return the tables with rows that cannot be compared disabled, and which these are.

    Args:
        tables: The first is the one that is checked.
        specs: Definitions of facts, which say what kind of value a fact has.

    Returns:
        The tables, and of the first one the path, id and reason of each row left out.
    """
    kinds = {name: str(spec.type).replace("whole", "number") for name, spec in specs.items()}
    kinds.update(dict.fromkeys(("tool", "cue_sheet", "queue"), "text"))
    left, out = [], []
    for number, table in enumerate(tables):
        rules = []
        for place, rule in enumerate(table.rules):
            problem = "" if rule.disabled else _problem(rule.when, kinds)
            rules.append(replace(rule, disabled=True) if problem else rule)
            if problem and number == 0:
                out.append((f"rules[{place}]", rule.id, problem))
        left.append(replace(table, rules=tuple(rules)))
    return left, out


def _problem(when: Iterable[Condition], kinds: dict[str, str]) -> str:
    for condition in when:
        try:
            kind = kind_of(condition)
        except ValueError as error:
            return str(error.args[0])
        if kinds.setdefault(condition.fact, kind) != kind:
            return _(
                "%(fact)s is a %(kind)s and compared with a %(other)s",
                fact=condition.fact,
                kind=_KINDS[kinds[condition.fact]],
                other=_KINDS[kind],
            )
    return ""


def specs_of(tables: Iterable[PolicyTable], catalogue: Catalogue | None) -> dict[str, FactSpec]:
    """Return the definitions of facts, the totals of limits included."""
    specs = {spec.name: spec for spec in OWN_FACTS}
    specs.update(catalogue.facts if catalogue else {})
    for table in tables:
        for limit in table.limits:
            name = LIMIT_FACT + limit.key
            specs[name] = FactSpec(name, FactType.WHOLE, "", limit.title)
    return specs
