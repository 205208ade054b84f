"""Decision tables made ready to decide: rows in order, tests bound, indexed by scope; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from governance.policies.conditions import Test, beyond, test_of
from governance.policies.index import RowIndex
from governance.policies.types import (
    ActionScope,
    Limit,
    Obligations,
    Outcome,
    PolicyTable,
    Scope,
)

Json = Any

#: Scopes are few (tools x cue sheets x queues); the bound only guards against junk.
MAX_SCOPES = 4096
#: Many actions fire the same few rows; the bound only guards against junk.
MAX_ANSWERS = 4096
LIMIT_FACT = "limit:"


@dataclass(frozen=True, slots=True)
class CompiledRow:
    """A row or a limit whose conditions are bound to their tests."""

    policy: str
    version: int
    rule: str
    title: str
    outcome: Outcome
    reason: str
    obligations: Obligations
    tests: tuple[tuple[str, Test, Json], ...]
    is_limit: bool = False


Answer = tuple[tuple[CompiledRow, ...], tuple[str, ...]]
#: Rows that fired as bits, whether a specialist discharges them, names of the floor's rows.
VerdictKey = tuple[int, bool, tuple[str, ...]]


class Verdict(NamedTuple):
    """What follows from rows that fired, whatever values they saw.

    Attributes:
        order: Place of each row, strictest first, among the floor's rows and then the others.
    """

    outcome: Outcome
    obligations: Obligations
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CompiledScope:
    """All that holds for one tool on one cue sheet and queue.

    Attributes:
        rows: Strictest outcome first, then by policy and row, so that order in a document
            changes nothing.
        limits: Limits whose totals the facts must hold.
        thresholds: Currency to the smallest threshold of the policies in scope.
        policies: Policy key to (version, digest).
        totals: Names of the facts that hold the totals of the limits.
        index: The same rows by the facts they name.
        answers: What fired as bits to the rows, and to the titles of those that did not.
        verdicts: What fired, the floor's rows included, to what follows; filled by deciding.
    """

    rows: tuple[CompiledRow, ...]
    limits: tuple[Limit, ...]
    thresholds: Mapping[str, int]
    policies: Mapping[str, tuple[int, str]]
    totals: tuple[str, ...]
    index: RowIndex
    answers: dict[int, Answer] = field(default_factory=dict)
    verdicts: dict[VerdictKey, Verdict] = field(default_factory=dict)

    def answer(self, fired: int) -> Answer:
        """Return the rows that fired and the titles of the others, both in order.

        Args:
            fired: One bit a row.
        """
        found = self.answers.get(fired)
        if found is None:
            if len(self.answers) >= MAX_ANSWERS:
                self.answers.clear()
            rows = [(row, fired >> number & 1) for number, row in enumerate(self.rows)]
            found = self.answers[fired] = (
                tuple(row for row, fires in rows if fires),
                tuple(row.title for row, fires in rows if not fires),
            )
        return found


@dataclass(frozen=True)
class CompiledPolicies:
    """A set of policies in force.

    Attributes:
        tables: In order of their keys.
        unreadable: Key to (version, digest) of policies in force that could not be read;
            while there are any, every action is denied.
        name: Names the set of versions in force; empty for tables that are not.
    """

    tables: tuple[PolicyTable, ...]
    rows: Mapping[str, tuple[CompiledRow, ...]]
    unreadable: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    scopes: dict[ActionScope, CompiledScope] = field(default_factory=dict)
    name: str = ""

    def in_scope(self, action: ActionScope) -> CompiledScope:
        """Return what holds for an action; computed once for each scope."""
        found = self.scopes.get(action)
        if found is None:
            if len(self.scopes) >= MAX_SCOPES:
                self.scopes.clear()
            found = self.scopes[action] = self._gather(action)
        return found

    def _gather(self, action: ActionScope) -> CompiledScope:
        tables = [table for table in self.tables if covers(table.scope, action)]
        thresholds: dict[str, int] = {}
        for table in tables:
            for currency, amount in table.thresholds.items():
                thresholds[currency] = min(amount, thresholds.get(currency, amount))
        rows = sorted((row for table in tables for row in self.rows[table.key]), key=row_order)
        limits = tuple(limit for table in tables for limit in table.limits if not limit.disabled)
        return CompiledScope(
            rows=tuple(rows),
            limits=limits,
            thresholds=thresholds,
            policies={table.key: (table.version, table.digest) for table in tables},
            totals=tuple(LIMIT_FACT + limit.key for limit in limits),
            index=RowIndex([row.tests for row in rows]),
        )


def row_order(row: Any) -> tuple[int, str, str]:
    """Return the place of a row: strictest first, then by policy and row."""
    return (-row.outcome.strictness, row.policy, row.rule)


def covers(scope: Scope, action: ActionScope) -> bool:
    """Tell whether a policy with this scope holds for an action."""
    return (
        (not scope.tools or action.tool in scope.tools)
        and (not scope.cue_sheets or action.cue_sheet in scope.cue_sheets)
        and (not scope.queues or action.queue in scope.queues)
    )


def compile_tables(
    tables: Iterable[PolicyTable], *, unreadable: Mapping[str, tuple[int, str]] | None = None
) -> CompiledPolicies:
    """Return decision tables ready to decide.

    Args:
        tables: One per policy in force; parsed, so that operators fit their values.
        unreadable: Key to (version, digest) of policies in force that could not be read.

    Raises:
        ValueError: Two tables have the same key, or a condition cannot be compiled.
    """
    ordered = tuple(sorted(tables, key=lambda table: table.key))
    keys = [table.key for table in ordered]
    if len(set(keys)) != len(keys):
        raise ValueError("two decision tables have the same key")
    rows = {table.key: tuple(_rows(table)) for table in ordered}
    return CompiledPolicies(
        tables=ordered, rows=rows, unreadable=dict(sorted((unreadable or {}).items()))
    )


def _rows(table: PolicyTable) -> Iterable[CompiledRow]:
    for rule in table.rules:
        if rule.disabled:
            continue
        tests = tuple(
            (condition.fact, test_of(condition), _frozen(condition.value))
            for condition in rule.when
        )
        yield CompiledRow(
            policy=table.key,
            version=table.version,
            rule=rule.id,
            title=rule.title,
            outcome=rule.outcome,
            reason=rule.reason,
            obligations=rule.obligations,
            tests=tests,
        )
    for limit in table.limits:
        if limit.disabled:
            continue
        yield CompiledRow(
            policy=table.key,
            version=table.version,
            rule=limit.key,
            title=limit.title,
            outcome=limit.outcome,
            reason=limit.reason,
            obligations=limit.obligations,
            tests=((LIMIT_FACT + limit.key, beyond, limit.at_most),),
            is_limit=True,
        )


def _frozen(value: Json) -> Json:
    return frozenset(value) if isinstance(value, list | tuple) else value
