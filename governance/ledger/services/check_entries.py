"""Check of entries one by one: leaf, columns, stream, payload."""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from governance.ledger import envelope, leaves, tree
from governance.ledger.entries import STREAM_SEALED, SUBJECT_ERASED
from governance.ledger.leaves import Leaf
from governance.ledger.models import LedgerEntry
from governance.ledger.services.stored_rows import Row
from governance.ledger.types import Problem, ProblemKind

PROBLEM_LIMIT = 200
#: Streams followed at once; with more, the chunk that begins looks its own up again.
STREAM_LIMIT = 50_000

#: Columns whose values the leaf holds too.
_DERIVED = (
    "stream",
    "seq",
    "kind",
    "at",
    "actor_kind",
    "actor_id",
    "subject_kind",
    "subject_id",
)
_FIRST_DERIVED = Row._fields.index(_DERIVED[0])
_AFTER_DERIVED = _FIRST_DERIVED + len(_DERIVED)


class Findings:
    """Collects problems, and counts those beyond the limit."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.more = 0

    def add(self, kind: ProblemKind, where: str, message: str) -> None:
        """Add one finding."""
        if len(self.problems) < PROBLEM_LIMIT:
            self.problems.append(Problem(kind, where, message))
        else:
            self.more += 1


@dataclass(slots=True)
class StreamState:
    """How far one stream was followed.

    Attributes:
        seq: Number of the last entry seen.
        head: Its leaf hash.
        without_payload: Numbers of entries whose payload is gone and not yet accounted for.
    """

    seq: int = 0
    head: str = ""
    without_payload: list[int] = field(default_factory=list)


class StreamChecker:
    """Checks entries one by one and follows every stream, in bounded memory.

    Args:
        findings: Collects what is wrong.
        first: Place of the first entry that is checked; what came before is looked up.
    """

    def __init__(self, findings: Findings, first: int = 0) -> None:
        self._findings = findings
        self.first = first
        self.streams: dict[str, StreamState] = {}
        #: Whether some streams were followed and let go of again.
        self.let_go = False

    def prepare(self, rows: Sequence[Row]) -> None:
        """Make ready for the rows of one chunk, which begin after all that was checked."""
        if len(self.streams) > STREAM_LIMIT:
            self._settle()
            self.streams.clear()
            self.let_go = True
        if not rows or not (self.first or self.let_go):
            return
        begins: dict[str, Row] = {}
        for row in rows:
            if row.stream not in self.streams:
                begins.setdefault(row.stream, row)
        self.streams |= states_before(
            {name: row.seq - 1 for name, row in begins.items()}, before=rows[0].place
        )

    def check(self, row: Row) -> bytes | None:
        """Check one entry; return its leaf hash for the tree, None if it is not usable."""
        leaf_hash = self._check_leaf(row)
        state = self.streams.get(row.stream)
        if state is None:
            state = self.streams[row.stream] = StreamState()
        try:
            leaf = leaves.read_leaf(row.leaf)
        except ValueError:
            self._findings.add(
                ProblemKind.LEAF_ALTERED, row.where, _("The leaf is no envelope of version 1.")
            )
        else:
            self._check_says(row, leaf, state)
        self._follow(row, state)
        return leaf_hash

    def finish(self) -> None:
        """Report the payloads that are gone without an erasure on record."""
        self._settle()

    def _settle(self) -> None:
        gone = [name for name, state in self.streams.items() if state.without_payload]
        if not gone:
            return
        erased = dict(
            LedgerEntry.objects.filter(stream__in=gone, kind=SUBJECT_ERASED)
            .values_list("stream")
            .annotate(last=Max("seq"))
        )
        for name in gone:
            for seq in self.streams[name].without_payload:
                if seq < erased.get(name, 0):
                    continue
                self._findings.add(
                    ProblemKind.PAYLOAD_MISSING,
                    f"{name}#{seq}",
                    _("The payload is gone, and no later entry of the stream records an erasure."),
                )

    def _check_leaf(self, row: Row) -> bytes | None:
        computed = envelope.hash_leaf(row.leaf)
        if hmac.compare_digest(computed.hex().encode(), row.leaf_hash.encode()):
            return computed
        self._findings.add(
            ProblemKind.LEAF_ALTERED,
            row.where,
            _("The leaf no longer hashes to the leaf hash stored beside it."),
        )
        try:
            stored = bytes.fromhex(row.leaf_hash)
        except ValueError:
            return None
        return stored if len(stored) == tree.HASH_BYTES else None

    def _check_says(self, row: Row, leaf: Leaf, state: StreamState) -> None:
        if leaf.columns != row[_FIRST_DERIVED:_AFTER_DERIVED]:
            self._report_columns(row, leaf)
        if leaf.prev != state.head and row.seq == state.seq + 1:
            self._findings.add(
                ProblemKind.STREAM_BROKEN,
                row.where,
                _("The entry does not follow the one before it in its stream."),
            )
        if row.body is not None and row.salt is not None:
            self._check_payload(row, leaf, row.salt, row.body)

    def _report_columns(self, row: Row, leaf: Leaf) -> None:
        differing = [
            name
            for name, value in zip(_DERIVED, leaf.columns, strict=True)
            if getattr(row, name) != value
        ]
        self._findings.add(
            ProblemKind.COLUMN_ALTERED,
            row.where,
            _("These columns no longer say what the leaf says: %(names)s.")
            % {"names": ", ".join(differing)},
        )

    def _check_payload(self, row: Row, leaf: Leaf, salt: bytes, body: bytes) -> None:
        if len(salt) == envelope.SALT_BYTES:
            commitment = envelope.commit_payload(salt=salt, body=body)
            if hmac.compare_digest(commitment.encode(), str(leaf.commitment).encode()):
                if row.kind == STREAM_SEALED:
                    self._check_seal(row, leaf)
                return
        self._findings.add(
            ProblemKind.PAYLOAD_ALTERED,
            row.where,
            _("The payload no longer matches the commitment in the leaf."),
        )

    def _check_seal(self, row: Row, leaf: Leaf) -> None:
        sealed = json.loads(row.body or b"{}")
        if (sealed.get("count"), sealed.get("head")) != (row.seq - 1, leaf.prev):
            self._findings.add(
                ProblemKind.SEAL_DIFFERS,
                row.where,
                _("The seal does not say how many entries stand before it, or which is the last."),
            )

    def _follow(self, row: Row, state: StreamState) -> None:
        if row.seq != state.seq + 1:
            self._findings.add(
                ProblemKind.STREAM_BROKEN,
                row.where,
                _("Entry %(seq)s of the stream stands where %(expected)s should.")
                % {"seq": row.seq, "expected": state.seq + 1},
            )
        state.seq, state.head = row.seq, row.leaf_hash
        if row.body is None:
            state.without_payload.append(row.seq)
        if row.kind == SUBJECT_ERASED:
            state.without_payload.clear()


def states_before(last: Mapping[str, int], *, before: int | None) -> dict[str, StreamState]:
    """Return how far streams had come before a place of the tree.

    Args:
        last: Number of the entry that should be the last, by stream.
        before: The place; None for wherever they have come by now.
    """
    found = {}
    for name, seq, leaf_hash, index in _entries_at([pair for pair in last.items() if pair[1] > 0]):
        if before is None or (index is not None and index < before):
            found[name] = StreamState(seq=seq, head=leaf_hash)
    for name in last.keys() - found.keys():
        if last[name] > 0:
            found[name] = _last_state(name, before)
    return found


def _entries_at(places: Sequence[tuple[str, int]]) -> list[tuple[str, int, str, int | None]]:
    if not places:
        return []
    values = ", ".join(["(%s, %s)"] * len(places))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stream, seq, leaf_hash, leaf_index FROM governance_ledgerentry "  # noqa: S608  placeholders only
            f"WHERE (stream, seq) IN (VALUES {values})",
            [item for place in places for item in place],
        )
        return list(cursor.fetchall())


def _last_state(name: str, before: int | None) -> StreamState:
    rows = LedgerEntry.objects.filter(stream=name)
    if before is not None:
        rows = rows.filter(leaf_index__lt=before)
    row = rows.order_by("-seq").values_list("seq", "leaf_hash").first()
    return StreamState(seq=row[0], head=row[1]) if row else StreamState()
