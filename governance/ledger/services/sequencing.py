"""The sequencer: gives entries their place in the tree, and signs what stands.

One code path for both databases. Rows are taken where the place is empty, never above the
last id seen: ids become visible out of commit order, so a cursor would skip rows for ever.
"""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from governance.ledger import selectors, tree
from governance.ledger.entries import CHECKPOINT_PUBLISHED, SYSTEM_STREAM
from governance.ledger.models import Checkpoint, LedgerEntry, LedgerNode
from governance.ledger.placed import is_at_rest
from governance.ledger.services.appending import append_entry
from governance.ledger.services.guarding import (
    refuse_departure,
    refuse_inconsistent,
    refuse_strange_key,
)
from governance.ledger.services.outside import append_outside
from governance.ledger.services.signing import sign_checkpoint
from governance.ledger.services.stopping import record_resumed, record_stopped
from governance.ledger.types import DamagedLedgerError, EntryDraft
from orchestra.core import actors

#: One sequencer at a time on PostgreSQL; the key is the first bytes of the room's name.
ADVISORY_LOCK = int.from_bytes(b"ledger", "big")
#: A small backlog takes a short transaction; a large one grows it up to this.
SMALLEST_BATCH = 256
LARGEST_BATCH = 4096

#: How often the tree is held against what was signed while nothing new comes.
_LOOKS_SECONDS = 10

_PLACE = "UPDATE governance_ledgerentry SET leaf_index = %s WHERE id = %s AND leaf_index IS NULL"


def sequence(*, now: datetime, wait: bool = False) -> int:
    """Place every waiting entry in the tree and publish a signed checkpoint.

    A checkpoint's own entry makes no further checkpoint by itself.

    Args:
        now: When, UTC.
        wait: Whether to wait for another run rather than leave the work to it.

    Returns:
        How many entries were placed.

    Raises:
        DamagedLedgerError: What is stored contradicts itself or the last checkpoint; nothing
            was signed.
    """
    try:
        return _sequence(now, wait=wait)
    except DamagedLedgerError as error:
        record_stopped(now=now, error=error)
        raise


def keep_sequencing(*, now: datetime) -> int:
    """Do one run of ``sequence``; where it is refused, that stands in the ledger, and no more.

    For whoever asks every second: what was told once is not told again, and while nothing waits
    the tree is held against what was signed in one run of each ten seconds only.
    """
    is_time = now.timestamp() % _LOOKS_SECONDS < settings.ORCHESTRA["SEQUENCE_SECONDS"]
    if not is_time and is_at_rest():
        return 0
    try:
        return sequence(now=now)
    except DamagedLedgerError:
        return 0


def _sequence(now: datetime, *, wait: bool) -> int:
    placed, batch = 0, SMALLEST_BATCH
    while True:
        try:
            with transaction.atomic():
                if not take_turn(wait=wait):
                    return placed
                size, last = selectors.tree_size(), selectors.latest_checkpoint()
                refuse_departure(last=last, size=size)
                count = _place_batch(batch, size)
                if count < batch:
                    _publish(now, size + count, last)
        except IntegrityError as error:
            raise DamagedLedgerError(
                "The tree or a stream already holds what comes next; verify the ledger."
            ) from error
        placed += count
        if count < batch:
            return placed
        batch = min(2 * batch, LARGEST_BATCH)


def take_turn(*, wait: bool) -> bool:
    """Take the sequencer's turn for the transaction that is open; False if another has it."""
    if connection.vendor != "postgresql":
        # The IMMEDIATE transaction that is open is the turn.
        return True
    name = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name}(%s)", [ADVISORY_LOCK])
        answer = cursor.fetchone()
    return wait or bool(answer and answer[0])


def _place_batch(limit: int, size: int) -> int:
    rows = list(
        LedgerEntry.objects.filter(leaf_index__isnull=True)
        .order_by("id")
        .values_list("id", "leaf_hash")[:limit]
    )
    if not rows:
        return 0
    edge = tree.RightEdge(size, selectors.node_hashes(nodes=tree.edge_nodes(size)))
    nodes = [
        LedgerNode(level=level, index=index, hash=node)
        for _, leaf_hash in rows
        for level, index, node in edge.append(selectors.hash_bytes(leaf_hash))
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_PLACE, [(size + offset, row[0]) for offset, row in enumerate(rows)])
    LedgerNode.objects.bulk_create(nodes)
    return len(rows)


def _publish(now: datetime, size: int, last: Checkpoint | None) -> None:
    news = LedgerEntry.objects.filter(leaf_index__gte=last.size if last else 0, leaf_index__lt=size)
    if not news.exclude(kind=CHECKPOINT_PUBLISHED).exists():
        return
    refuse_strange_key(last=last)
    root = selectors.root_at(size=size)
    refuse_inconsistent(last=last, size=size, root=root)
    note = sign_checkpoint(size=size, root=root, now=now)
    Checkpoint.objects.create(size=size, root=root.hex(), note=note, at=now)
    append_entry(
        actor=actors.system("ledger"),
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=CHECKPOINT_PUBLISHED,
            payload={"size": size, "root": root.hex()},
        ),
    )
    record_resumed(now=now, size=size)
    transaction.on_commit(append_outside)
