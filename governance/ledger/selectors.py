"""Reads of the ledger: streams, entries in words, checkpoints, proofs, backlog."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.db.models.lookups import In

from governance.ledger import tree
from governance.ledger.entries import (
    ACTOR_LABEL,
    LEDGER_VERIFIED,
    SIGNING_RESUMED,
    SIGNING_STOPPED,
    SYSTEM_STREAM,
)
from governance.ledger.models import Checkpoint, EntryPayload, LedgerEntry, LedgerNode
from governance.ledger.origins import take_origin
from governance.ledger.registry import kinds
from governance.ledger.sentences import Sentence
from governance.ledger.standing import Bytes, read_signing_stop, read_verification
from governance.ledger.types import (
    Backlog,
    DamagedLedgerError,
    InclusionProof,
    Json,
    PlacedEntry,
    SigningStop,
    Verification,
)
from orchestra.core.errors import NotFoundError
from orchestra.core.origin import Origin
from orchestra.core.together import Reading, all_of, answer, read, read_sums


def list_stream(*, stream: str, after_seq: int = 0) -> QuerySet[LedgerEntry]:
    """Return the entries of a stream in order, payloads at hand.

    Args:
        stream: Such as ``case:<uuid>``.
        after_seq: Number of the last entry already seen.
    """
    entries = LedgerEntry.objects.filter(stream=stream, seq__gt=after_seq)
    return entries.select_related("payload").order_by("seq")


def list_streams(*, streams: Collection[str]) -> QuerySet[LedgerEntry]:
    """Return the entries of several streams in the order they were recorded, payloads at hand."""
    entries = LedgerEntry.objects.filter(stream__in=list(streams))
    return entries.select_related("payload").order_by("id")


def of_kinds(entries: QuerySet[LedgerEntry], codes: Iterable[str]) -> QuerySet[LedgerEntry]:
    """Return those of a few entries that are of some kinds.

    A kind is looked at and not looked up: where most of the ledger is of these kinds the planner
    would go through the index of all of them for the entries of a few streams.
    """
    return entries.filter(In(Concat("kind", Value("")), list(codes)))


def list_entries() -> QuerySet[LedgerEntry]:
    """Return every entry, newest first, payloads at hand."""
    return LedgerEntry.objects.select_related("payload").order_by("-id")


def find_entry(*, index: int) -> LedgerEntry | None:
    """Return the entry at a place of the tree, or None."""
    return LedgerEntry.objects.select_related("payload").filter(leaf_index=index).first()


def newest_of_kinds(codes: Iterable[str]) -> int:
    """Return the number of the newest entry of some kinds, 0 where there is none.

    One query of one look-up in an index a kind, however long the ledger is. An act that began
    earlier may be committed with a lower number later.

    Args:
        codes: Kinds, such as ``approval.voted``.
    """
    newest = {
        f"newest_{place}": Subquery(
            LedgerEntry.objects.filter(kind=code).order_by("-id").values("id")[:1]
        )
        for place, code in enumerate(codes)
    }
    rows: list[Any] = list(LedgerEntry.objects.order_by("id").values(**newest)[:1])
    return max((number for row in rows for number in row.values() if number), default=0)


def list_placed(*, begin: int, end: int, of_kinds: Collection[str]) -> list[PlacedEntry]:
    """Return the entries of some kinds between two places of the tree, in order.

    Places have no gap and are given in the order they become visible, so a reader that goes on
    from the place it came to misses nothing.

    Args:
        begin: The first place, from 0.
        end: The place after the last.
        of_kinds: Which kinds.
    """
    entries = LedgerEntry.objects.filter(
        leaf_index__gte=begin, leaf_index__lt=end, kind__in=list(of_kinds)
    )
    return [
        PlacedEntry(
            index=index,
            leaf_hash=entry.leaf_hash,
            kind=entry.kind,
            at=entry.at,
            actor_id=entry.actor_id,
            stream=entry.stream,
            subject_kind=entry.subject_kind,
            subject_id=entry.subject_id,
            payload=payload_of(entry=entry),
        )
        for entry in entries.select_related("payload").order_by("leaf_index")
        if (index := entry.leaf_index) is not None
    ]


def first_index_since(*, at: datetime) -> int:
    """Return the first place of what was recorded since a moment; the next free one for nothing."""
    placed = LedgerEntry.objects.filter(leaf_index__isnull=False, at__gte=at)
    first = placed.aggregate(first=Min("leaf_index"))["first"]
    return tree_size() if first is None else int(first)


def find_last(*, subject_id: str, of_kinds: Iterable[str]) -> LedgerEntry | None:
    """Return the newest entry about a subject of some kinds, or None."""
    about = LedgerEntry.objects.filter(subject_id=subject_id, kind__in=list(of_kinds))
    return about.order_by("-id").first()


def payload_of(*, entry: LedgerEntry) -> dict[str, Json] | None:
    """Return what an act said of itself, or None once it was erased."""
    return opened(entry=entry)[0]


def opened(*, entry: LedgerEntry) -> tuple[dict[str, Json] | None, Origin | None]:
    """Return what an act said of itself and where it came from; None of what is not there."""
    try:
        stored = entry.payload
    except EntryPayload.DoesNotExist:
        return None, None
    payload: dict[str, Json] = json.loads(bytes(stored.body))
    return payload, take_origin(payload)


def entry_sentence(*, entry: LedgerEntry, payload: Mapping[str, Json] | None) -> str:
    """Return an entry in words, in the reader's language.

    Args:
        entry: The entry.
        payload: Its payload as it may be shown; None once it was erased.

    Returns:
        The kind's sentence; what the payload does not hold reads ``…``.
    """
    actor = f"{entry.actor_kind} {entry.actor_id}"
    return sentence_of(kind=entry.kind, payload=payload, actor=actor)


def sentence_of(*, kind: str, payload: Mapping[str, Json] | None, actor: str = "") -> str:
    """Return what an entry of a kind says, in the reader's language.

    Args:
        kind: Its code.
        payload: Its payload as it may be shown; None once it was erased.
        actor: Who acted, where the payload does not say.
    """
    values = dict(payload or {})
    values["actor"] = values.get(ACTOR_LABEL) or actor
    found = kinds.find(kind)
    # An entry outlives the code that wrote it: a kind that is gone reads as its code.
    return Sentence().format(str(found.sentence), **values) if found else kind


def latest_checkpoint() -> Checkpoint | None:
    """Return the newest signed checkpoint, or None."""
    return answer(reading_latest_checkpoint())


def reading_latest_checkpoint() -> Reading[Checkpoint | None]:
    """Come to the newest signed checkpoint, or None."""
    return next(iter((yield from read(Checkpoint.objects.order_by("-size")[:1]))), None)


def list_checkpoints(*, before_size: int | None = None) -> QuerySet[Checkpoint]:
    """Return the checkpoints, largest first.

    Args:
        before_size: Only those smaller than this.
    """
    rows = Checkpoint.objects.order_by("-size")
    return rows if before_size is None else rows.filter(size__lt=before_size)


def find_checkpoint(*, size: int) -> Checkpoint | None:
    """Return the checkpoint of a size, or None."""
    return Checkpoint.objects.filter(size=size).first()


def signed_roots(*, sizes: Collection[int]) -> dict[int, str]:
    """Return the roots that the checkpoints of some sizes signed, hex, by the size."""
    rows = Checkpoint.objects.filter(size__in=sizes)
    return dict(rows.values_list("size", "root"))


def find_signing_stop() -> SigningStop | None:
    """Return why nothing is signed at present; None while the sequencer goes on."""
    number = newest_of_kinds((SIGNING_STOPPED, SIGNING_RESUMED))
    entry = LedgerEntry.objects.select_related("payload").filter(id=number).first()
    if entry is None or entry.kind != SIGNING_STOPPED:
        return None
    return read_signing_stop(entry.at, _body_of(entry))


def latest_verification() -> Verification | None:
    """Return the stored result of the newest verification, or None."""
    return answer(reading_latest_verification())


def reading_latest_verification() -> Reading[Verification | None]:
    """Come to the newest verification, as ``latest_verification`` returns it."""
    return next(_verifications((yield from read(_verified(1)))), None)


def last_clean_verification() -> Verification | None:
    """Return the newest of the latest thousand verifications that found nothing, or None."""
    return next((found for found in _verifications(_verified(1_000)) if found.ok), None)


def last_whole_verification() -> Verification | None:
    """Return the newest of the latest thousand that read the whole ledger, or None."""
    return answer(reading_last_whole())


def reading_last_whole() -> Reading[Verification | None]:
    """Come to the newest whole verification, as ``last_whole_verification`` returns it."""
    found = yield from read(_verified(1_000))
    return next((one for one in _verifications(found) if not one.first), None)


def _verified(most: int) -> QuerySet[LedgerEntry]:
    entries = LedgerEntry.objects.filter(stream=SYSTEM_STREAM, kind=LEDGER_VERIFIED)
    return entries.select_related("payload").order_by("-id")[:most]


def _verifications(entries: Iterable[LedgerEntry]) -> Iterator[Verification]:
    for entry in entries:
        found = read_verification(entry.at, _body_of(entry))
        if found is not None:
            yield found


def _body_of(entry: LedgerEntry) -> Bytes | None:
    try:
        body: Bytes = entry.payload.body
    except EntryPayload.DoesNotExist:
        return None
    return body


def count_unsequenced() -> int:
    """Return how many entries wait for their place in the tree."""
    return LedgerEntry.objects.filter(leaf_index__isnull=True).count()


def get_backlog() -> Backlog:
    """Return how many entries wait for their place, and since when."""
    return answer(reading_backlog())


def reading_backlog() -> Reading[Backlog]:
    """Come to how many entries wait for their place, and since when."""
    waiting = LedgerEntry.objects.filter(leaf_index__isnull=True)
    found = yield from read_sums(waiting, count=Count("id"), oldest=Min("at"))
    return Backlog(count=found["count"], oldest_at=found["oldest"])


def tree_size() -> int:
    """Return how many entries have their place in the tree."""
    return answer(reading_tree_size())


def reading_tree_size() -> Reading[int]:
    """Come to how many entries have their place in the tree."""
    placed = LedgerEntry.objects.filter(leaf_index__isnull=False)
    last = yield from read(placed.order_by("-leaf_index").values_list("leaf_index", flat=True)[:1])
    return max((1 + one for one in last if one is not None), default=0)


def root_at(*, size: int) -> bytes:
    """Return the root of the tree as it stood at a size.

    Raises:
        DamagedLedgerError: A node that should be stored is absent.
    """
    return tree.fold(node_hashes(nodes=tree.edge_nodes(size)))


def inclusion_proof(*, index: int, size: int) -> InclusionProof:
    """Return the proof that an entry stands in the tree of a size.

    Raises:
        NotFoundError: That tree has no such entry.
        DamagedLedgerError: A node that should be stored is absent.
    """
    return answer(reading_inclusion(index=index, size=size, entries=tree_size()))


def reading_inclusion(*, index: int, size: int, entries: int) -> Reading[InclusionProof]:
    """Come to what ``inclusion_proof`` returns; ``entries`` is how many stand in the tree."""
    if not 0 <= index < size <= entries:
        raise NotFoundError(f"There is no entry {index} in a ledger of {size} entries.")
    spans = tree.inclusion_spans(index=index, size=size)
    hashes = yield from reading_hashes({(0, index), *nodes_of(spans), *tree.edge_nodes(size)})
    return InclusionProof(
        index=index,
        size=size,
        leaf_hash=hashes[0, index],
        hashes=tree.prove(spans, hashes.__getitem__),
        root=tree.fold([hashes[node] for node in tree.edge_nodes(size)]),
    )


def node_hashes(*, nodes: Iterable[tree.Node]) -> list[bytes]:
    """Return the hashes of complete nodes, in the order asked for.

    Raises:
        DamagedLedgerError: One is absent.
    """
    wanted = list(nodes)
    found = answer(reading_hashes(set(wanted)))
    return [found[node] for node in wanted]


def hash_bytes(text: str) -> bytes:
    """Return the bytes of a stored leaf hash.

    Raises:
        DamagedLedgerError: The text is no hash.
    """
    try:
        value = bytes.fromhex(text)
    except ValueError as error:
        raise DamagedLedgerError("A stored leaf hash is no hash; verify the ledger.") from error
    if len(value) != tree.HASH_BYTES:
        raise DamagedLedgerError("A stored leaf hash is no hash; verify the ledger.")
    return value


def nodes_of(spans: Iterable[tree.Span]) -> set[tree.Node]:
    """Return the complete nodes that some spans are made of."""
    return {node for span in spans for node in tree.cover(span)}


def reading_hashes(nodes: set[tree.Node]) -> Reading[dict[tree.Node, bytes]]:
    """Come to the hashes of complete nodes, by the node.

    Raises:
        DamagedLedgerError: One is absent.
    """
    leaves = [index for level, index in nodes if level == 0]
    places = Q(pk__in=[])
    for level, index in nodes:
        if level:
            places |= Q(level=level, index=index)
    placed = LedgerEntry.objects.filter(leaf_index__in=leaves)
    stored = LedgerNode.objects.filter(places).values_list("level", "index", "hash")
    hashes = read(placed.values_list("leaf_index", "leaf_hash"))
    rows = yield from all_of({"leaves": hashes, "inner": read(stored)})
    found = {(0, index): hash_bytes(leaf) for index, leaf in rows["leaves"]}
    found |= {(level, index): bytes(node) for level, index, node in rows["inner"]}
    absent = sorted(nodes - found.keys())
    if absent:
        level, index = absent[0]
        raise DamagedLedgerError(
            f"Node {level}/{index} of the tree is absent; verify the ledger.",
            data={"level": level, "index": index},
        )
    return found
