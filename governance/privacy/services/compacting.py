"""Let the database's files forget what its rows no longer say.

A row that is blanked or deleted is not read by anybody any more, but its bytes can stay in the
file: on SQLite in the write-ahead log, on PostgreSQL as dead rows. No rule of privacy is here.
"""

from django.apps import apps
from django.db import connection

from governance.privacy import registry


def compact(*, whole: bool = False) -> None:
    """Write erased bytes out of the database's files; call it outside any transaction.

    SQLite: the write-ahead log is emptied into the file, where ``secure_delete`` wrote zeros.
    PostgreSQL: dead rows of the holders' tables are freed, and the planner's samples of their
    values taken anew.

    Args:
        whole: Rewrite the files, so that nothing freed before is left in them either. It locks
            a table while it is rewritten, and belongs into a quiet hour.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            if whole:
                cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        for table in tables():
            how = "FULL, ANALYZE" if whole else "ANALYZE"
            cursor.execute(f"VACUUM ({how}) {connection.ops.quote_name(table)}")


def tables() -> list[str]:
    """Return the tables that hold personal data, by name."""
    models = {
        column.rsplit(".", 1)[0]
        for code in registry.holders
        for column in registry.holders.get(code).fields
    }
    return sorted(apps.get_model(label)._meta.db_table for label in models)  # noqa: SLF001  Django's documented entry for generic code
