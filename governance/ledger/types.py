"""Values of the ledger: kinds, drafts, findings and reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from orchestra.core.errors import ConflictError

Json = Any


@dataclass(frozen=True, slots=True)
class EntryKind:
    """One registered kind of entry.

    Attributes:
        code: Dotted lower-case code, such as ``approval.granted``.
        sentence: A ``str.format`` text over ``{actor}`` and payload keys, usually lazily
            translated; anything whose ``str()`` is the text in the reader's language.
    """

    code: str
    sentence: object


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """What a room wants recorded.

    Attributes:
        stream: ``case:<uuid>``, ``policy:<uuid>``, ``user:<uuid>``, ``agent:<uuid>`` or ``system``.
        kind: A registered kind.
        payload: JSON that may hold personal data; it lies apart from the leaf and can be erased.
        subject_kind: What the act was on, as a code; goes into the leaf.
        subject_id: Its public id; goes into the leaf.
        policy: Lower-case hex SHA-256 of the policy version that decided, or empty.
        cue: Lower-case hex SHA-256 of the cue sheet version in force, or empty.
        schema: Lower-case hex SHA-256 of the tool's schema version, or empty.
    """

    stream: str
    kind: str
    payload: Mapping[str, Json] = field(default_factory=dict)
    subject_kind: str = ""
    subject_id: str = ""
    policy: str = ""
    cue: str = ""
    schema: str = ""


class ProblemKind(StrEnum):
    """What a verification can find, one code for each way a ledger can be wrong."""

    SEQUENCER_STOPPED = "sequencer_stopped"
    ENTRY_MISSING = "entry_missing"
    LEAF_ALTERED = "leaf_altered"
    COLUMN_ALTERED = "column_altered"
    PAYLOAD_ALTERED = "payload_altered"
    PAYLOAD_MISSING = "payload_missing"
    STREAM_BROKEN = "stream_broken"
    STREAM_HEAD = "stream_head"
    SEAL_DIFFERS = "seal_differs"
    NODE_DIFFERS = "node_differs"
    NODE_MISSING = "node_missing"
    NODE_EXTRA = "node_extra"
    CHECKPOINT_ALTERED = "checkpoint_altered"
    CHECKPOINT_DIFFERS = "checkpoint_differs"
    CHECKPOINT_MISSING = "checkpoint_missing"
    TRUNCATED = "truncated"
    OUTSIDE_UNREADABLE = "outside_unreadable"
    OUTSIDE_DIFFERS = "outside_differs"


class OutsideCopy(StrEnum):
    """How the checkpoints kept outside the database stand to the ledger."""

    NOT_KEPT = "not_kept"
    MISSING = "missing"
    AGREES = "agrees"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of a verification.

    Attributes:
        kind: What is wrong.
        where: The place, such as ``entry 12``, ``node 3/7``, ``stream case:…``, ``checkpoint 40``.
        message: What was found and what that means, in words.
    """

    kind: ProblemKind
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The result of one verification.

    Attributes:
        ok: Whether nothing was found.
        size: Number of entries in the tree that were checked.
        checked_at: When the check began, UTC.
        seconds: How long it took.
        problems: The findings, at most ``PROBLEM_LIMIT``.
        more_problems: How many findings were left out beyond that.
        checkpoint_size: Size of the newest signed checkpoint; 0 when there is none.
        checkpoint_root: Its root in lower-case hex; empty when there is none.
        outside: How the copy outside the database stands.
        missing_guards: Database triggers that should refuse changes and are absent.
        first: Place of the first entry that was read; 0 where the whole ledger was.
    """

    ok: bool
    size: int
    checked_at: datetime
    seconds: float
    problems: tuple[Problem, ...]
    more_problems: int = 0
    checkpoint_size: int = 0
    checkpoint_root: str = ""
    outside: OutsideCopy = OutsideCopy.NOT_KEPT
    missing_guards: tuple[str, ...] = ()
    first: int = 0


@dataclass(frozen=True, slots=True)
class Verification:
    """A stored result of an earlier verification.

    Attributes:
        at: When it ran, UTC.
        size: Number of entries checked.
        ok: Whether nothing was found.
        seconds: How long it took.
        problems: How many findings there were.
        findings: The first of them in words; empty for results of older versions too.
        guards_missing: Database triggers that should refuse changes and were absent.
        outside: How the copy outside the database stood; empty where it was not recorded.
        first: Place of the first entry that was read; 0 where the whole ledger was.
        checkpoint_size: Size of the newest checkpoint then; 0 where it was not recorded.
        checkpoint_root: Its root.
    """

    at: datetime
    size: int
    ok: bool
    seconds: float
    problems: int
    findings: tuple[Mapping[str, str], ...] = ()
    guards_missing: tuple[str, ...] = ()
    outside: str = ""
    first: int = 0
    checkpoint_size: int = 0
    checkpoint_root: str = ""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Entries that wait for their place in the tree.

    Attributes:
        count: How many wait.
        oldest_at: When the oldest was recorded; None when none waits.
    """

    count: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class LedgerStanding:
    """How the ledger stands at a moment.

    Attributes:
        size: Entries that have their place in the tree.
        unread: Entries that the index of the explorer has not read yet.
        backlog: Entries that wait for their place.
        checkpoint: The newest signed one, or None.
        verification: The stored result of the newest verification, or None.
        stop: Why nothing is signed at present; None while the sequencer goes on.
    """

    size: int = 0
    unread: int = 0
    backlog: Backlog = field(default_factory=lambda: Backlog(0, None))
    checkpoint: Any = None
    verification: Verification | None = None
    stop: "SigningStop | None" = None


