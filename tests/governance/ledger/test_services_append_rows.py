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


def head_of(stream: str) -> append_rows.Head:
    with transaction.atomic():
        return append_rows.lock_heads({stream})[stream]


def written(rows: list[append_rows.EntryRow], heads: list[append_rows.Head]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        append_rows.write_entries(rows, heads)
    return [query["sql"] for query in captured.captured_queries]


def test_many_entries_are_one_statement_or_one_of_each_kind() -> None:
    head = head_of("case:c-9")
    head.count = append_rows.ROWS_AT_ONCE
    rows = [row(number) for number in range(1, append_rows.ROWS_AT_ONCE + 1)]
    assert [sql[:40] for sql in written(rows, [head])] == (
        ["WITH entry AS (INSERT INTO governance_le"]
        if connection.vendor == "postgresql"
        else [
            "INSERT INTO governance_ledgerentry (stre",
            "INSERT INTO governance_entrypayload (ent",
            "UPDATE governance_ledgerstream SET count",
        ]
    )
    assert LedgerEntry.objects.count() == append_rows.ROWS_AT_ONCE
    for entry in LedgerEntry.objects.select_related("payload"):
        assert bytes(entry.payload.body) == str(entry.seq).encode()
        assert bytes(entry.payload.salt) == bytes([entry.seq % 256]) * 32


def test_more_than_a_statement_binds_takes_another() -> None:
    head = head_of("case:c-9")
    rows = [row(number) for number in range(1, append_rows.ROWS_AT_ONCE + 2)]
    each = 1 if connection.vendor == "postgresql" else 3
    assert len(written(rows, [head])) == 2 * each
    assert EntryPayload.objects.count() == append_rows.ROWS_AT_ONCE + 1


def test_the_entries_of_an_act_are_one_insert_of_many_rows() -> None:
    with CaptureQueriesContext(connection) as captured, one_act():
        for number in range(12):
            draft = EntryDraft(f"case:c-{number % 3}", "act.refused")
            append_entry(actor=PERSON, now=AT, draft=draft)
    statements = [query["sql"] for query in captured.captured_queries]
    assert sum("INSERT INTO governance_ledgerentry " in sql for sql in statements) == 1
    assert LedgerEntry.objects.count() == 12


def test_heads_that_stand_are_read_and_missing_ones_made() -> None:
    entry = make_entry(stream="case:c-1")
    with transaction.atomic():
        heads = append_rows.lock_heads({"case:c-2", "case:c-1"})
    assert (heads["case:c-1"].count, heads["case:c-1"].head) == (1, entry.leaf_hash)
    assert (heads["case:c-2"].count, heads["case:c-2"].head) == (0, "")
    assert LedgerStream.objects.count() == 2


def test_only_the_heads_that_are_given_are_moved() -> None:
    make_entry(stream="case:c-1")
    make_entry(stream="case:c-2")
    moved, also, stays = head_of("case:c-9"), head_of("case:c-1"), head_of("case:c-2")
    moved.count, moved.head = 1, f"{1:064x}"
    also.count, also.head = 7, "f" * 64
    append_rows.write_entries([row(1)], [moved, also])
    found = {head.name: (head.count, head.head) for head in LedgerStream.objects.all()}
    assert found == {
        "case:c-9": (1, f"{1:064x}"),
        "case:c-1": (7, "f" * 64),
        "case:c-2": (1, stays.head),
    }
