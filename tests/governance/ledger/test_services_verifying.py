"""Verify: a ledger nobody touched is clean, and each way of touching it is named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.test import override_settings

from governance.ledger import append_only, envelope, notes, selectors, services
from governance.ledger.models import (
    Checkpoint,
    EntryPayload,
    LedgerEntry,
    LedgerNode,
    LedgerStream,
)
from governance.ledger.services import check_entries, verifying
from governance.ledger.services import signing as keys
from governance.ledger.types import OutsideCopy, ProblemKind, VerifyReport
from tests.factories.ledger import AT, make_entries, make_entry, without_guards
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
        # The checkpoint's own entry was placed after what it counts, so it went too.
        (K.STREAM_HEAD, "stream system"),
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


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_each_tampering_is_named(tamper: Callable[[], Expected]) -> None:
    make_entries(10)
    services.sequence(now=AT)
    # Without the checkpoint's own entry in between, places and streams are easy to read.
    Checkpoint.objects.get(size=10)
    with without_guards():
        EntryPayload.objects.filter(entry__stream="system").delete()
        LedgerEntry.objects.filter(stream="system").delete()
        LedgerStream.objects.filter(name="system").delete()
    for number in range(10, 20):
        make_entry(stream=f"case:c-{number % 3}")
    services.sequence(now=AT)
    services.sequence(now=AT)
    with without_guards():
        expected = tamper()
    report = services.verify(now=AT)
    assert not report.ok
    assert found(report) == expected
    assert all(problem.message for problem in report.problems)
    kept = selectors.latest_verification()
    assert kept is not None
    assert (kept.ok, kept.problems) == (False, len(report.problems))


def test_a_rewritten_tail_is_found_by_the_signed_root() -> None:
    """Whoever rewrites entry, hash, columns, chain and nodes still lacks the key."""
    make_entries(3, streams=1)
    services.sequence(now=AT)
    last = entry(2).get()
    leaf = bytes(last.leaf_bytes).replace(b'"u-12"', b'"u-13"')
    forged = envelope.hash_leaf(leaf).hex()
    with without_guards():
        entry(2).update(leaf_bytes=leaf, leaf_hash=forged, actor_id="u-13")
        LedgerStream.objects.filter(name="case:c-0").update(head=forged)
        root = selectors.root_at(size=3).hex()
        Checkpoint.objects.update(root=root)
    report = services.verify(now=AT)
    assert (K.CHECKPOINT_ALTERED, "checkpoint 3") in found(report)


def test_a_damaged_system_stream_still_reports() -> None:
    make_entries(2)
    services.sequence(now=AT)
    services.sequence(now=AT)
    with without_guards():
        LedgerStream.objects.filter(name="system").delete()
    report = services.verify(now=AT)
    assert not report.ok
    assert report.problems[-1].where == "stream system"
    assert "could not be recorded" in report.problems[-1].message


def test_absent_guards_are_reported_apart() -> None:
    make_entries(2)
    with without_guards():
        report = services.verify(now=AT)
    assert report.ok
    assert len(report.missing_guards) == 14
    assert append_only.ENTRY + "_no_update_v1" in report.missing_guards


def test_findings_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_entries, "PROBLEM_LIMIT", 3)
    make_entries(9)
    with without_guards():
        LedgerEntry.objects.update(actor_id="nobody")
    report = services.verify(now=AT)
    assert (len(report.problems), report.more_problems) == (3, 6)
    kept = selectors.latest_verification()
    assert kept is not None
    assert kept.problems == 9


# Erasure.


def test_a_recorded_erasure_leaves_every_proof_standing() -> None:
    first = make_entry(subject_id="erased later")
    make_entry()
    services.sequence(now=AT)
    make_entry(kind="subject.erased", payload={"reason": "request 12"})
    EntryPayload.objects.filter(pk=first.pk).delete()
    report = services.verify(now=AT)
    assert report.ok, report.problems
    first.refresh_from_db()
    found_again = selectors.find_entry(index=0)
    assert found_again is not None
    assert selectors.payload_of(entry=found_again) is None


def test_an_erasure_covers_nothing_that_comes_after_it() -> None:
    make_entry(kind="subject.erased", payload={"reason": "request 12"})
    later = make_entry()
    EntryPayload.objects.filter(pk=later.pk).delete()
    assert found(services.verify(now=AT)) == {(K.PAYLOAD_MISSING, "case:c-1#2")}


# The copy outside.


@pytest.mark.django_db(transaction=True)
def test_the_copy_outside_agrees() -> None:
    make_entries(4)
    report = services.verify(now=AT)
    assert (report.ok, report.outside) == (True, OutsideCopy.AGREES)


@override_settings(LEDGER_CHECKPOINT_FILE="")
def test_no_copy_is_said_to_be_none() -> None:
    make_entries(2)
    assert services.verify(now=AT).outside is OutsideCopy.NOT_KEPT


@pytest.mark.django_db(transaction=True)
def test_a_tail_cut_off_with_all_its_traces_is_found_by_the_copy_outside() -> None:
    make_entries(3, streams=1)
    services.sequence(now=AT)
    make_entries(1, streams=1)
    services.sequence(now=AT)
    with without_guards():
        EntryPayload.objects.all().delete()
        LedgerEntry.objects.all().delete()
        LedgerNode.objects.all().delete()
        Checkpoint.objects.all().delete()
        LedgerStream.objects.all().delete()
    report = services.verify(now=AT)
    assert found(report) == {
        (K.TRUNCATED, "checkpoint file, note 1"),
        (K.TRUNCATED, "checkpoint file, note 2"),
    }
    assert report.outside is OutsideCopy.DIFFERS


@pytest.mark.django_db(transaction=True)
def test_another_history_is_found_by_the_copy_outside() -> None:
    make_entries(3, streams=1)
    services.sequence(now=AT)
    with without_guards():
        EntryPayload.objects.all().delete()
        LedgerEntry.objects.all().delete()
        LedgerNode.objects.all().delete()
        Checkpoint.objects.all().delete()
        LedgerStream.objects.all().delete()
    make_entries(5, streams=1)
    report = services.verify(now=AT)
    assert found(report) == {
        (K.CHECKPOINT_MISSING, "checkpoint 3"),
        (K.OUTSIDE_DIFFERS, "checkpoint file, note 1"),
    }
    assert report.outside is OutsideCopy.DIFFERS


@pytest.mark.django_db(transaction=True)
def test_a_checkpoint_gone_from_the_database_is_missed() -> None:
    make_entries(3)
    services.sequence(now=AT)
    make_entries(3)
    services.sequence(now=AT)
    with without_guards():
        Checkpoint.objects.filter(size=3).delete()
    assert found(services.verify(now=AT)) == {(K.CHECKPOINT_MISSING, "checkpoint 3")}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("torn", "checkpoints.txt"),
        (vectors.SIGNED_8 + "\n", "checkpoint file, note 2"),
        ("log\n1\nAAAA\n\n— log AAAA\n\n", "checkpoint file, note 2"),
    ],
)
def test_what_is_no_checkpoint_of_ours_is_named(
    content: str, where: str, checkpoint_file: Path
) -> None:
    make_entries(3)
    services.sequence(now=AT)
    with checkpoint_file.open("a") as file:
        file.write(content)
    assert found(services.verify(now=AT)) == {(K.OUTSIDE_UNREADABLE, where)}


def test_a_file_that_cannot_be_read_is_named(checkpoint_file: Path) -> None:
    checkpoint_file.mkdir()
    make_entries(3)
    assert found(services.verify(now=AT)) == {(K.OUTSIDE_UNREADABLE, "checkpoints.txt")}


# Keys.


def test_an_earlier_key_stays_good_after_a_rotation() -> None:
    make_entries(3)
    services.sequence(now=AT)
    earlier = services.published_key().text()
    make_entries(1)
    with override_settings(LEDGER_SIGNING_KEY=vectors.WITNESS_SEED.hex()):
        report = services.verify(now=AT)
        assert found(report) == {(K.CHECKPOINT_ALTERED, "checkpoint 3")}
        with override_settings(LEDGER_EARLIER_VKEYS=[earlier]):
            assert services.verify(now=AT).ok


def test_the_checks_walk_more_than_one_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("check_tree",):
        monkeypatch.setattr(f"governance.ledger.services.{module}.CHUNK", 8)
    make_entries(45)
    assert services.verify(now=AT).ok
    with without_guards():
        LedgerNode.objects.filter(level=4, index=1).update(hash=bytes(32))
    names = {where for _, where in found(services.verify(now=AT))}
    assert names == {"node 4/1", "node 5/0"}
    assert verifying.CHUNK == 4096


def test_entries_not_yet_placed_are_checked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    make_entries(4)
    monkeypatch.setattr(verifying, "sequence", lambda **_: 0)
    make_entries(2)
    assert services.verify(now=AT).ok
    row = LedgerEntry.objects.order_by("-id").exclude(stream="system")[0]
    with without_guards():
        LedgerEntry.objects.filter(pk=row.pk).update(actor_id="nobody")
    assert found(services.verify(now=AT)) == {(K.COLUMN_ALTERED, f"{row.stream}#{row.seq}")}
    assert json.loads(row.leaf_bytes)["seq"] == row.seq
