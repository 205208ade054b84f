"""Verify: a ledger nobody touched is clean, and each way of touching it is named."""

from typing import Any

import pytest
from django.db.models import F

from governance.ledger import envelope, notes, selectors, services
from governance.ledger.models import (
    Checkpoint,
    EntryPayload,
    LedgerEntry,
    LedgerNode,
    LedgerStream,
)
from governance.ledger.services import signing as keys
from governance.ledger.types import OutsideCopy, ProblemKind, VerifyReport
from tests.factories.ledger import AT, make_entries
from tests.governance.ledger import vectors

pytestmark = pytest.mark.django_db

K = ProblemKind


def test_an_untouched_ledger_is_clean() -> None:
    make_entries(20)
    report = services.verify(now=AT)
    last = selectors.latest_checkpoint()
    assert last is not None
    assert report == VerifyReport(
        ok=True,
        size=20,
        checked_at=AT,
        seconds=report.seconds,
        problems=(),
        checkpoint_size=20,
        checkpoint_root=last.root,
        outside=OutsideCopy.MISSING,
    )


def test_an_empty_ledger_is_clean() -> None:
    report = services.verify(now=AT)
    assert (report.ok, report.size, report.outside) == (True, 0, OutsideCopy.AGREES)


def test_the_result_is_an_entry() -> None:
    make_entries(2)
    assert selectors.latest_verification() is None
    report = services.verify(now=AT)
    kept = selectors.latest_verification()
    assert kept is not None
    assert (kept.at, kept.size, kept.ok, kept.problems) == (AT, 2, True, 0)
    assert kept.seconds == report.seconds
    assert services.verify(now=AT).size == 4


def test_later_appends_and_checks_stay_clean() -> None:
    for count in (3, 1, 7):
        make_entries(count)
        assert services.verify(now=AT).ok


# Ways of tampering. Each returns the findings that must come, as kind and start of the place.

Expected = set[tuple[ProblemKind, str]]


def entry(index: int) -> Any:
    return LedgerEntry.objects.filter(leaf_index=index)


def edit_leaf() -> Expected:
    leaf = bytes(entry(5).get().leaf_bytes)
    entry(5).update(leaf_bytes=leaf.replace(b'"human"', b'"agent"'))
    return {(K.LEAF_ALTERED, "entry 5"), (K.COLUMN_ALTERED, "entry 5")}


def edit_leaf_and_its_hash_and_columns() -> Expected:
    leaf = bytes(entry(5).get().leaf_bytes).replace(b'"u-12"', b'"u-13"')
    entry(5).update(leaf_bytes=leaf, leaf_hash=envelope.hash_leaf(leaf).hex(), actor_id="u-13")
    return {(K.NODE_DIFFERS, "node 1/2"), (K.STREAM_BROKEN, "entry 8")}


def write_no_envelope() -> Expected:
    entry(5).update(leaf_bytes=b"[]")
    return {(K.LEAF_ALTERED, "entry 5")}


def write_no_hash() -> Expected:
    entry(5).update(leaf_hash="not hex")
    return {(K.LEAF_ALTERED, "entry 5"), (K.STREAM_BROKEN, "entry 8")}


def edit_column() -> Expected:
    entry(5).update(actor_id="u-99")
    return {(K.COLUMN_ALTERED, "entry 5")}


def edit_kind() -> Expected:
    entry(5).update(kind="approval.granted")
    return {(K.COLUMN_ALTERED, "entry 5")}


def edit_time() -> Expected:
    entry(5).update(at=AT.replace(year=2025))
    return {(K.COLUMN_ALTERED, "entry 5")}


def edit_payload() -> Expected:
    EntryPayload.objects.filter(entry__leaf_index=5).update(body=b'{"act":"approve"}')
    return {(K.PAYLOAD_ALTERED, "entry 5")}


def edit_salt() -> Expected:
    EntryPayload.objects.filter(entry__leaf_index=5).update(salt=b"short")
    return {(K.PAYLOAD_ALTERED, "entry 5")}


def delete_payload() -> Expected:
    EntryPayload.objects.filter(entry__leaf_index=5).delete()
    return {(K.PAYLOAD_MISSING, "case:c-2#2")}


def delete_entry() -> Expected:
    EntryPayload.objects.filter(entry__leaf_index=5).delete()
    entry(5).delete()
    return {(K.ENTRY_MISSING, "entry 5"), (K.STREAM_BROKEN, "entry 8")}


def swap_places() -> Expected:
    entry(5).update(leaf_index=100)
    entry(8).update(leaf_index=5)
    entry(100).update(leaf_index=8)
    return {
        (K.NODE_DIFFERS, "node 1/2"),
        (K.NODE_DIFFERS, "node 1/4"),
        (K.STREAM_BROKEN, "entry 5"),
        (K.STREAM_BROKEN, "entry 8"),
        (K.STREAM_BROKEN, "entry 11"),
    }


