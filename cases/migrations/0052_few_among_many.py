"""The few among many: journeys at a cue where hardly any stand, cases under a rare flag."""

from typing import Any

from django.db import migrations, models

from orchestra.core import indexes

FLAGS = "case_flags_text"
STATES = "step_states"


def build(apps: Any, schema_editor: Any) -> None:
    """Tell the planner what few there are, and keep flags by their threes of letters.

    It takes a cue and a state for independent of each other, and so looks through every journey
    for the thousands that it believes to be at a cue where none stands.
    """
    del apps
    if schema_editor.connection.vendor != "postgresql":
        return
    # One that a broken run left is not of use.
    schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {FLAGS}")
    schema_editor.execute(
        f"CREATE INDEX CONCURRENTLY {FLAGS} ON cases_case "
        "USING gin ((risk_flags::text) gin_trgm_ops)"
    )
    schema_editor.execute(
        f"CREATE STATISTICS IF NOT EXISTS {STATES} (mcv) "
        "ON key, state, missed_at FROM cases_steprun"
    )
    schema_editor.execute("ANALYZE cases_steprun")
    schema_editor.execute("ANALYZE cases_case")


def drop(apps: Any, schema_editor: Any) -> None:
    """Take both away."""
    del apps
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP STATISTICS IF EXISTS {STATES}")
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {FLAGS}")


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("cases", "0051_index_of_versions")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="steprun",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ["ready", "running", "waiting"]),
                    ("missed_at__isnull", False),
                    _connector="OR",
                ),
                fields=["key", "journey"],
                name="step_followed",
            ),
        ),
        migrations.RunPython(build, drop),
    ]
