"""Refusal to contradict the file outside, and the one way on: an operator's own act."""

from pathlib import Path

import pytest

from governance.ledger import notes, selectors, services
from governance.ledger.models import (
    Checkpoint,
    EntryPayload,
    LedgerEntry,
    LedgerNode,
    LedgerStatement,
    LedgerStream,
)
from governance.ledger.types import DamagedLedgerError
from orchestra.core import actors
from orchestra.core.errors import ConflictError, InvalidInputError
from tests.factories.ledger import AT, make_entries, make_entry, without_guards

pytestmark = pytest.mark.django_db(transaction=True)

OPERATOR = actors.system("command")


def restore_older_backup() -> notes.TreeHead:
    """Lose what came after checkpoint 4, as a restore does; return what the file knows last."""
    make_entries(4)
    services.sequence(now=AT)
    stored = [list(model.objects.all()) for model in (LedgerEntry, EntryPayload, LedgerNode)]
    streams, checkpoints = list(LedgerStream.objects.all()), list(Checkpoint.objects.all())
    make_entries(3)
    services.sequence(now=AT)
    last = selectors.latest_checkpoint()
    assert last is not None
    with without_guards():
        for model in (EntryPayload, LedgerEntry, LedgerNode, LedgerStream, Checkpoint):
            model.objects.all().delete()
        for rows in (*stored, streams, checkpoints):
            type(rows[0]).objects.bulk_create(rows)
    return notes.TreeHead(services.log_origin(), last.size, bytes.fromhex(last.root))


def stops() -> int:
    return LedgerEntry.objects.filter(kind="ledger.signing_stopped").count()


def begin(head: notes.TreeHead, reason: str = "The disk is gone.") -> None:
    services.begin_epoch(
        actor=OPERATOR, now=AT, size=head.size, root=head.root.hex(), reason=reason
    )


def test_after_a_restore_nothing_is_placed_or_signed(checkpoint_file: Path) -> None:
    head = restore_older_backup()
    before = checkpoint_file.read_text()
    make_entry()
    size = selectors.tree_size()
    with pytest.raises(DamagedLedgerError, match=f"checkpoint of {head.size} entries") as caught:
        services.sequence(now=AT)
    assert caught.value.data["root"] == head.root.hex()
    assert selectors.tree_size() == size
    assert Checkpoint.objects.count() == 1
    assert checkpoint_file.read_text() == before


def test_another_root_at_the_same_size_is_refused_too(checkpoint_file: Path) -> None:
    head = restore_older_backup()
    # The backup grows past what the file knows, with other entries.
    checkpoint_file.rename(checkpoint_file.with_suffix(".away"))
    make_entries(9)
    services.sequence(now=AT)
    checkpoint_file.with_suffix(".away").rename(checkpoint_file)
    assert selectors.tree_size() > head.size
    with pytest.raises(DamagedLedgerError, match="does not continue it"):
        services.sequence(now=AT)


def test_it_is_told_once_and_shown_until_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    head = restore_older_backup()
    for _second in range(5):
        assert services.keep_sequencing(now=AT) == 0
        make_entry()
    assert stops() == 1
    assert len([record for record in caplog.records if record.levelname == "CRITICAL"]) == 1
    stop = selectors.find_signing_stop()
    assert stop is not None
    assert (stop.code, stop.data["checkpoint"]) == ("ledger.contradicts_outside", head.size)
    assert "begin-epoch" in stop.message


def test_an_epoch_goes_on_under_another_name(checkpoint_file: Path) -> None:
    head = restore_older_backup()
    services.keep_sequencing(now=AT)
    old = services.published_key()
    begin(head)
    assert services.keep_sequencing(now=AT) > 0
    assert selectors.find_signing_stop() is None
    last = selectors.latest_checkpoint()
    assert last is not None
    signed = services.current_standing().open_checkpoint(last.note)
    assert signed.origin == f"{head.origin}/epoch-2"
    with pytest.raises(notes.NoteError):
        notes.open_note(last.note, [old])
    entry = LedgerEntry.objects.get(kind="ledger.epoch_begun")
    payload = selectors.payload_of(entry=entry)
    assert payload is not None
    assert (payload["agreed_size"], payload["lost_size"]) == (4, head.size)
    assert payload["reason"] == "The disk is gone."
    report = services.verify(now=AT)
    assert report.ok, report.problems
    kept, rest = notes.split_notes(checkpoint_file.read_text())
    assert rest == ""
    assert kept[2] == LedgerStatement.objects.get().note
    assert last.note in kept


def test_a_second_restore_needs_a_second_epoch_with_a_number_of_its_own() -> None:
    head = restore_older_backup()
    begin(head)
    services.keep_sequencing(now=AT)
    make_entries(2)
    services.keep_sequencing(now=AT)
    last = selectors.latest_checkpoint()
    assert last is not None
    # The database is restored to before the first epoch began: it knows nothing of it.
    with without_guards():
        LedgerStatement.objects.all().delete()
        for model in (EntryPayload, LedgerEntry, LedgerNode, LedgerStream, Checkpoint):
            model.objects.all().delete()
    make_entries(2)
    with pytest.raises(DamagedLedgerError):
        services.sequence(now=AT)
    lost = notes.TreeHead("", last.size, bytes.fromhex(last.root))
    begin(lost)
    assert services.log_origin().endswith("/epoch-3")


@pytest.mark.parametrize("change", ["size", "root", "reason"])
def test_an_epoch_names_exactly_what_it_contradicts(change: str) -> None:
    head = restore_older_backup()
    size = head.size + (change == "size")
    root = "0" * 64 if change == "root" else head.root.hex()
    reason = "" if change == "reason" else "lost"
    with pytest.raises((ConflictError, InvalidInputError)):
        services.begin_epoch(actor=OPERATOR, now=AT, size=size, root=root, reason=reason)
    assert not LedgerStatement.objects.exists()
    with pytest.raises(DamagedLedgerError):
        services.sequence(now=AT)


def test_no_epoch_begins_where_nothing_is_contradicted() -> None:
    make_entries(3)
    services.sequence(now=AT)
    with pytest.raises(ConflictError, match="no epoch is needed"):
        begin(notes.TreeHead("", 3, bytes(32)))


def test_a_database_that_contradicts_itself_begins_no_epoch() -> None:
    make_entries(8)
    services.sequence(now=AT)
    with without_guards():
        LedgerNode.objects.filter(level=3).update(hash=bytes(32))
    with pytest.raises(DamagedLedgerError, match="does not continue checkpoint 8"):
        begin(notes.TreeHead("", 8, bytes(32)))
    assert not LedgerStatement.objects.exists()
