"""Values of standing reports: what was seen, and how much of it is complete."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orchestra.core.origin import Origin

Json = Any


@dataclass(frozen=True, slots=True)
class Line:
    """How many records of a report have what a requirement asks for.

    Attributes:
        code: Stable code within its report.
        title: What was looked for.
        complete: How many have it.
        total: How many should.
        missing: References of those that lack it, such as ``CR-91``.
        erased: How many cannot be judged any more, since their payload was erased on request;
            they count neither as complete nor as missing.
        cases: Public id of the case that a reference names, where it names one.
    """

    code: str
    title: str
    complete: int
    total: int
    missing: tuple[str, ...] = ()
    erased: int = 0
    cases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseRef:
    """A case, by the name people use and its public id."""

    label: str
    id: str

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True, slots=True)
class EntryRef:
    """An entry of the ledger, by its stream and its number in it."""

    stream: str
    seq: int

    def __str__(self) -> str:
        return f"{self.stream} {self.seq}"


#: What stands in a row: text, a count, a moment in UTC, or what leads somewhere; None for nothing.
Cell = str | int | datetime | CaseRef | EntryRef | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows behind the lines of a report, read only as far as somebody looks.

    Attributes:
        code: Stable code within its report.
        title: What the rows are.
        header: Title of each column.
        rows: Rows, one cell for each column; reads the next page of the record when asked.
        about: What is counted and how, in a sentence; empty where the title says it.
        has_origins: Whether a column holds network addresses, masked unless asked otherwise.
        adds_up: Whether its first row may need the whole span read: each row is a sum, or few are
            shown of many.
        begins: What its rows are read from, of which the first page may be asked with others.
    """

    code: str
    title: str
    header: tuple[str, ...]
    rows: Iterable[Sequence[Cell]]
    about: str = ""
    has_origins: bool = False
    adds_up: bool = False
    begins: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """One entry, as the reports look at it.

    Attributes:
        ref: Its stream and number, by which it is found again.
        payload: Empty once it was erased.
        origin: Where the act came from; None where that is not recorded, or erased.
        erased: Whether the payload was erased on request.
    """

    ref: str
    kind: str
    at: datetime
    actor_kind: str
    actor_id: str
    subject_id: str
    subject_kind: str = ""
    payload: Mapping[str, Json] = field(default_factory=dict)
    origin: Origin | None = None
    erased: bool = False

    @property
    def entry(self) -> EntryRef:
        """What leads to it."""
        stream, _space, seq = self.ref.rpartition(" ")
        return EntryRef(stream, int(seq))

    @property
    def actor(self) -> str:
        """Who acted, as people call them; kind and id once that was erased."""
        named = str(self.payload.get("actor_label") or "")
        return named or f"{self.actor_kind} {self.actor_id}".strip()


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see of a report.

    Attributes:
        since: Recorded at or after this moment, UTC.
        until: Recorded before this moment, UTC.
        seed: What a sample is drawn by; empty for one that follows from the span.
        unmasked: Whether network addresses are shown as recorded.
    """

    since: datetime
    until: datetime
    seed: str = ""
    unmasked: bool = False


@dataclass(frozen=True, slots=True)
class ChangeVote:
    """One approving vote on the text that was published."""

    voter_id: str


@dataclass(frozen=True, slots=True)
class ChangeSeen:
    """One change that was published in the span.

    Attributes:
        label: Such as ``CR-91``.
        writer_ids: Public ids of its author and of whoever edited it last.
        is_rehearsed: Whether a rehearsal is bound to the very text published.
        is_text_kept: Whether the stored text still has the digest that was voted on.
        is_high: Whether its risk takes two people.
        is_opened_by_person: Whether an entry says that a person opened it.
        is_on_record: Whether an entry says that it was published.
    """

    label: str
    id: str
    writer_ids: frozenset[str]
    needs_rehearsal: bool
    is_rehearsed: bool
    is_text_kept: bool
    is_high: bool
    is_opened_by_person: bool
    is_on_record: bool
    votes: tuple[ChangeVote, ...]


@dataclass(frozen=True, slots=True)
class VoteSeen:
    """One vote on a request for approval in the span.

    Attributes:
        label: Such as ``AP-12``.
        opened_at: When its voter first opened the page; None where they did not.
        saw_evidence_at: When all evidence was first on their screen; None where it was not.
        is_reasoned: Whether a rejection says why; True for an approval.
        has_role: Whether the role they voted in stands beside it.
    """

    label: str
    at: datetime
    opened_at: datetime | None
    saw_evidence_at: datetime | None
    is_reasoned: bool
    has_role: bool
    voter_id: str = ""
    voter: str = ""
    request_id: str = ""
    subject_id: str = ""
    is_rejection: bool = False