@dataclass(frozen=True, slots=True)
class SigningStop:
    """Why nothing is signed at present.

    Attributes:
        at: Since when, UTC.
        code: Stable code, such as ``ledger.contradicts_outside``.
        message: What is wrong and what to do, in words.
        data: Sizes and roots that do not agree, by name.
    """

    at: datetime
    code: str
    message: str
    data: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class PlacedEntry:
    """An entry that has its place in the tree, for whoever reads the ledger on.

    Attributes:
        index: Its place, from 0.
        leaf_hash: Lower-case hex.
        payload: None once it was erased.
    """

    index: int
    leaf_hash: str
    kind: str
    at: datetime
    actor_id: str
    stream: str
    subject_kind: str
    subject_id: str
    payload: Mapping[str, Json] | None


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Proof that one entry stands in the tree of a size.

    Attributes:
        index: Place of the entry, from 0.
        size: Size of the tree.
        leaf_hash: Hash of the entry's leaf.
        hashes: Path from the leaf's sibling to the root.
        root: Root of the tree of that size.
    """

    index: int
    size: int
    leaf_hash: bytes
    hashes: tuple[bytes, ...]
    root: bytes


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """Proof that the tree of a size is the beginning of the tree of a larger one.

    Attributes:
        size1: The smaller size.
        root1: Its root, 32 bytes.
        size2: The larger size.
        root2: Its root.
        hashes: The path.
    """

    size1: int
    root1: bytes
    size2: int
    root2: bytes
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class OutsideFile:
    """How the file of checkpoints outside the database looks right now.

    Attributes:
        state: How its last note stands to the ledger.
        name: The file's name, without its folder; empty where none is kept.
        size: Entries that its last note counts; 0 where it holds none.
        root: Root of that note in lower-case hex.
        changed_at: When it was last written, UTC.
        acknowledged: Whether the ledger departs from it and an epoch says so.
    """

    state: OutsideCopy
    name: str = ""
    size: int = 0
    root: str = ""
    changed_at: datetime | None = None
    acknowledged: bool = False


class DamagedLedgerError(ConflictError):
    """The stored ledger contradicts itself, so nothing more is signed until it is looked at."""

    code = "ledger.damaged"
