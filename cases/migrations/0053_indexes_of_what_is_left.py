"""The journeys under way of one version, and the calls of one tool that wait, off indexes."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("cases", "0052_few_among_many")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="journey",
            index=models.Index(
                condition=models.Q(("state__in", ["running", "paused"])),
                fields=["version", "id"],
                name="journey_under_way",
            ),
        ),
        indexes.AddIndexConcurrently(
            model_name="toolcall",
            index=models.Index(
                condition=models.Q(
                    ("attempt", 0),
                    ("state__in", ["awaiting_approval", "awaiting_verification", "ready"]),
                ),
                fields=["tool", "id"],
                name="tool_call_waits",
            ),
        ),
    ]
