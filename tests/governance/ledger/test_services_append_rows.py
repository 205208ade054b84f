"""The statements of an append: few, whatever the number of entries; heads locked in order."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.ledger.models import EntryPayload, LedgerEntry, LedgerStream
from governance.ledger.services import append_entry, append_rows, one_act
from governance.ledger.types import EntryDraft
from tests.factories.ledger import AT, PERSON, make_entry

pytestmark = pytest.mark.django_db


def row(number: int) -> append_rows.EntryRow:
    return append_rows.EntryRow(
        stream="case:c-9",
        seq=number,
        kind="act.refused",
        at=AT,
        actor_kind="human",
        actor_id="u-12",
        subject_kind="",
        subject_id="",
        leaf=b"{}",
        leaf_hash=f"{number:064x}",
        salt=bytes([number % 256]) * 32,
        body=str(number).encode(),
    )


def test_many_entries_are_one_statement_of_each_kind() -> None:
    rows = [row(number) for number in range(1, append_rows.ROWS_AT_ONCE + 1)]
    with CaptureQueriesContext(connection) as captured:
        append_rows.insert_entries(rows)
    assert [query["sql"][:40] for query in captured.captured_queries] == [
        "INSERT INTO governance_ledgerentry (stre",
        "INSERT INTO governance_entrypayload (ent",
    ]
    assert LedgerEntry.objects.count() == append_rows.ROWS_AT_ONCE
    for entry in LedgerEntry.objects.select_related("payload"):
        assert bytes(entry.payload.body) == str(entry.seq).encode()
        assert bytes(entry.payload.salt) == bytes([entry.seq % 256]) * 32


def test_more_than_a_statement_binds_takes_another() -> None:
    rows = [row(number) for number in range(1, append_rows.ROWS_AT_ONCE + 2)]
    with CaptureQueriesContext(connection) as captured:
        append_rows.insert_entries(rows)
    assert len(captured.captured_queries) == 4
    assert EntryPayload.objects.count() == append_rows.ROWS_AT_ONCE + 1


def test_the_entries_of_an_act_are_one_insert_of_many_rows() -> None:
    with CaptureQueriesContext(connection) as captured, one_act():
        for number in range(12):
            draft = EntryDraft(f"case:c-{number % 3}", "act.refused")
            append_entry(actor=PERSON, now=AT, draft=draft)
    statements = [query["sql"] for query in captured.captured_queries]
    inserts = [sql for sql in statements if sql.startswith("INSERT INTO governance_ledgerentry ")]
    assert len(inserts) == 1
    assert LedgerEntry.objects.count() == 12


def test_heads_that_stand_are_read_and_missing_ones_made() -> None:
    entry = make_entry(stream="case:c-1")
    with transaction.atomic():
        heads = append_rows.lock_heads({"case:c-2", "case:c-1"})
    assert (heads["case:c-1"].count, heads["case:c-1"].head) == (1, entry.leaf_hash)
    assert (heads["case:c-2"].count, heads["case:c-2"].head) == (0, "")
    assert LedgerStream.objects.count() == 2


def test_heads_are_moved() -> None:
    make_entry(stream="case:c-1")
    with transaction.atomic():
        heads = append_rows.lock_heads({"case:c-1"})
        heads["case:c-1"].count, heads["case:c-1"].head = 7, "f" * 64
        append_rows.move_heads(heads.values())
    head = LedgerStream.objects.get()
    assert (head.count, head.head) == (7, "f" * 64)
