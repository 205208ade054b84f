"""A draft run over recorded decisions: what each would have come to; pure.

Most recorded decisions meet no row that the draft changes. For those the verdict is proved to
stand without deciding again: no row that differs fires, none that fell away had fired, and
floors look at the same. Every other is decided by ``decide`` itself. A property test holds the
short way equal to the long one.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from governance.policies.catalogue import ALWAYS_KNOWN, KNOWN_OF_AGENTS
from governance.policies.changes import Change, Compared, Filters
from governance.policies.compiled import (
    LIMIT_FACT,
    CompiledPolicies,
    CompiledRow,
    CompiledScope,
    compile_tables,
)
from governance.policies.conditions import FactTypeError
from governance.policies.decision import ENGINE, decide
from governance.policies.records import RECORD_VERSION, json_whole, no_json, record_digest
from governance.policies.replay import RecordError, read_record
from governance.policies.seen import ABSENT, UNKNOWN
from governance.policies.types import ActionScope, Decision, FactSet, Limit, Outcome, PolicyTable

Json = Any

UNREADABLE: Final = "a readable record"
ALTERED: Final = "the record as it was made"
_ALWAYS_NEEDED: Final = frozenset({"risk", "amount_minor", "currency", "verification"})
_MAX_KEPT: Final = 4096
_decoder = json.JSONDecoder(parse_int=json_whole, parse_constant=no_json)
_AT: Final = len('{"at":"')
_FACTS: Final = ',"facts":'
_SOURCES: Final = ',"sources":{'


@dataclass(frozen=True, slots=True)
class _Said:
    """What a record says was decided.

    Attributes:
        change: From this verdict to itself, made once for all records that say it.
        again: The same, where others judged than are in force.
        held: The policies as one key.
    """

    change: Change
    again: Change
    rows: frozenset[str]
    policies: Mapping[str, tuple[int, str]]
    held: tuple[Json, ...]
    by_error: bool

    @property
    def verdict(self) -> tuple[Outcome, frozenset[str], int]:
        """Outcome, rows that fired, votes."""
        outcome = self.change.before or Outcome.DENY
        return outcome, self.rows, self.change.votes_before


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the draft means for one tool on one cue sheet and queue.

    Attributes:
        changed: Rows of the draft, and of the base, that what judged did not have as they are.
        dropped: ``policy:rule`` of rows that judged and that draft or base do not have so.
        alike: Whether what judged is known, and floors look at the same under all of them.
        needed: Facts that rows and floors name and that this tool declares.
    """

    base: CompiledScope
    changed: tuple[CompiledRow, ...]
    dropped: frozenset[str]
    alike: bool
    needed: frozenset[str]
    needed_of_agents: frozenset[str]
    redefined: frozenset[str]


