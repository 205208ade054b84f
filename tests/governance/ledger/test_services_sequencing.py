"""Sequencer: contiguous places, complete nodes, signed checkpoints, nothing signed on a fork."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.ledger import notes, selectors, services, tree
from governance.ledger.models import Checkpoint, EntryPayload, LedgerEntry, LedgerNode
from governance.ledger.placed import is_at_rest
from governance.ledger.services import sequence, sequencing
from governance.ledger.types import DamagedLedgerError
from tests.factories.ledger import AT, make_entries, make_entry, without_guards

pytestmark = pytest.mark.django_db


def leaf_hashes() -> list[bytes]:
    placed = LedgerEntry.objects.filter(leaf_index__isnull=False).order_by("leaf_index")
    return [bytes.fromhex(text) for text in placed.values_list("leaf_hash", flat=True)]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 300])
def test_places_nodes_and_root(count: int) -> None:
    make_entries(count)
    assert sequence(now=AT) == count
    hashes = leaf_hashes()
    assert len(hashes) == count
    assert LedgerNode.objects.count() == count - count.bit_count()
    last = selectors.latest_checkpoint()
    assert last is not None
    assert (last.size, last.root) == (count, tree.root_of(hashes).hex())
    opened = notes.open_note(last.note, [services.published_key()])
    assert notes.parse_checkpoint(opened.text) == notes.TreeHead(
        services.log_origin(), count, bytes.fromhex(last.root)
    )


def test_growth_in_many_runs_is_growth_at_once() -> None:
    for count in (1, 4, 2, 9):
        make_entries(count)
        sequence(now=AT)
    size = selectors.tree_size()
    assert selectors.root_at(size=size) == tree.root_of(leaf_hashes())
    places = list(LedgerEntry.objects.order_by("id").values_list("leaf_index", flat=True))
    assert places == [*range(size), None]


def test_a_checkpoint_makes_no_checkpoint() -> None:
    make_entries(3)
    assert [sequence(now=AT) for _ in range(4)] == [3, 1, 0, 0]
    assert Checkpoint.objects.count() == 1
    assert LedgerEntry.objects.filter(kind="checkpoint.published").count() == 1
    make_entry()
    assert sequence(now=AT) == 1
    assert list(Checkpoint.objects.order_by("size").values_list("size", flat=True)) == [3, 5]


def test_an_empty_ledger_signs_nothing() -> None:
    assert sequence(now=AT) == 0
    assert not Checkpoint.objects.exists()


def test_an_idle_run_is_cheap() -> None:
    make_entries(3)
    sequence(now=AT)
    sequence(now=AT)
    with CaptureQueriesContext(connection) as captured:
        sequence(now=AT)
    reads = [query for query in captured.captured_queries if "POINT" not in query["sql"]]
    assert len(reads) <= 7


def test_a_backlog_larger_than_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencing, "SMALLEST_BATCH", 4)
    monkeypatch.setattr(sequencing, "LARGEST_BATCH", 8)
    make_entries(33)
    assert sequence(now=AT) == 33
    assert selectors.root_at(size=33) == tree.root_of(leaf_hashes())
    assert Checkpoint.objects.count() == 1


def test_what_a_crash_left_unsigned_is_signed_by_the_next_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_entries(5)
    with monkeypatch.context() as patch:
        patch.setattr(sequencing, "_publish", lambda *_found: None)
        assert sequence(now=AT) == 5
    assert sequence(now=AT) == 0
    last = selectors.latest_checkpoint()
    assert last is not None
    assert last.size == 5


def test_a_fork_is_not_signed() -> None:
    make_entries(8)
    sequence(now=AT)
    with without_guards():
        LedgerNode.objects.filter(level=3).update(hash=bytes(32))
    make_entry()
    with pytest.raises(DamagedLedgerError, match="does not continue checkpoint 8"):
        sequence(now=AT)
    assert Checkpoint.objects.count() == 1
    # What waited, and that signing stopped.
    assert selectors.count_unsequenced() == 3


def test_a_shorter_ledger_is_not_signed() -> None:
    make_entries(8)
    sequence(now=AT)
    with without_guards():
        EntryPayload.objects.filter(entry__leaf_index=7).delete()
        LedgerEntry.objects.filter(leaf_index=7).delete()
    with pytest.raises(DamagedLedgerError):
        sequence(now=AT)
    assert Checkpoint.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_each_checkpoint_is_written_outside_once(checkpoint_file: Path) -> None:
    make_entries(2)
    sequence(now=AT)
    make_entries(2)
    sequence(now=AT)
    sequence(now=AT)
    kept, rest = notes.split_notes(checkpoint_file.read_text())
    assert kept == list(Checkpoint.objects.order_by("size").values_list("note", flat=True))
    assert rest == ""
    assert checkpoint_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db(transaction=True)
def test_a_checkpoint_that_a_crash_left_out_follows_with_the_next(checkpoint_file: Path) -> None:
    make_entries(2)
    sequence(now=AT)
    checkpoint_file.unlink()
    make_entries(2)
    sequence(now=AT)
    kept, _ = notes.split_notes(checkpoint_file.read_text())
    assert len(kept) == 2


def test_at_rest_nothing_is_locked_and_what_was_signed_is_looked_at_now_and_then() -> None:
    make_entries(2)
    later = AT + timedelta(seconds=5)
    assert sequence(now=AT) == 2
    # The entry of the checkpoint has its place still to come.
    assert not is_at_rest()
    assert services.keep_sequencing(now=later) == 1
    assert is_at_rest()
    with CaptureQueriesContext(connection) as asked:
        assert services.keep_sequencing(now=later) == 0
    assert len(asked) == 1
    with without_guards():
        LedgerNode.objects.all().update(hash=bytes(32))
    services.keep_sequencing(now=later)
    assert selectors.find_signing_stop() is None
    services.keep_sequencing(now=AT + timedelta(seconds=10))
    assert selectors.find_signing_stop() is not None


def test_what_waits_is_placed_at_any_moment() -> None:
    assert not is_at_rest()
    for second in range(1, 4):
        make_entry()
        assert services.keep_sequencing(now=AT + timedelta(seconds=second)) >= 1
