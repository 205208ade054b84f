"""Empties the database after a test with real transactions, for little where little was written.

Django truncates every table and makes content types and permissions anew. On PostgreSQL either
takes longer than most tests; here only tables that hold rows are emptied, and what stands since
the migrations is left where a test did not touch it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase

from tests.factories.ledger import without_guards

#: What is made after the migrations and stands from one test to the next.
STANDING = (ContentType._meta.db_table, Permission._meta.db_table)

Teardown = Callable[[TransactionTestCase], None]


class _Standing:
    """What stood before the first test; found out once there is a database to ask."""

    before: tuple[str, ...] = ()


@contextmanager
def quick_flush() -> Iterator[None]:
    """Let transactional tests empty their tables, those of the ledger too, when they end."""
    case = TransactionTestCase
    setup, teardown = case.__dict__["_fixture_setup"], case._fixture_teardown

    def remember(cls: type[TransactionTestCase]) -> None:
        if connection.vendor == "postgresql" and not _Standing.before:
            _Standing.before = standing()
        setup.__func__(cls)

    def clear(self: TransactionTestCase) -> None:
        if may_delete():
            delete_rows()
            if standing() == _Standing.before:
                return
        with without_guards():
            teardown(self)
        _Standing.before = ()

    case._fixture_setup = classmethod(remember)  # type: ignore[method-assign]
    case._fixture_teardown = clear  # type: ignore[method-assign]
    try:
        yield
    finally:
        case._fixture_setup = setup  # type: ignore[method-assign]
        case._fixture_teardown = teardown  # type: ignore[method-assign]


def may_delete() -> bool:
    """Whether rows can be deleted past every trigger: on PostgreSQL, as its superuser."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        return bool(cursor.fetchone() == ("on",))


def delete_rows() -> None:
    """Delete every row but those that stand; neither guards nor foreign keys are asked."""
    found = [name for name in filled() if name not in STANDING]
    if not found:
        return
    quoted = (connection.ops.quote_name(name) for name in found)
    deletes = "; ".join(f"DELETE FROM {name}" for name in quoted)  # noqa: S608  names of tables
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL session_replication_role = 'replica'; {deletes}")


def filled() -> list[str]:
    """Return the tables that hold rows, in one query."""
    asked = " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(name)})"  # noqa: S608  names of tables
        for name in _tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [str(name) for (name,) in cursor.fetchall()]


def standing() -> tuple[str, ...]:
    """Return a digest of every table that stands."""
    with connection.cursor() as cursor:
        return tuple(_digest(cursor, connection.ops.quote_name(name)) for name in STANDING)


def _digest(cursor: object, table: str) -> str:
    asked = f"SELECT md5(string_agg(one::text, '' ORDER BY one.id)) FROM {table} AS one"  # noqa: S608  names of tables
    cursor.execute(asked)  # type: ignore[attr-defined]
    return str(cursor.fetchone()[0])  # type: ignore[attr-defined]


@cache
def _tables() -> tuple[str, ...]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(sorted(names))
