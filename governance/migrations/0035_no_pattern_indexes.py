"""Drop the indexes for LIKE on digests and nonces, which are only ever compared whole.

Django makes one beside every unique text on PostgreSQL. Each entry of the ledger, and each
change of a request for approval, wrote into it.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

INDEXES = [
    ("governance_ledgerentry", "leaf_hash", "governance_ledgerentry_leaf_hash_d00db1d2_like"),
    ("governance_approvalrequest", "nonce", "governance_approvalrequest_nonce_7a386d98_like"),
]


def drop(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    del apps
    if schema_editor.connection.vendor == "postgresql":
        for _table, _column, name in INDEXES:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


def make(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    del apps
    if schema_editor.connection.vendor == "postgresql":
        for table, column, name in INDEXES:
            schema_editor.execute(f"CREATE INDEX {name} ON {table} ({column} varchar_pattern_ops)")


class Migration(migrations.Migration):
    dependencies = [("governance", "0034_breaker_signs")]

    operations = [migrations.RunPython(drop, make)]