@dataclass
class Rehearser:
    """Compares recorded decisions with a draft.

    Attributes:
        base: The policies in force when the rehearsal began.
        draft: The same with the draft in place of its policy, or beside them.
        declared: Tool to the facts that it declares now; a record without one lacks it.
        history: Every published table by (key, version), for what limits counted at the time.
    """

    base: CompiledPolicies
    draft: CompiledPolicies
    declared: Mapping[str, frozenset[str]] = field(default_factory=dict)
    history: Mapping[tuple[str, int], PolicyTable] = field(default_factory=dict)
    filters: Filters = field(default_factory=Filters)
    _plans: dict[tuple[Json, ...], _Plan] = field(default_factory=dict)
    _said: dict[str, _Said] = field(default_factory=dict)

    def compare(self, *, body: bytes, digest: str) -> Compared | None:
        """Return what a recorded decision would have come to; None where filters leave it out.

        Args:
            body: The record as stored.
            digest: The digest stored beside it.
        """
        if record_digest(body) != digest:
            return Compared(Change(lacks=(ALTERED,)))
        try:
            facts, said, at = self._read(body)
            if not self._is_wanted(facts.values):
                return None
            return _placed(self._compare(facts, said), facts.values, at)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
            return Compared(Change(lacks=(UNREADABLE,)))

    def _read(self, body: bytes) -> tuple[FactSet, _Said, str]:
        """Return facts, verdict and time; what many records say alike is read once."""
        text = body.decode()
        begun = text.index(_FACTS) + len(_FACTS)
        facts, end = _decoder.raw_decode(text, begun)
        rest = text[end : text.rindex(_SOURCES)]
        said = self._said.get(rest)
        if said is None:
            if len(self._said) >= _MAX_KEPT:
                self._said.clear()
            said = self._said[rest] = _read_said(body)
        unknown = facts["unknown"]
        at = text[_AT : text.index('"', _AT)]
        return FactSet(facts["values"], frozenset(unknown) if unknown else _NONE), said, at

    def _is_wanted(self, values: Mapping[str, Json]) -> bool:
        wanted = self.filters
        return (
            (not wanted.queue or values.get("queue") == wanted.queue)
            and (not wanted.tool or values.get("tool") == wanted.tool)
            and (not wanted.risk or values.get("risk") == wanted.risk)
        )

    def _compare(self, facts: FactSet, said: _Said) -> Change:
        plan = self._plan(facts.values, said)
        if plan is None:
            return self._decide_both(facts, _NONE, None)
        missing = _missing(plan, facts)
        under_base = said.policies == plan.base.policies
        if not missing and _stands(plan, facts, said):
            return said.change if under_base else said.again
        return self._decide_both(facts, missing, said if under_base else None)

    def _decide_both(self, facts: FactSet, missing: frozenset[str], said: _Said | None) -> Change:
        if missing:
            kept = {name: value for name, value in facts.values.items() if name not in missing}
            facts = FactSet(kept, facts.unknown | missing)
        after = decide(facts=facts, policies=self.draft)
        lacks = _rests_on(after, missing)
        if said is None:
            found = decide(facts=facts, policies=self.base)
            lacks = tuple(sorted({*lacks, *_rests_on(found, missing)}))
            before, rows, votes = _verdict(found)
        else:
            before, rows, votes = said.verdict
        if lacks:
            return Change(lacks=lacks)
        _outcome, rows_after, votes_after = _verdict(after)
        return Change(
            before,
            after.outcome,
            gained=tuple(sorted(rows_after - rows)),
            lost=tuple(sorted(rows - rows_after)),
            votes_before=votes,
            votes_after=votes_after,
            decided_again=said is None,
        )

    def _plan(self, values: Mapping[str, Json], said: _Said) -> _Plan | None:
        tool, cue_sheet = values.get("tool"), values.get("cue_sheet", "")
        queue = values.get("queue", "")
        if (
            tool.__class__ is not str
            or cue_sheet.__class__ is not str
            or queue.__class__ is not str
        ):
            return None
        key = (tool, cue_sheet, queue, said.held)
        found = self._plans.get(key)
        if found is None:
            if len(self._plans) >= _MAX_KEPT:
                self._plans.clear()
            found = self._plans[key] = self._make_plan(
                ActionScope(str(tool), cue_sheet, queue), said
            )
        return found

    def _make_plan(self, action: ActionScope, said: _Said) -> _Plan:
        base, draft = self.base.in_scope(action), self.draft.in_scope(action)
        then = self._then(action, base, said)
        mine = _by_id(then)
        now = (draft,) if then is base else (draft, base)
        changed = tuple(
            row
            for scope in now
            for row in scope.rows
            if _meaning(row) != _meaning(mine.get(_row_id(row)))
        )
        theirs = [_by_id(scope) for scope in now]
        dropped = frozenset(
            name
            for name, row in mine.items()
            if any(_meaning(row) != _meaning(rows.get(name)) for rows in theirs)
        )
        named = {fact for row in (*base.rows, *draft.rows) for fact, _test, _value in row.tests}
        named |= _ALWAYS_NEEDED
        limits = {LIMIT_FACT + limit.key for limit in (*base.limits, *draft.limits)}
        has = ALWAYS_KNOWN | self.declared.get(action.tool, frozenset()) | limits
        return _Plan(
            base=base,
            changed=changed,
            dropped=dropped,
            alike=then.policies == said.policies
            and all(_looks(scope) == _looks(then) for scope in now)
            and not self.base.unreadable,
            needed=frozenset(named & has),
            needed_of_agents=frozenset(named & KNOWN_OF_AGENTS),
            redefined=self._redefined((*draft.limits, *base.limits), said),
        )

    def _then(self, action: ActionScope, base: CompiledScope, said: _Said) -> CompiledScope:
        """Return what judged at the time, as far as it is still here; else what is in force."""
        tables = [self.history.get((key, number)) for key, (number, _held) in said.held]
        found = [table for table in tables if table is not None]
        held = {table.key: (table.version, table.digest) for table in found}
        if said.policies == base.policies or held != said.policies:
            return base
        return compile_tables(found).in_scope(action)

    def _redefined(self, limits: Iterable[Limit], said: _Said) -> frozenset[str]:
        """Return the totals that counted something else, or nothing, when they were recorded."""
        counted = {
            limit.key: _measure(limit)
            for key, (version, _digest) in said.policies.items()
            if (table := self.history.get((key, version))) is not None
            for limit in table.limits
        }
        return frozenset(
            LIMIT_FACT + limit.key for limit in limits if counted.get(limit.key) != _measure(limit)
        )


