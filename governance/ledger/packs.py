"""What a pack of evidence reads of the ledger: entries as stored, their proofs, their streams."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, QuerySet

from governance.ledger import selectors, tree
from governance.ledger.entries import SUBJECT_ERASED
from governance.ledger.models import Checkpoint, LedgerEntry, LedgerNode
from governance.ledger.types import DamagedLedgerError
from orchestra.core.together import Reading, read, read_count

_AT_ONCE = 500
_COLUMNS = ("leaf_index", "stream", "seq", "kind", "actor_kind", "leaf_bytes", "leaf_hash",
            "payload__salt", "payload__body")  # fmt: skip


@dataclass(frozen=True, slots=True)
class PackRow:
    """One placed entry with its exact bytes.

    Attributes:
        index: Its place in the tree, from 0.
        leaf: The bytes that are hashed.
        leaf_hash: Lower-case hex.
        salt: Of the payload's commitment; None once the payload was erased.
        body: The payload's canonical bytes; None once it was erased.
    """

    index: int
    stream: str
    seq: int
    kind: str
    actor_kind: str
    leaf: bytes
    leaf_hash: str
    salt: bytes | None
    body: bytes | None


def list_rows(rows: QuerySet[LedgerEntry], *, begin: int, end: int, most: int) -> list[PackRow]:
    """Return the first of some entries between two places of the tree, in order.

    Args:
        rows: Which entries, such as from ``selection.select``.
        begin: The first place.
        end: The place after the last.
        most: How many at most.
    """
    found = rows.filter(leaf_index__gte=begin, leaf_index__lt=end).order_by("leaf_index")
    return [_as_row(row) for row in found.values_list(*_COLUMNS)[:most]]


def reading_oldest(rows: QuerySet[LedgerEntry], *, most: int) -> Reading[list[PackRow]]:
    """Come to the oldest of some entries, whether or not they have a place yet (then -1).

    Args:
        rows: Which entries, such as from ``selection.select``.
        most: How many at most.
    """
    found = yield from read(rows.order_by("at", "id").values_list(*_COLUMNS)[:most])
    return [_as_row((-1 if row[0] is None else row[0], *row[1:])) for row in found]


def reading_count_up_to(rows: QuerySet[LedgerEntry], most: int) -> Reading[int]:
    """Come to how many of some entries there are, and no more than the most."""
    return (yield from read_count(rows.order_by()[:most]))


def _as_row(row: tuple[Any, ...]) -> PackRow:
    index, stream, seq, kind, actor_kind, leaf, leaf_hash, salt, body = row
    return PackRow(
        index, stream, seq, kind, actor_kind, bytes(leaf), leaf_hash, _bytes(salt), _bytes(body)
    )


def list_indexes(rows: QuerySet[LedgerEntry], *, begin: int, end: int) -> frozenset[int]:
    """Return the places of some entries between two places of the tree."""
    found = rows.filter(leaf_index__gte=begin, leaf_index__lt=end)
    return frozenset(
        index for index in found.values_list("leaf_index", flat=True) if index is not None
    )


def count_rows(rows: QuerySet[LedgerEntry], *, begin: int, end: int) -> int:
    """Return how many of some entries stand between two places of the tree."""
    return rows.filter(leaf_index__gte=begin, leaf_index__lt=end).count()


def range_of_span(*, since: datetime, until: datetime, size: int) -> tuple[int, int]:
    """Return the places that cover a span, with the entry before and the one after it.

    Of an empty span these two alone, which stand side by side.
    """
    placed = LedgerEntry.objects.filter(leaf_index__lt=size)
    found = placed.filter(at__gte=since, at__lt=until).aggregate(
        first=Min("leaf_index"), last=Max("leaf_index")
    )
    if found["first"] is None:
        after = placed.filter(at__gte=until).aggregate(first=Min("leaf_index"))["first"]
        place = size if after is None else int(after)
        return max(place - 1, 0), min(place + 1, size)
    return max(int(found["first"]) - 1, 0), min(int(found["last"]) + 2, size)


def proofs_of(indexes: Sequence[int], *, size: int) -> dict[int, tuple[bytes, ...]]:
    """Return the inclusion proofs of several entries in the tree of a size: a query a level.

    Raises:
        DamagedLedgerError: A node that should be stored is absent.
    """
    spans = {index: tree.inclusion_spans(index=index, size=size) for index in indexes}
    nodes = {node for each in spans.values() for span in each for node in tree.cover(span)}
    hashes = _hashes(nodes)
    return {index: tree.prove(each, hashes.__getitem__) for index, each in spans.items()}


def note_of(size: int) -> str:
    """Return the signed checkpoint of a size.

    Raises:
        DamagedLedgerError: It is gone.
    """
    found = Checkpoint.objects.filter(size=size).first()
    if found is None:
        raise DamagedLedgerError(f"Checkpoint {size} is gone; verify the ledger.")
    return found.note


def last_numbers(streams: Collection[str], *, size: int) -> Mapping[str, int]:
    """Return how many entries each of some streams has in the tree of a size."""
    names, found = sorted(streams), dict[str, int]()
    for place in range(0, len(names), _AT_ONCE):
        rows = LedgerEntry.objects.filter(
            stream__in=names[place : place + _AT_ONCE], leaf_index__lt=size
        )
        found.update(rows.values_list("stream").annotate(count=Count("id")).order_by())
    return found


def erased_on(streams: Collection[str]) -> Mapping[str, datetime]:
    """Return when payloads of each of some streams were erased last; those erased only."""
    rows = LedgerEntry.objects.filter(kind=SUBJECT_ERASED, stream__in=list(streams))
    return dict(rows.values_list("stream").annotate(last=Max("at")).order_by())


def _hashes(nodes: Iterable[tree.Node]) -> dict[tree.Node, bytes]:
    levels: dict[int, list[int]] = {}
    for level, index in set(nodes):
        levels.setdefault(level, []).append(index)
    found: dict[tree.Node, bytes] = {}
    for level, places in levels.items():
        for begin in range(0, len(places), _AT_ONCE):
            found.update(_of_level(level, places[begin : begin + _AT_ONCE]))
    absent = {(level, index) for level, places in levels.items() for index in places} - found.keys()
    if absent:
        level, index = min(absent)
        raise DamagedLedgerError(f"Node {level}/{index} of the tree is absent; verify the ledger.")
    return found


def _of_level(level: int, places: list[int]) -> dict[tree.Node, bytes]:
    if level == 0:
        rows = LedgerEntry.objects.filter(leaf_index__in=places)
        return {
            (0, index): selectors.hash_bytes(text)
            for index, text in rows.values_list("leaf_index", "leaf_hash")
            if index is not None
        }
    stored = LedgerNode.objects.filter(level=level, index__in=places)
    return {(level, index): bytes(node) for index, node in stored.values_list("index", "hash")}


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)
