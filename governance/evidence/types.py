"""Values of evidence exports: what is asked for, what is left out, gaps, states, progress."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

Json = Any


class ScopeKind(StrEnum):
    """By what an export is cut out of the ledger."""

    CASE = "case"
    SPAN = "span"
    CONTROL = "control"
    SEARCH = "search"
    LEDGER = "ledger"


class ExportState(StrEnum):
    """Where an export stands.

    ``explaining`` waits for the explanation of its gaps; ``deleted`` was done once, and its
    file is gone.
    """

    EXPLAINING = "explaining"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETED = "deleted"


#: States in which there is work to come.
OPEN = (ExportState.EXPLAINING, ExportState.QUEUED, ExportState.RUNNING)


class Stage(StrEnum):
    """The steps of a building, in their order."""

    COLLECT = "collect"
    STREAMS = "streams"
    PACK = "pack"
    VERIFY = "verify"


#: Kinds of scope whose file shows a period with every entry in it, where it is not too long.
COVERING = (ScopeKind.SPAN, ScopeKind.CONTROL, ScopeKind.SEARCH)


class FieldGroup(StrEnum):
    """What a requester may leave out; a payload that holds one of them stays out whole."""

    CUSTOMER = "customer"
    ORDER = "order"
    PAYMENT = "payment"
    MESSAGE = "message"
    STAFF = "staff"


class Withheld(StrEnum):
    """Why a payload is not in a pack."""

    NOT_PERMITTED = "not_permitted"
    LEFT_OUT = "left_out"
    ERASED = "erased"
    COVER = "cover"


class DeletedBecause(StrEnum):
    """Why the file of an export is gone."""

    AGE = "age"
    ERASURE = "erasure"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class ExportScope:
    """What an export is to prove.

    Attributes:
        kind: By what it is cut out.
        key: Public id of the case, code of the control or, while it is asked for, public id of
            the saved search; empty for a span, for the whole ledger and for what is frozen.
        since: Recorded at or after this moment, UTC; None for the beginning.
        until: Recorded before this moment, UTC; None for the moment of the request.
        selection: The entries of a saved search as it was when it was asked for, as JSON.
        name: What the saved search was called then.
    """

    kind: ScopeKind
    key: str = ""
    since: datetime | None = None
    until: datetime | None = None
    selection: Mapping[str, Json] | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """What a control asks for and the record does not hold everywhere.

    Attributes:
        code: Stable code within its control.
        title: What was looked for, in words.
        complete: How many have it.
        total: How many should.
        missing: References of those that lack it, such as ``CR-091``.
        note: A remark beside it, such as ``8 articles need none``.
        explanation: Why, in the words of whoever explained it; empty until then.
        explained_by: Label of who explained it.
        explained_at: When, RFC 3339; empty until then.
    """

    code: str
    title: str
    complete: int
    total: int
    missing: tuple[str, ...] = ()
    note: str = ""
    explanation: str = ""
    explained_by: str = ""
    explained_at: str = ""

    @property
    def is_open(self) -> bool:
        """Whether something is missing and nobody has said why."""
        return self.complete < self.total and not self.explanation


class ControlGap(Protocol):
    """One line of a control's report of gaps; a complete one is listed too."""

    @property
    def code(self) -> str:
        """Stable code within the control."""

    @property
    def title(self) -> object:
        """What was looked for; its ``str()`` is the text in the reader's language."""

    @property
    def complete(self) -> int:
        """How many have it."""

    @property
    def total(self) -> int:
        """How many should."""

    @property
    def missing(self) -> Sequence[str]:
        """References of those that lack it."""


class Control(Protocol):
    """A standing report that an export can be cut out by."""

    @property
    def code(self) -> str:
        """Stable code, such as ``changes``."""

    @property
    def title(self) -> object:
        """What it gives evidence of; its ``str()`` is the text."""

    @property
    def requirements(self) -> Sequence[str]:
        """References of what it is evidence for, such as ``SOC 2 CC8.1``."""

    def select(self, *, since: datetime, until: datetime) -> Any:
        """Return the ``governance.ledger.selection.EntrySelection`` of a span."""

    def gaps(self, *, since: datetime, until: datetime) -> Sequence[ControlGap]:
        """Return the lines of its report of gaps over a span."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an export would hold, told before it is asked for.

    Attributes:
        title: What it would be evidence of.
        entries: How many entries are in the scope now, counted up to ``COUNTED_AT_MOST``.
        is_more: Whether there are more than were counted.
        looked_at: How many of them the counts below rest on.
        groups: How many payloads hold each group of fields that may be left out.
        withheld: How many payloads stay out whatever is chosen, by reason.
        gaps: The report of gaps.
        is_covering: Whether the file shows every entry of a period, so that nothing is missing.
        altered_at: When the ledger was found altered; None while it was not.
    """

    title: str
    entries: int
    is_more: bool
    looked_at: int
    groups: Mapping[FieldGroup, int]
    withheld: Mapping[Withheld, int]
    gaps: tuple[Gap, ...]
    is_covering: bool
    altered_at: datetime | None


@dataclass(frozen=True, slots=True)
class StageProgress:
    """How far one step of a building is.

    Attributes:
        stage: Which.
        done: How many, of whatever it counts.
        total: Of how many; 0 where it counts nothing.
        state: ``done``, ``running`` or ``waiting``.
    """

    stage: str
    done: int
    total: int
    state: str