_NONE: Final = frozenset[str]()


def _read_said(body: bytes) -> _Said:
    record = read_record(body)
    if record.version != RECORD_VERSION or record.engine != ENGINE:
        raise RecordError(f"a record of version {record.version} by {record.engine}")
    fired = record.value["fired"]
    outcome = Outcome(record.value["outcome"])
    votes = int(record.value["obligations"]["votes"])
    change = Change(outcome, outcome, votes_before=votes, votes_after=votes)
    return _Said(
        change=change,
        again=replace(change, decided_again=True),
        rows=frozenset(f"{policy}:{rule}" for policy, _version, rule, _outcome in fired),
        policies=record.policies,
        held=tuple(sorted(record.policies.items())),
        by_error=any(row[:1] == ["floor"] and row[2] == "error" for row in fired),
    )


def _missing(plan: _Plan, facts: FactSet) -> frozenset[str]:
    """Return the facts that rows in scope need and that the record does not hold."""
    values = facts.values
    missing = plan.needed - values.keys()
    if plan.needed_of_agents and values.get("actor_kind") == "agent":
        missing |= plan.needed_of_agents - values.keys()
    if plan.redefined:
        missing |= plan.redefined
    return missing - facts.unknown if missing else missing


def _stands(plan: _Plan, facts: FactSet, said: _Said) -> bool:
    """Return whether nothing that differs between base and draft touches this decision."""
    if said.by_error or not plan.alike or not plan.dropped.isdisjoint(said.rows):
        return False
    values, unknown = facts.values, facts.unknown
    try:
        return not any(_may_fire(row, values, unknown) for row in plan.changed)
    except FactTypeError:
        return False


def _may_fire(row: CompiledRow, values: Mapping[str, Json], unknown: frozenset[str]) -> bool:
    for fact, test, value in row.tests:
        known = UNKNOWN if fact in unknown else values.get(fact, ABSENT)
        if known is UNKNOWN or known is None:
            continue
        if known is ABSENT or not test(known, value):
            return False
    return True


def _verdict(decision: Decision) -> tuple[Outcome, frozenset[str], int]:
    return decision.outcome, frozenset(decision.rule_ids), decision.obligations.votes


def _rests_on(decision: Decision, missing: frozenset[str]) -> tuple[str, ...]:
    if not missing:
        return ()
    return tuple(sorted({fact for row in decision.fired for fact in row.unknown} & missing))


def _row_id(row: CompiledRow) -> str:
    return f"{row.policy}:{row.rule}"


def _by_id(scope: CompiledScope) -> dict[str, CompiledRow]:
    return {_row_id(row): row for row in scope.rows}


def _meaning(row: CompiledRow | None) -> Json:
    return (row.tests, row.outcome, row.obligations) if row is not None else None


def _looks(scope: CompiledScope) -> Json:
    """Return what floors look at."""
    measures = {_measure(limit) for limit in scope.limits}
    return dict(scope.thresholds), measures, bool(scope.policies)


def _measure(limit: Limit) -> tuple[Json, ...]:
    return limit.key, limit.measure, limit.per, limit.window_hours, limit.currency


def _placed(change: Change, values: Mapping[str, Json], at: str) -> Compared:
    """Return a change with where, when and how much."""
    amount, hour = values.get("amount_minor"), values.get("local_hour", -1)
    return Compared(
        change,
        str(values.get("queue", "")),
        int(hour) if _is_hour(hour) else int(at[11:13]),
        amount if amount.__class__ is int else None,
        str(values.get("currency", "")),
        values.get("effect") != "read",
    )


def _is_hour(hour: Json) -> bool:
    return hour.__class__ is int and 0 <= hour <= 23  # noqa: PLR2004  hours of a day
