"""Values of retention: classes of record, what is due, and what a run came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from governance.privacy.types import SubjectCase
from orchestra.core.actors import Actor

Json = Any


class RunState(StrEnum):
    """Where a run stands; one that gave way to others is ``running`` without a lease."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


#: States in which there is work to come.
OPEN = (RunState.QUEUED, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class CaseRef:
    """A case that a record belongs to, as far as a legal hold may come from it.

    Attributes:
        customer_id: Public id of its customer, empty where nobody was bound to it.
    """

    case: SubjectCase
    customer_id: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """What one class keeps beyond its period, under one key.

    Attributes:
        key: Its key, in the order in which the class is gone through.
        at: The moment its period counts from, UTC.
        rows: How many records it is.
        cases: The cases it belongs to; none where it belongs to no case.
    """

    key: int
    at: datetime
    rows: int
    cases: tuple[CaseRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """A part of what is due.

    Attributes:
        due: What is due, ordered by key.
        through: Key up to which everything was looked at; None where there is no more.
    """

    due: Sequence[Due]
    through: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run came to, for one class.

    Attributes:
        name: Code of the class.
        days: How long it is kept.
        gone: Records that went, or would go.
        held: Records that stay because of a legal hold.
        oldest: The oldest record that stays, UTC; None where none does.
        held_by: Number of a legal hold to the records it keeps; one record counts once.
    """

    name: str
    days: int
    gone: int = 0
    held: int = 0
    oldest: datetime | None = None
    held_by: Mapping[str, int] = field(default_factory=dict)


class RecordClass(Protocol):
    """One class of record with a period of its own; ``str()`` of its words is the text."""

    @property
    def code(self) -> str:
        """The key it is registered under."""

    @property
    def title(self) -> object:
        """What it is, in words for people."""

    @property
    def counts_from(self) -> object:
        """What its period counts from, in words."""

    @property
    def basis(self) -> object:
        """Why it may not be kept shorter than ``least_days``, in words."""

    @property
    def least_days(self) -> int:
        """The shortest period that is allowed."""

    @property
    def usual_days(self) -> int:
        """The period where nobody set another."""

    def find_due(self, *, before: datetime, after: int, most: int) -> Batch:
        """Return what is kept beyond its period, without changing anything.

        Args:
            before: Records from before this moment are due, UTC.
            after: Key that was looked at last; 0 to begin.
            most: How many keys to look at.
        """

    def remove(self, *, actor: Actor, now: datetime, days: int, due: Sequence[Due]) -> int:
        """Remove what is due, in the transaction that is open, and return how many records."""

    def oldest(self, *, before: datetime) -> datetime | None:
        """Return the oldest record whose period is not over, UTC; None where there is none."""
