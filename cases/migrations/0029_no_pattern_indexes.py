"""Drop the indexes for LIKE on the keys of tool calls, which are only ever compared whole.

Django makes one beside every unique text on PostgreSQL. Each change of where a call
stands wrote into both.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

INDEXES = [
    ("cases_toolcall", "effect_key", "cases_toolcall_effect_key_f661ce1c_like"),
    ("cases_toolcall", "request_key", "cases_toolcall_request_key_7432766b_like"),
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
    dependencies = [("cases", "0028_case_files_and_facts")]

    operations = [migrations.RunPython(drop, make)]
