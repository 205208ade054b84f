"""Tables made at once are those that the migrations leave."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.db.utils import ConnectionHandler

from orchestra.management.fresh import make_tables

#: Each table's parts in any order: a column that was added later stands last after migrating.
SHAPE = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
APPLIED = "SELECT app, name FROM django_migrations ORDER BY app, name"


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Any]:
    """Return a connection to a database that holds nothing."""
    # What was applied is written by the name of a connection, so it needs one of its own.
    given = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "new.sqlite3")}
    handler = ConnectionHandler({"default": given, "new": given})
    connections.settings["new"] = handler.settings["new"]
    connections["new"].connect()
    yield connections["new"]
    connections["new"].close()
    del connections["new"], connections.settings["new"]


def _read(of: Any, statement: str) -> list[tuple[Any, ...]]:
    with of.cursor() as cursor:
        return list(cursor.execute(statement).fetchall())


def _shape(of: Any) -> dict[tuple[str, str], tuple[str, list[str]]]:
    return {
        (kind, name): (
            table,
            sorted((sql or "").removesuffix(")").split(", ")) if kind == "table" else [sql],
        )
        for kind, name, table, sql in _read(of, SHAPE)
    }


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="compares with migrated SQLite tables")
def test_an_empty_database_gets_what_the_migrations_leave(new: Any) -> None:
    assert make_tables(new)

    assert _shape(new) == _shape(connection)
    assert _read(new, APPLIED) == _read(connection, APPLIED)
    assert not make_tables(new)


@pytest.mark.django_db
def test_a_database_with_tables_is_left_to_its_migrations() -> None:
    tables = connection.introspection.table_names()

    assert not make_tables(connection)
    assert connection.introspection.table_names() == tables
