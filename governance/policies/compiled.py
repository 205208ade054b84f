"""Decision tables made ready to decide: rows in order, tests bound, indexed by scope; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from governance.policies.conditions import Test, test_of
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


@dataclass(frozen=True, slots=True)
class CompiledScope:
    """All that holds for one tool on one cue sheet and queue.

    Attributes:
        rows: Strictest outcome first, then by policy and row, so that order in a document
            changes nothing.
        limits: Limits whose totals the facts must hold.
        thresholds: Currency to the smallest threshold of the policies in scope.
        policies: Policy key to (version, digest).
    """

    rows: tuple[CompiledRow, ...]
    limits: tuple[Limit, ...]
    thresholds: Mapping[str, int]
    policies: Mapping[str, tuple[int, str]]


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
        rows = [row for table in tables for row in self.rows[table.key]]
        return CompiledScope(
            rows=tuple(sorted(rows, key=row_order)),
            limits=tuple(limit for table in tables for limit in table.limits if not limit.disabled),
            thresholds=thresholds,
            policies={table.key: (table.version, table.digest) for table in tables},
        )


def row_order(row: Any) -> tuple[int, str, str]:
    """Return the place of a row: strictest first, then by policy and row."""
    return (-_STRICTNESS[row.outcome], row.policy, row.rule)


_STRICTNESS = {outcome: outcome.strictness for outcome in Outcome}


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
            tests=((LIMIT_FACT + limit.key, _beyond, limit.at_most),),
            is_limit=True,
        )


def _frozen(value: Json) -> Json:
    return frozenset(value) if isinstance(value, list | tuple) else value


def _beyond(seen: Json, at_most: Json) -> bool:
    if seen.__class__ is not int:
        raise TypeError("the total of a limit is a whole number")
    return bool(seen > at_most)
