"""Database triggers that refuse to change or remove what the ledger holds.

They stop accidents, bugs and anyone who works through the application's database role; who
owns the database can drop them, and that is what the signed tree is for. Migrations call these
functions by name, so a function never changes once released: a new table or column gets
``triggers_v2``.
"""

from collections.abc import Iterable, Mapping
from typing import Any

ENTRY = "governance_ledgerentry"
PAYLOAD = "governance_entrypayload"
NODE = "governance_ledgernode"
CHECKPOINT = "governance_checkpoint"
STREAM = "governance_ledgerstream"
STATEMENT = "governance_ledgerstatement"

_ENTRY_COLUMNS_V1 = (
    "id",
    "stream",
    "seq",
    "kind",
    "at",
    "actor_kind",
    "actor_id",
    "subject_kind",
    "subject_id",
    "leaf_bytes",
    "leaf_hash",
)

#: The sequencer's only write to an entry: its place in the tree, once.
_PLACED_ONCE_V1 = "OLD.leaf_index IS NULL AND NEW.leaf_index IS NOT NULL AND " + " AND ".join(
    f"OLD.{column} {{same}} NEW.{column}" for column in _ENTRY_COLUMNS_V1
)

#: Payloads go only with a record of it: an erasure entry of the same stream that the
#: sequencer has not yet placed, which is to say one written just now.
_ERASING_V1 = (
    f"EXISTS (SELECT 1 FROM {ENTRY} AS erased JOIN {ENTRY} AS own ON own.id = OLD.entry_id "  # noqa: S608  constants only
    "WHERE erased.stream = own.stream AND erased.kind = 'subject.erased' "
    "AND erased.leaf_index IS NULL)"
)

#: INSERT OR REPLACE removes the row it conflicts with and fires no DELETE trigger, so a key
#: that stands already is refused before the conflict is resolved.
_TAKEN_V1 = {
    ENTRY: (
        "id = NEW.id",
        "stream = NEW.stream AND seq = NEW.seq",
        "leaf_hash = NEW.leaf_hash",
        "leaf_index = NEW.leaf_index",
    ),
    PAYLOAD: ("entry_id = NEW.entry_id",),
    NODE: ("id = NEW.id", 'level = NEW.level AND "index" = NEW."index"'),
    CHECKPOINT: ("id = NEW.id", "size = NEW.size"),
    STREAM: ("id = NEW.id", "name = NEW.name"),
}
_TAKEN_V2 = {STATEMENT: ("id = NEW.id",)}


def triggers_v1(schema_editor: Any) -> None:
    """Make the triggers of version 1.

    Args:
        schema_editor: Django's schema editor, as a migration gets it.
    """
    _execute(schema_editor, _create_v1(schema_editor.connection.vendor))


def drop_triggers_v1(schema_editor: Any) -> None:
    """Remove the triggers of version 1; those of version 2 go first."""
    _execute(schema_editor, _drop_v1(schema_editor.connection.vendor))


def triggers_v2(schema_editor: Any) -> None:
    """Make the triggers of version 2, on the signed statements, beside those of version 1."""
    _execute(schema_editor, _create_v2(schema_editor.connection.vendor))


def drop_triggers_v2(schema_editor: Any) -> None:
    """Remove the triggers of version 2."""
    vendor = schema_editor.connection.vendor
    _execute(schema_editor, _drop_triggers(_names_v2(vendor), vendor))


def make_guards(schema_editor: Any) -> None:
    """Make every trigger; for tests and repairs, since a migration makes one version."""
    triggers_v1(schema_editor)
    triggers_v2(schema_editor)


def drop_guards(schema_editor: Any) -> None:
    """Remove every trigger."""
    drop_triggers_v2(schema_editor)
    drop_triggers_v1(schema_editor)


def missing_guards(connection: Any) -> list[str]:
    """Return the names of the triggers that should stand in a database and do not.

    A later change of these tables on SQLite rebuilds them without their triggers.
    """
    if connection.vendor == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {row[0] for row in cursor.fetchall()}
    wanted = {**_names_v1(connection.vendor), **_names_v2(connection.vendor)}
    return sorted(set(wanted) - present)


def _execute(schema_editor: Any, statements: Iterable[str]) -> None:
    for statement in statements:
        # Without params=None the driver would read the percent signs of a function body.
        schema_editor.execute(statement, params=None)


def _create_v1(vendor: str) -> list[str]:
    return list(_create_postgresql_v1() if vendor == "postgresql" else _create_sqlite_v1())


def _drop_v1(vendor: str) -> list[str]:
    statements = _drop_triggers(_names_v1(vendor), vendor)
    if vendor != "postgresql":
        return statements
    return [
        *statements,
        "DROP FUNCTION IF EXISTS governance_ledger_refuse_v1()",
        "DROP FUNCTION IF EXISTS governance_ledger_erase_v1()",
    ]


