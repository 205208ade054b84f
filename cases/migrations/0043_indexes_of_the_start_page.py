"""Indexes for what waits, is late or went wrong, and for what happened last."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("cases", "0040_step_skills")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="handoff",
            index=models.Index(
                condition=models.Q(("state", "offered")),
                fields=["reply_due_at", "id"],
                name="handoff_first_due",
            ),
        ),
        indexes.AddIndexConcurrently(
            model_name="journey",
            index=models.Index(fields=["started_at"], name="journey_started"),
        ),
        indexes.AddIndexConcurrently(
            model_name="steprun",
            index=models.Index(
                condition=models.Q(
                    ("due_at__isnull", False), ("state__in", ["ready", "running", "waiting"])
                ),
                fields=["due_at", "id"],
                name="step_due",
            ),
        ),
        indexes.AddIndexConcurrently(
            model_name="toolcall",
            index=models.Index(
                condition=models.Q(("state", "succeeded")),
                fields=["tool", "id"],
                name="tool_call_answered",
            ),
        ),
        indexes.AddIndexConcurrently(
            model_name="toolcall",
            index=models.Index(
                condition=models.Q(("state", "unknown")), fields=["id"], name="tool_call_unknown"
            ),
        ),
        indexes.AddIndexConcurrently(
            model_name="toolcall",
            index=models.Index(
                condition=models.Q(
                    ("state", "unknown"),
                    models.Q(("confirmed", False), ("state", "succeeded")),
                    _connector="OR",
                ),
                fields=["id"],
                name="tool_call_strange",
            ),
        ),
    ]
