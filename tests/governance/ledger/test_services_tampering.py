"""Every kind of tampering is found and named."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import override_settings

from governance.ledger import append_only, envelope, selectors, services
from governance.ledger.models import (
    Checkpoint,
    EntryPayload,
    LedgerEntry,
    LedgerNode,
    LedgerStream,
)
from governance.ledger.services import check_entries
from governance.ledger.types import EntryDraft, OutsideCopy, ProblemKind
from tests.factories.ledger import AT, PERSON, make_entries, make_entry, without_guards
from tests.governance.ledger import vectors
from tests.governance.ledger.test_services_verifying import TAMPERINGS, Expected, entry, found

pytestmark = pytest.mark.django_db

K = ProblemKind


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


@pytest.mark.parametrize("microsecond", [0, 1, 120_000, 999_999])
def test_a_time_reads_as_it_was_recorded(microsecond: int) -> None:
    with services.one_act():
        services.append_entry(
            actor=PERSON,
            now=AT.replace(microsecond=microsecond),
            draft=EntryDraft("case:c-1", "act.refused", payload={"act": "vote", "message": "no"}),
        )
    report = services.verify(now=AT)
    assert (report.ok, report.problems) == (True, ())


def test_a_time_of_another_form_is_a_finding() -> None:
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL keeps nothing but times in a column of times")
    make_entries(2)
    with without_guards(), connection.cursor() as cursor:
        cursor.execute("UPDATE governance_ledgerentry SET at = 'yesterday' WHERE seq = 1")
    report = services.verify(now=AT)
    assert {problem.kind for problem in report.problems} == {K.COLUMN_ALTERED}


def test_a_text_where_bytes_belong_is_a_finding() -> None:
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL keeps nothing but bytes in a column of bytes")
    make_entries(3, streams=1)
    services.sequence(now=AT)
    with without_guards(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_ledgerentry SET leaf_bytes = replace(leaf_bytes, 'u-12', 'u-13') "
            "WHERE leaf_index = 0"
        )
        cursor.execute(
            "UPDATE governance_entrypayload SET body = replace(body, 'Maren', 'Laura') "
            "WHERE entry_id = (SELECT id FROM governance_ledgerentry WHERE leaf_index = 1)"
        )
    assert found(services.verify(now=AT)) == {
        (K.LEAF_ALTERED, "entry 0"),
        (K.COLUMN_ALTERED, "entry 0"),
        (K.PAYLOAD_ALTERED, "entry 1"),
    }


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
    assert len(report.missing_guards) == 17
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
        (K.SEQUENCER_STOPPED, "sequencer"),
        (K.TRUNCATED, "checkpoint file, note 1"),
        (K.TRUNCATED, "checkpoint file, note 2"),
    }
    assert report.outside is OutsideCopy.DIFFERS


@pytest.mark.django_db(transaction=True)
def test_another_history_is_found_by_the_copy_outside(checkpoint_file: Path) -> None:
    make_entries(3, streams=1)
    services.sequence(now=AT)
    kept = checkpoint_file.read_text()
    with without_guards():
        EntryPayload.objects.all().delete()
        LedgerEntry.objects.all().delete()
        LedgerNode.objects.all().delete()
        Checkpoint.objects.all().delete()
        LedgerStream.objects.all().delete()
    make_entries(5, streams=1)
    checkpoint_file.unlink()
    services.sequence(now=AT)
    checkpoint_file.write_text(kept)
    report = services.verify(now=AT)
    assert found(report) == {
        (K.SEQUENCER_STOPPED, "sequencer"),
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
    expected = {(K.OUTSIDE_UNREADABLE, where)}
    if content.startswith(vectors.SIGNED_8):
        # It has the form of a checkpoint, so nothing is signed until someone looked at it.
        expected.add((K.SEQUENCER_STOPPED, "sequencer"))
    assert found(services.verify(now=AT)) == expected


def test_a_file_that_cannot_be_read_is_named(checkpoint_file: Path) -> None:
    checkpoint_file.mkdir()
    make_entries(3)
    assert found(services.verify(now=AT)) == {
        (K.OUTSIDE_UNREADABLE, "checkpoints.txt"),
        (K.SEQUENCER_STOPPED, "sequencer"),
    }


# Keys.


def test_an_earlier_key_stays_good_after_a_rotation() -> None:
    make_entries(3)
    services.sequence(now=AT)
    earlier = services.published_key().text()
    make_entries(1)
    with override_settings(LEDGER_SIGNING_KEY=vectors.WITNESS_SEED.hex()):
        report = services.verify(now=AT)
        assert found(report) == {
            (K.CHECKPOINT_ALTERED, "checkpoint 3"),
            (K.SEQUENCER_STOPPED, "sequencer"),
        }
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


def test_entries_not_yet_placed_are_checked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    make_entries(4)
    monkeypatch.setattr("governance.ledger.services.verifying.sequence", lambda **_: 0)
    make_entries(2)
    assert services.verify(now=AT).ok
    row = LedgerEntry.objects.order_by("-id").exclude(stream="system")[0]
    with without_guards():
        LedgerEntry.objects.filter(pk=row.pk).update(actor_id="nobody")
    assert found(services.verify(now=AT)) == {(K.COLUMN_ALTERED, f"{row.stream}#{row.seq}")}
    assert json.loads(row.leaf_bytes)["seq"] == row.seq