def _drop_triggers(names: dict[str, str], vendor: str) -> list[str]:
    if vendor != "postgresql":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in names]
    return [f"DROP TRIGGER IF EXISTS {name} ON {table}" for name, table in names.items()]


def _names_v1(vendor: str) -> dict[str, str]:
    names = _names(vendor, "v1", (ENTRY, PAYLOAD, NODE, CHECKPOINT, STREAM))
    # The head of a stream is the one row of the ledger that moves.
    del names[f"{STREAM}_no_update_v1"]
    return names


def _names_v2(vendor: str) -> dict[str, str]:
    return _names(vendor, "v2", (STATEMENT,))


def _names(vendor: str, version: str, tables: tuple[str, ...]) -> dict[str, str]:
    guard = "truncate" if vendor == "postgresql" else "replace"
    return {
        f"{table}_no_{each}_{version}": table
        for table in tables
        for each in ("update", "delete", guard)
    }


def _create_v2(vendor: str) -> Iterable[str]:
    for name, table in _names_v2(vendor).items():
        event = name.removeprefix(f"{table}_no_").removesuffix("_v2")
        if vendor == "postgresql":
            yield _refuse_postgresql(name, table, event)
        else:
            when = _taken(table, _TAKEN_V2) if event == "replace" else ""
            yield _refuse_sqlite(name, table, event, when)


def _create_postgresql_v1() -> Iterable[str]:
    yield (
        "CREATE OR REPLACE FUNCTION governance_ledger_refuse_v1() RETURNS trigger "
        "LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME "
        "USING ERRCODE = 'restrict_violation'; END $$"
    )
    # A WHEN clause cannot hold the subquery that looks for the erasure, so it has a function.
    yield (
        "CREATE OR REPLACE FUNCTION governance_ledger_erase_v1() RETURNS trigger "
        f"LANGUAGE plpgsql AS $$ BEGIN IF {_ERASING_V1} THEN RETURN OLD; END IF; "
        "RAISE EXCEPTION 'a payload goes only with a subject.erased entry of its stream' "
        "USING ERRCODE = 'restrict_violation'; END $$"
    )
    placed_once = _PLACED_ONCE_V1.format(same="IS NOT DISTINCT FROM")
    for name, table in _names_v1("postgresql").items():
        event = name.removeprefix(f"{table}_no_").removesuffix("_v1")
        when = f"WHEN (NOT ({placed_once})) " if (table, event) == (ENTRY, "update") else ""
        act = "erase" if (table, event) == (PAYLOAD, "delete") else "refuse"
        yield _refuse_postgresql(name, table, event, when, act)


def _refuse_postgresql(
    name: str, table: str, event: str, when: str = "", act: str = "refuse"
) -> str:
    scope = "STATEMENT" if event == "truncate" else "ROW"
    return (
        f"CREATE TRIGGER {name} BEFORE {event.upper()} ON {table} FOR EACH {scope} {when}"
        f"EXECUTE FUNCTION governance_ledger_{act}_v1()"
    )


def _create_sqlite_v1() -> Iterable[str]:
    for name, table in _names_v1("sqlite").items():
        event = name.removeprefix(f"{table}_no_").removesuffix("_v1")
        yield _refuse_sqlite(name, table, event, _when_sqlite_v1(table, event))


def _refuse_sqlite(name: str, table: str, event: str, when: str) -> str:
    verb = "INSERT" if event == "replace" else event.upper()
    return (
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW {when} BEGIN SELECT "
        f"RAISE(ABORT, 'the ledger is append-only: {verb} on {table} is refused'); END"
    )


def _taken(table: str, keys: Mapping[str, tuple[str, ...]]) -> str:
    found = [f"EXISTS (SELECT 1 FROM {table} WHERE {key})" for key in keys[table]]  # noqa: S608  constants only
    return f"WHEN {' OR '.join(found)}"


def _when_sqlite_v1(table: str, event: str) -> str:
    if event == "replace":
        return _taken(table, _TAKEN_V1)
    if (table, event) == (ENTRY, "update"):
        # UPDATE OR REPLACE would remove the entry that holds the place already.
        taken = f"EXISTS (SELECT 1 FROM {ENTRY} WHERE leaf_index = NEW.leaf_index)"  # noqa: S608  constants only
        return f"WHEN NOT ({_PLACED_ONCE_V1.format(same='IS')} AND NOT {taken})"
    if (table, event) == (PAYLOAD, "delete"):
        return f"WHEN NOT {_ERASING_V1}"
    return ""
