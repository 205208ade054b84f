"""Tools, calls and outcomes as values; the states of a tool call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

Json = Any
#: Code of a trouble that kept a call from being sent at all: its connection is over its limit.
BUSY: Final = "upstream.busy"


class Effect(StrEnum):
    """Whether a tool changes a system of record."""

    READ = "read"
    WRITE = "write"


class ConnectionKind(StrEnum):
    """How a system of record is reached."""

    SIMULATED = "simulated"
    HTTP = "http"
    MCP = "mcp"


class CallState(StrEnum):
    """Where a tool call stands."""

    PROPOSED = "proposed"
    AWAITING_VERIFICATION = "awaiting_verification"
    AWAITING_APPROVAL = "awaiting_approval"
    READY = "ready"
    EXECUTING = "executing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DENIED = "denied"
    REJECTED = "rejected"
    EXPIRED = "expired"
    VOIDED = "voided"
    HANDED_OFF = "handed_off"
    CANCELLED = "cancelled"
    COMPENSATED = "compensated"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more happens by itself; unknown waits for a person."""
        return self in TERMINAL_STATES


TERMINAL_STATES = frozenset(
    {
        CallState.SUCCEEDED,
        CallState.FAILED,
        CallState.DENIED,
        CallState.REJECTED,
        CallState.EXPIRED,
        CallState.VOIDED,
        CallState.HANDED_OFF,
        CallState.CANCELLED,
        CallState.COMPENSATED,
    }
)


class AttemptOutcome(StrEnum):
    """How one attempt at the system of record ended; a held one was not sent and counts as none."""

    ANSWERED = "answered"
    REFUSED = "refused"
    ERROR = "error"
    UNKNOWN = "unknown"
    STALE = "stale"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Read:
    """A fact read: a read tool called before deciding.

    Attributes:
        name: Name under which its answer stands, such as ``order``.
        tool: Name of the read tool.
        arguments: Argument name to a path (``$.order_id`` into the call's arguments,
            ``$order.user_id`` into an earlier read's answer, ``$each`` for the element).
        for_each: Path or registered function that yields a list; empty for a single read.
    """

    name: str
    tool: str
    arguments: Mapping[str, Json]
    for_each: str = ""


@dataclass(frozen=True, slots=True)
class MoneyPath:
    """Where an amount stands in the arguments or the answer, in which unit and currency."""

    path: str
    unit: str
    currency: str


@dataclass(frozen=True, slots=True)
class CallLimit:
    """How often a tool may be called.

    Attributes:
        calls: At most so many.
        per: ``agent`` for each AI agent, ``customer`` for each customer.
        window_minutes: In any so many minutes.
    """

    calls: int
    per: str
    window_minutes: int


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as declared in a pack; see ``interfaces`` for the document's shape.

    Attributes:
        operation: How the connection is called, such as ``{"method": "POST", "path": "/x"}``.
        arguments: JSON Schema 2020-12 of the arguments.
        facts: Fact name to a path or ``{"function": name}``.
        verifies: ``{"level": basic, "method": text, "customer": path}`` or None.
        hands_off: ``{"queue": key, "reason_code": code}`` or None.
        effect_text: Registered function or message template; empty for none.
        before_after: Registered function; empty for none.
        grounds: Registered function for what the action rests on, in words; empty for none.
        confirm: ``{"tool": name, "arguments": {...}, "expect": {path: value}}`` or None.
        lookup: Whether an effect with an unknown outcome can be looked up by its key.
        reversed_by: Name of the tool that takes it back; empty for none.
        reversed_with: Argument of that tool to where its value comes from; see ``undoing``.
        output: JSON Schema 2020-12 that an answer must fit; None where none is declared.
        upstream: Where it was imported from, the digest of what stood there, and what the
            upstream says of it, which nothing here relies on; None where it was not imported.
        limits: How often it may be called.
    """

    name: str
    title: str
    description: str
    connection: str
    operation: Mapping[str, Json]
    effect: Effect
    risk: str
    arguments: Mapping[str, Json]
    honours_idempotency_key: bool = False
    lookup: bool = False
    timeout_seconds: float = 10.0
    max_attempts: int = 5
    money: tuple[MoneyPath, ...] = ()
    reads: tuple[Read, ...] = ()
    facts: Mapping[str, Json] = field(default_factory=dict)
    verifies: Mapping[str, Json] | None = None
    hands_off: Mapping[str, Json] | None = None
    effect_text: str = ""
    before_after: str = ""
    grounds: str = ""
    confirm: Mapping[str, Json] | None = None
    reversed_by: str = ""
    reversed_with: Mapping[str, Json] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()
    output: Mapping[str, Json] | None = None
    upstream: Mapping[str, Json] | None = None
    limits: tuple[CallLimit, ...] = ()


@dataclass(frozen=True, slots=True)
class AdapterRequest:
    """What an adapter sends: one operation with its arguments and key."""

    operation: Mapping[str, Json]
    tool: str
    arguments: Mapping[str, Json]
    idempotency_key: str
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class AdapterAnswer:
    """What a system of record said.

    Attributes:
        ok: False for a business refusal, which is a result and never retried.
        body: The bytes received, verbatim.
        value: The answer read as JSON; the refusal's text where ``ok`` is false.
        status: Status of the transport, 0 where it has none.
    """

    ok: bool
    body: bytes
    value: Json
    status: int = 0


@dataclass(frozen=True, slots=True)
class Reads:
    """What the fact reads of a tool answered.

    Attributes:
        values: Answer by the name of its read; a list of answers for a repeated read. A read
            that failed, was refused or could not be asked is absent.
        bodies: The bytes of the same answers, verbatim.
        digests: SHA-256 of the bytes by name of the read, for the decision's record.
        errors: Code by the name of a read that has no answer.
        tools: Tool by the name of its read.
        at: When they were read.
    """

    at: datetime
    values: Mapping[str, Json] = field(default_factory=dict)
    bodies: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)
