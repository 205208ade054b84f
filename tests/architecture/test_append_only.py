"""The database itself refuses to change or remove what the ledger holds."""

import pytest
from django.db import IntegrityError, connection, transaction

from governance.ledger import append_only, services
from governance.ledger.models import (
    Checkpoint,
    EntryPayload,
    LedgerEntry,
    LedgerNode,
    LedgerStatement,
    LedgerStream,
)
from tests.factories.ledger import AT, make_entries, make_entry, without_guards

pytestmark = pytest.mark.django_db

TABLES = {
    append_only.ENTRY: LedgerEntry,
    append_only.PAYLOAD: EntryPayload,
    append_only.NODE: LedgerNode,
    append_only.CHECKPOINT: Checkpoint,
    append_only.STREAM: LedgerStream,
    append_only.STATEMENT: LedgerStatement,
}
COLUMNS = {
    append_only.ENTRY: [
        field.column for field in LedgerEntry._meta.concrete_fields if field.name != "leaf_index"
    ],
    append_only.PAYLOAD: ["entry_id", "salt", "body"],
    append_only.NODE: ["id", "level", "index", "hash"],
    append_only.CHECKPOINT: ["id", "size", "root", "note", "at"],
    append_only.STATEMENT: ["id", "size", "note", "at"],
}


@pytest.fixture(autouse=True)
def _ledger() -> None:
    make_entries(4)
    services.sequence(now=AT)
    # One entry waits, so that a change beside its placing can be tried too.
    make_entry()


def refuse(sql: str) -> None:
    # No key signed it, so it stands only where nothing is signed after it.
    LedgerStatement.objects.get_or_create(size=4, note="a statement", at=AT)
    counts = {table: model.objects.count() for table, model in TABLES.items()}
    rows = list(LedgerEntry.objects.order_by("id").values_list())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert {table: model.objects.count() for table, model in TABLES.items()} == counts
    assert list(LedgerEntry.objects.order_by("id").values_list()) == rows


def test_the_tables_are_the_models() -> None:
    assert {model._meta.db_table for model in TABLES.values()} == set(TABLES)
    assert append_only.missing_guards(connection) == []


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, names in COLUMNS.items() for column in names]
)
def test_update_is_refused(table: str, column: str) -> None:
    value = "'1'" if column not in {"id", "entry_id", "seq", "level", "index", "size"} else "99"
    if connection.vendor == "postgresql" and column in {"leaf_bytes", "salt", "body", "hash"}:
        value = "'\\x31'"
    if column == "at":
        value = "'2020-01-01 00:00:00'"
    refuse(f'UPDATE {table} SET "{column}" = {value}')  # noqa: S608  constants only


@pytest.mark.parametrize("table", TABLES)
def test_delete_is_refused(table: str) -> None:
    refuse(f"DELETE FROM {table}")  # noqa: S608  constants only


@pytest.mark.postgresql
@pytest.mark.parametrize("table", TABLES)
def test_truncate_is_refused(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    refuse(f"TRUNCATE {table} CASCADE")


def test_the_orm_is_refused_too() -> None:
    entry = LedgerEntry.objects.order_by("id")[0]
    entry.kind = "approval.granted"
    for act in (
        entry.save,
        LedgerNode.objects.all().delete,
        Checkpoint.objects.all()[0].delete,
        lambda: EntryPayload.objects.update(body=b"{}"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def test_a_place_is_given_once_and_alone() -> None:
    waiting = "UPDATE governance_ledgerentry SET leaf_index = 77"
    refuse(f"{waiting} WHERE leaf_index = 0")
    refuse("UPDATE governance_ledgerentry SET leaf_index = NULL WHERE leaf_index = 0")
    refuse(f"{waiting}, kind = 'x' WHERE leaf_index IS NULL AND seq = 2")
    refuse(f"{waiting}, leaf_hash = 'x' WHERE leaf_index IS NULL AND stream = 'system'")
    LedgerEntry.objects.filter(leaf_index=None, stream="system").update(leaf_index=4)
    refuse(f"{waiting} WHERE leaf_index = 4")


ENTRY_COLUMNS = (
    "stream, seq, kind, at, actor_kind, actor_id, subject_kind, subject_id, leaf_bytes, leaf_hash"
)
REPLACE_ENTRY = (
    "REPLACE INTO governance_ledgerentry ({columns}, leaf_index) SELECT {values}, {index} "
    "FROM governance_ledgerentry WHERE leaf_index = 0"
)


def replace_entry(*kept: str, index: str = "NULL") -> str:
    """Return a statement whose new row collides with entry 0 in the kept columns only."""
    values = [
        name if name in kept or name not in {"stream", "leaf_hash"} else "'other'"
        for name in ENTRY_COLUMNS.split(", ")
    ]
    return REPLACE_ENTRY.format(columns=ENTRY_COLUMNS, values=", ".join(values), index=index)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT OR REPLACE INTO governance_ledgerentry SELECT * FROM governance_ledgerentry",
        replace_entry("stream"),
        replace_entry("leaf_hash"),
        replace_entry(index="0"),
        "UPDATE OR REPLACE governance_ledgerentry SET leaf_index = 0 WHERE leaf_index IS NULL",
        (
            "REPLACE INTO governance_entrypayload SELECT entry_id, salt, x'31' "
            "FROM governance_entrypayload"
        ),
        (
            'REPLACE INTO governance_ledgernode (level, "index", hash) '
            'SELECT level, "index", hash FROM governance_ledgernode'
        ),
        (
            "REPLACE INTO governance_checkpoint (size, root, note, at) "
            "SELECT size, root, 'x', at FROM governance_checkpoint"
        ),
        (
            "REPLACE INTO governance_ledgerstream (name, count, head) "
            "SELECT name, 0, '' FROM governance_ledgerstream"
        ),
        (
            "REPLACE INTO governance_ledgerstatement (id, size, note, at) "
            "SELECT id, size, 'x', at FROM governance_ledgerstatement"
        ),
    ],
)
def test_replacing_is_refused_on_sqlite(sql: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite replaces")
    refuse(sql)


def test_a_payload_goes_only_with_a_fresh_erasure_of_its_stream() -> None:
    mine = EntryPayload.objects.filter(entry__stream="case:c-0")
    others = EntryPayload.objects.filter(entry__stream="case:c-2")
    make_entry(stream="case:c-0", kind="subject.erased", payload={"reason": "r"})
    for kept in (others, EntryPayload.objects.all()):
        with pytest.raises(IntegrityError), transaction.atomic():
            kept.delete()
    assert mine.exclude(entry__kind="subject.erased").delete()[0] == 2
    services.sequence(now=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        mine.delete()
    assert mine.count() == 1


def test_each_version_of_the_guards_goes_and_comes_back() -> None:
    editor = connection.schema_editor()
    with without_guards():
        assert len(append_only.missing_guards(connection)) == 17
        append_only.triggers_v1(editor)
        assert len(append_only.missing_guards(connection)) == 3
        append_only.triggers_v2(editor)
        assert append_only.missing_guards(connection) == []
        append_only.drop_triggers_v2(editor)
        assert len(append_only.missing_guards(connection)) == 3
        for _time in range(2):
            append_only.drop_guards(editor)
        assert len(append_only.missing_guards(connection)) == 17


def test_without_guards_is_for_tests_and_puts_them_back() -> None:
    with without_guards(), without_guards():
        assert append_only.missing_guards(connection)
    assert append_only.missing_guards(connection) == []
