"""Outcomes, facts, decision tables and decisions, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from governance.reviews.types import RiskLevel

__all__ = [
    "ActionScope",
    "Condition",
    "Decision",
    "FactSet",
    "FiredRow",
    "Limit",
    "LimitKeys",
    "Obligations",
    "Operator",
    "Outcome",
    "PolicyTable",
    "RiskLevel",
    "Rule",
    "Scope",
    "Subject",
]

Json = Any


class Outcome(StrEnum):
    """What a policy says of an action, from the mildest to the strictest."""

    ALLOW = "allow"
    VERIFY = "verify"
    APPROVE = "approve"
    SPECIALIST = "specialist"
    DENY = "deny"

    # Equal to its text, so hashed like it, and without a call in between.
    __hash__ = str.__hash__

    @property
    def strictness(self) -> int:
        """0 for allow to 4 for deny."""
        return _STRICTNESS[self]


_STRICTNESS = {outcome: place for place, outcome in enumerate(Outcome)}


class RehearsalState(StrEnum):
    """Where one rehearsal of a draft stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing happens to it any more."""
        return self not in (RehearsalState.QUEUED, RehearsalState.RUNNING)


class ShadowEnd(StrEnum):
    """Why a draft no longer runs beside the version in force."""

    TIME = "time"
    STOPPED = "stopped"
    EDITED = "edited"
    MOVED = "moved"
    CLOSED = "closed"


class Operator(StrEnum):
    """How a condition compares a fact with its value."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    BELOW = "below"
    AT_MOST = "at_most"
    ABOVE = "above"
    AT_LEAST = "at_least"
    CONTAINS = "contains"
    LACKS = "lacks"


@dataclass(frozen=True, slots=True)
class FactSet:
    """The facts a decision sees.

    Attributes:
        values: Known facts by name; JSON values.
        unknown: Names of facts that are declared but could not be computed.

    A name in neither is *not applicable*: a condition on it is false. A condition on an
    unknown fact is true, whatever its operator.
    """

    values: Mapping[str, Json] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Condition:
    """``fact operator value``."""

    fact: str
    operator: Operator
    value: Json


@dataclass(frozen=True, slots=True)
class Obligations:
    """What an outcome asks for besides itself; several add up to the strictest of each.

    Attributes:
        votes: Approvals needed.
        roles: Roles whose holders may vote; empty means any eligible voter.
        distinct_roles: Whether each vote must come from another role.
        step_up: Whether a voter must prove who they are again.
        verification: Customer verification level needed, empty for none.
        deadline_minutes: Until the request expires; None for the default.
    """

    votes: int = 0
    roles: tuple[str, ...] = ()
    distinct_roles: bool = False
    step_up: bool = False
    verification: str = ""
    deadline_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a decision table; it fires when no condition is false.

    Attributes:
        disabled: Whether the row stands in the text but never fires.
    """

    id: str
    title: str
    when: tuple[Condition, ...]
    outcome: Outcome
    reason: str
    obligations: Obligations = Obligations()
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """A rolling total and what happens beyond it.

    Attributes:
        key: Stable name, unique in the centre.
        measure: ``count`` of calls, or ``amount_minor`` summed.
        per: ``customer``, ``agent`` or ``queue``.
        window_hours: Length of the rolling window.
        at_most: Largest total allowed, this call included; minor units for amounts.
        currency: Currency of an amount limit, empty for a count.
        disabled: Whether the limit stands in the text but counts nothing.
    """

    key: str
    title: str
    measure: str
    per: str
    window_hours: int
    at_most: int
    outcome: Outcome
    reason: str
    currency: str = ""
    obligations: Obligations = Obligations()
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Invariant:
    """What its owner wants of every version of a policy, proved before one is published.

    Attributes:
        when: Where it has to hold; read like the conditions of a row.
        outcome: The mildest outcome that may come out.
        votes: Approvals that an approval has to ask for; a stricter outcome asks for none.
        roles: The only roles whose holders may vote; empty for no demand.
        step_up: Whether a voter has to prove who they are again.
    """

    id: str
    title: str
    when: tuple[Condition, ...]
    outcome: Outcome
    votes: int = 0
    roles: tuple[str, ...] = ()
    step_up: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a policy holds; an empty tuple means everywhere."""

    tools: tuple[str, ...] = ()
    cue_sheets: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyTable:
    """One policy as data, with the version that holds it.

    Attributes:
        thresholds: Currency to the largest amount in minor units that a high-risk tool may
            move without an approval, as far as this policy says so.
    """

    key: str
    title: str
    version: int
    digest: str
    scope: Scope
    rules: tuple[Rule, ...]
    limits: tuple[Limit, ...] = ()
    thresholds: Mapping[str, int] = field(default_factory=dict)
    invariants: tuple[Invariant, ...] = ()


class FiredRow(NamedTuple):
    """One row that fired, with the values it saw; a tuple, since each decision makes some.

    Attributes:
        policy: Key of the policy, or ``floor``.
        rule: Id of the row, key of the limit, or name of the floor.
        saw: Facts named by its conditions and their values; unknown ones are listed.
    """

    policy: str
    version: int
    rule: str
    title: str
    outcome: Outcome
    reason: str
    obligations: Obligations = Obligations()
    saw: Mapping[str, Json] = MappingProxyType({})
    unknown: tuple[str, ...] = ()


class Decision(NamedTuple):
    """The verdict on one action.

    Attributes:
        outcome: The strictest outcome of all rows that fired.
        fired: Every row that fired, strictest first.
        silent: Titles of the rows in scope that did not fire, for the approval page.
        obligations: What all fired rows of the final outcome ask for together.
        policies: Policy key to (version, digest) of every policy in scope.
        engine: Version of the decision function.
    """

    outcome: Outcome
    fired: tuple[FiredRow, ...]
    silent: tuple[str, ...]
    obligations: Obligations
    policies: Mapping[str, tuple[int, str]]
    engine: str

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons of the rows that led to the outcome, in plain words."""
        return tuple(row.reason for row in self.fired if row.outcome is self.outcome)

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """``policy:rule`` of every row that fired."""
        return tuple(f"{row.policy}:{row.rule}" for row in self.fired)


class ActionScope(NamedTuple):
    """Where an action takes place; an empty text means nowhere in particular."""

    tool: str
    cue_sheet: str = ""
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is decided on.

    Attributes:
        kind: Stable code, such as ``tool_call``.
        id: Public id.
        stream: Ledger stream of the entries about it, such as ``case:<uuid>``.
    """

    kind: str
    id: str
    stream: str


@dataclass(frozen=True, slots=True)
class LimitKeys:
    """For whom limits count; empty where there is none (no customer bound, no AI acting)."""

    customer: str = ""
    agent: str = ""
    queue: str = ""
