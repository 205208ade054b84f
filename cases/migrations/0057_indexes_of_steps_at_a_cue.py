"""The journeys at one cue, late there, and once behind there: each off an index of its own."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("cases", "0056_index_of_cases_in_hand")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="steprun",
            index=models.Index(
                condition=models.Q(("state__in", ["ready", "running", "waiting"])),
                fields=["key", "journey"],
                name="step_standing",
            ),
        ),
        indexes.AddIndexConcurrently(
            model_name="steprun",
            index=models.Index(
                condition=models.Q(
                    ("due_at__isnull", False), ("state__in", ["ready", "running", "waiting"])
                ),
                fields=["key", "due_at"],
                include=["journey"],
                name="step_overdue",
            ),
        ),
        indexes.AddIndexConcurrently(
            model_name="steprun",
            index=models.Index(
                condition=models.Q(("missed_at__isnull", False)),
                fields=["key", "journey"],
                name="step_behind",
            ),
        ),
        indexes.RemoveIndexConcurrently(model_name="steprun", name="step_followed"),
    ]