def swap_contents() -> Expected:
    """Two entries of one stream trade everything but their place."""
    first, second = entry(5).get(), entry(8).get()
    first_key, second_key = first.pk, second.pk
    EntryPayload.objects.filter(pk__in=[first_key, second_key]).delete()
    for row in (first, second):
        entry(row.leaf_index).delete()
    first.leaf_index, second.leaf_index = second.leaf_index, first.leaf_index
    first.pk, second.pk = second_key, first_key
    LedgerEntry.objects.bulk_create([first, second])
    return {
        (K.NODE_DIFFERS, "node 1/2"),
        (K.NODE_DIFFERS, "node 1/4"),
        (K.STREAM_BROKEN, "entry 5"),
        (K.STREAM_BROKEN, "entry 8"),
        (K.STREAM_BROKEN, "entry 11"),
        (K.PAYLOAD_MISSING, "case:c-2#3"),
        (K.PAYLOAD_MISSING, "case:c-2#2"),
    }


def insert_extra() -> Expected:
    """An entry that no head and no neighbour knows; the sequencer places it in good faith."""
    forged = entry(5).get()
    leaf = bytes(forged.leaf_bytes).replace(b'"seq":2', b'"seq":9')
    forged.pk, forged.seq, forged.leaf_index = None, 9, None
    forged.leaf_bytes, forged.leaf_hash = leaf, envelope.hash_leaf(leaf).hex()
    forged.save(force_insert=True)
    return {
        (K.STREAM_BROKEN, "entry 21"),
        (K.STREAM_HEAD, "stream case:c-2"),
        (K.PAYLOAD_MISSING, "case:c-2#9"),
    }


def truncate_entries() -> Expected:
    EntryPayload.objects.filter(entry__leaf_index__gte=16).delete()
    LedgerEntry.objects.filter(leaf_index__gte=16).delete()
    return {
        (K.SEQUENCER_STOPPED, "sequencer"),
        (K.TRUNCATED, "checkpoint 20"),
        (K.NODE_EXTRA, "node 1/8"),
        (K.NODE_EXTRA, "node 1/9"),
        (K.NODE_EXTRA, "node 2/4"),
        (K.STREAM_HEAD, "stream case:c-0"),
        (K.STREAM_HEAD, "stream case:c-1"),
        (K.STREAM_HEAD, "stream case:c-2"),
        # The checkpoint's own entry was placed after what it counts, so it went too, and what
        # the sequencer recorded since follows nothing.
        (K.STREAM_BROKEN, "system#2"),
    }


def edit_node() -> Expected:
    LedgerNode.objects.filter(level=2, index=1).update(hash=bytes(32))
    return {(K.NODE_DIFFERS, "node 2/1"), (K.NODE_DIFFERS, "node 3/0")}


def delete_node() -> Expected:
    LedgerNode.objects.filter(level=2, index=1).delete()
    return {(K.NODE_MISSING, "node 2/1")}


def add_node() -> Expected:
    LedgerNode.objects.create(level=5, index=0, hash=bytes(32))
    LedgerNode.objects.create(level=0, index=0, hash=bytes(32))
    return {(K.NODE_EXTRA, "node 5/0"), (K.NODE_EXTRA, "node 0/0")}


def edit_checkpoint_root() -> Expected:
    Checkpoint.objects.filter(size=10).update(root="0" * 64)
    return {(K.CHECKPOINT_ALTERED, "checkpoint 10"), (K.CHECKPOINT_DIFFERS, "checkpoint 10")}


def edit_checkpoint_note() -> Expected:
    note = Checkpoint.objects.get(size=10).note
    Checkpoint.objects.filter(size=10).update(note=note.replace("\n10\n", "\n11\n"))
    return {(K.CHECKPOINT_ALTERED, "checkpoint 10")}


def sign_with_another_key() -> Expected:
    last = Checkpoint.objects.get(size=10)
    head = notes.TreeHead(keys.log_origin(), 10, bytes.fromhex(last.root))
    note = notes.sign_note(text=head.text(), name=keys.log_origin(), seed=vectors.WITNESS_SEED)
    Checkpoint.objects.filter(size=10).update(note=note)
    return {(K.CHECKPOINT_ALTERED, "checkpoint 10")}


def edit_head() -> Expected:
    LedgerStream.objects.filter(name="case:c-2").update(count=F("count") + 1)
    return {(K.STREAM_HEAD, "stream case:c-2")}


def delete_head() -> Expected:
    LedgerStream.objects.filter(name="case:c-2").delete()
    return {(K.STREAM_HEAD, "stream case:c-2")}


TAMPERINGS = [
    edit_leaf,
    edit_leaf_and_its_hash_and_columns,
    write_no_envelope,
    write_no_hash,
    edit_column,
    edit_kind,
    edit_time,
    edit_payload,
    edit_salt,
    delete_payload,
    delete_entry,
    swap_places,
    swap_contents,
    insert_extra,
    edit_node,
    delete_node,
    add_node,
    edit_checkpoint_root,
    edit_checkpoint_note,
    sign_with_another_key,
    edit_head,
    delete_head,
    truncate_entries,
]


def found(report: VerifyReport) -> Expected:
    return {(problem.kind, problem.where.split(" (")[0]) for problem in report.problems}
