"""What the inbox is searched for is kept by its threes of letters, where the database can."""

from typing import Any

from django.db import migrations

NAME = "approval_pending_text"
TABLE = "governance_approvalrequest"
#: What a search without regard to case compares.
COLUMNS = ("headline", "title", "detail", "case_label")


def build(apps: Any, schema_editor: Any) -> None:
    """Build the index of what waits without keeping writers waiting."""
    del apps
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    # One that a broken run left is not of use.
    schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")
    texts = ", ".join(f"upper({column}::text) gin_trgm_ops" for column in COLUMNS)
    schema_editor.execute(
        f"CREATE INDEX CONCURRENTLY {NAME} ON {TABLE} USING gin ({texts}) WHERE state = 'pending'"
    )


def drop(apps: Any, schema_editor: Any) -> None:
    """Take the index away; the extension may serve others."""
    del apps
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("governance", "0039_reports_made")]

    operations = [migrations.RunPython(build, drop)]
