"""What the sweeps of every minute look for, off indexes of nothing else."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("cases", "0053_indexes_of_what_is_left")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="steprun",
            index=models.Index(
                condition=models.Q(
                    ("due_at__isnull", False),
                    ("missed_at__isnull", True),
                    ("state__in", ["ready", "running", "waiting"]),
                ),
                fields=["due_at", "id"],
                name="step_unmissed",
            ),
        ),
        indexes.AddIndexConcurrently(
            model_name="steprun",
            index=models.Index(
                condition=models.Q(("state", "running")), fields=["id"], name="step_running"
            ),
        ),
        indexes.AddIndexConcurrently(
            model_name="toolcall",
            index=models.Index(
                condition=models.Q(("state", "awaiting_verification")),
                fields=["id"],
                name="tool_call_awaits_proof",
            ),
        ),
    ]
