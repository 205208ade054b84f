"""What the search box looks through is kept by its threes of letters, where the database can."""

from typing import Any

from django.db import migrations

#: Name of the index to the table and the expression that a search without regard to case compares.
INDEXES = {
    "case_subject_text": ("cases_case", "subject"),
    "case_claimed_text": ("cases_case", "claimed_name"),
    "customer_name_text": ("cases_customer", "name"),
    "tool_call_effect_text": ("cases_toolcall", "effect_text"),
}


def build(apps: Any, schema_editor: Any) -> None:
    """Build the indexes without keeping writers waiting."""
    del apps
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for name, (table, column) in INDEXES.items():
        # One that a broken run left is not of use.
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        schema_editor.execute(
            f"CREATE INDEX CONCURRENTLY {name} ON {table} "
            f"USING gin (upper({column}::text) gin_trgm_ops)"
        )


def drop(apps: Any, schema_editor: Any) -> None:
    """Take the indexes away; the extension may serve others."""
    del apps
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("cases", "0043_indexes_of_the_start_page")]

    operations = [migrations.RunPython(build, drop)]
